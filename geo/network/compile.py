"""The walk network, compiled: which edges a profile may use, as arrays that a search runs on."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import scipy
import shapely

from geo import crs
from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.errors import CrsError
from geo.geometry.linestring_array import Lines
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.model.vocabulary import GateAccess
from geo.network.impedance import efforts, usable
from geo.network.search_graph import TICKS_PER_S, SearchGraph, search_graph
from geo.network.snap_index import build_snap_index, link_pieces
from geo.network.snap_kernel import ORDINARY, RAISED, RAISED_TINY, TINY, SnapIndex, Standing
from geo.network.wide_roads import ACROSS, sides_apart

LONGEST_TICKS: Final = 2**29
"""Half a day and more: whatever takes longer takes this long, so that no label overflows."""

TINY_ISLAND_M: Final = 1_000.0
"""A component with less walkable length than this, other than the largest, is a tiny island: a
place is linked to it only where nothing else can be linked to (a stub of mapped path must not cut
off a building from the street beside it)."""


_EDGE_COLUMNS: Final = {
    "edge_id": np.int64, "length_m": np.float64, "climb_m": np.float64, "crossing": np.bool_,
    "forward": np.bool_, "backward": np.bool_, "private": np.bool_, "gated": np.bool_,
    "level": np.int64,
}  # fmt: skip
"""Columns of ``walk_edges`` that a compiled network has as they are."""


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
    length_m, climb_m : ndarray of float64, shape (m,)
        Along each edge, and height of its end above its start.
    effort : ndarray of float64, shape (2, m)
        Level metres that one metre of each edge counts for
        (:func:`geo.network.impedance.efforts`): row 0 walking from u to v, row 1 from v to u.
    crossing : ndarray of bool, shape (m,)
        Whether each edge crosses a carriageway.
    forward, backward, private, gated : ndarray of bool, shape (m,)
    level : ndarray of int64, shape (m,)
        0 on the ground; an access leg leads to another level only where none leads to this one.
    geometry : Lines
        Of each edge.
    node_id : ndarray of int64, shape (n,)
    component : ndarray of int64, shape (m,)
        Component of each edge, ignoring direction; numbered by falling length.
    component_m : ndarray of float64
        Walkable length of each component, metres.
    graph : SearchGraph
    snap_index : SnapIndex
        What a place may be linked to (:mod:`geo.network.snap`), and what keeps it from that.
    barriers : ndarray of geometry
        Lines on the ground, which no access leg crosses; an area counts by its boundary.
    gates : ndarray of Point
        Gates that are not closed, in the order of their identifiers: an access leg may pass one.
    """

    crs: pyproj.CRS
    profile: Profile
    edge_id: IntArray
    u: IntArray
    v: IntArray
    length_m: FloatArray
    climb_m: FloatArray
    effort: FloatArray
    crossing: BoolArray
    forward: BoolArray
    backward: BoolArray
    private: BoolArray
    gated: BoolArray
    level: IntArray
    geometry: Lines
    node_id: IntArray
    component: IntArray
    component_m: FloatArray
    graph: SearchGraph
    snap_index: SnapIndex
    barriers: GeometryArray
    gates: GeometryArray

    @property
    def epsg(self) -> int:
        """EPSG code of the metric CRS."""
        code = self.crs.to_epsg()
        if code is None:
            raise CrsError("network.no_epsg", crs=self.crs.name)
        return code

    @property
    def node_xy(self) -> FloatArray:
        """Places of the nodes, metres, shape (n, 2)."""
        xy = np.empty((len(self.node_id), 2), np.float64)
        for node, places in zip((self.u, self.v), self.geometry.ends(), strict=True):
            xy[node] = places
        return xy

    def ticks(self, metres: npt.ArrayLike) -> IntArray:
        """Return the walking time of level `metres`, in ticks."""
        return to_ticks(metres, self.profile)

    @property
    def standing(self) -> Standing:
        """Standing of each edge among the candidates of an access leg, shape (m,)."""
        return standing(self.level, self.component, self.component_m)

    @property
    def staged(self) -> BoolArray:
        """Whether walks on each edge may pass private edges, shape (m,)."""
        return self.private | self.gated


def standing(level: IntArray, component: IntArray, component_m: FloatArray) -> Standing:
    """Return the standing of edges by their level, their component and all components' lengths."""
    tiny = component_m < TINY_ISLAND_M
    tiny[:1] = False
    by_level = np.array([[ORDINARY, TINY], [RAISED, RAISED_TINY]], np.uint8)
    return np.asarray(by_level[(level != 0).astype(int), tiny[component].astype(int)])


def to_ticks(metres: npt.ArrayLike, profile: Profile) -> IntArray:
    """Return the walking time of level `metres` for `profile`, in ticks."""
    seconds = np.asarray(metres, np.float64) / profile.speed_m_s
    ticks = np.minimum(np.rint(seconds * TICKS_PER_S), LONGEST_TICKS)
    return ticks.astype(np.int64)


def compile_network(layers: Layers, profile: Profile) -> WalkNetwork:
    """Compile the walk network of a district for one profile; the same for any order of the rows.

    A profile `at_crossings` has the two sides of wide roads apart (:mod:`geo.network.wide_roads`).
    Edges that the profile avoids, that are too steep for it, or that can be walked in neither
    direction, are left out before anything is linked or searched.

    Parameters
    ----------
    layers : Layers
        Metric CRS; ``walk_edges``, ``barriers`` and ``gates`` are used.
    profile : Profile

    Raises
    ------
    CrsError
        If the layers are not in a metric CRS.

    Examples
    --------
    >>> from tests.scenes import tiny_layers
    >>> adult = Profile("adult", "成人", "Adult", 1.25)
    >>> network = compile_network(tiny_layers().to_metric(4548), adult)
    >>> len(network.edge_id), len(network.node_id), network.component_m.round(3).tolist()
    (11, 12, [1200.0])
    """
    edges = layers.walk_edges
    metric = crs.require_metric(edges.crs, what="crs.walk_network")
    if profile.at_crossings:
        edges = sides_apart(edges, profile)
    kept = edges.loc[usable(edges, profile)].sort_values("edge_id")
    column = {name: kept[name].to_numpy(dtype) for name, dtype in _EDGE_COLUMNS.items()}
    shapes = np.asarray(kept.geometry.array, dtype=object)
    geometry = Lines.of(shapes)
    node_id, u, v = _nodes(kept["u"].to_numpy(np.int64), kept["v"].to_numpy(np.int64), geometry)
    length_m, effort = column["length_m"], efforts(kept, profile)
    component, component_m = components(u, v, length_m, len(node_id))
    lines, gates = _ground_barriers(layers.barriers), open_gates(layers.gates)
    graph = search_graph(
        (u, v), to_ticks(length_m * effort, profile), n_nodes=len(node_id),
        walkable=(column["forward"], column["backward"]), private=column["private"],
        gated=column["gated"],
    )  # fmt: skip
    snap_index = build_snap_index(
        link_pieces(_linkable(shapes, kept), lines), barriers=lines, gates=gates,
        length_m=length_m, standing=standing(column["level"], component, component_m),
    )  # fmt: skip
    return WalkNetwork(
        **column,
        crs=metric, profile=profile, u=u, v=v, effort=effort, geometry=geometry, node_id=node_id,
        component=component, component_m=component_m, graph=graph, snap_index=snap_index,
        barriers=lines, gates=gates,
    )  # fmt: skip


def _linkable(shapes: GeometryArray, edges: pd.DataFrame) -> GeometryArray:
    """Return the lines of the edges, empty where no place is linked to one."""
    linkable = shapes.copy()
    linkable[(edges["kind"] == ACROSS).to_numpy(np.bool_)] = shapely.LineString()
    return linkable


def open_gates(gates: gpd.GeoDataFrame) -> GeometryArray:
    """Return the places of the gates that are not closed, in the order of their identifiers."""
    passable = gates[gates["access"] != GateAccess.CLOSED].sort_values("gate_id")
    return np.asarray(passable.geometry.array, dtype=object)


def _nodes(u: IntArray, v: IntArray, geometry: Lines) -> tuple[IntArray, IntArray, IntArray]:
    """Return node ids in spatial order, and the indices of the edges' ends in them.

    Neighbours on a Hilbert curve are neighbours in memory, which is what a search walks through.
    """
    node_id, at, ends = np.unique(np.concatenate([u, v]), return_index=True, return_inverse=True)
    places = shapely.points(np.concatenate(geometry.ends())[at])
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
    adjacency = scipy.sparse.coo_matrix(
        (np.ones(len(u), np.int8), (u, v)), shape=(n_nodes, n_nodes)
    )
    count, labels = scipy.sparse.csgraph.connected_components(adjacency, directed=False)
    of_node = labels.astype(np.int64)
    metres = np.bincount(of_node[u], weights=length_m, minlength=count)
    order = np.argsort(-metres, kind="stable")
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    return np.asarray(rank[of_node[u]], np.int64), np.asarray(metres[order], np.float64)


def _ground_barriers(barriers: gpd.GeoDataFrame) -> GeometryArray:
    """Return barriers on the ground as lines; of an area it is the shore that stops a leg."""
    lines: GeometryArray = np.array(barriers.geometry[barriers["level"] == 0], dtype=object)
    area = shapely.get_dimensions(lines) == 2  # noqa: PLR2004 - dimension of a polygon
    lines[area] = shapely.boundary(lines[area])
    return lines
