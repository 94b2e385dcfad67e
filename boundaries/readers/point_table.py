"""Read tables of points with arbitrary columns: CSV, JSON or Arrow."""

import io
from enum import StrEnum
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.aliases import COLUMN_ALIASES, find_column
from boundaries.readers.encoding import decode_file
from boundaries.readers.files.arrow import read_arrow
from boundaries.readers.files.formats import (
    ARROW,
    CSV,
    JSON_POINTS,
    LAYER_FORMATS,
    POINT_FORMATS,
    FileFormat,
    agreed_format,
)
from boundaries.readers.files.geojson import parse_json
from boundaries.readers.files.limits import DEEPEST, check_table_size, is_too_deep
from boundaries.readers.places.place_columns import place_columns
from boundaries.readers.places.source_crs import source_crs
from boundaries.readers.shapes import in_wgs84
from boundaries.readers.source import read_source
from boundaries.readers.tables.places import parse_numbers
from boundaries.readers.tables.table import parse_csv
from geo.crs import STORED_EPSG
from geo.errors import CrsError, FileFormatError, SchemaError
from geo.gcj02 import MapFrame, to_wgs84
from geo.messages import Message

_HEAD_BYTES: Final = 10_000
_X, _Y = ("x",), ("y",)
_ID: Final = ("id", *COLUMN_ALIASES["service_points"]["point_id"], "building_id", "address_id")
LON_LAT: Final = ("_lon", "_lat")
"""Names of the columns that :func:`read_points` adds."""


class PointFormat(StrEnum):
    """Format of a table of points."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"


_KINDS: Final = {CSV: PointFormat.CSV, JSON_POINTS: PointFormat.JSON, ARROW: PointFormat.ARROW}


def read_points(data: bytes, kind: PointFormat, *, what: str = "The body") -> pd.DataFrame:
    """Return a table of points as it came, and their coordinates as numbers.

    Parameters
    ----------
    data : bytes
        CSV (UTF-8 or GB18030, any usual separator), an Arrow IPC stream or file, or JSON: a list of
        objects, or ``{"points": [...]}``.
    kind : PointFormat
    what : str
        What is read, for messages.

    Returns
    -------
    DataFrame
        All columns, and as :data:`LON_LAT` degrees, EPSG:4326; NaN where there is no number. Index
        0..n-1.

    Raises
    ------
    FileFormatError, SchemaError
        If it cannot be read, or no columns hold longitude and latitude.

    Examples
    --------
    >>> read_points(b'[{"lng": 118.0, "lat": "37.4"}]', PointFormat.JSON)
         lng   lat   _lon  _lat
    0  118.0  37.4  118.0  37.4
    """
    readers = {PointFormat.JSON: _json, PointFormat.CSV: _csv, PointFormat.ARROW: read_arrow}
    table = readers[kind](data, what)
    pairs = place_columns(map(str, table.columns), what=what)
    lon, lat = find_column(table.columns, _X), find_column(table.columns, _Y)
    if pairs:
        best = pairs[0]
        numbers = parse_numbers(table[best.lon]), parse_numbers(table[best.lat])
        places = to_wgs84(best.frame or MapFrame.WGS84, *numbers)
        return table.assign(**dict(zip(LON_LAT, places, strict=True)))
    if lon is None or lat is None:
        raise SchemaError(
            "reading.no_lon_lat",
            name=what,
            columns=[str(column) for column in table.columns] or Message("reading.none"),
            lon="经度",
            lat="纬度",
        )
    return table.assign(**dict(zip(LON_LAT, (parse_numbers(table[lon]), parse_numbers(table[lat])),
                                   strict=True)))  # fmt: skip


def read_point_file(path: Path, *, crs: str | int | pyproj.CRS | None = None) -> pd.DataFrame:
    """Return the points of a file; of buildings a point inside each footprint.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.txt``, ``.json``, ``.arrow``, ``.feather``; or ``.geojson``, ``.gpkg``,
        ``.shp``, ``.zip``.
    crs : str, int or pyproj.CRS, optional
        CRS of a file of geometry that does not say.

    Raises
    ------
    NotFoundError, FileFormatError, SchemaError, CrsError
        If the file cannot be read, or does not say where its points are.
    """
    known = agreed_format(path, _format_choice(path))
    if known in _KINDS:
        return read_points(path.read_bytes(), _KINDS[known], what=path.name)
    frame = read_source(path, "buildings", LayerReport()).frame
    source = source_crs(frame.crs, crs, what=path.name)
    if source.crs is None:
        raise CrsError("reading.no_crs", what=path.name)
    placed = gpd.GeoSeries(frame.geometry.to_numpy(), crs=source.crs).to_crs(STORED_EPSG)
    shapes = np.asarray(placed, dtype=object)
    if source.frame is not None:
        shapes = in_wgs84(shapes, source.frame)
    points = shapely.point_on_surface(shapes)
    points[~shapely.is_valid(shapes)] = None
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    lon, lat = LON_LAT
    return table.assign(**{lon: shapely.get_x(points), lat: shapely.get_y(points)})


def _format_choice(path: Path) -> tuple[FileFormat, ...]:
    """Return the accepted formats; a ``.json`` is GeoJSON if it says so at its beginning."""
    with path.open("rb") if path.is_file() else io.BytesIO() as file:
        is_geojson = b"FeatureCollection" in file.read(_HEAD_BYTES)
    return (*LAYER_FORMATS, *POINT_FORMATS) if is_geojson else (*POINT_FORMATS, *LAYER_FORMATS)


def id_column(table: pd.DataFrame) -> str | None:
    """Return the column that names the points; None if there is none.

    Examples
    --------
    >>> id_column(pd.DataFrame(columns=["编号", "lon", "lat"]))
    '编号'
    """
    return find_column([c for c in table.columns if c not in LON_LAT], _ID)


def _csv(data: bytes, what: str) -> pd.DataFrame:
    return parse_csv(decode_file(data, what=what)[0], what=what)


def _json(data: bytes, what: str) -> pd.DataFrame:
    document = parse_json(data, what=what)
    if is_too_deep(document):
        raise FileFormatError("reading.too_deep", name=what, deepest=DEEPEST)
    rows = document.get("points") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise FileFormatError("reading.no_points", name=what)
    objects = [row if isinstance(row, dict) else {} for row in rows]
    columns = list(dict.fromkeys(key for row in objects for key in row)) or ["lon", "lat"]
    check_table_size(len(rows), len(columns), what=what)
    return pd.DataFrame(objects, columns=columns, index=range(len(rows)), dtype=object)
