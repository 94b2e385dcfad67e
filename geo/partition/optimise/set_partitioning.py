"""The best of all drawings of a few atoms: small grids, divided between one or two beats.

Every connected small grid in the band that the atoms can form is listed with its cost. A dynamic
programme over sets of atoms finds the cheapest way to fill a set with them, and every way to
divide the atoms between two beats is tried with it.
"""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.partition.optimise.recombination import BEAT_ONLY, Measures, shape_penalty
from geo.partition.optimise.spanning_trees import penalty

UNITS_MOST: Final = 16
"""Units that are drawn at once at most: a unit is an atom, or atoms that stay as they are."""

GRIDS_MOST: Final = 20_000
"""Small grids that are listed at most."""

_PLACE: Final = np.zeros(37, np.int64)  # powers of two all differ modulo 37
_PLACE[[(1 << i) % 37 for i in range(36)]] = range(36)
Units = tuple[IntArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]
"""Households, area and perimeter of each unit, shape (m,); between two of them metres of border,
shape (m, m), and borders that a small grid and a beat reach across: their number, what they cost
cut, and what they cost crossed, shape (3, m, m)."""


@nb.njit(cache=True, nogil=True)
def measure_units(
    unit: IntArray, n_units: int, atoms: IntArray, measures: Measures, borders: Any, rules: Any
) -> Units:
    """Return what the units measure."""
    ends, metres, kinds = borders
    households = np.zeros(n_units, np.int64)
    area = np.zeros(n_units)
    perimeter = np.zeros(n_units)
    between = np.zeros((n_units, n_units))
    inner = np.zeros((3, n_units, n_units))
    every = np.zeros((3, n_units, n_units))
    for place in range(len(atoms)):
        atom = atoms[place]
        households[unit[place]] += measures[0][atom]
        area[unit[place]] += measures[1][atom]
        perimeter[unit[place]] += measures[2][atom]
    for border in range(len(ends)):
        one, two = unit[ends[border, 0]], unit[ends[border, 1]]
        if one == two:
            perimeter[one] -= 2.0 * metres[border]
            continue
        for here, there in ((one, two), (two, one)):
            between[here, there] += metres[border]
            kind = kinds[border]
            every[0, here, there] += 1.0
            every[1, here, there] += rules[1][4][kind]
            every[2, here, there] += rules[1][5][kind]
            if kind < BEAT_ONLY:
                inner[0, here, there] += 1.0
                inner[1, here, there] += rules[0][4][kind]
                inner[2, here, there] += rules[0][5][kind]
    return households, area, perimeter, between, inner, every


@nb.njit(cache=True, nogil=True)
def _neighbours(count: FloatArray, free: np.ndarray) -> IntArray:
    """Return the neighbours of each unit that are free, as sets."""
    n_units = count.shape[1]
    neighbours = np.zeros(n_units, np.int64)
    for i in range(n_units):
        for j in range(n_units):
            if count[0, i, j] > 0.0 and free[i] and free[j]:
                neighbours[i] |= 1 << j
    return neighbours


@nb.njit(cache=True, nogil=True)
def list_candidates(
    n_units: int, free: np.ndarray, current: IntArray, units: Units, rule: Any,
    first_grid: IntArray, grids: IntArray, costs: FloatArray,
) -> bool:  # fmt: skip
    """List the small grids that may be, by their lowest unit; return False if they are too many.

    These are all connected ones in the band, a present one that is out of it, and for a unit that
    is not free that unit at no cost.
    """
    low, high = rule[0], rule[1]
    neighbours = _neighbours(units[4], free)
    most = len(grids) - n_units  # room for a present grid at each unit
    listed = 0
    for i in range(n_units):
        first_grid[i] = listed
        if current[i] & ((1 << i) - 1) == 0:  # its lowest unit: each present grid comes once
            total = _households(current[i], units[0])
            if not free[i] or total < low or total > high:
                grids[listed] = current[i]
                costs[listed] = price(current[i], units, units[4], rule) if free[i] else 0.0
                listed += 1
        if not free[i] or units[0][i] > high:
            continue
        # Units below are banned: each grid is listed at its lowest unit, once.
        for grid, total in _connected(i, (1 << i) - 1, neighbours, units[0], high):
            if total >= low:
                if listed >= most:
                    return False
                grids[listed] = grid
                costs[listed] = price(grid, units, units[4], rule)
                listed += 1
    first_grid[n_units] = listed
    return True


@nb.njit(cache=True, nogil=True)
def _connected(
    root: int, banned: int, neighbours: IntArray, households: IntArray, high: int
) -> Any:
    """Yield each connected set with `root`, nothing banned and at most `high` households.

    Each unit at the border of a set is taken, then banned, so that no set comes twice.
    """
    group, total = 1 << root, households[root]
    banned |= group
    front = neighbours[root] & ~banned
    stack = np.empty(4 * len(neighbours), np.int64)
    depth = 0
    yield group, total
    while True:
        if front == 0:
            if depth == 0:
                break
            depth -= 4
            group, total = stack[depth], stack[depth + 1]
            front, banned = stack[depth + 2], stack[depth + 3]
            continue
        bit = front & -front  # the lowest unit
        front ^= bit
        banned |= bit
        unit = _lowest(bit)
        if total + households[unit] <= high:
            stack[depth], stack[depth + 1] = group, total
            stack[depth + 2], stack[depth + 3] = front, banned
            depth += 4
            group |= bit
            total += households[unit]
            front = (front | neighbours[unit]) & ~(banned | group)
            yield group, total


@nb.njit(cache=True, nogil=True)
def price(group: int, units: Units, count: FloatArray, rule: Any) -> float:
    """Return the cost of one group; a border that it cuts counts half, for each of two groups."""
    low, high, band_weight, shape_weight, _, _, per_group, _ = rule
    households, area, perimeter, between, _, _ = units
    all_households = int(np.int64(0))
    all_area = outline = at_borders = 0.0
    for i in range(len(households)):
        if group >> i & 1:
            all_households += households[i]
            all_area += area[i]
            outline += perimeter[i]
            for j in range(len(households)):
                if group >> j & 1:
                    outline -= between[i, j]
                    at_borders += count[2, i, j]
                else:
                    at_borders += count[1, i, j]
    cost = band_weight * penalty(all_households, low, high) + per_group
    return float(cost + shape_weight * shape_penalty(all_area, outline) + 0.5 * at_borders)


@nb.njit(cache=True, nogil=True)
def _households(grid: int, households: IntArray) -> int:
    """Return the households of a set of units."""
    total = 0
    for i in range(len(households)):
        if grid >> i & 1:
            total += households[i]
    return total


@nb.njit(cache=True, nogil=True)
def _cheapest(unfilled: int, plan: Any) -> float:
    """Return the cost of the cheapest small grids that fill a set; infinite if none do."""
    first_grid, grids, costs, memo, choice, seen = plan
    if unfilled == 0:
        return 0.0
    if memo[unfilled] >= 0.0:  # -1: not asked for yet
        return float(memo[unfilled])
    i = _lowest(unfilled)  # some grid has to hold it, and it is the lowest unit of that grid
    best = np.inf
    for k in range(first_grid[i], first_grid[i + 1]):
        if grids[k] & ~unfilled == 0 and costs[k] < best:
            cost = costs[k] + _cheapest(unfilled ^ grids[k], plan)
            if cost < best:
                best = cost
                choice[unfilled] = k
    memo[unfilled] = best
    seen[0] += 1
    seen[seen[0]] = unfilled
    return best


@nb.njit(cache=True, nogil=True)
def best_division(
    beat_now: int, current: IntArray, free: np.ndarray, n_units: int, units: Units, rules: Any,
    plan: Any,
) -> int:  # fmt: skip
    """Return the best set of units for the first beat, -1 if nothing is better than at present.

    `beat_now`: the units of the first beat so far; `current`: the small grid of each unit so far,
    a set; `plan`: small grids by their lowest unit with their costs, then costs, choices and a list
    of the sets that were filled. From what is returned and from its complement the choices lead to
    the small grids.
    """
    full = (1 << n_units) - 1
    least = _cheapest(full, plan)  # no division comes cheaper: most are ruled out by it
    best = -1e-9  # what is better than the present cost, by more than rounding
    for part in (beat_now, full ^ beat_now):
        if part:
            best += price(part, units, units[5], rules[1])
    for i in range(n_units):
        if free[i] and current[i] & ((1 << i) - 1) == 0:
            best += price(current[i], units, units[4], rules[0])
    best_set = -1
    neighbours = _neighbours(units[5], np.ones(n_units, np.bool_))
    beside = _beside(neighbours)
    first_households, second_households = (
        _households(beat_now, units[0]),
        _households(full ^ beat_now, units[0]),
    )
    # Beats that are out of the band now may stay so, but go no further out.
    low, high = rules[1][0], max(rules[1][1], first_households, second_households)
    low = (
        min(low, first_households)
        if second_households == 0
        else min(low, first_households, second_households)
    )
    # The first beat has unit 0: the other one is what is left, and each division comes once.
    none = int(np.int64(0))  # a plain 0 is of another type to Numba, and would be compiled apart
    for part, total in _connected(none, none, neighbours, units[0], high):
        other_part = full ^ part
        if total < low or (
            other_part != 0 and not low <= first_households + second_households - total <= high
        ):
            continue
        if other_part and not _joined(other_part, beside):
            continue
        cost = least + price(part, units, units[5], rules[1])
        if other_part and cost < best:
            cost += price(other_part, units, units[5], rules[1])
        if cost < best:
            cost += _cheapest(part, plan) - least
            if cost < best:
                cost += _cheapest(other_part, plan)
                if cost < best:
                    best, best_set = cost, part
    return best_set


@nb.njit(cache=True, nogil=True)
def _joined(group: int, beside: IntArray) -> bool:
    """Tell whether a set is connected; `beside`: see :func:`_beside`."""
    frontier = group & -group
    rest = group ^ frontier
    while frontier:
        # A set of at most 16 units is two bytes, each looked up at once.
        frontier = (beside[0, frontier & 255] | beside[1, frontier >> 8]) & rest
        rest ^= frontier
    return rest == 0


@nb.njit(cache=True, nogil=True)
def _beside(neighbours: IntArray) -> IntArray:
    """Return the neighbours of all sets of the first eight units, and of the others."""
    beside = np.zeros((2, 256), np.int64)
    for unit in range(len(neighbours)):
        half, bit = unit >> 3, 1 << (unit & 7)
        for group in range(bit):
            beside[half, group | bit] = beside[half, group] | neighbours[unit]
    return beside


@nb.njit(cache=True, nogil=True)
def _lowest(group: int) -> int:
    """Return the place of the lowest unit of a set that is not empty."""
    return int(_PLACE[(group & -group) % 37])
