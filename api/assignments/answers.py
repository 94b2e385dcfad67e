"""Assign a batch of points to grids; an invalid point does not affect the others."""

import math
from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from api.errors import TooLargeError
from api.formats.json import read_json
from api.snapshot.district import Snapshot
from geo.crs import project_points
from geo.errors import InputError
from geo.grids.assign import assign
from geo.messages import Message

STATUSES: Final = ("inside", "on_border", "outside", "invalid")
NOT_AN_OBJECT: Final = "not_an_object"
NOT_A_NUMBER: Final = "not_a_number"
SWAPPED: Final = "lon_and_lat_swapped"
OFF_THE_MAP: Final = "off_the_map"
IN_NO_GRID: Final = "in_no_grid"
REASONS: Final = (NOT_AN_OBJECT, NOT_A_NUMBER, SWAPPED, OFF_THE_MAP, IN_NO_GRID)
"""Why an item is ``invalid`` or ``outside``; empty for the others."""

_POINTS: Final = Message("assignments.points")
_EAST, _SOUTH, _NORTH = 180, -80, 84  # as geo.crs.metric_epsg


def read_items(body: bytes, *, limit: int) -> list[Any]:
    """Return the items of ``{"points": [...]}``; each is checked later.

    Raises
    ------
    InputError
        If the body is not JSON of that shape.
    TooLargeError
        If there are more than `limit` items.
    """
    document = read_json(body, wanted=_POINTS)
    if not isinstance(document, dict) or not isinstance(document.get("points"), list):
        raise InputError("assignments.no_list", wanted=_POINTS)
    points: list[Any] = document["points"]
    if len(points) > limit:
        raise TooLargeError("assignments.too_many", n=len(points), most=limit)
    return points


def check_point(item: object) -> tuple[float, float, str]:
    """Return lon, lat and an empty reason, or NaN, NaN and why the item is invalid."""
    if not isinstance(item, dict):
        return math.nan, math.nan, NOT_AN_OBJECT
    lon, lat = _number(item.get("lon")), _number(item.get("lat"))
    if math.isnan(lon) or math.isnan(lat):
        return math.nan, math.nan, NOT_A_NUMBER
    if abs(lon) <= _EAST and _SOUTH <= lat <= _NORTH:
        return lon, lat, ""
    if abs(lat) <= _EAST and _SOUTH <= lon <= _NORTH:
        return math.nan, math.nan, SWAPPED
    return math.nan, math.nan, OFF_THE_MAP


def _number(value: object) -> float:
    """Return a JSON number; NaN for anything else, true and false included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value)


def assign_points(snapshot: Snapshot, items: list[Any]) -> dict[str, Any]:
    """Return the answer: each item's grid codes, status and reason, in the order given."""
    checked = [check_point(item) for item in items]
    lon, lat = (np.array([row[i] for row in checked], np.float64) for i in (0, 1))
    table = place_points(snapshot, lon, lat, reason=np.array([row[2] for row in checked], object))
    ids = [item.get("id") if isinstance(item, dict) else None for item in items]
    rows = table.to_dict("records")
    answered = [
        {
            "id": id_,
            **row,
            "distance_m": None if math.isnan(row["distance_m"]) else row["distance_m"],
        }
        for id_, row in zip(ids, rows, strict=True)
    ]
    return {
        "district": snapshot.district.code,
        "revision": snapshot.district.revision,
        "synthetic": str(snapshot.district.origin) == "synthetic",
        "items": answered,
        "counts": count_statuses(table),
    }


def place_points(
    snapshot: Snapshot,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    *,
    reason: npt.NDArray[np.object_] | None = None,
) -> pd.DataFrame:
    """Return grid codes, status and reason of points.

    Parameters
    ----------
    snapshot : Snapshot
    lon, lat : ndarray of float64, shape (n,)
        Degrees, EPSG:4326.
    reason : ndarray of str, shape (n,), optional
        Why points are invalid, empty for those that are not; else it is told from the numbers.

    Returns
    -------
    DataFrame
        `large`, `medium`, `small`, `status`, `reason`; `nearest` grid and `distance_m` to it for
        points outside. Index 0..n-1. A large grid is a community.
    """
    why = _reasons(lon, lat) if reason is None else reason
    good = why == ""
    xy = project_points(
        np.where(good, lon, np.nan), np.where(good, lat, np.nan), snapshot.district.epsg
    )
    table = assign(snapshot.metric.grids, xy[:, 0], xy[:, 1])
    why = np.where(table["status"] == "outside", IN_NO_GRID, why)
    placed = ["large", "medium", "small", "status"]
    codes = {name: _or_none(table[name]) for name in (*placed, "nearest")}
    return pd.DataFrame(
        {
            **{name: codes[name] for name in placed},
            "reason": pd.Series(why, dtype=object),
            "nearest": codes["nearest"],
            "distance_m": np.round(table["distance_m"].to_numpy(), 2),
        }
    )


def count_statuses(table: pd.DataFrame) -> dict[str, int]:
    """Return how many points have each status."""
    counts = Counter(table["status"])
    return {status: counts[status] for status in STATUSES}


def _reasons(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    """Return why pairs of numbers are invalid, by the rules of :func:`check_point`."""
    right = (np.abs(lon) <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    swapped = (np.abs(lat) <= _EAST) & (lon >= _SOUTH) & (lon <= _NORTH)
    reasons = np.select(
        [np.isnan(lon) | np.isnan(lat), right, swapped], [NOT_A_NUMBER, "", SWAPPED], OFF_THE_MAP
    )
    return reasons.astype(object)


def _or_none(values: pd.Series) -> pd.Series:
    return pd.Series([value if isinstance(value, str) else None for value in values], dtype=object)
