import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.inequality import distribution, equity_table, theil_parts
from geo.errors import InputError
from tests.scenes import EAST, LARGE, NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, tiny_layers

numbers = st.lists(
    st.tuples(st.floats(0, 1e4, allow_subnormal=False), st.integers(0, 50)),
    min_size=1,
    max_size=25,
)


def plain_gini(values):
    """Return half the mean difference by the mean, from all pairs."""
    values = np.asarray(values, float)
    return np.abs(values[:, None] - values).mean() / (2 * values.mean())


def test_by_hand():
    d = distribution([1, 2, 3, 4])
    assert d.mean == 2.5
    assert d.gini == pytest.approx(0.25)
    assert d.theil == pytest.approx(sum(x / 2.5 * math.log(x / 2.5) for x in (1, 2, 3, 4)) / 4)
    assert d.palma == pytest.approx((0.4 * 4) / (1 + 0.6 * 2))  # a tenth of 4, the 4th household
    assert [d.percentile(p) for p in (0, 25, 26, 50, 100)] == [1, 1, 2, 2, 4]


@pytest.mark.parametrize("n", [2, 3, 10])
def test_one_has_everything(n):
    d = distribution([0.0] * (n - 1) + [5.0])
    assert d.gini == pytest.approx((n - 1) / n)
    assert d.theil == pytest.approx(math.log(n))
    assert math.isnan(d.palma) == (n > 1)
    assert d.reason == "bottom_zero"


@given(st.floats(1e-3, 1e6), st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20))
def test_all_are_equal(value, weights):
    d = distribution([value] * len(weights), weights)
    assert d.mean == pytest.approx(value)
    assert d.gini == pytest.approx(0, abs=1e-12)
    assert d.theil == pytest.approx(0, abs=1e-12)
    assert d.palma == pytest.approx(0.25)
    assert {d.percentile(p) for p in (0, 10, 50, 100)} == {value}
    assert d.reason == ""


@given(numbers)
def test_a_weight_is_as_many_households(pairs):
    values, weights = (np.array(x) for x in zip(*pairs, strict=True))
    one, each = distribution(values, weights), distribution(np.repeat(values, weights))
    assert one.reason == each.reason
    for name in ("weight", "mean", "gini", "theil", "palma"):
        assert getattr(one, name) == pytest.approx(
            getattr(each, name), rel=1e-9, abs=1e-9, nan_ok=True
        )
    if weights.sum():
        for percent in (0, 10, 50, 90, 100):
            plain = np.quantile(np.repeat(values, weights), percent / 100, method="inverted_cdf")
            assert one.percentile(percent) == plain
    if (values * weights).sum() > 0:
        assert one.gini == pytest.approx(plain_gini(np.repeat(values, weights)), abs=1e-9)


@given(numbers, st.floats(0.01, 100))
def test_the_unit_does_not_matter_and_measures_stay_in_range(pairs, factor):
    values, weights = (np.array(x, float) for x in zip(*pairs, strict=True))
    one, scaled = distribution(values, weights), distribution(values * factor, weights * 3)
    if one.reason in {"no_weight", "all_zero"} or scaled.reason == "all_zero":
        return
    assert 0 <= one.gini < 1
    assert 0 <= one.theil <= math.log(one.weight) + 1e-9
    assert scaled.gini == pytest.approx(one.gini, abs=1e-9)
    assert scaled.theil == pytest.approx(one.theil, abs=1e-9)
    rising = [one.percentile(p) for p in range(0, 101, 5)]
    assert all(a <= b for a, b in pairwise(rising))
    assert rising[0] <= one.mean * (1 + 1e-12)
    assert one.mean <= rising[-1] * (1 + 1e-12)


def test_giving_from_rich_to_poor_makes_it_more_even():
    before, after = distribution([1, 2, 7, 10]), distribution([1, 3, 6, 10])
    for name in ("gini", "theil", "palma"):
        assert getattr(after, name) < getattr(before, name)


def test_what_has_no_answer_is_nan_with_a_reason():
    for empty in (distribution([]), distribution([1, 2], [0, 0]), distribution([np.nan], [4])):
        assert empty.reason == "no_weight"
        assert math.isnan(empty.mean)
        assert math.isnan(empty.gini)
        assert math.isnan(empty.theil)
        assert math.isnan(empty.palma)
        assert math.isnan(empty.percentile(50))
    assert distribution([np.nan, 1], [4, 1]).excluded == 4
    zero = distribution([0, 0], [1, 2])
    assert zero.reason == "all_zero"
    assert (zero.mean, zero.percentile(50)) == (0, 0)
    assert math.isnan(zero.gini)
    assert math.isnan(zero.theil)
    assert math.isnan(zero.palma)
    single = distribution([42.0], [3])
    assert (single.mean, single.gini, single.theil) == (42, 0, 0)
    assert single.palma == pytest.approx(0.25)


def test_what_is_no_distribution_is_told():
    for bad in ([-1.0], [np.inf]):
        with pytest.raises(InputError, match="at least 0"):
            distribution(bad)
    for bad in ([-1.0], [np.nan], [np.inf]):
        with pytest.raises(InputError, match="weights"):
            distribution([1.0], bad)
    with pytest.raises(InputError, match="as many"):
        distribution([1.0, 2.0], [1.0])
    with pytest.raises(InputError, match="0 to 100"):
        distribution([1.0]).percentile(101)


def test_theil_between_and_within_by_hand():
    only_between = theil_parts([1, 1, 3, 3], [1, 1, 1, 1], ["a", "a", "b", "b"])
    assert only_between.within == 0
    assert only_between.between == pytest.approx(0.25 * math.log(0.5) + 0.75 * math.log(1.5))
    only_within = theil_parts([1, 3, 1, 3], [1, 1, 1, 1], ["a", "a", "b", "b"])
    assert only_within.between == pytest.approx(0, abs=1e-15)
    assert only_within.within == pytest.approx(only_between.between)
    assert math.isnan(theil_parts([0, 0], [1, 1], ["a", "b"]).total)
    assert math.isnan(theil_parts([], [], []).within)


@given(numbers, st.data())
def test_the_parts_of_theil_make_the_whole(pairs, data):
    values, weights = (np.array(x, float) for x in zip(*pairs, strict=True))
    names = st.sampled_from(["a", "b", "c", None])
    groups = data.draw(st.lists(names, min_size=len(values), max_size=len(values)))
    parts = theil_parts(values, weights, groups)
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-9, nan_ok=True)


def members():
    small = [NORTH_WEST, NORTH_WEST, SOUTH_WEST, NORTH_EAST, SOUTH_EAST, SOUTH_EAST]
    return pd.DataFrame(
        {"small": small, "medium": [s[:13] for s in small], "large": [s[:12] for s in small]}
    )


def test_a_table_by_grid():
    layers = tiny_layers()
    values = [100, 400, np.nan, 300, 0, 700]
    weights = layers.buildings["households"]  # 1, 2, 4, 8, 16, 0
    table = equity_table(values, layers, weights=weights, by="small", members=members())
    table = table.set_index("code")
    assert table["buildings"].to_dict() == {
        NORTH_WEST: 2, SOUTH_WEST: 1, NORTH_EAST: 1, SOUTH_EAST: 2,
    }  # fmt: skip
    row = table.loc[NORTH_WEST]
    assert (row["weight"], row["mean"], row["p10"], row["p50"], row["p90"]) == (
        3,
        300,
        100,
        400,
        400,
    )
    assert row["gini"] == pytest.approx(plain_gini([100, 400, 400]))
    assert table["reason"].tolist() == ["", "no_weight", "", "all_zero"]
    assert table.loc[SOUTH_WEST, "excluded"] == 4
    assert math.isnan(table.loc[SOUTH_WEST, "mean"])
    assert table.loc[NORTH_EAST, "gini"] == 0
    medium = equity_table(values, layers, weights=weights, by="medium", members=members())
    assert medium["weight"].tolist() == [3, 24]
    assert medium["excluded"].tolist() == [4, 0]


def test_a_table_of_the_district_and_of_grids_without_buildings():
    layers = tiny_layers()
    outside = members()
    outside.loc[:, :] = None
    values, weights = np.arange(6.0), np.ones(6)
    (row,) = equity_table(values, layers, weights=weights, by="district", members=outside).to_dict(
        "records"
    )
    assert (row["code"], row["level"], row["buildings"], row["weight"]) == ("", "district", 6, 6)
    assert row["gini"] == pytest.approx(plain_gini(values))
    table = equity_table(values, layers, weights=weights, by="large", members=outside)
    assert table[["code", "buildings", "weight", "reason"]].to_numpy().tolist() == [
        [LARGE, 0, 0, "no_weight"]
    ]
    some = members()
    some.loc[some["medium"] == EAST] = None
    east = equity_table(values, layers, weights=weights, by="medium", members=some)
    assert east["weight"].tolist() == [3, 0]


@pytest.mark.parametrize(("short", "median"), [(0.0, 1), (0.5, 1), (2.0, 9), (1e3, 9)])
def test_a_percentile_forgives_a_rounding_of_the_weight_and_no_more(short, median):
    """`short`: by how many slacks (1e-12 of the weight) the lower value misses one half."""
    half = 0.5 - short * 1e-12
    assert distribution([1, 9], [half, 1 - half]).percentile(50) == median


def test_sums_of_tenths_reach_their_percentile():
    """Three times 0.1 and three of ten are not the same number."""
    d = distribution(range(1, 11), [0.1] * 10)
    assert [d.percentile(p) for p in range(10, 101, 10)] == list(range(1, 11))


def test_the_lower_40_and_the_upper_10_per_cent_end_where_their_name_says():
    d = distribution([1, 2, 3, 5, 100], [40, 1, 48, 1, 10])
    assert d.palma == pytest.approx(1_000 / 40)  # another share would cut into a neighbour
