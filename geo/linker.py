"""Linking, compiled: the rules of :mod:`geo.link` for very many places (Numba).

A picture asks for the links of tens of thousands of places; here each takes a few microseconds, and
one costs no more than a place among many. Streets and barriers are cut into straight segments and
sorted into square buckets; a place looks through the buckets around it, ring after ring.
"""

from dataclasses import InitVar, dataclass, field
from typing import Any, Final, NamedTuple

import numba as nb
import numpy as np
import shapely

from geo.arrays import FloatArray
from geo.link import LINK_LIMIT_M
from geo.network import WalkNetwork
from geo.segments import IndexArray, Segments, segments_of

_SHRINK_M: Final = 0.01
"""As in :mod:`geo.link`: a leg may touch a barrier with its two ends."""

UNLINKED: Final = -1
"""Edge of a place that has no link."""


class Gates(NamedTuple):
    """Gates that are linked straight: place, and edge, offset and leg of their link."""

    at: FloatArray
    edge: IndexArray
    offset: FloatArray
    leg: FloatArray


class Ground(NamedTuple):
    """All that linking looks at. ``near`` are edges of ordinary components, ``tiny`` the rest."""

    near: Segments
    tiny: Segments
    walls: Segments
    gates: Gates
    length: FloatArray
    limit: float


class Link(NamedTuple):
    """A link: edge (:data:`UNLINKED`), offset and leg, metres."""

    edge: np.int64
    offset: float
    leg: float


@dataclass(slots=True)
class Linker:
    """The streets, barriers and gates of a network, ready to link any place.

    Attributes
    ----------
    ground : Ground
    corner : ndarray of float64, shape (2,)
        Origin of all coordinates in `ground`, metres in the network's CRS.
    """

    network: InitVar[WalkNetwork]
    limit_m: InitVar[float] = LINK_LIMIT_M
    ground: Ground = field(init=False)
    corner: FloatArray = field(init=False)

    def __post_init__(self, network: WalkNetwork, limit_m: float) -> None:
        pieces = network.pieces
        ends = shapely.get_coordinates(np.concatenate([pieces.geometry, network.barriers]))
        self.corner = np.floor(ends.min(axis=0)) if len(ends) else np.zeros(2)
        tiny = network.tiny_island[pieces.edge]
        lines = np.arange(len(pieces.edge))
        near, small = (
            segments_of(
                pieces.geometry[of], self.corner,
                edge=pieces.edge[of], offset_m=pieces.offset_m[of],
            )
            for of in (lines[~tiny], lines[tiny])
        )  # fmt: skip
        zeros = np.zeros(len(network.barriers), np.int64)
        walls = segments_of(network.barriers, self.corner, edge=zeros, offset_m=zeros.astype(float))
        none = Gates(np.zeros((0, 2)), np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
        ground = Ground(near, small, walls, none, network.length_m, limit_m)
        gates = shapely.get_coordinates(network.gates) - self.corner
        edge, offset, leg = link_places(gates, ground)
        on = edge >= 0
        self.ground = ground._replace(gates=Gates(gates[on], edge[on], offset[on], leg[on]))

    def link(self, xy: FloatArray) -> tuple[IndexArray, FloatArray, FloatArray]:
        """Link places.

        Parameters
        ----------
        xy : ndarray of float64, shape (n, 2)
            Metres in the network's CRS.

        Returns
        -------
        edge : ndarray of int32, shape (n,)
            :data:`UNLINKED` for none.
        offset_m, leg_m : ndarray of float64, shape (n,)
            NaN where unlinked.
        """
        edge, offset, leg = link_places(np.ascontiguousarray(xy - self.corner), self.ground)
        return edge, offset, leg


@nb.njit(cache=True, nogil=True)
def _foot(ends: FloatArray, s: int, x: float, y: float) -> tuple[float, float, float, float]:
    """Return the nearest point of a segment, its square distance, and its share of the segment."""
    x1, y1, x2, y2 = ends[s, 0], ends[s, 1], ends[s, 2], ends[s, 3]
    dx, dy = x2 - x1, y2 - y1
    square = dx * dx + dy * dy
    share = ((x - x1) * dx + (y - y1) * dy) / square if square > 0 else 0.0
    if share <= 0:
        fx, fy, share = x1, y1, 0.0
    elif share >= 1:
        fx, fy, share = x2, y2, 1.0
    else:
        fx, fy = x1 + share * dx, y1 + share * dy
    return fx, fy, (x - fx) ** 2 + (y - fy) ** 2, share


@nb.njit(cache=True, nogil=True)
def _nearest(x: float, y: float, streets: Segments, limit: float) -> int:
    """Return the nearest segment within the limit, ties to the lowest; -1 for none."""
    b = streets.buckets
    best, found = limit * limit, -1
    row, column = int(np.floor((y - b.south) / b.size)), int(np.floor((x - b.west) / b.size))
    to_side = min(x - b.west - column * b.size, b.west + (column + 1) * b.size - x)
    to_side = min(to_side, y - b.south - row * b.size, b.south + (row + 1) * b.size - y)
    ring = 0
    while True:
        away = (ring - 1) * b.size + to_side  # nothing in this ring is nearer
        if ring > 0 and away > 0 and away * away > best:
            return found
        for r in range(max(row - ring, 0), min(row + ring, b.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else max(2 * ring, 1)
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < b.columns:
                    bucket = r * b.columns + c
                    for k in range(b.start[bucket], b.start[bucket + 1]):
                        s = b.item[k]
                        square = _foot(streets.ends, s, x, y)[2]
                        tie = square == best and (found < 0 or s < found)
                        if square < best or tie:
                            best, found = square, s
        ring += 1


@nb.njit(cache=True, nogil=True)
def _side(  # noqa: PLR0917 - numbers, in a kernel
    ax: float, ay: float, bx: float, by: float, x: float, y: float
) -> float:
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


@nb.njit(cache=True, nogil=True)
def _meets(ends: FloatArray, s: int, leg: tuple[float, float, float, float]) -> bool:
    """Say whether a leg touches a segment."""
    ax, ay, bx, by = leg
    x1, y1, x2, y2 = ends[s, 0], ends[s, 1], ends[s, 2], ends[s, 3]
    if max(x1, x2) < min(ax, bx) or max(ax, bx) < min(x1, x2):
        return False
    if max(y1, y2) < min(ay, by) or max(ay, by) < min(y1, y2):
        return False
    if _side(ax, ay, bx, by, x1, y1) * _side(ax, ay, bx, by, x2, y2) > 0:
        return False
    return _side(x1, y1, x2, y2, ax, ay) * _side(x1, y1, x2, y2, bx, by) <= 0


@nb.njit(cache=True, nogil=True)
def _visible(x: float, y: float, fx: float, fy: float, walls: Segments) -> bool:
    """Say whether no barrier lies between two places; their own ends are drawn in."""
    b = walls.buckets
    length = np.hypot(fx - x, fy - y)
    if length <= 3 * _SHRINK_M or not b.rows:
        return True
    sx, sy = (fx - x) * (_SHRINK_M / length), (fy - y) * (_SHRINK_M / length)
    leg = (x + sx, y + sy, fx - sx, fy - sy)
    low = max(int(np.floor((min(leg[1], leg[3]) - b.south) / b.size)), 0)
    high = min(int(np.floor((max(leg[1], leg[3]) - b.south) / b.size)), b.rows - 1)
    first = max(int(np.floor((min(leg[0], leg[2]) - b.west) / b.size)), 0)
    last = min(int(np.floor((max(leg[0], leg[2]) - b.west) / b.size)), b.columns - 1)
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                if _meets(walls.ends, b.item[k], leg):
                    return False
    return True


@nb.njit(cache=True, nogil=True)
def _nearest_visible(x: float, y: float, streets: Segments, walls: Segments, limit: float) -> int:
    """Return the nearest segment whose nearest point is visible, ties to the lowest; or -1."""
    b = streets.buckets
    low = max(int(np.floor((y - limit - b.south) / b.size)), 0)
    high = min(int(np.floor((y + limit - b.south) / b.size)), b.rows - 1)
    first = max(int(np.floor((x - limit - b.west) / b.size)), 0)
    last = min(int(np.floor((x + limit - b.west) / b.size)), b.columns - 1)
    best, found = limit * limit, -1
    for row in range(low, high + 1):
        for bucket in range(row * b.columns + first, row * b.columns + last + 1):
            for k in range(b.start[bucket], b.start[bucket + 1]):
                s = b.item[k]
                fx, fy, square, _ = _foot(streets.ends, s, x, y)
                tie = square == best and (found < 0 or s < found)
                if (square < best or tie) and _visible(x, y, fx, fy, walls):
                    best, found = square, s
    return found


@nb.njit(cache=True, nogil=True)
def _link_straight(x: float, y: float, streets: Segments, walls: Segments, limit: float) -> Any:  # noqa: ANN401
    """Return the segment of the best visible leg (-1 for none), and whether any leg was there."""
    s = _nearest(x, y, streets, limit)
    if s < 0:
        return s, False
    fx, fy, _, _ = _foot(streets.ends, s, x, y)
    if _visible(x, y, fx, fy, walls):
        return s, True
    return _nearest_visible(x, y, streets, walls, limit), True


@nb.njit(cache=True, nogil=True)
def _by_gate(x: float, y: float, ground: Ground) -> Link:
    """Link a place through the gate by which it leaves best."""
    gates = ground.gates
    best, at = np.inf, -1
    for g in range(len(gates.edge)):
        gx, gy = gates.at[g, 0], gates.at[g, 1]
        leg = np.hypot(gx - x, gy - y)
        total = leg + gates.leg[g]
        near = leg <= ground.limit and total <= ground.limit and total < best
        if near and _visible(x, y, gx, gy, ground.walls):
            best, at = total, g
    if at < 0:
        return Link(np.int64(UNLINKED), np.nan, np.nan)
    return Link(np.int64(gates.edge[at]), gates.offset[at], best)


@nb.njit(cache=True, nogil=True)
def link_one(x: float, y: float, ground: Ground) -> Link:
    """Link one place, given in metres from the linker's corner."""
    blocked = False
    for streets in (ground.near, ground.tiny):
        s, near = _link_straight(x, y, streets, ground.walls, ground.limit)
        if s >= 0:
            _, _, square, share = _foot(streets.ends, s, x, y)
            x1, y1, x2, y2 = streets.ends[s]
            edge = np.int64(streets.edge[s])
            offset = streets.along[s] + share * np.hypot(x2 - x1, y2 - y1)
            return Link(edge, min(offset, ground.length[edge]), np.sqrt(square))
        blocked |= near
    if blocked:
        return _by_gate(x, y, ground)
    return Link(np.int64(UNLINKED), np.nan, np.nan)


@nb.njit(cache=True, nogil=True)
def link_places(at: FloatArray, ground: Ground) -> Any:  # noqa: ANN401 - three arrays
    """Link many places; return edge, offset and leg of each."""
    edge = np.empty(len(at), np.int32)
    offset, leg = np.empty(len(at)), np.empty(len(at))
    for i in range(len(at)):
        found = link_one(at[i, 0], at[i, 1], ground)
        edge[i], offset[i], leg[i] = found.edge, found.offset, found.leg
    return edge, offset, leg
