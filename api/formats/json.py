"""Rows as JSON and features as GeoJSON.

Plain dicts and lists, ready for orjson: NaN becomes null, geometry is a ready-made JSON fragment.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from api.formats.aliases import Json

DEGREE_DECIMALS = 7
"""Decimals of degrees: 1 cm."""


def dumps(body: object) -> bytes:
    """Return `body` as JSON, NaN as null."""
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def records(frame: pd.DataFrame) -> list[Json]:
    """Return the rows of `frame` as dicts, every missing value as None."""
    columns = [_values(frame[name]) for name in frame.columns]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: "pd.Series[Any]") -> list[Any]:
    """Return the values of a column as plain Python values, every missing one as None."""
    missing = column.isna().to_numpy()
    values: list[Any] = column.tolist()
    if missing.any():
        return [None if gone else value for gone, value in zip(missing, values, strict=True)]
    return values


def geometries(shapes: Iterable[Any]) -> list[orjson.Fragment | None]:
    """Return GeoJSON geometries, degrees rounded to 7 decimals (1 cm)."""
    rounded = shapely.transform(
        np.asarray(shapes, object), lambda xy: np.round(xy, DEGREE_DECIMALS)
    )
    return [None if text is None else orjson.Fragment(text) for text in shapely.to_geojson(rounded)]


def features(
    frame: gpd.GeoDataFrame, properties: pd.DataFrame, *, ids: Sequence[Any]
) -> list[Json]:
    """Return GeoJSON features; `frame` in EPSG:4326, `properties` on its rows."""
    rows = zip(ids, records(properties), geometries(frame.geometry.array), strict=True)
    return [
        {"type": "Feature", "id": i, "properties": row, "geometry": shape} for i, row, shape in rows
    ]


def bboxes(frame: gpd.GeoDataFrame) -> list[list[float]]:
    """Return ``[west, south, east, north]`` of each geometry, degrees."""
    rows: list[list[float]] = np.round(frame.geometry.bounds.to_numpy(), DEGREE_DECIMALS).tolist()
    return rows


def number(value: float) -> float | int:
    """Return `value` as an int where it is one: 15 rather than 15.0."""
    return int(value) if float(value).is_integer() else float(value)


def collection(rows: Sequence[Json], about: Json) -> Json:
    """Return a GeoJSON FeatureCollection with its provenance."""
    return {"type": "FeatureCollection", "features": list(rows), "lifecircle": about}
