"""Contraction on drawn chains, on random towns and on real districts, against networkx."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.network.prepare.contract import contract
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.geo.network.real_network import REAL, read_unprepared
from tests.towns import edges_frame, town, towns

ADULT = Profile("adult", "成人", "Adult", 1.25)


def rows(edges):
    """Return (edge_id, u, v, whole metres, points) of every edge."""
    return [
        (e.edge_id, e.u, e.v, round(e.length_m), len(e.geometry.coords)) for e in edges.itertuples()
    ]


def graph_of(edges):
    graph = nx.DiGraph()
    graph.add_nodes_from([*edges.u, *edges.v])
    for e in edges.itertuples():
        for a, b, walkable in ((e.u, e.v, e.forward), (e.v, e.u, e.backward)):
            if walkable and not (graph.has_edge(a, b) and graph[a][b]["m"] <= e.length_m):
                graph.add_edge(a, b, m=e.length_m)
    return graph


def assert_same_distances(before, after, starts):
    """Check every distance from `starts` to every node that is left, to 1e-6 m."""
    old, new = graph_of(before), graph_of(after)
    assert set(new) <= set(old)
    for start in starts:
        got = nx.single_source_dijkstra_path_length(new, start, weight="m")
        want = nx.single_source_dijkstra_path_length(old, start, weight="m")
        assert set(got) == set(want) & set(new)
        assert all(abs(got[node] - want[node]) < 1e-6 for node in got)


def chain(*changes):
    """Return edges 1-2, 2-3, ... of 10 m each, with what differs."""
    return edges_frame(
        [
            {"u": n, "v": n + 1, "coords": [(10 * n, 0), (10 * n + 10, 0)], **change}
            for n, change in enumerate(changes, start=1)
        ]
    )


def test_a_chain_becomes_one_edge_with_its_bends():
    # 1 --- 2 --- 3        the middle edge is drawn from 3 to 2, with a bend
    #              \ 4
    edges = edges_frame(
        [
            {"u": 1, "v": 2, "coords": [(0, 0), (30, 0)], "osm_id": 7},
            {"u": 3, "v": 2, "coords": [(60, 40), (60, 0), (30, 0)], "osm_id": 7},
            {"u": 3, "v": 4, "coords": [(60, 40), (100, 40)], "osm_id": 7},
        ]
    )
    got, gone = contract(edges)
    assert rows(got) == [(1, 1, 4, 140, 5)]
    assert gone == 2
    assert got.osm_id.tolist() == [7]
    assert got.geometry[0].length == pytest.approx(got.length_m[0], abs=1e-9)
    corner = np.array(got.geometry[0].coords)[0]
    bends = np.array(got.geometry[0].coords) - corner
    assert bends.round(6).tolist() == [[0, 0], [30, 0], [60, 0], [60, 40], [100, 40]]


def test_the_joined_edge_runs_as_the_lowest_one_does():
    edges = edges_frame(
        [
            {"u": 2, "v": 1, "coords": [(30, 0), (0, 0)], "edge_id": 4, "osm_id": 7},
            {"u": 2, "v": 3, "coords": [(30, 0), (90, 0)], "edge_id": 9, "osm_id": 8},
        ]
    )
    got, _ = contract(edges)
    assert rows(got) == [(4, 3, 1, 90, 3)]
    assert got.osm_id.tolist() == [0]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "steps"},
        {"private": True},
        {"bridge": True},
        {"tunnel": True},
        {"backward": False},
    ],
)
def test_edges_that_differ_stay_apart(change):
    edges = chain({}, change, change)
    got, gone = contract(edges)
    assert [(e.u, e.v) for e in got.itertuples()] == [(1, 2), (2, 4)]
    assert gone == 1


def test_one_way_edges_join_along_the_way_only():
    ahead, back = {"backward": False}, {"forward": False}
    got, _ = contract(chain(ahead, ahead))
    assert (got.u[0], got.v[0], got.forward[0], got.backward[0]) == (1, 3, True, False)
    assert contract(chain(ahead, back))[1] == 0
    turned = edges_frame(
        [
            {"u": 1, "v": 2, "coords": [(0, 0), (10, 0)], **ahead},
            {"u": 3, "v": 2, "coords": [(20, 0), (10, 0)], **back},
        ]
    )
    got, _ = contract(turned)
    assert (got.u[0], got.v[0], got.forward[0], got.backward[0]) == (1, 3, True, False)


def test_a_nameless_edge_goes_with_the_name_met_first():
    got, gone = contract(chain({"name": "甲"}, {}, {"name": "乙"}, {"name": "乙"}))
    assert [(e.u, e.v, e.name) for e in got.set_index("name", drop=False).itertuples()] == [
        (1, 3, "甲"),
        (3, 5, "乙"),
    ]
    assert gone == 2


def test_nodes_of_gates_and_junctions_stay():
    edges = chain({}, {}, {})
    assert contract(edges, keep=[2])[1] == 1
    side = edges_frame([{"u": 3, "v": 9, "coords": [(30, 0), (30, 30)], "edge_id": 50}])
    got, gone = contract(pd.concat([edges, side]))
    assert [(e.u, e.v) for e in got.itertuples()] == [(1, 3), (3, 4), (3, 9)]
    assert gone == 1


def test_rings_keep_their_lowest_node_and_loops_their_junction():
    square = [(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)]
    ring = [
        {"u": u, "v": v, "coords": [square[k], square[k + 1]]}
        for k, (u, v) in enumerate([(3, 2), (2, 8), (8, 5), (5, 3)])
    ]
    got, gone = contract(edges_frame(ring))
    assert rows(got) == [(1, 2, 2, 200, 5)]
    assert gone == 3
    tail = {"u": 8, "v": 1, "coords": [(50, 50), (90, 90)]}
    got, gone = contract(edges_frame([*ring, tail]))
    assert [(e.u, e.v, round(e.length_m)) for e in got.itertuples()] == [(8, 8, 200), (8, 1, 57)]


def test_edges_that_climb_stay_apart_and_crossings_join_crossings_only():
    edges = chain({}, {}, {}, {})
    assert contract(edges.assign(climb_m=[1.0, -1.0, 0.0, 0.0]))[1] == 1
    assert contract(edges.assign(crossing=[True, False, False, True]))[1] == 1


def test_nothing_to_contract():
    edges = chain({}).iloc[:0]
    assert contract(edges)[1] == 0
    assert len(contract(edges)[0]) == 0


def test_parallel_edges_stay_and_the_shorter_is_walked():
    edges = edges_frame(
        [
            {"u": 1, "v": 2, "coords": [(0, 0), (40, 0)]},
            {"u": 2, "v": 3, "coords": [(40, 0), (80, 0)]},
            {"u": 1, "v": 3, "coords": [(0, 0), (40, 90), (80, 0)]},
            {"u": 0, "v": 1, "coords": [(-30, 0), (0, 0)]},
            {"u": 3, "v": 4, "coords": [(80, 0), (99, 0)]},
        ]
    )
    got, gone = contract(edges)
    assert [(e.u, e.v, round(e.length_m)) for e in got.itertuples()] == [
        (1, 3, 80), (1, 3, 197), (0, 1, 30), (3, 4, 19),
    ]  # fmt: skip
    assert gone == 1


def with_bends(layers, seed):
    """Cut every edge of a town into up to four pieces, so that there is something to contract."""
    rng = np.random.default_rng(seed)
    pieces = []
    for e in layers.walk_edges.itertuples():
        cuts = np.sort(rng.uniform(0.05, 0.95, rng.integers(0, 4)))
        shares = np.concatenate([[0.0], cuts, [1.0]])
        nodes = [e.u, *(1000 + 10 * e.edge_id + k for k in range(len(cuts))), e.v]
        a, b = np.array(e.geometry.coords)
        for k in range(len(shares) - 1):
            flip = rng.random() < 0.5
            ends = [tuple(a + (b - a) * shares[k]), tuple(a + (b - a) * shares[k + 1])]
            piece = {
                "u": nodes[k], "v": nodes[k + 1], "coords": ends, "private": e.private,
                "forward": e.forward, "backward": e.backward, "kind": e.kind,
                "edge_id": 10 * e.edge_id + k,
            }  # fmt: skip
            if flip:
                piece |= {
                    "u": nodes[k + 1], "v": nodes[k], "coords": ends[::-1],
                    "forward": e.backward, "backward": e.forward,
                }  # fmt: skip
            pieces.append(piece)
    frame = edges_frame([{**p, "coords": [(0, 0), (1, 1)]} for p in pieces])
    lines = [shapely.LineString(p["coords"]) for p in pieces]
    return replace(
        layers,
        walk_edges=frame.set_geometry(lines, crs=frame.crs).assign(
            length_m=[line.length for line in lines]
        ),
    )


@given(towns(), st.integers(0, 2**32 - 1))
@examples(20)
def test_no_distance_changes(layers, seed):
    layers = with_bends(layers, seed)
    edges = layers.walk_edges
    got, gone = contract(edges)
    nodes = {*edges.u, *edges.v}
    left = {*got.u, *got.v}
    assert len(nodes) - len(left) == gone
    assert_same_distances(edges, got, sorted(left))
    assert got.length_m.sum() == pytest.approx(edges.length_m.sum(), abs=1e-6)
    again, more = contract(got)
    assert more == 0
    assert_geodataframe_equal(again, got)
    mixed, _ = contract(edges.sample(frac=1, random_state=seed))
    assert_geodataframe_equal(mixed, got)


@given(towns(), st.integers(0, 2**32 - 1))
@examples(15)
def test_no_time_changes(layers, seed):
    # A place nearest to a junction is linked to the edge with the lowest id there, and one whose
    # nearest place on an edge is behind a wall to another edge altogether. Both depend on what is
    # one edge, so that here everybody may walk everywhere, and there are no walls.
    layers = with_bends(layers, seed)
    layers = replace(
        layers,
        walk_edges=layers.walk_edges.assign(forward=True, backward=True, private=False),
        barriers=layers.barriers.iloc[:0],
    )
    short, _ = contract(layers.walk_edges)
    times = [
        nearest_times(snap_layers(one, network_of(one), ["a", "b"])).time_s
        for one in (layers, replace(layers, walk_edges=short))
    ]
    assert np.array_equal(np.isnan(times[0]), np.isnan(times[1]))
    assert np.nanmax(np.abs(times[0] - times[1]), initial=0) <= 0.05


def network_of(layers):
    return compile_network(layers, ADULT)


@pytest.mark.parametrize("name", REAL)
def test_no_distance_and_no_time_of_a_real_district_changes(name):
    layers = read_unprepared(name)
    edges = layers.walk_edges
    got, gone = contract(edges, keep=layers.gates.node)
    assert gone > 0
    left = sorted({*got.u, *got.v})
    assert {node for node in layers.gates.node if node} <= set(left)
    assert_same_distances(edges, got, left[:: len(left) // 8])
    categories = ["catering", "shopping", "medical"]
    times = [
        nearest_times(snap_layers(one, network_of(one), categories)).time_s
        for one in (layers, replace(layers, walk_edges=got))
    ]
    assert np.array_equal(np.isnan(times[0]), np.isnan(times[1]))
    assert np.nanmax(np.abs(times[0] - times[1])) <= 0.05


def test_a_town_is_walked_the_same():
    layers = town(
        [{"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]},
         {"u": 2, "v": 3, "coords": [(100, 0), (250, 0)]}],
        homes=[(0, 10)], points=[(250, 10)],
    )  # fmt: skip
    short, gone = contract(layers.walk_edges)
    assert gone == 1
    for edges in (layers.walk_edges, short):
        one = replace(layers, walk_edges=edges)
        times = nearest_times(snap_layers(one, network_of(one), ["a"]))
        assert times.time_s.tolist() == [[216.0]]  # (10 + 250 + 10) / 1.25
