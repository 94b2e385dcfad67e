import math
from dataclasses import replace

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.errors import EmptyError, InputError
from geo.network.compile import compile_network
from geo.routing.od_pairs import pairs_within
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.oracles.comparing import rules
from tests.oracles.walking import Oracle
from tests.scenes import tiny_district
from tests.towns import ADULT, WALKERS, entered_towns, town, towns

STREET = {"u": 1, "v": 2, "coords": [(0, 0), (3000, 0)]}


def reach_of(layers, *, category="a", limit_s=900.0, threads=1, walker=ADULT):
    places = snap_layers(layers, compile_network(layers, walker), ())
    return pairs_within(places, category=category, limit_s=limit_s, threads=threads)


def pairs(found):
    rows = zip(found.building, found.point, found.time_s, strict=True)
    return {(int(b), int(p)): float(t) for b, p, t in rows}


def test_two_doors_and_the_straight_way_by_hand():
    layers = town([STREET], homes=[(400, 0), (1500, 5)], points=[(0, 0), (1600, 0), (3000, 0)])
    found = reach_of(layers, limit_s=1300)
    assert pairs(found) == pytest.approx(
        {(0, 0): 320, (0, 1): 960, (1, 0): 1204, (1, 1): 84, (1, 2): 1204}, abs=0.01
    )
    assert found.begin.tolist() == [0, 2, 5]
    assert found.point.tolist() == [0, 1, 1, 0, 2]  # nearest first, ties by point_id
    time_s, point = found.nearest(3)
    assert point.tolist() == [[0, 1, -1], [1, 0, 2]]
    assert time_s[0] == pytest.approx([320, 960, math.nan], abs=0.01, nan_ok=True)
    assert found.nearest()[0].shape == (2, 1)


def test_the_tiny_district_by_hand():
    district, layers = tiny_district()
    layers = layers.to_metric(district.epsg)
    metres = {key: t * 1.25 for key, t in pairs(reach_of(layers, category="catering")).items()}
    assert metres[0, 3] == pytest.approx(265, abs=0.05)
    assert metres[0, 0] == pytest.approx(10 + 150 + 200, abs=0.05)  # p1: 190 + 10 from node 3
    assert metres[2, 3] == pytest.approx(165, abs=0.05)
    assert len(metres) == 12


def test_the_threshold_is_inclusive_to_the_hundredth_of_a_second():
    layers = town([STREET], homes=[(0, 0)], points=[(1125, 0), (1125.006, 0), (1125.02, 0)])
    assert list(pairs(reach_of(layers))) == [(0, 0), (0, 1)]
    assert reach_of(layers).time_s.tolist() == [900, 900]
    two_hours = town(
        [{"u": 1, "v": 2, "coords": [(0, 0), (9500, 0)]}],
        homes=[(0, 0)],
        points=[(9000, 0), (9000.01, 0), (9000.1, 0)],
    )
    assert reach_of(two_hours, limit_s=7200).time_s.tolist() == [7200]


@examples(10)
@given(towns(), st.sampled_from([60.0, 300.0, 7200.0]), st.sampled_from(WALKERS))
def test_every_pair_is_the_oracles_and_no_other(layers, limit_s, walker):
    edges = (layers.walk_edges, layers.barriers, layers.gates)
    oracle = Oracle(*edges, **rules(walker))
    to_metric = pyproj.Transformer.from_crs(4326, layers.buildings.crs, always_xy=True).transform
    homes = [oracle.place(*to_metric(b.lon, b.lat)) for b in layers.buildings.itertuples()]
    found = pairs(reach_of(layers, limit_s=limit_s, walker=walker))
    for row, point in enumerate(layers.service_points.itertuples()):
        end = oracle.place(*to_metric(point.lon, point.lat))
        for home, seconds in enumerate(oracle.nearest(homes, [end])):
            got = found.get((home, row), math.inf)
            if point.category != "a" or seconds > limit_s + 0.1:
                assert got == math.inf
            elif seconds < limit_s - 0.1:
                assert got == pytest.approx(seconds, abs=0.1)


@examples(10)
@given(entered_towns())
def test_the_nearest_of_each_row_is_that_of_coverage(layers):
    network = compile_network(layers, ADULT)
    places = snap_layers(layers, network, ["a", "b"])
    times = nearest_times(places)
    assert (places.reason == times.reason).all()
    for column, category in enumerate(("a", "b")):
        found = pairs_within(places, category=category, limit_s=7200)
        time_s, point = found.nearest()
        assert np.array_equal(time_s[:, 0], times.time_s[:, column], equal_nan=True)
        assert (point[:, 0] == times.point[:, column]).all()
        assert (found.point_reason == times.point_reason[found.points]).all()


@examples(6)
@given(towns(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_threads_and_the_order_of_points_change_nothing(layers, threads, random):
    one = reach_of(layers, limit_s=600)
    many = reach_of(layers, limit_s=600, threads=threads)
    for name in ("begin", "point", "time_s"):
        assert getattr(one, name).tobytes() == getattr(many, name).tobytes()
    order = list(range(len(layers.service_points)))
    random.shuffle(order)
    moved = replace(layers, service_points=layers.service_points.iloc[order].reset_index(drop=True))
    other = reach_of(moved, limit_s=600)
    assert one.time_s.tobytes() == other.time_s.tobytes()
    assert [order[at] for at in other.point] == one.point.tolist()


def test_many_points_on_one_edge_and_more_pairs_than_the_buffer_holds(monkeypatch):
    monkeypatch.setattr("geo.routing.od_kernel._ROOM", 1)
    metres = [25.0 * i for i in range(60)]
    layers = town([STREET], homes=[(x, 0) for x in metres], points=[(x, 0) for x in metres])
    found = reach_of(layers, limit_s=3000)
    assert len(found.point) == 60 * 60
    for (home, point), seconds in pairs(found).items():
        assert seconds == pytest.approx(abs(metres[home] - metres[point]) / 1.25, abs=0.01)


def test_nothing_to_reach():
    layers = town([STREET], homes=[(0, 0), (0, 5000)], points=[(0, 9000)])
    for category in ("a", "b"):
        found = reach_of(layers, category=category)
        assert found.begin.tolist() == [0, 0, 0]
        assert np.isnan(found.nearest(2)[0]).all()
        assert (found.nearest(2)[1] == -1).all()
        assert found.reason.tolist() == ["", "too_far"]
    assert reach_of(layers).point_reason.tolist() == ["too_far"]
    bare = replace(layers, walk_edges=layers.walk_edges.iloc[:0])
    assert reach_of(bare).reason.tolist() == ["no_network"] * 2


def test_bad_questions_are_told():
    layers = town([STREET], homes=[(0, 0)], points=[(5, 0)])
    for limit_s in (0, -1, 7201, math.nan):
        with pytest.raises(InputError, match="7200"):
            reach_of(layers, limit_s=limit_s)
    with pytest.raises(InputError, match="at least 1"):
        reach_of(layers).nearest(0)
    with pytest.raises(EmptyError, match="no buildings"):
        reach_of(replace(layers, buildings=layers.buildings.iloc[:0]))


@pytest.mark.parametrize(("over_s", "within"), [(0.004, True), (0.006, False)])
def test_a_time_that_is_published_as_the_threshold_is_within(over_s, within):
    metres = (900 + over_s) * 1.25
    layers = town(
        [{"u": 1, "v": 2, "coords": [(0, 0), (2000, 0)]}], homes=[(metres, 0)], points=[(0, 0)]
    )
    places = snap_layers(layers, compile_network(layers, ADULT), ())
    pairs = pairs_within(places, category="a", limit_s=900)
    assert pairs.time_s.tolist() == [900.0] * within
