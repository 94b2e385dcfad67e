"""What was done to a district, as rows: the log, imports, which grid came from which, editions."""

from dataclasses import asdict

from api.preconditions import PreconditionFailedError, Seen, tag
from api.views import Json
from boundaries.history import ChangeRecord, Deed, Edition, ImportRecord, Lineage, RevisionError
from boundaries.store import Store


def change_row(record: ChangeRecord) -> Json:
    """Return one change of the log."""
    return {**asdict(record), "valid_from": str(record.valid_from)}


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


def lineage_row(found: Lineage) -> Json:
    """Return which grid came from which."""
    told = {**asdict(found), "valid_from": str(found.valid_from), "share": round(found.share, 4)}
    return {name: str(v) if name in {"level", "kind"} else v for name, v in told.items()}


def edition_row(edition: Edition) -> Json:
    """Return one edition."""
    return {**asdict(edition), "state": str(edition.state), "dated": str(edition.dated)}


def changes_answer(
    store: Store, code: str, *, after: int = 0, before: int | None = None, limit: int | None = None
) -> Json:
    """Return the log of a district, newest first."""
    found = store.changes(code, after=after, before=before, limit=limit)
    return {"district": code, "changes": [change_row(record) for record in found]}


def imports_answer(store: Store, code: str) -> Json:
    """Return the imports of a district, newest first."""
    found = reversed(store.imports(code))
    return {"district": code, "imports": [import_row(record) for record in found]}


def lineage_answer(store: Store, code: str, grid: str | None) -> Json:
    """Return which grid came from which, oldest first."""
    found = store.lineage(code, grid)
    return {"district": code, "grid": grid, "rows": [lineage_row(each) for each in found]}


def editions_answer(store: Store, code: str) -> Json:
    """Return the editions of a district, by the day they bear."""
    return {"district": code, "editions": [edition_row(each) for each in store.editions(code)]}


def undo(store: Store, code: str, *, deed: Deed, seen: Seen | None = None) -> Json:
    """Undo the last import of a district, if the district is as the caller has seen it.

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
    told = {"district": code, "revision": made}
    return {**told, "undone": last.revision, "source": last.report.source} if last else told


def _stale(store: Store, code: str, now: int, seen: int) -> PreconditionFailedError:
    told = {
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
        told,
    )
