"""Imports as JSON, for the command line, the routes and the result of a job."""

from dataclasses import asdict
from typing import Any

from api.errors import PreconditionFailedError
from api.formats.aliases import Json
from api.http.etags import Seen, tag
from boundaries.import_report import ImportReport
from boundaries.store.interface import Store
from boundaries.store.tables.records import (
    Deed,
    ImportRecord,
    RevisionError,
)


def imported(code: str, revision: int | None, report: ImportReport) -> dict[str, Any]:
    """Return the answer to an import; `revision` is None after a dry run."""
    body: dict[str, Any] = {"district": code, "revision": revision, **asdict(report)}
    for layer in body["layers"].values():
        layer["rejected"] = [{"row": row, "reason": why} for row, why in layer["rejected"]]
    return body


def import_row(record: ImportRecord) -> Json:
    """Return one import with its report."""
    layers = asdict(record.report)["layers"]
    for layer in layers.values():
        layer["rejected"] = [{"row": row, "reason": why} for row, why in layer["rejected"]]
    return {
        "revision": record.revision,
        "source": record.report.source,
        "sha256": record.sha256,
        "imported_at": record.imported_at,
        "undone": record.undone,
        "layers": layers,
    }


def imports_answer(store: Store, code: str) -> Json:
    """Return the imports of a district, newest first."""
    result = reversed(store.imports(code))
    return {"district": code, "imports": [import_row(record) for record in result]}


def undo(store: Store, code: str, *, deed: Deed, seen: Seen | None = None) -> Json:
    """Undo the last import of a district, if the caller has seen its current revision.

    Raises
    ------
    PreconditionFailedError
        If it is not.
    InputError
        If there is no import to undo.
    """
    revision = store.district(code).revision
    if seen is not None and not seen.fits(revision):
        raise _stale(store, code, revision, max(seen.revisions, default=0))
    last = next(iter(reversed(store.imports(code))), None)
    try:
        made = store.undo(code, deed=deed, based_on=revision)
    except RevisionError:
        raise _stale(store, code, store.district(code).revision, revision) from None
    body = {"district": code, "revision": made}
    return {**body, "undone": last.revision, "source": last.report.source} if last else body


def _stale(store: Store, code: str, now: int, seen: int) -> PreconditionFailedError:
    body = {
        "now": {"etag": tag(now), "revision": now},
        "changes": [
            {
                "revision": record.revision,
                "at": record.at,
                "actor": record.actor,
                "what": record.what,
            }
            for record in reversed(store.changes(code, after=seen))
        ],
    }
    return PreconditionFailedError(
        f"District {code} is at revision {now}, not as it was seen. Nothing was changed; look at "
        "what is there now and try again.",
        body,
    )
