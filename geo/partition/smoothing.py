"""Faces where nobody lives, given to the small grid beside them whose outline they suit best.

Before small grids are drawn a face goes to the one home that it borders on most, so that grids can
reach over it. Once they are drawn it may suit the neighbour better: outlines become rounder, and
run along the larger of two streets. Who lives in which grid does not change.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from geo.arrays import BoolArray, IntArray
from geo.partition.atoms.atoms import Atoms, sums
from geo.partition.atoms.cut_lines import Rank
from geo.partition.optimise.recombination import shape_penalty

_SWEEPS: Final = 4
_BETTER: Final = 1e-6
_CROSSED: Final = 0.02
"""What a crossed street counts against the shape of an outline."""

Border = tuple[int, float, int]
"""Atom beyond a border, its metres and what lies on it."""


class _Outlines:
    """Area and outline of each small grid while faces move between them."""

    def __init__(self, atoms: Atoms, small: IntArray, crossing: Sequence[float]) -> None:
        n = len(small)
        one, two = atoms.pairs.T
        inner = small[one] == small[two]
        self.small = small.tolist()
        self.area = sums(small, atoms.area_m2, n)
        around = sums(small, atoms.perimeter_m, n)
        self.around = around - 2 * sums(small[one[inner]], atoms.length_m[inner], n)
        self.atoms = atoms
        self.crossing = [*crossing, *[0.0] * (int(Rank.KEPT) + 1 - len(crossing))]
        self.beside: dict[int, list[Border]] = defaultdict(list)
        rows = zip(atoms.pairs.tolist(), atoms.length_m.tolist(), atoms.rank.tolist(), strict=True)
        for (here, there), length, rank in rows:
            self.beside[here].append((there, length, rank))
            self.beside[there].append((here, length, rank))
        self.members: dict[int, set[int]] = defaultdict(set)
        for atom, grid in enumerate(self.small):
            self.members[grid].add(atom)

    def best(self, atom: int, parent: IntArray) -> int | None:
        """Return the grid that a face suits better than its own, if there is one."""
        own = self.small[atom]
        shared: dict[int, float] = defaultdict(float)
        crossed: dict[int, float] = defaultdict(float)
        reached = set()
        for other, length, rank in self.beside[atom]:
            grid = self.small[other]
            shared[grid] += length
            crossed[grid] += self.crossing[rank]
            if rank < Rank.WALL and parent[other] == parent[atom]:
                reached.add(grid)
        area, around = self.atoms.area_m2[atom], self.atoms.perimeter_m[atom]
        gain_own = shape_penalty(self.area[own], self.around[own]) - shape_penalty(
            self.area[own] - area, self.around[own] - around + 2 * shared[own]
        ) if len(self.members[own]) > 1 else 0.0  # fmt: skip
        best, most = None, _BETTER
        for grid in sorted(reached - {own}):
            after = shape_penalty(
                self.area[grid] + area, self.around[grid] + around - 2 * shared[grid]
            )
            gain = gain_own + shape_penalty(self.area[grid], self.around[grid]) - after
            gain += _CROSSED * (crossed[own] - crossed[grid])
            if gain > most:
                best, most = grid, gain
        return best

    def holds_without(self, atom: int) -> bool:
        """Tell whether the grid of a face stays in one part without it."""
        own = self.small[atom]
        rest = self.members[own] - {atom}
        around = [o for o, _, rank in self.beside[atom] if o in rest and rank < Rank.WALL]
        if len(around) < 2:  # noqa: PLR2004 - nothing hangs on it
            return len(rest) > 0
        seen, stack = {around[0]}, [around[0]]
        missing = set(around) - seen
        while stack and missing:
            for other, _, rank in self.beside[stack.pop()]:
                if other in rest and other not in seen and rank < Rank.WALL:
                    seen.add(other)
                    missing.discard(other)
                    stack.append(other)
        return not missing

    def move(self, atom: int, to: int) -> None:
        """Give a face to another grid."""
        own = self.small[atom]
        shared = {own: 0.0, to: 0.0}
        for other, length, _ in self.beside[atom]:
            if self.small[other] in shared:
                shared[self.small[other]] += length
        area, around = self.atoms.area_m2[atom], self.atoms.perimeter_m[atom]
        self.area[own] -= area
        self.area[to] += area
        self.around[own] += 2 * shared[own] - around
        self.around[to] += around - 2 * shared[to]
        self.members[own].discard(atom)
        self.members[to].add(atom)
        self.small[atom] = to


def smoothed(
    atoms: Atoms, small: IntArray, parent: IntArray, *, movable: BoolArray,
    crossing: Sequence[float],
) -> IntArray:  # fmt: skip
    """Return the small grid of each atom after faces have moved to where they suit better.

    Parameters
    ----------
    atoms : Atoms
    small, parent : ndarray of int64, shape (n,)
        Small grid of each atom, and what no face leaves.
    movable : ndarray of bool, shape (n,)
        Faces that may move.
    crossing : sequence of float
        What it costs a grid to reach across a border, by its rank.
    """
    state = _Outlines(atoms, small, crossing)
    for _ in range(_SWEEPS):
        changed = False
        for atom in np.flatnonzero(movable).tolist():
            to = state.best(atom, parent)
            if to is not None and state.holds_without(atom):
                state.move(atom, to)
                changed = True
        if not changed:
            break
    return np.asarray(state.small, dtype=np.int64)
