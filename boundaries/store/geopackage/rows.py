"""Bulk reading, inserting and ending of rows of a GeoPackage.

The R*Tree triggers call back into Python for every row. A bulk change therefore drops the triggers,
writes rows and index itself, and recreates the triggers, all in the caller's transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Table

from boundaries.store.geopackage.connection import driver
from boundaries.store.geopackage.rtree import is_indexed, rtree_name
from boundaries.store.geopackage.schema import rtree_statement
from boundaries.store.geopackage.triggers import triggers
from boundaries.store.rows.layer_rows import Row
from boundaries.store.tables import layer_tables
from boundaries.store.tables.geometry_type import blob_bounds

_SIDES: Final = (
    ("MIN", "minx", "MinX"),
    ("MIN", "miny", "MinY"),
    ("MAX", "maxx", "MaxX"),
    ("MAX", "maxy", "MaxY"),
)
_NOW: Final = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"


def fetch_rows(
    connection: Connection, table: Table, columns: Sequence[str], where: str, values: Row
) -> list[Row]:
    """Return columns of some rows as plain tuples.

    The driver's own tuples: a row object per row would take longer than reading the file.
    """
    listed = ", ".join(f'"{name}"' for name in columns)
    rows: list[Row] = (
        driver(connection)
        .execute(
            f'SELECT {listed} FROM "{table.name}" WHERE {where}',  # noqa: S608 (our names)
            [_plain(value) for value in values],
        )
        .fetchall()
    )
    return rows


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    """Insert rows, and enter their boxes into the R*Tree; their fids, unless given, are new."""
    names = [*columns] if "fid" in columns else [*columns, "fid"]
    if "fid" not in columns:
        start = last_fids(connection).get(table.name, 0) + 1
        rows = [(*row, fid) for fid, row in enumerate(rows, start)]
    listed, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
    with _without_triggers(connection, table):
        driver(connection).executemany(
            f'INSERT INTO "{table.name}" ({listed}) VALUES ({marks})',  # noqa: S608 (our names)
            (tuple(map(_plain, row)) for row in rows),
        )
        if is_indexed(table):
            fid, shape = names.index("fid"), names.index(layer_tables.GEOMETRY_COLUMN)
            _index(connection, table, ((row[fid], row[shape]) for row in rows))


def last_fids(connection: Connection) -> dict[str, int]:
    """Return the last fid that each table has assigned."""
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence").fetchall()
    return {name: int(seq) for name, seq in rows if name in layer_tables.metadata.tables}


def set_last_fids(connection: Connection, last: Mapping[str, int]) -> None:
    """Continue the fid of each table after the given one."""
    run = connection.exec_driver_sql
    for name, fid in last.items():
        run("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, fid))


def clear_rows(connection: Connection) -> None:
    """Delete every row of every table."""
    run = connection.exec_driver_sql
    for table in reversed(layer_tables.metadata.sorted_tables):
        with _without_triggers(connection, table):
            run(f'DELETE FROM "{table.name}"')  # noqa: S608 (our names)
            if is_indexed(table):
                run(f'DROP TABLE "{rtree_name(table)}"')
                run(rtree_statement(table))


def end_rows(
    connection: Connection, layer: str, fids: Sequence[int], ends: tuple[int, date] | None
) -> None:
    """Delete rows of a layer; with `ends`, their end revision and day, move them to the past."""
    if not fids:
        return
    table, past = layer_tables.layers[layer], layer_tables.past[layer]
    run = driver(connection).execute
    run("CREATE TEMP TABLE IF NOT EXISTS ended (fid INTEGER PRIMARY KEY)")
    run("DELETE FROM ended")
    driver(connection).executemany("INSERT INTO ended VALUES (?)", ((fid,) for fid in fids))
    chosen = "fid IN (SELECT fid FROM ended)"
    if ends is not None:
        _keep(connection, table, past, chosen, ends)
    with _without_triggers(connection, table):
        if is_indexed(table):
            index = rtree_name(table)
            others = f'SELECT 1 FROM "{table.name}" WHERE NOT {chosen} LIMIT 1'  # noqa: S608
            if run(others).fetchone() is None:  # many times faster than box by box
                run(f'DROP TABLE "{index}"')
                run(rtree_statement(table))
            else:
                run(f'DELETE FROM "{index}" WHERE id IN (SELECT fid FROM ended)')  # noqa: S608
        run(f'DELETE FROM "{table.name}" WHERE {chosen}')  # noqa: S608 (our names)


def _keep(
    connection: Connection, table: Table, past: Table, chosen: str, ends: tuple[int, date]
) -> None:
    """Copy rows to the past."""
    revision, day = ends
    names = [column.name for column in past.c if column.name in table.c and column.name != "fid"]
    listed = ", ".join(f'"{name}"' for name in names)
    run = driver(connection).execute
    run(
        f'INSERT INTO "{past.name}" ({listed}, "until", valid_to) '  # noqa: S608 (our names)
        f'SELECT {listed}, ?, ? FROM "{table.name}" WHERE {chosen} ORDER BY fid',
        (revision, day.isoformat()),
    )


@contextmanager
def _without_triggers(connection: Connection, table: Table) -> Iterator[None]:
    """Drop the triggers of a table meanwhile: they would call back into Python for every row."""
    for name, _ in triggers(table):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, statement in triggers(table):
        connection.exec_driver_sql(statement)


def _plain(value: Any) -> Any:  # noqa: ANN401 (any value of a row)
    """Return a value as SQLite stores it."""
    return value.isoformat() if isinstance(value, date) else value


def _index(connection: Connection, table: Table, rows: Iterable[tuple[int, bytes]]) -> None:
    """Enter the boxes of new rows into the R*Tree."""
    boxes = [
        (fid, box[0], box[2], box[1], box[3])
        for fid, blob in rows
        if (box := blob_bounds(blob)) is not None
    ]
    driver(connection).executemany(
        f'INSERT INTO "{rtree_name(table)}" VALUES (?, ?, ?, ?, ?)',  # noqa: S608 (our names)
        boxes,
    )


def refresh_contents(connection: Connection, names: Iterable[str]) -> None:
    """Write extent and time of change of some tables into the GeoPackage contents."""
    for name in names:
        table = layer_tables.metadata.tables[name]
        extent = _extent(connection, table) if is_indexed(table) else (None,) * 4
        connection.exec_driver_sql(
            f"UPDATE gpkg_contents SET last_change = {_NOW}, "  # noqa: S608 (our expression)
            "min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?",
            (*extent, name),
        )


def _extent(connection: Connection, table: Table) -> tuple[float | None, ...]:
    """Return the exact west, south, east, north of a table; `None` where it is empty.

    The R*Tree rounds boxes outward to single precision. Rounding keeps the order, so the row at
    the very edge is among the few whose rounded side is the outermost.
    """
    index = rtree_name(table)
    extent = []
    for most, column, function in _SIDES:
        row = connection.exec_driver_sql(
            f'SELECT {most}(ST_{function}(geom)) FROM "{table.name}" WHERE fid IN '  # noqa: S608
            f'(SELECT id FROM "{index}" WHERE {column} = '
            f'(SELECT {most}({column}) FROM "{index}"))'
        ).first()
        extent.append(row[0] if row else None)
    return tuple(extent)
