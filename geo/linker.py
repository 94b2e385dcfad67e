"""Linking, compiled: a place, the streets, barriers and gates around it, and the best leg (Numba).

The rule is that of :func:`geo.link.link`. A place looks through the buckets of segments around it,
ring after ring, and measures from where it stands itself; so each link takes a few microseconds,
and is the same to the last bit whatever else the network holds.
"""

from typing import Final, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.segments import Buckets, IndexArray, Segments

LINK_LIMIT_M: Final = 200.0
"""Longest access leg, metres, inclusive (ARCHITECTURE: what coverage means, 1)."""

_SHRINK_M: Final = 0.01
"""A leg may touch a barrier with its two ends (a gate stands in its wall); each end is drawn in by
this much, metres, before crossing is tested."""

_SAME_M: Final = 1e-6
"""Edges are at the same distance where that differs by no more than this, metres: streets that are
drawn one upon the other, up to rounding."""

_NONE: Final = -1
"""No segment."""

UNLINKED: Final = -1
"""Edge of a place that has no link."""

UNKNOWN: Final = -2
"""Edge of a gate that has not been linked yet."""

ORDINARY, TINY, CLOSED = 0, 1, 2
"""Standing of an edge: places are linked to it; only where nothing else can be; never."""


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


class Ground(NamedTuple):
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
    standing: npt.NDArray[np.uint8]
    length: FloatArray
    walls: Segments
    gates: Gates


class Link(NamedTuple):
    """A link: edge (:data:`UNLINKED`), offset and leg, metres; whether barriers forbid one."""

    edge: np.int64
    offset: float
    leg: float
    blocked: bool


class _Found(NamedTuple):
    """A segment, :data:`_NONE` for none, and the square of its distance; at most the limit's."""

    s: int
    square: float


class _Foot(NamedTuple):
    """Nearest point of a segment, seen from a place; its square distance; its share of the way."""

    east: float
    north: float
    square: float
    share: float


@nb.njit(cache=True, nogil=True)
def _foot(ends: FloatArray, s: int, x: float, y: float) -> _Foot:
    to_x, to_y = ends[s, 0] - x, ends[s, 1] - y
    dx, dy = ends[s, 2] - ends[s, 0], ends[s, 3] - ends[s, 1]
    square = dx * dx + dy * dy
    share = -(to_x * dx + to_y * dy) / square if square > 0 else 0.0
    if share <= 0:
        share = 0.0
    elif share >= 1:
        to_x, to_y, share = ends[s, 2] - x, ends[s, 3] - y, 1.0
    else:
        to_x, to_y = to_x + share * dx, to_y + share * dy
    return _Foot(to_x, to_y, to_x * to_x + to_y * to_y, share)


@nb.njit(cache=True, nogil=True)
def _far(x: float, y: float, b: Buckets) -> bool:
    """Say whether a place (or no place, NaN) is beyond the limit of all that is in buckets."""
    east, north = b.west + b.columns * b.size, b.south + b.rows * b.size
    across = b.west - LINK_LIMIT_M <= x <= east + LINK_LIMIT_M
    return not (b.rows > 0 and across and b.south - LINK_LIMIT_M <= y <= north + LINK_LIMIT_M)


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


@nb.njit(cache=True, nogil=True)
def _around(x: float, y: float, metres: float, b: Buckets) -> tuple[int, int, int, int]:
    """As :func:`_window`, for all that lies within some metres of a place."""
    return _window(x - metres, y - metres, x + metres, y + metres, b)


@nb.njit(cache=True, nogil=True)
def _nearest(x: float, y: float, streets: Segments, ground: Ground, wanted: int) -> _Found:
    """Find the nearest segment of edges of one standing."""
    b = streets.buckets
    best, found = LINK_LIMIT_M * LINK_LIMIT_M, _NONE
    if _far(x, y, b):
        return _Found(found, best)
    row, column = int(np.floor((y - b.south) / b.size)), int(np.floor((x - b.west) / b.size))
    to_side = min(x - b.west - column * b.size, b.west + (column + 1) * b.size - x)
    to_side = min(to_side, y - b.south - row * b.size, b.south + (row + 1) * b.size - y)
    ring = 0
    while True:
        away = (ring - 1) * b.size + to_side  # nothing in this ring is nearer
        if ring > 0 and away > 0 and away * away > best:
            return _Found(found, best)
        for r in range(max(row - ring, 0), min(row + ring, b.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else max(2 * ring, 1)
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < b.columns:
                    bucket = r * b.columns + c
                    for k in range(b.start[bucket], b.start[bucket + 1]):
                        s = b.item[k]
                        if ground.standing[streets.edge[s]] == wanted:
                            square = _foot(streets.ends, s, x, y).square
                            if square < best or (square == best and found == _NONE):
                                best, found = square, s
        ring += 1


@nb.njit(cache=True, nogil=True)
def _side(ax: float, ay: float, bx: float, by: float) -> float:
    """Return on which side of the way to `a` the place `b` lies, as a signed area."""
    return ax * by - ay * bx


@nb.njit(cache=True, nogil=True)
def _meets(  # noqa: PLR0917 - numbers, in a kernel
    x1: float, y1: float, x2: float, y2: float, to_x: float, to_y: float
) -> bool:
    """Say whether a wall touches the way from the origin to a place."""
    if max(x1, x2) < min(0.0, to_x) or max(0.0, to_x) < min(x1, x2):
        return False
    if max(y1, y2) < min(0.0, to_y) or max(0.0, to_y) < min(y1, y2):
        return False
    if _side(to_x, to_y, x1, y1) * _side(to_x, to_y, x2, y2) > 0:
        return False
    dx, dy = x2 - x1, y2 - y1
    return _side(dx, dy, -x1, -y1) * _side(dx, dy, to_x - x1, to_y - y1) <= 0


@nb.njit(cache=True, nogil=True)
def _visible(x: float, y: float, to_x: float, to_y: float, walls: Segments) -> bool:
    """Say whether no barrier lies on a leg, given by its start and its way; its ends may touch."""
    b = walls.buckets
    length = np.sqrt(to_x * to_x + to_y * to_y)
    if length <= 3 * _SHRINK_M or not b.rows:
        return True
    from_x, from_y = x + to_x * (_SHRINK_M / length), y + to_y * (_SHRINK_M / length)
    to_x, to_y = to_x * (1 - 2 * _SHRINK_M / length), to_y * (1 - 2 * _SHRINK_M / length)
    low, high, first, last = _window(
        from_x + min(to_x, 0.0), from_y + min(to_y, 0.0),
        from_x + max(to_x, 0.0), from_y + max(to_y, 0.0), b,
    )  # fmt: skip
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                x1, y1, x2, y2 = walls.ends[b.item[k]]
                if _meets(x1 - from_x, y1 - from_y, x2 - from_x, y2 - from_y, to_x, to_y):
                    return False
    return True


@nb.njit(cache=True, nogil=True)
def _nearest_visible(x: float, y: float, streets: Segments, ground: Ground, wanted: int) -> _Found:
    """Find the nearest segment of edges of one standing whose nearest point is visible."""
    b = streets.buckets
    best, found = LINK_LIMIT_M * LINK_LIMIT_M, _NONE
    if _far(x, y, b):
        return _Found(found, best)
    low, high, first, last = _around(x, y, LINK_LIMIT_M, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                if ground.standing[streets.edge[s]] == wanted:
                    foot = _foot(streets.ends, s, x, y)
                    nearer = foot.square < best or (foot.square == best and found == _NONE)
                    if nearer and _visible(x, y, foot.east, foot.north, ground.walls):
                        best, found = foot.square, s
    return _Found(found, best)


@nb.njit(cache=True, nogil=True)
def _lowest(  # noqa: PLR0917 - a kernel
    x: float, y: float, streets: Segments, ground: Ground, wanted: int, metres: float
) -> int:
    """Return the segment, of the first edge that is visible within some metres, that is nearest."""
    b = streets.buckets
    edge, best, found = len(ground.standing), np.inf, _NONE
    if _far(x, y, b):
        return found
    low, high, first, last = _around(x, y, metres, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                of = streets.edge[s]
                if of <= edge and ground.standing[of] == wanted:
                    foot = _foot(streets.ends, s, x, y)
                    tie = of == edge and foot.square == best and s < found
                    better = of < edge or foot.square < best or tie
                    if foot.square > metres * metres or not better:
                        continue
                    if _visible(x, y, foot.east, foot.north, ground.walls):
                        edge, best, found = of, foot.square, s
    return found


@nb.njit(cache=True, nogil=True)
def _link_to(x: float, y: float, streets: Segments, s: int, ground: Ground) -> Link:
    """Return the link of a place to the nearest point of a segment."""
    x1, y1, x2, y2 = streets.ends[s]
    foot = _foot(streets.ends, s, x, y)
    edge = np.int64(streets.edge[s])
    offset = streets.along[s] + foot.share * np.hypot(x2 - x1, y2 - y1)
    return Link(edge, min(offset, ground.length[edge]), np.sqrt(foot.square), blocked=False)


@nb.njit(cache=True, nogil=True)
def _link_straight(x: float, y: float, ground: Ground) -> Link:
    """Link a place by a straight leg, to ordinary edges first, then to tiny islands.

    Most places see the nearest point of their nearest segment; only the others look through all.
    """
    base, added = ground.streets
    blocked = False
    for wanted in (ORDINARY, TINY):
        one = _nearest(x, y, base, ground, wanted)
        two = _nearest(x, y, added, ground, wanted)
        if one.s == _NONE and two.s == _NONE:
            continue
        blocked = True
        nearer = one.s != _NONE and (two.s == _NONE or one.square <= two.square)
        foot = _foot(base.ends, one.s, x, y) if nearer else _foot(added.ends, two.s, x, y)
        if not _visible(x, y, foot.east, foot.north, ground.walls):
            one = _nearest_visible(x, y, base, ground, wanted)
            two = _nearest_visible(x, y, added, ground, wanted)
            if one.s == _NONE and two.s == _NONE:
                continue
        metres = min(np.sqrt(min(one.square, two.square)) + _SAME_M, LINK_LIMIT_M)
        s = _lowest(x, y, base, ground, wanted, metres)
        if s != _NONE:
            return _link_to(x, y, base, s, ground)
        s = _lowest(x, y, added, ground, wanted, metres)
        return _link_to(x, y, added, s, ground)
    return Link(np.int64(UNLINKED), np.nan, np.nan, blocked=blocked)


@nb.njit(cache=True, nogil=True)
def _link_gate(g: int, ground: Ground) -> None:
    """Link a gate itself, straight, where that has not been done."""
    gates = ground.gates
    if gates.edge[g] == UNKNOWN:
        link = _link_straight(gates.ends[g, 0], gates.ends[g, 1], ground)
        gates.offset[g], gates.leg[g] = link.offset, link.leg
        gates.edge[g] = link.edge


@nb.njit(cache=True, nogil=True)
def _link_by_gate(x: float, y: float, ground: Ground) -> Link:
    """Link a place through the gate by which it leaves best, ties to the first."""
    gates, b = ground.gates, ground.gates.buckets
    best, at = LINK_LIMIT_M, -1
    if _far(x, y, b):
        return Link(np.int64(UNLINKED), np.nan, np.nan, blocked=True)
    low, high, first, last = _around(x, y, LINK_LIMIT_M, b)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                g = b.item[k]
                to_x, to_y = gates.ends[g, 0] - x, gates.ends[g, 1] - y
                leg = np.sqrt(to_x * to_x + to_y * to_y)
                if leg > best:
                    continue
                _link_gate(g, ground)
                total = leg + gates.leg[g]  # NaN, where the gate has no link, is never better
                tie = total == best and (at < 0 or g < at)
                if (total < best or tie) and _visible(x, y, to_x, to_y, ground.walls):
                    best, at = total, g
    if at < 0:
        return Link(np.int64(UNLINKED), np.nan, np.nan, blocked=True)
    return Link(np.int64(gates.edge[at]), gates.offset[at], best, blocked=False)


@nb.njit(cache=True, nogil=True)
def link_one(x: float, y: float, ground: Ground) -> Link:
    """Link one place, metres in the network's CRS."""
    link = _link_straight(x, y, ground)
    return _link_by_gate(x, y, ground) if link.blocked else link


@nb.njit(cache=True, nogil=True)
def link_places(
    xy: FloatArray, ground: Ground
) -> tuple[IntArray, FloatArray, FloatArray, BoolArray]:
    """Link many places; return edge, offset and leg of each, and whether barriers forbid one."""
    edge, blocked = np.empty(len(xy), np.int64), np.empty(len(xy), np.bool_)
    offset, leg = np.empty(len(xy)), np.empty(len(xy))
    for i in range(len(xy)):
        link = link_one(xy[i, 0], xy[i, 1], ground)
        edge[i], offset[i], leg[i], blocked[i] = link
    return edge, offset, leg, blocked


@nb.njit(cache=True, nogil=True)
def link_gates(ground: Ground) -> None:
    """Link all gates that have not been linked yet."""
    for g in range(len(ground.gates.edge)):
        _link_gate(g, ground)
