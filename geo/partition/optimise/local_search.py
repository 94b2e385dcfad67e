"""Neighbouring beats drawn anew, part by part, as long as that makes the drawing better."""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.partition.optimise.recombination import (
    Graph,
    Measures,
    cost_of,
    flood,
    local_borders,
    position_of,
    propose,
    relabel,
    select_beats,
    write,
)
from geo.partition.optimise.set_partitioning import (
    GRIDS_MOST,
    UNITS_MOST,
    best_division,
    list_candidates,
    measure_units,
)
from geo.partition.optimise.spanning_trees import draw

_SWEEPS: Final = 6
Workspace = tuple[IntArray, IntArray, FloatArray, IntArray, IntArray, IntArray, FloatArray]
"""Room to work in, for one thread: a list of atoms and their places in it; costs, choices and a
list of sets; small grids and their costs."""


def workspace(n: int) -> Workspace:
    """Return room for a district of `n` atoms."""
    return (
        np.empty(n, np.int64),
        np.full(n, -1, np.int64),
        np.full(1 << UNITS_MOST, -1.0),
        np.empty(1 << UNITS_MOST, np.int64),
        np.zeros((1 << UNITS_MOST) + 1, np.int64),
        np.empty(GRIDS_MOST, np.int64),
        np.empty(GRIDS_MOST, np.float64),
    )


@nb.njit(cache=True, nogil=True)
def converge(
    atoms: IntArray, labels: Any, graph: Graph, measures: Measures, rules: Any, room: Any
) -> None:
    """Draw neighbours among whole beats anew until nothing gets better, in a few sweeps at most.

    `atoms` ascend.
    """
    small, beat = labels
    moved = np.zeros(len(atoms), np.int64)  # sweep in which a beat last changed
    for sweep in range(1, _SWEEPS + 1):
        changed = False
        whole = {(-1, -1)}
        for one, two in _touching_pairs(atoms, small, graph):
            if small[one] != one or small[two] != two:
                continue  # renamed since
            first, second = beat[one], beat[two]
            both = (min(first, second), max(first, second))
            lower, upper = position_of(both[0], atoms), position_of(both[1], atoms)
            if max(moved[lower], moved[upper]) < sweep - 1 or both in whole:
                continue
            better, every = _redraw(one, two, labels, graph, measures, rules, room)
            if better:
                for i in (both[0], both[1], beat[one], beat[two]):
                    moved[position_of(i, atoms)] = sweep
                changed = True
            elif every:
                whole.add(both)
        if not changed:
            break


@nb.njit(cache=True, nogil=True)
def refine(
    atoms: IntArray, labels: Any, graph: Graph, all_measures: Measures, rules: Any, room: Any,
    kicks: float, state: np.ndarray,
) -> None:  # fmt: skip
    """Draw a few beats anew at random, settle them, and keep the outcome if it is no worse."""
    small, beat = labels
    out, where = room[0], room[1]
    total = 0
    for i in atoms:
        total += all_measures[0][i]
    for _ in range(int(kicks * (1 + total // rules[1][1]))):
        seed = atoms[int(draw(state) * len(atoms))]
        n = select_beats(seed, 1 + int(draw(state) * 2), beat, graph, out, where, state)
        where[out[:n]] = -1
        some = np.sort(out[:n])
        where[some] = np.arange(n)
        borders = local_borders(some, where, graph)
        where[some] = -1
        ends, metres, kinds = borders
        measures = (all_measures[0][some], all_measures[1][some], all_measures[2][some])
        former = small[some].copy(), beat[some].copy()
        parts = relabel(small, some), relabel(beat, some)
        before = cost_of(parts[0], measures, ends, metres, kinds, rules[0]) + cost_of(
            parts[1], measures, ends, metres, kinds, rules[1]
        )
        fresh = propose(int(draw(state) * 4), parts[0], parts[1], measures, borders, rules, state)
        write(small, some, fresh[0])
        write(beat, some, fresh[1])
        converge(some, labels, graph, all_measures, rules, room)
        parts = relabel(small, some), relabel(beat, some)
        after = cost_of(parts[0], measures, ends, metres, kinds, rules[0]) + cost_of(
            parts[1], measures, ends, metres, kinds, rules[1]
        )
        if after > before + 1e-9:
            small[some] = former[0]
            beat[some] = former[1]


@nb.njit(cache=True, nogil=True)
def _touching_pairs(atoms: IntArray, small: IntArray, graph: Graph) -> IntArray:
    """Return the pairs of small grids among `atoms` that touch; one alone is its own pair."""
    start, beside, _, _ = graph
    low, wide = atoms[0], atoms[-1] - atoms[0] + 1
    most = 1
    for i in atoms:
        most += start[i + 1] - start[i]
    key = np.empty(most, np.int64)
    n = 0
    for i in atoms:
        for k in range(start[i], start[i + 1]):
            j = beside[k]
            if small[i] < small[j] and low <= j < low + wide and atoms[position_of(j, atoms)] == j:
                key[n] = (small[i] - low) * wide + small[j] - low
                n += 1
    if n == 0:
        key[0] = (small[low] - low) * (wide + 1)
        n = 1
    key = np.sort(key[:n])
    pairs = np.empty((n, 2), np.int64)
    m = 0
    for k in range(n):
        if k == 0 or key[k] != key[k - 1]:
            pairs[m, 0], pairs[m, 1] = low + key[k] // wide, low + key[k] % wide
            m += 1
    return pairs[:m]


@nb.njit(cache=True, nogil=True)
def _redraw(
    one: int, two: int, labels: Any, graph: Graph, measures: Measures, rules: Any, room: Any
) -> Any:
    """Draw the surroundings of two small grids anew, inside the one or two beats they are in.

    Return whether that made it better, and whether the surroundings were those beats as a whole.
    """
    small, beat = labels
    out, where, memo, choice, seen, grids, costs = room
    n = flood(one, beat, graph, out, where, 0)
    if beat[two] != beat[one]:
        n = flood(two, beat, graph, out, where, n)
    atoms = out[:n].copy()
    borders = local_borders(atoms, where, graph)
    near = np.zeros(n, np.bool_)
    near[where[one]] = near[where[two]] = True
    where[atoms] = -1
    group = relabel(small, atoms)
    mine = beat[atoms] == beat[one]
    unit, m, free = _units(group, mine, near, borders[0])
    if m > UNITS_MOST:
        return False, False
    units = measure_units(unit, m, atoms, measures, borders)
    first = np.zeros(m + 1, np.int64)
    old = _current_grids(unit, free, m, group)
    if not list_candidates(m, free, old, units, rules[0], first, grids, costs):
        return False, False
    first_beat = 0
    for place in range(n):
        if mine[place]:
            first_beat |= 1 << unit[place]
    plan = (first, grids, costs, memo, choice, seen)
    found = best_division(first_beat, old, free, m, units, rules, plan)
    if found >= 0:
        new = np.empty(m, np.int64)
        for part in (found, ((1 << m) - 1) ^ found):
            left = part
            while left:
                grid = grids[choice[left]]
                for i in range(m):
                    if grid >> i & 1:
                        new[i] = grid
                left ^= grid
        some = np.flatnonzero(free[unit])
        write(small, atoms[some], relabel(new[unit], some))
        write(beat, atoms, (found >> unit) & 1)
    memo[seen[1 : seen[0] + 1]] = -1.0
    seen[0] = 0
    return found >= 0, n <= UNITS_MOST


@nb.njit(cache=True, nogil=True)
def _units(group: IntArray, mine: np.ndarray, near: np.ndarray, ends: IntArray) -> Any:
    """Return the unit of each atom, how many there are, and which are free.

    An atom is a free unit of its own. Where these would be too many, only the atoms of the small
    grids nearest to some atoms are free; the rest of a beat is one unit for each connected part.
    """
    n, grids = len(group), group.max() + 1
    if n <= UNITS_MOST:
        return np.arange(n), n, np.ones(n, np.bool_)
    size = np.zeros(grids, np.int64)
    for g in group:
        size[g] += 1
    far = _steps(group, near, ends, grids)
    unit = np.empty(n, np.int64)
    free = np.empty(n, np.bool_)
    m = n
    for spare in range(1, UNITS_MOST - 2):
        freed = np.zeros(grids, np.bool_)
        left = UNITS_MOST - spare
        for step in range(grids):
            for g in range(grids):
                if far[g] == step and size[g] <= left:
                    freed[g] = True
                    left -= size[g]
        part = _parts(freed[group], mine, ends)
        m = 0
        for place in range(n):
            if part[place] == place:
                free[m] = freed[group[place]]
                unit[place] = m
                m += 1
        if m <= UNITS_MOST:
            unit = unit[part]
            break
    return unit, m, free[:m]


@nb.njit(cache=True, nogil=True)
def _parts(free: np.ndarray, mine: np.ndarray, ends: IntArray) -> IntArray:
    """Return the first atom of each atom's unit: itself if free, else of its part of a beat."""
    part = np.arange(len(free))
    changed = True
    while changed:
        changed = False
        for e in range(len(ends)):
            one, two = ends[e]
            if free[one] or free[two] or mine[one] != mine[two] or part[one] == part[two]:
                continue
            part[one] = part[two] = min(part[one], part[two])
            changed = True
    return part


@nb.njit(cache=True, nogil=True)
def _steps(group: IntArray, near: np.ndarray, ends: IntArray, grids: int) -> IntArray:
    """Return how many small grids lie between each one and those of some atoms."""
    far = np.full(grids, grids, np.int64)
    far[group[near]] = 0
    changed = True
    while changed:
        changed = False
        for e in range(len(ends)):
            one, two = group[ends[e, 0]], group[ends[e, 1]]
            if abs(far[one] - far[two]) > 1:
                far[one] = min(far[one], far[two] + 1)
                far[two] = min(far[two], far[one] + 1)
                changed = True
    return far


@nb.njit(cache=True, nogil=True)
def _current_grids(unit: IntArray, free: np.ndarray, m: int, group: IntArray) -> IntArray:
    """Return the present small grid of each unit, as a set of units."""
    of_group = np.zeros(group.max() + 1, np.int64)
    for place in range(len(unit)):
        of_group[group[place]] |= 1 << unit[place]
    grid = np.empty(m, np.int64)
    for place in range(len(unit)):
        i = unit[place]
        grid[i] = of_group[group[place]] if free[i] else 1 << i
    return grid
