"""Reachable edges: which part of which edge lies within a travel-time budget (Numba).

The parts together are the service area of the origins, along the network.

An edge is reached from either end, and from an origin on it, as far as the time left allows; one
that is longer than the budget is reached in part, perhaps from both ends.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.arrays import FloatArray, IndexArray, IntArray
from geo.isochrone.arrival_times import EdgeSides, Origins
from geo.network.compile import WalkNetwork
from geo.network.search_graph import LABEL_SHIFT
from geo.network.snap_kernel import LINK_LIMIT_M
from geo.routing.shortest_paths import UNREACHED

Box = tuple[float, float, float, float]
"""West, south, east and north, metres from the corner of the cells."""


class Incidence(NamedTuple):
    """The edges that a walk comes to from each state, side by side as the states are in space.

    Attributes
    ----------
    start : ndarray of int32, shape (n_states + 1,)
        Those of state s are ``start[s]`` to ``start[s + 1]``.
    item : ndarray of int32, shape (k,)
        Twice the edge, plus 1 where the state is at its end.
    other : ndarray of int32, shape (k,)
        State at the other side; negative where the edge is not walked from there.
    length : ndarray of float64, shape (k,)
        Metres.
    per_level : ndarray of float64, shape (k, 2)
        Metres along the edge that a level metre is worth, from here and from the other side.
    bounds : ndarray of float64, shape (k, 4)
        West, south, east and north of each edge, metres from the corner.
    at : ndarray of float64, shape (n_states, 2)
        Place of each state, metres from the corner.
    """

    start: IndexArray
    item: IndexArray
    other: IndexArray
    length: FloatArray
    per_level: FloatArray
    bounds: FloatArray
    at: FloatArray


@dataclass(frozen=True, slots=True)
class ReachableEdges:
    """Parts of edges within a budget.

    Attributes
    ----------
    edge : ndarray of int64, shape (p,)
    start_m, stop_m : ndarray of float64, shape (p,)
        Where the part begins and ends on the edge, metres from its start.
    box : tuple of float
        West, south, east and north, metres from the corner of the cells, of all places
        within the budget, access legs included; rather too large than too small.
    """

    edge: IntArray
    start_m: FloatArray
    stop_m: FloatArray
    box: Box

    @property
    def metres(self) -> float:
        """Length of all parts."""
        return float((self.stop_m - self.start_m).sum())


def incidence_of(network: WalkNetwork, sides: EdgeSides, corner: FloatArray) -> Incidence:
    """Return the edges at each state; places are counted from `corner`."""
    n = network.graph.n_states
    state, other = sides.state.ravel(), sides.state[:, ::-1].ravel()
    item = np.flatnonzero(state >= 0)
    item = item[np.argsort(state[item], kind="stable")]
    length = np.repeat(sides.length, 2)[item]
    effort = np.stack([sides.effort, sides.effort[:, ::-1]], axis=1)
    at = np.zeros((n, 2))
    at[state[item]] = np.stack(network.geometry.ends(), axis=1).reshape(-1, 2)[item] - corner
    return Incidence(
        start=np.searchsorted(state[item], np.arange(n + 1)).astype(np.int32),
        item=item.astype(np.int32),
        other=other[item],
        length=length,
        per_level=1 / effort.reshape(-1, 2)[item],
        bounds=network.geometry.bounds()[item // 2] - np.tile(corner, 2),
        at=at,
    )


def reached(
    label: IntArray,
    touched: npt.NDArray[np.uint32],
    budget: float,
    *,
    sides: EdgeSides,
    origins: Origins,
    incidence: Incidence,
) -> ReachableEdges:
    """Return what a search reached within a budget.

    Parameters
    ----------
    label : ndarray of int64, shape (n_states,)
        Labels of a search within at least `budget`.
    touched : ndarray of uint32
        States that the search labelled.
    budget : float
        Ticks.
    sides, origins, incidence
        Of the network and of the origins that the search began at.

    Returns
    -------
    ReachableEdges
        Parts in no particular order; none overlap. O(k) for the k edges within the budget.
    """
    edge, parts, box = _reached(label, touched, budget, sides, origins, incidence)
    on = _around_origins(label, budget, sides, origins)
    return ReachableEdges(
        edge=np.concatenate([edge, np.array([part[0] for part in on], np.int64)]),
        start_m=np.concatenate([parts[0], [part[1] for part in on]]),
        stop_m=np.concatenate([parts[1], [part[2] for part in on]]),
        box=box,
    )


@nb.njit(cache=True, nogil=True)
def _left(label: IntArray, state: int, budget: float, ticks_per_m: float) -> float:
    """Return how many level metres may still be walked at a state; negative for none."""
    if state < 0 or label[state] == UNREACHED:
        return -1.0
    return float((budget - (label[state] >> LABEL_SHIFT)) / ticks_per_m)


@nb.njit(cache=True, nogil=True)
def _grow(
    box: FloatArray, bounds: FloatArray, row: int, around: tuple[float, float, float, float]
) -> None:
    """Let a box hold what is within reach of an edge from a place.

    `around` is x and y, the metres along the edge, and the level metres that are left for a leg.
    """
    x, y, metres, left = around
    leg = min(left, LINK_LIMIT_M)
    box[0] = min(box[0], max(bounds[row, 0], x - metres) - leg)
    box[1] = min(box[1], max(bounds[row, 1], y - metres) - leg)
    box[2] = max(box[2], min(bounds[row, 2], x + metres) + leg)
    box[3] = max(box[3], min(bounds[row, 3], y + metres) + leg)


def _around_origins(
    label: IntArray, budget: float, sides: EdgeSides, origins: Origins
) -> list[tuple[int, float, float]]:
    """Return edge, start and stop of the reached parts of the edges that origins lie on."""
    spans: dict[int, list[tuple[float, float]]] = {}
    for edge, offset, leg in zip(origins.edge, origins.offset, origins.leg, strict=True):
        metres, length = budget / sides.ticks_per_m - leg, sides.length[edge]
        onwards, back = (1.0 / sides.effort[edge]).tolist()
        if edge not in spans:
            left = [_left(label, state, budget, sides.ticks_per_m) for state in sides.state[edge]]
            spans[edge] = [(0.0, min(left[0] * onwards, length))] if left[0] >= 0 else []
            spans[edge] += [(max(length - left[1] * back, 0.0), length)] if left[1] >= 0 else []
        if metres >= 0:
            low = max(offset - metres * back, 0.0) if sides.behind[edge] else offset
            high = min(offset + metres * onwards, length) if sides.ahead[edge] else offset
            spans[edge].append((low, high))
    return [(edge, *span) for edge, found in spans.items() for span in _merged(found)]


def _merged(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the union of intervals as intervals that are apart."""
    merged: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


@nb.njit(cache=True, nogil=True)
def _from_side(side: int, left: float, other: float, length: float) -> tuple[float, float]:
    """Return start and stop of what is reached of an edge from one side.

    `left` and `other` are the metres left at this side and at the other one. An edge that is
    reached throughout from both counts at its start; seen from its end, start and stop are equal.
    """
    if other >= 0 and left + other >= length:
        return 0.0, length if side == 0 else 0.0
    metres = min(left, length)
    return (0.0, metres) if side == 0 else (length - metres, length)


@nb.njit(cache=True, nogil=True)
def _reached(  # noqa: PLR0917 - a kernel: arrays by position
    label: IntArray,
    touched: npt.NDArray[np.uint32],
    budget: float,
    sides: EdgeSides,
    origins: Origins,
    incidence: Incidence,
) -> Any:  # noqa: ANN401 - two arrays and the box
    per_m = sides.ticks_per_m
    room = 0
    for k in range(len(touched)):
        room += incidence.start[touched[k] + 1] - incidence.start[touched[k]]
    edges = np.empty(room, np.int64)
    parts = np.empty((2, room), np.float64)
    box = np.empty(4, np.float64)
    box[:2], box[2:] = np.inf, -np.inf
    n = 0
    for k in range(len(touched)):
        state = nb.int64(touched[k])
        left = (budget - (label[state] >> LABEL_SHIFT)) / per_m
        if left < 0:
            continue
        x, y = incidence.at[state, 0], incidence.at[state, 1]
        for at in range(incidence.start[state], incidence.start[state + 1]):
            edge, side = incidence.item[at] // 2, incidence.item[at] % 2
            metres = left * incidence.per_level[at, 0]
            _grow(box, incidence.bounds, at, (x, y, metres, left))
            other = _left(label, incidence.other[at], budget, per_m) * incidence.per_level[at, 1]
            low, high = _from_side(side, metres, other, incidence.length[at])
            if high > low and not origins.on_edge[edge]:
                edges[n], parts[0, n], parts[1, n] = edge, low, high
                n += 1
    for k in range(len(origins.edge)):
        left = budget / per_m
        if origins.leg[k] <= left:
            least = min(sides.effort[origins.edge[k], 0], sides.effort[origins.edge[k], 1], 1.0)
            around = (origins.at[k, 0], origins.at[k, 1], left / least, left)
            _grow(box, origins.bounds, k, around)
    return edges[:n], parts[:, :n], (box[0], box[1], box[2], box[3])
