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
