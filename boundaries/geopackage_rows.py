"""Reading and replacing all rows of a layer in a GeoPackage at once.

The R*Tree triggers call back into Python for every row. A bulk change therefore sets the triggers
aside, writes rows and index itself, and puts the triggers back, all in the caller's transaction.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, Table

from boundaries import tables
from boundaries.geometry_type import blob_bounds
from boundaries.geopackage_schema import has_geometry, rtree_name, rtree_statement, triggers
from boundaries.layer_rows import Row, column_names

_SIDES: Final = (
    ("MIN", "minx", "MinX"),
    ("MIN", "miny", "MinY"),
    ("MAX", "maxx", "MaxX"),
    ("MAX", "maxy", "MaxY"),
)
_NOW: Final = "strftime('%Y-%m-%dT%H:%M:%fZ','now')"


def read_rows(connection: Connection, layer: str, code: str) -> list[Row]:
    """Return all rows of a layer of one district as plain tuples, in the order of writing.

    The driver's own tuples: a row object per row would take longer than reading the file.
    """
    columns = ", ".join(f'"{name}"' for name in column_names(layer))
    driver = connection.connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    rows: list[Row] = driver.execute(
        f'SELECT {columns} FROM "{layer}" WHERE district = ? ORDER BY fid',  # noqa: S608 (our names)
        (code,),
    ).fetchall()
    return rows


def swap_rows(connection: Connection, layer: str, code: str, rows: list[Row]) -> None:
    """Write `rows` in place of all rows of a layer of one district.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    layer, code : str
        Layer and district.
    rows : list of tuple
        Values of :func:`boundaries.layer_rows.column_names`.
    """
    table = tables.layers[layer]
    for name, _ in triggers(table):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    _clear(connection, table, code)
    fids = _insert(connection, table, code, rows)
    if has_geometry(table):
        _index(connection, table, fids, rows)
    for _, statement in triggers(table):
        connection.exec_driver_sql(statement)


def _clear(connection: Connection, table: Table, code: str) -> None:
    """Delete the rows of a district from the table and its R*Tree."""
    mine = f'FROM "{table.name}" WHERE district'
    if has_geometry(table):
        shared = connection.exec_driver_sql(f"SELECT 1 {mine} <> ? LIMIT 1", (code,)).first()
        index = rtree_name(table)
        if shared is None:  # many times faster than deleting box by box
            connection.exec_driver_sql(f'DROP TABLE "{index}"')
            connection.exec_driver_sql(rtree_statement(table))
        else:
            connection.exec_driver_sql(
                f'DELETE FROM "{index}" WHERE id IN (SELECT fid {mine} = ?)',  # noqa: S608
                (code,),
            )
    connection.exec_driver_sql(f"DELETE {mine} = ?", (code,))


def _insert(connection: Connection, table: Table, code: str, rows: list[Row]) -> range:
    """Insert rows and return their fids, which are never used twice."""
    if not rows:
        return range(0)
    last = connection.exec_driver_sql(
        "SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)
    ).first()
    start = int(last[0]) + 1 if last else 1
    fids = range(start, start + len(rows))
    names = ["fid", "district", *column_names(table.name)]
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" for _ in names)
    connection.exec_driver_sql(
        f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})',  # noqa: S608 (our names)
        [(fid, code, *row) for fid, row in zip(fids, rows, strict=True)],
    )
    return fids


def _index(connection: Connection, table: Table, fids: range, rows: list[Row]) -> None:
    """Enter the boxes of new rows into the R*Tree."""
    boxes = [
        (fid, box[0], box[2], box[1], box[3])
        for fid, row in zip(fids, rows, strict=True)
        if (box := blob_bounds(row[-1])) is not None
    ]
    if boxes:
        connection.exec_driver_sql(
            f'INSERT INTO "{rtree_name(table)}" VALUES (?, ?, ?, ?, ?)',  # noqa: S608 (our names)
            boxes,
        )


def refresh_contents(connection: Connection, names: Iterable[str]) -> None:
    """Write extent and time of change of some tables into the GeoPackage contents."""
    for name in names:
        table = tables.metadata.tables[name]
        extent = _extent(connection, table) if has_geometry(table) else (None,) * 4
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
