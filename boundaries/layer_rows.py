"""Whole layers as rows of a table and back, in columns rather than value by value."""

import json
from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.geometry_type import decode, encode
from boundaries.tables import GEOMETRY_COLUMN, layers
from geo.crs import STORED_EPSG
from geo.district import COLUMNS, District, Origin, empty_layer, with_demand_point

Row = tuple[Any, ...]

_DTYPES: Final = {"str": "str", "int": "int64", "float": "float64", "bool": "bool"}


def column_names(layer: str) -> list[str]:
    """Return the columns of a layer's table after ``fid`` and ``district``."""
    return [column.name for column in layers[layer].columns if column.name not in _OWN]


_OWN: Final = ("fid", "district")


def to_rows(layer: str, frame: pd.DataFrame) -> list[Row]:
    """Return a conformed frame (EPSG:4326) as rows of :func:`column_names`.

    Parameters
    ----------
    layer : str
        Name of the layer.
    frame : DataFrame, n rows
        As :func:`geo.district.conform_layer` gives it.

    Returns
    -------
    list of tuple, length n
        Plain Python values; geometry as GeoPackage binary.
    """
    columns: list[Sequence[Any]] = [frame[name].tolist() for name in COLUMNS[layer]]
    if GEOMETRY_COLUMN in column_names(layer):
        columns.append(encode(frame.geometry.to_numpy()))
    return list(zip(*columns, strict=True))


def to_frame(layer: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Return rows of :func:`column_names` as a conformed frame (EPSG:4326), in their order.

    A demand point that a foreign editor cleared or left out is worked out from the geometry.
    """
    if not rows:
        empty: pd.DataFrame = empty_layer(layer)
        return empty
    columns = list(zip(*rows, strict=True))
    data = {
        name: _series(kind, columns[i]) for i, (name, kind) in enumerate(COLUMNS[layer].items())
    }
    if GEOMETRY_COLUMN not in column_names(layer):
        return pd.DataFrame(data)
    frame = gpd.GeoDataFrame(data, geometry=decode(columns[-1]), crs=STORED_EPSG)
    complete: pd.DataFrame = _with_lost_demand_points(frame)
    return complete


def _series(kind: str, values: Sequence[Any]) -> pd.Series:
    if kind == "str?":
        return pd.Series(values, dtype=object)
    if kind == "str":
        return pd.Series(values, dtype="str")
    return pd.Series(np.array(values, dtype=_DTYPES[kind]))


def _with_lost_demand_points(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if "lon" not in frame.columns:
        return frame
    lost = frame["lon"].isna() | frame["lat"].isna()
    if lost.any():
        found = with_demand_point(frame[lost])
        frame.loc[lost, ["lon", "lat"]] = found[["lon", "lat"]]
    return frame


def district_values(district: District) -> dict[str, Any]:
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
        GEOMETRY_COLUMN: encode([district.boundary])[0],
    }


def to_district(values: dict[str, Any]) -> District:
    """Return the district of a row whose geometry is GeoPackage binary."""
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
