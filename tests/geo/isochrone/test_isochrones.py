"""Isochrones on scenes whose answer can be worked out, and on random towns."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from geo.accessibility.coverage import nearest_times
from geo.crs import project_points
from geo.errors import InputError, NotFoundError
from geo.isochrone.isochrones import isochrone_frame
from geo.isochrone.search_direction import SearchDirection
from geo.network.compile import compile_network
from geo.routing.reverse_graph import reversed_graph
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.geo.engines import drawing
from tests.towns import ADULT, CORNER, EPSG, WALKERS, entered_towns, points_frame, town, towns

NO_STEPS = replace(ADULT, avoid=frozenset({"steps"}))
STREET = {"u": 1, "v": 2, "coords": [(0, 0), (3000, 0)]}


def at(x: float, y: float) -> np.ndarray:
    return np.array([x, y]) + CORNER


def drawn(layers, origin, minutes, **how):
    network = compile_network(layers, how.pop("profile", ADULT))
    return drawing(network, layers).around(at(*origin), minutes, **how)


def holds(isochrone, x: float, y: float) -> bool:
    return bool(isochrone.geometry.contains(Point(at(x, y))))


def lattice_of_streets(lines: int, step: float) -> list[dict]:
    """Return a perfect street grid in a desert, its middle node at (0, 0)."""
    low = -(lines // 2)
    number = {(i, j): i * lines + j + 1 for i in range(lines) for j in range(lines)}
    place = {key: ((key[0] + low) * step, (key[1] + low) * step) for key in number}
    return [
        {"u": number[key], "v": number[other], "coords": [place[key], place[other]]}
        for key in number
        for other in ((key[0] + 1, key[1]), (key[0], key[1] + 1))
        if other in number
    ]


# --- theory --------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell_m", [20.0, 10.0])
def test_a_perfect_street_grid_gives_the_diamond_of_theory(cell_m):
    step, budget_m = 100.0, 600.0  # 8 minutes
    layers = town(lattice_of_streets(17, step))
    (found,) = drawn(layers, (0, 0), [8], cell_m=cell_m, agreement=0)
    x, y = np.meshgrid(*[np.arange(-700, 700) + 0.5] * 2)
    to_x, to_y = np.round(x / step) * step, np.round(y / step) * step
    along_x = np.abs(x) + np.abs(to_y) + np.abs(y - to_y)  # foot on a street from west to east
    along_y = np.abs(y) + np.abs(to_x) + np.abs(x - to_x)
    walk_m = np.where(np.abs(y - to_y) < np.abs(x - to_x), along_x, along_y)
    theory = float((walk_m <= budget_m).sum())
    assert theory == pytest.approx(2 * budget_m**2, rel=0.05)  # the diamond |x| + |y| <= 600
    assert found.geometry.area == pytest.approx(theory, rel=0.005)
    assert found.agreement >= 0.99
    # 4 rays of 600, and on each of 4 x 5 parallels at k x 100 both ways 600 - k x 100
    assert found.reached_m == pytest.approx(
        4 * 600 + 8 * sum(600 - k * 100 for k in range(1, 6)), rel=1e-4
    )


def test_one_long_street_is_a_spindle_reached_in_part_from_its_middle():
    (found,) = drawn(town([STREET]), (1500, 0), [5], agreement=0)
    assert found.reached_m == pytest.approx(2 * 375, rel=1e-4)
    # |x| + |y| <= 375, but no leg is longer than 200 m
    assert found.geometry.area == pytest.approx(2 * 375**2 - 2 * 175**2, rel=0.005)
    west, south, east, north = np.array(found.geometry.bounds) - np.tile(CORNER, 2)
    assert [west, east] == pytest.approx([1125, 1875], abs=2)
    assert [south, north] == pytest.approx([-200, 200], abs=2)


def test_an_edge_is_reached_from_both_ends_and_not_in_its_middle():
    detour = {"u": 1, "v": 2, "coords": [(0, 0), (0, 900), (3000, 900), (3000, 0)]}
    short = [
        {"u": 1, "v": 3, "coords": [(0, 0), (100, 0)]},
        {"u": 3, "v": 2, "coords": [(100, 0), (200, 0)]},
        {"u": 1, "v": 2, "coords": [(0, 0), (0, 900), (200, 900), (200, 0)]},
    ]
    (found,) = drawn(town(short), (100, 0), [5], agreement=0)
    assert found.reached_m == pytest.approx(200 + 2 * 275, rel=1e-4)
    assert holds(found, 0, 250)
    assert holds(found, 200, 250)
    assert not holds(found, 100, 900)
    (far,) = drawn(town([STREET, detour]), (1500, 0), [5], agreement=0)
    assert far.reached_m == pytest.approx(750, rel=1e-4)


# --- barriers ------------------------------------------------------------------------------------


def test_a_wall_parts_and_its_gate_lets_through():
    streets = [
        {"u": 1, "v": 2, "coords": [(0, 0), (400, 0)]},
        {"u": 3, "v": 4, "coords": [(0, 60), (400, 60)]},
        {"u": 2, "v": 4, "coords": [(400, 0), (400, 60)]},
    ]
    wall = [(-300, 30), (700, 30)]
    shut, opened = (
        drawn(town(streets, walls=[wall], gates=gates), (0, 0), [5], agreement=0)[0]
        for gates in ([], [(400, 30, "open")])
    )
    for found in (shut, opened):  # the street passes the wall in any case; legs do not
        assert holds(found, 100, 25)
        assert not holds(found, 0, 45)
        assert not holds(found, 100, 35)
    through = drawn(town(streets, walls=[wall]), (0, 0), [8], agreement=0)[0]
    assert holds(through, 330, 45)
    assert not holds(through, 200, 100)
    inner = [streets[0]]
    gated, walled = (
        drawn(town(inner, walls=[wall], gates=gates), (0, 0), [5], agreement=0)[0]
        for gates in ([(100, 30, "open")], [])
    )
    assert holds(gated, 110, 60)
    assert not holds(walled, 110, 60)


def test_a_river_is_crossed_at_its_bridge_only():
    streets = [
        {"u": 1, "v": 2, "coords": [(0, 0), (300, 0)]},
        {"u": 2, "v": 3, "coords": [(300, 0), (300, 100)], "bridge": True},
        {"u": 3, "v": 4, "coords": [(300, 100), (0, 100)]},
    ]
    layers = town(streets, walls=[[(-500, 50), (800, 50)]])
    near, far = drawn(layers, (0, 0), [6, 10], agreement=0)
    assert holds(near, 280, 90)
    assert not holds(near, 150, 60)  # 300 + 100 + 150 m and the leg are more than 450
    assert holds(near, 150, 40)
    assert holds(far, 20, 90)


def test_an_unreachable_enclave_stays_a_hole():
    ring = [(-300, -300), (300, -300), (300, 300), (-300, 300), (-300, -300)]
    yard = [(-60, -60), (60, -60), (60, 60), (-60, 60), (-60, -60)]
    streets = [
        {"u": 1, "v": 1, "coords": ring},
        {"u": 1, "v": 2, "coords": [(-300, -300), (-100, -100)]},
        {"u": 2, "v": 2, "coords": [(p * 1.6667, q * 1.6667) for p, q in yard]},
        {"u": 8, "v": 9, "coords": [(-50, 0), (50, 0)]},  # a lane inside, without a way to it
    ]
    (found,) = drawn(town(streets, walls=[yard]), (-300, -300), [20], cell_m=5)
    assert len(found.geometry.geoms) == 1
    (part,) = found.geometry.geoms
    holes = [ring for ring in part.interiors if shapely.Polygon(ring).contains(Point(at(0, 0)))]
    assert len(holes) == 1
    assert shapely.Polygon(holes[0]).area == pytest.approx(120**2, rel=0.02)
    assert not holds(found, 0, 0)
    assert holds(found, 0, 75)
    assert found.agreement >= 0.99


# --- what holds for every picture ----------------------------------------------------------------


def test_several_minutes_are_nested_in_the_order_asked():
    layers = town(lattice_of_streets(11, 130.0), walls=[[(-60, -500), (70, 400)]])
    fifteen, five, ten = drawn(layers, (0, 10), [15, 5, 10])
    assert [each.minutes for each in (fifteen, five, ten)] == [15, 5, 10]
    assert fifteen.geometry.covers(ten.geometry)
    assert ten.geometry.covers(five.geometry)
    assert five.reached_m < ten.reached_m < fifteen.reached_m


def test_a_faster_walker_never_reaches_less():
    layers = town(lattice_of_streets(9, 100.0), walls=[[(-60, -500), (70, 400)]])
    slow, fast = (
        drawn(layers, (0, 10), [5], profile=replace(ADULT, speed_m_s=speed), agreement=0)[0]
        for speed in (1.0, 1.4)
    )
    assert slow.geometry.difference(fast.geometry).area < 0.1
    assert fast.geometry.area > 1.5 * slow.geometry.area


def test_polygons_are_valid_and_right_handed_in_metres_and_in_degrees():
    layers = town(lattice_of_streets(9, 100.0), homes=[(5, 5), (3000, 0)])
    found = drawn(layers, (0, 10), [3, 6])
    frame = isochrone_frame(found, epsg=EPSG)
    assert frame.crs.to_epsg() == 4326
    for shape in [*frame.geometry, *(each.geometry for each in found)]:
        assert shape.geom_type == "MultiPolygon"
        assert shape.is_valid
        for part in shape.geoms:
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
    properties = json.loads(frame.to_json())["features"][0]["properties"]
    assert properties == {
        "minutes": 3, "agreement": found[0].agreement, "sampled": found[0].sampled, "cell_m": 10.0,
        "reached_m": found[0].reached_m, "households": 10, "buildings": 1,
        "label": "picture; counts are per building",
    }  # fmt: skip


def test_one_way_streets_are_drawn_in_the_direction_asked():
    escalator = {"u": 1, "v": 2, "coords": [(0, 0), (600, 0)], "backward": False}
    layers = town([escalator])
    (out,) = drawn(layers, (300, 0), [3], agreement=0)
    (back,) = drawn(layers, (300, 0), [3], agreement=0, towards=True)
    assert out.reached_m == pytest.approx(225, rel=1e-4)
    assert back.reached_m == pytest.approx(225, rel=1e-4)
    assert holds(out, 500, 10)
    assert not holds(out, 280, 10)
    assert holds(back, 100, 10)
    assert not holds(back, 320, 10)


def test_private_lanes_are_entered_and_left_but_not_passed():
    edges = [
        {"u": 1, "v": 2, "coords": [(0, 0), (300, 0)]},
        {"u": 2, "v": 3, "coords": [(300, 0), (300, 500)], "private": True},
        {"u": 3, "v": 4, "coords": [(300, 500), (0, 500)]},
    ]
    (outside,) = drawn(town(edges), (290, 0), [15], agreement=0)
    assert holds(outside, 310, 480)  # a visitor inside
    assert not holds(outside, 100, 500)
    (resident,) = drawn(town(edges), (300, 250), [15], agreement=0)
    assert holds(resident, 100, 500)
    assert holds(resident, 100, 0)


def test_several_origins_are_the_union_of_each():
    layers = town([STREET])
    network = compile_network(layers, ADULT)
    engine = drawing(network, layers)
    pair = np.array([at(500, 0), at(2500, 0)])
    (both,) = engine.around(pair, [4], agreement=0)
    each = [engine.around(one, [4], agreement=0)[0] for one in pair]
    assert both.reached_m == pytest.approx(sum(one.reached_m for one in each), rel=1e-4)
    union = shapely.union_all([one.geometry for one in each])
    assert both.geometry.symmetric_difference(union).area < 0.01


def test_the_origin_on_a_long_leg_may_reach_nothing():
    (found,) = drawn(town([STREET], homes=[(1500, 190)]), (1500, 190), [1])
    assert found.geometry.is_empty
    assert (found.reached_m, found.households, found.sampled) == (0, 0, 0)


def test_bad_input_is_told():
    layers = town([STREET])
    with pytest.raises(NotFoundError, match="too far"):
        drawn(layers, (0, 500), [5])
    with pytest.raises(NotFoundError, match="no walk network"):
        drawn(town([{**STREET, "kind": "steps"}]), (0, 0), [5], profile=NO_STEPS)
    for minutes in ([0], [5, 121], [float("nan")]):
        with pytest.raises(InputError, match="at most 120"):
            drawn(layers, (0, 0), minutes)
    with pytest.raises(InputError, match="at least one"):
        drawn(layers, (0, 0), [])
    for cell_m in (1, 50):
        assert len(drawn(layers, (0, 0), [2], cell_m=cell_m)) == 1
    for cell_m in (0.5, 0.99, 50.01, 60, float("nan")):
        with pytest.raises(InputError, match="1 to 50"):
            drawn(layers, (0, 0), [5], cell_m=cell_m)
    with pytest.raises(InputError, match="wider cell"):
        drawn(town(lattice_of_streets(9, 900.0)), (0, 0), [120], cell_m=1)


# --- random towns --------------------------------------------------------------------------------


@examples(10)
@given(towns(), st.booleans(), st.sampled_from(WALKERS))
def test_pictures_of_random_towns_agree_with_the_exact_answer(layers, towards, walker):
    network = compile_network(layers, walker)
    engine = drawing(network, layers)
    homes = np.column_stack([layers.buildings.geometry.x, layers.buildings.geometry.y])
    for origin in homes[:3]:
        try:
            found = engine.around(origin, [3, 6, 12], towards=towards)
        except NotFoundError:
            continue
        for each in found:
            assert each.geometry.is_valid
            assert each.agreement >= 0.99
        for small, large in pairwise(found):
            assert small.geometry.is_empty or large.geometry.covers(small.geometry)
            assert large.households >= small.households


@examples(10)
@given(entered_towns(), st.sampled_from(WALKERS))
def test_households_are_those_within_the_published_time(layers, walker):
    network = compile_network(layers, walker)
    engine = drawing(network, layers)
    buildings = layers.buildings
    homes = project_points(buildings["lon"], buildings["lat"], EPSG)
    for row, origin in enumerate(homes[:2]):
        here = buildings[["lon", "lat"]].iloc[[row]].to_numpy()
        point = points_frame([(0, 0)], ["a"]).to_crs(EPSG)
        point = point.assign(point_id="origin", lon=here[:, 0], lat=here[:, 1])
        alone = replace(layers, service_points=point)
        times = nearest_times(snap_layers(alone, network, ["a"]))
        try:
            found = engine.around(origin, [2, 5, 15], towards=True, agreement=0)
        except NotFoundError:
            assert np.isnan(times.time_s).all()
            continue
        for each in found:
            within = times.covered(each.minutes)[:, 0]
            assert each.buildings == within.sum()
            assert each.households == buildings["households"][within].sum()


@examples(8)
@given(towns(), st.sampled_from(WALKERS))
def test_from_and_towards_are_each_other_turned_around(layers, walker):
    edges = layers.walk_edges
    turned = replace(
        layers,
        walk_edges=edges.assign(
            forward=edges["backward"], backward=edges["forward"], climb_m=-edges["climb_m"]
        ),
    )
    home = np.array([layers.buildings.geometry.x[0], layers.buildings.geometry.y[0]])
    try:
        (out,) = drawing(compile_network(layers, walker), layers).around(home, [8], agreement=0)
    except NotFoundError:
        return
    mirrored = drawing(compile_network(turned, walker), layers)
    (back,) = mirrored.around(home, [8], agreement=0, towards=True)
    assert out.geometry.symmetric_difference(back.geometry).area < 0.1
    assert out.reached_m == pytest.approx(back.reached_m, abs=0.01)
    assert out.households == back.households


@examples(8)
@given(towns(), st.sampled_from(WALKERS))
def test_the_graph_turned_twice_is_the_graph(layers, walker):
    graph = compile_network(layers, walker).graph
    once = reversed_graph(graph)
    twice = reversed_graph(once)
    for name in ("begin", "stop", "head", "step", "edge"):
        assert np.array_equal(getattr(twice, name), getattr(graph, name))
    arcs = np.repeat(np.arange(once.n_states), np.diff([*once.begin, len(once.head)]))
    there = sorted(zip(arcs.tolist(), once.head.tolist(), once.step.tolist(), strict=True))
    tails = np.repeat(np.arange(graph.n_states), np.diff([*graph.begin, len(graph.head)]))
    back = sorted(zip(graph.head.tolist(), tails.tolist(), graph.step.tolist(), strict=True))
    assert there == back


def test_threads_share_one_engine():
    from concurrent.futures import ThreadPoolExecutor

    layers = town(lattice_of_streets(9, 100.0), homes=[(5, 5)])
    engine = drawing(compile_network(layers, ADULT), layers)
    origins = [at(x, 0) for x in range(-300, 301, 25)]
    one_by_one = [engine.around(origin, [3, 6]) for origin in origins]
    fresh = drawing(compile_network(layers, ADULT), layers)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda origin: fresh.around(origin, [3, 6]), origins))
    assert together == one_by_one
    assert isinstance(fresh._directions[False], SearchDirection)
