import numpy as np
import pytest

from geo.link import link
from geo.network import compile_network
from geo.standard import Profile
from tests.towns import CORNER, town

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
