"""Left-overs covered exactly: a drawing where there is one, else the proof that there is none."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.partition.optimise.exact_cover import CoverSearch, cover

SIDE = 3
PAIRS = [
    (a, b)
    for a, b in combinations(range(SIDE * SIDE), 2)
    if b - a == SIDE or (b - a == 1 and b % SIDE)
]


def is_connected(some):
    reached, front = {min(some)}, [min(some)]
    while front:
        at = front.pop()
        for pair in PAIRS:
            if at in pair:
                other = sum(pair) - at
                if other in some and other not in reached:
                    reached.add(other)
                    front.append(other)
    return len(reached) == len(some)


def can_be(weight, left):
    """Try every way."""
    if not left:
        return True
    first, rest = min(left), sorted(left - {min(left)})
    return any(
        30 <= sum(weight[i] for i in (first, *others)) <= 50
        and is_connected({first, *others})
        and can_be(weight, left - {first, *others})
        for k in range(len(rest) + 1)
        for others in combinations(rest, k)
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 45), min_size=SIDE * SIDE, max_size=SIDE * SIDE))
def test_there_is_a_drawing_exactly_where_trying_all_finds_one(weight):
    answer = cover(np.array(weight), np.array(PAIRS), (30, 50))
    if not can_be(weight, set(range(SIDE * SIDE))):
        assert answer is CoverSearch.NONE
        return
    sums = np.bincount(answer, weights=weight)
    assert ((sums >= 30) & (sums <= 50)).all()
    assert all(is_connected(set(np.flatnonzero(answer == g).tolist())) for g in set(answer))


def test_too_many_steps_prove_nothing():
    weight = np.full(SIDE * SIDE, 26)
    weight[0] = 6
    assert cover(weight, np.array(PAIRS), (30, 50), steps=1) is CoverSearch.UNKNOWN
