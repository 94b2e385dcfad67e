"""Places of tables: longitude and latitude, x and y, both in one cell, or well-known text."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.aliases import (
    WITHOUT_SHAPES,
    WKT_NAMES,
    X_NAMES,
    Y_NAMES,
    find_column,
    our_columns,
)
from boundaries.readers.files.source import Source
from boundaries.readers.places.degrees import degrees_in
from boundaries.readers.places.place_columns import (
    PlaceColumns,
    column_of_pairs,
    place_columns,
    split_pairs,
)
from geo.arrays import BoolArray, ObjectArray
from geo.crs import STORED_EPSG
from geo.errors import SchemaError
from geo.gcj02 import MapFrame, to_wgs84
from geo.messages import Message
from geo.model.layer_columns import KEYS

JOINED: Final = ("grids", "buildings", "service_points")
"""Layers whose rows may take the place that is stored under their id or name."""


def with_told_places(table: pd.DataFrame, told: Mapping[str, str]) -> pd.DataFrame:
    """Return a table whose longitude and latitude have our names where the user tells them."""
    names = {told[axis]: axis for axis in ("lon", "lat") if told.get(axis) in table.columns}
    others = [axis for name, axis in names.items() if axis in table.columns and axis != name]
    return table.drop(columns=others).rename(columns=names)


class _Places(NamedTuple):
    """Shapes of a table, the columns that they are from, and what is known of them."""

    shapes: ObjectArray
    columns: list[str]
    crs: int | None = None
    frame: MapFrame | None = None
    closed: BoolArray | None = None
    sexagesimal: BoolArray | None = None


def placed(table: pd.DataFrame, layer: str, report: LayerReport, *, what: str) -> Source:
    """Return a table of text with the places that its columns tell.

    Parameters
    ----------
    table : DataFrame
        Columns of text.
    layer : str
        A layer without geometry needs no place; one that is told in lon and lat becomes WGS 84.
    report : LayerReport
        Is told of the columns that were taken, where there are others.
    what : str
        Name of the file, for messages.

    Returns
    -------
    Source
        Geometry missing where it cannot be read; the CRS is EPSG:4326 for longitude and latitude
        and unknown otherwise.

    Raises
    ------
    SchemaError
        If there are no columns with a place.
    CrsError
        If the headings name a frame that is not known.
    """
    if layer in WITHOUT_SHAPES:
        return _table_without_shapes(table, what)
    found = _places(table, layer, report, what)
    frame = gpd.GeoDataFrame(
        table.drop(columns=list(set(found.columns))), geometry=found.shapes, crs=found.crs
    )
    repaired = {Message("reading.ring_closed"): found.closed,
                Message("reading.sexagesimal"): found.sexagesimal}  # fmt: skip
    placeless = not found.columns
    frames = None if found.frame is None else np.full(len(table), found.frame, dtype=object)
    done = {how: rows for how, rows in repaired.items() if rows is not None}
    return Source(frame, done, frames=frames, placeless=placeless)


def _table_without_shapes(table: pd.DataFrame, what: str) -> Source:
    """Return a table whose lon and lat, if it has them, are in WGS 84 by what the headings say."""
    pairs = place_columns(table.columns, what=what)
    lon, lat, frame = pairs[0] if pairs else ("", "", None)
    if frame is not None and frame != MapFrame.WGS84:
        there = to_wgs84(frame, parse_numbers(table[lon]), parse_numbers(table[lat]))
        texts = [["" if math.isnan(n) else repr(float(n)) for n in axis] for axis in there]
        table = table.drop(columns=[lon, lat, *{"lon", "lat"} & set(table.columns)])
        table = table.assign(lon=texts[0], lat=texts[1])
    return Source(gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=STORED_EPSG))


def _places(table: pd.DataFrame, layer: str, report: LayerReport, what: str) -> _Places:
    pairs = place_columns(table.columns, what=what)
    x, y = find_column(table.columns, X_NAMES), find_column(table.columns, Y_NAMES)
    wkt = find_column(table.columns, WKT_NAMES)
    if wkt is not None:
        shapes, closed = _from_wkt(table[wkt])
        return _Places(shapes, [wkt], closed=closed)
    if pairs:
        return _of_degrees(table, pairs, report)
    if (together := column_of_pairs(table)) is not None:
        lon, lat = (pd.Series(axis, dtype="str") for axis in split_pairs(table[together.lon]))
        said = {"column": together.lon}
        report.understand("place", Message("reading.pair_in_one_column", said))
        return _Places(_from_numbers(lon, lat)[0], [together.lon], STORED_EPSG, together.frame)
    if x is not None and y is not None:
        return _Places(_from_numbers(table[x], table[y])[0], [x, y])
    if layer in JOINED and any(name in our_columns(layer, table.columns).values()
                                for name in (KEYS[layer], "name")):  # fmt: skip
        return _Places(np.full(len(table), None, dtype=object), [], STORED_EPSG)
    raise no_places(list(map(str, table.columns)), what)


def no_places(columns: list[str], what: str) -> SchemaError:
    """Return the error for a table without columns of places."""
    return SchemaError(
        "reading.no_place_columns", name=what, columns=columns, lon="经度", lat="纬度"
    )


def _of_degrees(table: pd.DataFrame, pairs: list[PlaceColumns], report: LayerReport) -> _Places:
    best, *others = pairs
    if others:
        said = {"taken": [best.lon, best.lat], "others": [c for each in others for c in each[:2]]}
        report.understand("place", Message("reading.pair_taken", said))
    shapes, sexagesimal = _from_numbers(table[best.lon], table[best.lat])
    columns = [column for pair in pairs for column in pair[:2]]
    return _Places(shapes, columns, STORED_EPSG, best.frame, sexagesimal=sexagesimal)


def _from_numbers(x: pd.Series, y: pd.Series) -> tuple[ObjectArray, BoolArray]:
    """Return points, missing where a number cannot be read, and which were no decimal numbers."""
    pairs = np.column_stack([parse_numbers(x), parse_numbers(y)])
    shapes = np.empty(len(pairs), dtype=object)
    known = np.isfinite(pairs).all(axis=1)
    shapes[known] = shapely.points(pairs[known])
    decimal = pd.to_numeric(x, errors="coerce").notna().to_numpy()
    sexagesimal = known & ~decimal
    texts = x.astype("str").to_numpy()
    sexagesimal[sexagesimal] = [degrees_in(text) is not None for text in texts[sexagesimal]]
    return shapes, sexagesimal


def parse_numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    """Parse numbers, also with full-width digits or in degrees and minutes; NaN for the rest."""
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    folded = [
        unicodedata.normalize("NFKC", value).strip() if isinstance(value, str)
        else math.nan if isinstance(value, bool) else value
        for value in values
    ]  # fmt: skip
    parsed = pd.to_numeric(pd.Series(folded, dtype=object), errors="coerce")
    numbers = parsed.to_numpy(np.float64).copy()
    for row in np.flatnonzero(np.isnan(numbers)).tolist():
        text = folded[row]
        degrees = degrees_in(text) if isinstance(text, str) and text else None
        numbers[row] = math.nan if degrees is None else degrees
    return numbers


def _from_wkt(values: pd.Series) -> tuple[ObjectArray, BoolArray]:
    """Return shapes, missing where the text is no well-known text, and which had to be closed."""
    texts = values.tolist()
    with np.errstate(all="ignore"):  # a number beyond all is found when places are checked
        shapes = shapely.from_wkt(texts, on_invalid="fix")
        closed = shapely.is_missing(shapely.from_wkt(texts, on_invalid="ignore"))
    return shapes, closed & ~shapely.is_missing(shapes)
