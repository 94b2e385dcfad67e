"""The search graph: states and arcs that shortest paths run on.

Time is kept in integer *ticks* of 0.1 ms, so that sums are exact and independent of order; rounding
each edge to a tick moves a walk of 2,000 edges by at most 0.1 s.

``private`` edges carry walks that start or end on them, and nothing passes through. The search
graph says this by structure alone. A walk has three stages: private edges at its start, public
edges, private edges at its end. A node is one *state* per stage it can be in: every node has a
public state; a node that touches a private edge has a `start` and an `end` state as well. Arcs lead
from stage to stage in one direction only, so a plain shortest path can never use a private edge in
the middle.

``gated`` edges lie behind a private gate, which is a very short private edge. They are walked in
all three stages, so that walks that start or end behind the gate pass it, and no others.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, IntArray

TICKS_PER_S: Final = 10_000
"""Integer time units per second."""

LABEL_SHIFT: Final = 32
"""A label of a search holds the ticks above this many bits; the rank of the source lies below."""


@dataclass(frozen=True, slots=True)
class SearchGraph:
    """Arcs in rows, one row per state, pointing *against* the walk: from destination to origin.

    Attributes
    ----------
    begin, stop : ndarray of uint32, shape (n_states,)
        Where the arcs that leave each state begin and end.
    head : ndarray of uint32, shape (n_arcs,)
        State that the arc leads to.
    step : ndarray of int64, shape (n_arcs,)
        Walking time in ticks, shifted left by 32 bits: what the arc adds to a label
        (:mod:`geo.routing.shortest_paths`). At least one tick on an edge, 0 for a change of stage.
    edge : ndarray of int32, shape (n_arcs,)
        Index of the walk edge; -1 for a change of stage.
    node : ndarray of int32, shape (n_states,)
        Node that each state stands for.
    public, end, start : ndarray of int32, shape (n_nodes,)
        States of each node: in the public stage, in the private stage at the walk's end, and in
        the private stage at its start; all three are the same where it touches no edge that is
        private or gated.
    """

    begin: npt.NDArray[np.uint32]
    stop: npt.NDArray[np.uint32]
    head: npt.NDArray[np.uint32]
    step: IntArray
    edge: npt.NDArray[np.int32]
    node: npt.NDArray[np.int32]
    public: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]

    @property
    def n_states(self) -> int:
        """Number of states."""
        return len(self.node)


def search_graph(
    ends: tuple[IntArray, IntArray],
    ticks: IntArray,
    *,
    walkable: tuple[BoolArray, BoolArray],
    private: BoolArray,
    gated: BoolArray,
    n_nodes: int,
) -> SearchGraph:
    """Build the states and arcs that the module's docstring describes.

    Parameters
    ----------
    ends : tuple of ndarray of int64, shape (m,)
        Nodes at the start and at the end of each edge.
    ticks, walkable : ndarray of int64, shape (2, m); tuple of ndarray of bool, shape (m,)
        Walking time of each edge from its start to its end, and back; whether it is walked so.
    private, gated : ndarray of bool, shape (m,)
    n_nodes : int
    """
    u, v = ends
    forward, backward = walkable
    staged = private | gated
    is_private = np.zeros(n_nodes, np.bool_)
    is_private[np.concatenate([u[staged], v[staged]])] = True
    # The states of a node stand side by side, so that the order of nodes in space is kept.
    node = np.repeat(np.arange(n_nodes), np.where(is_private, 3, 1))
    public = np.searchsorted(node, np.arange(n_nodes))
    end, start = public + is_private, public + 2 * is_private
    touched = np.flatnonzero(is_private)
    tails, heads, costs, edges = [], [], [], []
    index = np.arange(len(u), dtype=np.int64)
    # Against the walk: an edge walkable from u to v leads the search from v to u.
    for allowed, tail, head, cost in ((forward, v, u, ticks[0]), (backward, u, v, ticks[1])):
        for stage, chosen in ((public, ~private), (end, staged), (start, staged)):
            on = allowed & chosen
            tails.append(stage[tail[on]])
            heads.append(stage[head[on]])
            costs.append(np.maximum(cost[on], 1))
            edges.append(index[on])
    for before, after in ((end, public), (public, start)):
        tails.append(before[touched])
        heads.append(after[touched])
        costs.append(np.zeros(len(touched), np.int64))
        edges.append(np.full(len(touched), -1, np.int64))
    all_tails, all_heads = np.concatenate(tails), np.concatenate(heads)
    all_costs, all_edges = np.concatenate(costs), np.concatenate(edges)
    # Whatever the order of the edges, the arcs come in the same one.
    order = np.lexsort((all_edges, all_costs, all_heads, all_tails))
    first = np.zeros(len(node) + 1, np.int64)
    np.cumsum(np.bincount(all_tails, minlength=len(node)), out=first[1:])
    return SearchGraph(
        begin=first[:-1].astype(np.uint32),
        stop=first[1:].astype(np.uint32),
        head=all_heads[order].astype(np.uint32),
        step=all_costs[order] << LABEL_SHIFT,
        edge=all_edges[order].astype(np.int32),
        node=node.astype(np.int32),
        public=public.astype(np.int32),
        end=end.astype(np.int32),
        start=start.astype(np.int32),
    )
