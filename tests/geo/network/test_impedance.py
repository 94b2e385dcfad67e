"""A walker's rules for steps, slopes and crossings, on scenes worked out on paper."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from geo.accessibility.coverage import nearest_times
from geo.errors import NotFoundError
from geo.model.standard import Profile, SlopeRule
from geo.network.compile import compile_network
from geo.network.impedance import efforts, usable
from geo.routing.route import walk
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.geo.engines import drawing
from tests.towns import ADULT, CORNER, ROLLER, STROLLER, town, towns

PLAIN = Profile("plain", "平", "Plain", 1.0)
TOBLER = replace(PLAIN, slope=SlopeRule.TOBLER)
HILL = {"u": 1, "v": 2, "coords": [(0, 0), (500, 0)], "climb_m": 50.0}
"""A tenth up from west to east."""
ACROSS = [
    {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]},
    {"u": 2, "v": 3, "coords": [(100, 0), (110, 0)], "crossing": True},
    {"u": 3, "v": 4, "coords": [(110, 0), (210, 0)]},
]


def seconds(edges, walker, start, end):
    network = compile_network(town(edges), walker)
    return walk(network, np.array(start) + CORNER, np.array(end) + CORNER)


def effort_of(walker, **columns):
    row = {"kind": "footway", "length_m": 100.0, "climb_m": 0.0, "crossing": False, **columns}
    return efforts(pd.DataFrame([row]), walker)[:, 0].tolist()


def may_use(walker, **columns):
    row = {"kind": "footway", "length_m": 120.0, "climb_m": 0.0, "forward": True, "backward": True}
    return bool(usable(pd.DataFrame([{**row, **columns}]), walker)[0])


# --- one edge ------------------------------------------------------------------------------------


def test_without_rules_or_without_cause_a_metre_is_a_metre_exactly():
    assert effort_of(ADULT, climb_m=12.0, crossing=True) == [1.0, 1.0]
    assert effort_of(ADULT, kind="steps") == [1.0, 1.0]
    assert effort_of(STROLLER) == [1.0, 1.0]
    assert effort_of(ROLLER) == [1.0, 1.0]


def test_tobler_by_hand():
    # exp(3.5 x 0.1) up a tenth; down a tenth |-0.1 + 0.05| = 0.05, as on the level
    assert effort_of(TOBLER, climb_m=10.0) == pytest.approx([1.4190675, 1.0])
    # fastest down one in twenty: 6 km/h to 5.037 km/h
    assert effort_of(TOBLER, climb_m=-5.0) == pytest.approx([0.8394570, 1.1912462])


def test_a_climb_counts_for_level_metres_and_a_descent_for_none():
    assert effort_of(ROLLER, climb_m=5.0) == pytest.approx([1.4, 1.0])
    assert effort_of(ROLLER, climb_m=-5.0) == pytest.approx([1.0, 1.4])


def test_steps_have_their_own_rule_whatever_they_climb():
    assert effort_of(STROLLER, kind="steps", climb_m=40.0) == [2.0, 2.0]


def test_a_wait_is_spread_over_the_crossing():
    # 10 s at 1 m/s are ten level metres more on a hundred
    assert effort_of(STROLLER, crossing=True) == pytest.approx([1.1, 1.1])
    assert effort_of(STROLLER, crossing=True, length_m=0.0) == [1.0, 1.0]


def test_a_slope_is_refused_beyond_its_limit_either_way():
    assert may_use(ROLLER, climb_m=10.0)  # one in twelve
    assert may_use(ROLLER, climb_m=-10.0)
    assert not may_use(ROLLER, climb_m=10.1)
    assert not may_use(ROLLER, climb_m=-10.1)
    assert may_use(STROLLER, climb_m=60.0)
    assert not may_use(ROLLER, forward=False, backward=False)
    steps = {"kind": "steps", "climb_m": 60.0}
    assert may_use(replace(ROLLER, avoid=frozenset()), **steps)
    assert not may_use(ROLLER, **steps)


# --- walks ---------------------------------------------------------------------------------------


def test_uphill_is_slower_than_downhill():
    up = seconds([HILL], TOBLER, (100, 20), (400, 30))
    down = seconds([HILL], TOBLER, (400, 30), (100, 20))
    assert up.seconds == pytest.approx(20 + 300 * 1.4190675 + 30, abs=0.01)
    assert down.seconds == pytest.approx(350, abs=0.01)  # legs are level
    assert (up.metres, down.metres) == pytest.approx((300, 300))
    assert (up.climb_m, down.climb_m) == pytest.approx((30, 0))


def test_a_wheelchair_goes_round_what_is_too_steep():
    edges = [
        HILL,
        {"u": 1, "v": 2, "coords": [(0, 0), (0, 300), (500, 300), (500, 0)], "climb_m": 50.0},
    ]
    assert seconds(edges, TOBLER, (0, 0), (500, 0)).metres == pytest.approx(500)
    assert seconds(edges, ROLLER, (0, 0), (500, 0)).metres == pytest.approx(1100)
    took = seconds(edges, ROLLER, (0, 0), (500, 0)).seconds
    assert took == pytest.approx((1100 + 8 * 50) / 0.8, abs=0.01)


def test_a_crossing_is_waited_at_once_and_in_proportion():
    whole = seconds(ACROSS, STROLLER, (0, 0), (210, 0))
    assert (whole.seconds, whole.crossing_s) == pytest.approx((220, 10))
    to_middle = seconds(ACROSS, STROLLER, (0, 0), (104, 0))
    from_middle = seconds(ACROSS, STROLLER, (104, 0), (210, 0))
    assert (to_middle.seconds, to_middle.crossing_s) == pytest.approx((108, 4))
    assert (from_middle.seconds, from_middle.crossing_s) == pytest.approx((112, 6))
    within = seconds(ACROSS, STROLLER, (107, 0), (102, 0))
    assert (within.seconds, within.crossing_s) == pytest.approx((10, 5))
    assert seconds(ACROSS, STROLLER, (0, 0), (90, 0)).crossing_s == 0


def test_steps_may_be_worth_a_detour():
    edges = [
        {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)], "kind": "steps"},
        {"u": 1, "v": 2, "coords": [(0, 0), (0, 40), (100, 40), (100, 0)]},
    ]
    assert seconds(edges, PLAIN, (0, 0), (100, 0)).seconds == pytest.approx(100)
    assert seconds(edges, STROLLER, (0, 0), (100, 0)).seconds == pytest.approx(180)
    short = [edges[0], {**edges[1], "coords": [(0, 0), (0, 60), (100, 60), (100, 0)]}]
    assert seconds(short, STROLLER, (0, 0), (100, 0)).seconds == pytest.approx(200)


def test_a_loop_is_left_by_the_side_that_takes_less():
    loop = {
        "u": 1, "v": 1, "coords": [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)],
        "backward": False,
    }  # fmt: skip
    street = {"u": 1, "v": 2, "coords": [(0, 0), (-100, 0)]}
    found = seconds([loop, street], PLAIN, (100, 0), (-100, 0))
    assert (found.seconds, found.metres) == pytest.approx((400, 400))


# --- pictures ------------------------------------------------------------------------------------


def test_an_isochrone_on_a_hill_reaches_further_down_than_up():
    network = compile_network(
        town([HILL | {"coords": [(0, 0), (3000, 0)], "climb_m": 300.0}]), TOBLER
    )
    middle = np.array([1500.0, 0.0]) + CORNER
    (out,) = drawing(network).around(middle, [5], agreement=0)
    (home,) = drawing(network).around(middle, [5], agreement=0, towards=True)
    up_m = 300 / 1.4190675
    for found, west_m, east_m in ((out, 300, up_m), (home, up_m, 300)):
        assert found.reached_m == pytest.approx(300 + up_m, abs=0.01)
        west, _, east, _ = np.array(found.geometry.bounds) - np.tile(CORNER, 2)
        assert (west, east) == pytest.approx((1500 - west_m, 1500 + east_m), abs=1)


def test_an_isochrone_on_a_gentle_descent_is_not_cut_by_its_box():
    falling = HILL | {"coords": [(0, 0), (3000, 0)], "climb_m": -150.0}
    side = {"u": 2, "v": 3, "coords": [(3000, 0), (6000, 0)], "climb_m": -150.0}
    network = compile_network(town([falling, side]), TOBLER)
    (found,) = drawing(network).around(np.array([2900.0, 0.0]) + CORNER, [10], agreement=0)
    east = found.geometry.bounds[2] - CORNER[0]
    assert east == pytest.approx(2900 + 600 / 0.8394570, abs=1)


def test_an_isochrone_stops_within_a_crossing():
    network = compile_network(town(ACROSS), STROLLER)
    (found,) = drawing(network).around(np.array(CORNER), [1.8], agreement=0)
    assert found.reached_m == pytest.approx(104, abs=0.01)


# --- properties ----------------------------------------------------------------------------------


@examples(10)
@given(towns())
def test_there_and_back_take_the_same_where_effort_is_the_same_both_ways(layers):
    """On the level the way back takes as long; with slopes it does not, see the hill above."""
    edges = layers.walk_edges.assign(forward=True, backward=True, climb_m=0.0)
    network = compile_network(replace(layers, walk_edges=edges), STROLLER)
    places = np.column_stack([layers.buildings.geometry.x, layers.buildings.geometry.y])[:3]
    for start, end in ((a, b) for i, a in enumerate(places) for b in places[:i]):
        try:
            there = walk(network, start, end).seconds
        except NotFoundError:
            continue
        assert walk(network, end, start).seconds == pytest.approx(there, abs=0.011)


@examples(10)
@given(towns())
def test_a_lighter_rule_never_takes_longer(layers):
    """Easing a rule of the walker never makes a walk longer."""
    lighter = replace(ROLLER, climb_pace=4.0, crossing_s=5.0, max_slope=0.2)
    heavy, light = (
        nearest_times(snap_layers(layers, compile_network(layers, walker), ("a",))).time_s
        for walker in (ROLLER, lighter)
    )
    # A street that is newly walkable may be nearer to a building, and its walk longer.
    same = compile_network(layers, ROLLER).edge_id.tolist() == (
        compile_network(layers, lighter).edge_id.tolist()
    )
    reached = ~np.isnan(heavy)
    if same:
        assert (light[reached] <= heavy[reached]).all()


@examples(10)
@given(towns())
def test_a_walker_without_rules_walks_hills_and_crossings_as_the_level(layers):
    level = layers.walk_edges.assign(climb_m=0.0, crossing=False)
    one, two = (
        nearest_times(snap_layers(each, compile_network(each, walker), ("a", "b"))).time_s
        for each, walker in (
            (layers, ADULT),
            (replace(layers, walk_edges=level), replace(ADULT, slope=SlopeRule.TOBLER)),
        )
    )
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize(
    ("slope", "usable_"), [(1 / 12, True), (1 / 12 + 0.9e-6, True), (1 / 12 + 1.1e-6, False)]
)
@pytest.mark.parametrize("way", [1, -1])
def test_a_slope_is_too_steep_by_more_than_a_rounding(slope, usable_, way):
    assert may_use(ROLLER, climb_m=120 * slope * way) is usable_
