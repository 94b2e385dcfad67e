"""What private gates mean, from the definition: zones by networkx, no edge is cut or changed."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx


def behind_gates(
    edges: gpd.GeoDataFrame, gates: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, list[tuple[int, int, bool]]]:
    """Return the edges with a node for each zone at a gate, and the joints between those.

    `gates` are those that stand in a barrier, at nodes of `edges`. Edges of zones behind a private
    gate are ``gated``.
    """
    access = {row.node: row.access for row in gates.itertuples() if row.node}
    parted, whole = nx.Graph(), nx.Graph()
    for row in edges.sort_values("edge_id").itertuples():
        ends = [(n, row.edge_id, s) if n in access else n for s, n in enumerate((row.u, row.v))]
        parted.add_edge(("edge", row.edge_id), ends[0])
        parted.add_edge(("edge", row.edge_id), ends[1])
        whole.add_edge(row.u, row.v)
    zone_of = {}
    for number, zone in enumerate(nx.connected_components(parted)):
        zone_of |= {
            part[1]: number for part in zone if isinstance(part, tuple) and part[0] == "edge"
        }
    metres: dict[int, float] = {}
    at_gate: dict[int, list[tuple[int, int]]] = {}
    for row in edges.sort_values("edge_id").itertuples():
        metres[zone_of[row.edge_id]] = metres.get(zone_of[row.edge_id], 0.0) + row.length_m
        for side, node in enumerate((row.u, row.v)):
            if node in access:
                at_gate.setdefault(node, []).append((row.edge_id, side))
    depth = _depths(whole, edges, zone_of, metres, at_gate)
    gated = set()
    for node, ends in at_gate.items():
        zones = {zone_of[edge] for edge, _ in ends}
        deepest_out = min(depth[zone] for zone in zones)
        if access[node] == "private" and len(zones) > 1:
            inner = {zone for zone in zones if depth[zone] > deepest_out}
            gated |= inner or zones
    for _ in metres:  # what is entered from behind a gate is behind it
        for ends in at_gate.values():
            zones = {zone_of[edge] for edge, _ in ends}
            outer = [depth[zone] for zone in zones if zone in gated]
            gated |= {zone for zone in zones if any(depth[zone] == d + 1 for d in outer)}
    return _apart(edges, zone_of, at_gate, access, gated)


def _depths(whole, edges, zone_of, metres, at_gate) -> dict[int, int]:
    """Return how many gates lie between each zone and the longest zone it is connected with."""
    component = {n: i for i, part in enumerate(nx.connected_components(whole)) for n in part}
    outside: dict[int, int] = {}
    for row in edges.itertuples():
        zone, part = zone_of[row.edge_id], component[row.u]
        if part not in outside or (-metres[zone], zone) < (-metres[outside[part]], outside[part]):
            outside[part] = zone
    doors = nx.Graph()
    doors.add_nodes_from(metres)
    for node, ends in at_gate.items():
        doors.add_edges_from((zone_of[edge], ("gate", node)) for edge, _ in ends)
    depth: dict[int, int] = {}
    for zone in outside.values():
        steps = nx.single_source_shortest_path_length(doors, zone)
        depth |= {at: far // 2 for at, far in steps.items() if not isinstance(at, tuple)}
    return depth


def _apart(edges, zone_of, at_gate, access, gated):
    """Give each zone at a gate a node of its own, and join them."""
    ends = {(row.edge_id, s): n for row in edges.itertuples() for s, n in enumerate((row.u, row.v))}
    fresh = min(0, *ends.values()) - 1
    joints = []
    for node, meeting in at_gate.items():
        private = access[node] == "private"
        one_zone = len({zone_of[edge] for edge, _ in meeting}) == 1
        node_of: dict[object, int] = {}
        for edge, side in meeting:
            key = (edge, side) if one_zone and private else zone_of[edge]
            if key not in node_of:
                node_of[key] = fresh
                fresh -= 1
            ends[edge, side] = node_of[key]
        joints += [(a, b, private) for a, b in pairwise(node_of.values())]
    out = edges.copy()
    out["u"] = [ends[edge, 0] for edge in edges["edge_id"]]
    out["v"] = [ends[edge, 1] for edge in edges["edge_id"]]
    out["gated"] = [zone_of[edge] in gated for edge in edges["edge_id"]]
    return out, joints
