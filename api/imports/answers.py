"""Imports as JSON, for the command line, the routes and the result of a job."""

from typing import Any

from api.errors import PreconditionFailedError
from api.formats.aliases import Json
from api.http.etags import Seen, tag
from boundaries.import_report import ImportReport
from boundaries.store.interface import Store
from boundaries.store.tables.records import (
    Commit,
    ImportRecord,
    RevisionError,
    UndoPlan,
)


def imported(code: str, revision: int | None, report: ImportReport) -> dict[str, Any]:
    """Return the answer to an import; `revision` is None after a dry run."""
    return {"district": code, "revision": revision, **report.told()}


def import_row(record: ImportRecord) -> Json:
    """Return one import with its report."""
    return {
        "revision": record.revision,
        "source": record.report.source,
        "sha256": record.sha256,
        "imported_at": record.imported_at,
        "undone": record.undone,
        "layers": record.report.told()["layers"],
    }


def imports_answer(store: Store, code: str) -> Json:
    """Return the imports of a district, newest first."""
    result = reversed(store.imports(code))
    return {"district": code, "imports": [import_row(record) for record in result]}


def undo(
    store: Store,
    code: str,
    revision: int | None = None,
    *,
    commit: Commit,
    seen: Seen | None = None,
    preview: bool = False,
) -> Json:
    """Undo a change of a district, the newest by default, or tell what that would do.

    Raises
    ------
    PreconditionFailedError
        If the caller has not seen the district's current revision.
    NotFoundError, InputError, ConflictError
        If there is no such revision or nothing to undo; if what it changed has changed again.
    """
    now = store.district(code).revision
    if seen is not None and not seen.fits(now):
        raise _stale(store, code, now, max(seen.revisions, default=0))
    plan = store.undo_plan(code, revision)
    try:
        made = now if preview else store.undo(code, plan.revision, commit=commit, based_on=now)
    except RevisionError:
        raise _stale(store, code, store.district(code).revision, now) from None
    return {"district": code, "revision": made, "preview": preview, **_undo_row(plan)}


def _undo_row(plan: UndoPlan) -> Json:
    return {
        "undone": plan.revision,
        "at": plan.at,
        "actor": plan.actor,
        "what": str(plan.what),
        "counts": plan.counts,
        "keys": plan.keys,
        "changes_district": list(plan.district),
        "deletes_district": plan.deletes_district,
        "faults": [str(fault) for fault in plan.faults],
    }


def _stale(store: Store, code: str, now: int, seen: int) -> PreconditionFailedError:
    body = {
        "now": {"etag": tag(now), "revision": now},
        "changes": [
            {
                "revision": record.revision,
                "at": record.at,
                "actor": record.actor,
                "what": str(record.what),
            }
            for record in reversed(store.changes(code, after=seen))
        ],
    }
    return PreconditionFailedError(
        "district.changed", current=body, district=code, revision=str(now)
    )
