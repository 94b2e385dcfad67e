import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.decay import (
    DECAYS,
    Exponential,
    Gaussian,
    Linear,
    Logistic,
    StepDecay,
    Zones,
    decay,
)
from geo.errors import InputError

T = 900.0
names = st.sampled_from(sorted(DECAYS))


@pytest.mark.parametrize("name", sorted(DECAYS))
def test_one_at_the_door_nothing_beyond_nothing_where_unreached(name):
    weight = decay(name, minutes=15)
    found = weight([0.0, 900.01, 1e9, math.inf, math.nan])
    assert found[0] == pytest.approx(1, abs=1e-15)
    assert found[1:].tolist() == [0, 0, 0, 0]
    assert weight(0.0).shape == ()
    assert weight(np.zeros((2, 3))).shape == (2, 3)
    assert weight.formula
    assert weight.reference
    assert weight.parameters["threshold_s"] == T


@given(names, st.floats(0.5, 7200), st.lists(st.floats(0, 8000), min_size=2, max_size=30))
def test_weights_are_shares_that_never_grow_with_time(name, threshold_s, times):
    times = np.sort(times)
    found = DECAYS[name](threshold_s)(times)
    assert ((found >= 0) & (found <= 1 + 1e-15)).all()
    assert (np.diff(found) <= 1e-15).all()
    assert (found[times > threshold_s] == 0).all()


@given(
    st.floats(1, 7200),
    st.floats(1e-2, 1e5),
    st.floats(1e-2, 1e5),
    st.lists(st.floats(0, 8000), min_size=2, max_size=30),
)
def test_so_they_are_with_any_parameters(threshold_s, one, two, times):
    times = np.sort(times)
    for weight in (Exponential(threshold_s, one), Logistic(threshold_s, one, two)):
        found = weight(times)
        assert ((found >= 0) & (found <= 1 + 1e-12)).all()
        assert (np.diff(found) <= 1e-12).all()
        assert weight(0.0) == pytest.approx(1, abs=1e-12)


def test_by_hand():
    assert StepDecay(T)([0, 899.99, 900.0]).tolist() == [1, 1, 1]
    assert Linear(T)([300, 600]) == pytest.approx([2 / 3, 1 / 3])
    foot = math.exp(-0.5)
    assert Gaussian(T)([450]) == pytest.approx([(math.exp(-0.125) - foot) / (1 - foot)])
    assert Gaussian(T)([900]).tolist() == [0]
    assert Exponential(T, 300)([300, 600, 900]) == pytest.approx([0.5, 0.25, 0.125])
    k = 60 * math.sqrt(3) / math.pi
    door = 1 + math.exp(-400 / k)
    assert Logistic(T, 400, 60)([400, 500]) == pytest.approx(
        [door / 2, door / (1 + math.exp(100 / k))]
    )
    assert Zones(T)([300, 300.01, 600, 900]).tolist() == [1, 0.68, 0.68, 0.22]
    assert Zones(T, (0.5, 1.0), (1.0, 0.0))([450, 451]).tolist() == [1, 0]


def test_the_threshold_in_minutes():
    assert decay("step", minutes=15) == StepDecay(900.0)
    assert decay("exponential", minutes=10) == Exponential(600.0, 300.0)
    assert decay("logistic", minutes=10) == Logistic(600.0, 300.0, 60.0)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: decay("inverse", minutes=15), "step, linear, gaussian"),
        (lambda: decay("step", minutes=0), "more than 0"),
        (lambda: StepDecay(math.nan), "more than 0"),
        (lambda: Linear(math.inf), "more than 0"),
        (lambda: Exponential(T, -1), "half_s"),
        (lambda: Logistic(T, 1, -1), "spread_s"),
        (lambda: Zones(T, (0.5, 0.9), (1, 0.5)), "ascending to 1"),
        (lambda: Zones(T, (0.5, 1.0), (1.0,)), "as many weights"),
        (lambda: Zones(T, (0.5, 1.0), (0.5, 0.6)), "1 first"),
        (lambda: Zones(T, (), ()), "as many weights"),
    ],
)
def test_what_is_no_decay_is_told(make, told):
    with pytest.raises(InputError, match=told):
        make()
