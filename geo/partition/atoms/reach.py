"""How far homes may stand apart in one small grid: a stated reach on the walk network.

A detached farm touches its neighbours across open ground, however far they are. It joins the
nearest of them on the network; beyond the reach it joins nobody.
"""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import scipy.sparse
import shapely
from scipy.sparse.csgraph import dijkstra

from geo.arrays import BoolArray, FloatArray, GeometryArray, IntArray
from geo.errors import InputError
from geo.geometry.polygonize import connected_labels
from geo.grids.assign import demand_xy
from geo.model.layers import Layers
from geo.network.snap_kernel import LINK_LIMIT_M
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.band import Band
from geo.partition.atoms.cut_lines import Rank, footprints_of

HOME_REACH_M: Final = 600.0
"""Metres on the walk network between neighbouring homes of one small grid, at most."""

REACH_MOST_M: Final = 20_000.0
"""No reach is longer: every walk of that length is searched."""

_STRAIGHT: Final = 0.5
"""Share of the reach within which homes with open ground between them are neighbours anyway."""

_AT_ONCE: Final = 64
"""Homes whose walks are searched at once, by the memory that takes."""

_LEAST_M: Final = 1e-6


def check_reach(reach_m: float) -> float:
    """Return a reach if it can be one.

    Raises
    ------
    InputError
        If it is not a number of metres from 0 to :data:`REACH_MOST_M`.

    Examples
    --------
    >>> check_reach(450)
    450.0
    """
    if not 0.0 <= reach_m <= REACH_MOST_M:  # NaN is out of it too
        raise InputError("partition.reach", got=str(reach_m), most=REACH_MOST_M)
    return float(reach_m)


def within_reach(
    homes: Atoms, layers: Layers, *, band: Band, reach_m: float
) -> tuple[Atoms, BoolArray]:
    """Return homes with the ranks that hold once a reach is set, and who has one beyond it.

    Parameters
    ----------
    homes : Atoms
        Buildings with the ground that goes with them.
    layers : Layers
        Metric CRS; `buildings`, `walk_edges` and `barriers` are read.
    band : Band
        Of small grids: a cluster with fewer households is detached.
    reach_m : float
        Metres on the walk network, across no barrier.

    Returns
    -------
    homes : Atoms
        Neighbours whose footprints are farther apart than half the reach have a border of rank
        `WALL` if they are beyond the reach on the network. Within it, the nearest neighbour of a
        detached cluster has `LARGE_STREET`, and others `MAJOR_STREET`, unless they have more.
    beyond : ndarray of bool, shape (n,)
        Homes with a neighbour beyond the reach.
    """
    beyond = np.zeros(len(homes.households), dtype=np.bool_)
    open_ = np.flatnonzero(homes.built[homes.pairs].all(axis=1) & (homes.rank < Rank.WALL))
    apart = _apart(homes, layers.buildings, homes.pairs[open_])
    far = open_[apart > _STRAIGHT * reach_m]
    if not len(far):
        return homes, beyond
    near = np.setdiff1d(open_, far)
    cluster = connected_labels(len(beyond), homes.pairs[near])
    ends = cluster[homes.pairs[far]]
    far = far[ends[:, 0] != ends[:, 1]]  # others hold together by those between
    walk_m = _walks(homes, layers, homes.pairs[far], reach_m)
    is_detached = np.bincount(cluster, weights=homes.households) < band.low
    rank = homes.rank.copy()
    rank[far] = np.maximum(
        rank[far],
        np.where(
            np.isfinite(walk_m),
            np.where(
                _nearest(cluster[homes.pairs[far]], walk_m, is_detached),
                Rank.LARGE_STREET,
                Rank.MAJOR_STREET,
            ),
            Rank.WALL,
        ),
    )
    beyond[homes.pairs[far[~np.isfinite(walk_m)]]] = True
    return replace(homes, rank=rank), beyond


def _nearest(clusters: IntArray, walk_m: FloatArray, is_detached: BoolArray) -> BoolArray:
    """Return which pairs of clusters are a detached one and the nearest to it."""
    least = np.full(len(is_detached), np.inf)
    for side in clusters.T:
        np.minimum.at(least, side, walk_m)
    return np.asarray((is_detached[clusters] & (walk_m[:, None] <= least[clusters])).any(axis=1))


def _apart(homes: Atoms, buildings: gpd.GeoDataFrame, pairs: IntArray) -> FloatArray:
    """Return the metres between the buildings of two homes; 0 for a home without a building."""
    inside = np.flatnonzero(homes.of_building >= 0)
    order = inside[np.argsort(homes.of_building[inside], kind="stable")]
    names, which = np.unique(homes.of_building[order], return_inverse=True)
    shape = np.full(len(homes.households), None, dtype=object)
    shape[names] = shapely.geometrycollections(footprints_of(buildings)[order], indices=which)
    metres = shapely.distance(shape[pairs[:, 0]], shape[pairs[:, 1]])
    return np.asarray(np.where(np.isnan(metres), 0.0, metres), dtype=np.float64)


def _walks(homes: Atoms, layers: Layers, pairs: IntArray, reach_m: float) -> FloatArray:
    """Return the metres between homes on streets that cross no barrier; infinite beyond reach."""
    walk_m = np.full(len(pairs), np.inf)
    involved = np.unique(pairs)
    graph = _graph(homes, layers, involved)
    starts, row = np.unique(np.searchsorted(involved, pairs[:, 0]), return_inverse=True)
    ends = len(involved) + np.searchsorted(involved, pairs[:, 1])
    for begin in range(0, len(starts), _AT_ONCE):
        chosen = starts[begin : begin + _AT_ONCE]
        found = dijkstra(graph, indices=chosen, limit=reach_m)
        some = np.flatnonzero((row >= begin) & (row < begin + len(chosen)))
        walk_m[some] = found[row[some] - begin, ends[some]]
    return walk_m


def _graph(homes: Atoms, layers: Layers, involved: IntArray) -> scipy.sparse.csr_array:
    """Return streets and access legs: who leaves first, then who arrives, feet of legs, nodes.

    Nobody passes through a home, so leaving and arriving are two places.
    """
    barriers = shapely.STRtree(np.asarray(layers.barriers.geometry, dtype=object))
    shapes = np.asarray(layers.walk_edges.geometry, dtype=object)
    free = np.ones(len(shapes), dtype=np.bool_)
    free[barriers.query(shapes, predicate="crosses")[0]] = False
    shapes, streets = shapes[free], layers.walk_edges[free]
    building = np.flatnonzero(np.isin(homes.of_building, involved))
    home = np.searchsorted(involved, homes.of_building[building])
    leg, edge = _legs(demand_xy(layers.buildings)[building], shapes, barriers)
    m, n = len(involved), len(leg)
    foot = 2 * m + np.arange(n)
    home, point = home[leg[:, 0].astype(np.int64)], leg[:, 1]
    metres = streets["length_m"].to_numpy(dtype=np.float64)
    nodes = np.unique(streets[["u", "v"]].to_numpy(), return_inverse=True)[1].reshape(-1, 2)
    nodes = nodes + 2 * m + n
    ends, along = _cut(nodes, metres, edge, foot, leg[:, 2] * metres[edge])
    ends = np.concatenate(
        [ends, ends[:, ::-1], np.column_stack([home, foot]), np.column_stack([foot, m + home])]
    )
    weight = np.maximum(np.concatenate([along, along, point, point]), _LEAST_M)
    order = np.lexsort((weight, ends[:, 1], ends[:, 0]))  # of parallel ones the shortest
    order = order[np.unique(ends[order], axis=0, return_index=True)[1]]
    size = int(max(nodes.max(initial=-1) + 1, 2 * m + n))
    return scipy.sparse.csr_array((weight[order], tuple(ends[order].T)), shape=(size, size))


def _legs(
    xy: FloatArray, shapes: GeometryArray, barriers: shapely.STRtree
) -> tuple[FloatArray, IntArray]:
    """Return row, metres and share of the edge of each access leg, and its edge."""
    points: GeometryArray = np.asarray(shapely.points(xy), dtype=object)
    row, edge = shapely.STRtree(shapes).query_nearest(
        points, max_distance=LINK_LIMIT_M, all_matches=False
    )
    legs = np.asarray(shapely.shortest_line(points[row], shapes[edge]), dtype=object)
    clear = np.ones(len(legs), dtype=np.bool_)
    clear[barriers.query(legs, predicate="intersects")[0]] = False
    row, edge = row[clear], edge[clear]
    share = shapely.line_locate_point(shapes[edge], points[row], normalized=True)
    return np.column_stack([row, shapely.length(legs[clear]), share]), edge


def _cut(
    nodes: IntArray, metres: FloatArray, edge: IntArray, foot: IntArray, at_m: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return edges cut at the feet of access legs, and their metres."""
    rows = np.arange(len(nodes))
    of = np.concatenate([rows, edge, rows])
    place = np.concatenate([nodes[:, 0], foot, nodes[:, 1]])
    along = np.concatenate([np.zeros(len(rows)), at_m, metres])
    order = np.lexsort((np.arange(len(of)), along, of))
    same = of[order][1:] == of[order][:-1]
    ends = np.column_stack([place[order][:-1], place[order][1:]])[same]
    return ends, np.diff(along[order])[same]
