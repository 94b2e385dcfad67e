"""History of a district as rows: the change log and the lineage of grids."""

from dataclasses import asdict

from api.formats.aliases import Json
from boundaries.store.interface import Store
from boundaries.store.tables.records import (
    ChangeRecord,
    Lineage,
)


def change_row(record: ChangeRecord) -> Json:
    """Return one change of the log."""
    return {**asdict(record), "valid_from": str(record.valid_from), "what": str(record.what)}


def lineage_row(lineage: Lineage) -> Json:
    """Return one row of the lineage of grids."""
    row = {
        **asdict(lineage),
        "valid_from": str(lineage.valid_from),
        "share": round(lineage.share, 4),
    }
    return {name: str(v) if name in {"level", "kind"} else v for name, v in row.items()}


def changes_answer(
    store: Store, code: str, *, after: int = 0, before: int | None = None, limit: int | None = None
) -> Json:
    """Return the log of a district, newest first."""
    result = store.changes(code, after=after, before=before, limit=limit)
    return {"district": code, "changes": [change_row(record) for record in result]}


def lineage_answer(
    store: Store, code: str, grid: str | None, *, after: int = 0, limit: int | None = None
) -> Json:
    """Return the lineage of grids, oldest first, of revisions after one.

    With `limit`, a page of at least so many rows where there are: the last revision is whole.
    `next_after` is that revision if others come after it, else None.
    """
    result = [each for each in store.lineage(code, grid) if each.revision > after]
    last = None if limit is None or limit >= len(result) else result[limit - 1].revision
    shown = [each for each in result if last is None or each.revision <= last]
    return {
        "district": code,
        "grid": grid,
        "rows": [lineage_row(each) for each in shown],
        "next_after": last if len(shown) < len(result) else None,
    }
