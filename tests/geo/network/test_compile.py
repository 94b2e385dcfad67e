"""The compiled network: which components are tiny islands."""

import numpy as np
import pytest

from geo.network.compile import LONGEST_TICKS, TINY_ISLAND_M, standing, to_ticks
from geo.network.snap_kernel import CLOSED, ORDINARY, RAISED, RAISED_TINY, TINY
from tests.towns import ADULT


@pytest.mark.parametrize(
    ("lengths_m", "tiny"),
    [
        ([5000.0, 1000.0, 999.999], [False, False, True]),
        ([1000.0], [False]),
        ([999.0, 998.0], [False, True]),  # the largest is none, however short it is
        ([], []),
    ],
)
def test_an_island_is_tiny_below_a_kilometre(lengths_m, tiny):
    assert TINY_ISLAND_M == 1_000
    edges = np.arange(len(lengths_m)).repeat(2)
    found = standing(np.zeros(len(edges), int), edges, np.array(lengths_m))
    assert found.tolist() == [TINY if each else ORDINARY for each in tiny for _ in "ab"]


def test_edges_on_other_levels_come_after_those_on_the_ground():
    edges = np.array([0, 0, 0, 1, 1])
    found = standing(np.array([0, 1, -2, 0, -1]), edges, np.array([5000.0, 999.0]))
    assert found.tolist() == [ORDINARY, RAISED, RAISED, TINY, RAISED_TINY]
    assert ORDINARY < TINY < RAISED < RAISED_TINY < CLOSED


def test_no_walk_takes_longer_than_the_longest():
    longest_m = LONGEST_TICKS / 10_000 * 1.25
    assert to_ticks([longest_m - 1, longest_m, longest_m + 1, np.inf], ADULT).tolist() == [
        LONGEST_TICKS - 8_000, LONGEST_TICKS, LONGEST_TICKS, LONGEST_TICKS,
    ]  # fmt: skip
