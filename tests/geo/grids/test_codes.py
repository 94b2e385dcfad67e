"""Codes: what is valid, whose parent is whose, and how grids are numbered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box, transform

from geo.errors import InputError
from geo.geometry.reading_order import reading_order
from geo.grids.codes import LEVELS, is_valid, level_of, number, number_of, parent_of, scheme_of
from geo.model.vocabulary import Level

CN = scheme_of("371602")
PLAIN = scheme_of("malta")


@pytest.mark.parametrize(
    ("scheme", "code", "level", "parent"),
    [
        (CN, "371602001005", Level.LARGE, None),
        (CN, "371602000001", Level.LARGE, None),
        (CN, "3716020010053", Level.MEDIUM, "371602001005"),
        (CN, "371602001005307", Level.SMALL, "3716020010053"),
        (PLAIN, "malta-001", Level.LARGE, None),
        (PLAIN, "malta-1000", Level.LARGE, None),
        (PLAIN, "malta-001-1", Level.MEDIUM, "malta-001"),
        (PLAIN, "malta-001-12", Level.MEDIUM, "malta-001"),
        (PLAIN, "malta-001-1-01", Level.SMALL, "malta-001-1"),
        (PLAIN, "malta-001-1-100", Level.SMALL, "malta-001-1"),
    ],
)
def test_level_and_parent(scheme, code, level, parent):
    assert is_valid(code, scheme)
    assert [each for each in LEVELS if is_valid(code, scheme, each)] == [level]
    assert level_of(code, scheme) is level
    assert parent_of(code, scheme) == parent


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        (CN, "371602"),
        (CN, "371602001000"),  # community 000
        (CN, "3716020010050"),  # medium 0
        (CN, "371602001000301"),  # community 000 further down
        (CN, "371602001005300"),  # small 00
        (CN, "37160200100530"),  # 14 digits
        (CN, "3716020010053071"),
        (CN, "370102001005307"),  # another district
        (CN, "371602001005307\n"),
        (CN, "37160200100530７"),  # a full-width digit
        (CN, 371602001005307),
        (CN, None),
        (PLAIN, "malta"),
        (PLAIN, "malta-01"),
        (PLAIN, "malta-000"),
        (PLAIN, "malta-000-1"),
        (PLAIN, "malta-001-0"),
        (PLAIN, "malta-001-1-1"),
        (PLAIN, "malta-001-1-00"),
        (PLAIN, "gozo-001"),
    ],
)
def test_not_a_code(scheme, code):
    assert not is_valid(code, scheme)


def test_running_numbers():
    assert number_of("371602001005307", CN) == 7
    assert number_of("3716020010053", CN) == 3
    assert number_of("371602001005", CN) == 5
    assert number_of("malta-1000", PLAIN) == 1000
    assert number_of("malta-001-12-034", PLAIN) == 34


def test_the_error_names_the_wanted_shapes():
    with pytest.raises(InputError, match="371602000001, 3716020000011, 371602000001101"):
        level_of("3716", CN)
    with pytest.raises(InputError, match="malta-001-1-01"):
        parent_of("3716", PLAIN)
    with pytest.raises(InputError, match="letters, digits"):
        scheme_of("a/b")


def test_a_lattice_is_read_like_a_page():
    fields = [box(x, y, x + 1, y + 1) for y in (2, 1, 0) for x in (0, 1, 2)]
    codes = number(fields, ["3716020010051"] * 9, level=Level.SMALL, scheme=CN)
    assert codes.tolist() == [f"37160200100510{n}" for n in range(1, 10)]


def test_rows_bear_less_than_half_a_height_of_jitter():
    at = [(0, 10.0), (1, 9.51), (2, 10.0), (0, 9.0), (1, 8.51), (3, 8.49)]
    fields = np.array([box(x, y, x + 1, y + 1) for x, y in at])
    assert reading_order(fields).tolist() == [0, 1, 2, 3, 4, 5]
    lower = np.array([box(0, 9.5, 1, 10.5), box(-1, 9, 0, 10)])  # exactly half: the next row
    assert reading_order(lower).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("fields", "order"),
    [
        # a tall one in the west, in the middle, in the east of two that lie above each other
        ([(0, 0, 1, 2), (1, 1, 2, 2), (1, 0, 2, 1)], [0, 1, 2]),
        ([(0, 1, 1, 2), (0, 0, 1, 1), (1, 0, 2, 2)], [0, 1, 2]),
        ([(0, 1, 1, 2), (0, 0, 1, 1), (1, 0, 2, 2), (2, 1, 3, 2), (2, 0, 3, 1)], [0, 1, 2, 3, 4]),
        # a wide one below two
        ([(0, 1, 1, 2), (1, 1, 2, 2), (0, 0, 2, 1)], [0, 1, 2]),
        # a pinwheel around a square: each of four is before the next
        ([(0, 1, 1, 3), (1, 2, 3, 3), (2, 0, 3, 2), (0, 0, 2, 1), (1, 1, 2, 2)], [0, 1, 4, 3, 2]),
    ],
)
def test_neighbours_of_unlike_height_are_read_west_to_east_and_north_to_south(fields, order):
    shapes = np.array([box(*each) for each in fields], dtype=object)
    assert reading_order(shapes).tolist() == order
    back = reading_order(shapes[::-1])
    assert (len(fields) - 1 - back).tolist() == order


@pytest.mark.parametrize(("lower_m", "order"), [(49.9, [1, 0]), (50.1, [0, 1])])
def test_a_row_is_half_the_median_height_deep(lower_m, order):
    """Fields 100 m high, but for one far to the south that is higher: the median is 100 m."""
    fields = [box(100, 0, 200, 100), box(0, -lower_m, 100, 100 - lower_m), box(0, -900, 9, -400)]
    assert reading_order(np.array(fields)).tolist() == [*order, 2]


def test_each_parent_counts_for_itself():
    fields = [box(x, 0, x + 1, 1) for x in range(4)]
    parents = ["malta-002", "malta-001", "malta-002", "malta-001"]
    codes = number(fields, parents, level=Level.MEDIUM, scheme=PLAIN)
    assert codes.tolist() == ["malta-002-1", "malta-001-1", "malta-002-2", "malta-001-2"]


def test_large_grids_under_district_or_street():
    fields = [box(1, 0, 2, 1), box(0, 0, 1, 1)]
    cn = number(fields, ["371602"] * 2, level=Level.LARGE, scheme=CN)
    assert cn.tolist() == ["371602000002", "371602000001"]
    street = number(fields, ["371602003"] * 2, level=Level.LARGE, scheme=CN)
    assert street.tolist() == ["371602003002", "371602003001"]
    plain = number(fields, ["malta"] * 2, level=Level.LARGE, scheme=PLAIN)
    assert plain.tolist() == ["malta-002", "malta-001"]
    with pytest.raises(InputError, match="one level up"):
        number(fields, ["371602001005"] * 2, level=Level.SMALL, scheme=CN)
    with pytest.raises(InputError, match="one level up"):
        number(fields, ["gozo"] * 2, level=Level.LARGE, scheme=PLAIN)


def test_the_tenth_medium_is_an_error_or_widens():
    fields = [box(x, 0, x + 1, 1) for x in range(10)]
    with pytest.raises(InputError, match=r"10 medium grids in 371602001005; wanted at most 9"):
        number(fields, ["371602001005"] * 10, level=Level.MEDIUM, scheme=CN)
    codes = number(fields, ["malta-001"] * 10, level=Level.MEDIUM, scheme=PLAIN)
    assert codes.tolist() == [f"malta-001-{n:02d}" for n in range(1, 11)]
    assert sorted(codes) == codes.tolist()  # one width in a call: text order is number order


def test_a_hundred_smalls():
    fields = [box(x, 0, x + 1, 1) for x in range(100)]
    ninety_nine = number(fields[:99], ["3716020010051"] * 99, level=Level.SMALL, scheme=CN)
    assert ninety_nine[-1] == "371602001005199"
    with pytest.raises(InputError, match="at most 99"):
        number(fields, ["3716020010051"] * 100, level=Level.SMALL, scheme=CN)


def test_no_grids():
    assert number([], [], level=Level.SMALL, scheme=CN).tolist() == []


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9), st.integers(0, 3)),
        min_size=1,
        max_size=30,
    ),
    st.randoms(use_true_random=False),
)
def test_order_and_start_of_rings_do_not_matter(places, random):
    fields = [box(x, y, x + w, y + 1 + w % 3) for x, y, w, _ in places]
    turned = [_start_ring_at(f, turn) for f, (*_, turn) in zip(fields, places, strict=True)]
    first = [fields[i].wkb for i in reading_order(np.array(fields))]
    order = list(range(len(fields)))
    random.shuffle(order)
    shuffled = [turned[i] for i in order]
    second = [fields[order[i]].wkb for i in reading_order(np.array(shuffled))]
    assert first == second


def _start_ring_at(field, turn):
    ring = list(field.exterior.coords)[:-1]
    return Polygon(ring[turn:] + ring[:turn])


def test_moving_the_district_keeps_the_order():
    rng = np.random.default_rng(3)
    fields = np.array([Point(*at).buffer(3) for at in rng.uniform(0, 100, (40, 2))])
    moved = transform(fields, lambda xy: xy + np.array([500_000.0, 4_138_000.0]))
    assert reading_order(fields).tolist() == reading_order(moved).tolist()
