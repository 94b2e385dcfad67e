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
from geo.geometry.polygon_coverage import joined, matched
from geo.grids.edits.reshape import REACH_M, SLIVER_M, cut

PASSAGES_M: Final = (8.0, 4.0, 2.0)
"""How wide a passage to the neighbour may be, metres; the widest that fits is taken."""

CLOSE_M: Final = (3.0, 1.0)
"""How far around buildings ground goes along where all that is nearest to them is too much."""

_WALL_M: Final = 0.2
"""A border keeps this far from a wall where there is room, metres."""

_OUTLINE_M: Final = 0.5
_PLACES_M: Final = 2.0
_MOST_PLACES: Final = 40
_WAYS: Final = 4
_APART_M: Final = 8.0
_STRAIGHT_M: Final = 0.3
_ROUND_M: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Ceded:
    """How two grids would be parted.

    Attributes
    ----------
    given : Polygon or MultiPolygon
        The neighbour with the ground that goes along.
    left : Polygon or MultiPolygon
        What is left.
    """

    given: BaseGeometry
    left: BaseGeometry


def ways_to_cede(
    here: BaseGeometry, goal: BaseGeometry, prints: GeometryArray, mine: BoolArray
) -> Iterator[Ceded]:
    """Yield how a grid can give up some of its buildings so that both stay whole, the best first.

    Parameters
    ----------
    here, goal : Polygon or MultiPolygon
        The grid and its neighbour; metric CRS.
    prints : ndarray of geometry, shape (n,)
        The buildings of the grid.
    mine : ndarray of bool, shape (n,)
        Those that go.
    """
    for ground in _grounds(here, goal, prints, mine):
        found = _parted(here, goal, ground, prints[~mine])
        if found is not None:
            yield found


def between(
    here: BaseGeometry, goal: BaseGeometry, prints: GeometryArray, mine: BoolArray
) -> list[int]:
    """Return the buildings that stand in the way of others, or that would be cut off by them.

    Those on the straight way to the neighbour; where there are none, those of the lesser parts
    that the grid would fall into.
    """
    own = shapely.union_all(prints[mine])
    way = shapely.shortest_line(own, shapely.intersection(here.boundary, goal.boundary))
    strip = shapely.buffer(way, PASSAGES_M[-1])
    blocking = np.flatnonzero(~mine & shapely.intersects(prints, strip))
    if len(blocking):
        return [int(row) for row in blocking]
    rest = shapely.get_parts(shapely.difference(here, _around(prints, mine, CLOSE_M[-1])))
    counts = shapely.intersects(rest[:, None], shapely.point_on_surface(prints[~mine])[None, :])
    if not counts.size:
        return []
    lesser = np.delete(counts, int(np.argmax(counts.sum(axis=1))), axis=0).any(axis=0)
    return [int(row) for row in np.flatnonzero(~mine)[lesser]]


def _grounds(
    here: BaseGeometry, goal: BaseGeometry, prints: GeometryArray, mine: BoolArray
) -> Iterator[BaseGeometry]:
    """Yield the ground that may go along, the best first."""
    bases = [_nearest(here, prints, mine), *(_around(prints, mine, m) for m in CLOSE_M)]
    for base in bases:
        if _meets(base, here, goal):
            yield base
        for width_m in PASSAGES_M:
            for passage in _passages(here, goal, base, prints[~mine], width_m):
                yield shapely.union(base, passage)


def _nearest(here: BaseGeometry, prints: GeometryArray, mine: BoolArray) -> BaseGeometry:
    """Return what is nearer to some buildings than to the others, by places along their walls."""
    at, of = shapely.get_coordinates(shapely.segmentize(prints, _OUTLINE_M), return_index=True)
    # GEOS makes invalid cells where coordinates are millions: it works near the origin.
    origin = at.min(axis=0)
    around = shapely.transform(shapely.buffer(here, REACH_M), lambda xy: xy - origin)
    points = shapely.points(at - origin)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=around)
    )
    point, cell = shapely.STRtree(cells).query(points, predicate="intersects")
    own = shapely.union_all(cells[np.unique(cell[mine[of[point]]])])
    whole = shapely.transform(own.simplify(_STRAIGHT_M), lambda xy: xy + origin)
    return shapely.union(
        shapely.difference(whole, _kept(prints, mine, ~mine)), _kept(prints, mine, mine)
    )


def _around(prints: GeometryArray, mine: BoolArray, by_m: float) -> BaseGeometry:
    """Return the ground close to some buildings that keeps off the others."""
    close = shapely.buffer(shapely.union_all(prints[mine]), by_m, join_style="mitre")
    return shapely.union(
        shapely.difference(close, _kept(prints, mine, ~mine)), _kept(prints, mine, mine)
    )


def _kept(prints: GeometryArray, mine: BoolArray, which: BoolArray) -> BaseGeometry:
    """Return buildings with the strip along their walls that stays with them."""
    some = shapely.union_all(prints[which])
    apart = shapely.distance(shapely.union_all(prints[mine]), shapely.union_all(prints[~mine]))
    strip_m = _WALL_M if np.isnan(apart) else min(_WALL_M, apart / 2)
    return shapely.buffer(some, strip_m, join_style="mitre")


def _meets(base: BaseGeometry, here: BaseGeometry, goal: BaseGeometry) -> bool:
    """Return whether ground lies along the border to the neighbour."""
    border = shapely.intersection(here.boundary, goal.boundary)
    return bool(shapely.intersection(border, base).length >= SLIVER_M)


def _passages(
    here: BaseGeometry,
    goal: BaseGeometry,
    base: BaseGeometry,
    others: GeometryArray,
    width_m: float,
) -> Iterator[BaseGeometry]:
    """Yield straight passages from some ground to a neighbour that keep off the other buildings.

    The shortest first; the others end elsewhere.
    """
    walls = shapely.union_all(shapely.buffer(others, width_m / 2 + _WALL_M))
    room = shapely.difference(here, walls)
    start = shapely.intersection(base, room)
    ends = shapely.difference(shapely.intersection(here.boundary, goal.boundary), walls)
    if start.is_empty or ends.length < SLIVER_M:
        return
    pairs = np.stack(np.broadcast_arrays(_places(start.boundary)[:, None], _places(ends)), axis=2)
    lines: GeometryArray = np.asarray(shapely.linestrings(pairs.reshape(-1, 2, 2)))
    clear = shapely.buffer(room, _ROUND_M)
    shapely.prepare(clear)
    lines = lines[shapely.covers(clear, lines)]
    kept = shapely.union_all(shapely.buffer(others, _WALL_M))
    for _ in range(_WAYS):
        if not len(lines):
            return
        line = lines[int(np.argmin(shapely.length(lines)))]
        yield shapely.difference(shapely.buffer(line, width_m / 2, cap_style="square"), kept)
        lines = lines[shapely.distance(shapely.get_point(lines, 1), line) > _APART_M]


def _places(line: BaseGeometry) -> FloatArray:
    """Return places along lines, x and y, some metres apart."""
    at = shapely.get_coordinates(shapely.segmentize(line, _PLACES_M))
    return at[:: max(1, len(at) // _MOST_PLACES)]


def _parted(
    here: BaseGeometry, goal: BaseGeometry, ground: BaseGeometry, others: GeometryArray
) -> Ceded | None:
    """Return both grids when some ground has gone over; None if one would not be whole."""
    parts: GeometryArray = np.asarray(cut(here, ground.boundary), dtype=np.object_)
    goes = shapely.contains(ground, shapely.point_on_surface(parts))
    homes = shapely.point_on_surface(others)
    if not goes.any() or shapely.intersects(parts[goes][:, None], homes[None, :]).any():
        return None
    rest = shapely.get_parts(joined(parts[~goes]))
    stays = shapely.intersects(rest[:, None], homes[None, :]).any(axis=1)
    if not stays.any():
        return None
    left = joined(rest[stays])
    given = joined(matched(np.array([goal, *parts[goes], *rest[~stays]], dtype=np.object_)))
    whole = all(
        len(shapely.get_parts(after)) <= len(shapely.get_parts(before))
        for after, before in ((left, here), (given, goal))
    )
    return Ceded(given, left) if whole else None
