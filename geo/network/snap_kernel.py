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

ORDINARY, TINY, CLOSED = 0, 1, 2
"""Standing of an edge: places are linked to it; only where nothing else can be; never."""

Standing = npt.NDArray[np.uint8]


class Link(NamedTuple):
    """A link: edge (:data:`UNLINKED`), offset and leg, metres.

    ``gate`` is the one that the leg passes (:data:`NONE`); ``blocked`` says that a leg would be
    short enough, but barriers forbid each.
    """

    edge: np.int64
    offset: float
    leg: float
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
        :data:`ORDINARY`, :data:`TINY` or :data:`CLOSED`, for each edge.
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
def link_places(
    xy: FloatArray, snap_index: SnapIndex
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, BoolArray]:
    """Link many places; return the members of their links."""
    edge, gate = np.empty(len(xy), np.int64), np.empty(len(xy), np.int64)
    offset, leg = np.empty(len(xy)), np.empty(len(xy))
    blocked = np.empty(len(xy), np.bool_)
    for i in range(len(xy)):
        link = link_one(xy[i, 0], xy[i, 1], snap_index)
        edge[i], offset[i], leg[i], gate[i], blocked[i] = link
    return edge, offset, leg, gate, blocked


@nb.njit(cache=True, nogil=True)
def link_one(x: float, y: float, snap_index: SnapIndex) -> Link:
    """Link one place, metres in the network's CRS."""
    link = _link_straight(x, y, snap_index)
    return _link_by_gate(x, y, snap_index) if link.blocked else link


@nb.njit(cache=True, nogil=True)
def _link_straight(x: float, y: float, snap_index: SnapIndex) -> Link:
    """Link a place by a straight leg, to ordinary edges first, then to tiny islands.

    Most places see the nearest point of their nearest segment; only the others look through all.
    """
    (base, added), standing, walls = snap_index.streets, snap_index.standing, snap_index.walls
    blocked = False
    for wanted in (ORDINARY, TINY):
        one = nearest(x, y, base, standing, wanted)
        two = nearest(x, y, added, standing, wanted)
        if one.s == NONE and two.s == NONE:
            continue
        blocked = True
        nearer = one.square <= two.square
        foot = foot_on(base.ends, one.s, x, y) if nearer else foot_on(added.ends, two.s, x, y)
        near = np.sqrt(foot.square) + SAME_M
        if visible(x, y, foot.east, foot.north, walls):
            if min(one.rival, two.rival, max(one.square, two.square)) > near * near:
                streets, s = (base, one.s) if nearer else (added, two.s)
                return _link_to(x, y, streets, s, snap_index.length)
        else:
            one = nearest_visible(x, y, base, standing, walls, wanted)
            two = nearest_visible(x, y, added, standing, walls, wanted)
            if one.s == NONE and two.s == NONE:
                continue
        metres = min(np.sqrt(min(one.square, two.square)) + SAME_M, LINK_LIMIT_M)
        s = lowest(x, y, base, standing, walls, wanted, metres)
        if s != NONE:
            return _link_to(x, y, base, s, snap_index.length)
        s = lowest(x, y, added, standing, walls, wanted, metres)
        return _link_to(x, y, added, s, snap_index.length)
    return _no_link(blocked=blocked)


@nb.njit(cache=True, nogil=True)
def _link_to(x: float, y: float, streets: Segments, s: int, length: FloatArray) -> Link:
    """Return the link of a place to the nearest point of a segment."""
    x1, y1, x2, y2 = streets.ends[s]
    foot = foot_on(streets.ends, s, x, y)
    edge = np.int64(streets.edge[s])
    offset = streets.along[s] + foot.share * np.hypot(x2 - x1, y2 - y1)
    offset = min(offset, length[edge])
    return Link(edge, offset, np.sqrt(foot.square), gate=NONE, blocked=False)


@nb.njit(cache=True, nogil=True)
def _no_link(blocked: bool) -> Link:  # noqa: FBT001 - a kernel
    return Link(np.int64(UNLINKED), np.nan, np.nan, gate=NONE, blocked=blocked)


@nb.njit(cache=True, nogil=True)
def _link_by_gate(x: float, y: float, snap_index: SnapIndex) -> Link:
    """Link a place through the gate by which it leaves best, ties to the first."""
    gates, b = snap_index.gates, snap_index.gates.buckets
    best, at = LINK_LIMIT_M, NONE
    if beyond_reach(x, y, b):
        return _no_link(blocked=True)
    low, high, first, last = buckets_around(x, y, LINK_LIMIT_M, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                g = b.item[k]
                to_x, to_y = gates.ends[g, 0] - x, gates.ends[g, 1] - y
                leg = np.sqrt(to_x * to_x + to_y * to_y)
                if leg > best:
                    continue
                _link_gate(g, snap_index)
                total = leg + gates.leg[g]  # NaN, where the gate has no link, is never better
                tie = total == best and (at == NONE or g < at)
                if (total < best or tie) and visible(x, y, to_x, to_y, snap_index.walls):
                    best, at = total, g
    if at == NONE:
        return _no_link(blocked=True)
    return Link(np.int64(gates.edge[at]), gates.offset[at], best, gate=at, blocked=False)


@nb.njit(cache=True, nogil=True)
def link_gates(snap_index: SnapIndex) -> None:
    """Link all gates that have not been linked yet."""
    for g in range(len(snap_index.gates.edge)):
        _link_gate(g, snap_index)


@nb.njit(cache=True, nogil=True)
def _link_gate(g: int, snap_index: SnapIndex) -> None:
    """Link a gate itself, straight, where that has not been done."""
    gates = snap_index.gates
    if gates.edge[g] == UNKNOWN:
        link = _link_straight(gates.ends[g, 0], gates.ends[g, 1], snap_index)
        gates.offset[g], gates.leg[g] = link.offset, link.leg
        gates.edge[g] = link.edge


class NearestSegment(NamedTuple):
    """A segment, :data:`NONE` for none; squares of its distance and of that of the next one.

    Where there is none, a square is :data:`_NEAR` or more.
    """

    s: int
    square: float
    rival: float


@nb.njit(cache=True, nogil=True)
def nearest(
    x: float, y: float, streets: Segments, standing: Standing, wanted: int
) -> NearestSegment:
    """Find the nearest segment of edges of one standing."""
    b = streets.buckets
    found = NearestSegment(NONE, _NEAR, np.inf)
    if beyond_reach(x, y, b):
        return found
    row, column = int(np.floor((y - b.south) / b.size)), int(np.floor((x - b.west) / b.size))
    to_side = min(x - b.west - column * b.size, b.west + (column + 1) * b.size - x)
    to_side = min(to_side, y - b.south - row * b.size, b.south + (row + 1) * b.size - y)
    ring = 0
    while True:
        away = (ring - 1) * b.size + to_side - SAME_M  # nothing in this ring is nearer
        if ring > 0 and away > 0 and away * away > found.square:
            return found
        for r in range(max(row - ring, 0), min(row + ring, b.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else max(2 * ring, 1)
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < b.columns:
                    found = _nearer(x, y, streets, standing, wanted, r * b.columns + c, found)
        ring += 1


@nb.njit(cache=True, nogil=True)
def _nearer(  # noqa: PLR0917 - a kernel
    x: float,
    y: float,
    streets: Segments,
    standing: Standing,
    wanted: int,
    bucket: int,
    found: NearestSegment,
) -> NearestSegment:
    """Return what has been found, or what is nearer in a bucket."""
    s, best, rival = found
    for k in range(streets.buckets.start[bucket], streets.buckets.start[bucket + 1]):
        here = streets.buckets.item[k]
        square = foot_on(streets.ends, here, x, y).square
        if square < rival and standing[streets.edge[here]] == wanted:
            if square < best:
                s, best, rival = here, square, best
            elif here != s:  # it may pass several buckets
                rival = square
    return NearestSegment(s, best, rival)


@nb.njit(cache=True, nogil=True)
def nearest_visible(  # noqa: PLR0917 - a kernel
    x: float, y: float, streets: Segments, standing: Standing, walls: Segments, wanted: int
) -> NearestSegment:
    """Find the nearest segment of edges of one standing whose nearest point is visible."""
    b = streets.buckets
    best, found = _NEAR, NONE
    if beyond_reach(x, y, b):
        return NearestSegment(found, best, best)
    low, high, first, last = buckets_around(x, y, LINK_LIMIT_M, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                foot = foot_on(streets.ends, s, x, y)
                if (
                    foot.square < best
                    and standing[streets.edge[s]] == wanted
                    and visible(x, y, foot.east, foot.north, walls)
                ):
                    best, found = foot.square, s
    return NearestSegment(found, best, best)


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
    b = streets.buckets
    edge, best, found = len(standing), np.inf, NONE
    if beyond_reach(x, y, b):
        return found
    low, high, first, last = buckets_around(x, y, metres, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                foot = foot_on(streets.ends, s, x, y)
                if foot.square > metres * metres:
                    continue
                of = streets.edge[s]
                nearer = foot.square < best or (foot.square == best and s < found)
                if (
                    (of < edge or (of == edge and nearer))
                    and standing[of] == wanted
                    and visible(x, y, foot.east, foot.north, walls)
                ):
                    edge, best, found = of, foot.square, s
    return found


@nb.njit(cache=True, nogil=True)
def visible(x: float, y: float, to_x: float, to_y: float, walls: Segments) -> bool:
    """Say whether no barrier lies on a leg, given by its start and its way; its ends may touch."""
    b = walls.buckets
    length = np.sqrt(to_x * to_x + to_y * to_y)
    if length <= 3 * TOUCH_M or not b.rows:
        return True
    from_x, from_y = x + to_x * (TOUCH_M / length), y + to_y * (TOUCH_M / length)
    to_x, to_y = to_x * (1 - 2 * TOUCH_M / length), to_y * (1 - 2 * TOUCH_M / length)
    low, high, first, last = _window(
        from_x + min(to_x, 0.0), from_y + min(to_y, 0.0),
        from_x + max(to_x, 0.0), from_y + max(to_y, 0.0), b,
    )  # fmt: skip
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                x1, y1, x2, y2 = walls.ends[b.item[k]]
                if meets(x1 - from_x, y1 - from_y, x2 - from_x, y2 - from_y, to_x, to_y):
                    return False
    return True


@nb.njit(cache=True, nogil=True)
def beyond_reach(x: float, y: float, b: Buckets) -> bool:
    """Say whether a place (or no place, NaN) is beyond the limit of all that is in buckets."""
    east, north = b.west + b.columns * b.size, b.south + b.rows * b.size
    across = b.west - LINK_LIMIT_M <= x <= east + LINK_LIMIT_M
    return not (b.rows > 0 and across and b.south - LINK_LIMIT_M <= y <= north + LINK_LIMIT_M)


@nb.njit(cache=True, nogil=True)
def buckets_around(x: float, y: float, metres: float, b: Buckets) -> tuple[int, int, int, int]:
    """As :func:`_window`, for all that lies within some metres of a place."""
    return _window(x - metres, y - metres, x + metres, y + metres, b)


@nb.njit(cache=True, nogil=True)
def _window(
    west: float, south: float, east: float, north: float, b: Buckets
) -> tuple[int, int, int, int]:
    """Return the first and last row and the first and last column of the buckets in a box."""
    low = max(int(np.floor((south - b.south) / b.size)), 0)
    high = min(int(np.floor((north - b.south) / b.size)), b.rows - 1)
    first = max(int(np.floor((west - b.west) / b.size)), 0)
    last = min(int(np.floor((east - b.west) / b.size)), b.columns - 1)
    return low, high, first, last
