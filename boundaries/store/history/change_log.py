"""The log of changes, and the imports among them: written and read."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.rows.backend import Stamp
from boundaries.store.rows.message_text import message_as_text, message_of
from boundaries.store.tables import layer_tables, record_tables
from boundaries.store.tables.records import (
    ChangeRecord,
    Commit,
    ImportRecord,
    report_from_json,
    report_to_json,
)
from geo.messages import Message

LoggedValues = tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]
"""Counts, values before, values after; each per layer."""


def now() -> str:
    """Return the time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def log(
    connection: Connection,
    code: str,
    stamp: Stamp,
    commit: Commit,
    *,
    what: Message | str,
    values: LoggedValues,
) -> None:
    """Log a change, with the further writes of the same transaction."""
    counts, before, after = (json.dumps(each, ensure_ascii=False) for each in values)
    row = {
        "district": code,
        "revision": stamp.revision,
        "at": _time_of_change(connection, code),
        "valid_from": stamp.day,
        "actor": commit.actor,
        "what": message_as_text(what),
        "counts": counts,
        "before": before,
        "after": after,
    }
    connection.execute(sa.insert(record_tables.changes), row)
    if commit.before_commit is not None:
        commit.before_commit(connection, commit, stamp.revision)


def _time_of_change(connection: Connection, code: str) -> str:
    """Return the time, never before that of the last change: a clock may have been set back."""
    table = record_tables.changes
    newest = sa.select(table.c.at).where(table.c.district == code)
    last = connection.scalar(newest.order_by(table.c.revision.desc()).limit(1))
    return max(now(), last or "")


def record_import(connection: Connection, code: str, stamp: Stamp, commit: Commit) -> None:
    """Store the report of an import, if the change is one."""
    if commit.report is None:
        return
    record = {
        "district": code,
        "revision": stamp.revision,
        "source": commit.report.source,
        "sha256": commit.sha256,
        "imported_at": now(),
        "report": report_to_json(commit.report),
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
            row.revision, row.at, row.valid_from, row.actor, what_of(row.what),
            *(_logged(text) for text in (row.counts, row.before, row.after)),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _logged(text: str) -> dict[str, Any]:
    """Return a JSON object of the log; a number that JSON cannot hold is unknown."""
    values: dict[str, Any] = json.loads(text, parse_float=_finite, parse_constant=lambda _: None)
    return values


def _finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


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


EDITED: Final = "edited in another program"
DELETED: Final = "deleted in another program"
"""What the triggers write into the log of a change that Lifecircle did not make."""

_BY_TRIGGERS: Final = {
    EDITED: Message("history.edited_elsewhere"),
    DELETED: Message("history.deleted_elsewhere"),
}


def what_of(text: str) -> Message:
    """Return the message of a text of the log; a text that somebody wrote is one of no language.

    Examples
    --------
    >>> str(what_of(EDITED)), str(what_of('{"code": "a.b"}'))
    ('edited in another program', '{"code": "a.b"}')
    """
    return _BY_TRIGGERS.get(text) or message_of(text)


def told_by_triggers() -> str:
    """Return the cases of an SQL ``CASE`` that tell in both languages what the triggers wrote."""
    return " ".join(
        f"WHEN changes.what = '{text}' THEN '{message.text('zh')} / {message.text('en')}'"
        for text, message in _BY_TRIGGERS.items()
    )
