"""Connectors: entry states and costs of a snapped place at both ends of its edge.

The cost of a connector is the access leg and the walk along the edge to that end, which may cost
more one way than the other. Searches start from connectors, and labels are read through them. Two
places on one edge also reach each other directly along it.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.arrays import BoolArray, FloatArray, IndexArray, IntArray
from geo.network.compile import WalkNetwork
from geo.network.search_graph import LABEL_SHIFT
from geo.network.snap import Links
from geo.routing.shortest_paths import UNREACHED, Seeds, pack
from geo.tolerances import SAME_M

SHUT: Final = np.int64(2**61)
"""Added to a label, makes it unreached: cost of a connector that may not be walked."""


class TripEnd(Enum):
    """Which end of a walk a place is."""

    ORIGIN = "origin"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True)
class Connectors:
    """The connectors of n places; row 0 at the start of the edge, row 1 at its end.

    Attributes
    ----------
    state : ndarray of uint32, shape (2, n)
        0 where the connector is closed.
    add : ndarray of int64, shape (2, n)
        Cost in ticks, shifted into a label; :data:`SHUT` where the edge may not be walked that way,
        or the place is not linked.
    """

    state: npt.NDArray[np.uint32]
    add: IntArray

    @property
    def open(self) -> BoolArray:
        """Whether each connector can be used, shape (2, n)."""
        return self.add < SHUT

    def take(self, rows: IntArray) -> "Connectors":
        """Return the connectors of the places `rows`."""
        return Connectors(self.state[:, rows], self.add[:, rows])

    def seeds(self, rank: IntArray) -> Seeds:
        """Return the seeds of a search from these places, with the rank of each."""
        on = self.open
        labels = self.add + np.broadcast_to(rank, self.add.shape)
        return Seeds(state=self.state[on], label=labels[on])


class EdgeTraversal(NamedTuple):
    """How edges are walked between their ends and places on them that are one end of a walk.

    Attributes
    ----------
    stage : ndarray of int32, shape (n_nodes,)
        State of each node at which a walk may be on private edges, before or after the public ones.
    walked : pair of ndarray of bool, shape (m,)
        Whether an edge may be walked between a place on it and its start, and its end.
    effort : ndarray of float64, shape (2, m)
        Level metres per metre, towards the same two ends.
    """

    stage: IndexArray
    walked: tuple[BoolArray, BoolArray]
    effort: FloatArray


def traversal_of(network: WalkNetwork, *, end: TripEnd) -> EdgeTraversal:
    """Return how walks leave origins, or come to destinations, on the edges of a network."""
    if end is TripEnd.ORIGIN:
        walked = network.backward, network.forward
        return EdgeTraversal(network.graph.start, walked, network.effort[::-1])
    return EdgeTraversal(network.graph.end, (network.forward, network.backward), network.effort)


def connectors(network: WalkNetwork, links: Links, *, end: TripEnd) -> Connectors:
    """Return the connectors of linked places, by which walks start or end there."""
    graph = network.graph
    state = np.zeros((2, len(links.edge)), np.uint32)
    add = np.full((2, len(links.edge)), SHUT, np.int64)
    linked = np.flatnonzero(links.linked)
    edge, offset_m, leg_m = links.edge[linked], links.offset_m[linked], links.leg_m[linked]
    rest_m = network.length_m[edge] - offset_m
    stage, walked, effort = traversal_of(network, end=end)
    sides = zip((network.u, network.v), (offset_m, rest_m), walked, effort, strict=True)
    for side, (node, along_m, walkable, pace) in enumerate(sides):
        # A place that stands at the node itself enters there, whichever way the edge is walked.
        usable = walkable[edge] | (along_m <= SAME_M)
        entry = np.where(network.staged[edge], stage[node[edge]], graph.public[node[edge]])
        state[side, linked[usable]] = entry[usable]
        cost = network.ticks(leg_m + along_m * pace[edge])
        add[side, linked[usable]] = cost[usable] << LABEL_SHIFT
    return Connectors(state=state, add=add)


def direct(
    network: WalkNetwork, starts: Links, ends: Links, *, rank: IntArray, column: IntArray, n: int
) -> IntArray:
    """Return the best label of a direct walk along a shared edge.

    Parameters
    ----------
    network : WalkNetwork
    starts, ends : Links
    rank, column : ndarray of int64
        Rank and category number of each end; a negative category does not count.
    n : int
        Number of categories.

    Returns
    -------
    ndarray of int64, shape (n, n_starts)
        :data:`geo.routing.shortest_paths.UNREACHED` where no end of the category is linked to the
        start's edge.
    """
    best = np.full((n, len(starts.edge)), UNREACHED, np.int64)
    counts = np.flatnonzero((ends.edge >= 0) & (column >= 0))
    left = pd.DataFrame({"edge": starts.edge, "start": np.arange(len(starts.edge))})
    right = pd.DataFrame({"edge": ends.edge[counts], "end": counts})
    pairs = left[left["edge"] >= 0].merge(right, on="edge")
    start, end, edge = (pairs[name].to_numpy(np.int64) for name in ("start", "end", "edge"))
    ahead = ends.offset_m[end] - starts.offset_m[start]
    walked = np.where(ahead >= 0, network.forward[edge], network.backward[edge])
    walked |= np.abs(ahead) <= SAME_M
    start, end, edge, ahead = start[walked], end[walked], edge[walked], ahead[walked]
    along_m = np.abs(ahead) * network.effort[(ahead < 0).astype(np.int64), edge]
    ticks = network.ticks(along_m + starts.leg_m[start] + ends.leg_m[end])
    # Several pairs may share a start and a category: plain indexing would keep the last of them.
    np.minimum.at(best, (column[end], start), pack(ticks, rank[end]))
    return best
