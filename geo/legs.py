"""Access legs, compiled: to the nearest point of a segment, and past the barriers or not (Numba).

Everything is measured from where the place stands, so that nothing is lost in large coordinates and
a leg is the same to the last bit whatever else there is.
"""

from typing import Final, NamedTuple

import numba as nb
import numpy as np

from geo.arrays import FloatArray
from geo.segments import Buckets, Segments

LINK_LIMIT_M: Final = 200.0
"""Longest access leg, metres, inclusive (ARCHITECTURE: what coverage means, 1)."""

_SHRINK_M: Final = 0.01
"""A leg may touch a barrier with its two ends (a gate stands in its wall); each end is drawn in by
this much, metres, before crossing is tested."""


class Foot(NamedTuple):
    """Nearest point of a segment, seen from a place; its square distance; its share of the way."""

    east: float
    north: float
    square: float
    share: float


@nb.njit(cache=True, nogil=True)
def foot_on(ends: FloatArray, s: int, x: float, y: float) -> Foot:
    """Return the nearest point of a segment, one of `ends`, to a place."""
    to_x, to_y = ends[s, 0] - x, ends[s, 1] - y
    dx, dy = ends[s, 2] - ends[s, 0], ends[s, 3] - ends[s, 1]
    square = dx * dx + dy * dy
    share = -(to_x * dx + to_y * dy) / square if square > 0 else 0.0
    if share <= 0:
        share = 0.0
    elif share >= 1:
        to_x, to_y, share = ends[s, 2] - x, ends[s, 3] - y, 1.0
    else:
        to_x, to_y = to_x + share * dx, to_y + share * dy
    return Foot(to_x, to_y, to_x * to_x + to_y * to_y, share)


@nb.njit(cache=True, nogil=True)
def beyond_reach(x: float, y: float, b: Buckets) -> bool:
    """Say whether a place (or no place, NaN) is beyond the limit of all that is in buckets."""
    east, north = b.west + b.columns * b.size, b.south + b.rows * b.size
    across = b.west - LINK_LIMIT_M <= x <= east + LINK_LIMIT_M
    return not (b.rows > 0 and across and b.south - LINK_LIMIT_M <= y <= north + LINK_LIMIT_M)


@nb.njit(cache=True, nogil=True)
def _window(
    west: float, south: float, east: float, north: float, b: Buckets
) -> tuple[int, int, int, int]:
    """Return the first and last row and the first and last column of the buckets in a box."""
    low = max(int(np.floor((south - b.south) / b.size)), 0)
    high = min(int(np.floor((north - b.south) / b.size)), b.rows - 1)
    first = max(int(np.floor((west - b.west) / b.size)), 0)
    last = min(int(np.floor((east - b.west) / b.size)), b.columns - 1)
    return low, high, first, last


@nb.njit(cache=True, nogil=True)
def buckets_around(x: float, y: float, metres: float, b: Buckets) -> tuple[int, int, int, int]:
    """As :func:`_window`, for all that lies within some metres of a place."""
    return _window(x - metres, y - metres, x + metres, y + metres, b)


@nb.njit(cache=True, nogil=True)
def _side(ax: float, ay: float, bx: float, by: float) -> float:
    """Return on which side of the way to `a` the place `b` lies, as a signed area."""
    return ax * by - ay * bx


@nb.njit(cache=True, nogil=True)
def _meets(  # noqa: PLR0917 - numbers, in a kernel
    x1: float, y1: float, x2: float, y2: float, to_x: float, to_y: float
) -> bool:
    """Say whether a wall touches the way from the origin to a place."""
    if max(x1, x2) < min(0.0, to_x) or max(0.0, to_x) < min(x1, x2):
        return False
    if max(y1, y2) < min(0.0, to_y) or max(0.0, to_y) < min(y1, y2):
        return False
    if _side(to_x, to_y, x1, y1) * _side(to_x, to_y, x2, y2) > 0:
        return False
    dx, dy = x2 - x1, y2 - y1
    return _side(dx, dy, -x1, -y1) * _side(dx, dy, to_x - x1, to_y - y1) <= 0


@nb.njit(cache=True, nogil=True)
def visible(x: float, y: float, to_x: float, to_y: float, walls: Segments) -> bool:
    """Say whether no barrier lies on a leg, given by its start and its way; its ends may touch."""
    b = walls.buckets
    length = np.sqrt(to_x * to_x + to_y * to_y)
    if length <= 3 * _SHRINK_M or not b.rows:
        return True
    from_x, from_y = x + to_x * (_SHRINK_M / length), y + to_y * (_SHRINK_M / length)
    to_x, to_y = to_x * (1 - 2 * _SHRINK_M / length), to_y * (1 - 2 * _SHRINK_M / length)
    low, high, first, last = _window(
        from_x + min(to_x, 0.0), from_y + min(to_y, 0.0),
        from_x + max(to_x, 0.0), from_y + max(to_y, 0.0), b,
    )  # fmt: skip
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                x1, y1, x2, y2 = walls.ends[b.item[k]]
                if _meets(x1 - from_x, y1 - from_y, x2 - from_x, y2 - from_y, to_x, to_y):
                    return False
    return True
