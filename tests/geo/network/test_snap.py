"""Linking by hand-made scenes, against the plain oracle, and on patched networks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import translate

from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.network.outlines import outlines_of
from geo.network.snap import link
from tests.examples import examples
from tests.oracles.walking import Oracle
from tests.towns import CORNER, town, towns

ADULT = Profile("adult", "成人", "Adult", 1.25)
NO_STEPS = Profile("wheelchair", "轮椅", "Wheelchair", 1.0, frozenset({"steps"}))


def linked(edges, places, *, walls=(), gates=(), profile=ADULT):
    network = compile_network(town(edges, walls=walls, gates=gates), profile)
    links = link(np.array(places, float) + CORNER, network)
    ids = [int(network.edge_id[e]) if e >= 0 else None for e in links.edge]
    return ids, links


LONG = {"u": 1, "v": 2, "coords": [(0, 0), (2000, 0)]}


def test_a_place_meets_the_nearest_point_of_an_edge_not_a_node():
    ids, links = linked([LONG], [(700, 30)])
    assert ids == [1]
    assert links.offset_m[0] == pytest.approx(700, abs=1e-6)
    assert links.leg_m[0] == pytest.approx(30, abs=1e-6)


def test_the_limit_is_inclusive_and_has_its_reason():
    ids, links = linked([LONG], [(700, 200), (700, 200.01)])
    assert ids == [1, None]
    assert list(links.reason) == ["", "too_far"]


@pytest.mark.parametrize(
    ("outline", "leg_m"),
    [
        (None, 30),
        (box(690, 20, 710, 40), 20),
        (Polygon([(680, 40), (680, 10), (720, 10), (720, 20), (690, 20), (690, 40)]), 10),
        (box(690, -5, 710, 40), 0),
        (box(690, 0, 710, 40), 0),
        (MultiPolygon([box(690, 28, 710, 40), box(690, 5, 710, 9)]), 5),
    ],
    ids=["point", "house", "court", "passage", "on the way", "two parts"],
)
def test_a_leg_begins_where_it_leaves_the_own_outline_for_the_last_time(outline, leg_m):
    network = compile_network(town([LONG]), ADULT)
    place = np.array([(700, 30)], float) + CORNER
    shape = None if outline is None else translate(outline, *CORNER)
    links = link(place, network, outlines=outlines_of(np.array([shape], object)))
    assert links.leg_m[0] == pytest.approx(leg_m, abs=1e-6)
    assert links.start_xy[0] - CORNER == pytest.approx((700, leg_m), abs=1e-6)
    assert links.offset_m[0] == pytest.approx(700, abs=1e-6)


def test_a_leg_by_a_gate_begins_at_the_outline_as_well():
    ring = [(600, 20), (800, 20), (800, 100), (600, 100), (600, 20)]
    gates = [(700, 20, "open")]
    network = compile_network(town([LONG], walls=[ring], gates=gates), ADULT)
    place = np.array([(750, 60)], float) + CORNER
    house = np.array([translate(box(745, 55, 755, 65), *CORNER)], object)
    plain, outlined = link(place, network), link(place, network, outlines=outlines_of(house))
    within_m = np.hypot(5, 4)  # of 50 m west and 40 m south to the gate, 5 m west
    assert plain.gate[0] == outlined.gate[0] == 0
    assert plain.leg_m[0] - outlined.leg_m[0] == pytest.approx(within_m, abs=1e-6)


def test_a_wall_turns_the_leg_to_the_next_edge():
    other = {"u": 3, "v": 4, "coords": [(0, 150), (2000, 150)]}
    ids, _ = linked([LONG, other], [(700, 30)], walls=[[(0, 20), (2000, 20)]])
    assert ids == [2]
    ids, links = linked([LONG], [(700, 30)], walls=[[(0, 20), (2000, 20)]])
    assert (ids, links.reason[0]) == ([None], "blocked")


def test_a_place_inside_a_wall_meets_the_part_of_a_lane_inside_it():
    # The nearest point, (57.5, 57.5), lies behind the wall; the part inside ends at the gate.
    lane = {"u": 1, "v": 2, "coords": [(0, 0), (100, 100)]}
    ids, links = linked([lane], [(70, 45)], walls=[[(-200, 50), (200, 50)]])
    assert ids == [1]
    assert links.leg_m[0] == pytest.approx(np.hypot(20, 5), abs=0.02)
    assert links.offset_m[0] == pytest.approx(np.hypot(50, 50), abs=0.03)


def test_the_visible_part_of_a_long_edge_counts_where_its_nearest_point_is_hidden():
    bent = {"u": 1, "v": 2, "coords": [(0, 0), (500, 0), (500, 100)]}
    ids, links = linked([bent], [(450, 20)], walls=[[(400, 10), (490, 10)]])
    assert ids == [1]
    assert links.leg_m[0] == pytest.approx(50, abs=1e-6)  # to the second segment, not behind
    assert links.offset_m[0] == pytest.approx(520, abs=1e-6)


def test_a_lane_that_ends_in_a_wall_is_reached_from_its_own_side_only():
    lane = {"u": 1, "v": 2, "coords": [(0, 50), (0, 2000)]}  # starts in the wall, leads away
    ids, links = linked([lane], [(0, 20), (0, 80)], walls=[[(-900, 50), (900, 50)]])
    assert ids == [None, 1]
    assert links.reason[0] == "blocked"


def test_a_compound_without_lanes_is_left_by_its_gate():
    wall = [(0, 50), (0, 150), (100, 150), (100, 50), (0, 50)]
    places = [(10, 60)]
    ids, links = linked([LONG], places, walls=[wall], gates=[(60, 50, "open")])
    assert ids == [1]
    assert links.leg_m[0] == pytest.approx(np.hypot(50, 10) + 50)
    assert links.offset_m[0] == pytest.approx(60)
    assert linked([LONG], places, walls=[wall], gates=[(60, 50, "closed")])[0] == [None]
    two = [(60, 50, "private"), (30, 50, "open")]
    assert linked([LONG], places, walls=[wall], gates=two)[1].offset_m[0] == pytest.approx(30)
    far = [(10, 150, "open")]  # the leg beyond the gate, around the wall, is longer than 200 m
    assert linked([LONG], places, walls=[wall], gates=far)[1].reason[0] == "blocked"


def test_a_tiny_island_loses_to_the_main_network_but_serves_where_nothing_else_does():
    stub = {"u": 8, "v": 9, "coords": [(700, 31), (720, 31)]}
    far = {"u": 10, "v": 11, "coords": [(700, 5000), (720, 5000)]}
    ids, _ = linked([LONG, stub, far], [(700, 30), (700, 4990)])
    assert ids == [1, 3]


def test_only_edges_of_the_profile_are_candidates():
    steps = {"u": 2, "v": 3, "coords": [(0, 10), (2000, 10)], "kind": "steps"}
    assert linked([LONG, steps], [(700, 30)])[0] == [2]
    assert linked([LONG, steps], [(700, 30)], profile=NO_STEPS)[0] == [1]
    ids, links = linked([steps], [(700, 30)], profile=NO_STEPS)
    assert (ids, links.reason[0]) == ([None], "no_network")


def test_equal_distances_go_to_the_lowest_edge_whatever_the_order():
    cross = [
        {"edge_id": 5, "u": 1, "v": 2, "coords": [(0, 0), (500, 0)]},
        {"edge_id": 3, "u": 1, "v": 3, "coords": [(0, 0), (0, 500)]},
        {"edge_id": 4, "u": 1, "v": 4, "coords": [(0, 0), (-500, 0)]},
    ]
    place = [(-10, -10)]
    assert linked(cross, place)[0] == [4]
    assert linked(cross[:2], [(-10, -10)])[0] == linked(cross[1::-1], [(-10, -10)])[0] == [3]


@pytest.mark.parametrize("flip", [1, -1])
def test_of_streets_drawn_one_upon_the_other_the_lowest_edge_wins(flip):
    # Found from its other end, or with another node in between, a foot differs by a rounding.
    one = [(0.1, 0.3), (333.3, 77.7)]
    middle = (0.1 + 0.7 * 333.2, 0.3 + 0.7 * 77.4)
    edges = [
        {"edge_id": 7, "u": 1, "v": 2, "coords": one[::flip]},
        {"edge_id": 4, "u": 1, "v": 2, "coords": one[::-flip]},
        {"edge_id": 5, "u": 1, "v": 2, "coords": [one[0], middle, one[1]]},
    ]
    places = np.random.default_rng(0).uniform(0, 300, (200, 2))
    ids, _ = linked(edges, places)
    assert set(ids) <= {4, None}
    assert ids.count(4) > 100


def test_no_place_and_places_out_of_this_world_are_too_far():
    places = [(np.nan, 0), (0, np.inf), (-np.inf, 0), (1e300, -1e300), (1e19, 0)]
    ids, links = linked([LONG], places)
    assert ids == [None] * 5
    assert set(links.reason) == {"too_far"}
    assert np.isnan([links.offset_m, links.leg_m]).all()
    assert len(linked([LONG], np.zeros((0, 2)))[1].edge) == 0


def test_a_link_is_the_same_to_the_last_bit_whatever_lies_elsewhere():
    bent = {"u": 1, "v": 2, "coords": [(0.1, 0.2), (300.3, 50.7), (411.1, 333.9)]}
    before = {"edge_id": 0, "u": 8, "v": 9, "coords": [(-9_000.7, -5_000.3), (-3_000.1, 7_000.9)]}
    places = np.random.default_rng(1).uniform(-50, 450, (300, 2))
    _, alone = linked([bent], places)
    _, beside = linked([before, {**bent, "edge_id": 1}], places)
    assert alone.offset_m.tobytes() == beside.offset_m.tobytes()
    assert alone.leg_m.tobytes() == beside.leg_m.tobytes()


@examples(12)
@given(towns(), st.integers(0, 2**32 - 1))
def test_it_links_as_the_oracle_does(layers, seed):
    network = compile_network(layers, ADULT)
    oracle = Oracle(layers.walk_edges, layers.barriers, layers.gates, speed=1.25)
    xy = np.random.default_rng(seed).uniform(-250, 1_850, (60, 2)) + CORNER
    links = link(xy, network)
    places = [oracle.place(*at) for at in xy]
    edge_id = [int(network.edge_id[edge]) if edge >= 0 else None for edge in links.edge]
    assert edge_id == [place.edge for place in places]
    assert list(links.reason) == [place.reason for place in places]
    on = links.linked
    np.testing.assert_allclose(
        np.array([(place.offset, place.leg) for place in places])[on],
        np.stack([links.offset_m, links.leg_m], axis=1)[on],
        atol=1e-6,
    )


@pytest.mark.parametrize(("level", "edge_id", "metres"), [(0, 2, 10), (1, 1, 50), (-1, 1, 50)])
def test_a_leg_leads_to_another_level_only_where_none_on_the_ground_is_in_reach(
    level, edge_id, metres
):
    street = {"u": 1, "v": 2, "coords": [(0, 0), (2000, 0)]}
    deck = {"u": 3, "v": 4, "coords": [(0, 60), (2000, 60)], "level": level}
    network = compile_network(town([street, deck]), ADULT)
    links = link(np.array([(100.0, 50.0), (100.0, 210.0)]) + CORNER, network)
    assert network.edge_id[links.edge].tolist() == [edge_id, 2]
    assert links.leg_m.tolist() == pytest.approx([metres, 150])


@pytest.mark.parametrize(("level", "edge_id"), [(0, 2), (1, 1)])
def test_a_wall_on_another_level_stops_no_leg(level, edge_id):
    lanes = [{"u": n, "v": n + 1, "coords": [(0, y), (1500, y)]} for n, y in ((1, 0), (3, 100))]
    layers = town(lanes, walls=[[(-50, 20), (1550, 20)]])
    layers = replace(layers, barriers=layers.barriers.assign(level=level))
    network = compile_network(layers, ADULT)
    assert network.edge_id[link(np.array([(100.0, 30.0)]) + CORNER, network).edge] == [edge_id]
