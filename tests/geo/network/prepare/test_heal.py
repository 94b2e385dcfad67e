"""Healing on drawn scenes of known answer, and on real networks."""

import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal

from geo.errors import CrsError
from geo.network.prepare.heal import heal
from tests.geo.network.real_network import REAL, read_unprepared
from tests.geo.network.walk_scene import assert_sound, gates_frame, place, rows
from tests.towns import barriers_frame, edges_frame

STREET = {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)], "kind": "residential", "osm_id": 10}


def lane(*coords, u=3, v=4, **changes):
    return {"u": u, "v": v, "coords": coords, "osm_id": 11, **changes}


def healed(*edges, walls=(), gates=(), **options):
    got, repairs = heal(
        edges_frame(list(edges)), barriers_frame(walls), gates_frame(gates), **options
    )
    assert_sound(got)
    return got, repairs


def test_an_end_that_misses_a_street_is_joined_and_listed():
    got, repairs = healed(STREET, lane((40, 50), (40, 1.5)))
    assert rows(got) == [(1, 1, -1, 40), (3, -1, 2, 60), (2, 3, -1, 50)]
    assert [place(p) for p in repairs.geometry] == [(40, 1.5)]
    row = repairs.iloc[0]
    assert (row.edge_id, row.osm_id, row.node, row.to_edge_id) == (2, 11, 4, 1)
    assert (row.to_osm_id, row.to_node, row.done) == (10, -1, "edge")
    assert row.gap_m == pytest.approx(1.5)


@pytest.mark.parametrize(("gap", "joined"), [(0.0, True), (2.0, True), (2.01, False)])
def test_the_reach_is_inclusive(gap, joined):
    _, repairs = healed(STREET, lane((40, 50), (40, gap)))
    assert len(repairs) == joined


@pytest.mark.parametrize(("gap", "joined"), [(0.0, True), (0.0999, True), (0.1001, False)])
def test_a_street_is_joined_only_to_what_lies_at_the_same_place(gap, joined):
    _, repairs = healed(STREET, lane((40, 50), (40, gap), kind="residential"))
    assert len(repairs) == joined


@pytest.mark.parametrize(("level", "joined"), [(0, True), (1, False)])
def test_ends_are_joined_on_their_own_level_past_walls_of_others(level, joined):
    edges = edges_frame([STREET, lane((40, 50), (40, 1), level=level)])
    walls = barriers_frame([[(30, 0.5), (50, 0.5)]]).assign(level=1)
    _, repairs = heal(edges, walls, gates_frame())
    assert len(repairs) == joined


def test_the_first_end_of_an_edge_is_joined_as_well():
    got, _ = healed(STREET, lane((40, 1), (40, 50)))
    assert rows(got)[2] == (2, -1, 4, 50)
    assert place(got.geometry[2].boundary.geoms[0]) == (40, 0)


def test_near_a_node_the_node_is_taken():
    got, repairs = healed(STREET, lane((99, 50), (99, 1)))
    assert rows(got) == [(1, 1, 2, 100), (2, 3, 2, round(49 + 2**0.5, 2))]
    assert repairs.done.tolist() == ["node"]
    assert repairs.gap_m[0] == pytest.approx(2**0.5)


def test_two_ends_that_miss_each_other_meet_at_the_lower_node():
    got, repairs = healed(lane((0, 0), (50, 0)), lane((51, 0), (90, 0), u=5, v=6))
    assert rows(got) == [(1, 3, 4, 50), (2, 4, 6, 40)]
    assert repairs.to_node.tolist() == [4, 4]


def test_two_ends_at_one_place_share_the_new_node():
    got, _ = healed(STREET, lane((40, 50), (40, 1)), lane((40, -50), (40, -1), u=5, v=6))
    assert sorted(rows(got)) == [(1, 1, -1, 40), (2, 3, -1, 50), (3, 5, -1, 50), (4, -1, 2, 60)]


def test_ends_in_a_row_become_one_node():
    # 6 is nearest to the end of the lane 3-4, which is nearest to the street
    got, _ = healed(
        STREET, lane((40, 50), (40, 1.2)), lane((80, 30), (40.5, 2.6), u=5, v=6), epsilon_m=1.5
    )
    assert got.set_index("edge_id").v.loc[[2, 3]].tolist() == [-1, -1]


def test_several_ends_split_a_street_in_order():
    got, _ = healed(STREET, lane((70, 50), (70, 1)), lane((20, 50), (20, 1), u=5, v=6))
    assert rows(got)[:3] == [(1, 1, -1, 20), (4, -1, -2, 50), (5, -2, 2, 30)]


@pytest.mark.parametrize(
    ("street", "foot"),
    [
        ({"bridge": True}, {}),
        ({"tunnel": True}, {}),
        ({}, {"bridge": True}),
        ({}, {"tunnel": True}),
        ({}, {"kind": "residential"}),
    ],
)
def test_bridges_tunnels_and_streets_are_left_as_they_are(street, foot):
    _, repairs = healed({**STREET, **street}, lane((40, 50), (40, 1), **foot))
    assert len(repairs) == 0


@pytest.mark.parametrize("wall", [[(0, 0.5), (90, 0.5)], [(0, 1), (90, 1)], [(0, 0), (90, 0)]])
def test_a_wall_between_stays_between(wall):
    _, repairs = healed(STREET, lane((40, 50), (40, 1)), walls=[wall])
    assert len(repairs) == 0


@pytest.mark.parametrize(("access", "joined"), [("closed", 0), ("private", 1), ("open", 1)])
def test_only_a_closed_gate_stays_shut(access, joined):
    _, repairs = healed(STREET, lane((40, 50), (40, 1)), gates=[(40, 0.5, access)])
    assert len(repairs) == joined


def test_a_stub_that_the_street_leads_to_is_no_dead_end():
    _, repairs = healed(
        STREET,
        {"u": 2, "v": 7, "coords": [(100, 0), (160, 0)]},
        lane((100, 0), (101, 1.5), u=2, v=9),
    )
    assert len(repairs) == 0


def test_a_loop_that_nearly_closes_is_closed():
    _, repairs = healed(
        {**STREET, "v": 3},
        {"u": 3, "v": 7, "coords": [(100, 0), (160, 0)]},
        lane((100, 0), (100, 50), (50, 50), (50, 1), u=3, v=9),
    )
    assert repairs.to_osm_id.tolist() == [10]


def test_degrees_are_refused():
    edges = edges_frame([STREET]).to_crs(4326)
    with pytest.raises(CrsError, match="walk network"):
        heal(edges, barriers_frame([]), gates_frame())


def test_nothing_to_heal():
    edges = edges_frame([STREET])
    got, repairs = heal(edges, barriers_frame([]), gates_frame())
    assert_geodataframe_equal(got, edges)
    assert len(repairs) == 0
    assert len(heal(edges.iloc[:0], barriers_frame([]), gates_frame())[0]) == 0


@pytest.mark.parametrize("name", REAL)
def test_real_networks_are_healed_once_whatever_the_order(name):
    layers = read_unprepared(name)
    edges = layers.walk_edges
    got, repairs = heal(edges, layers.barriers, layers.gates)
    assert len(repairs) == {"helsinki": 5, "tsinghua": 0, "monaco": 1}[name]
    assert repairs.gap_m.max() <= 2 * np.sqrt(2) if len(repairs) else True
    assert_sound(got)
    gained = repairs.gap_m.sum()
    assert got.length_m.sum() == pytest.approx(edges.length_m.sum() + gained, abs=1e-3)
    assert len(heal(got, layers.barriers, layers.gates)[1]) == 0
    mixed, _ = heal(edges.sample(frac=1, random_state=5), layers.barriers, layers.gates)
    assert_geodataframe_equal(mixed, got)


@pytest.mark.parametrize(("way_m", "joined"), [(9.99, 0), (10.01, 1)])
def test_an_end_is_left_where_the_network_leads_there_in_five_times_the_reach(way_m, joined):
    """From the end back along the lane, and 3 m along the street to where it would be joined."""
    up_m = (way_m - 3 - 3 + 1.5) / 2
    _, repairs = healed(
        STREET,
        {"u": 2, "v": 7, "coords": [(100, 0), (160, 0)]},
        lane((100, 0), (100, up_m), (97, up_m), (97, 1.5), u=2, v=9),
    )
    assert len(repairs) == joined
