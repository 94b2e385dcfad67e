"""Cutting at barriers on drawn scenes of known answer, and on real networks."""

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import Polygon

from geo.errors import CrsError
from geo.model.layers import conform_layer
from geo.network.prepare.cut_at_barriers import Crossing, cut_at_barriers
from tests.geo.network.real_network import REAL, read_unprepared
from tests.geo.network.walk_scene import assert_sound, gates_frame, place, rows
from tests.towns import CORNER, EPSG, barriers_frame, edges_frame

WALL = [(30, -40), (30, 40)]
PATH = {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)], "osm_id": 7}


def cut(*edges, walls=(WALL,), gates=(), **options):
    barriers = walls if isinstance(walls, gpd.GeoDataFrame) else barriers_frame(list(walls))
    got, crossings = cut_at_barriers(
        edges_frame(list(edges)), barriers, gates_frame(gates), **options
    )
    assert_sound(got)
    return got, crossings


def pond(*corners):
    frame = gpd.GeoDataFrame(
        {"barrier_id": ["w0"], "kind": ["river"], "name": [""]},
        geometry=[Polygon([(CORNER[0] + x, CORNER[1] + y) for x, y in corners])],
        crs=EPSG,
    )
    return conform_layer("barriers", frame)


def test_a_path_is_cut_where_it_crosses_a_wall_and_listed():
    got, crossings = cut(PATH)
    assert rows(got) == [(1, 1, -1, 30), (2, -2, 2, 70)]
    row = crossings.iloc[0]
    assert (row.edge_id, row.osm_id, row.barrier_id, row.kind) == (1, 7, "w0", "wall")
    assert (row.offset_m, row.done, place(row.geometry)) == (pytest.approx(30), "cut", (30, 0))


@pytest.mark.parametrize("change", [{"bridge": True}, {"tunnel": True}])
def test_bridges_and_tunnels_are_not_cut(change):
    got, crossings = cut({**PATH, **change})
    assert (len(got), len(crossings)) == (1, 0)


@pytest.mark.parametrize(
    ("path", "wall", "pieces"),
    [(0, 0, 2), (1, 0, 1), (0, 1, 1), (1, 1, 2), (-1, 1, 1)],
)
@pytest.mark.parametrize("bridge", [False, True])
def test_a_barrier_cuts_its_own_level(path, wall, pieces, bridge):
    walls = barriers_frame([WALL]).assign(level=wall)
    got, _ = cut({**PATH, "level": path, "bridge": bridge and path > 0}, walls=walls)
    assert len(got) == pieces


@pytest.mark.parametrize(
    ("gate", "pieces"),
    [
        ((30, 0, "open"), 1),
        ((30, 3, "private"), 1),
        ((30, 3.1, "open"), 2),
        ((30, 0, "closed"), 2),
    ],
)
def test_a_gate_that_is_not_closed_opens_the_wall(gate, pieces):
    assert len(cut(PATH, gates=[gate])[0]) == pieces


@pytest.mark.parametrize("kind", ["residential", "primary", "service", "pedestrian", "steps"])
def test_what_was_built_through_stays_open_and_is_listed(kind):
    got, crossings = cut({**PATH, "kind": kind})
    assert len(got) == 1
    assert crossings.done.tolist() == [Crossing.STREET]
    assert len(cut({**PATH, "kind": kind}, walkways={kind})[0]) == 2


@pytest.mark.parametrize(("beside", "pieces"), [(15, 1), (20, 1), (21, 2)])
def test_a_walkway_beside_a_street_crosses_where_it_does(beside, pieces):
    street = {"u": 5, "v": 6, "coords": [(0, beside), (100, beside)], "kind": "secondary"}
    got, crossings = cut(PATH, street)
    assert len(got) == 1 + pieces
    assert crossings.done.tolist()[0] == (Crossing.BESIDE if pieces == 1 else Crossing.CUT)


@pytest.mark.parametrize(
    ("wall", "what"),
    [
        ([(30, 0), (30, 40)], "it ends at the path"),
        ([(30, -9), (30, 40)], "one steps round its end"),
        ([(10, 30), (30, 0), (50, 30)], "it touches with a bend"),
        ([(30, -9.9), (30, 40)], "one steps round its end, just"),
        ([(0.5, -40), (0.5, 40)], "it meets the path at its node"),
        ([(0.99, -40), (0.99, 40)], "it meets the path at its node, just"),
        ([(99.01, -40), (99.01, 40)], "it meets the path at its other node, just"),
        ([(0, -40), (0, 40)], "it runs through the node"),
        ([(20, 0), (60, 0)], "the path runs along it"),
    ],
)
def test_meeting_is_not_crossing(wall, what):
    got, crossings = cut(PATH, walls=[wall])
    assert (len(got), len(crossings)) == (1, 0), what


@pytest.mark.parametrize("x", [1.01, 98.99])
def test_a_wall_farther_from_the_node_is_crossed(x):
    assert len(cut(PATH, walls=[[(x, -40), (x, 40)]])[0]) == 2


def test_a_wall_whose_end_is_out_of_the_way_is_crossed():
    assert len(cut(PATH, walls=[[(30, -10.1), (30, 40)]])[0]) == 2


@pytest.mark.parametrize(("back_m", "done"), [(49.9, Crossing.WEAVING), (50.1, Crossing.CUT)])
def test_a_walkway_that_comes_back_soon_runs_along_the_wall(back_m, done):
    weaving = {"u": 1, "v": 2, "coords": [(0, 0), (10, 0), (10 + back_m, 0), (20 + back_m, 0)]}
    wall = [(-50, 5), (10, 5), (10, -5), (10 + back_m, -5), (10 + back_m, 5), (200, 5)]
    _, crossings = cut(weaving, walls=[wall])
    assert crossings.done.tolist() == [done] * 2


def test_two_walls_that_end_at_the_path_leave_an_opening():
    assert len(cut(PATH, walls=[[(30, 0), (30, 40)], [(30, 0), (30, -40)]])[0]) == 1


def test_walls_end_to_end_are_one_wall():
    walls = [[(30, -2), (30, 40)], [(30, -2), (30, -40)]]
    assert len(cut(PATH, walls=walls)[0]) == 2


def test_along_a_wall_and_away_on_the_other_side_is_cut_in_the_middle():
    same = [(10, 40), (20, 0), (60, 0), (70, 40)]
    other = [(10, 40), (20, 0), (60, 0), (70, -40)]
    assert len(cut(PATH, walls=[same])[0]) == 1
    got, crossings = cut(PATH, walls=[other])
    assert rows(got) == [(1, 1, -1, 40), (2, -2, 2, 60)]
    assert crossings.offset_m.tolist() == [pytest.approx(40)]


def test_a_path_drawn_along_a_wall_is_left_open():
    weaving = {"u": 1, "v": 2, "coords": [(0, 1), (45, -1), (90, 1)]}
    got, crossings = cut(weaving, walls=[[(-50, 0), (150, 0)]])
    assert len(got) == 1
    assert crossings.done.tolist() == [Crossing.WEAVING] * 2
    far = {"u": 1, "v": 2, "coords": [(0, 1), (60, -1), (120, 1)]}
    got, crossings = cut(far, walls=[[(-50, 0), (170, 0)]])
    assert len(got) == 3
    assert crossings.done.tolist() == [Crossing.CUT] * 2


def test_a_path_through_water_is_cut_at_both_banks():
    got, _ = cut(PATH, walls=pond((20, -30), (80, -30), (80, 30), (20, 30)))
    assert rows(got) == [(1, 1, -1, 20), (2, -2, -3, 60), (3, -4, 2, 20)]


def test_a_path_round_a_pond_is_not_cut():
    ring = [(20, -30), (80, -30), (80, 30), (20, 30), (20, -30)]
    shore = {"u": 1, "v": 1, "coords": ring}
    got, crossings = cut(shore, walls=pond(*ring[:-1]))
    assert (len(got), len(crossings)) == (1, 0)


def test_fresh_ids_are_in_order_of_edge_and_place_whatever_the_rows():
    second = {"u": 3, "v": 4, "coords": [(0, 25), (100, 25)], "edge_id": 9}
    walls = barriers_frame([WALL, [(90, -40), (90, 40)]])
    edges = edges_frame([PATH, second])
    got, _ = cut_at_barriers(edges, walls, gates_frame())
    assert [row[:3] for row in rows(got)] == [
        (1, 1, -1), (10, -2, -3), (11, -4, 2), (9, 3, -5), (12, -6, -7), (13, -8, 4),
    ]  # fmt: skip
    turned, _ = cut_at_barriers(edges.iloc[::-1], walls.iloc[::-1], gates_frame())
    assert_geodataframe_equal(
        turned.sort_values("edge_id", ignore_index=True),
        got.sort_values("edge_id", ignore_index=True),
    )


def test_degrees_are_refused_and_nothing_is_fine():
    edges = edges_frame([PATH])
    with pytest.raises(CrsError, match="walk network"):
        cut_at_barriers(edges.to_crs(4326), barriers_frame([]), gates_frame())
    got, crossings = cut_at_barriers(edges, barriers_frame([]), gates_frame())
    assert_geodataframe_equal(got, edges)
    assert len(crossings) == 0
    assert len(cut_at_barriers(edges.iloc[:0], barriers_frame([WALL]), gates_frame())[0]) == 0


@pytest.mark.parametrize("name", REAL)
def test_real_networks_keep_their_connections(name):
    """Each of these was looked at: all are streets, or walkways beside one, with real openings."""
    layers = read_unprepared(name)
    got, crossings = cut_at_barriers(layers.walk_edges, layers.barriers, layers.gates)
    assert len(got) == len(layers.walk_edges)
    assert (
        crossings.done.value_counts().to_dict()
        == {
            "helsinki": {Crossing.STREET: 2, Crossing.BESIDE: 2},
            "tsinghua": {Crossing.STREET: 8, Crossing.BESIDE: 1},
            "monaco": {Crossing.STREET: 1},  # a service road onto a quay
        }[name]
    )


@pytest.mark.parametrize(("past_m", "pieces"), [(0.049, 1), (0.051, 2)])
def test_a_wall_is_met_at_its_end_up_to_five_centimetres_past_the_path(past_m, pieces):
    """The other wall begins there, so nobody steps round that end."""
    walls = [[(30, -40), (30, past_m)], [(30, past_m), (30, 40)]]
    assert len(cut(PATH, walls=walls)[0]) == pieces


@pytest.mark.parametrize(("beyond_m", "met"), [(0.49, 0), (0.51, 2)])
def test_a_tip_of_less_than_half_a_metre_beyond_a_wall_crosses_nothing(beyond_m, met):
    deep = (beyond_m - 0.02) / 2
    tip = {**PATH, "coords": [(30, 5), (30, -deep), (30.02, -deep), (30.02, 5)]}
    _, crossings = cut(tip, walls=[[(0, 0), (60, 0)]])
    assert crossings.done.tolist() == [Crossing.WEAVING] * met


@pytest.mark.parametrize(("apart_mm", "met"), [(0.9, 1), (1.1, 2)])
def test_crossings_within_a_millimetre_are_one(apart_mm, met):
    double = [WALL, [(30 + apart_mm / 1000, -40), (30 + apart_mm / 1000, 40)]]
    assert len(cut(PATH, walls=double)[1]) == met


@pytest.mark.parametrize(("slit_mm", "pieces"), [(1.9, 2), (2.1, 1)])
def test_walls_that_overlap_side_by_side_are_closed_up_to_two_millimetres(slit_mm, pieces):
    """Each wall is given a millimetre on either side."""
    walls = [[(30, -40), (30, 5)], [(30 + slit_mm / 1000, 2), (30 + slit_mm / 1000, 40)]]
    assert len(cut(PATH, walls=walls)[0]) == pieces
