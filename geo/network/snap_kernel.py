"""Snapping kernel: the best access leg of a place among the edges, barriers and gates around it.

:func:`link_one` is the rule of :func:`geo.network.snap.link`, compiled by Numba: a straight leg to
the nearest visible edge (:func:`_link_straight`), else one through a gate (:func:`_link_by_gate`).
A link takes a few microseconds, and is the same to the last bit whatever else the network holds.
"""

from typing import Final, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, FloatArray, IndexArray, IntArray
from geo.geometry.segment_index import Buckets, Segments, foot_on, meets
from geo.network.outlines import PlaceOutlines, share_within
from geo.tolerances import SAME_M, TOUCH_M

LINK_LIMIT_M: Final = 200.0
"""Longest access leg, metres, inclusive (docs/architecture.md, what coverage means, 1)."""

_NEAR: Final = float(np.nextafter(LINK_LIMIT_M**2, np.inf))
"""Squares below this are within the limit."""

UNLINKED: Final = -1
"""Edge of a place that has no link."""

UNKNOWN: Final = -2
"""Edge of a gate that has not been linked yet."""

NONE: Final = -1
"""No segment."""

ORDINARY, TINY, RAISED, RAISED_TINY, CLOSED = range(5)
"""Standing of an edge: places are linked to it; only where none of those before can be, for edges
of tiny islands, of other levels than the ground, and of both; never."""

Standing = npt.NDArray[np.uint8]


class Link(NamedTuple):
    """A link: edge (:data:`UNLINKED`), offset and leg, metres.

    The leg leads ``east`` and ``north`` to the edge, or to the ``gate`` that it passes
    (:data:`NONE`); ``blocked`` says that a leg would be short enough, but barriers forbid each.
    """

    edge: np.int64
    offset: float
    leg: float
    east: float
    north: float
    gate: int
    blocked: bool


class Gates(NamedTuple):
    """Gates that let a walker out, and their own links.

    Attributes
    ----------
    ends : ndarray of float64, shape (g, 4)
        Place of each gate, twice.
    buckets : Buckets
    edge : ndarray of int32, shape (g,)
        That the gate is linked to; :data:`UNLINKED` for none, :data:`UNKNOWN` until it is needed.
    offset, leg : ndarray of float64, shape (g,)
        Of that link, metres.
    """

    ends: FloatArray
    buckets: Buckets
    edge: IndexArray
    offset: FloatArray
    leg: FloatArray


class SnapIndex(NamedTuple):
    """All that linking looks at.

    Attributes
    ----------
    streets : tuple of (Segments, Segments)
        Of a compiled network, and of what was added to it since.
    standing : ndarray of uint8, shape (m,)
        :data:`ORDINARY` to :data:`CLOSED`, for each edge.
    length : ndarray of float64, shape (m,)
        Of each edge, metres.
    walls : Segments
    gates : Gates
    """

    streets: tuple[Segments, Segments]
    standing: Standing
    length: FloatArray
    walls: Segments
    gates: Gates


@nb.njit(cache=True, nogil=True)
def link_one(x: float, y: float, snap_index: SnapIndex) -> Link:
    """Link one place, metres in the network's CRS."""
    link = _link_straight(x, y, snap_index)
    return _link_by_gate(x, y, snap_index) if link.blocked else link


@nb.njit(cache=True, nogil=True)
def link_places(
    xy: FloatArray, snap_index: SnapIndex, outlines: PlaceOutlines
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, BoolArray, FloatArray]:
    """Link many places from their outlines; return their links, and where the legs begin."""
    edge, gate = np.empty(len(xy), np.int64), np.empty(len(xy), np.int64)
    offset, leg = np.empty(len(xy)), np.empty(len(xy))
    blocked, start = np.empty(len(xy), np.bool_), xy.copy()
    for i in range(len(xy)):
        link = link_one(xy[i, 0], xy[i, 1], snap_index)
        edge[i], offset[i], leg[i] = link.edge, link.offset, link.leg
        gate[i], blocked[i] = link.gate, link.blocked
        if link.edge != UNLINKED and outlines.area[i] >= 0:
            at, way = (xy[i, 0], xy[i, 1]), (link.east, link.north)
            share = share_within(at, way, outlines, outlines.area[i])
            leg[i] = max(link.leg - share * np.sqrt(way[0] * way[0] + way[1] * way[1]), 0.0)
            start[i] = at[0] + share * way[0], at[1] + share * way[1]
    return edge, offset, leg, gate, blocked, start


@nb.njit(cache=True, nogil=True)
def _link_straight(x: float, y: float, snap_index: SnapIndex) -> Link:
    """Link a place by a straight leg, to edges in the order of their standing.

    Most places see the nearest point of their nearest segment; only the others look through all.
    """
    (base, added), standing, walls = snap_index.streets, snap_index.standing, snap_index.walls
    blocked = False
    for wanted in (ORDINARY, TINY, RAISED, RAISED_TINY):
        one = nearest(x, y, base, standing, wanted)
        two = nearest(x, y, added, standing, wanted)
        if one.segment == NONE and two.segment == NONE:
            continue
        blocked = True  # as long as nothing visible is found
        streets, segment = (base, one.segment)
        if two.square < one.square:
            streets, segment = (added, two.segment)
        foot = foot_on(streets.ends, segment, x, y)
        near = np.sqrt(foot.square) + SAME_M
        if visible(x, y, foot.east, foot.north, walls):
            # Nothing else is as near, give or take SAME_M: there is no tie to break.
            if min(one.rival, two.rival, max(one.square, two.square)) > near * near:
                return _link_to(x, y, streets, segment, snap_index.length)
        else:
            one = nearest_visible(x, y, base, standing, walls, wanted)
            two = nearest_visible(x, y, added, standing, walls, wanted)
            if one.segment == NONE and two.segment == NONE:
                continue
        # Of edges that are equally near the first wins; what was added comes after what was there.
        metres = min(np.sqrt(min(one.square, two.square)) + SAME_M, LINK_LIMIT_M)
        segment = lowest(x, y, base, standing, walls, wanted, metres)
        if segment != NONE:
            return _link_to(x, y, base, segment, snap_index.length)
        segment = lowest(x, y, added, standing, walls, wanted, metres)
        return _link_to(x, y, added, segment, snap_index.length)
    return _no_link(blocked=blocked)


@nb.njit(cache=True, nogil=True)
def _link_to(x: float, y: float, streets: Segments, segment: int, length: FloatArray) -> Link:
    """Return the link of a place to the nearest point of a segment."""
    x1, y1, x2, y2 = streets.ends[segment]
    foot = foot_on(streets.ends, segment, x, y)
    edge = np.int64(streets.edge[segment])
    offset = streets.along[segment] + foot.share * np.hypot(x2 - x1, y2 - y1)
    offset = min(offset, length[edge])
    leg = np.sqrt(foot.square)
    return Link(edge, offset, leg, foot.east, foot.north, gate=NONE, blocked=False)


@nb.njit(cache=True, nogil=True)
def _no_link(blocked: bool) -> Link:  # noqa: FBT001 - a kernel
    return Link(np.int64(UNLINKED), np.nan, np.nan, np.nan, np.nan, gate=NONE, blocked=blocked)


@nb.njit(cache=True, nogil=True)
def _link_by_gate(x: float, y: float, snap_index: SnapIndex) -> Link:
    """Link a place through the gate by which it leaves best, ties to the first."""
    gates, buckets = snap_index.gates, snap_index.gates.buckets
    best, chosen = LINK_LIMIT_M, NONE
    if beyond_reach(x, y, buckets):
        return _no_link(blocked=True)
    low, high, first, last = buckets_around(x, y, LINK_LIMIT_M, buckets)
    for row in range(low, high + 1):
        for bucket in range(row * buckets.columns + first, row * buckets.columns + last + 1):
            for k in range(buckets.start[bucket], buckets.start[bucket + 1]):
                candidate = int(np.int64(buckets.item[k]))
                to_x, to_y = gates.ends[candidate, 0] - x, gates.ends[candidate, 1] - y
                leg = np.sqrt(to_x * to_x + to_y * to_y)
                if leg > best:
                    continue
                _link_gate(candidate, snap_index)
                # NaN, where the gate has no link, is never better.
                total = leg + gates.leg[candidate]
                tie = total == best and (chosen == NONE or candidate < chosen)
                if (total < best or tie) and visible(x, y, to_x, to_y, snap_index.walls):
                    best, chosen = total, candidate
    if chosen == NONE:
        return _no_link(blocked=True)
    to_x, to_y = gates.ends[chosen, 0] - x, gates.ends[chosen, 1] - y
    edge, offset = np.int64(gates.edge[chosen]), gates.offset[chosen]
    return Link(edge, offset, best, to_x, to_y, gate=chosen, blocked=False)


@nb.njit(cache=True, nogil=True)
def link_gates(snap_index: SnapIndex) -> None:
    """Link all gates that have not been linked yet."""
    for gate in range(len(snap_index.gates.edge)):
        _link_gate(gate, snap_index)


@nb.njit(cache=True, nogil=True)
def _link_gate(gate: int, snap_index: SnapIndex) -> None:
    """Link a gate itself, straight, where that has not been done."""
    gates = snap_index.gates
    if gates.edge[gate] == UNKNOWN:
        link = _link_straight(gates.ends[gate, 0], gates.ends[gate, 1], snap_index)
        gates.offset[gate], gates.leg[gate] = link.offset, link.leg
        gates.edge[gate] = link.edge


class NearestSegment(NamedTuple):
    """A segment, :data:`NONE` for none; squares of its distance and of that of the next one.

    Where there is none, a square is :data:`_NEAR` or more.
    """

    segment: int
    square: float
    rival: float


@nb.njit(cache=True, nogil=True)
def nearest(
    x: float, y: float, streets: Segments, standing: Standing, wanted: int
) -> NearestSegment:
    """Find the nearest segment of edges of one standing."""
    buckets = streets.buckets
    nearest = NearestSegment(NONE, _NEAR, np.inf)
    if beyond_reach(x, y, buckets):
        return nearest
    west, south, size = buckets.west, buckets.south, buckets.size
    row, column = int(np.floor((y - south) / size)), int(np.floor((x - west) / size))
    to_side = min(x - west - column * size, west + (column + 1) * size - x)
    to_side = min(to_side, y - south - row * size, south + (row + 1) * size - y)
    ring = 0
    while True:
        away = (ring - 1) * size + to_side - SAME_M  # nothing in this ring is nearer
        if ring > 0 and away > 0 and away * away > nearest.square:
            return nearest
        for r in range(max(row - ring, 0), min(row + ring, buckets.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else max(2 * ring, 1)
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < buckets.columns:
                    bucket = r * buckets.columns + c
                    nearest = _nearer(x, y, streets, standing, wanted, bucket, nearest)
        ring += 1


@nb.njit(cache=True, nogil=True)
def _nearer(  # noqa: PLR0917 - a kernel
    x: float,
    y: float,
    streets: Segments,
    standing: Standing,
    wanted: int,
    bucket: int,
    nearest: NearestSegment,
) -> NearestSegment:
    """Return what has been found, or what is nearer in a bucket."""
    segment, best, rival = nearest
    for k in range(streets.buckets.start[bucket], streets.buckets.start[bucket + 1]):
        here = streets.buckets.item[k]
        square = foot_on(streets.ends, here, x, y).square
        if square < rival and standing[streets.edge[here]] == wanted:
            if square < best:
                segment, best, rival = here, square, best
            elif here != segment:  # it may pass several buckets
                rival = square
    return NearestSegment(segment, best, rival)


@nb.njit(cache=True, nogil=True)
def nearest_visible(  # noqa: PLR0917 - a kernel
    x: float, y: float, streets: Segments, standing: Standing, walls: Segments, wanted: int
) -> NearestSegment:
    """Find the nearest segment of edges of one standing whose nearest point is visible."""
    buckets = streets.buckets
    best_square, best = _NEAR, NONE
    if beyond_reach(x, y, buckets):
        return NearestSegment(best, best_square, best_square)
    low, high, first, last = buckets_around(x, y, LINK_LIMIT_M, buckets)
    for row in range(low, high + 1):
        for bucket in range(row * buckets.columns + first, row * buckets.columns + last + 1):
            for k in range(buckets.start[bucket], buckets.start[bucket + 1]):
                segment = buckets.item[k]
                foot = foot_on(streets.ends, segment, x, y)
                if (
                    foot.square < best_square
                    and standing[streets.edge[segment]] == wanted
                    and visible(x, y, foot.east, foot.north, walls)
                ):
                    best_square, best = foot.square, segment
    return NearestSegment(best, best_square, best_square)


@nb.njit(cache=True, nogil=True)
def lowest(  # noqa: PLR0917 - a kernel
    x: float,
    y: float,
    streets: Segments,
    standing: Standing,
    walls: Segments,
    wanted: int,
    metres: float,
) -> int:
    """Return the segment, of the first edge that is visible within some metres, that is nearest."""
    buckets = streets.buckets
    lowest_edge, best_square, best = len(standing), np.inf, NONE
    if beyond_reach(x, y, buckets):
        return best
    low, high, first, last = buckets_around(x, y, metres, buckets)
    for row in range(low, high + 1):
        for bucket in range(row * buckets.columns + first, row * buckets.columns + last + 1):
            for k in range(buckets.start[bucket], buckets.start[bucket + 1]):
                segment = buckets.item[k]
                foot = foot_on(streets.ends, segment, x, y)
                if foot.square > metres * metres:
                    continue
                here = streets.edge[segment]
                nearer = foot.square < best_square or (
                    foot.square == best_square and segment < best
                )
                if (
                    (here < lowest_edge or (here == lowest_edge and nearer))
                    and standing[here] == wanted
                    and visible(x, y, foot.east, foot.north, walls)
                ):
                    lowest_edge, best_square, best = here, foot.square, segment
    return best


@nb.njit(cache=True, nogil=True)
def visible(x: float, y: float, to_x: float, to_y: float, walls: Segments) -> bool:
    """Say whether no barrier lies on a leg, given by its start and its way; its ends may touch."""
    buckets = walls.buckets
    length = np.sqrt(to_x * to_x + to_y * to_y)
    if length <= 3 * TOUCH_M or not buckets.rows:
        return True
    # Shorter by TOUCH_M at both ends: houses and streets may stand right at a wall.
    from_x, from_y = x + to_x * (TOUCH_M / length), y + to_y * (TOUCH_M / length)
    to_x, to_y = to_x * (1 - 2 * TOUCH_M / length), to_y * (1 - 2 * TOUCH_M / length)
    low, high, first, last = _window(
        from_x + min(to_x, 0.0), from_y + min(to_y, 0.0),
        from_x + max(to_x, 0.0), from_y + max(to_y, 0.0), buckets,
    )  # fmt: skip
    for row in range(low, high + 1):
        for bucket in range(row * buckets.columns + first, row * buckets.columns + last + 1):
            for k in range(buckets.start[bucket], buckets.start[bucket + 1]):
                x1, y1, x2, y2 = walls.ends[buckets.item[k]]
                if meets(x1 - from_x, y1 - from_y, x2 - from_x, y2 - from_y, to_x, to_y):
                    return False
    return True


@nb.njit(cache=True, nogil=True)
def beyond_reach(x: float, y: float, buckets: Buckets) -> bool:
    """Say whether a place (or no place, NaN) is beyond the limit of all that is in buckets."""
    east = buckets.west + buckets.columns * buckets.size
    north = buckets.south + buckets.rows * buckets.size
    across = buckets.west - LINK_LIMIT_M <= x <= east + LINK_LIMIT_M
    return not (
        buckets.rows > 0 and across and buckets.south - LINK_LIMIT_M <= y <= north + LINK_LIMIT_M
    )


@nb.njit(cache=True, nogil=True)
def buckets_around(
    x: float, y: float, metres: float, buckets: Buckets
) -> tuple[int, int, int, int]:
    """As :func:`_window`, for all that lies within some metres of a place."""
    return _window(x - metres, y - metres, x + metres, y + metres, buckets)


@nb.njit(cache=True, nogil=True)
def _window(
    west: float, south: float, east: float, north: float, buckets: Buckets
) -> tuple[int, int, int, int]:
    """Return the first and last row and the first and last column of the buckets in a box."""
    low = max(int(np.floor((south - buckets.south) / buckets.size)), 0)
    high = min(int(np.floor((north - buckets.south) / buckets.size)), buckets.rows - 1)
    first = max(int(np.floor((west - buckets.west) / buckets.size)), 0)
    last = min(int(np.floor((east - buckets.west) / buckets.size)), buckets.columns - 1)
    return low, high, first, last
