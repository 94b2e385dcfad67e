"""A compiled walk network with a draft of streets applied, without compiling it anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.geometry.linestring_array import Lines
from geo.network.compile import WalkNetwork, components
from geo.network.impedance import efforts, usable
from geo.network.search_graph import LABEL_SHIFT, SearchGraph
from geo.network.snap_index import link_pieces, patch_snap_index
from geo.routing.connectors import SHUT
from geo.scenario.street_edits import Edge, StreetDraft


@dataclass(frozen=True, slots=True)
class Patched:
    """A network with a draft applied, and what that changed.

    Attributes
    ----------
    network : WalkNetwork
        Edges of the draft follow those of the base; edges that it closes keep their index, but
        nothing leads over them.
    closed, added : ndarray of int64
        Indices of the edges closed and added.
    arc_tail, arc_head : ndarray of int64, shape (a,)
        The arcs added.
    arc_step : ndarray of int64, shape (a,)
    """

    network: WalkNetwork
    closed: IntArray
    added: IntArray
    arc_tail: IntArray
    arc_head: IntArray
    arc_step: IntArray


class ArcIndex:
    """Where the arcs of each edge of a search graph lie."""

    def __init__(self, graph: SearchGraph, n_edges: int) -> None:
        self._order = np.argsort(graph.edge, kind="stable")
        self._first = np.searchsorted(graph.edge[self._order], np.arange(n_edges + 1))

    def of(self, edges: IntArray) -> IntArray:
        """Return the arcs of `edges`."""
        parts = [self._order[self._first[e] : self._first[e + 1]] for e in edges]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def patch_network(
    network: WalkNetwork, draft: StreetDraft, arcs: ArcIndex, *, gates: GeometryArray
) -> Patched:
    """Apply a draft to a compiled network.

    Times on the result are bit for bit those of the network compiled from the drafted edges.

    Parameters
    ----------
    network : WalkNetwork
    draft : StreetDraft
    arcs : ArcIndex
        Of `network`.
    gates : ndarray of Point
        Gates that are not closed, after the edits (:func:`geo.network.compile.open_gates`).

    Returns
    -------
    Patched
    """
    frame = _frame(draft.added.values())
    on = usable(frame, network.profile)
    edges = [edge for edge, walked in zip(draft.added.values(), on, strict=True) if walked]
    effort = efforts(frame[on], network.profile)
    lines: GeometryArray = np.empty(len(edges), dtype=object)
    lines[:] = [edge.geometry for edge in edges]
    pieces = link_pieces(lines, network.barriers)
    closed = _rows_of(network, list(draft.removed))
    added = np.arange(len(network.edge_id), len(network.edge_id) + len(edges), dtype=np.int64)
    patched = replace(_with_edges(network, edges, lines, effort=effort), gates=gates)
    patched = _with_components(patched, closed)
    snap_index = patch_snap_index(
        network.snap_index,
        replace(pieces, edge=pieces.edge + len(network.edge_id)),
        gates=gates,
        length_m=patched.length_m,
        standing=patched.standing,
        closed=closed,
    )
    graph, tail, head, step = _patched_graph(patched, arcs.of(closed), added)
    return Patched(
        network=replace(patched, graph=graph, snap_index=snap_index),
        closed=closed,
        added=added,
        arc_tail=tail,
        arc_head=head,
        arc_step=step,
    )


def _rows_of(network: WalkNetwork, edge_ids: Sequence[int]) -> IntArray:
    """Return the rows of those edges that the walker can use at all."""
    at = np.searchsorted(network.edge_id, edge_ids)
    at = np.minimum(at, len(network.edge_id) - 1)
    rows = np.unique(at[network.edge_id[at] == edge_ids]) if len(at) else at
    return rows.astype(np.int64)


def _with_edges(
    network: WalkNetwork, edges: Sequence[Edge], lines: GeometryArray, *, effort: FloatArray
) -> WalkNetwork:
    """Return the arrays of a network with edges added at their end."""
    node_id, ends = _node_indices(network, edges)

    def joined(name: str) -> npt.NDArray[Any]:
        base = getattr(network, name)
        return np.concatenate([base, np.array([getattr(e, name) for e in edges], base.dtype)])

    return replace(
        network,
        edge_id=joined("edge_id"),
        u=np.concatenate([network.u, ends[:, 0]]),
        v=np.concatenate([network.v, ends[:, 1]]),
        length_m=joined("length_m"),
        climb_m=joined("climb_m"),
        crossing=joined("crossing"),
        forward=joined("forward"),
        backward=joined("backward"),
        private=joined("private"),
        gated=joined("gated"),
        level=joined("level"),
        effort=np.concatenate([network.effort, effort], axis=1),
        geometry=network.geometry.joined(Lines.of(lines)),
        node_id=node_id,
    )


def _with_components(network: WalkNetwork, closed: IntArray) -> WalkNetwork:
    """Return a network with its parts found anew; closed edges stay in the arrays, of part 0."""
    alive = np.ones(len(network.u), np.bool_)
    alive[closed] = False
    component = np.zeros(len(network.u), np.int64)
    component[alive], component_m = components(
        network.u[alive], network.v[alive], network.length_m[alive], len(network.node_id)
    )
    if not alive.any():
        component_m = np.zeros(1)
    return replace(network, component=component, component_m=component_m)


def _frame(edges: Iterable[Edge]) -> pd.DataFrame:
    """Return what usability and effort of edges depend on."""
    names = ("kind", "forward", "backward", "length_m", "climb_m", "crossing")
    return pd.DataFrame([[getattr(e, name) for name in names] for e in edges], columns=names)


def _node_indices(network: WalkNetwork, edges: Sequence[Edge]) -> tuple[IntArray, IntArray]:
    """Return node ids with those of the edges appended, and the indices of each edge's two ends."""
    wanted = sorted({node for edge in edges for node in (edge.u, edge.v)})
    index = {
        int(network.node_id[i]): int(i) for i in np.flatnonzero(np.isin(network.node_id, wanted))
    }
    fresh = [node for node in wanted if node not in index]
    index |= {node: len(network.node_id) + i for i, node in enumerate(fresh)}
    ends = np.array([[index[e.u], index[e.v]] for e in edges], np.int64).reshape(-1, 2)
    return np.concatenate([network.node_id, np.array(fresh, np.int64)]), ends


def _patched_graph(
    network: WalkNetwork, dead: IntArray, added: IntArray
) -> tuple[SearchGraph, IntArray, IntArray, IntArray]:
    """Return the graph without the arcs `dead`, with arcs for the edges `added`, and those arcs."""
    base = network.graph
    stages, arcs = _added_stages(network, added)
    for edge in added:
        u, v = network.u[edge], network.v[edge]
        onward, back = np.maximum(
            network.ticks(network.length_m[edge] * network.effort[:, edge]), 1
        ).tolist()
        on = [stages.end, stages.start] if network.staged[edge] else []
        for stage in on if network.private[edge] else [stages.public, *on]:
            if network.forward[edge]:
                arcs.append((int(stage[v]), int(stage[u]), onward, int(edge)))
            if network.backward[edge]:
                arcs.append((int(stage[u]), int(stage[v]), back, int(edge)))
    table = np.array(arcs, np.int64).reshape(-1, 4)
    tail, head, step, edge_of = table.T
    step = step << LABEL_SHIFT
    steps = base.step.copy()
    steps[dead] = SHUT
    graph = _with_rows(replace(stages, step=steps), tail, head, step, edge_of)
    return graph, tail, head, step


def _added_stages(
    network: WalkNetwork, added: IntArray
) -> tuple[SearchGraph, list[tuple[int, int, int, int]]]:
    """Return the graph with states for new nodes and newly private ones, and their stage arcs."""
    base = network.graph
    n_new = len(network.node_id) - len(base.public)
    ends = np.concatenate([network.u[added], network.v[added]])
    staged = np.concatenate([network.staged[added]] * 2)
    node = list(base.node)
    first_new = len(base.public)
    public = np.concatenate([base.public, len(node) + np.arange(n_new, dtype=np.int32)])
    node += range(first_new, first_new + n_new)
    end = np.concatenate([base.end, public[first_new:]])
    start = np.concatenate([base.start, public[first_new:]])
    arcs: list[tuple[int, int, int, int]] = []
    for at in np.unique(ends[staged]):
        if end[at] == public[at]:
            end[at], start[at] = len(node), len(node) + 1
            node += [int(at), int(at)]
            arcs += [
                (int(end[at]), int(public[at]), 0, -1),
                (int(public[at]), int(start[at]), 0, -1),
            ]
    room = len(node) - base.n_states
    zeros = np.zeros(room, np.uint32)
    stages = replace(
        base,
        begin=np.concatenate([base.begin, zeros]),
        stop=np.concatenate([base.stop, zeros]),
        node=np.array(node, np.int32),
        public=public.astype(np.int32),
        end=end.astype(np.int32),
        start=start.astype(np.int32),
    )
    return stages, arcs


def _with_rows(
    graph: SearchGraph, tail: IntArray, head: IntArray, step: IntArray, edge: IntArray
) -> SearchGraph:
    """Return the graph with arcs added; the row of each tail moves to the end of the arrays."""
    begin, stop = graph.begin.copy(), graph.stop.copy()
    heads, steps, edges = [graph.head], [graph.step], [graph.edge]
    size = len(graph.head)
    for state in np.unique(tail):
        old = slice(int(begin[state]), int(stop[state]))
        new = tail == state
        heads += [graph.head[old], head[new].astype(np.uint32)]
        steps += [graph.step[old], step[new]]
        edges += [graph.edge[old], edge[new].astype(np.int32)]
        begin[state] = size
        size += old.stop - old.start + int(new.sum())
        stop[state] = size
    return replace(
        graph,
        begin=begin,
        stop=stop,
        head=np.concatenate(heads),
        step=np.concatenate(steps),
        edge=np.concatenate(edges),
    )
