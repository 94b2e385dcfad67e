"""Linking, compiled: a place, the streets, barriers and gates around it, and the best leg (Numba).

The rule is that of :func:`geo.link.link`. A link takes a few microseconds, and is the same to the
last bit whatever else the network holds.
"""

from typing import Final, NamedTuple

import numba as nb
import numpy as np

from geo.arrays import BoolArray, FloatArray, IndexArray, IntArray
from geo.legs import LINK_LIMIT_M, beyond_reach, buckets_around, foot_on, visible
from geo.nearest import NONE, SAME_M, Standing, lowest, nearest, nearest_visible
from geo.segments import Buckets, Segments

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
    standing: Standing
    length: FloatArray
    walls: Segments
    gates: Gates


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


@nb.njit(cache=True, nogil=True)
def _no_link(blocked: bool) -> Link:  # noqa: FBT001 - a kernel
    return Link(np.int64(UNLINKED), np.nan, np.nan, gate=NONE, blocked=blocked)


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
def _link_straight(x: float, y: float, ground: Ground) -> Link:
    """Link a place by a straight leg, to ordinary edges first, then to tiny islands.

    Most places see the nearest point of their nearest segment; only the others look through all.
    """
    (base, added), standing, walls = ground.streets, ground.standing, ground.walls
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
                return _link_to(x, y, streets, s, ground.length)
        else:
            one = nearest_visible(x, y, base, standing, walls, wanted)
            two = nearest_visible(x, y, added, standing, walls, wanted)
            if one.s == NONE and two.s == NONE:
                continue
        metres = min(np.sqrt(min(one.square, two.square)) + SAME_M, LINK_LIMIT_M)
        s = lowest(x, y, base, standing, walls, wanted, metres)
        if s != NONE:
            return _link_to(x, y, base, s, ground.length)
        s = lowest(x, y, added, standing, walls, wanted, metres)
        return _link_to(x, y, added, s, ground.length)
    return _no_link(blocked=blocked)


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
                _link_gate(g, ground)
                total = leg + gates.leg[g]  # NaN, where the gate has no link, is never better
                tie = total == best and (at == NONE or g < at)
                if (total < best or tie) and visible(x, y, to_x, to_y, ground.walls):
                    best, at = total, g
    if at == NONE:
        return _no_link(blocked=True)
    return Link(np.int64(gates.edge[at]), gates.offset[at], best, gate=at, blocked=False)


@nb.njit(cache=True, nogil=True)
def link_one(x: float, y: float, ground: Ground) -> Link:
    """Link one place, metres in the network's CRS."""
    link = _link_straight(x, y, ground)
    return _link_by_gate(x, y, ground) if link.blocked else link


@nb.njit(cache=True, nogil=True)
def link_places(
    xy: FloatArray, ground: Ground
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, BoolArray]:
    """Link many places; return the members of their links."""
    edge, gate = np.empty(len(xy), np.int64), np.empty(len(xy), np.int64)
    offset, leg = np.empty(len(xy)), np.empty(len(xy))
    blocked = np.empty(len(xy), np.bool_)
    for i in range(len(xy)):
        link = link_one(xy[i, 0], xy[i, 1], ground)
        edge[i], offset[i], leg[i], gate[i], blocked[i] = link
    return edge, offset, leg, gate, blocked


@nb.njit(cache=True, nogil=True)
def link_gates(ground: Ground) -> None:
    """Link all gates that have not been linked yet."""
    for g in range(len(ground.gates.edge)):
        _link_gate(g, ground)
