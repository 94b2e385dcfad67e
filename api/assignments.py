"""A batch of points to grid codes: item by item, one bad point never spoils the others."""

import math
from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from api.problems import TooLargeError
from api.snapshot import Snapshot
from geo.assign import assign
from geo.crs import project_points
from geo.errors import InputError

STATUSES: Final = ("inside", "on_border", "outside", "invalid")

NOT_AN_OBJECT: Final = "not_an_object"
NOT_A_NUMBER: Final = "not_a_number"
SWAPPED: Final = "lon_and_lat_swapped"
OFF_THE_MAP: Final = "off_the_map"
IN_NO_GRID: Final = "in_no_grid"
REASONS: Final = (NOT_AN_OBJECT, NOT_A_NUMBER, SWAPPED, OFF_THE_MAP, IN_NO_GRID)
"""Why an item is ``invalid`` or ``outside``; empty for the others."""


def read_points(body: bytes, *, limit: int) -> list[Any]:
    """Return the items of ``{"points": [...]}``, whatever each of them is.

    Raises
    ------
    InputError
        If the body is not JSON of that shape.
    TooLargeError
        If there are more than `limit` items.
    """
    wanted = 'wanted {"points": [{"id": ..., "lon": degrees, "lat": degrees}, ...]}'
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The body is not JSON ({error}); {wanted}.") from None
    if not isinstance(document, dict) or not isinstance(document.get("points"), list):
        raise InputError(f"The body has no list of points; {wanted}.")
    points: list[Any] = document["points"]
    if len(points) > limit:
        raise TooLargeError(
            f"Got {len(points)} points; wanted at most {limit} at once. Send them in parts."
        )
    return points


def check_point(item: object) -> tuple[float, float, str]:
    """Return lon, lat and an empty reason, or NaN, NaN and why the item is invalid."""
    if not isinstance(item, dict):
        return math.nan, math.nan, NOT_AN_OBJECT
    lon, lat = _number(item.get("lon")), _number(item.get("lat"))
    if math.isnan(lon) or math.isnan(lat):
        return math.nan, math.nan, NOT_A_NUMBER
    if -180 <= lon <= 180 and -80 <= lat <= 84:  # noqa: PLR2004 - as geo.crs.metric_epsg
        return lon, lat, ""
    if -180 <= lat <= 180 and -80 <= lon <= 84:  # noqa: PLR2004
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
    reasons = [row[2] for row in checked]
    good = np.array([not reason for reason in reasons], np.bool_)
    found: list[dict[str, Any]] = [
        {"large": None, "medium": None, "small": None, "status": "invalid"} for _ in items
    ]
    for row, codes in zip(
        np.flatnonzero(good), _codes(snapshot, lon[good], lat[good]), strict=True
    ):
        found[row] = codes
        if codes["status"] == "outside":
            reasons[row] = IN_NO_GRID
    told = [
        {"id": item.get("id") if isinstance(item, dict) else None, **codes, "reason": reason}
        for item, codes, reason in zip(items, found, reasons, strict=True)
    ]
    counts = Counter(item["status"] for item in told)
    return {
        "district": snapshot.district.code,
        "revision": snapshot.district.revision,
        "synthetic": str(snapshot.district.origin) == "synthetic",
        "items": told,
        "counts": {status: counts[status] for status in STATUSES},
    }


def _codes(
    snapshot: Snapshot, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> list[dict[str, Any]]:
    if not len(lon):
        return []
    xy = project_points(lon, lat, snapshot.district.epsg)
    table = assign(snapshot.metric.grids, xy[:, 0], xy[:, 1], nearest=False)
    columns = [
        table[name].to_numpy(dtype=object) for name in ("large", "medium", "small", "status")
    ]
    return [
        {
            "large": large if isinstance(large, str) else None,
            "medium": medium if isinstance(medium, str) else None,
            "small": small if isinstance(small, str) else None,
            "status": str(status),
        }
        for large, medium, small, status in zip(*columns, strict=True)
    ]
