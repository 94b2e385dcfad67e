"""The ground that goes along with buildings to a neighbouring grid, so that both stay one piece.

What is nearer to the buildings than to the others of their grid goes along. Where that does not
reach the neighbour, a passage between the others goes along too; where the rest would fall apart,
less ground does. Ground on which nothing stands and that is cut off follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, FloatArray, GeometryArray
from geo.geometry.polygon_coverage import SLIVER_M, joined, matched
from geo.grids.edits.reshape import EXTENSION_M, split_polygon

PASSAGES_M: Final = (8.0, 4.0, 2.0)
"""How wide a passage to the neighbour may be, metres; the widest that fits is taken."""

CLOSE_M: Final = (3.0, 1.0)
"""How far around buildings ground goes along where all that is nearest to them is too much."""

_WALL_STRIP_M: Final = 0.2
"""A border keeps this far from a wall where there is room, metres."""

_OUTLINE_SPACING_M: Final = 0.5
_PLACE_SPACING_M: Final = 2.0
_MOST_PLACES: Final = 40
_WAYS: Final = 4
_PASSAGE_SPACING_M: Final = 8.0
_SIMPLIFY_M: Final = 0.3
_ROUNDING_M: Final = 1e-3


@dataclass(frozen=True, slots=True)
class GroundTransfer:
    """Two grids after ground went from one to the other.

    Attributes
    ----------
    given : Polygon or MultiPolygon
        The neighbour with the ground that goes along.
    left : Polygon or MultiPolygon
        What is left.
    """

    given: BaseGeometry
    left: BaseGeometry


def ground_transfers(
    source: BaseGeometry, target: BaseGeometry, footprints: GeometryArray, moving: BoolArray
) -> Iterator[GroundTransfer]:
    """Yield how a grid can transfer buildings so that both stay in one piece, the best first.

    Parameters
    ----------
    source, target : Polygon or MultiPolygon
        The grid and its neighbour; metric CRS.
    footprints : ndarray of geometry, shape (n,)
        The buildings of the grid.
    moving : ndarray of bool, shape (n,)
        Those that go.
    """
    for ground in _candidate_ground(source, target, footprints, moving):
        moved = _divided(source, target, ground, footprints[~moving])
        if moved is not None:
            yield moved


def blocking_buildings(
    source: BaseGeometry, target: BaseGeometry, footprints: GeometryArray, moving: BoolArray
) -> list[int]:
    """Return the buildings that stand in the way of others, or that would be cut off by them.

    Those on the straight way to the neighbour; where there are none, those of the lesser parts
    that the grid would fall into.
    """
    moved_prints = shapely.union_all(footprints[moving])
    shortest = shapely.shortest_line(
        moved_prints, shapely.intersection(source.boundary, target.boundary)
    )
    strip = shapely.buffer(shortest, PASSAGES_M[-1])
    blocking = np.flatnonzero(~moving & shapely.intersects(footprints, strip))
    if len(blocking):
        return [int(row) for row in blocking]
    rest = shapely.get_parts(shapely.difference(source, _around(footprints, moving, CLOSE_M[-1])))
    counts = shapely.intersects(
        rest[:, None], shapely.point_on_surface(footprints[~moving])[None, :]
    )
    if not counts.size:
        return []
    lesser = np.delete(counts, int(np.argmax(counts.sum(axis=1))), axis=0).any(axis=0)
    return [int(row) for row in np.flatnonzero(~moving)[lesser]]


def _candidate_ground(
    source: BaseGeometry, target: BaseGeometry, footprints: GeometryArray, moving: BoolArray
) -> Iterator[BaseGeometry]:
    """Yield the ground that may go along, the best first."""
    bases = [
        _nearest(source, footprints, moving),
        *(_around(footprints, moving, m) for m in CLOSE_M),
    ]
    for base in bases:
        if _touches_border(base, source, target):
            yield base
        for width_m in PASSAGES_M:
            for passage in _passages(source, target, base, footprints[~moving], width_m):
                yield shapely.union(base, passage)


def _nearest(source: BaseGeometry, footprints: GeometryArray, moving: BoolArray) -> BaseGeometry:
    """Return what is nearer to some buildings than to the others, by places along their walls."""
    vertices, footprint_of = shapely.get_coordinates(
        shapely.segmentize(footprints, _OUTLINE_SPACING_M), return_index=True
    )
    # GEOS makes invalid cells where coordinates are millions: it works near the origin.
    origin = vertices.min(axis=0)
    around = shapely.transform(shapely.buffer(source, EXTENSION_M), lambda xy: xy - origin)
    points = shapely.points(vertices - origin)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=around)
    )
    point, cell = shapely.STRtree(cells).query(points, predicate="intersects")
    nearest = shapely.union_all(cells[np.unique(cell[moving[footprint_of[point]]])])
    whole = shapely.transform(nearest.simplify(_SIMPLIFY_M), lambda xy: xy + origin)
    return _keeping_off(whole, footprints, moving)


def _around(footprints: GeometryArray, moving: BoolArray, by_m: float) -> BaseGeometry:
    """Return the ground close to some buildings that keeps off the others."""
    close = shapely.buffer(shapely.union_all(footprints[moving]), by_m, join_style="mitre")
    return _keeping_off(close, footprints, moving)


def _keeping_off(
    ground: BaseGeometry, footprints: GeometryArray, moving: BoolArray
) -> BaseGeometry:
    """Return ground with the moving buildings and without the others, and the strips at walls."""
    going, staying = shapely.union_all(footprints[moving]), shapely.union_all(footprints[~moving])
    apart = shapely.distance(going, staying)
    strip_m = _WALL_STRIP_M if np.isnan(apart) else min(_WALL_STRIP_M, apart / 2)
    going_strip, staying_strip = shapely.buffer([going, staying], strip_m, join_style="mitre")
    kept: BaseGeometry = shapely.union(shapely.difference(ground, staying_strip), going_strip)
    return kept


def _touches_border(base: BaseGeometry, source: BaseGeometry, target: BaseGeometry) -> bool:
    """Return whether ground lies along the border to the neighbour."""
    border = shapely.intersection(source.boundary, target.boundary)
    return bool(shapely.intersection(border, base).length >= SLIVER_M)


def _passages(
    source: BaseGeometry,
    target: BaseGeometry,
    base: BaseGeometry,
    others: GeometryArray,
    width_m: float,
) -> Iterator[BaseGeometry]:
    """Yield straight passages from some ground to a neighbour that keep off the other buildings.

    The shortest first; the others end elsewhere.
    """
    walls = shapely.union_all(shapely.buffer(others, width_m / 2 + _WALL_STRIP_M))
    room = shapely.difference(source, walls)
    start = shapely.intersection(base, room)
    ends = shapely.difference(shapely.intersection(source.boundary, target.boundary), walls)
    if start.is_empty or ends.length < SLIVER_M:
        return
    pairs = np.stack(
        np.broadcast_arrays(_places_along(start.boundary)[:, None], _places_along(ends)), axis=2
    )
    lines: GeometryArray = np.asarray(shapely.linestrings(pairs.reshape(-1, 2, 2)))
    clear = shapely.buffer(room, _ROUNDING_M)
    shapely.prepare(clear)
    lines = lines[shapely.covers(clear, lines)]
    kept = shapely.union_all(shapely.buffer(others, _WALL_STRIP_M))
    for _ in range(_WAYS):
        if not len(lines):
            return
        line = lines[int(np.argmin(shapely.length(lines)))]
        yield shapely.difference(shapely.buffer(line, width_m / 2, cap_style="square"), kept)
        lines = lines[shapely.distance(shapely.get_point(lines, 1), line) > _PASSAGE_SPACING_M]


def _places_along(line: BaseGeometry) -> FloatArray:
    """Return places along lines, x and y, some metres apart."""
    vertices = shapely.get_coordinates(shapely.segmentize(line, _PLACE_SPACING_M))
    return vertices[:: max(1, len(vertices) // _MOST_PLACES)]


def _divided(
    source: BaseGeometry, target: BaseGeometry, ground: BaseGeometry, others: GeometryArray
) -> GroundTransfer | None:
    """Return both grids when some ground has gone over; None if one would not be whole."""
    parts: GeometryArray = np.asarray(split_polygon(source, ground.boundary), dtype=np.object_)
    goes = shapely.contains(ground, shapely.point_on_surface(parts))
    building_points = shapely.point_on_surface(others)
    if not goes.any() or shapely.intersects(parts[goes][:, None], building_points[None, :]).any():
        return None
    rest = shapely.get_parts(joined(parts[~goes]))
    stays = shapely.intersects(rest[:, None], building_points[None, :]).any(axis=1)
    if not stays.any():
        return None
    left = joined(rest[stays])
    given = joined(matched(np.array([target, *parts[goes], *rest[~stays]], dtype=np.object_)))
    whole = all(
        len(shapely.get_parts(after)) <= len(shapely.get_parts(before))
        for after, before in ((left, source), (given, target))
    )
    return GroundTransfer(given, left) if whole else None
