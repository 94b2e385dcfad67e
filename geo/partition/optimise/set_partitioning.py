"""The best of all drawings of a few atoms: small grids, divided between one or two beats.

Every connected small grid in the band that the atoms can form is listed with its cost. A dynamic
programme over sets of atoms finds the cheapest way to fill a set with them, and every way to
divide the atoms between two beats is tried with it.
"""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.partition.optimise.recombination import SAME_ENCLOSURE, Measures, shape_penalty
from geo.partition.optimise.spanning_trees import penalty

UNITS_MOST: Final = 16
"""Units that are drawn at once at most: a unit is an atom, or atoms that stay as they are."""

GRIDS_MOST: Final = 20_000
"""Small grids that are listed at most."""

_PLACE: Final = np.zeros(37, np.int64)  # powers of two all differ modulo 37
_PLACE[[(1 << i) % 37 for i in range(36)]] = range(36)
Units = tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]
"""Households, area and perimeter of each unit, shape (m,); between two of them metres of border,
borders inside an enclosure, and borders of any kind, shape (m, m)."""


@nb.njit(cache=True, nogil=True)
def measure_units(
    unit: IntArray, m: int, atoms: IntArray, measures: Measures, borders: Any
) -> Units:
    """Return what the units measure."""
    ends, metres, kinds = borders
    households = np.zeros(m, np.int64)
    area = np.zeros(m)
    around = np.zeros(m)
    between = np.zeros((m, m))
    inner = np.zeros((m, m))
    every = np.zeros((m, m))
    for place in range(len(atoms)):
        i = atoms[place]
        households[unit[place]] += measures[0][i]
        area[unit[place]] += measures[1][i]
        around[unit[place]] += measures[2][i]
    for e in range(len(ends)):
        one, two = unit[ends[e, 0]], unit[ends[e, 1]]
        if one == two:
            around[one] -= 2.0 * metres[e]
            continue
        for a, b in ((one, two), (two, one)):
            between[a, b] += metres[e]
            every[a, b] += 1.0
            if kinds[e] == SAME_ENCLOSURE:
                inner[a, b] += 1.0
    return households, area, around, between, inner, every


@nb.njit(cache=True, nogil=True)
def _neighbours(count: FloatArray, free: np.ndarray) -> IntArray:
    """Return the neighbours of each unit that are free, as sets."""
    m = len(count)
    near = np.zeros(m, np.int64)
    for i in range(m):
        for j in range(m):
            if count[i, j] > 0.0 and free[i] and free[j]:
                near[i] |= 1 << j
    return near


@nb.njit(cache=True, nogil=True)
def list_candidates(
    m: int, free: np.ndarray, old: IntArray, units: Units, rule: Any, first: IntArray,
    grids: IntArray, costs: FloatArray,
) -> bool:  # fmt: skip
    """List the small grids that may be, by their lowest unit; return False if they are too many.

    These are all connected ones in the band, a present one that is out of it, and for a unit that
    is not free that unit at no cost.
    """
    low, high = rule[0], rule[1]
    near = _neighbours(units[4], free)
    most = len(grids) - m  # room for a present grid at each unit
    n = 0
    for i in range(m):
        first[i] = n
        if old[i] & ((1 << i) - 1) == 0:
            total = _households(old[i], units[0])
            if not free[i] or total < low or total > high:
                grids[n] = old[i]
                costs[n] = price(old[i], units, units[4], rule) if free[i] else 0.0
                n += 1
        if not free[i] or units[0][i] > high:
            continue
        for some, total in _connected(i, (1 << i) - 1, near, units[0], high):
            if total >= low:
                if n >= most:
                    return False
                grids[n] = some
                costs[n] = price(some, units, units[4], rule)
                n += 1
    first[m] = n
    return True


@nb.njit(cache=True, nogil=True)
def _connected(root: int, banned: int, near: IntArray, households: IntArray, high: int) -> Any:
    """Yield each connected set with `root`, nothing banned and at most `high` households."""
    some, total = 1 << root, households[root]
    banned |= some
    front = near[root] & ~banned
    stack = np.empty(4 * len(near), np.int64)
    depth = 0
    yield some, total
    while True:
        if front == 0:
            if depth == 0:
                break
            depth -= 4
            some, total = stack[depth], stack[depth + 1]
            front, banned = stack[depth + 2], stack[depth + 3]
            continue
        bit = front & -front
        front ^= bit
        banned |= bit
        i = _lowest(bit)
        if total + households[i] <= high:
            stack[depth], stack[depth + 1] = some, total
            stack[depth + 2], stack[depth + 3] = front, banned
            depth += 4
            some |= bit
            total += households[i]
            front = (front | near[i]) & ~(banned | some)
            yield some, total


@nb.njit(cache=True, nogil=True)
def price(some: int, units: Units, count: FloatArray, rule: Any) -> float:
    """Return the cost of one group; a border that it cuts counts half, for each of two groups."""
    low, high, band, shape, cut, each, _ = rule
    households, area, around, between, _, _ = units
    total = 0
    all_area = line = parted = 0.0
    for i in range(len(households)):
        if some >> i & 1:
            total += households[i]
            all_area += area[i]
            line += around[i]
            for j in range(len(households)):
                if some >> j & 1:
                    line -= between[i, j]
                else:
                    parted += count[i, j]
    cost = band * penalty(total, low, high) + each
    return float(cost + shape * shape_penalty(all_area, line) + 0.5 * cut * parted)


@nb.njit(cache=True, nogil=True)
def _households(grid: int, households: IntArray) -> int:
    total = 0
    for i in range(len(households)):
        if grid >> i & 1:
            total += households[i]
    return total


@nb.njit(cache=True, nogil=True)
def _cheapest(some: int, plan: Any) -> float:
    """Return the cost of the cheapest small grids that fill a set; infinite if none do."""
    first, grids, costs, memo, choice, seen = plan
    if some == 0:
        return 0.0
    if memo[some] >= 0.0:
        return float(memo[some])
    i = _lowest(some)
    best = np.inf
    for k in range(first[i], first[i + 1]):
        if grids[k] & ~some == 0 and costs[k] < best:
            cost = costs[k] + _cheapest(some ^ grids[k], plan)
            if cost < best:
                best = cost
                choice[some] = k
    memo[some] = best
    seen[0] += 1
    seen[seen[0]] = some
    return best


@nb.njit(cache=True, nogil=True)
def best_division(
    mine: int, old: IntArray, free: np.ndarray, m: int, units: Units, rules: Any, plan: Any
) -> int:
    """Return the best set of units for the first beat, -1 if nothing is better than at present.

    `mine`: the units of the first beat so far; `old`: the small grid of each unit so far, a set;
    `plan`: small grids by their lowest unit with their costs, then costs, choices and a list of
    the sets that were filled. From what is returned and from its complement the choices lead to
    the small grids.
    """
    full = (1 << m) - 1
    least = _cheapest(full, plan)
    best = -1e-9
    for some in (mine, full ^ mine):
        if some:
            best += price(some, units, units[5], rules[1])
    for i in range(m):
        if free[i] and old[i] & ((1 << i) - 1) == 0:
            best += price(old[i], units, units[4], rules[0])
    found = -1
    near = _neighbours(units[5], np.ones(m, np.bool_))
    beside = _beside(near)
    one, two = _households(mine, units[0]), _households(full ^ mine, units[0])
    low, high = rules[1][0], max(rules[1][1], one, two)
    low = min(low, one) if two == 0 else min(low, one, two)
    for some, total in _connected(0, 0, near, units[0], high):
        rest = full ^ some
        if total < low or (rest != 0 and not low <= one + two - total <= high):
            continue
        if rest and not _joined(rest, beside):
            continue
        cost = least + price(some, units, units[5], rules[1])
        if rest and cost < best:
            cost += price(rest, units, units[5], rules[1])
        if cost < best:
            cost += _cheapest(some, plan) - least
            if cost < best:
                cost += _cheapest(rest, plan)
                if cost < best:
                    best, found = cost, some
    return found


@nb.njit(cache=True, nogil=True)
def _joined(some: int, beside: IntArray) -> bool:
    """Tell whether a set is connected; `beside`: see :func:`_beside`."""
    found = some & -some
    rest = some ^ found
    while found:
        found = (beside[0, found & 255] | beside[1, found >> 8]) & rest
        rest ^= found
    return rest == 0


@nb.njit(cache=True, nogil=True)
def _beside(near: IntArray) -> IntArray:
    """Return the neighbours of all sets of the first eight units, and of the others."""
    beside = np.zeros((2, 256), np.int64)
    for i in range(len(near)):
        half, bit = i >> 3, 1 << (i & 7)
        for some in range(bit):
            beside[half, some | bit] = beside[half, some] | near[i]
    return beside


@nb.njit(cache=True, nogil=True)
def _lowest(some: int) -> int:
    """Return the place of the lowest unit of a set that is not empty."""
    return int(_PLACE[(some & -some) % 37])
