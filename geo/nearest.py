"""The street nearest to a place, among segments in buckets (Numba).

A place looks through the buckets around it, ring after ring; where barriers hide what is nearest,
through all that is within the limit.
"""

from typing import Final, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.legs import LINK_LIMIT_M, beyond_reach, buckets_around, foot_on, visible
from geo.segments import Segments

_NEAR: Final = float(np.nextafter(LINK_LIMIT_M**2, np.inf))
"""Squares below this are within the limit."""

SAME_M: Final = 1e-6
"""Edges are at the same distance where that differs by no more than this, metres: streets that are
drawn one upon the other, up to rounding."""

NONE: Final = -1
"""No segment."""

Standing = npt.NDArray[np.uint8]


class Found(NamedTuple):
    """A segment, :data:`NONE` for none; squares of its distance and of that of the next one.

    Where there is none, a square is :data:`_NEAR` or more.
    """

    s: int
    square: float
    rival: float


@nb.njit(cache=True, nogil=True)
def _nearer(  # noqa: PLR0917 - a kernel
    x: float,
    y: float,
    streets: Segments,
    standing: Standing,
    wanted: int,
    bucket: int,
    found: Found,
) -> Found:
    """Return what has been found, or what is nearer in a bucket."""
    s, best, rival = found
    for k in range(streets.buckets.start[bucket], streets.buckets.start[bucket + 1]):
        here = streets.buckets.item[k]
        square = foot_on(streets.ends, here, x, y).square
        if square < rival and standing[streets.edge[here]] == wanted:
            if square < best:
                s, best, rival = here, square, best
            elif here != s:  # it may pass several buckets
                rival = square
    return Found(s, best, rival)


@nb.njit(cache=True, nogil=True)
def nearest(x: float, y: float, streets: Segments, standing: Standing, wanted: int) -> Found:
    """Find the nearest segment of edges of one standing."""
    b = streets.buckets
    found = Found(NONE, _NEAR, np.inf)
    if beyond_reach(x, y, b):
        return found
    row, column = int(np.floor((y - b.south) / b.size)), int(np.floor((x - b.west) / b.size))
    to_side = min(x - b.west - column * b.size, b.west + (column + 1) * b.size - x)
    to_side = min(to_side, y - b.south - row * b.size, b.south + (row + 1) * b.size - y)
    ring = 0
    while True:
        away = (ring - 1) * b.size + to_side - SAME_M  # nothing in this ring is nearer
        if ring > 0 and away > 0 and away * away > found.square:
            return found
        for r in range(max(row - ring, 0), min(row + ring, b.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else max(2 * ring, 1)
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < b.columns:
                    found = _nearer(x, y, streets, standing, wanted, r * b.columns + c, found)
        ring += 1


@nb.njit(cache=True, nogil=True)
def nearest_visible(  # noqa: PLR0917 - a kernel
    x: float, y: float, streets: Segments, standing: Standing, walls: Segments, wanted: int
) -> Found:
    """Find the nearest segment of edges of one standing whose nearest point is visible."""
    b = streets.buckets
    best, found = _NEAR, NONE
    if beyond_reach(x, y, b):
        return Found(found, best, best)
    low, high, first, last = buckets_around(x, y, LINK_LIMIT_M, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                foot = foot_on(streets.ends, s, x, y)
                if (
                    foot.square < best
                    and standing[streets.edge[s]] == wanted
                    and visible(x, y, foot.east, foot.north, walls)
                ):
                    best, found = foot.square, s
    return Found(found, best, best)


@nb.njit(cache=True, nogil=True)
def lowest(  # noqa: PLR0917 - a kernel
    x: float,
    y: float,
    streets: Segments,
    standing: Standing,
    walls: Segments,
    wanted: int,
    metres: float,
) -> int:
    """Return the segment, of the first edge that is visible within some metres, that is nearest."""
    b = streets.buckets
    edge, best, found = len(standing), np.inf, NONE
    if beyond_reach(x, y, b):
        return found
    low, high, first, last = buckets_around(x, y, metres, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                foot = foot_on(streets.ends, s, x, y)
                if foot.square > metres * metres:
                    continue
                of = streets.edge[s]
                nearer = foot.square < best or (foot.square == best and s < found)
                if (
                    (of < edge or (of == edge and nearer))
                    and standing[of] == wanted
                    and visible(x, y, foot.east, foot.north, walls)
                ):
                    edge, best, found = of, foot.square, s
    return found
