"""Private gates: who lives or calls behind one passes it, and nobody else.

A way through a private gate is private for two centimetres beside it, so that no walk leads
through. What lies behind it is *gated*: walks that start or end there pass private edges as
well as public ones (:mod:`geo.network.search_graph`).

What lies behind
    Gates part the network into zones. The longest zone of a connected network is the outside; the
    depth of another one is the number of gates on the way to it. Of the zones at a private gate
    those that are deeper than another one lie behind it, and so does all that is entered through
    them. Where zones of one depth meet, each lies behind the gate for the other; a gate with the
    same zone on both sides has nothing behind it, and nobody passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely
import shapely.ops

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.model.vocabulary import GateAccess
from geo.network.prepare.cut_at_barriers import GATE_REACH_M, barrier_lines
from geo.network.prepare.split_edges import Split, fresh_nodes, split_edges
from geo.tolerances import TOUCH_M

PRIVATE_M: Final = 2 * TOUCH_M
"""Length of the private edge behind a private gate, metres: the part of an edge that no access leg
leads to where the gate stands in a barrier."""

_PARTS: Final = 4
"""An edge is private for one part of so many at most, so that one between two gates has a rest."""


@dataclass(frozen=True, slots=True)
class _GateZones:
    """Zones between gates.

    Attributes
    ----------
    of_edge : ndarray of int64, shape (m,)
        Zone of each edge.
    depth : ndarray of int64, shape (z,)
        Number of gates on the way to each zone from outside.
    at_gate : DataFrame
        ``node, row, side, zone`` of each end of an edge at a gate, by node, row and side.
    """

    of_edge: IntArray
    depth: IntArray
    at_gate: pd.DataFrame


def with_nodes_at_private_gates(
    edges: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Split the way that leads through a barrier beside a private gate, which is on no way itself.

    Parameters
    ----------
    edges, barriers, gates : GeoDataFrame
        Layers ``walk_edges``, ``barriers`` and ``gates`` in one metric CRS.

    Returns
    -------
    edges, gates : GeoDataFrame
        A way that crosses a barrier on the ground within :data:`GATE_REACH_M` of such a gate has a
        node there, nearest to the gate, and the gate knows it.
    """
    alone = np.flatnonzero((gates["access"] == GateAccess.PRIVATE) & (gates["node"] == 0))
    on_ground = np.flatnonzero(edges["level"] == 0)
    lines, barrier = barrier_lines(barriers)
    lines = lines[(barriers["level"] == 0).to_numpy(bool)[barrier]]
    if not len(alone) or not len(lines):
        return edges, gates
    places = np.asarray(gates.geometry.array, object)[alone]
    geometry = np.asarray(edges.geometry.array, object)[on_ground]
    at, line = shapely.STRtree(lines).query(places, predicate="dwithin", distance=GATE_REACH_M)
    nodes = iter(fresh_nodes(edges, len(alone)).tolist())
    of_gate, splits = gates["node"].to_numpy(np.int64).copy(), list[Split]()
    tree = shapely.STRtree(geometry)
    for number in np.unique(at).tolist():
        place, walls = places[number], shapely.union_all(lines[line[at == number]])
        near = tree.query(place, predicate="dwithin", distance=GATE_REACH_M)
        met = [(place.distance(shapely.intersection(geometry[k], walls)), k) for k in near.tolist()]
        gap_m, k = min([one for one in met if one[0] <= GATE_REACH_M], default=(np.inf, -1))
        row = int(on_ground[k]) if np.isfinite(gap_m) else -1
        if row < 0 or any(split.row == row for split in splits):
            continue
        _, foot = shapely.ops.nearest_points(place, shapely.intersection(geometry[k], walls))
        offset_m = float(shapely.line_locate_point(geometry[k], foot))
        if PRIVATE_M < offset_m < geometry[k].length - PRIVATE_M:
            of_gate[alone[number]] = node = next(nodes)
            splits.append(Split(row, offset_m, node, node))
    return split_edges(edges, splits), gates.assign(node=of_gate)


def with_private_gates(
    edges: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, int]:
    """Let only those pass a private gate whose walk starts or ends behind it.

    Parameters
    ----------
    edges, gates : GeoDataFrame
        Layers ``walk_edges`` (metric) and ``gates``, whose nodes are those of the edges. Where
        `gates` has a column ``in_wall``, only gates that it marks part zones: level crossings and
        fords do not.

    Returns
    -------
    edges : GeoDataFrame
        With pieces that are private, and edges that are gated; index 0..n-1.
    private : int
        Number of gates that nobody passes any more.

    Notes
    -----
    O(m + g) for m edges and g gates. The result does not depend on the order of rows.
    """
    edges = edges.sort_values("edge_id").reset_index(drop=True)
    gates = gates[gates["node"] != 0]
    if "in_wall" in gates.columns:
        gates = gates[gates["in_wall"].to_numpy(bool)]
    private = gates.loc[gates["access"] == GateAccess.PRIVATE, "node"].to_numpy(np.int64)
    if not np.isin(private, edges[["u", "v"]].to_numpy(np.int64)).any():
        return edges, 0
    zones = _zones(edges, gates["node"].to_numpy(np.int64))
    ends = zones.at_gate[zones.at_gate["node"].isin(private)]
    ends = ends.assign(depth=zones.depth[ends["zone"].to_numpy()])
    behind = np.zeros(len(zones.depth), np.bool_)
    behind[ends.loc[_inner(ends), "zone"].to_numpy()] = True
    parted = _parted(ends) & ~edges["private"].to_numpy(bool)[ends["row"].to_numpy()]
    edges = edges.assign(gated=_deeper(behind, zones)[zones.of_edge])
    return _closed_off(edges, ends[parted]), ends["node"].nunique()


def _zones(edges: gpd.GeoDataFrame, nodes: IntArray) -> _GateZones:
    """Return the zones that gates at `nodes` part."""
    ends = edges[["u", "v"]].to_numpy(np.int64)
    _, index = np.unique(ends, return_inverse=True)
    index = index.reshape(ends.shape)
    whole, _ = _components(index)
    row, side = np.nonzero(np.isin(ends, nodes))
    parted = index.copy()
    parted[row, side] = index.max(initial=-1) + 1 + np.arange(len(row))
    of_edge, n = _components(parted)
    length_m = np.bincount(of_edge, edges["length_m"].to_numpy(np.float64), minlength=n)
    at_gate = pd.DataFrame(
        {"node": ends[row, side], "row": row, "side": side, "zone": of_edge[row]}
    )
    at_gate = at_gate.sort_values(["node", "row", "side"], ignore_index=True)
    return _GateZones(
        of_edge, _depths(_outside(whole, of_edge, length_m.astype(np.float64)), at_gate, n), at_gate
    )


def _components(ends: IntArray) -> tuple[IntArray, int]:
    """Return the component of each edge, given by the indices of its nodes, and their number."""
    size = int(ends.max(initial=-1)) + 1
    ones = np.ones(len(ends), np.int8)
    graph = scipy.sparse.coo_array((ones, (ends[:, 0], ends[:, 1])), shape=(size, size))
    _, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
    _, of_edge = np.unique(label[ends[:, 0]], return_inverse=True)
    return of_edge.astype(np.int64), int(of_edge.max(initial=-1)) + 1


def _outside(whole: IntArray, zone: IntArray, length_m: FloatArray) -> IntArray:
    """Return the longest zone of each component, the first of equally long ones."""
    table = pd.DataFrame({"whole": whole, "zone": zone}).drop_duplicates()
    table = table.assign(length_m=length_m[table["zone"].to_numpy()])
    table = table.sort_values(["length_m", "zone"], ascending=[False, True])
    return table.drop_duplicates("whole")["zone"].to_numpy(np.int64)


def _depths(outside: IntArray, at_gate: pd.DataFrame, n: int) -> IntArray:
    """Return the number of gates on the way from outside to each of `n` zones."""
    gate, number = np.unique(at_gate["node"], return_inverse=True)
    zone = at_gate["zone"].to_numpy(np.int64)
    start = n + len(gate)
    # Zones, gates and one start; a zone is entered from a gate, a gate from a zone.
    tail = np.concatenate([zone, n + number, np.full(len(outside), start)])
    head = np.concatenate([n + number, zone, outside])
    graph = scipy.sparse.csr_array((np.ones(len(tail)), (tail, head)), shape=(start + 1, start + 1))
    steps = scipy.sparse.csgraph.dijkstra(graph, indices=start, unweighted=True)[:n]
    return np.asarray((steps - 1) / 2, np.int64)


def _inner(ends: pd.DataFrame) -> BoolArray:
    """Return which ends of edges at private gates lie behind them."""
    deeper = _deeper_than_another(ends)
    none = ~deeper.groupby(ends["node"]).transform("any")
    several = ends["zone"].groupby(ends["node"]).transform("nunique") > 1
    return np.asarray(deeper | (none & several), np.bool_)


def _parted(ends: pd.DataFrame) -> BoolArray:
    """Return which ends are taken from the others at their gate: those of the side with fewer.

    Where both sides are one zone, or none is deeper, these are all but the first, or its zone.
    """
    at_gate = ends.groupby("node")
    deeper = _deeper_than_another(ends)
    share = deeper.groupby(ends["node"]).transform("mean")
    parted = deeper.where(share <= 0.5, ~deeper) & (share > 0)  # noqa: PLR2004 - half of them
    other_zone = ends["zone"] != at_gate["zone"].transform("first")
    several = at_gate["zone"].transform("nunique") > 1
    alike = other_zone.where(several, ends.duplicated("node"))
    return np.asarray(parted | (alike & (share == 0)), np.bool_)


def _deeper_than_another(ends: pd.DataFrame) -> "pd.Series[bool]":
    return ends["depth"] > ends.groupby("node")["depth"].transform("min")


def _deeper(behind: BoolArray, zones: _GateZones) -> BoolArray:
    """Return the zones `behind` private gates and all that are entered through them."""
    found = behind.copy()
    node, zone = zones.at_gate["node"].to_numpy(), zones.at_gate["zone"].to_numpy()
    depth = zones.depth[zone]
    for outer in range(int(depth.max(initial=0))):
        entered = np.isin(node, node[found[zone] & (depth == outer)])
        found[zone[entered & (depth == outer + 1)]] = True
    return found


def _closed_off(edges: gpd.GeoDataFrame, ends: pd.DataFrame) -> gpd.GeoDataFrame:
    """Cut a private piece off each of these ends of edges."""
    nodes = fresh_nodes(edges, len(ends))
    splits = list(_splits(edges, ends, nodes))
    out = split_edges(edges, splits)
    gate_of = dict(zip(nodes.tolist(), ends["node"].tolist(), strict=True))
    pairs = out[["u", "v"]].to_numpy(np.int64)
    stub = [gate_of.get(u) == v or gate_of.get(v) == u for u, v in pairs.tolist()]
    return out.assign(private=out["private"].to_numpy(bool) | np.array(stub, bool))


def _splits(edges: gpd.GeoDataFrame, ends: pd.DataFrame, nodes: IntArray) -> Iterator[Split]:
    length_m = edges.geometry.length.to_numpy()
    for row, side, node in zip(ends["row"], ends["side"], nodes.tolist(), strict=True):
        off = min(PRIVATE_M, length_m[row] / _PARTS)
        yield Split(row, float(length_m[row] - off if side else off), node, node)
