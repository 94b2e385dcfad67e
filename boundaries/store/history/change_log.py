"""The log of changes, and the imports among them: written and read."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.rows.backend import Stamp
from boundaries.store.tables import layer_tables, record_tables
from boundaries.store.tables.records import (
    ChangeRecord,
    Deed,
    ImportRecord,
    report_from_json,
    report_to_json,
)
from geo.errors import InputError
from geo.model.layers import District

LoggedValues = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]
"""Counts, values before, values after; each per layer."""


def now() -> str:
    """Return the time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def log(
    connection: Connection, code: str, stamp: Stamp, deed: Deed, *, what: str, values: LoggedValues
) -> None:
    """Log a change, with what is sealed in the same transaction."""
    counts, before, after = (json.dumps(each, ensure_ascii=False) for each in values)
    row = {
        "district": code,
        "revision": stamp.revision,
        "at": now(),
        "valid_from": stamp.day,
        "actor": deed.actor,
        "what": what,
        "counts": counts,
        "before": before,
        "after": after,
    }
    connection.execute(sa.insert(record_tables.changes), row)
    if deed.seal is not None:
        deed.seal(connection, deed, stamp.revision)


def record_import(connection: Connection, code: str, stamp: Stamp, deed: Deed) -> None:
    """Store the report of an import, if the change is one."""
    if deed.report is None:
        return
    record = {
        "district": code,
        "revision": stamp.revision,
        "source": deed.report.source,
        "sha256": deed.sha256,
        "imported_at": now(),
        "report": report_to_json(deed.report),
    }
    connection.execute(sa.insert(record_tables.imports), record)


def mark_undone(connection: Connection, code: str, revision: int, undone: int) -> None:
    """Record which revision undid the import that made `revision`."""
    table = record_tables.imports
    is_import = (table.c.district == code) & (table.c.revision == revision)
    connection.execute(sa.update(table).where(is_import).values(undone=undone))


def undone_imports(connection: Connection, code: str) -> dict[int, int]:
    """Return the revisions of imports that were undone, and which revision undid each."""
    table = record_tables.imports
    query = sa.select(table.c.revision, table.c.undone)
    rows = connection.execute(query.where(table.c.district == code, table.c.undone.is_not(None)))
    return {row.revision: row.undone for row in rows}


def last_revision(connection: Connection, code: str) -> int:
    """Return the last revision that a district of this code ever had."""
    table = record_tables.changes
    logged = connection.scalar(
        sa.select(sa.func.max(table.c.revision)).where(table.c.district == code)
    )
    districts = layer_tables.districts
    stored = connection.scalar(sa.select(districts.c.revision).where(districts.c.code == code))
    return max(int(logged or 0), int(stored or 0))


def read_changes(
    connection: Connection,
    code: str,
    *,
    after: int = 0,
    before: int | None = None,
    limit: int | None = None,
) -> list[ChangeRecord]:
    """Return the log of a district, newest first."""
    table = record_tables.changes
    query = sa.select(table).where(table.c.district == code, table.c.revision > after)
    if before is not None:
        query = query.where(table.c.revision < before)
    query = query.order_by(table.c.revision.desc()).limit(limit)
    return [
        ChangeRecord(
            row.revision, row.at, row.valid_from, row.actor, row.what,
            *(json.loads(text) for text in (row.counts, row.before, row.after)),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def read_imports(connection: Connection, code: str) -> list[ImportRecord]:
    """Return the imports of a district, oldest first."""
    table = record_tables.imports
    query = sa.select(table).where(table.c.district == code).order_by(table.c.fid)
    return [
        ImportRecord(
            report_from_json(row.report), row.sha256, row.imported_at, row.revision, row.undone
        )
        for row in connection.execute(query)
    ]


def undoable(district: District, records: Sequence[ImportRecord]) -> ImportRecord:
    """Return the last import if it is the newest change; raise `InputError` otherwise."""
    code, wanted = district.code, "Wanted an import that is the district's newest change."
    if not records:
        raise InputError(f"Got nothing to undo: {code} was never imported. {wanted}")
    last = records[-1]
    if last.undone is not None:
        raise InputError(
            f"Got nothing to undo: the last import of {code} (revision {last.revision}) was undone "
            f"by revision {last.undone}. {wanted}"
        )
    if last.revision != district.revision:
        raise InputError(
            f"Got nothing to undo: the last import of {code} made revision {last.revision}; "
            f"revision {district.revision} came after it. {wanted}"
        )
    return last


EDITED: Final = "edited in another program"
"""What the log says of a change that Lifecircle did not make."""
