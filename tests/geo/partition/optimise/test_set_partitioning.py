"""Small grids and beats of a few atoms: as good as the best of all drawings, tried one by one."""

from itertools import combinations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from geo.partition.optimise.local_search import UNITS_MOST, converge, workspace
from geo.partition.optimise.recombination import BEAT_ONLY, cost_of
from tests.examples import examples

OPEN, STREET = 0, 2
CUT = np.array([3.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0])
CROSSED = np.array([0.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0])
RULES = (
    (30, 50, 1.0, 8.0, CUT, CROSSED, 0.0, BEAT_ONLY - 1),
    (80, 120, 0.6, 2.0, np.full(7, 0.3), np.zeros(7), 250.0, BEAT_ONLY),
)


class Town:
    """Atoms on a lattice, with random households, sizes, walls and streets."""

    def __init__(self, columns, rows, households, sizes, *, walls, streets):
        self.n = columns * rows
        at = [(i % columns, i // columns) for i in range(self.n)]
        self.pairs = [
            (a, b)
            for a, b in combinations(range(self.n), 2)
            if abs(at[a][0] - at[b][0]) + abs(at[a][1] - at[b][1]) == 1
        ]
        self.metres = np.full(len(self.pairs), 20.0)
        self.kinds = np.array(
            [
                BEAT_ONLY if e in walls else STREET if e in streets else OPEN
                for e in range(len(self.pairs))
            ]
        )
        area = np.array([400.0 + 40 * s for s in sizes[: self.n]])
        around = 4 * np.sqrt(area) + 20.0
        self.measures = (np.array(households[: self.n], np.int64), area, around)

    def graph(self):
        both = sorted(
            [(a, b, e) for e, (a, b) in enumerate(self.pairs)]
            + [(b, a, e) for e, (a, b) in enumerate(self.pairs)]
        )
        source = np.array([a for a, _, _ in both])
        which = np.array([e for _, _, e in both])
        start = np.searchsorted(source, np.arange(self.n + 1))
        return (
            start.astype(np.int64), np.array([b for _, b, _ in both]), self.metres[which],
            self.kinds[which],
        )  # fmt: skip

    def connected(self, some, kinds):
        reached, front = {min(some)}, [min(some)]
        while front:
            i = front.pop()
            for (a, b), kind in zip(self.pairs, self.kinds, strict=True):
                if kind in kinds and i in {a, b}:
                    j = a + b - i
                    if j in some and j not in reached:
                        reached.add(j)
                        front.append(j)
        return len(reached) == len(some)

    def cost(self, small, beat):
        return sum(
            cost_of(
                np.unique(label, return_inverse=True)[1], self.measures, np.array(self.pairs),
                self.metres, self.kinds, rule,
            )
            for label, rule in zip((small, beat), RULES, strict=True)
        )  # fmt: skip

    def drawings(self):
        """Yield every way to group all atoms into small grids in the band."""
        weight = self.measures[0]
        able = [
            some
            for k in range(1, self.n + 1)
            for some in combinations(range(self.n), k)
            if 30 <= weight[list(some)].sum() <= 50 and self.connected(some, {OPEN, STREET})
        ]

        def fill(left):
            if not left:
                yield ()
                return
            for some in able:
                if some[0] == min(left) and left.issuperset(some):
                    for rest in fill(left.difference(some)):
                        yield (some, *rest)

        yield from fill(frozenset(range(self.n)))

    def best(self):
        """Return the least cost with one or two beats in the band; None if none fits."""
        found = []
        for grids in self.drawings():
            small = np.empty(self.n, np.int64)
            for grid in grids:
                small[list(grid)] = grid[0]
            for mask in range(1 << (len(grids) - 1)):
                beat = np.zeros(self.n, np.int64)
                for k, grid in enumerate(grids):
                    beat[list(grid)] = mask >> k & 1
                sums = np.bincount(beat, weights=self.measures[0])
                if not all(80 <= s <= 120 for s in sums):
                    continue
                if all(
                    self.connected(np.flatnonzero(beat == b).tolist(), {OPEN, STREET, BEAT_ONLY})
                    for b in set(beat.tolist())
                ):
                    found.append(self.cost(small, beat))
        return min(found, default=None)


@st.composite
def towns(draw):
    columns, rows = draw(st.sampled_from([(4, 2), (3, 3), (5, 2), (9, 1)]))
    households = draw(st.lists(st.integers(14, 26), min_size=10, max_size=10))
    sizes = draw(st.lists(st.integers(0, 20), min_size=10, max_size=10))
    walls = draw(st.sets(st.integers(0, 12), max_size=3))
    streets = draw(st.sets(st.integers(0, 12), max_size=4))
    return Town(columns, rows, households, sizes, walls=walls, streets=streets)


@examples(15)
@given(towns())
def test_two_beats_are_drawn_in_the_best_of_all_ways(town):
    best = town.best()
    assume(best is not None)
    atoms = np.arange(town.n)
    small, beat = atoms.copy(), np.zeros(town.n, np.int64)  # each atom a grid, all one beat
    before = town.cost(small, beat)
    converge(atoms, (small, beat), town.graph(), town.measures, RULES, workspace(town.n))
    assert town.n <= UNITS_MOST
    assert abs(town.cost(small, beat) - best) < 1e-6, (before, best)
