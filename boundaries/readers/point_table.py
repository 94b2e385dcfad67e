"""Read tables of points with arbitrary columns: CSV, JSON or Arrow."""

import csv
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.aliases import COLUMN_ALIASES, find_column
from boundaries.readers.encoding import decode_file
from boundaries.readers.source import read_source
from boundaries.readers.table import parse_numbers
from geo.crs import STORED_EPSG
from geo.errors import CrsError, FileFormatError, SchemaError

_SEPARATORS: Final = ",;\t|"
_LON: Final = ("lon", *COLUMN_ALIASES["service_points"]["lon"], "x")
_LAT: Final = ("lat", *COLUMN_ALIASES["service_points"]["lat"], "y")
_ID: Final = ("id", *COLUMN_ALIASES["service_points"]["point_id"], "building_id", "address_id")
LON_LAT: Final = ("_lon", "_lat")
"""Names of the columns that :func:`read_points` adds."""


class PointFormat(StrEnum):
    """Format of a table of points."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"


_SUFFIXES: Final = {
    ".json": PointFormat.JSON,
    ".csv": PointFormat.CSV,
    ".txt": PointFormat.CSV,
    ".arrow": PointFormat.ARROW,
    ".arrows": PointFormat.ARROW,
    ".feather": PointFormat.ARROW,
}


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
    readers = {PointFormat.JSON: _json, PointFormat.CSV: _csv, PointFormat.ARROW: _arrow}
    table = readers[kind](data, what)
    lon, lat = find_column(table.columns, _LON), find_column(table.columns, _LAT)
    if lon is None or lat is None:
        raise SchemaError(
            f"{what} has the columns {', '.join(table.columns) or 'none'}; wanted lon and lat (or "
            "经度 and 纬度). Rename the columns that hold the place."
        )
    return table.assign(**dict(zip(LON_LAT, (parse_numbers(table[lon]), parse_numbers(table[lat])),
                                   strict=True)))  # fmt: skip


def read_point_file(path: Path, *, crs: str | None = None) -> pd.DataFrame:
    """Return the points of a file; of buildings a point inside each footprint.

    Parameters
    ----------
    path : Path
        ``.csv``, ``.txt``, ``.json``, ``.arrow``, ``.feather``; or ``.geojson``, ``.gpkg``,
        ``.shp``, ``.zip``.
    crs : str, optional
        CRS of a file of geometry that does not say.

    Raises
    ------
    NotFoundError, FileFormatError, SchemaError, CrsError
        If the file cannot be read, or does not say where its points are.
    """
    kind = _SUFFIXES.get(path.suffix.lower())
    head = path.read_bytes()[:10_000] if kind is PointFormat.JSON else b""
    if kind is not None and b"FeatureCollection" not in head:
        return read_points(path.read_bytes(), kind, what=path.name)
    frame = read_source(path, "buildings", LayerReport())
    if frame.crs is None and crs is None:
        raise CrsError(f"{path.name} does not say its CRS; wanted one. Give it with --crs.")
    placed = gpd.GeoSeries(frame.geometry, crs=crs or frame.crs).to_crs(STORED_EPSG)
    shapes = np.asarray(placed, dtype=object)
    points = shapely.point_on_surface(shapes)
    points[~shapely.is_valid(shapes)] = None
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    lon, lat = LON_LAT
    return table.assign(**{lon: shapely.get_x(points), lat: shapely.get_y(points)})


def id_column(table: pd.DataFrame) -> str | None:
    """Return the column that names the points; None if there is none.

    Examples
    --------
    >>> id_column(pd.DataFrame(columns=["编号", "lon", "lat"]))
    '编号'
    """
    return find_column([c for c in table.columns if c not in LON_LAT], _ID)


def _csv(data: bytes, what: str) -> pd.DataFrame:
    text, _ = decode_file(data, what=what)
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        return pd.read_csv(io.StringIO(text), sep=separator, dtype="str", keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise FileFormatError(
            f"{what} cannot be read as a CSV table ({str(error).strip()}); wanted a header row and "
            "as many fields in every row."
        ) from error


def _arrow(data: bytes, what: str) -> pd.DataFrame:
    try:
        try:
            reader: Any = pa.ipc.open_stream(data)
        except pa.ArrowInvalid:
            reader = pa.ipc.open_file(data)
        table: pd.DataFrame = reader.read_all().to_pandas()
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise FileFormatError(
            f"{what} cannot be read as Arrow ({str(error).splitlines()[0]}); wanted an IPC stream "
            "or file with columns lon and lat."
        ) from error
    return table.reset_index(drop=True)


def _json(data: bytes, what: str) -> pd.DataFrame:
    wanted = 'wanted a list of {"id": ..., "lon": degrees, "lat": degrees}'
    try:
        document = json.loads(data)
    except ValueError as error:
        raise FileFormatError(f"{what} is not JSON ({error}); {wanted}.") from error
    rows = document.get("points") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        raise FileFormatError(f"{what} has no list of points; {wanted}.")
    objects = [row if isinstance(row, dict) else {} for row in rows]
    columns = list(dict.fromkeys(key for row in objects for key in row)) or ["lon", "lat"]
    return pd.DataFrame(objects, columns=columns, index=range(len(rows)), dtype=object)
