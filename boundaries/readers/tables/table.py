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
from boundaries.readers.files.limits import MAX_HEADER_CHARS
from boundaries.readers.files.source import Source
from boundaries.readers.files.table_size import check_table_size
from geo.crs import STORED_EPSG
from geo.errors import FileFormatError, SchemaError
from geo.messages import Message
from geo.model.layer_columns import TABLES

_SEPARATORS: Final = ",;\t|"


def read_csv(path: Path, layer: str, report: LayerReport) -> Source:
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
    Source
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
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    return placed(parse_csv(text, what=path.name), layer, what=path.name)


def placed(table: pd.DataFrame, layer: str, *, what: str) -> Source:
    """Return a table of text with the places that its columns tell.

    Parameters
    ----------
    table : DataFrame
        Columns of text.
    layer : str
        As for :func:`read_csv`.
    what : str
        Name of the file, for messages.

    Raises
    ------
    SchemaError
        If there are no columns with a place.
    """
    closed = np.zeros(len(table), dtype=bool)
    if layer in TABLES:
        empty = gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=STORED_EPSG)
        return Source(empty, closed)
    names = COLUMN_ALIASES[layer]
    lon = find_column(table.columns, ("lon", *names["lon"]))
    lat = find_column(table.columns, ("lat", *names["lat"]))
    x, y = find_column(table.columns, X_NAMES), find_column(table.columns, Y_NAMES)
    wkt = find_column(table.columns, WKT_NAMES)
    if wkt is not None:
        (shapes, closed), crs = _from_wkt(table[wkt]), None
    elif lon is not None and lat is not None:
        shapes, crs = _from_numbers(table[lon], table[lat]), STORED_EPSG
    elif x is not None and y is not None:
        shapes, crs = _from_numbers(table[x], table[y]), None
    else:
        raise SchemaError(
            "reading.no_place_columns",
            name=what,
            columns=[str(column) for column in table.columns],
            lon="经度",
            lat="纬度",
        )
    used = [column for column in (wkt, lon, lat, x, y) if column is not None]
    frame = gpd.GeoDataFrame(table.drop(columns=list(set(used))), geometry=shapes, crs=crs)
    return Source(frame, closed)


def parse_csv(text: str, *, what: str) -> pd.DataFrame:
    """Return a table of text.

    Parameters
    ----------
    text : str
        With a header row; the separator is the one that is most frequent in the first line.
    what : str
        Name of the file, for messages.

    Raises
    ------
    FileFormatError
        If it is no table, or one beyond the limits.
    """
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = max(text.count("\n"), text.count("\r"))
    try:
        head = csv.reader(io.StringIO(text[:MAX_HEADER_CHARS]), delimiter=separator)
        check_table_size(lines, len(next(filter(None, head), [])), what=what)
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            dtype="str",
            keep_default_na=False,
            skip_blank_lines=True,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        reason = str(error).strip()
        raise FileFormatError("reading.no_csv", name=what, reason=reason) from error
    if not isinstance(table.index, pd.RangeIndex):  # then all columns are one place further on
        raise FileFormatError("reading.more_fields", name=what)
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


def _from_wkt(values: pd.Series) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Return shapes, missing where the text is no well-known text, and which had to be closed."""
    texts = values.tolist()
    with np.errstate(all="ignore"):  # a number beyond all is found when places are checked
        shapes = shapely.from_wkt(texts, on_invalid="fix")
        closed = shapely.is_missing(shapely.from_wkt(texts, on_invalid="ignore"))
    return shapes, closed & ~shapely.is_missing(shapes)
