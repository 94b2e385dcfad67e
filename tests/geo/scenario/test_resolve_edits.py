"""What an edit may ask, from both sides of each limit, in the tiny district."""

from math import sqrt

import pytest

from geo.errors import InputError
from geo.scenario.edits import AddStreet, MovePoint, SetHouseholds, parse_edit
from geo.scenario.resolve_edits import LONGEST_STREET_M, MOST_HOUSEHOLDS, NEAR_M, EditResolver
from geo.scenario.street_edits import JOIN_M
from tests.scenes import EPSG, lonlat, tiny_layers

RESOLVER = EditResolver(tiny_layers().to_metric(EPSG), ("catering",))


def accepted(edit) -> bool:
    try:
        RESOLVER.resolve([edit])
    except InputError:
        return False
    return True


@pytest.mark.parametrize(
    ("households", "good"), [(-1, False), (0, True), (1_000_000, True), (1_000_001, False)]
)
def test_households_of_one_building(households, good):
    assert MOST_HOUSEHOLDS == 1_000_000
    assert accepted(SetHouseholds("b1", households)) is good


@pytest.mark.parametrize(("more_m", "good"), [(-0.1, True), (0.1, False)])
def test_a_street_is_no_longer_than_two_hours_of_a_quick_walker(more_m, good):
    assert LONGEST_STREET_M == 20_000
    half = (LONGEST_STREET_M + more_m) / 2  # from one end of the scene over an apex to the other
    path = ((0, 200), (200, 200 + sqrt(half**2 - 200**2)), (400, 200))
    assert accepted(AddStreet(tuple(lonlat(*place) for place in path))) is good


@pytest.mark.parametrize(("more_m", "good"), [(-1, True), (1, False)])
@pytest.mark.parametrize("edge", [(0, -1), (500, 1)])  # ends of the streets, west and east
def test_a_place_lies_near_the_streets(edge, more_m, good):
    assert NEAR_M == 100_000
    x, way = edge
    assert accepted(MovePoint("p1", *lonlat(x + way * (NEAR_M + more_m), 200))) is good


@pytest.mark.parametrize(("beyond_m", "good"), [(29.99, True), (30.01, False)])
def test_a_street_joins_what_its_end_nearly_meets(beyond_m, good):
    assert JOIN_M == 30
    path = (lonlat(200, 0), lonlat(500 + beyond_m, 200))
    assert accepted(AddStreet(path)) is good
    assert accepted(AddStreet(path[::-1])) is good


@pytest.mark.parametrize(("from_m", "node"), [(0.49, 2), (0.51, None)])
@pytest.mark.parametrize("way", [-1, 1])  # the end of one edge, the start of the next
def test_near_a_node_a_street_joins_the_node(from_m, node, way):
    resolved = RESOLVER.resolve([AddStreet((lonlat(100 + way * from_m, 190), lonlat(200, 0)))])
    made = max(resolved.draft.added)
    street = resolved.draft.added[made]
    assert street.v == 7
    assert street.u == node if node else street.u not in range(1, 13)
    assert len(resolved.draft.removed) == (0 if node else 1)


@pytest.mark.parametrize(("letters", "good"), [(200, True), (201, False)])
def test_a_text_of_an_edit_has_an_end(letters, good):
    written = {"op": "close_point", "point_id": "p" * letters}
    if good:
        assert parse_edit(written).point_id == "p" * letters
    else:
        with pytest.raises(InputError):
            parse_edit(written)
