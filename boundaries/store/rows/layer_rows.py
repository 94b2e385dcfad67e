"""Convert whole layers to table rows and back, column by column."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely.geometry.base import BaseGeometry

from boundaries.store.tables import layer_tables
from boundaries.store.tables.geometry_type import promoted, single
from boundaries.store.tables.layer_tables import GEOMETRY_COLUMN, GEOMETRY_KINDS
from geo.crs import STORED_EPSG
from geo.errors import FileFormatError, SchemaError
from geo.model.layer_columns import COLUMNS, KEYS
from geo.model.layers import District, empty_layer, with_demand_point
from geo.model.vocabulary import Origin

Row = tuple[Any, ...]
Encode = Callable[[npt.NDArray[np.object_]], list[bytes]]
Decode = Callable[[Sequence[bytes]], npt.NDArray[np.object_]]


@dataclass(frozen=True, slots=True)
class Codec:
    """How a database writes geometry, and how it is read."""

    encode: Encode
    decode: Decode


def column_names(layer: str) -> list[str]:
    """Return the columns of a layer's table that its frame has; geometry is the last."""
    geometry = [GEOMETRY_COLUMN] if layer in GEOMETRY_KINDS else []
    return [*COLUMNS[layer], *geometry]


def key_position(layer: str) -> int:
    """Return where the key of a layer stands in :func:`column_names`."""
    return column_names(layer).index(KEYS[layer])


def to_rows(layer: str, frame: pd.DataFrame, encode: Encode) -> list[Row]:
    """Return a conformed frame (EPSG:4326) as rows of :func:`column_names`.

    Parameters
    ----------
    layer : str
        Name of the layer.
    frame : DataFrame, n rows
        As :func:`geo.model.layers.conform_layer` gives it.
    encode : callable
        Writes geometry as the database takes it (:mod:`boundaries.store.tables.geometry_type`).

    Returns
    -------
    list of tuple, length n
        Plain Python values; geometry as binary.
    """
    columns: list[Sequence[Any]] = [
        column.plain(frame[name]) for name, column in COLUMNS[layer].items()
    ]
    if GEOMETRY_COLUMN in column_names(layer):
        shapes = frame.geometry.to_numpy()
        is_promoted = layer_tables.is_promoted(layer_tables.layers[layer])
        columns.append(encode(promoted(shapes) if is_promoted else shapes))
    return list(zip(*columns, strict=True))


def to_frame(layer: str, rows: Sequence[Row], decode: Decode) -> pd.DataFrame:
    """Return rows of :func:`column_names` as a conformed frame (EPSG:4326), by their key.

    A demand point that a foreign editor cleared or left out is worked out from the geometry.

    Raises
    ------
    SchemaError
        If a value is not of its column's type.
    FileFormatError
        If a geometry cannot be read.
    """
    if not rows:
        empty: pd.DataFrame = empty_layer(layer)
        return empty
    key_idx = key_position(layer)
    try:
        columns = list(zip(*sorted(rows, key=lambda row: row[key_idx]), strict=True))
        data = {
            name: column.typed(columns[i])
            for i, (name, column) in enumerate(COLUMNS[layer].items())
        }
    except (TypeError, ValueError, OverflowError) as error:
        raise SchemaError("rows.value_of_other_type", layer=layer, reason=str(error)) from error
    if GEOMETRY_COLUMN not in column_names(layer):
        return pd.DataFrame(data)
    shapes = decode(columns[-1])
    if layer_tables.is_promoted(layer_tables.layers[layer]):
        shapes = single(shapes)
    frame = gpd.GeoDataFrame(data, geometry=shapes, crs=STORED_EPSG)
    complete: pd.DataFrame = _with_lost_demand_points(frame)
    return complete


def _with_lost_demand_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "lon" not in frame.columns:
        return frame
    lost = frame["lon"].isna() | frame["lat"].isna()
    if lost.any():
        points = with_demand_point(frame[lost])
        frame.loc[lost, ["lon", "lat"]] = points[["lon", "lat"]]
    return frame


def district_values(district: District, encode: Encode) -> dict[str, Any]:
    """Return the values of a district's row, without its revision."""
    return {
        "code": district.code,
        "name_zh": district.name_zh,
        "name_en": district.name_en,
        "epsg": int(district.epsg),
        "origin": str(district.origin),
        "credits": json.dumps(district.credits, ensure_ascii=False),
        "note": district.note,
        "note_zh": district.note_zh,
        "settings": district.settings,
        GEOMETRY_COLUMN: encoded_boundary(district.boundary, encode),
    }


def encoded_boundary(boundary: BaseGeometry, encode: Encode) -> bytes:
    """Return the boundary of a district as its table holds it."""
    return encode(promoted(np.array([boundary], dtype=object)))[0]


def to_district(values: Mapping[str, Any], decode: Decode) -> District:
    """Return the district of a row whose geometry is binary.

    Raises
    ------
    FileFormatError
        If another program left no boundary that can be read.
    """
    try:
        boundary = single(decode([values[GEOMETRY_COLUMN]]))[0]
    except FileFormatError as error:
        code = values["code"]
        raise FileFormatError(
            "rows.boundary_of_district", code=code, fault=error.message
        ) from error
    return District(
        code=values["code"],
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        epsg=values["epsg"],
        boundary=boundary,
        origin=Origin(values["origin"]),
        credits=tuple(json.loads(values["credits"])),
        note=values["note"],
        note_zh=values["note_zh"],
        settings=values["settings"],
        revision=values["revision"],
    )
