"""Read districts, layers and features as of now, a revision or a day."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.diff import Stored
from boundaries.store.rows.layer_rows import Row, column_names, to_frame
from boundaries.store.rows.usable_rows import usable_frame
from boundaries.store.tables import layer_tables, record_tables
from boundaries.store.tables.records import Mark, UnknownDistrictError, Version
from geo.errors import InputError, NotFoundError
from geo.model.layer_columns import KEYS

AsOf = int | date
"""A revision, or a day."""

KEYS_AT_ONCE: Final = 500
"""Most keys in one statement; databases limit the number of parameters."""

_AHEAD: Final = timedelta(hours=14)
"""Largest offset of a time zone from UTC."""


def newest_day() -> date:
    """Return the newest day that has begun anywhere on earth."""
    return (datetime.now(UTC) + _AHEAD).date()


def as_day(value: date | str) -> date:
    """Return a day; SQLite's driver gives text."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def district_rows(
    base: Backend, connection: Connection, where: str, *values: str
) -> list[dict[str, Any]]:
    """Return the rows of the districts for which `where` holds."""
    names = [column.name for column in layer_tables.districts.c]
    rows = base.fetch(connection, layer_tables.districts, names, where, values)
    return [dict(zip(names, row, strict=True)) for row in rows]


def find_district_row(base: Backend, connection: Connection, code: str) -> dict[str, Any] | None:
    """Return the row of a district; None if there is none."""
    rows = district_rows(base, connection, "code = ?", code)
    return rows[0] if rows else None


def district_row(base: Backend, connection: Connection, code: str) -> dict[str, Any]:
    """Return the row of a district.

    Raises
    ------
    UnknownDistrictError
        Naming the districts there are.
    """
    row = find_district_row(base, connection, code)
    if row is None:
        codes = list(connection.scalars(sa.select(layer_tables.districts.c.code)))
        raise UnknownDistrictError.among(code, codes)
    return row


def district_row_as_of(
    base: Backend, connection: Connection, row: Mapping[str, Any], as_of: AsOf
) -> dict[str, Any]:
    """Return the row of a district as of a revision or day, with its revision at that time.

    Raises
    ------
    NotFoundError
        If the district was not stored then.
    """
    code, past = row["code"], layer_tables.past_districts
    start, end = _span(as_of)
    names = [column.name for column in past.c if column.name in layer_tables.districts.c]
    was = base.fetch(
        connection, past, names,
        f"district = ? AND {start} <= ? AND {end} > ?", (code, as_of, as_of),
    )  # fmt: skip
    if isinstance(as_of, int):
        held, known = row[start] <= as_of, as_of <= row["revision"]
    else:
        held, known = as_day(row[start]) <= as_of, True
    if not (known and (held or was)):
        raise NotFoundError(
            "rows.not_stored_as_of", code=code, as_of=str(as_of), newest=row["revision"]
        )
    past_values = {} if held else dict(zip(names, was[0], strict=True))
    revision = as_of if isinstance(as_of, int) else _last_change(connection, code, as_of)[0]
    return {**row, **past_values, "revision": revision}


def read_marks(connection: Connection, codes: Collection[str] | None = None) -> dict[str, Mark]:
    """Return the marks of districts, of all by default."""
    districts, changes = layer_tables.districts, record_tables.changes
    newest = (changes.c.district == districts.c.code) & (changes.c.revision == districts.c.revision)
    query = sa.select(districts.c.code, districts.c.revision, sa.func.coalesce(changes.c.at, ""))
    query = query.select_from(districts.outerjoin(changes, newest))
    if codes is not None:
        query = query.where(districts.c.code.in_(codes))
    rows = connection.execute(query)
    return {code: Mark(revision, at) for code, revision, at in rows}


def moment(
    base: Backend, connection: Connection, row: Mapping[str, Any], as_of: AsOf
) -> AsOf | None:
    """Resolve a revision or day; None if it is the current state.

    A day resolves to the last day up to it on which a change became valid, so that all days between
    two changes share one result.

    Raises
    ------
    NotFoundError
        If the district was not stored then.
    InputError
        If it is a day to come.
    """
    if isinstance(as_of, int):
        if as_of == row["revision"]:
            return None
        district_row_as_of(base, connection, row, as_of)
        return as_of
    if as_of > newest_day():
        raise InputError("rows.day_to_come", day=str(as_of))
    district_row_as_of(base, connection, row, as_of)
    revision, day = _last_change(connection, row["code"], as_of)
    if revision == row["revision"] and not _is_change_after(connection, row["code"], as_of):
        return None
    return day


def _last_change(connection: Connection, code: str, day: date) -> tuple[int, date]:
    """Return the newest revision and last day among the changes valid by `day`."""
    changes = record_tables.changes
    query = sa.select(sa.func.max(changes.c.revision), sa.func.max(changes.c.valid_from))
    row = connection.execute(
        query.where(changes.c.district == code, changes.c.valid_from <= day)
    ).one()
    return int(row[0] or 0), row[1] or day


def _is_change_after(connection: Connection, code: str, day: date) -> bool:
    changes = record_tables.changes
    query = sa.select(changes.c.fid).where(changes.c.district == code, changes.c.valid_from > day)
    return connection.execute(query.limit(1)).first() is not None


def layer_rows(
    base: Backend, connection: Connection, layer: str, code: str, *, as_of: AsOf | None = None
) -> list[Row]:
    """Return the rows of a layer, now or as of a revision or day."""
    columns, now, past = column_names(layer), layer_tables.layers[layer], layer_tables.past[layer]
    if as_of is None:
        return base.fetch(connection, now, columns, "district = ?", (code,))
    start, end = _span(as_of)
    begun = f"district = ? AND {start} <= ?"
    return [
        *base.fetch(connection, now, columns, begun, (code, as_of)),
        *base.fetch(connection, past, columns, f"{begun} AND {end} > ?", (code, as_of, as_of)),
    ]


def layer_frame(
    base: Backend, connection: Connection, layer: str, code: str, *, as_of: AsOf | None = None
) -> pd.DataFrame:
    """Return the usable rows of a layer, now or as of a revision or day.

    The attributes of the frame name the others (:mod:`boundaries.store.rows.usable_rows`).
    """
    stored = layer_rows(base, connection, layer, code, as_of=as_of)
    return usable_frame(layer, stored, base.codec.decode)


def stored_rows(
    base: Backend,
    connection: Connection,
    layer: str,
    code: str,
    *,
    keys: Collection[str | int] | None = None,
) -> list[Stored]:
    """Return the stored rows of a layer, only those of `keys` if given."""
    columns = [*column_names(layer), "fid", "since"]
    rows = rows_of_keys(base, connection, layer_tables.layers[layer], columns, code=code, keys=keys)
    return [Stored(row[-2], row[-1], row[:-2]) for row in rows]


def rows_of_keys(
    base: Backend,
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    *,
    code: str,
    keys: Collection[str | int] | None,
    by: str | None = None,
) -> list[Row]:
    """Return columns of the current or past rows of `keys`; of all if that is None.

    Keys are those of the layer, unless `by` names another column.
    """
    if keys is None:
        return base.fetch(connection, table, columns, "district = ?", (code,))
    key = by or KEYS[table.name.removeprefix("past_")]
    return [
        row
        for part in parts_of(keys)
        for row in base.fetch(
            connection,
            table,
            columns,
            f"district = ? AND {key} IN ({', '.join('?' * len(part))})",
            (code, *part),
        )
    ]


def read_versions(
    base: Backend, connection: Connection, code: str, layer: str, *, key: str | int
) -> list[Version]:
    """Return all states of a feature, newest first."""
    names, versions = column_names(layer), []
    for table, ends in (
        (layer_tables.layers[layer], ()),
        (layer_tables.past[layer], ("until", "valid_to")),
    ):
        columns = [*names, "since", "valid_from", *ends]
        rows = rows_of_keys(base, connection, table, columns, code=code, keys=[key])
        versions += [_version(base, layer, row) for row in rows]
    return sorted(versions, key=lambda version: -version.since)


def _version(base: Backend, layer: str, row: Row) -> Version:
    n = len(column_names(layer))
    frame = to_frame(layer, [row[:n]], base.codec.decode)
    since, valid_from, until, valid_to = (*row[n:], None, None)[:4]
    values = {str(name): value for name, value in frame.iloc[0].items()}
    ends = None if valid_to is None else as_day(valid_to)
    return Version(values, since, until, as_day(valid_from), ends)


def parts_of(keys: Collection[str | int]) -> Iterator[tuple[str | int, ...]]:
    """Yield keys in chunks that fit one statement."""
    named = list(keys)
    for start in range(0, len(named), KEYS_AT_ONCE):
        yield tuple(named[start : start + KEYS_AT_ONCE])


def _span(as_of: AsOf) -> tuple[str, str]:
    """Return the names of the columns that bound the validity of a row."""
    return ("since", "until") if isinstance(as_of, int) else ("valid_from", "valid_to")
