"""Straight segments of streets and barriers, sorted into square buckets (Numba).

What is found among segments does not depend on the buckets: coordinates stay as they are in the CRS
and every segment is kept by itself, so the same line gives the same numbers in any network.
"""

from typing import Any, Final, NamedTuple

import numba as nb
import numpy as np
import shapely

from geo.arrays import FloatArray, GeometryArray, IndexArray, IntArray

_BUCKET_M: Final = 50.0
"""Narrowest bucket, metres."""

_BUCKETS_EACH: Final = 32
"""Most buckets for each segment; where segments are sparse, buckets are wider."""

_MOST_BUCKETS: Final = 4_000_000


class Buckets(NamedTuple):
    """Square buckets, row by row from the south-west, and the items in each."""

    west: float
    south: float
    size: float
    rows: int
    columns: int
    start: IndexArray
    item: IndexArray


class Segments(NamedTuple):
    """Straight parts of streets or barriers, metres in the network's CRS.

    ``edge`` and ``along`` are the walk edge that a segment is part of, and where on that edge it
    starts, metres; barriers leave them 0.
    """

    ends: FloatArray
    edge: IndexArray
    along: FloatArray
    buckets: Buckets


def segments_of(lines: GeometryArray, *, edge: IntArray, offset_m: FloatArray) -> Segments:
    """Cut lines into straight segments, in the order of the lines.

    Parameters
    ----------
    lines : ndarray of LineString or MultiLineString, shape (n,)
    edge : ndarray of int64, shape (n,)
        That each line is part of.
    offset_m : ndarray of float64, shape (n,)
        Where on its edge each line starts, metres.
    """
    parts, of_part = lines, np.arange(len(lines))
    if (shapely.get_num_geometries(lines) > 1).any():
        parts, of_part = shapely.get_parts(lines, return_index=True)
    at, of = shapely.get_coordinates(parts, return_index=True)
    same = np.flatnonzero(of[1:] == of[:-1])
    ends = np.hstack([at[same], at[same + 1]])
    line = of_part[of[same]]
    return Segments(
        ends=ends,
        edge=edge[line].astype(np.int32),
        along=_along(ends, line, offset_m),
        buckets=bucketed(ends),
    )


@nb.njit(cache=True, nogil=True)
def _along(ends: FloatArray, line: IntArray, offset_m: FloatArray) -> FloatArray:
    """Return where on its edge each segment starts, metres."""
    along = np.empty(len(line))
    for s in range(len(line)):
        if s == 0 or line[s] != line[s - 1]:
            along[s] = offset_m[line[s]]
        else:
            x1, y1, x2, y2 = ends[s - 1]
            along[s] = along[s - 1] + np.hypot(x2 - x1, y2 - y1)
    return along


def bucketed(ends: FloatArray) -> Buckets:
    """Return the buckets of segments, given by their two ends, shape (n, 4)."""
    if not len(ends):
        return Buckets(0.0, 0.0, 1.0, 0, 0, np.zeros(1, np.int32), np.zeros(0, np.int32))
    west, east = float(ends[:, ::2].min()), float(ends[:, ::2].max())
    south, north = float(ends[:, 1::2].min()), float(ends[:, 1::2].max())
    most = min(_BUCKETS_EACH * len(ends), _MOST_BUCKETS)
    size = max(_BUCKET_M, float(np.sqrt((east - west) * (north - south) / most)))
    frame = Buckets(
        west, south, size, int((north - south) / size) + 1, int((east - west) / size) + 1,
        np.zeros(0, np.int32), np.zeros(0, np.int32),
    )  # fmt: skip
    start, item = _fill_buckets(ends, frame)
    return frame._replace(start=start, item=item)


@nb.njit(cache=True, nogil=True)
def _columns(ends: FloatArray, s: int, row: int, frame: Buckets) -> tuple[int, int]:
    """Return the first and last column that a segment passes in a row of buckets."""
    x1, y1, x2, y2 = ends[s, 0], ends[s, 1], ends[s, 2], ends[s, 3]
    one, two = x1, x2
    if y1 != y2:
        pad = 1e-6 * frame.size
        below = (frame.south + row * frame.size - pad - y1) / (y2 - y1)
        above = (frame.south + (row + 1) * frame.size + pad - y1) / (y2 - y1)
        one = x1 + (x2 - x1) * min(max(below, 0.0), 1.0)
        two = x1 + (x2 - x1) * min(max(above, 0.0), 1.0)
    first = int((min(one, two) - frame.west) / frame.size - 1e-6)
    last = int((max(one, two) - frame.west) / frame.size + 1e-6)
    return min(max(first, 0), frame.columns - 1), min(max(last, 0), frame.columns - 1)


@nb.njit(cache=True, nogil=True)
def _rows(ends: FloatArray, s: int, frame: Buckets) -> tuple[int, int]:
    """Return the first and last row of buckets that a segment passes."""
    low, high = min(ends[s, 1], ends[s, 3]), max(ends[s, 1], ends[s, 3])
    first = int((low - frame.south) / frame.size - 1e-6)
    last = int((high - frame.south) / frame.size + 1e-6)
    return min(max(first, 0), frame.rows - 1), min(max(last, 0), frame.rows - 1)


@nb.njit(cache=True, nogil=True)
def _fill_buckets(ends: FloatArray, frame: Buckets) -> Any:  # noqa: ANN401 - start and item
    start = np.zeros(frame.rows * frame.columns + 1, np.int32)
    item = np.zeros(0, np.int32)
    for filling in range(2):  # count, then fill
        for s in range(len(ends)):
            low, high = _rows(ends, s, frame)
            for row in range(low, high + 1):
                first, last = _columns(ends, s, row, frame)
                for bucket in range(row * frame.columns + first, row * frame.columns + last + 1):
                    if filling:
                        start[bucket] -= 1
                        item[start[bucket]] = s
                    else:
                        start[bucket] += 1
        if not filling:
            for bucket in range(1, len(start)):
                start[bucket] += start[bucket - 1]
            item = np.zeros(start[-1], np.int32)
    return start, item


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
def _side(ax: float, ay: float, bx: float, by: float) -> float:
    """Return on which side of the way to `a` the place `b` lies, as a signed area."""
    return ax * by - ay * bx


@nb.njit(cache=True, nogil=True)
def meets(  # noqa: PLR0917 - numbers, in a kernel
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
