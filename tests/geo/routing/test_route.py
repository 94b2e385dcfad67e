import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.errors import NotFoundError
from geo.network.compile import compile_network
from geo.routing.route import walk, walk_between
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.towns import ADULT, CORNER, WALKERS, entered_towns, town

ELL = [
    {"u": 1, "v": 2, "coords": [(0, 0), (1000, 0)]},
    {"u": 2, "v": 3, "coords": [(1000, 0), (1000, 1000)]},
]


def walked(start, end, edges=ELL):
    network = compile_network(town(edges), ADULT)
    return walk(network, np.array(start) + CORNER, np.array(end) + CORNER)


def test_a_walk_around_the_corner():
    found = walked((100, 50), (1030, 500))
    assert found.metres == pytest.approx(900 + 500)
    assert found.total_m == pytest.approx(50 + 900 + 500 + 30)
    assert found.seconds == pytest.approx(1184.0)
    assert (found.leg_start_m, found.leg_end_m) == pytest.approx((50, 30))
    path = np.array(found.geometry.coords) - CORNER
    assert path == pytest.approx(
        np.array([(100, 50), (100, 0), (1000, 0), (1000, 500), (1030, 500)]), abs=1e-6
    )


def test_a_walk_along_one_edge_both_ways_and_to_itself():
    assert walked((100, 50), (630, 50)).total_m == pytest.approx(630)
    back = walked((630, 50), (100, 50))
    assert np.array(back.geometry.coords)[0] - CORNER == pytest.approx([630, 50])
    assert walked((100, 50), (100, 50)).total_m == pytest.approx(100)


def test_a_walk_out_of_a_compound_without_lanes_is_drawn_through_its_gate():
    yard = [(500, 30), (500, 90), (600, 90), (600, 30), (500, 30)]
    layers = town(ELL, walls=[yard], gates=[(520, 30, "private")])
    network = compile_network(layers, ADULT)
    found = walk(network, np.array([560, 60]) + CORNER, np.array([700, 10]) + CORNER)
    assert found.leg_start_m == pytest.approx(50 + 30)
    assert np.array(found.geometry.coords) - CORNER == pytest.approx(
        np.array([(560, 60), (520, 30), (520, 0), (700, 0), (700, 10)]), abs=1e-6
    )


def test_half_a_hundredth_of_a_second_is_rounded_as_in_coverage():
    found = walked((0, 0), (235.59375, 0), [{"u": 1, "v": 2, "coords": [(0, 0), (400, 0)]}])
    assert found.seconds == np.round(235.59375 / 1.25, 2) == 188.48


def test_no_link_and_no_way_are_told():
    with pytest.raises(NotFoundError, match=r"end of the walk.*too far"):
        walked((0, 0), (5000, 5000))
    apart = [*ELL, {"u": 8, "v": 9, "coords": [(0, 3000), (2000, 3000)]}]
    with pytest.raises(NotFoundError, match="not connected"):
        walked((0, 0), (0, 3000), apart)


@examples(10)
@given(entered_towns(), st.sampled_from(WALKERS))
def test_the_walk_to_the_nearest_point_takes_the_published_time_and_its_path_is_as_long(
    layers, walker
):
    network = compile_network(layers, walker)
    snapped = snap_layers(layers, network, ("a",))
    times, homes, points = nearest_times(snapped), snapped.entrances, snapped.point_entrances
    for row in np.flatnonzero(times.point[:, 0] >= 0):
        home = snapped.buildings.take(homes.of([row]))
        found = walk_between(network, home, snapped.points.take(points.of([times.point[row, 0]])))
        assert found.seconds == times.time_s[row, 0]
        # A leg that passes a gate is drawn straight.
        assert found.geometry.length <= found.total_m + 1e-6
        if not len(layers.gates):
            assert found.geometry.length == pytest.approx(found.total_m, abs=1e-6)


@pytest.mark.parametrize(("end_m", "found"), [(53_900, True), (54_100, False)])
def test_a_walk_of_more_than_half_a_day_is_not_looked_for(end_m, found):
    ends = [100.0 * n for n in range(600)]
    streets = [
        {"u": n, "v": n + 1, "coords": [(x, 0), (x + 100, 0)]} for n, x in enumerate(ends, start=1)
    ]
    if found:  # 12 h at 1.25 m/s are 54 km, to the next node at least
        assert walked((50, 0), (50 + end_m, 0), streets).seconds == pytest.approx(end_m / 1.25)
    else:
        with pytest.raises(NotFoundError):
            walked((50, 0), (50 + end_m, 0), streets)
