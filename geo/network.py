"""The walk network, compiled: which edges a profile may use, as arrays that a search runs on.

Time is kept in integer *ticks* of 0.1 ms, so that sums are exact and independent of order; rounding
each edge to a tick moves a walk of 2,000 edges by at most 0.1 s.

``private`` edges carry walks that start or end on them, and nothing passes through. The search
graph says this by structure alone. A walk has three stages: private edges at its start, public
edges, private edges at its end. A node is one *state* per stage it can be in: every node has a
public state; a node that touches a private edge has a `start` and an `end` state as well. Arcs lead
from stage to stage in one direction only, so a plain shortest path can never use a private edge in
the middle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import scipy.sparse as sp
import shapely
from scipy.sparse import csgraph
from shapely.ops import substring

from geo import crs
from geo.district import GateAccess, Layers
from geo.errors import CrsError
from geo.standard import Profile

TICKS_PER_S: Final = 10_000
"""Integer time units per second."""

LONGEST_TICKS: Final = 2**29
"""Half a day and more: whatever takes longer takes this long, so that no label overflows."""

_TOUCH_M: Final = 0.01
"""Nearer than this an end of an edge stands in a barrier, metres."""

_TRIM_M: Final = 0.02
"""How far a piece of an edge stays from the barrier that cuts it, metres; twice what
:mod:`geo.link` forgives a leg at its end."""

LABEL_SHIFT: Final = 32
"""A label of a search holds the ticks above this many bits; the rank of the source lies below."""

TINY_ISLAND_M: Final = 1_000.0
"""A component with less walkable length than this, other than the largest, is a tiny island: a
place is linked to it only where nothing else can be linked to (a stub of mapped path must not cut
off a building from the street beside it)."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
GeometryArray = npt.NDArray[Any]


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
        (:mod:`geo.routing`). At least one tick on an edge, 0 for a change of stage.
    edge : ndarray of int32, shape (n_arcs,)
        Index of the walk edge; -1 for a change of stage.
    node : ndarray of int32, shape (n_states,)
        Node that each state stands for.
    public, end, start : ndarray of int32, shape (n_nodes,)
        States of each node: in the public stage, in the private stage at the walk's end, and in
        the private stage at its start; all three are the same where it touches no private edge.
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


@dataclass(frozen=True, slots=True)
class WalkNetwork:
    """The edges that one profile may use, indexed 0..m-1, nodes 0..n-1.

    Attributes
    ----------
    crs : pyproj.CRS
        Metric CRS of every length and coordinate.
    profile : Profile
    edge_id, u, v : ndarray of int64, shape (m,)
        Identifier of each edge and indices of its end nodes.
    length_m : ndarray of float64, shape (m,)
    forward, backward, private : ndarray of bool, shape (m,)
    geometry : ndarray of LineString, shape (m,)
    node_id : ndarray of int64, shape (n,)
    component : ndarray of int64, shape (m,)
        Component of each edge, ignoring direction; numbered by falling length.
    component_m : ndarray of float64
        Walkable length of each component, metres.
    graph : SearchGraph
    pieces : LinkPieces
        What a place may be linked to.
    barriers : ndarray of geometry
        Lines that no access leg crosses; an area counts by its boundary.
    gates : ndarray of Point
        Gates that are not closed, in the order of their identifiers: an access leg may pass one.
    """

    crs: pyproj.CRS
    profile: Profile
    edge_id: IntArray
    u: IntArray
    v: IntArray
    length_m: FloatArray
    forward: BoolArray
    backward: BoolArray
    private: BoolArray
    geometry: GeometryArray
    node_id: IntArray
    component: IntArray
    component_m: FloatArray
    graph: SearchGraph
    pieces: "LinkPieces"
    barriers: GeometryArray
    gates: GeometryArray

    @property
    def epsg(self) -> int:
        """EPSG code of the metric CRS."""
        code = self.crs.to_epsg()
        if code is None:
            raise CrsError(f"{self.crs.name} has no EPSG code; wanted a registered metric CRS.")
        return code

    @property
    def node_xy(self) -> FloatArray:
        """Places of the nodes, metres, shape (n, 2)."""
        xy = np.empty((len(self.node_id), 2), np.float64)
        for node, end in ((self.u, 0), (self.v, -1)):
            xy[node] = shapely.get_coordinates(shapely.get_point(self.geometry, end))
        return xy

    def ticks(self, metres: npt.ArrayLike) -> IntArray:
        """Return the walking time of `metres` on the level, in ticks."""
        return to_ticks(metres, self.profile)

    @property
    def tiny_island(self) -> BoolArray:
        """Whether each edge lies on a tiny island, shape (m,)."""
        tiny = self.component_m < TINY_ISLAND_M
        tiny[:1] = False
        return np.asarray(tiny[self.component], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class LinkPieces:
    """Edges cut where a barrier meets them, so that each piece lies on one side of it.

    Attributes
    ----------
    geometry : ndarray of LineString, shape (p,)
    edge : ndarray of int64, shape (p,)
        Index of the edge that the piece is cut from.
    offset_m : ndarray of float64, shape (p,)
        Where on that edge the piece starts, metres.
    """

    geometry: GeometryArray
    edge: IntArray
    offset_m: FloatArray

    def take(self, rows: IntArray) -> "LinkPieces":
        """Return the pieces `rows`."""
        return LinkPieces(self.geometry[rows], self.edge[rows], self.offset_m[rows])

    def segments(self) -> "LinkPieces":
        """Return the straight segments that the pieces consist of, in their order."""
        xy, piece = shapely.get_coordinates(self.geometry, return_index=True)
        within = piece[1:] == piece[:-1]
        length_m = np.hypot(*(xy[1:] - xy[:-1]).T) * within
        along_m = np.concatenate([[0.0], np.cumsum(length_m)])
        first = np.searchsorted(piece, piece)
        start_m = (along_m - along_m[first])[:-1][within]
        ends = np.stack([xy[:-1][within], xy[1:][within]], axis=1)
        of = piece[:-1][within]
        return LinkPieces(
            geometry=np.atleast_1d(np.asarray(shapely.linestrings(ends), dtype=object)),
            edge=self.edge[of],
            offset_m=self.offset_m[of] + start_m,
        )


def to_ticks(metres: npt.ArrayLike, profile: Profile) -> IntArray:
    """Return the walking time of `metres` for `profile`, in ticks."""
    seconds = np.asarray(metres, np.float64) / profile.speed_m_s
    ticks = np.minimum(np.rint(seconds * TICKS_PER_S), LONGEST_TICKS)
    return ticks.astype(np.int64)


def compile_network(layers: Layers, profile: Profile) -> WalkNetwork:
    """Compile the walk network of a district for one profile.

    Edges that the profile avoids, or that can be walked in neither direction, are left out before
    anything is linked or searched.

    Parameters
    ----------
    layers : Layers
        Metric CRS; ``walk_edges``, ``barriers`` and ``gates`` are used.
    profile : Profile

    Returns
    -------
    WalkNetwork
        The same for any order of the rows.

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.
    """
    edges = layers.walk_edges
    metric = crs.require_metric(edges.crs, what="The walk network")
    usable = (edges["forward"] | edges["backward"]) & ~edges["kind"].isin(profile.avoid)
    kept = edges.loc[usable].sort_values("edge_id")
    geometry = np.asarray(kept.geometry.array, dtype=object)
    node_id, u, v = _nodes(kept["u"].to_numpy(np.int64), kept["v"].to_numpy(np.int64), geometry)
    length_m = kept["length_m"].to_numpy(np.float64)
    forward = kept["forward"].to_numpy(np.bool_)
    backward = kept["backward"].to_numpy(np.bool_)
    private = kept["private"].to_numpy(np.bool_)
    component, component_m = components(u, v, length_m, len(node_id))
    lines = _barrier_lines(layers.barriers)
    return WalkNetwork(
        crs=metric,
        profile=profile,
        edge_id=kept["edge_id"].to_numpy(np.int64),
        u=u,
        v=v,
        length_m=length_m,
        forward=forward,
        backward=backward,
        private=private,
        geometry=geometry,
        node_id=node_id,
        component=component,
        component_m=component_m,
        graph=_search_graph(
            (u, v),
            to_ticks(length_m, profile),
            walkable=(forward, backward),
            private=private,
            n_nodes=len(node_id),
        ),
        pieces=link_pieces(geometry, lines),
        barriers=lines,
        gates=open_gates(layers.gates),
    )


def open_gates(gates: gpd.GeoDataFrame) -> GeometryArray:
    """Return the places of the gates that are not closed, in the order of their identifiers."""
    passable = gates[gates["access"] != GateAccess.CLOSED].sort_values("gate_id")
    return np.asarray(passable.geometry.array, dtype=object)


def _nodes(
    u: IntArray, v: IntArray, geometry: GeometryArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return node ids in spatial order, and the indices of the edges' ends in them.

    Neighbours on a Hilbert curve are neighbours in memory, which is what a search walks through.
    """
    node_id, at, ends = np.unique(np.concatenate([u, v]), return_index=True, return_inverse=True)
    places = np.concatenate([shapely.get_point(geometry, 0), shapely.get_point(geometry, -1)])[at]
    along = gpd.GeoSeries(places).hilbert_distance().to_numpy() if len(at) else np.zeros(0)
    order = np.lexsort((node_id, along))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    ends = rank[ends]
    return node_id[order], ends[: len(u)], ends[len(u) :]


def components(
    u: IntArray, v: IntArray, length_m: FloatArray, n_nodes: int
) -> tuple[IntArray, FloatArray]:
    """Return the component of each edge and the length of each component, longest first."""
    if not len(u):
        return np.zeros(0, np.int64), np.zeros(0, np.float64)
    adjacency = sp.coo_matrix((np.ones(len(u), np.int8), (u, v)), shape=(n_nodes, n_nodes))
    count, labels = csgraph.connected_components(adjacency, directed=False)
    of_node = labels.astype(np.int64)
    metres = np.bincount(of_node[u], weights=length_m, minlength=count)
    order = np.argsort(-metres, kind="stable")
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    return np.asarray(rank[of_node[u]], np.int64), np.asarray(metres[order], np.float64)


def _search_graph(
    ends: tuple[IntArray, IntArray],
    ticks: IntArray,
    *,
    walkable: tuple[BoolArray, BoolArray],
    private: BoolArray,
    n_nodes: int,
) -> SearchGraph:
    """Build the states and arcs that the module's docstring describes."""
    u, v = ends
    forward, backward = walkable
    is_private = np.zeros(n_nodes, np.bool_)
    is_private[u[private]] = True
    is_private[v[private]] = True
    # The states of a node stand side by side, so that the order of nodes in space is kept.
    node = np.repeat(np.arange(n_nodes), np.where(is_private, 3, 1))
    public = np.searchsorted(node, np.arange(n_nodes))
    end, start = public + is_private, public + 2 * is_private
    touched = np.flatnonzero(is_private)

    tails, heads, costs, edges = [], [], [], []
    index = np.arange(len(u), dtype=np.int64)
    # Against the walk: an edge walkable from u to v leads the search from v to u.
    for allowed, tail, head in ((forward, v, u), (backward, u, v)):
        for stage, chosen in ((public, ~private), (end, private), (start, private)):
            on = allowed & chosen
            tails.append(stage[tail[on]])
            heads.append(stage[head[on]])
            costs.append(np.maximum(ticks[on], 1))
            edges.append(index[on])
    for before, after in ((end, public), (public, start)):
        tails.append(before[touched])
        heads.append(after[touched])
        costs.append(np.zeros(len(touched), np.int64))
        edges.append(np.full(len(touched), -1, np.int64))
    tail_, head_ = np.concatenate(tails), np.concatenate(heads)
    cost_, edge_ = np.concatenate(costs), np.concatenate(edges)
    order = np.lexsort((edge_, cost_, head_, tail_))
    indptr = np.zeros(len(node) + 1, np.int64)
    np.cumsum(np.bincount(tail_, minlength=len(node)), out=indptr[1:])
    return SearchGraph(
        begin=indptr[:-1].astype(np.uint32),
        stop=indptr[1:].astype(np.uint32),
        head=head_[order].astype(np.uint32),
        step=cost_[order] << LABEL_SHIFT,
        edge=edge_[order].astype(np.int32),
        node=node.astype(np.int32),
        public=public.astype(np.int32),
        end=end.astype(np.int32),
        start=start.astype(np.int32),
    )


def _barrier_lines(barriers: gpd.GeoDataFrame) -> GeometryArray:
    """Return barriers as lines; of an area it is the shore that a leg must not cross."""
    geometry = np.asarray(barriers.geometry.array, dtype=object)
    area = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - dimension of a polygon
    lines = geometry.copy()
    lines[area] = shapely.boundary(geometry[area])
    return lines


def link_pieces(geometry: GeometryArray, barriers: GeometryArray) -> LinkPieces:
    """Cut the edges where they meet a barrier, and draw the cut ends in by :data:`_TRIM_M`.

    An end that stood in the barrier itself would be in reach from the wrong side of it.
    """
    cut_edge, cut_m = _barrier_offsets(geometry, barriers)
    cut, first = np.unique(cut_edge, return_index=True)
    whole = np.setdiff1d(np.arange(len(geometry)), cut)
    parts: list[Any] = []
    part_edge: list[int] = []
    part_offset: list[float] = []
    for index, offsets in zip(cut, np.split(cut_m, first[1:]), strict=False):
        for low, part in _cut_at(geometry[index], offsets):
            parts.append(part)
            part_edge.append(int(index))
            part_offset.append(low)
    of_edge = np.concatenate([whole, np.array(part_edge, np.int64)]).astype(np.int64)
    order = np.argsort(of_edge, kind="stable")  # ties in linking go to the lowest piece
    return LinkPieces(
        geometry=np.concatenate([geometry[whole], np.array(parts, dtype=object)])[order],
        edge=of_edge[order],
        offset_m=np.concatenate([np.zeros(len(whole)), np.array(part_offset, np.float64)])[order],
    )


def _barrier_offsets(
    geometry: GeometryArray, barriers: GeometryArray
) -> tuple[IntArray, FloatArray]:
    """Return the edges that meet a barrier, in order, and where on them, metres.

    An end of an edge within :data:`_TOUCH_M` of a barrier meets it: a gate stands in its wall even
    where the coordinates of the two differ by a rounding.
    """
    edge, barrier = shapely.STRtree(barriers).query(
        geometry, predicate="dwithin", distance=_TOUCH_M
    )
    meeting = shapely.intersection(geometry[edge], barriers[barrier])
    coords, which = shapely.get_coordinates(meeting, return_index=True)
    edges = [edge[which]]
    offsets = [shapely.line_locate_point(geometry[edge[which]], shapely.points(coords))]
    for end, offset_m in ((0, np.zeros(len(edge))), (-1, shapely.length(geometry[edge]))):
        places = shapely.get_point(geometry[edge], end)
        touching = shapely.distance(places, barriers[barrier]) <= _TOUCH_M
        edges.append(edge[touching])
        offsets.append(offset_m[touching])
    found, at = np.concatenate(edges), np.concatenate(offsets)
    order = np.lexsort((at, found))
    return found[order].astype(np.int64), np.asarray(at[order], np.float64)


def _cut_at(line: shapely.LineString, offsets: FloatArray) -> Iterator[tuple[float, Any]]:
    """Yield the start and the geometry of each part of `line` between `offsets`."""
    ends = np.array([0.0, line.length])
    for low, high in pairwise(np.unique(np.concatenate([ends, offsets]))):
        at_barrier = np.abs(offsets - low).min() < _TRIM_M, np.abs(offsets - high).min() < _TRIM_M
        first, last = low + _TRIM_M * at_barrier[0], high - _TRIM_M * at_barrier[1]
        if last > first:
            yield float(first), substring(line, first, last)
