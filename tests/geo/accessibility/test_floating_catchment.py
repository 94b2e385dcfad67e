from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.decay import DECAYS, Decay, Gaussian, Linear, Logistic, StepDecay, Zones
from geo.accessibility.floating_catchment import (
    FAINT,
    Method,
    default_decay,
    demand_of,
    supply_access,
)
from geo.errors import EmptyError, InputError
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.routing.od_pairs import OdPairs, pairs_within
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.scenes import tiny_district
from tests.towns import town, towns

ADULT = Profile("adult", "成人", "Adult", 1.25)
STREET = {"u": 1, "v": 2, "coords": [(0, 0), (4000, 0)]}
SHARING = [Method.TWO_STEP, Method.ENHANCED, Method.THREE_STEP]


def reach_of(layers, *, limit_s=900.0, category="a"):
    return pairs_within(
        snap_layers(layers, compile_network(layers, ADULT), ()),
        category=category,
        limit_s=limit_s,
    )


def ones(layers):
    return pd.Series(1.0, layers.service_points.index)


def hand_made(table, *, limit_s=900.0) -> OdPairs:
    """Return a reach from seconds, buildings in rows, points in columns, NaN for none."""
    table = np.asarray(table, np.float64)
    rows = [
        sorted((t, j) for j, t in enumerate(row) if t <= limit_s)
        for row in table  # NaN is never within
    ]
    return OdPairs(
        category="a",
        limit_s=limit_s,
        begin=np.cumsum([0, *(len(row) for row in rows)]),
        point=np.array([j for row in rows for _, j in row], np.int64),
        time_s=np.array([t for row in rows for t, _ in row], np.float64),
        points=np.arange(table.shape[1]),
        reason=np.array([""] * len(table), dtype=object),
        point_reason=np.array([""] * table.shape[1], dtype=object),
    )


def test_one_point_alone_is_shared_by_all_who_reach_it():
    layers = town([STREET], homes=[(0, 0), (500, 0), (2000, 0)], points=[(100, 0)])
    demand = pd.Series([10, 30, 5], index=layers.buildings.index)
    found = supply_access(reach_of(layers), demand=demand, supply=ones(layers) * 8)
    assert found.score.tolist() == [0.2, 0.2, 0]
    assert found.ratio.tolist() == [0.2]
    assert (found.reached, found.idle, found.unlinked) == (8, 0, 0)


def test_two_steps_by_hand():
    both = hand_made([[100, 800], [100, np.nan], [np.nan, 100]])
    demand, supply = pd.Series([10, 20, 30]), pd.Series([3, 8])
    found = supply_access(both, demand=demand, supply=supply)
    assert found.score.tolist() == pytest.approx([3 / 30 + 8 / 40, 3 / 30, 8 / 40])


def test_three_steps_by_hand():
    weight = Linear(1000.0)
    two = hand_made([[0, 500], [np.nan, 500]], limit_s=1000)
    demand, supply = pd.Series([10, 20]), pd.Series([1, 1])
    found = supply_access(two, demand=demand, supply=supply, method=Method.THREE_STEP, decay=weight)
    # first building: weights 1 and 1/2, chosen with 2/3 and 1/3; second: weight 1/2, chosen with 1
    load = [2 / 3 * 1 * 10, 1 / 3 * 0.5 * 10 + 0.5 * 20]
    assert found.ratio.tolist() == pytest.approx([1 / load[0], 1 / load[1]])
    assert found.score.tolist() == pytest.approx([2 / 3 / load[0] + 1 / 6 / load[1], 0.5 / load[1]])


def test_enhanced_by_hand_and_gravity():
    two = hand_made([[100], [400], [700]])
    demand, supply = pd.Series([1, 1, 1]), pd.Series([19.0])
    found = supply_access(two, demand=demand, supply=supply, method=Method.ENHANCED)
    assert found.decay == Zones(900.0)
    assert found.score.tolist() == pytest.approx([10, 6.8, 2.2])
    pull = supply_access(
        two, demand=demand, supply=supply, method=Method.GRAVITY, decay=Linear(900.0)
    )
    assert pull.score.tolist() == pytest.approx([19 * 8 / 9, 19 * 5 / 9, 19 * 2 / 9])
    assert pull.ratio.isna().all()


def test_defaults_are_the_published_ones():
    assert default_decay(Method.TWO_STEP, threshold_s=600) == StepDecay(600)
    assert default_decay(Method.THREE_STEP, threshold_s=600) == Gaussian(600)
    assert default_decay(Method.GRAVITY, threshold_s=600).name == "exponential"


@examples(30)
@given(
    st.data(),
    st.sampled_from(SHARING),
    st.sampled_from(sorted(DECAYS)),
    st.integers(1, 12),
    st.integers(0, 6),
)
def test_what_is_shared_is_what_is_reached(data, method, name, n, m):
    seconds = st.floats(0, 1200) | st.just(np.nan)
    cells = data.draw(st.lists(seconds, min_size=n * m, max_size=n * m))
    some = hand_made(np.reshape(cells, (n, m)))
    demand = pd.Series(data.draw(st.lists(st.integers(0, 500), min_size=n, max_size=n)))
    supply = pd.Series(
        data.draw(st.lists(st.floats(0, 1e4), min_size=m, max_size=m)), dtype=np.float64
    )
    found = supply_access(
        some, demand=demand, supply=supply, method=method, decay=DECAYS[name](900.0)
    )
    assert (found.score * demand).sum() == pytest.approx(found.reached, rel=1e-9, abs=1e-9)
    assert found.reached + found.idle == pytest.approx(supply.sum(), rel=1e-12)
    assert np.isfinite(found.score).all()
    assert (found.score >= 0).all()


@examples(10)
@given(towns(), st.sampled_from(SHARING))
def test_so_it_is_in_random_towns(layers, method):
    demand = demand_of(layers)
    found = supply_access(reach_of(layers), demand=demand, supply=ones(layers), method=method)
    assert found.score.index.equals(layers.buildings.index)
    assert (found.score * demand).sum() == pytest.approx(found.reached, rel=1e-9, abs=1e-12)
    total = (layers.service_points["category"] == "a").sum()
    assert found.reached + found.idle + found.unlinked == pytest.approx(total)


@examples(15)
@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from(SHARING), st.floats(0, 899))
def test_where_all_reach_all_alike_everybody_gets_the_same(n, m, method, seconds):
    alike = hand_made(np.full((n, m), seconds))
    demand, supply = pd.Series(np.full(n, 7.0)), pd.Series(np.full(m, 3.0))
    found = supply_access(alike, demand=demand, supply=supply, method=method)
    assert found.score.tolist() == pytest.approx([3 * m / (7 * n)] * n)


def test_three_steps_without_a_choice_are_two_steps():
    single = hand_made([[100], [500], [900]])
    demand, supply = pd.Series([1, 2, 3]), pd.Series([6])
    for decay in (StepDecay(900.0), Gaussian(900.0)):
        one, two = (
            supply_access(single, demand=demand, supply=supply, method=method, decay=decay)
            for method in (Method.TWO_STEP, Method.THREE_STEP)
        )
        assert one.score.tolist() == pytest.approx(two.score.tolist())


def test_no_demand_no_supply_no_points_no_links():
    layers = town([STREET], homes=[(0, 0), (500, 0)], points=[(100, 0)])
    within = reach_of(layers)
    nobody = supply_access(within, demand=pd.Series([0, 0]), supply=ones(layers))
    assert nobody.score.tolist() == [0, 0]
    assert np.isnan(nobody.ratio[0])
    assert (nobody.reached, nobody.idle, nobody.unlinked) == (0, 1, 0)
    nothing = supply_access(within, demand=pd.Series([1, 1]), supply=ones(layers) * 0)
    assert nothing.score.tolist() == [0, 0]
    assert nothing.ratio.tolist() == [0]
    none = supply_access(
        reach_of(layers, category="b"), demand=pd.Series([1, 1]), supply=ones(layers)
    )
    assert none.score.tolist() == [0, 0]
    assert none.ratio.empty
    bare = replace(layers, walk_edges=layers.walk_edges.iloc[:0])
    cut_off = supply_access(reach_of(bare), demand=pd.Series([1, 1]), supply=ones(layers))
    assert cut_off.score.isna().all()
    assert (cut_off.reached, cut_off.idle, cut_off.unlinked) == (0, 0, 1)


def test_a_building_without_households_gets_its_neighbours_score():
    both = hand_made([[100, np.nan], [100, 100]])
    found = supply_access(both, demand=pd.Series([5, 0]), supply=pd.Series([1, 1]))
    assert found.score.tolist() == [0.2, 0.2]
    assert (found.reached, found.idle) == (1, 1)


def test_weights_that_vanish_do_not_blow_up():
    steep = Logistic(900.0, 10.0, 1.0)
    far = hand_made([[899.0]])
    found = supply_access(far, demand=pd.Series([5]), supply=pd.Series([1]), decay=steep)
    assert found.score.tolist() == [0]
    assert found.idle == 1


def test_demand_by_group_on_the_index_of_the_buildings():
    district, layers = tiny_district()
    layers = layers.to_metric(district.epsg)
    layers = replace(layers, buildings=layers.buildings.set_index(pd.Index(list("uvwxyz"))))
    assert demand_of(layers, "residents").tolist() == [3, 6, 12, 24, 48, 0]
    demand = demand_of(layers, "residents_60plus")
    found = supply_access(reach_of(layers, category="catering"), demand=demand, supply=ones(layers))
    assert list(found.score.index) == list("uvwxyz")
    assert found.score.tolist() == pytest.approx([2 / 31] * 6)
    assert found.ratio.index.tolist() == [0, 3]


def test_what_does_not_fit_is_told():
    one = hand_made([[100]])
    good = {"demand": pd.Series([1.0]), "supply": pd.Series([1.0])}
    for bad, told in [
        ({"demand": pd.Series([1.0, 2.0])}, "one per building"),
        ({"demand": pd.Series([-1.0])}, "at least 0"),
        ({"supply": pd.Series([np.nan])}, "not finite"),
        ({"supply": pd.Series([], dtype=float)}, "one per service point"),
        ({"decay": StepDecay(901.0)}, "at most the 900 s"),
    ]:
        with pytest.raises(InputError, match=told):
            supply_access(one, **{**good, **bad})
    layers = town([STREET], homes=[(0, 0)], points=[])
    with pytest.raises(InputError, match=r"wanted one of households, .*residents_under15"):
        demand_of(layers, "children")
    with pytest.raises(EmptyError, match="has no residents_under15"):
        demand_of(layers, "residents_under15")


@pytest.mark.parametrize("method", SHARING)
def test_what_is_shared_is_what_is_reached_with_unequal_capacities(method):
    """Points of 40, 0 and 7 beds; the third lies beyond everybody's reach."""
    layers = town(
        [STREET],
        homes=[(0, 0), (400, 0), (900, 0), (1200, 0)],
        points=[(100, 0), (1000, 0), (3900, 0)],
    )
    demand = pd.Series([3.0, 11.0, 0.0, 5.0], layers.buildings.index)
    supply = pd.Series([40.0, 0.0, 7.0], layers.service_points.index)
    found = supply_access(reach_of(layers), demand=demand, supply=supply, method=method)
    assert float((found.score * demand).sum()) == pytest.approx(40, rel=1e-12)
    assert (found.reached, found.idle, found.unlinked) == (40, 7, 0)


@dataclass(frozen=True, slots=True)
class Level(Decay):
    """The same weight up to the threshold."""

    weight: float

    def inside(self, seconds):
        return np.full_like(seconds, self.weight)


@pytest.mark.parametrize(("times", "score"), [(0.999, 0.0), (1.0, 1.6), (1.001, 1.6)])
def test_a_faint_weight_gives_nothing_and_the_faintest_that_counts_gives_all(times, score):
    one = hand_made([[100]])
    found = supply_access(
        one, demand=pd.Series([5]), supply=pd.Series([8]), decay=Level(900.0, times * FAINT)
    )
    assert FAINT == 1e-12
    assert found.score.tolist() == pytest.approx([score])
    assert (found.reached, found.idle) == ((8, 0) if score else (0, 8))
