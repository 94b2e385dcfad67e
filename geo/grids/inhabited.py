"""The box of the grids that hold demand points, worked out from the few grids at its sides.

What :func:`geo.grids.hierarchy.extent` tells of a district whose layers are at hand, for lists that
read no more than they must.
"""

from typing import Final

import numpy as np
import shapely

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.crs import project_points

Box = tuple[float, float, float, float]

_BULGE: Final = 0.05
"""How far a shape in metres may reach beyond its box in degrees, as a share of the box.

An edge that is straight in one is bent in the other: of 100 km by 0.2 % of its length.
"""

_AT_ONCE: Final = 64
"""Points of one grid for which other grids are looked at together."""


def inhabited_box(shapes: GeometryArray, lonlat: FloatArray, epsg: int) -> Box | None:
    """Return west, south, east and north of the grids that hold a point, degrees; None if none do.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        Grids of one level by their code, EPSG:4326. A point belongs to the first that covers it.
    lonlat : ndarray of float64, shape (p, 2)
        Degrees; those that are not finite are nowhere.
    epsg : int
        Metric CRS in which it is decided who covers what.

    Examples
    --------
    >>> from shapely import box
    >>> row = np.array([box(118 + k / 100, 37, 118.01 + k / 100, 37.01) for k in range(4)])
    >>> inhabited_box(row, np.array([[118.015, 37.005], [118.025, 37.005]]), 4548)
    (118.01, 37.0, 118.03, 37.01)
    """
    bounds, sides = shapely.bounds(shapes).reshape(-1, 4), []
    ground = _Ground(shapes, bounds, lonlat[np.isfinite(lonlat).all(axis=1)], epsg)
    for side, sign in enumerate((1, 1, -1, -1)):
        outermost = np.argsort(sign * bounds[:, side], kind="stable")
        row = next((row for row in outermost.tolist() if ground.is_inhabited(row)), None)
        if row is None:
            return None
        sides.append(float(bounds[row, side]))
    west, south, east, north = sides
    return west, south, east, north


class _Ground:
    """Grids of one level, and the points that may lie in them."""

    def __init__(
        self, shapes: GeometryArray, bounds: FloatArray, lonlat: FloatArray, epsg: int
    ) -> None:
        wide = _BULGE * (bounds[:, 2:] - bounds[:, :2])
        self._low, self._high = bounds[:, :2] - wide, bounds[:, 2:] + wide
        self._shapes, self._lonlat, self._epsg = shapes, lonlat, epsg
        self._metres = self._projected(lonlat)
        self._known: dict[int, bool] = {}

    def is_inhabited(self, row: int) -> bool:
        """Return whether a grid holds a point that no grid before it covers."""
        if row not in self._known:
            self._known[row] = self._has_own(row)
        return self._known[row]

    def _has_own(self, row: int) -> bool:
        at = self._lonlat
        near = np.flatnonzero(((self._low[row] <= at) & (at <= self._high[row])).all(axis=1))
        inside = near[self._covers(row, near)]
        parts = (inside[start : start + _AT_ONCE] for start in range(0, len(inside), _AT_ONCE))
        return any(len(self._without_earlier(row, part)) for part in parts)

    def _without_earlier(self, row: int, points: IntArray) -> IntArray:
        """Return those of some points that no grid before `row` covers."""
        at = self._lonlat[points, None]
        may_cover = ((self._low[:row] <= at) & (at <= self._high[:row])).all(axis=2).any(axis=0)
        for earlier in np.flatnonzero(may_cover).tolist():
            points = points[~self._covers(earlier, points)]
        return points

    def _covers(self, row: int, points: IntArray) -> BoolArray:
        """Return which of some points the grid of a row covers."""
        shape = shapely.transform(self._shapes[row], self._projected)
        shapely.prepare(shape)
        return np.asarray(shapely.intersects_xy(shape, *self._metres[points].T), np.bool_)

    def _projected(self, lonlat: FloatArray) -> FloatArray:
        return project_points(lonlat[:, 0], lonlat[:, 1], self._epsg)
