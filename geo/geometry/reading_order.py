"""The order in which grids are numbered: west to east, then north to south."""

import heapq
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

_ROW_SHARE: Final = 0.5
"""A grid opens a new row when it lies this share of the median height below the row's first."""


def reading_order(geometries: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the order west to east, then north to south, as text is read.

    Grids stand for their centroids. From the northernmost on, grids form a row as long as they lie
    less than half the median height of all (of their bounding boxes) below the first of the row;
    the next one opens a new row. Inside a row the order is by x, then by y from the north; what
    still ties (the same centroid) goes by geometry, so the input's order never matters.

    Grids of unlike height fit no rows, so neighbours decide first: of two that lie beside each
    other the one in the west comes first, of two that lie above each other the one in the north;
    rows order the others. They lie so if their bounding boxes share more than half of the lower
    height (of the lesser width), and no more than half the other way.

    Parameters
    ----------
    geometries : ndarray of Polygon or MultiPolygon, shape (n,)
        Metric CRS.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in reading order. Cost n^2, of grids of one parent.

    Examples
    --------
    ::

        +---+   +---+          the middle one lies 0.2 lower: less than half of 1,
        | 1 |---| 3 |          so it is in the same row
        +---| 2 |---+
        | 4 +---+ 5 |
        +---+   +---+

    >>> from shapely import box
    >>> at = [(0, 1), (1, 0.8), (2, 1), (0, 0), (2, 0)]
    >>> reading_order(np.array([box(x, y, x + 1, y + 1) for x, y in at])).tolist()
    [0, 1, 2, 3, 4]
    """
    if len(geometries) == 0:
        return np.empty(0, dtype=np.int64)
    # The last bits of a centroid depend on where a ring starts: normalise, then nothing does.
    shapes = shapely.normalize(geometries)
    centre = shapely.centroid(shapes)
    x, y = shapely.get_x(centre), shapely.get_y(centre)
    bounds = shapely.bounds(shapes)
    depth = _ROW_SHARE * float(np.median(bounds[:, 3] - bounds[:, 1]))
    row = np.empty(len(shapes), dtype=np.int64)
    current, first = -1, np.inf
    for place in np.argsort(-y, kind="stable"):
        if first - y[place] >= depth:
            current, first = current + 1, y[place]
        row[place] = current
    by_row = np.lexsort((_geometry_rank(shapes), -y, x, row)).astype(np.int64)
    return by_row[_neighbours_first(bounds[by_row], x[by_row], y[by_row])]


def _neighbours_first(
    bounds: npt.NDArray[np.float64], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return an order in which neighbours in the west and in the north come first.

    Of those that nothing precedes the first in the order given is next. Where some precede one
    another in a ring (a pinwheel), the first in the order given breaks it.
    """
    before = _precedes(bounds, x, y)
    waits = before.sum(axis=0)
    free = [int(place) for place in np.flatnonzero(waits == 0)]
    heapq.heapify(free)
    left = dict.fromkeys(range(len(x)))
    order = []
    while left:
        place = heapq.heappop(free) if free else next(iter(left))
        if place not in left:
            continue
        del left[place]
        order.append(place)
        waits[before[place]] -= 1
        for other in np.flatnonzero(before[place] & (waits == 0)):
            heapq.heappush(free, int(other))
    return np.array(order, dtype=np.int64)


def _precedes(
    bounds: npt.NDArray[np.float64], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return whether each (row) lies beside another (column) in its west, or above it."""
    wide, high = (
        np.minimum(bounds[:, None, end], bounds[None, :, end])
        - np.maximum(bounds[:, None, start], bounds[None, :, start])
        for start, end in ((0, 2), (1, 3))
    )
    size = bounds[:, 2:] - bounds[:, :2]
    least = np.minimum(size[:, None], size[None])
    shares_width = wide > _ROW_SHARE * least[:, :, 0]
    shares_height = high > _ROW_SHARE * least[:, :, 1]
    beside = shares_height & ~shares_width & (x[:, None] < x[None])
    above = shares_width & ~shares_height & (y[:, None] > y[None])
    result: npt.NDArray[np.bool_] = beside | above
    return result


def _geometry_rank(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the rank of each geometry among all, by its bytes."""
    order = sorted(range(len(shapes)), key=[bytes(b) for b in shapely.to_wkb(shapes)].__getitem__)
    rank = np.empty(len(shapes), dtype=np.int64)
    rank[order] = np.arange(len(shapes))
    return rank
