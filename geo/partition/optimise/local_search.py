"""Neighbouring beats drawn anew, part by part, as long as that makes the drawing better."""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.partition.optimise.recombination import (
    MODES,
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


def workspace(atoms: int) -> Workspace:
    """Return room for a district of so many atoms."""
    return (
        np.empty(atoms, np.int64),
        np.full(atoms, -1, np.int64),
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
    changed_in = np.zeros(len(atoms), np.int64)  # sweep in which a beat last changed
    for sweep in range(1, _SWEEPS + 1):
        changed = False
        touching = _touching_pairs(atoms, small, graph)
        # Pairs of beats that were drawn anew as a whole, and were best as they are: a few. A list
        # that is looked through, since a set takes Numba six seconds to compile.
        settled = np.empty(len(touching), np.int64)
        settled_count = int(np.int64(0))
        for one, two in touching:
            if small[one] != one or small[two] != two:
                continue  # renamed since
            first, second = beat[one], beat[two]
            pair = (min(first, second), max(first, second))
            lower, upper = position_of(pair[0], atoms), position_of(pair[1], atoms)
            if max(changed_in[lower], changed_in[upper]) < sweep - 1:
                continue  # what lies there was looked at, and has not changed since
            if _holds(settled, settled_count, lower * len(atoms) + upper):
                continue
            better, is_whole = _redraw(one, two, labels, graph, measures, rules, room)
            if better:
                for name in (pair[0], pair[1], beat[one], beat[two]):
                    changed_in[position_of(name, atoms)] = sweep
                changed = True
            elif is_whole:
                settled[settled_count] = lower * len(atoms) + upper
                settled_count += 1
        if not changed:
            break


@nb.njit(cache=True, nogil=True)
def _holds(numbers: IntArray, count: int, wanted: int) -> bool:
    """Tell whether a number is among the first ones of a list."""
    for i in range(count):  # noqa: SIM110 - a kernel
        if numbers[i] == wanted:
            return True
    return False


@nb.njit(cache=True, nogil=True)
def refine(
    atoms: IntArray, labels: Any, graph: Graph, all_measures: Measures, rules: Any, room: Any,
    kicks_per_beat: float, state: np.ndarray,
) -> None:  # fmt: skip
    """Draw a few beats anew at random, let them converge, and keep the outcome if it is no worse.

    An outcome as good as before is kept too: from there another way may lead on.
    """
    small, beat = labels
    out, where = room[0], room[1]
    households = 0
    for atom in atoms:
        households += all_measures[0][atom]
    for _ in range(int(kicks_per_beat * (1 + households // rules[1][1]))):
        seed = atoms[int(draw(state) * len(atoms))]
        count = select_beats(seed, 1 + int(draw(state) * 2), beat, graph, out, where, state)
        where[out[:count]] = -1
        chosen = np.sort(out[:count])  # ascending, as :func:`converge` wants them
        where[chosen] = np.arange(count)
        borders = local_borders(chosen, where, graph)
        where[chosen] = -1
        ends, metres, kinds = borders
        measures = (all_measures[0][chosen], all_measures[1][chosen], all_measures[2][chosen])
        former = small[chosen].copy(), beat[chosen].copy()
        parts = relabel(small, chosen), relabel(beat, chosen)
        before = cost_of(parts[0], measures, ends, metres, kinds, rules[0]) + cost_of(
            parts[1], measures, ends, metres, kinds, rules[1]
        )
        fresh = propose(
            int(draw(state) * MODES), parts[0], parts[1], measures, borders, rules, state
        )
        write(small, chosen, fresh[0])
        write(beat, chosen, fresh[1])
        converge(chosen, labels, graph, all_measures, rules, room)
        parts = relabel(small, chosen), relabel(beat, chosen)
        after = cost_of(parts[0], measures, ends, metres, kinds, rules[0]) + cost_of(
            parts[1], measures, ends, metres, kinds, rules[1]
        )
        if after > before + 1e-9:  # worse by more than rounding
            small[chosen] = former[0]
            beat[chosen] = former[1]


@nb.njit(cache=True, nogil=True)
def _touching_pairs(atoms: IntArray, small: IntArray, graph: Graph) -> IntArray:
    """Return the pairs of small grids among `atoms` that touch; one alone is its own pair."""
    start, beside, _, _ = graph
    lowest, span = atoms[0], atoms[-1] - atoms[0] + 1
    most = 1
    for atom in atoms:
        most += start[atom + 1] - start[atom]
    key = np.empty(most, np.int64)
    count = 0
    for atom in atoms:
        for k in range(start[atom], start[atom + 1]):
            other = beside[k]
            if small[atom] >= small[other] or not lowest <= other < lowest + span:
                continue
            if atoms[position_of(other, atoms)] == other:
                # One number for a pair, so that sorting brings equal pairs together.
                key[count] = (small[atom] - lowest) * span + small[other] - lowest
                count += 1
    if count == 0:
        key[0] = (small[lowest] - lowest) * (span + 1)
        count = 1
    key = np.sort(key[:count])
    pairs = np.empty((count, 2), np.int64)
    distinct = 0
    for k in range(count):
        if k == 0 or key[k] != key[k - 1]:
            pairs[distinct, 0], pairs[distinct, 1] = lowest + key[k] // span, lowest + key[k] % span
            distinct += 1
    return pairs[:distinct]


@nb.njit(cache=True, nogil=True)
def _redraw(
    one: int, two: int, labels: Any, graph: Graph, measures: Measures, rules: Any, room: Any
) -> Any:
    """Draw the surroundings of two small grids anew, inside the one or two beats they are in.

    Return whether that made it better, and whether the surroundings were those beats as a whole.
    """
    small, beat = labels
    out, where, memo, choice, seen, grids, costs = room
    count = flood(one, beat, graph, out, where, int(np.int64(0)))
    if beat[two] != beat[one]:
        count = flood(two, beat, graph, out, where, count)
    atoms = out[:count].copy()
    borders = local_borders(atoms, where, graph)
    is_near = np.zeros(count, np.bool_)
    is_near[where[one]] = is_near[where[two]] = True
    where[atoms] = -1
    group = relabel(small, atoms)
    in_first = beat[atoms] == beat[one]
    unit, n_units, free = _units(group, in_first, is_near, borders[0])
    if n_units > UNITS_MOST:
        return False, False
    units = measure_units(unit, n_units, atoms, measures, borders, rules)
    first_grid = np.zeros(n_units + 1, np.int64)
    current = _current_grids(unit, free, n_units, group)
    if not list_candidates(n_units, free, current, units, rules[0], first_grid, grids, costs):
        return False, False
    beat_now = int(
        np.int64(0)
    )  # a plain 0 is of another type to Numba, and would be compiled apart
    for place in range(count):
        if in_first[place]:
            beat_now |= 1 << unit[place]
    plan = (first_grid, grids, costs, memo, choice, seen)
    first_part = best_division(beat_now, current, free, n_units, units, rules, plan)
    if first_part >= 0:
        grid_of_unit = np.empty(n_units, np.int64)
        for part in (first_part, ((1 << n_units) - 1) ^ first_part):
            unfilled = part
            while unfilled:
                grid = grids[choice[unfilled]]
                for member in range(n_units):
                    if grid >> member & 1:
                        grid_of_unit[member] = grid
                unfilled ^= grid
        redrawn = np.flatnonzero(free[unit])
        write(small, atoms[redrawn], relabel(grid_of_unit[unit], redrawn))
        write(beat, atoms, (first_part >> unit) & 1)
    memo[seen[1 : seen[0] + 1]] = -1.0  # only what was used: the memory is that of all sets
    seen[0] = 0
    return first_part >= 0, count <= UNITS_MOST


@nb.njit(cache=True, nogil=True)
def _units(group: IntArray, in_first: np.ndarray, is_near: np.ndarray, ends: IntArray) -> Any:
    """Return the unit of each atom, how many there are, and which are free.

    An atom is a free unit of its own. Where these would be too many, only the atoms of the small
    grids nearest to some atoms are free; the rest of a beat is one unit for each connected part.
    How many parts that makes shows only when it is done: room for them grows until it is enough.
    """
    count, grids = len(group), group.max() + 1
    if count <= UNITS_MOST:
        return np.arange(count), count, np.ones(count, np.bool_)
    size = np.zeros(grids, np.int64)
    for grid in group:
        size[grid] += 1
    steps = _steps(group, is_near, ends, grids)
    unit = np.empty(count, np.int64)
    free = np.empty(count, np.bool_)
    n_units = count
    for reserved in range(1, UNITS_MOST - 2):
        freed = np.zeros(grids, np.bool_)
        left = UNITS_MOST - reserved
        for step in range(grids):
            for grid in range(grids):
                if steps[grid] == step and size[grid] <= left:
                    freed[grid] = True
                    left -= size[grid]
        part = _parts(freed[group], in_first, ends)
        n_units = 0
        for place in range(count):
            if part[place] == place:
                free[n_units] = freed[group[place]]
                unit[place] = n_units
                n_units += 1
        if n_units <= UNITS_MOST:
            unit = unit[part]
            break
    return unit, n_units, free[:n_units]


@nb.njit(cache=True, nogil=True)
def _parts(free: np.ndarray, in_first: np.ndarray, ends: IntArray) -> IntArray:
    """Return the first atom of each atom's unit: itself if free, else of its part of a beat."""
    part = np.arange(len(free))
    changed = True
    while changed:
        changed = False
        for border in range(len(ends)):
            one, two = ends[border]
            if free[one] or free[two] or in_first[one] != in_first[two] or part[one] == part[two]:
                continue
            part[one] = part[two] = min(part[one], part[two])
            changed = True
    return part


@nb.njit(cache=True, nogil=True)
def _steps(group: IntArray, is_near: np.ndarray, ends: IntArray, grids: int) -> IntArray:
    """Return how many small grids lie between each one and those of some atoms."""
    steps = np.full(grids, grids, np.int64)
    steps[group[is_near]] = 0
    changed = True
    while changed:
        changed = False
        for border in range(len(ends)):
            one, two = group[ends[border, 0]], group[ends[border, 1]]
            if abs(steps[one] - steps[two]) > 1:
                steps[one] = min(steps[one], steps[two] + 1)
                steps[two] = min(steps[two], steps[one] + 1)
                changed = True
    return steps


@nb.njit(cache=True, nogil=True)
def _current_grids(unit: IntArray, free: np.ndarray, n_units: int, group: IntArray) -> IntArray:
    """Return the present small grid of each unit, as a set of units."""
    of_group = np.zeros(group.max() + 1, np.int64)
    for place in range(len(unit)):
        of_group[group[place]] |= 1 << unit[place]
    grid = np.empty(n_units, np.int64)
    for place in range(len(unit)):
        own = unit[place]
        grid[own] = of_group[group[place]] if free[own] else 1 << own
    return grid
