"""The order in which grids are numbered: west to east, then north to south."""

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

    Parameters
    ----------
    geometries : ndarray of Polygon or MultiPolygon, shape (n,)
        Metric CRS.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in reading order. Cost n log n.

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
    last = _geometry_rank(shapes)
    return np.lexsort((last, -y, x, row)).astype(np.int64)


def _geometry_rank(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """Return the rank of each geometry among all, by its bytes."""
    order = sorted(range(len(shapes)), key=[bytes(b) for b in shapely.to_wkb(shapes)].__getitem__)
    rank = np.empty(len(shapes), dtype=np.int64)
    rank[order] = np.arange(len(shapes))
    return rank
