"""Outlines of buildings: where a straight leg leaves the own one for good (Numba).

Rings stand in one array, so that a leg costs a look at the few edges of its own building.
"""

from typing import NamedTuple

import numba as nb
import numpy as np

from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.geometry.orientation import OUTSIDE, side_of_rings
from geo.geometry.point_in_polygon import edges_of_polygons
from geo.tolerances import SAME_M


class PlaceOutlines(NamedTuple):
    """Rings of the areas that n places stand in, prepared once for all legs from them.

    Attributes
    ----------
    edges : ndarray of float64, shape (e, 4)
        x and y of the lower, then of the upper end of every edge, area after area, metres.
    first : ndarray of int64, shape (a + 1,)
        Where the edges of each area begin.
    area : ndarray of int64, shape (n,)
        Of each place; -1 for one that is no area.
    """

    edges: FloatArray
    first: IntArray
    area: IntArray

    def take(self, rows: IntArray) -> "PlaceOutlines":
        """Return the outlines of the places `rows`; of -1: none."""
        return self._replace(area=np.append(self.area, -1)[rows])


def no_outlines(n: int) -> PlaceOutlines:
    """Return the outlines of n places that are points."""
    return PlaceOutlines(np.zeros((0, 4)), np.zeros(1, np.int64), np.full(n, -1))


def outlines_of(shapes: GeometryArray) -> PlaceOutlines:
    """Return the outlines of places, None or empty for none; of a shape only its areas count.

    What rings enclose an odd number of times is inside, so that no ring needs to be valid.

    Examples
    --------
    >>> import shapely
    >>> shapes = np.array([shapely.box(0, 0, 4, 2), shapely.Point(9, 9)], dtype=object)
    >>> outlines = outlines_of(shapes)
    >>> outlines.area.tolist(), len(outlines.edges)
    ([0, -1], 4)
    >>> share_within((1.0, 1.0), (12.0, 0.0), outlines, 0)
    0.25
    """
    edges, owner = edges_of_polygons(shapes)
    first = np.searchsorted(owner, np.arange(len(shapes) + 1)).astype(np.int64)
    return PlaceOutlines(edges, first, np.where(np.diff(first) > 0, np.arange(len(shapes)), -1))


@nb.njit(cache=True, nogil=True)
def share_within(
    start: tuple[float, float], way: tuple[float, float], outlines: PlaceOutlines, area: int
) -> float:
    """Return the share of a leg, given by its start and its way, before it leaves an area for good.

    1 for a leg that ends in the area or on its outline, 0 for one that never meets it.
    """
    (x, y), (to_x, to_y) = start, way
    first, last = outlines.first[area], outlines.first[area + 1]
    if side_of_rings(x + to_x, y + to_y, outlines.edges, first, last) != OUTSIDE:
        return 1.0
    square = to_x * to_x + to_y * to_y
    most = 1.0 + SAME_M / np.sqrt(square) if square > 0 else 1.0
    share = 0.0
    for k in range(first, last):
        x1, y1 = outlines.edges[k, 0] - x, outlines.edges[k, 1] - y
        x2, y2 = outlines.edges[k, 2] - x, outlines.edges[k, 3] - y
        one, two = to_x * y1 - to_y * x1, to_x * y2 - to_y * x2  # sides of the leg, signed areas
        if one == two or (one < 0 and two < 0) or (one > 0 and two > 0):
            continue  # an edge along the leg ends in edges that meet it
        along = one / (one - two)
        here = ((x1 + along * (x2 - x1)) * to_x + (y1 + along * (y2 - y1)) * to_y) / square
        if share < here <= most:
            share = here
    return min(share, 1.0)
