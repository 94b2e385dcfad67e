"""Walks across an area by a visibility graph over all pairs of its vertices, one line at a time."""

from itertools import combinations

import networkx as nx
import shapely

SLACK_M = 1e-6


def walks(free, places):
    """Return the metres of the shortest walk inside `free` between all pairs of places.

    free: valid Polygon or MultiPolygon, its border included; places: (x, y). Pairs that are apart
    are left out. Keys are pairs of positions, the lower first.
    """
    ground = free.buffer(SLACK_M, join_style="mitre")
    corners = [tuple(xy) for xy in shapely.get_coordinates(free).tolist()]
    vertices = list(dict.fromkeys([*map(tuple, places), *corners]))
    graph = nx.Graph()
    graph.add_nodes_from(vertices)
    for one, other in combinations(vertices, 2):
        line = shapely.LineString([one, other])
        if ground.covers(line):
            graph.add_edge(one, other, metres=line.length)
    found = {}
    for n, start in enumerate(places):
        metres = nx.single_source_dijkstra_path_length(graph, tuple(start), weight="metres")
        for m in range(n + 1, len(places)):
            if tuple(places[m]) in metres:
                found[n, m] = metres[tuple(places[m])]
    return found
