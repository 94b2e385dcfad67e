"""Lines of a drawing get nodes where they meet, and only there; drawn streets are recognised."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.network.prepare.duplicates import without_duplicates
from geo.network.prepare.heal import leads
from geo.network.prepare.node_lines import node_lines, simple_lines
from geo.tolerances import TOUCH_M
from tests.examples import examples
from tests.geo.network.walk_scene import assert_sound, rows
from tests.towns import edges_frame

STREET = {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)], "kind": "residential", "osm_id": 10}


def line(*coords, **more):
    return {"u": 0, "v": 0, "coords": coords, "new": True, **more}


def noded(*given_lines):
    edges = edges_frame([{k: v for k, v in each.items() if k != "new"} for each in given_lines])
    return node_lines(edges.assign(new=["new" in each for each in given_lines]))


def test_lines_that_cross_share_a_node_and_old_edges_keep_theirs():
    got = noded(STREET, line((40, -50), (40, 50)))
    assert rows(got.edges) == [(1, 1, -1, 40), (3, -1, 2, 60), (2, -2, -1, 50), (4, -1, -3, 50)]
    assert (got.crossings, len(got.passing)) == (1, 0)
    assert_sound(got.edges)


@pytest.mark.parametrize("grade", [{"bridge": True}, {"tunnel": True}, {"level": -1}])
def test_what_passes_above_or_below_is_named_and_not_connected(grade):
    got = noded(STREET, line((40, -50), (40, 50), **grade))
    assert len(got.edges) == 2
    assert (got.crossings, len(got.passing)) == (0, 1)


def test_a_bridge_meets_the_street_that_it_ends_at_and_no_street_ends_under_a_bridge():
    bridge = line((40, 0), (40, 50), bridge=True, level=1)
    assert len(noded(STREET, bridge).edges) == 3
    under = line((20, 25), (40, 25))
    assert noded(bridge, under).edges.shape[0] == 2


@pytest.mark.parametrize(
    ("coords", "pieces"),
    [
        ([(40, 50), (40, 0.005)], 3),  # ends just short of it
        ([(99.995, -50), (99.995, 50)], 3),  # passes its end
        ([(20, 0), (50, 40), (80, 0)], 4),  # both ends on it
        ([(20, -9), (50, 40), (80, -9)], 6),  # crosses it twice
        ([(50, 50), (90, 0.005), (120, 50)], 4),  # touches it with a corner
    ],
)
def test_lines_that_touch_a_street_leave_no_piece_without_length(coords, pieces):
    got = noded(STREET, line(*coords))
    assert len(got.edges) == pieces
    assert got.edges.geometry.length.min() > TOUCH_M
    assert_sound(got.edges)


def test_a_dead_end_is_led_to_a_line_beside_it_and_stays_as_it_is():
    lane = edges_frame([{**STREET, "coords": [(101.5, -50), (101.5, 50)]}])
    path = edges_frame([{**STREET, "kind": "footway"}])
    none = [edges_frame([STREET]).iloc[:0].assign(access="") for _ in range(2)]
    short, of = leads(lane, path, *none)
    assert short.geometry.length.tolist() == [1.5]
    assert of["edge_id"].tolist() == path["edge_id"].tolist()


def test_a_stretch_in_common_begins_and_ends_at_nodes():
    got = noded(STREET, line((20, 10), (20, 0), (60, 0), (60, 10)))
    both = got.edges[["u", "v"]].to_numpy()
    assert len(got.edges) == 6
    assert sorted(map(tuple, np.sort(both, axis=1).tolist())).count((-2, -1)) == 2
    assert_sound(got.edges)


def test_an_end_at_a_place_of_several_old_nodes_stays_apart():
    east = {**STREET, "u": 3, "v": 4, "coords": [(100, 0), (200, 0)]}
    got = noded(STREET, east, line((100, 0), (100, 50)))
    assert len(got.apart) == 1
    assert set(got.edges.iloc[2][["u", "v"]]).isdisjoint({2, 3})


@given(
    st.lists(
        st.lists(st.tuples(*[st.integers(0, 8)] * 2), min_size=2, max_size=4, unique=True),
        min_size=1, max_size=6,
    )
)  # fmt: skip
@examples(8)
def test_lines_are_connected_just_where_they_touch(drawn):
    drawn = [[(20 * x, 20 * y) for x, y in each] for each in drawn]
    simple = simple_lines(edges_frame([line(*each) for each in drawn]).drop(columns=["edge_id"]))
    simple = simple.assign(edge_id=np.arange(len(simple)), new=True)
    got = node_lines(simple).edges
    touch = shapely.unary_union(simple.geometry.to_numpy())
    ends, index = np.unique(got[["u", "v"]].to_numpy(), return_inverse=True)
    index = index.reshape(-1, 2)
    graph = coo_array((np.ones(len(index)), index.T), shape=(len(ends), len(ends)))
    parts = shapely.get_num_geometries(shapely.unary_union(shapely.buffer(touch, 0.5)))
    assert connected_components(graph, directed=False)[0] == parts
    assert got["length_m"].sum() == pytest.approx(simple.geometry.length.sum())
    assert_sound(got)


@pytest.mark.parametrize(
    ("coords", "left"),
    [
        ([(0, 3), (100, 3)], []),  # the street again
        ([(0, 6), (100, 6)], [100]),  # another one
        ([(50, -20), (50, 20)], [40]),  # across it
        ([(50, 4), (50, 0.5)], [3.5]),  # a short way to it
        ([(100, 0), (104, 0)], [4]),  # goes on where it ends
        ([(0, 3), (80, 3), (80, 63)], [60]),  # turns off: the rest, led to the street
    ],
)
def test_what_draws_a_street_that_is_there_is_taken_out(coords, left):
    lines = edges_frame([{"u": 0, "v": 0, "coords": coords}])
    got = without_duplicates(lines, edges_frame([STREET]))
    assert len(got.known) == (left == [] or coords[0] == (0, 3))
    assert got.lines.geometry.length.tolist() == pytest.approx(left, abs=6)
