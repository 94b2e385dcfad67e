"""The search itself: trees cut exactly, compounds near the proven optimum, pairs at their best."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.partition.atoms.band import SMALL_BAND, Band
from geo.partition.atoms.enclosures import enclosures
from geo.partition.atoms.weights import Weights
from geo.partition.optimise.spanning_trees import cut_tree, draw, penalty, spanning_forest
from geo.partition.pipeline import partition
from geo.partition.search import search
from tests.geo.partition.partition_scene import CODE, atoms_of, box, lattice, neighbourhood
from tests.oracles.compound import fewest_cuts


@st.composite
def trees(draw_):
    n = draw_(st.integers(1, 9))
    ends = [(draw_(st.integers(0, i - 1)), i) for i in range(1, n)]
    return [draw_(st.integers(0, 30)) for _ in range(n)], np.array(ends, np.int64).reshape(-1, 2)


def cost(weight, ends, cut, low, high):
    """Price one way to cut a tree; groups in the band cost nothing."""
    group = list(range(len(weight)))
    for (one, two), parted in zip(ends.tolist(), cut, strict=True):
        if not parted:
            group = [group[one] if g == group[two] else g for g in group]
    sums = {g: sum(w for w, h in zip(weight, group, strict=True) if h == g) for g in group}
    return sum(penalty(s, low, high) for s in sums.values())


@settings(deadline=None)
@given(trees())
def test_a_tree_is_cut_into_the_band_if_it_can_be(tree):
    weight, ends = tree
    low, high = 12, 20
    group = cut_tree(
        np.array(weight), ends, np.arange(len(ends)), np.zeros(len(ends), bool),
        (low, high, 16.0, 0.0),
    )  # fmt: skip
    ours = [group[one] != group[two] for one, two in ends.tolist()]
    best = min(cost(weight, ends, cut, low, high) for cut in product([0, 1], repeat=len(ends)))
    assert (cost(weight, ends, ours, low, high) == 0) == (best == 0)


def test_edges_that_hold_together_are_not_cut():
    ends = np.array([[0, 1], [1, 2], [2, 3]])
    whole = np.array([False, True, False])
    group = cut_tree(np.array([10, 10, 10, 10]), ends, np.arange(3), whole, (20, 20, 20.0, 0.0))
    assert group[1] == group[2]


def test_the_forest_takes_the_lowest_keys():
    ends = np.array([[0, 1], [1, 2], [0, 2], [3, 4]])
    assert spanning_forest(5, ends, np.array([3.0, 1.0, 2.0, 9.0])).tolist() == [1, 2, 3]


def test_random_numbers_repeat_and_spread():
    one, two = (np.array([7], np.uint64) for _ in range(2))
    first = [draw(one) for _ in range(2000)]
    assert first == [draw(two) for _ in range(2000)]
    assert np.mean(first) == pytest.approx(0.5, abs=0.02)
    assert 0 <= min(first) < 0.01
    assert 0.99 < max(first) < 1


ANY = Band(1, 500, 100)
"""Beats that ask nothing, so that only the small grids count."""

COMPOUNDS = [
    (lattice(6, 4), [10] * 24),
    (lattice(5, 4), [12] * 20),
    (lattice(8, 3), [10, 12] * 12),
    (lattice(6, 6), [10] * 36),
    (lattice(7, 3), [14] * 21),
    (lattice(5, 5), [18, 10, 22, 12, 10] * 5),
]


def cuts(places, households):
    """Return the borders that the search cuts in one compound, and the proven fewest."""
    layers = neighbourhood(places, households)
    area = box(0, 0, max(x for x, _ in places) + 10, max(y for _, y in places) + 10)
    atoms = atoms_of(area, layers)
    n = len(atoms.households)
    enclosure = enclosures(atoms, SMALL_BAND, fixed=np.zeros(n, bool))
    groups = search(
        atoms, enclosure, np.zeros(n, np.int64), bands=(SMALL_BAND, ANY), seed=1,
        watch=lambda _: None,
        weights=Weights(shape=0.0, cut=1.0, beat_shape=0.0, beat_cut=0.0, beat=0.0),
    )  # fmt: skip
    people = np.bincount(groups.small, weights=atoms.households)
    assert set(people[people > 0]) <= set(range(30, 51))
    best = fewest_cuts(atoms.households.tolist(), atoms.pairs, SMALL_BAND.low, SMALL_BAND.high)
    return int((groups.small[atoms.pairs[:, 0]] != groups.small[atoms.pairs[:, 1]]).sum()), best


def test_cut_borders_are_within_five_percent_of_the_proven_fewest():
    ours, best = zip(*(cuts(*compound) for compound in COMPOUNDS), strict=True)
    assert all(b <= a <= b + 1 for a, b in zip(ours, best, strict=True))
    assert sum(ours) <= 1.05 * sum(best)


def test_weights_may_be_whole_numbers():
    layers = neighbourhood(lattice(4, 2), [20] * 8)
    area = box(0, 0, 80, 40)
    whole = partition(area, layers, code=CODE, weights=Weights(shape=8, cut=3, beat=250))
    same = partition(area, layers, code=CODE, weights=Weights(shape=8.0, cut=3.0, beat=250.0))
    assert whole.grids.to_wkb().equals(same.grids.to_wkb())
    assert whole.report.in_band == 4
