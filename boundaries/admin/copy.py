"""Copy a whole store into another one: every table, with the full history.

One transaction reads and one writes, so the copy is a consistent snapshot and is complete or
absent. Rows keep their ``fid``. Accounts and keys go along, sessions do not: nobody is signed in to
a copy.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from sqlalchemy import Boolean, Connection, Date, Table

from boundaries.store.accounts.accounts import any_account
from boundaries.store.interface import Store, backend_of
from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import Row
from boundaries.store.rows.message_text import message_as_text
from boundaries.store.rows.read import as_day
from boundaries.store.tables import account_tables, layer_tables, record_tables
from boundaries.store.tables.geometry_type import promoted
from geo.errors import ConflictError, InputError, SchemaError
from geo.messages import Message

_AT_ONCE: Final = 20_000
"""Rows that are read and written at a time, which bounds the memory."""


@dataclass(frozen=True, slots=True)
class _Last:
    """Newest revision of a district in a store that is about to be replaced."""

    revision: int
    at: str


_PUT: Final = "backup.put_in_place"
_LACKING: Final = "backup.not_in_store"


def copy_store(
    source: Store, target: Store, *, replace: bool = False, actor: str = ""
) -> dict[str, int]:
    """Copy the whole content of a store into another one.

    Parameters
    ----------
    source, target : Store
    replace : bool, default False
        Delete the content of the target, also its accounts if the source has any. If the target
        has revisions of a district that the source lacks, the copy gets a later revision, so that
        no cache mistakes the one for the other.
    actor : str, default ""
        Who does it, for the log of such districts.

    Returns
    -------
    dict of str to int
        Number of rows per table.

    Raises
    ------
    ConflictError
        If the target holds something and `replace` is False.
    InputError
        If both are the same store.
    SchemaError
        If the target refuses a value.
    """
    one, other = backend_of(source), backend_of(target)
    if one.place == other.place:
        raise InputError("backup.same_store", place=one.place)
    with one.reading() as reading, other.writing_all() as writing:
        before = _newest(writing)
        people = any_account(reading)
        if not _is_empty(writing) or (people and any_account(writing)):
            if not replace:
                held = sorted(before) or Message("backup.records_or_accounts")
                raise ConflictError("backup.not_empty", place=other.place, held=held)
            other.clear(writing)
        counts = {
            str(table.name): _copy_table(one, reading, other, writing, table)
            for table in layer_tables.metadata.sorted_tables
        }
        other.set_last_fids(writing, one.last_fids(reading))
        if people:
            counts |= _copy_accounts(reading, writing)
        _count_on(writing, before, actor=actor)
        other.settle(writing, layer_tables.metadata.tables)
    return counts


def _copy_accounts(reading: Connection, writing: Connection) -> dict[str, int]:
    """Put the accounts and keys of a store in place of those of another; return their numbers.

    A store without any leaves the other's as they are, lest nobody could sign in.
    """
    counts = {}
    for table in reversed(account_tables.metadata.sorted_tables):
        writing.execute(sa.delete(table))
    for table in account_tables.metadata.sorted_tables:
        if table is not account_tables.sessions:
            rows = [row._asdict() for row in reading.execute(sa.select(table))]
            counts[str(table.name)] = len(rows)
            if rows:
                writing.execute(sa.insert(table), rows)
    return counts


def _copy_table(
    one: Backend, reading: Connection, other: Backend, writing: Connection, table: Table
) -> int:
    """Copy the rows of a table; return their number."""
    names = [column.name for column in table.c]
    passage = _passage(one, other, table)
    number = 0
    for rows in _portions(one, reading, table, names):
        columns = list(zip(*rows, strict=True))
        for i, change in passage.items():
            columns[i] = tuple(change(columns[i]))
        try:
            other.insert(writing, table, names, list(zip(*columns, strict=True)))
        except (TypeError, ValueError, struct.error, psycopg.DataError) as error:
            raise SchemaError(
                "backup.value_of_other_type",
                table=str(table.name),
                place=one.place,
                reason=str(error),
            ) from error
        number += len(rows)
    return number


def _portions(
    store: Backend, connection: Connection, table: Table, names: list[str]
) -> Iterator[list[Row]]:
    """Yield the rows of a table in portions, by their fid."""
    last, fid_idx = 0, names.index("fid")
    while True:
        where = f"fid > ? ORDER BY fid LIMIT {_AT_ONCE}"
        rows = store.fetch(connection, table, names, where, (last,))
        if not rows:
            return
        yield rows
        last = rows[-1][fid_idx]


def _passage(
    source: Backend, target: Backend, table: Table
) -> Mapping[int, Callable[[tuple[Any, ...]], Any]]:
    """Return the converters of values between two databases, by column position."""
    converters: dict[int, Callable[[tuple[Any, ...]], Any]] = {}
    for i, column in enumerate(table.c):
        if column.name == layer_tables.GEOMETRY_COLUMN:
            if source.codec is not target.codec:
                converters[i] = _geometry_passage(source, target, table)
        elif isinstance(column.type, Date):
            converters[i] = lambda values: map(as_day, values)
        elif isinstance(column.type, Boolean):
            converters[i] = lambda values: map(_as_bool, values)
    return converters


def _geometry_passage(
    source: Backend, target: Backend, table: Table
) -> Callable[[tuple[Any, ...]], Any]:
    """Return the converter of the geometry of a table."""

    def convert(blobs: tuple[Any, ...]) -> list[bytes]:
        shapes = source.codec.decode(blobs)
        return target.codec.encode(promoted(shapes) if is_promoted else shapes)

    is_promoted = layer_tables.is_promoted(table)
    return convert


def _as_bool(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _is_empty(connection: Connection) -> bool:
    return all(
        connection.execute(sa.select(table.c.fid).limit(1)).first() is None
        for table in layer_tables.metadata.sorted_tables
    )


def _newest(connection: Connection) -> dict[str, _Last]:
    """Return the newest revision of every district that there is or was."""
    districts, changes = layer_tables.districts, record_tables.changes
    newest = {
        code: _Last(int(revision), "")
        for code, revision in connection.execute(sa.select(districts.c.code, districts.c.revision))
    }
    query = sa.select(changes.c.district, changes.c.revision, changes.c.at)
    for code, revision, at in connection.execute(query.order_by(changes.c.revision)):
        if code not in newest or newest[code].revision <= revision:
            newest[code] = _Last(int(revision), at)
    return newest


def _count_on(connection: Connection, before: Mapping[str, _Last], *, actor: str) -> None:
    """Give a revision of its own to every district that the replaced store had in another state."""
    changes, now = record_tables.changes, _newest(connection)
    for code, last in before.items():
        same = sa.select(changes.c.fid).where(
            changes.c.district == code,
            changes.c.revision == last.revision,
            changes.c.at == last.at,
        )
        if connection.execute(same).first() is not None:
            continue
        made = max(last.revision, now[code].revision if code in now else 0) + 1
        moment = datetime.now(UTC)
        row = {
            "district": code,
            "revision": made,
            "at": moment.isoformat(timespec="seconds"),
            "valid_from": moment.date(),
            "actor": actor,
            "what": message_as_text(Message(_PUT if code in now else _LACKING)),
        }
        connection.execute(sa.insert(changes), row)
        table = layer_tables.districts
        connection.execute(sa.update(table).where(table.c.code == code).values(revision=made))
