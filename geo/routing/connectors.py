"""Doors: how a linked place enters a search, and how the labels of a search are read at it.

A place on an edge has two doors, one at each end of the edge: a state, and what it adds to a label
(access leg and the way along the edge, which may cost more one way than the other). Two places on
one edge also see each other directly.
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

SHUT: Final = np.int64(2**61)
"""Added to a label, makes it unreached: the door of an edge that may not be walked that way."""

SAME_M: Final = 1e-6
"""Places no further apart along an edge than this, metres, are one, and a place this near to a node
stands at it; no direction matters then."""


class Role(Enum):
    """What a place is to the walk."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Doors:
    """The doors of n places; row 0 at the start of the edge, row 1 at its end.

    Attributes
    ----------
    state : ndarray of uint32, shape (2, n)
        0 where the door is shut.
    add : ndarray of int64, shape (2, n)
        Ticks shifted into a label; :data:`SHUT` where there is no such way, or no link.
    """

    state: npt.NDArray[np.uint32]
    add: IntArray

    @property
    def open(self) -> BoolArray:
        """Whether each door can be used, shape (2, n)."""
        return self.add < SHUT

    def take(self, rows: IntArray) -> "Doors":
        """Return the doors of the places `rows`."""
        return Doors(self.state[:, rows], self.add[:, rows])

    def seeds(self, rank: IntArray) -> Seeds:
        """Return the seeds of a search from these places, with the rank of each."""
        on = self.open
        labels = self.add + np.broadcast_to(rank, self.add.shape)
        return Seeds(state=self.state[on], label=labels[on])


class Ways(NamedTuple):
    """How the edges of a network are walked by places in one role.

    Attributes
    ----------
    stage : ndarray of int32, shape (n_nodes,)
        State of each node at which a walk is on private edges, before or after the public ones.
    walked : pair of ndarray of bool, shape (m,)
        Whether an edge may be walked between a place on it and its start, and its end.
    effort : ndarray of float64, shape (2, m)
        Level metres per metre of the same two ways.
    """

    stage: IndexArray
    walked: tuple[BoolArray, BoolArray]
    effort: FloatArray


def ways_of(network: WalkNetwork, *, role: Role) -> Ways:
    """Return how places in `role` are come to (END) or left (START)."""
    if role is Role.START:
        walked = network.backward, network.forward
        return Ways(network.graph.start, walked, network.effort[::-1])
    return Ways(network.graph.end, (network.forward, network.backward), network.effort)


def doors(network: WalkNetwork, links: Links, *, role: Role) -> Doors:
    """Return the doors of linked places, by which a walk starts or ends there."""
    graph = network.graph
    state = np.zeros((2, len(links.edge)), np.uint32)
    add = np.full((2, len(links.edge)), SHUT, np.int64)
    at = np.flatnonzero(links.linked)
    edge, offset_m, leg_m = links.edge[at], links.offset_m[at], links.leg_m[at]
    rest_m = network.length_m[edge] - offset_m
    stage, walked, effort = ways_of(network, role=role)
    ways = zip((network.u, network.v), (offset_m, rest_m), walked, effort, strict=True)
    for side, (node, along_m, walkable, pace) in enumerate(ways):
        on = walkable[edge] | (along_m <= SAME_M)
        inside = np.where(network.private[edge], stage[node[edge]], graph.public[node[edge]])
        state[side, at[on]] = inside[on]
        add[side, at[on]] = network.ticks(leg_m + along_m * pace[edge])[on] << LABEL_SHIFT
    return Doors(state=state, add=add)


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
    on = np.where(ahead >= 0, network.forward[edge], network.backward[edge])
    on |= np.abs(ahead) <= SAME_M
    start, end, edge, ahead = start[on], end[on], edge[on], ahead[on]
    along_m = np.abs(ahead) * network.effort[(ahead < 0).astype(np.int64), edge]
    ticks = network.ticks(along_m + starts.leg_m[start] + ends.leg_m[end])
    np.minimum.at(best, (column[end], start), pack(ticks, rank[end]))
    return best
