"""Three walking distances of Monaco that GraphHopper's own tests assert, on our walk network.

The routing here is networkx with its own projection of points onto edges: it shares no code with
the engine, so it checks the network alone.
"""

import json

import networkx as nx
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

TOLERANCE = 0.005


@pytest.fixture(scope="module")
def monaco():
    path = SHARED / "data/monaco-graphhopper/monaco.osm.gz"
    district, layers, _ = read_osm(path, code="monaco", standard=load_standard())
    return district, layers


def graph_of(edges):
    graph = nx.MultiDiGraph()
    for row in edges.itertuples():
        if row.forward:
            graph.add_edge(row.u, row.v, weight=row.length_m)
        if row.backward:
            graph.add_edge(row.v, row.u, weight=row.length_m)
    return graph


def link(graph, edges, name, xy):
    """Add a node at the nearest point of the nearest edge, joined to both of its ends."""
    point = shapely.Point(xy)
    row = edges.iloc[int(np.argmin(shapely.distance(edges.geometry.to_numpy(), point)))]
    along = row.geometry.project(point)
    for end, metres in ((row.u, along), (row.v, row.length_m - along)):
        graph.add_edge(name, end, weight=metres)
        graph.add_edge(end, name, weight=metres)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_reference_distances_are_met_within_half_a_percent(monaco, number):
    district, layers = monaco
    route = json.loads((SHARED / "data/monaco-graphhopper/reference_foot.json").read_text("utf-8"))[
        "routes"
    ][number]
    edges = layers.to_metric(district.epsg).walk_edges
    project = Transformer.from_crs(4326, district.epsg, always_xy=True).transform
    graph = graph_of(edges)
    for name, (lat, lon) in (("start", route["from_latlon"]), ("end", route["to_latlon"])):
        link(graph, edges, name, project(lon, lat))
    metres = nx.dijkstra_path_length(graph, "start", "end")
    assert metres == pytest.approx(route["distance_m"], rel=TOLERANCE)
