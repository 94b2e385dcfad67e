from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.accessibility.coverage import building_table, coverage_table, nearest_times, status
from geo.accessibility.gaps import ALL, lacking
from geo.errors import EmptyError, InputError
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.oracles.comparing import assert_engine_equals_oracle
from tests.scenes import tiny_district
from tests.towns import ADULT, WALKERS, entered_towns, town, towns

TEN = ("catering", "medical", "shopping", "elderly", "repair")


def times_of(layers, *, categories=("a",), profile=ADULT):
    network = compile_network(layers, profile)
    return nearest_times(snap_layers(layers, network, categories))


def tiny(profile=ADULT):
    district, layers = tiny_district()
    layers = layers.to_metric(district.epsg)
    return layers, times_of(layers, categories=TEN, profile=profile)


STREET = {"u": 1, "v": 2, "coords": [(0, 0), (3000, 0)]}


def test_the_tiny_district_by_hand():
    layers, times = tiny()
    metres = times.time_s * 1.25
    #          catering        medical  shopping  elderly
    expected = {
        "b1": [10 + 150 + 105, 10 + 150 + 155, 10 + 100 + 10, 10 + 350 + 60],
        "b2": [10 + 80 + 100 + 105, 10 + 80 + 100 + 155, 10 + 80 + 50 + 10, 10 + 80 + 300 + 60],
        "b3": [10 + 50 + 105, 10 + 50 + 155, 20, 10 + 250 + 60],
        "b4": [10 + 80 + 100 + 105, 10 + 80 + 100 + 155, 10 + 80 + 110 + 10, 10 + 80 + 100 + 60],
        "b5": [10 + 80 + 100 + 105, 10 + 80 + 100 + 155, 10 + 80 + 110 + 10, 10 + 80 + 100 + 60],
    }
    assert list(layers.buildings["building_id"])[: len(expected)] == list(expected)
    for row, (name, wanted) in enumerate(expected.items()):
        for column in (0, 1, 3):
            assert metres[row, column] == pytest.approx(wanted[column], abs=0.05), (name, column)
    assert np.isnan(times.time_s[:, 4]).all()
    assert list(times.point[:5, 0]) == [3, 3, 3, 3, 3]


def test_the_threshold_is_inclusive_to_the_hundredth_of_a_second():
    at_limit = 900 * 1.25
    layers = town([STREET], homes=[(0, 0), (0, 0)], points=[(at_limit, 0)])
    assert status(times_of(layers), 15)[0, 0] == "covered"
    layers = town([STREET], homes=[(0, 0)], points=[(at_limit + 0.02, 0)])
    assert status(times_of(layers), 15)[0, 0] == "beyond"


def test_two_places_on_one_edge_walk_straight_along_it():
    detour = {"u": 1, "v": 2, "coords": [(0, 0), (0, 10), (3000, 10), (3000, 0)]}
    layers = town([STREET, detour], homes=[(1000, -5)], points=[(1100, -5)])
    assert times_of(layers).time_s[0, 0] == pytest.approx(110 / 1.25, abs=0.01)


def test_an_edge_longer_than_the_budget_is_reached_from_both_ends():
    layers = town([STREET], homes=[(400, 0), (1500, 0), (2600, 0)], points=[(0, 0), (3000, 0)])
    assert times_of(layers).time_s[:, 0] == pytest.approx([320, 1200, 320], abs=0.01)


def test_an_edge_longer_than_any_walk_overflows_nothing():
    ferry = {"u": 2, "v": 3, "coords": [(3000, 0), (900_000, 0)], "length_m": 1e9}
    layers = town([STREET, ferry], homes=[(400, 0)], points=[(0, 0), (899_000, 0)])
    times = times_of(layers)
    assert (times.time_s[0, 0], times.point[0, 0]) == (320, 0)


def test_one_way_walking_is_one_way():
    escalator = {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)], "backward": False}
    around = {"u": 2, "v": 1, "coords": [(100, 0), (100, 200), (0, 200), (0, 0)]}
    up = town([escalator, around], homes=[(20, -1)], points=[(80, -1)])
    down = town([escalator, around], homes=[(80, -1)], points=[(20, -1)])
    assert times_of(up).time_s[0, 0] * 1.25 == pytest.approx(62, abs=0.05)
    assert times_of(down).time_s[0, 0] * 1.25 == pytest.approx(20 + 500 + 20 + 2, abs=0.05)


def test_at_a_node_every_street_can_be_taken_whatever_edge_the_place_is_linked_to():
    away = {"u": 1, "v": 2, "coords": [(0, 0), (1000, 0)], "backward": False}
    other = {"u": 3, "v": 1, "coords": [(0, 500), (0, 0)]}
    layers = town([away, other], homes=[(-10, -10)], points=[(0, 400)])
    assert times_of(layers).time_s[0, 0] * 1.25 == pytest.approx(400 + np.hypot(10, 10), abs=0.05)


def test_private_lanes_carry_residents_and_visitors_but_nobody_through():
    lane = {"u": 2, "v": 3, "coords": [(100, 0), (200, 0)], "private": True}
    edges = [
        {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]},
        lane,
        {"u": 3, "v": 4, "coords": [(200, 0), (300, 0)]},
        {"u": 1, "v": 4, "coords": [(0, 0), (0, 500), (300, 500), (300, 0)]},
    ]
    metres = [
        times_of(town(edges, homes=[(x, 0)], points=[(y, 0)])).time_s[0, 0] * 1.25
        for x, y in [(50, 250), (150, 250), (50, 150), (140, 160)]
    ]
    # through: around the block; resident out; visitor in; inside the lane
    assert metres == pytest.approx([50 + 1300 + 50, 100, 100, 20], abs=0.05)


def test_loops_parallel_edges_and_self_crossing_streets():
    edges = [
        {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]},
        {"u": 1, "v": 2, "coords": [(0, 0), (50, 80), (100, 0)]},
        {"u": 2, "v": 2, "coords": [(100, 0), (200, 50), (200, -50), (100, 0)]},
        {"u": 2, "v": 3, "coords": [(100, 0), (100, -300), (50, -200), (150, -200)]},
    ]
    layers = town(edges, homes=[(200, 0)], points=[(0, 0), (150, -200)], categories=["a", "b"])
    times = times_of(layers, categories=("a", "b"))
    half_loop = (2 * np.hypot(100, 50) + 100) / 2
    assert times.time_s[0, 0] * 1.25 == pytest.approx(half_loop + 100, abs=0.05)
    crossing = 300 + np.hypot(50, 100) + 100
    assert times.time_s[0, 1] * 1.25 == pytest.approx(half_loop + crossing, abs=0.05)


def test_a_tie_goes_to_the_lowest_point_id_whatever_the_order():
    layers = town([STREET], homes=[(500, 0)], points=[(600, 0), (400, 0)])
    swapped = replace(
        layers, service_points=layers.service_points.iloc[::-1].reset_index(drop=True)
    )
    for one in (layers, swapped):
        times = times_of(one)
        assert one.service_points["point_id"][times.point[0, 0]] == "p000"


def test_power_of_two_households_tell_who_is_counted():
    layers, times = tiny()
    members = members_by_hand()
    table = coverage_table(times, layers, minutes=4, by="small", members=members)
    covered = dict(zip(table["code"], table["covered_catering"], strict=True))
    # 240 s are 300 m: all five; 132 s of b3 in the south-west
    assert covered == {
        "371602001001101": 1 + 2,
        "371602001001102": 4,
        "371602001001201": 8,
        "371602001001202": 16,
    }
    strict = coverage_table(times, layers, minutes=2.2, by="district", members=members)
    assert strict["covered_catering"].tolist() == [4]
    assert strict["covered_all"].tolist() == [0]
    assert strict["count_mean"][0] <= 5


def test_a_category_without_any_point_is_left_out_of_all():
    # 5 minutes: catering, medical and shopping for all, elderly not for b1 and b2; repair has none
    layers, times = tiny()
    members = members_by_hand()
    row = coverage_table(times, layers, minutes=5, by="district", members=members).iloc[0]
    assert (row["covered_all"], row["coverage_all"]) == (28, pytest.approx(28 / 31))
    assert (row["judged"], row["without_points"]) == (4, "repair")
    assert row["covered_repair"] == row["coverage_repair"] == 0
    assert times.without_points() == ("repair",)
    assert lacking(times, 5, ALL).tolist() == [True, True, False, False, False, False]
    closed = replace(layers, service_points=layers.service_points.iloc[:0])
    nothing = times_of(closed, categories=TEN)
    row = coverage_table(nothing, closed, minutes=5, by="district", members=members).iloc[0]
    assert (row["covered_all"], row["judged"]) == (0, 0)
    assert np.isnan(row["coverage_all"])
    assert not lacking(nothing, 5, ALL).any()  # of nobody it is known


def members_by_hand():
    small = ["371602001001101"] * 2 + ["371602001001102", "371602001001201"]
    small += ["371602001001202"] * 2
    return pd.DataFrame(
        {"small": small, "medium": [s[:13] for s in small], "large": [s[:12] for s in small]}
    )


def test_the_three_levels_and_the_district_sum_alike_and_what_is_in_no_grid_is_the_difference():
    layers, times = tiny()
    members = members_by_hand()
    members.loc[0, ["small", "medium", "large"]] = None
    layers.buildings.loc[[1, 4], "households_source"] = "estimated"
    rows = {
        by: coverage_table(times, layers, minutes=4, by=by, members=members)
        for by in ("small", "medium", "large", "district")
    }
    numbers = [
        c for c in rows["small"] if c.startswith(("covered", "count_")) and c != "count_mean"
    ]
    for by in ("medium", "large"):
        for column in ["households", "households_estimated", "unlinked", *numbers]:
            assert rows[by][column].sum() == pytest.approx(rows["small"][column].sum(), abs=1e-9)
    assert rows["district"]["households"].sum() - rows["small"]["households"].sum() == 1
    assert rows["district"]["households_estimated"].tolist() == [2 + 16]


def test_the_building_table_has_one_row_per_building_and_category():
    layers, times = tiny()
    table = building_table(times, layers, minutes=15)
    wanted = ["building_id", "lon", "lat", "households", "category", "time_s", "point_id", "status"]
    assert list(table.columns) == wanted
    assert len(table) == 6 * 5
    row = table[(table["building_id"] == "b3") & (table["category"] == "catering")].iloc[0]
    assert (row["time_s"], row["point_id"], row["status"]) == (132.0, "p4", "covered")
    repair = table[table["category"] == "repair"]
    assert repair["time_s"].isna().all()
    assert repair["point_id"].isna().all()
    assert set(repair["status"]) == {"beyond"}


def test_bad_thresholds_categories_and_empty_districts_are_told():
    layers, times = tiny()
    for minutes in (0, -1, 121, float("nan")):
        with pytest.raises(InputError, match="at most 120"):
            times.covered(minutes)
    with pytest.raises(InputError, match="catering"):
        times.column("food")
    with pytest.raises(EmptyError, match="no buildings"):
        times_of(replace(layers, buildings=layers.buildings.iloc[:0]))


@examples(30)
@given(entered_towns(), st.sampled_from(WALKERS))
def test_times_equal_the_oracle_on_random_towns(layers, profile):
    assert_engine_equals_oracle(layers, ["a", "b", "c"], minutes=5, profile=profile)


@examples(10)
@given(towns(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(layers, random):
    def shuffled(frame):
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order].reset_index(drop=True)

    other = replace(
        layers,
        walk_edges=shuffled(layers.walk_edges),
        barriers=shuffled(layers.barriers),
        service_points=shuffled(layers.service_points),
    )
    one, two = (times_of(each, categories=("a", "b")) for each in (layers, other))
    assert one.time_s.tobytes() == two.time_s.tobytes()
    ids = [
        np.append(each.service_points["point_id"].to_numpy(dtype=object), "")[times.point].tolist()
        for each, times in ((layers, one), (other, two))
    ]
    assert ids[0] == ids[1]


@examples(10)
@given(entered_towns(), st.sampled_from(WALKERS))
def test_a_faster_walker_and_more_points_never_lose_anyone(layers, walker):
    faster = replace(walker, speed_m_s=walker.speed_m_s * 1.2)
    slow, fast = times_of(layers, profile=walker), times_of(layers, profile=faster)
    assert (fast.time_s[~np.isnan(slow.time_s)] <= slow.time_s[~np.isnan(slow.time_s)]).all()
    keep = np.arange(len(layers.service_points)) % 2 == 0
    network = compile_network(layers, walker)
    fewer = replace(layers, service_points=layers.service_points[keep].reset_index(drop=True))
    some = nearest_times(snap_layers(fewer, network, ("a",)))
    with_some = ~np.isnan(some.time_s)
    assert (slow.time_s[with_some] <= some.time_s[with_some]).all()


@settings(max_examples=10, deadline=None)
@given(towns())
def test_any_number_of_threads_gives_the_same_bits(layers):
    network = compile_network(layers, ADULT)
    one, three = (
        nearest_times(snap_layers(layers, network, ("a", "b", "c")), threads=threads)
        for threads in (1, 3)
    )
    assert one.time_s.tobytes() == three.time_s.tobytes()
    assert one.point.tobytes() == three.point.tobytes()
