"""Straight walks across squares: by hand, and against a visibility graph over all pairs."""

from dataclasses import dataclass

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, Polygon

from geo.network.prepare import squares
from geo.network.prepare.squares import SQUARE, cross_squares
from tests.examples import examples
from tests.geo.network.prepare.square_scene import (
    YARD,
    crossing_scene,
    obstacles_frame,
    scene,
    squares_frame,
)
from tests.oracles.visibility import walks
from tests.towns import CORNER, EPSG, edges_frame

SOUTH, NORTH, WEST, EAST = (50, 0), (50, 100), (0, 50), (100, 50)
FOUNTAIN = [(40, 40), (60, 40), (60, 60), (40, 60)]


def metres(edges, pairs):
    """Return the length of the shortest walk between nodes, inf where there is none."""
    graph = nx.Graph()
    for e in edges.itertuples():
        if not (graph.has_edge(e.u, e.v) and graph[e.u][e.v]["m"] <= e.length_m):
            graph.add_edge(e.u, e.v, m=e.length_m)
    found = dict(nx.all_pairs_dijkstra_path_length(graph, weight="m"))
    return [found[u].get(v, np.inf) for u, v in pairs]


def lines(edges):
    return edges[edges["kind"] == SQUARE]


def gate(place, access):
    return gpd.GeoDataFrame(
        {"gate_id": ["g"], "access": [access], "name": "", "node": 0, "opening_hours": ""},
        geometry=[shapely.Point(np.array(place) + CORNER)],
        crs=EPSG,
    )


def test_a_square_is_crossed_straight():
    edges, count = cross_squares(*crossing_scene())
    assert count == 1
    assert metres(edges, [(0, 1), (1000, 1001)]) == pytest.approx([100, 120], abs=1e-6)
    line = lines(edges).iloc[0]
    assert (line["osm_id"], line["forward"], line["backward"]) == (100, True, True)
    assert (line["climb_m"], line["crossing"], line["private"]) == (0, False, False)
    assert edges["edge_id"].is_unique


def test_nothing_is_added_where_the_ring_is_as_short():
    both_south = scene(Polygon(YARD), [(20, 0), (80, 0)])
    assert cross_squares(*both_south)[1] == 0


@pytest.mark.parametrize("as_building", [True, False])
def test_one_walks_around_a_hole_and_around_a_building(as_building):
    hole = Polygon(FOUNTAIN)
    area = Polygon(YARD) if as_building else Polygon(YARD, [FOUNTAIN])
    edges, _ = cross_squares(*scene(area, [SOUTH, NORTH], [hole] if as_building else []))
    around = 2 * np.hypot(40, 10) + 20
    assert metres(edges, [(0, 1)]) == pytest.approx([around], abs=1e-6)


def test_a_building_on_another_level_stands_in_nobodys_way():
    edges, squares_, _, gates = scene(Polygon(YARD), [SOUTH, NORTH])
    deck = obstacles_frame([Polygon(FOUNTAIN)], level=1)
    assert metres(cross_squares(edges, squares_, deck, gates)[0], [(0, 1)]) == [100]


def test_one_walks_around_the_end_of_a_wall_but_not_through_it():
    wall = LineString([(0, 50), (80, 50)])
    edges, _ = cross_squares(*scene(Polygon(YARD), [SOUTH, NORTH], [wall]))
    assert metres(edges, [(0, 1)]) == pytest.approx([2 * np.hypot(50, 30)], abs=0.1)


@pytest.mark.parametrize(("access", "expected"), [("open", 100), ("closed", 200), ("private", 200)])
def test_a_wall_is_passed_at_its_open_gate_only(access, expected):
    wall = LineString([(-10, 50), (110, 50)])
    edges, areas, walls, _ = scene(Polygon(YARD), [SOUTH, NORTH], [wall])
    crossed, _ = cross_squares(edges, areas, walls, gate((50, 50), access))
    assert metres(crossed, [(0, 1)]) == pytest.approx([expected], abs=1e-6)


@pytest.mark.parametrize(("gap_m", "expected"), [(0.09, 200), (0.12, 100)])
def test_walls_that_end_a_decimetre_apart_leave_a_gap(gap_m, expected):
    walls = [
        LineString([(-10, 50), (50, 50)]),
        LineString([(50, 50 + gap_m), (110, 50 + gap_m)]),
    ]
    edges, _ = cross_squares(*scene(Polygon(YARD), [SOUTH, NORTH], walls))
    assert metres(edges, [(0, 1)]) == pytest.approx([expected], abs=0.2)


def test_a_closed_gate_is_no_entry():
    edges, areas, none, _ = scene(Polygon(YARD), [SOUTH, NORTH])
    assert cross_squares(edges, areas, none, gate(SOUTH, "closed"))[1] == 0


def test_a_wall_along_the_ring_is_open_where_a_street_meets_it_but_not_at_a_dead_end():
    fence = LineString([*YARD, YARD[0]])
    streets = scene(Polygon(YARD), [SOUTH, NORTH], [fence])
    assert metres(cross_squares(*streets)[0], [(0, 1)]) == pytest.approx([100], abs=1e-6)
    edges = edges_frame(
        [
            {"u": 1, "v": 2, "coords": [(50, -10), (50, 0)]},
            {"u": 3, "v": 4, "coords": [(50, 100), (50, 110)]},
        ]
    )
    assert cross_squares(edges, *streets[1:])[1] == 0


def test_areas_that_touch_are_one_and_those_of_two_levels_are_not():
    halves = [
        Polygon([(0, 0), (100, 0), (100, 50), (0, 50)]),
        Polygon([(0, 50), (100, 50), *YARD[2:]]),
    ]
    edges, _, none, gates = scene(Polygon(YARD), [(10, 0), (90, 100)])
    one, _ = cross_squares(edges, squares_frame(halves), none, gates)
    assert metres(one, [(0, 1)]) == pytest.approx([np.hypot(80, 100)], abs=1e-6)
    assert cross_squares(edges, squares_frame(halves, level=[0, 1]), none, gates)[1] == 0


def test_a_way_that_ends_inside_is_joined_and_a_bridge_above_is_not():
    edges, areas, none, gates = scene(Polygon(YARD), [SOUTH])
    inside = {"u": 7, "v": 8, "coords": [(50, 200), (50, 70)]}
    for bridge, reached in ((False, 70), (True, np.inf)):
        more = edges_frame([{**inside, "bridge": bridge, "edge_id": 99}])
        both = gpd.GeoDataFrame(np.concatenate([edges, more]), columns=edges.columns, crs=EPSG)
        both = both.astype(edges.dtypes.to_dict()).set_geometry("geometry", crs=EPSG)
        crossed, _ = cross_squares(both, areas, none, gates)
        assert metres(crossed, [(0, 8)])[0] == pytest.approx(reached)


def test_private_squares_are_crossed_by_their_own():
    edges, _ = cross_squares(*scene(Polygon(YARD), [SOUTH, NORTH], private=True))
    assert lines(edges)["private"].tolist() == [True]


def test_the_lines_tried_in_an_area_are_bounded(monkeypatch):
    doors = [(x, y) for y in (0, 100) for x in range(5, 100, 10)]
    _, many = cross_squares(*scene(Polygon(YARD), doors))
    monkeypatch.setattr(squares, "SIGHTS", 4 * len(doors))
    bounded, few = cross_squares(*scene(Polygon(YARD), doors))
    assert many == 100
    assert few <= 4 * len(doors)
    assert np.isfinite(metres(bounded, [(0, len(doors) - 1)])[0])


@dataclass
class Drawn:
    area: Polygon
    doors: list
    things: list


@st.composite
def drawn(draw):
    """A star-shaped square with a hole, buildings that may touch, and doors on its ring."""
    n = draw(st.integers(4, 9))
    reach = draw(st.lists(st.integers(25, 90), min_size=n, max_size=n))
    turn = np.arange(n) * 2 * np.pi / n
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * np.array(reach)[:, None]
    box = st.tuples(
        st.integers(-60, 50), st.integers(-60, 50), st.integers(4, 40), st.integers(4, 40)
    )
    things = [shapely.box(x, y, x + w, y + h) for x, y, w, h in draw(st.lists(box, max_size=3))]
    hole = shapely.box(-9, -9, 9, 8).exterior.coords if draw(st.booleans()) else None
    area = Polygon(ring, [hole] if hole else [])
    assume(area.is_valid)
    along = draw(st.lists(st.integers(0, 8 * n - 1), min_size=2, max_size=6, unique=True))
    doors = [
        tuple(ring[k // 8] + (ring[(k // 8 + 1) % n] - ring[k // 8]) * (k % 8) / 8) for k in along
    ]
    return Drawn(area, doors, things)


@examples(10)
@given(drawn())
def test_walks_are_those_of_a_visibility_graph_over_all_pairs(one):
    before = scene(one.area, one.doors, one.things)
    edges, _ = cross_squares(*before)
    pairs = [(n, m) for n in range(len(one.doors)) for m in range(n + 1, len(one.doors))]
    got, ring = metres(edges, pairs), metres(before[0], pairs)
    free = one.area.difference(shapely.union_all([*one.things]))
    inside = walks(free, one.doors)
    both = walks(shapely.union_all([free, one.area.boundary.buffer(0.001)]), one.doors)
    for pair, walked, around in zip(pairs, got, ring, strict=True):
        assert walked <= around + 1e-6  # never longer than the ring
        assert walked <= inside.get(pair, np.inf) + 0.01
        # Where a building stands on the ring, one may leave the ring for the ground behind it.
        assert walked >= both.get(pair, np.inf) - 0.05
    ground = shapely.transform(free.buffer(0.002), lambda xy: xy + np.array(CORNER))
    assert all(ground.covers(line) for line in lines(edges).geometry)  # never through a hole
