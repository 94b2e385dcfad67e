"""How polygons cover the ground: overlaps, gaps, what lies outside, borders that do not match.

Polygons that should cover an area without gap or overlap are a *coverage*. GEOS sees overlaps, but
not a polygon that is missing altogether, nor one that reaches beyond the area: those are found as
the difference between the area and the union. Nor does GEOS 3.14 see a vertex of one polygon that
lies *exactly* on an edge of another (``coverage_is_valid`` says yes, and ``coverage_union_all``
leaves the two apart): borders are compared here edge by edge.

Two drawings of one border differ by rounding. A region counts only where it is wider than a
tolerance, on average: twice its area over its outline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.tolerances import SAME_M

TOLERANCE_M: Final = 0.001
"""A region narrower than this is rounding, metres."""

SLIVER_M: Final = 1.0
"""A region narrower than this lies between two drawings of one border, metres."""

_NEEDLE_M: Final = 1e-5
_POLYGON: Final = int(shapely.GeometryType.POLYGON)


@dataclass(frozen=True, slots=True)
class Region:
    """A piece of ground where a coverage is wrong.

    Attributes
    ----------
    rows : tuple of int
        Polygons concerned, ascending.
    shape : BaseGeometry
        Polygon; for borders that do not match, lines.
    """

    rows: tuple[int, ...]
    shape: BaseGeometry


def wide_parts(shape: BaseGeometry, tolerance_m: float = TOLERANCE_M) -> list[BaseGeometry]:
    """Return the polygons of a geometry that are wider than the tolerance, the largest first.

    Examples
    --------
    >>> from shapely import box
    >>> hair = box(0, 0, 100, 0.0001)
    >>> [part.area for part in wide_parts(shapely.union(hair, box(5, 5, 6, 6)))]
    [1.0]
    """
    if shape.area < np.pi * tolerance_m**2:  # a circle is the widest that an area can be
        return []
    parts = shapely.get_parts(_despiked(shape))
    parts = parts[shapely.get_type_id(parts) == _POLYGON]
    area, outline = shapely.area(parts), shapely.length(parts)
    wide = np.flatnonzero(2 * area > tolerance_m * outline)
    return [parts[row] for row in wide[np.argsort(-area[wide], kind="stable")]]


def _despiked(shape: BaseGeometry) -> BaseGeometry:
    """Return a shape without needles, as overlays leave them along edges that nearly agree.

    Its corners stay the very same.
    """
    if shape.is_empty:
        return shape
    rounded = shapely.set_precision(shapely.set_precision(shape, _NEEDLE_M), 0)
    return shapely.snap(rounded, shapely.extract_unique_points(shape), 2 * _NEEDLE_M)


def overlaps(shapes: GeometryArray, *, tolerance_m: float = TOLERANCE_M) -> list[Region]:
    """Return the ground that two polygons share, a region per pair and piece.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        Metric CRS.
    tolerance_m : float

    Notes
    -----
    Only polygons that GEOS finds at fault are laid over others: a clean plan of 5,000 grids takes
    milliseconds.
    """
    suspects = _unmatched(shapes)
    if not len(suspects):
        return []
    row, other = shapely.STRtree(shapes).query(shapes[suspects], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([suspects[row], other]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    common = shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]])
    return [
        Region((int(one), int(two)), part)
        for (one, two), shape in zip(pairs, common, strict=True)
        for part in wide_parts(shape, tolerance_m)
    ]


def unmatched_borders(
    shapes: GeometryArray, known: Sequence[Region] = (), *, tolerance_m: float = TOLERANCE_M
) -> list[Region]:
    """Return borders whose two sides have different vertices, a region of lines per pair.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        Metric CRS.
    known : sequence of Region
        Overlaps and gaps that were found: borders along them do not match for that reason.
    tolerance_m : float

    Notes
    -----
    An edge that no other polygon has lies on the outline, or faces one that it does not match.
    """
    owner, ends = _lone_edges(shapes)
    pairs, lines = _facing(owner, ends, tolerance_m)
    if not len(pairs):
        return []
    if known:
        reason = shapely.buffer(shapely.union_all([region.shape for region in known]), tolerance_m)
        shapely.prepare(reason)
        # An edge that touches a known fault is part of it, as far as it goes.
        apart = ~shapely.intersects(reason, lines)
        pairs, lines = pairs[apart], lines[apart]
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    return [
        Region((int(one), int(two)), shapely.multilinestrings(lines[which.ravel() == row]))
        for row, (one, two) in enumerate(distinct)
    ]


def ring_segments(shapes: GeometryArray) -> tuple[IntArray, FloatArray, IntArray]:
    """Return the segments of polygons' rings: row, x1, y1, x2, y2 (s, 4), key of equal segments."""
    rings, row_of_ring = shapely.get_rings(shapes, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    vertices, vertex = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    # Either direction of a segment has the same key.
    low, high = np.sort([vertex[start], vertex[start + 1]], axis=0)
    rows = row_of_ring[ring[start]].astype(np.int64)
    return rows, np.hstack([xy[start], xy[start + 1]]), low * len(vertices) + high


def _lone_edges(shapes: GeometryArray) -> tuple[IntArray, FloatArray]:
    """Return the edges that only one polygon has: its row, and x1, y1, x2, y2 (e, 4)."""
    rows, ends, key = ring_segments(shapes)
    _, which, count = np.unique(key, return_inverse=True, return_counts=True)
    lone = count[which] == 1
    return rows[lone], ends[lone]


def _facing(
    owner: IntArray, ends: FloatArray, tolerance_m: float
) -> tuple[IntArray, GeometryArray]:
    """Return pairs of polygons whose lone edges run along each other, and the lines where."""
    edges: GeometryArray = np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), dtype=object)
    one, two = shapely.STRtree(edges).query(edges, predicate="dwithin", distance=tolerance_m)
    one, two = one[owner[one] < owner[two]], two[owner[one] < owner[two]]
    origin, along = ends[one, :2], ends[one, 2:] - ends[one, :2]
    length = np.hypot(*along.T)
    unit = along / length[:, None]
    from_, to = ends[two, :2] - origin, ends[two, 2:] - origin
    t = np.stack([(from_ * unit).sum(axis=1), (to * unit).sum(axis=1)])
    off = np.stack([np.abs(_cross(unit, from_)), np.abs(_cross(unit, to))])
    low, high = np.maximum(t.min(axis=0), 0.0), np.minimum(t.max(axis=0), length)
    # Nearly parallel edges part by less than the tolerance where both are.
    slope = np.abs(np.diff(off, axis=0)[0]) / np.maximum(np.abs(np.diff(t, axis=0)[0]), tolerance_m)
    runs = (high - low > 4 * tolerance_m) & (slope * (high - low) <= tolerance_m)
    low, high, unit, origin = low[runs, None], high[runs, None], unit[runs], origin[runs]
    lines = shapely.linestrings(np.stack([origin + low * unit, origin + high * unit], axis=1))
    pairs = np.column_stack([owner[one[runs]], owner[two[runs]]])
    return pairs, np.asarray(lines, dtype=object)


def _cross(one: FloatArray, two: FloatArray) -> FloatArray:
    return np.asarray(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0], dtype=np.float64)


def matched(shapes: GeometryArray) -> GeometryArray:
    """Return polygons with the vertices of others put into the edges that they lie on.

    Only what lies within :data:`geo.tolerances.SAME_M` is the same; nothing moves farther.

    Examples
    --------
    >>> from shapely import box
    >>> low = box(0, 0, 2, 1)
    >>> two = matched(np.array([low, box(0, 1, 1, 2), box(1, 1, 2, 2)]))
    >>> [int(n) for n in shapely.get_num_coordinates(two) - 5]
    [1, 0, 0]
    """
    corners = shapely.extract_unique_points(shapes)
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=SAME_M)
    out = shapes.copy()
    for row in range(len(shapes)):
        others = shapely.union_all(corners[two[(one == row) & (two != row)]])
        out[row] = shapely.snap(out[row], others, SAME_M)
    return out


def joined(shapes: GeometryArray) -> BaseGeometry:
    """Return the union of polygons in normal form, vertex by vertex where they match.

    Examples
    --------
    >>> from shapely import box
    >>> joined(np.array([box(0, 0, 1, 1), box(1, 0, 2, 1)])).area
    2.0
    """
    if shapely.coverage_is_valid(shapes) and not unmatched_borders(shapes):
        return shapely.normalize(shapely.coverage_union_all(shapes))
    return shapely.normalize(shapely.union_all(shapes))


def gaps(
    shapes: GeometryArray, area: BaseGeometry | None, *, tolerance_m: float = TOLERANCE_M
) -> list[Region]:
    """Return the ground of the area that no polygon covers; rows are the polygons around it.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        Metric CRS.
    area : Polygon or MultiPolygon, optional
        What is to be covered. Without it only holes that polygons enclose are gaps.
    tolerance_m : float
    """
    cover = joined(shapes)
    if area is None:
        parts = shapely.get_parts(cover)
        area = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(parts)))
    return _with_neighbours(shapely.difference(area, cover), shapes, tolerance_m)


def beyond(
    shapes: GeometryArray, area: BaseGeometry, *, tolerance_m: float = TOLERANCE_M
) -> list[Region]:
    """Return what of each polygon lies outside the area."""
    shapely.prepare(area)
    rows = np.flatnonzero(~shapely.covers(area, shapes))
    left = shapely.difference(shapes[rows], area)
    return [
        Region((int(row),), part)
        for row, shape in zip(rows, left, strict=True)
        for part in wide_parts(shape, tolerance_m)
    ]


def _unmatched(shapes: GeometryArray) -> IntArray:
    """Return the rows of polygons that GEOS finds at fault."""
    return np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))


def _with_neighbours(
    ground: BaseGeometry, shapes: GeometryArray, tolerance_m: float
) -> list[Region]:
    """Return the wide parts of some ground with the polygons that share a border with each."""
    parts = wide_parts(ground, tolerance_m)
    tree = shapely.STRtree(shapes)
    regions = []
    for part in parts:
        near = np.sort(tree.query(part, predicate="dwithin", distance=tolerance_m))
        shared = shapely.intersection(shapely.boundary(shapes[near]), part.buffer(tolerance_m))
        touching = near[shapely.length(shared) > 4 * tolerance_m]  # a corner alone is no border
        regions.append(Region(tuple(int(row) for row in touching), part))
    return regions
