"""Clean the ground of a plan: no overlaps, slivers or ends beyond the district; no grid is lost.

GEOS ``CoverageCleaner`` gives each overlap to one of its two grids, and a grid that is drawn over
another may come to nothing by that. Such a grid is carved out of those that cover it instead, and
where that is impossible, as with two drawn alike, it stays as it was drawn.
"""

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.geometry.polygon_coverage import (
    TOLERANCE_M,
    Region,
    beyond,
    gaps,
    wide_parts,
)

KEEPS: Final = 0.5
"""A grid that would keep less than this share of its ground is not cleaned like that."""

SPARES: Final = 0.05
"""A grid of which less than this share is its own ground is drawn like the one that it covers."""

_ROUNDS: Final = 3


def clean_ground(
    shapes: GeometryArray, district: BaseGeometry | None, *, sliver_m: float, snap_m: float
) -> GeometryArray:
    """Return grids without overlaps and slivers; none loses more than half of its ground.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        The ground grids, metric CRS; empty ones stay empty.
    district : Polygon or MultiPolygon, optional
    sliver_m, snap_m : float
        Widest gap that is closed, and how near vertices become one, metres.

    Examples
    --------
    >>> from shapely import box
    >>> yard, block, twin = box(4, 4, 6, 6), box(0, 0, 10, 10), box(0, 0, 10, 10)
    >>> shapely.area(clean_ground(np.array([yard, block]), None, sliver_m=1, snap_m=0.01)).tolist()
    [4.0, 96.0]
    >>> shapely.area(clean_ground(np.array([block, twin]), None, sliver_m=1, snap_m=0.01)).tolist()
    [100.0, 100.0]
    """
    settings = {"sliver_m": sliver_m, "snap_m": snap_m}
    least = KEEPS * shapely.area(shapes)
    active = ~shapely.is_empty(shapes)
    out, start = shapes.copy(), shapes
    for is_last in (False, True):
        cleaned = _cleaned(start[active], district, **settings)
        lost = shapely.area(cleaned) < least[active]
        if not lost.any() or is_last:
            break
        start = _carved(start, np.flatnonzero(active)[lost])
        least = KEEPS * shapely.area(start)
    while lost.any():
        active[np.flatnonzero(active)[lost]] = False
        cleaned = _cleaned(start[active], district, **settings)
        lost = shapely.area(cleaned) < least[active]
    out[active] = cleaned
    return out


def _carved(shapes: GeometryArray, lost: IntArray) -> GeometryArray:
    """Return grids without the ground of those that cleaning would lose, if they can spare it."""
    out = shapes.copy()
    tree = shapely.STRtree(shapes)
    for row in lost[np.argsort(shapely.area(shapes[lost]), kind="stable")]:
        near = np.setdiff1d(tree.query(out[row], predicate="intersects"), [row])
        rest = shapely.difference(out[near], out[row])
        spares = shapely.area(rest) >= SPARES * shapely.area(out[near])
        out[near[spares]] = _polygonal(rest[spares])
    return out


def _cleaned(
    shapes: GeometryArray, district: BaseGeometry | None, *, sliver_m: float, snap_m: float
) -> GeometryArray:
    """Return a coverage of the district."""
    out = shapes.copy()
    if district is not None:
        # Only what reaches out by more than rounding is cut: a cut moves corners by rounding.
        rows = np.unique([region.rows[0] for region in beyond(out, district)]).astype(np.int64)
        out[rows] = _polygonal(shapely.intersection(out[rows], district))
    for _ in range(_ROUNDS):
        out = shapely.coverage_clean(  # type: ignore[attr-defined] # the stubs lag behind
            out, gap_width=sliver_m, snapping_distance=snap_m
        )
        slivers = [] if district is None else _slivers(gaps(out, district), sliver_m)
        if not slivers:
            break
        out = _with_slivers_assigned(out, slivers)
    return out


def _polygonal(shapes: GeometryArray) -> GeometryArray:
    """Return shapes without the points and lines that a cut leaves."""
    flat = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for row in flat:
        shapes[row] = shapely.union_all([p for p in shapely.get_parts(shapes[row]) if p.area > 0])
    return shapes


def _slivers(regions: list[Region], sliver_m: float) -> list[Region]:
    """Return the gaps that some grid borders on and that are narrow."""
    return [each for each in regions if each.rows and not wide_parts(each.shape, sliver_m)]


def _with_slivers_assigned(shapes: GeometryArray, slivers: list[Region]) -> GeometryArray:
    """Give each sliver to the grid with which it shares the longest border."""
    out = shapes.copy()
    for sliver in slivers:
        near = np.array(sliver.rows)
        around = shapely.buffer(sliver.shape, TOLERANCE_M)
        shared = shapely.length(shapely.intersection(shapely.boundary(out[near]), around))
        row = near[int(np.argmax(shared))]
        out[row] = shapely.union(out[row], shapely.snap(sliver.shape, out[row], TOLERANCE_M))
    return out
