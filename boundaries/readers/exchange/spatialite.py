"""SpatiaLite databases, read by SQLite alone: nothing of GDAL or SpatiaLite is loaded.

A layer is a plain table; views, virtual tables and triggers, of which such a database is full, are
not looked at.
"""

import sqlite3
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from boundaries.import_report import LayerReport
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.geopackage import (
    check_columns,
    check_nothing_beside,
    check_rows,
    check_sound,
    opened,
    quoted,
    statement_of,
)
from boundaries.readers.files.limits import MAX_TABLES
from boundaries.readers.files.source import FileHints, Source, chosen_layer
from geo.arrays import ObjectArray
from geo.errors import FileFormatError
from geo.messages import Message

_START: Final = 39
"""Bytes before a shape: a mark, the byte order, the number of its CRS, its box, and a mark."""

_BEFORE, _AFTER, _PART = 0x7C, 0xFE, 0x69
_POINT, _LINE, _POLYGON = 1, 2, 3
_DIMENSIONS: Final = (2, 3, 3, 4)
_COMPRESSED: Final = 1_000_000
_LAYERS: Final = """
    SELECT CAST(f_table_name AS TEXT), CAST(f_geometry_column AS TEXT), CAST(srid AS INTEGER)
    FROM geometry_columns
"""
_CRS: Final = """
    SELECT CAST(auth_name AS TEXT), CAST(auth_srid AS INTEGER), CAST({} AS TEXT)
    FROM spatial_ref_sys WHERE srid = ?
"""


class _Layer(NamedTuple):
    """A table with shapes."""

    table: str
    column: str
    srid: int | None


def read_spatialite(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a layer of a SpatiaLite database: the one called `layer`, else the only one.

    Raises
    ------
    FileFormatError
        If it is damaged, beyond the limits, has no such layer, or its shapes are compressed.
    CrsError
        If its CRS names a file.
    """
    what = path.name
    check_nothing_beside(path)
    try:
        with opened(path) as connection:
            layers = {each.table: each for each in _layers(connection, what)}
            chosen = layers[chosen_layer(list(layers), layer, report, hints, what=what)]
            check_columns(connection, chosen.table, what)
            check_sound(connection, what, chosen.table)
            check_rows(connection, chosen.table, what)
            crs = _crs(connection, chosen.srid, what)
            return _rows(connection, chosen, crs, what)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        raise unreadable(what, str(error)) from error


def _layers(connection: sqlite3.Connection, what: str) -> Iterator[_Layer]:
    """Give the plain tables that the database lists as layers."""
    plain = _plain_tables(connection, what)
    if not {"geometry_columns", "spatial_ref_sys"} <= plain.keys():
        raise unreadable(what, Message("files.no_geometry_columns"))
    for table in ("geometry_columns", "spatial_ref_sys"):
        check_columns(connection, table, what)
    for table, column, srid in connection.execute(_LAYERS).fetchmany(MAX_TABLES):
        if str(table).lower() in plain:
            yield _Layer(plain[str(table).lower()], str(column), srid)


def _plain_tables(connection: sqlite3.Connection, what: str) -> dict[str, str]:
    """Return the tables that one statement alone makes, by their names in small letters."""
    schema = connection.execute(
        "SELECT CAST(name AS TEXT), CAST(coalesce(sql, '') AS TEXT) FROM sqlite_master LIMIT ?",
        (MAX_TABLES + 1,),
    ).fetchall()
    if len(schema) > MAX_TABLES:
        raise unreadable(what, Message("files.too_many_tables", {"most": MAX_TABLES}))
    made = [(*statement_of(sql), name) for name, sql in schema]
    often = Counter(called.lower() for kind, called, _ in made if kind.endswith(("TABLE", "VIEW")))
    return {
        called.lower(): called
        for kind, called, name in made
        if kind == "TABLE" and called == name and often[called.lower()] == 1
    }


def _crs(connection: sqlite3.Connection, srid: int | None, what: str) -> pyproj.CRS | None:
    """Return the CRS of a layer by its authority, else by its definition."""
    told = connection.execute("SELECT name FROM pragma_table_info('spatial_ref_sys')")
    columns = {str(name).lower() for (name,) in told}
    text = next((name for name in ("srtext", "srs_wkt", "proj4text") if name in columns), "NULL")
    row = connection.execute(_CRS.format(text), (srid,)).fetchone()
    if row is None or not srid or srid < 0:
        return None
    authority, number, definition = row
    named = f"{authority}:{number}" if str(authority).upper() in {"EPSG", "ESRI"} else definition
    check_names_no_file(str(named or ""), what=what)
    try:
        return pyproj.CRS.from_user_input(named)
    except CRSError:
        return None


def _rows(
    connection: sqlite3.Connection, layer: _Layer, crs: pyproj.CRS | None, what: str
) -> Source:
    """Read all rows of a layer."""
    cursor = connection.execute(f"SELECT * FROM {quoted(layer.table)} NOT INDEXED")  # noqa: S608
    names = [each[0] for each in cursor.description]
    lowered = [name.lower() for name in names]
    if layer.column.lower() not in lowered:
        raise FileFormatError("files.without_geometry", what=what, driver="SpatiaLite")
    at = lowered.index(layer.column.lower())
    rows = cursor.fetchall()
    values = {
        name: [None if isinstance(row[n], bytes) else row[n] for row in rows]
        for n, name in enumerate(names)
        if n != at
    }
    written: ObjectArray = np.empty(len(rows), object)
    written[:] = [_well_known(row[at], what) for row in rows]
    shapes = shapely.from_wkb(written, on_invalid="ignore")
    fixed = shapely.from_wkb(written, on_invalid="fix")
    closed = shapely.is_missing(shapes) & ~shapely.is_missing(fixed)
    table = pd.DataFrame(values, index=pd.RangeIndex(len(rows)))
    frame = gpd.GeoDataFrame(table, geometry=fixed, crs=crs)
    return Source(frame, {Message("reading.ring_closed"): closed})


def _well_known(shape: Any, what: str) -> bytes | None:  # noqa: ANN401 - whatever a cell holds
    """Return a shape as well-known binary; None where there is none."""
    if not isinstance(shape, bytes) or len(shape) <= _START:
        return shape if isinstance(shape, bytes) and shape else None
    if shape[0] != 0 or shape[_START - 1] != _BEFORE or shape[-1] != _AFTER or shape[1] > 1:
        return shape  # written so by GDAL
    order, body = shape[1:2], shape[_START:-1]
    try:
        return order + _without_marks(body, order)
    except (struct.error, ValueError) as error:
        said = "files.shapes_compressed" if isinstance(error, ValueError) else "files.damaged"
        raise unreadable(what, Message(said)) from error


def _without_marks(body: bytes, order: bytes) -> bytes:
    """Return a shape without the marks before its parts, which well-known binary has otherwise."""
    number = "<I" if order == b"\x01" else ">I"
    (kind,) = struct.unpack_from(number, body)
    if kind >= _COMPRESSED:
        raise ValueError(kind)
    if kind % 1000 <= _POLYGON:
        return body
    (count,) = struct.unpack_from(number, body, 4)
    pieces, at = [body[:8]], 8
    for _ in range(count):
        end = _end_of_part(body, at + 1, number)
        pieces += [order, body[at + 1 : end]]
        at = end
    return b"".join(pieces)


def _end_of_part(body: bytes, at: int, number: str) -> int:
    """Return where a part ends that is a point, a line or a polygon."""
    (kind,) = struct.unpack_from(number, body, at)
    if kind >= _COMPRESSED:
        raise ValueError(kind)
    step, at = 8 * _DIMENSIONS[kind // 1000 % len(_DIMENSIONS)], at + 4
    if kind % 1000 == _POINT:
        return at + step
    rings = 1
    if kind % 1000 == _POLYGON:
        (rings,) = struct.unpack_from(number, body, at)
        at += 4
    for _ in range(rings):
        (corners,) = struct.unpack_from(number, body, at)
        at += 4 + corners * step
    return at
