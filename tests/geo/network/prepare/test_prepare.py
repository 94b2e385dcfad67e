"""Healing, cutting and contracting in one go, and who lives on an island."""

from dataclasses import replace

import numpy as np
import pytest

from geo.crs import project_points
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.network.islands import island_report
from geo.network.prepare.prepare import prepare
from geo.network.prepare.split_edges import Split, split_edges
from geo.network.snap import link
from tests.geo.network.walk_scene import assert_sound, gates_frame, rows
from tests.towns import barriers_frame, edges_frame, town

ADULT = Profile("adult", "成人", "Adult", 1.25)
WALL = [(30, -40), (30, 40)]


def test_gates_follow_their_node_and_stay_a_node():
    edges = edges_frame(
        [
            {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]},
            {"u": 3, "v": 4, "coords": [(80, 50), (80, 1)]},
            {"u": 2, "v": 5, "coords": [(100, 0), (140, 0)]},
            {"u": 5, "v": 6, "coords": [(140, 0), (190, 0)]},
        ]
    )
    gates = gates_frame([(80, 1, "open"), (140, 0, "open")]).assign(node=[4, 5])
    done = prepare(edges, barriers_frame([WALL]), gates)
    assert_sound(done.edges)
    assert done.gates.node.tolist() == [-1, 5]
    assert rows(done.edges) == [
        (1, 1, -2, 30), (2, 3, -1, 50), (3, -1, 5, 60), (4, 5, 6, 50), (6, -3, -1, 50),
    ]  # fmt: skip
    assert done.contracted == 1
    assert (len(done.repairs), len(done.crossings)) == (1, 1)


def test_pieces_share_the_climb_and_cross_the_street_once():
    edges = edges_frame([{"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]}])
    got = split_edges(edges.assign(climb_m=5.0, crossing=True), [Split(0, 20.0, 7, 8)])
    assert rows(got) == [(1, 1, 7, 20), (2, 8, 2, 80)]
    assert got.climb_m.tolist() == pytest.approx([1, 4])
    assert got.crossing.tolist() == [True, False]


def test_island_report():
    # the wall cuts the path; one home of three households lives on the short side
    layers = town(
        [{"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]}], walls=[WALL],
        homes=[(10, 5), (50, 5), (70, 5)],
    )  # fmt: skip
    done = prepare(layers.walk_edges, layers.barriers, gates_frame())
    layers = replace(layers, walk_edges=done.edges)
    network = compile_network(layers, ADULT)
    homes = layers.buildings
    links = link(project_points(homes.lon, homes.lat, network.epsg), network)
    table = island_report(network, links, [3, 4, 5])
    assert table.columns.tolist() == [
        "component", "walkable_m", "edges", "buildings", "households", "share",
    ]  # fmt: skip
    assert table.component.tolist() == [0, 1]
    assert table.walkable_m.tolist() == pytest.approx([70, 30])
    assert table.edges.tolist() == [1, 1]
    assert table.households.sum() == 12
    assert table.share.sum() == pytest.approx(1)
    assert table.loc[1, ["buildings", "households"]].tolist() == [1, 3]
    nobody = island_report(network, links, np.zeros(3))
    assert nobody.share.isna().all()
