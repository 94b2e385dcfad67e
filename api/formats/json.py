"""Rows as JSON and features as GeoJSON.

Plain dicts and lists, ready for orjson: NaN becomes null, geometry is a ready-made JSON fragment.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely

from api.errors import UnprocessableError
from api.formats.aliases import Json
from boundaries.readers.files.limits import DEEPEST, is_too_deep
from geo.errors import InputError
from geo.messages import Message

DEGREE_DECIMALS = 7
"""Decimals of degrees: 1 cm."""


def dumps(body: object) -> bytes:
    """Return `body` as JSON, NaN as null."""
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


BODY: Final = Message("body.the_body")


def read_json(text: bytes, *, wanted: Message, what: Message = BODY) -> Any:  # noqa: ANN401 - any JSON
    """Parse JSON.

    Raises
    ------
    InputError
        If it is no JSON; the message says `what` it is and what was `wanted`.
    UnprocessableError
        If it is nested too deep (:mod:`boundaries.readers.files.limits`).
    """
    about = {"what": what, "wanted": wanted}
    too_deep = UnprocessableError({"body": Message("body.too_deep", {**about, "most": DEEPEST})})
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if _opened(text) > DEEPEST:  # it is not read to the end
            raise too_deep from None
        place = {"line": error.lineno, "column": error.colno}
        raise InputError("body.not_json", **about, **place) from None
    if is_too_deep(value):
        raise too_deep
    return value


def _opened(text: bytes) -> int:
    """Return how many brackets are open at most, those in texts among them."""
    signs = np.frombuffer(text, np.uint8)
    opened = np.isin(signs, list(b"[{")).astype(np.int64)
    opened -= np.isin(signs, list(b"]}"))
    return int(np.cumsum(opened).max(initial=0))


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
