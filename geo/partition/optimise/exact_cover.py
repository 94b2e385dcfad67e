"""Left-overs drawn anew exactly: a few grids and all around them, covered with grids in the band.

A depth-first search over sets of atoms takes the atom with the fewest neighbours left, and tries
every connected grid in the band that holds it, as long as counting allows the rest. It ends with a
drawing, with the proof that there is none, or, after too many steps, with neither.
"""

from collections import defaultdict
from enum import IntEnum
from itertools import combinations
from typing import Final

import numba as nb
import numpy as np

from geo.arrays import IntArray
from geo.partition.optimise.recombination import BEAT_ONLY, Graph

ATOMS_MOST: Final = 62
"""Atoms that a set of 64 bits holds."""

_BAD_MOST: Final = 4
_CHAIN_MOST: Final = 150

STEPS: Final = 60_000
"""Grids that are tried at most for one left-over."""


class CoverSearch(IntEnum):
    """What the search came to."""

    NONE = 0
    FOUND = 1
    UNKNOWN = 2


@nb.njit(cache=True, nogil=True)
def _allowed(rest: int, beside: IntArray, weight: IntArray, low: int, high: int) -> bool:
    """Tell whether counting allows every connected part of a set to be covered."""
    while rest:
        part = front = rest & -rest
        while front:
            grown = 0
            for i in range(len(weight)):
                if front >> i & 1:
                    grown |= beside[i]
            front = grown & rest & ~part
            part |= front
        total = 0
        for i in range(len(weight)):
            if part >> i & 1:
                total += weight[i]
        if (total + high - 1) // high > total // low:
            return False
        rest &= ~part
    return True


@nb.njit(cache=True, nogil=True)
def _fewest_neighbours(rest: int, beside: IntArray) -> int:
    """Return the member of a set with the fewest neighbours in it."""
    best, least = -1, 99
    for i in range(len(beside)):
        if rest >> i & 1:
            count = 0
            near = beside[i] & rest
            while near:
                near &= near - 1
                count += 1
            if count < least:
                best, least = i, count
    return best


@nb.njit(cache=True, nogil=True)
def _cover(  # noqa: PLR0911 - three answers, on two ways
    group: int, total: int, front: int, banned: int, rest: int, beside: IntArray,
    weight: IntArray, low: int, high: int, chosen: IntArray, steps: IntArray,
) -> int:  # fmt: skip
    """Cover `rest` with grids; `group` is the one that grows, 0 for none yet."""
    steps[0] -= 1
    if steps[0] < 0:
        return 2
    if group == 0:
        if rest == 0:
            return 1
        root = _fewest_neighbours(rest, beside)
        bit = 1 << root
        if weight[root] > high:
            return 0
        return _cover(
            bit, weight[root], beside[root] & rest, bit, rest, beside, weight, low, high, chosen,
            steps,
        )  # fmt: skip
    if total >= low and _allowed(rest & ~group, beside, weight, low, high):
        none = rest ^ rest  # a plain 0 is of another type to Numba, and would be compiled apart
        answer = _cover(
            none, none, none, none, rest & ~group, beside, weight, low, high, chosen, steps
        )
        if answer == 1:
            chosen[0] += 1
            chosen[chosen[0]] = group
        if answer != 0:
            return answer
    while front:
        bit = front & -front
        front ^= bit
        banned |= bit
        unit = 0
        while bit >> unit != 1:
            unit += 1
        if total + weight[unit] <= high:
            further = (front | beside[unit]) & rest & ~banned & ~group
            answer = _cover(
                group | bit, total + weight[unit], further, banned, rest, beside, weight, low,
                high, chosen, steps,
            )  # fmt: skip
            if answer != 0:
                return answer
    return 0


def cover(
    weight: IntArray, pairs: IntArray, band: tuple[int, int], *, steps: int = STEPS
) -> IntArray | CoverSearch:
    """Return the grid of each of a few atoms, all in the band, or why there is none.

    Parameters
    ----------
    weight : ndarray of int64, shape (m,)
        Households; m <= 62.
    pairs : ndarray of int64, shape (b, 2)
        Neighbours.
    band : tuple of int
        Least and most households of a grid.
    steps : int
        After so many it is given up.

    Examples
    --------
    >>> row = np.array([[0, 1], [1, 2], [2, 3]])
    >>> cover(np.array([20, 20, 20, 20]), row, (30, 50)).tolist()
    [1, 1, 0, 0]
    >>> cover(np.array([25, 30, 25]), row[:2], (30, 50))
    <CoverSearch.NONE: 0>
    """
    beside = np.zeros(len(weight), dtype=np.int64)
    for one, two in pairs.tolist():
        beside[one] |= 1 << two
        beside[two] |= 1 << one
    chosen = np.zeros(len(weight) + 1, dtype=np.int64)
    left = np.array([steps], dtype=np.int64)
    full = (1 << len(weight)) - 1
    if not _allowed(full, beside, weight, band[0], band[1]):
        return CoverSearch.NONE
    answer = CoverSearch(_cover(0, 0, 0, 0, full, beside, weight, band[0], band[1], chosen, left))
    if answer is not CoverSearch.FOUND:
        return answer
    label = np.empty(len(weight), dtype=np.int64)
    for number, group in enumerate(chosen[1 : chosen[0] + 1].tolist()):
        label[[i for i in range(len(weight)) if group >> i & 1]] = number
    return label


class Surroundings:
    """Small grids of a region, and which of them touch where a small grid may reach across."""

    def __init__(
        self, members: IntArray, small: IntArray, graph: Graph, households: IntArray
    ) -> None:
        start, beside, length, kind = graph
        counts = start[members + 1] - start[members]
        rows = np.repeat(start[members], counts) + (
            np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        )
        source = np.repeat(members, counts)
        crossable = kind[rows] < BEAT_ONLY
        self.pairs = np.column_stack([source[crossable], beside[rows[crossable]]])
        self.length = length[rows[crossable]]
        self.small, self.households = small, households
        self.atoms: dict[int, list[int]] = defaultdict(list)
        for atom in members.tolist():
            self.atoms[int(small[atom])].append(atom)
        self.load = {grid: int(households[atoms].sum()) for grid, atoms in self.atoms.items()}
        self.by_source: dict[int, list[int]] = defaultdict(list)
        for row, atom in enumerate(self.pairs[:, 0].tolist()):
            self.by_source[atom].append(row)

    def beside(self, grid: int) -> list[int]:
        """Return the grids that touch one, the longest border first."""
        border: dict[int, float] = defaultdict(float)
        for atom in self.atoms[grid]:
            for row in self.by_source[atom]:
                other = int(self.small[self.pairs[row, 1]])
                if other != grid:
                    border[other] += float(self.length[row])
        return sorted(border, key=lambda other: (-round(border[other], 3), other))

    def redraw(
        self, grids: list[int], band: tuple[int, int], steps: int
    ) -> dict[int, int] | CoverSearch:
        """Return the new grid of each atom of some grids, by numbers of no meaning."""
        atoms = [atom for grid in grids for atom in self.atoms[grid]]
        place = {atom: i for i, atom in enumerate(atoms)}
        rows = [row for atom in atoms for row in self.by_source[atom]]
        ends = np.array(
            [
                (place[int(one)], place[int(two)])
                for one, two in self.pairs[rows].tolist()
                if two in place
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
        unit, weight, pairs = _units(self.households[atoms], ends)
        if len(weight) > ATOMS_MOST:
            return CoverSearch.UNKNOWN
        label = cover(weight, pairs, band, steps=steps)
        if isinstance(label, CoverSearch):
            return label
        return dict(zip(atoms, label[unit].tolist(), strict=True))

    def chain(self, grid: int, band: tuple[int, int]) -> list[int]:
        """Return the grids from one to the next that is out of the band too; none if there is none.

        A household too many here may be one too few there.
        """
        came_from, front = {grid: grid}, [grid]
        for near in front:
            for other in self.beside(near):
                if other in came_from:
                    continue
                came_from[other] = near
                front.append(other)
                if self.load[other] > 0 and not band[0] <= self.load[other] <= band[1]:
                    path = [other]
                    while path[-1] != grid:
                        path.append(came_from[path[-1]])
                    return path
            if len(front) > _CHAIN_MOST:
                break
        return []

    def solve(
        self, grid: int, band: tuple[int, int], *, steps: int = STEPS
    ) -> dict[int, int] | CoverSearch:
        """Draw a grid anew with ever more of those around it, at last with all.

        Others out of the band may stay so: they come in with and without each other. Where that
        is in vain, the grids up to another one out of the band are tried together.
        """
        ring = self.beside(grid)
        fine = [g for g in ring if band[0] <= self.load[g] <= band[1]]
        bad = [other for other in ring if other not in fine][:_BAD_MOST]
        unknown = False
        sets = [some for k in range(len(bad) + 1) for some in combinations(bad, k)]
        for near in (*(fine[:k] for k in range(1, len(fine))), *((*fine, *some) for some in sets)):
            answer = self.redraw([grid, *near], band, steps)
            if not isinstance(answer, CoverSearch):
                return answer
            unknown |= answer is CoverSearch.UNKNOWN and len(near) >= len(fine)
        chain = self.chain(grid, band)
        answer = self.redraw(chain, band, steps) if chain else CoverSearch.NONE
        if not isinstance(answer, CoverSearch):
            return answer
        return CoverSearch.UNKNOWN if unknown else CoverSearch.NONE


def _units(weight: IntArray, ends: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return the unit of each atom, where those without households go with a neighbour."""
    unit = np.arange(len(weight))
    for one, two in ends.tolist():
        if weight[one] == 0 and unit[one] == one and unit[two] != one:
            unit[one] = unit[two]
            unit[unit == one] = unit[two]
    names, which = np.unique(unit, return_inverse=True)
    pairs = np.unique(np.sort(which[ends], axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return which, np.bincount(which, weights=weight, minlength=len(names)).astype(np.int64), pairs
