"""Convert whole layers to table rows and back, column by column."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries.store.tables.layer_tables import GEOMETRY_COLUMN, GEOMETRY_KINDS
from geo.crs import STORED_EPSG
from geo.model.layers import COLUMNS, KEYS, District, Origin, empty_layer, with_demand_point

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
        columns.append(encode(frame.geometry.to_numpy()))
    return list(zip(*columns, strict=True))


def to_frame(layer: str, rows: Sequence[Row], decode: Decode) -> pd.DataFrame:
    """Return rows of :func:`column_names` as a conformed frame (EPSG:4326), by their key.

    A demand point that a foreign editor cleared or left out is worked out from the geometry.
    """
    if not rows:
        empty: pd.DataFrame = empty_layer(layer)
        return empty
    key_idx = key_position(layer)
    columns = list(zip(*sorted(rows, key=lambda row: row[key_idx]), strict=True))
    data = {
        name: column.typed(columns[i]) for i, (name, column) in enumerate(COLUMNS[layer].items())
    }
    if GEOMETRY_COLUMN not in column_names(layer):
        return pd.DataFrame(data)
    frame = gpd.GeoDataFrame(data, geometry=decode(columns[-1]), crs=STORED_EPSG)
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
        GEOMETRY_COLUMN: encode(np.array([district.boundary], dtype=object))[0],
    }


def to_district(values: Mapping[str, Any], decode: Decode) -> District:
    """Return the district of a row whose geometry is binary."""
    return District(
        code=values["code"],
        name_zh=values["name_zh"],
        name_en=values["name_en"],
        epsg=values["epsg"],
        boundary=decode([values[GEOMETRY_COLUMN]])[0],
        origin=Origin(values["origin"]),
        credits=tuple(json.loads(values["credits"])),
        note=values["note"],
        note_zh=values["note_zh"],
        revision=values["revision"],
    )
