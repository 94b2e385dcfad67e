"""Arrival times at linked places, read from the labels of a search (Numba).

The sum is that of :mod:`geo.routing.connectors`. Samples are kept as links and not as connectors,
because links serve every origin, walking speed and both directions of the walk, and take a third
of the memory.
"""

from typing import Final, NamedTuple

import numba as nb
import numpy as np

from geo.arrays import BoolArray, FloatArray, IndexArray, IntArray
from geo.isochrone.sample_grid import Samples
from geo.network.compile import WalkNetwork
from geo.network.search_graph import LABEL_SHIFT, TICKS_PER_S
from geo.network.snap_kernel import UNLINKED
from geo.routing.connectors import TripEnd, traversal_of
from geo.routing.shortest_paths import UNREACHED

_AT_NODE_M: Final = 1e-3
"""As :data:`geo.tolerances.SAME_M`, where offsets are kept in 32 bits, metres."""


class EdgeSides(NamedTuple):
    """How the edges of a network carry a walk to, or from, a place on them.

    Attributes
    ----------
    state : ndarray of int32, shape (m, 2)
        State at the start and at the end of each edge; its complement (``~state``) where the edge
        is not walked to (or from) a place on it by that end.
    length : ndarray of float64, shape (m,)
        Metres.
    ahead, behind : ndarray of bool, shape (m,)
        Whether a place further along the edge than an origin on it is in direct reach, or less far.
    effort : ndarray of float64, shape (m, 2)
        Level metres that a metre along each edge counts for, by the side that the walk to (or from)
        a place on it takes; side 0 leads to places further along, side 1 to those less far.
    ticks_per_m : float
        Of a level metre.
    """

    state: IndexArray
    length: FloatArray
    ahead: BoolArray
    behind: BoolArray
    effort: FloatArray
    ticks_per_m: float


class Origins(NamedTuple):
    """Places of the origins, the bounds of their edges, their links, and marks of those edges.

    Coordinates are metres from the corner of the cells.
    """

    at: FloatArray
    bounds: FloatArray
    edge: IntArray
    offset: FloatArray
    leg: FloatArray
    on_edge: BoolArray


def edge_sides(network: WalkNetwork, *, end: TripEnd) -> EdgeSides:
    """Return how walks leave origins, or come to destinations, on the edges."""
    stage, walked, effort = traversal_of(network, end=end)
    state = np.empty((len(network.edge_id), 2), np.int32)
    for side, node in enumerate((network.u, network.v)):
        usable = np.where(network.staged, stage[node], network.graph.public[node])
        state[:, side] = np.where(walked[side], usable, ~usable)
    return EdgeSides(
        state=state,
        length=network.length_m,
        ahead=walked[0],
        behind=walked[1],
        effort=np.ascontiguousarray(effort.T),
        ticks_per_m=TICKS_PER_S / network.profile.speed_m_s,
    )


class Arrivals(NamedTuple):
    """What times are read from: the samples of a network and the labels of one search."""

    samples: Samples
    label: IntArray
    sides: EdgeSides
    origins: Origins


@nb.njit(cache=True, nogil=True)
def ticks_of(at: IntArray, arrivals: Arrivals) -> FloatArray:
    """Return the walking times of samples, ticks; infinite where there is no link.

    Parameters
    ----------
    at : ndarray of int64, shape (n,)
        Where they stand in ``arrivals.samples``; negative for none.
    arrivals : Arrivals
    """
    # One loop over plain arrays: a call per sample would cost ten times as much.
    edge_of, offset_of, leg_of = (
        arrivals.samples.edge, arrivals.samples.offset, arrivals.samples.leg
    )  # fmt: skip
    label, on_edge = arrivals.label, arrivals.origins.on_edge
    state, length = arrivals.sides.state, arrivals.sides.length
    effort, per_m = arrivals.sides.effort, arrivals.sides.ticks_per_m
    out = np.full(len(at), np.inf)
    last, here, there, metres, unreached = UNLINKED, np.inf, np.inf, 0.0, True
    onwards, back = per_m, per_m
    for i in range(len(at)):
        edge = edge_of[at[i]] if at[i] >= 0 else UNLINKED
        if edge == UNLINKED:
            continue
        if edge != last:  # neighbours mostly share their edge
            last, metres = edge, length[edge]
            here, there = _ticks(label, state[edge, 0]), _ticks(label, state[edge, 1])
            onwards, back = effort[edge, 0] * per_m, effort[edge, 1] * per_m
            unreached = here == np.inf and there == np.inf and not on_edge[edge]
        if unreached:
            continue
        offset = offset_of[at[i]]
        rest = metres - offset
        best = np.inf
        if state[edge, 0] >= 0 or offset <= _AT_NODE_M:
            best = here + offset * onwards
        if state[edge, 1] >= 0 or rest <= _AT_NODE_M:
            best = min(best, there + rest * back)
        if on_edge[edge]:
            best = min(best, _straight(edge, offset, arrivals.sides, arrivals.origins))
        out[i] = best + leg_of[at[i]] * per_m
    return out


@nb.njit(cache=True, nogil=True)
def _ticks(label: IntArray, state: int) -> float:
    """Return the time at a state, or at the one that it is the complement of."""
    arrival = label[max(state, ~state)]
    return float(arrival >> LABEL_SHIFT) if arrival != UNREACHED else np.inf


@nb.njit(cache=True, nogil=True)
def _straight(edge: int, offset: float, sides: EdgeSides, origins: Origins) -> float:
    """Return the time from the nearest origin on an edge straight along it, ticks."""
    best = np.inf
    for k in range(len(origins.edge)):
        if origins.edge[k] == edge:
            ahead = offset - origins.offset[k]
            allowed = sides.ahead[edge] if ahead > 0 else sides.behind[edge]
            if allowed or abs(ahead) <= _AT_NODE_M:
                along = abs(ahead) * sides.effort[edge, 0 if ahead > 0 else 1]
                best = min(best, (along + origins.leg[k]) * sides.ticks_per_m)
    return best
