"""CSV tables with places: longitude and latitude, x and y, or well-known text."""

import csv
import io
import math
import unicodedata
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.aliases import COLUMN_ALIASES, WKT_NAMES, X_NAMES, Y_NAMES, find_column
from boundaries.readers.encoding import decode_file
from geo.crs import STORED_EPSG
from geo.errors import FileFormatError, SchemaError
from geo.model.layers import TABLES

_SEPARATORS: Final = ",;\t|"


def read_csv(path: Path, layer: str, report: LayerReport) -> gpd.GeoDataFrame:
    """Read a CSV file as text columns with a geometry column.

    Parameters
    ----------
    path : Path
        UTF-8 with or without byte order mark, or GB18030; comma, semicolon, tab or bar.
    layer : str
        For the names of the longitude and latitude columns.
    report : LayerReport
        Gets a note when the file is not UTF-8.

    Returns
    -------
    GeoDataFrame
        Geometry missing where it cannot be read; the CRS is EPSG:4326 for longitude and latitude
        and unknown otherwise.

    Raises
    ------
    FileFormatError
        If the text or the table cannot be read.
    SchemaError
        If there are no columns with a place.
    """
    text, encoding = decode_file(path.read_bytes(), what=path.name)
    if encoding != "utf-8":
        report.note(f"text read as {encoding}")
    table = parse_csv(text, path)
    if layer in TABLES:
        return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=STORED_EPSG)
    names = COLUMN_ALIASES[layer]
    lon = find_column(table.columns, ("lon", *names["lon"]))
    lat = find_column(table.columns, ("lat", *names["lat"]))
    x, y = find_column(table.columns, X_NAMES), find_column(table.columns, Y_NAMES)
    wkt = find_column(table.columns, WKT_NAMES)
    if wkt is not None:
        shapes, crs = _from_wkt(table[wkt]), None
    elif lon is not None and lat is not None:
        shapes, crs = _from_numbers(table[lon], table[lat]), STORED_EPSG
    elif x is not None and y is not None:
        shapes, crs = _from_numbers(table[x], table[y]), None
    else:
        raise SchemaError(
            f"{path.name} has the columns {', '.join(table.columns)}; wanted lon and lat (or 经度 "
            "and 纬度), x and y, or wkt. Rename the columns that hold the place."
        )
    used = [column for column in (wkt, lon, lat, x, y) if column is not None]
    return gpd.GeoDataFrame(table.drop(columns=list(set(used))), geometry=shapes, crs=crs)


def parse_csv(text: str, path: Path) -> pd.DataFrame:
    """Return a table of text; `path` names the file, for the message.

    Raises
    ------
    FileFormatError
        If it is no table.
    """
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise FileFormatError(
            f"{path.name} cannot be read as a CSV table ({str(error).strip()}); wanted a header "
            "row and as many fields in every row. Correct the file."
        ) from error
    if not isinstance(table.index, pd.RangeIndex):  # then all columns are one place further on
        raise FileFormatError(
            f"{path.name} has more fields in its rows than names in its header; wanted as many. "
            "Name every column, or take the last separator off the rows."
        )
    return table


def _from_numbers(x: pd.Series, y: pd.Series) -> npt.NDArray[np.object_]:
    """Return points; missing where a number is missing or cannot be read."""
    pairs = np.column_stack([parse_numbers(x), parse_numbers(y)])
    shapes = np.empty(len(pairs), dtype=object)
    known = np.isfinite(pairs).all(axis=1)
    shapes[known] = shapely.points(pairs[known])
    return shapes


def parse_numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    """Parse numbers, also with full-width digits; NaN for anything else."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    folded = [
        unicodedata.normalize("NFKC", value).strip() if isinstance(value, str)
        else math.nan if isinstance(value, bool) else value
        for value in values
    ]  # fmt: skip
    return pd.to_numeric(pd.Series(folded, dtype=object), errors="coerce").to_numpy(np.float64)


def _from_wkt(values: pd.Series) -> npt.NDArray[np.object_]:
    """Return shapes; missing where the text is no well-known text."""
    shapes: npt.NDArray[np.object_] = shapely.from_wkt(values.tolist(), on_invalid="ignore")
    return shapes
