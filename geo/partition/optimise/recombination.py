"""Small grids and beats found together: take a few beats, draw them anew, keep what is better.

The state is two labels for each atom, its small grid and its beat. A beat is a connected set of
whole small grids; a small grid is a connected set of atoms of one enclosure. One step takes a beat
or two or three that touch, draws a random spanning tree, and cuts it anew: beats first and small
grids inside them, or small grids first and beats from them, or one of the two alone.
"""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.partition.optimise.spanning_trees import cut_tree, draw, penalty, spanning_forest

BEAT_ONLY: Final = 6
"""Kind of a border that a beat may reach across, but no small grid. Across lower ones both may: the
kind is what lies on the border (:class:`geo.partition.atoms.cut_lines.Rank`)."""

_LANE: Final = 1
_EASE: Final = np.array([1.0, 0.8, 0.4, 0.3, 0.15, 0.1, 0.05])
"""What a metre of border counts for where small grids are to hold together, by its kind."""

_BEST_SHAPE: Final = 1.27  # 1 / Polsby-Popper of a square
_TRIES_PER_FAULT: Final = 400
_TRIES_AT_ONCE: Final = 8
BEATS_FIRST, SMALL_FIRST, BEATS_ONLY, SMALL_ONLY = 0, 1, 2, 3
"""What :func:`propose` draws anew, and in which order."""

MODES: Final = 4
Graph = tuple[IntArray, IntArray, FloatArray, IntArray]
"""Start of each atom's borders; neighbour, metres and kind of each border."""

Rule = tuple[int, int, float, float, FloatArray, FloatArray, float, int]
"""Least and most households; what a group out of the band, a poor shape, a cut border and a crossed
one (each by kind) and a group as such cost; and the last kind of border that groups reach across.
"""

Measures = tuple[IntArray, FloatArray, FloatArray]
"""Households, area and perimeter of each atom."""


@nb.njit(cache=True, nogil=True)
def flood(
    seed: int, label: IntArray, graph: Graph, out: IntArray, where: IntArray, count: int
) -> int:
    """Add the atoms of the group of `seed` to `out[count:]`; return how many there are then.

    `where` holds each atom's place in `out`, -1 for none.
    """
    start, beside, _, _ = graph
    wanted = label[seed]
    out[count] = seed
    where[seed] = count
    done = count
    count += 1
    while done < count:
        atom = out[done]
        done += 1
        for k in range(start[atom], start[atom + 1]):
            other = beside[k]
            if where[other] < 0 and label[other] == wanted:
                where[other] = count
                out[count] = other
                count += 1
    return count


@nb.njit(cache=True, nogil=True)
def local_borders(atoms: IntArray, where: IntArray, graph: Graph) -> Any:
    """Return the borders among some atoms: places of the two ends, metres, kind."""
    start, beside, length, kind = graph
    most = 0
    for atom in atoms:
        most += start[atom + 1] - start[atom]
    ends = np.empty((most, 2), np.int64)
    metres = np.empty(most, np.float64)
    kinds = np.empty(most, np.int64)
    count = 0
    for place in range(len(atoms)):
        atom = atoms[place]
        for k in range(start[atom], start[atom + 1]):
            other = where[beside[k]]
            if other > place:
                ends[count, 0], ends[count, 1] = place, other
                metres[count] = length[k]
                kinds[count] = kind[k]
                count += 1
    return ends[:count], metres[:count], kinds[:count]


@nb.njit(cache=True, nogil=True)
def cost_of(
    group: IntArray,
    measures: Measures,
    ends: IntArray,
    metres: FloatArray,
    kinds: IntArray,
    rule: Rule,
) -> float:
    """Return the cost of groups, labelled 0..m-1."""
    low, high, band_weight, shape_weight, per_cut, per_crossing, per_group, reach = rule
    most = len(group)  # each atom a group of its own
    households = np.zeros(most, np.int64)
    area = np.zeros(most)
    perimeter = np.zeros(most)
    used = np.zeros(most, np.bool_)
    for atom in range(most):
        own = group[atom]
        used[own] = True
        households[own] += measures[0][atom]
        area[own] += measures[1][atom]
        perimeter[own] += measures[2][atom]
    total = 0.0
    for border in range(len(ends)):
        own = group[ends[border, 0]]
        if own == group[ends[border, 1]]:
            perimeter[own] -= 2.0 * metres[border]  # it is in the perimeter of both its atoms
            total += per_crossing[kinds[border]]
        elif kinds[border] <= reach:
            total += per_cut[kinds[border]]
    for i in range(most):
        if used[i]:
            total += band_weight * penalty(households[i], low, high) + per_group
            total += shape_weight * shape_penalty(area[i], perimeter[i])
    return total


@nb.njit(cache=True, nogil=True)
def shape_penalty(area: float, perimeter: float) -> float:
    """Return how much poorer than a square a shape is; poorer still counts more than twice."""
    excess = perimeter * perimeter / (12.566370614359172 * area) - _BEST_SHAPE  # 4 pi
    return excess * (1.0 + excess) if excess > 0.0 else 0.0


@nb.njit(cache=True, nogil=True)
def _recut(
    households: IntArray,
    ends: IntArray,
    metres: FloatArray,
    usable: np.ndarray,
    uncut: np.ndarray,
    rule: Rule,
    state: np.ndarray,
) -> IntArray:
    """Return groups from one random tree over the borders `usable`; those `uncut` stay uncut."""
    low, high, _, _, _, _, per_group, _ = rule
    most = 0
    for border in range(len(ends)):
        if usable[border]:
            most += 1
    pairs = np.empty((most, 2), np.int64)
    key = np.empty(most)
    never_cut = np.empty(most, np.bool_)
    count = 0
    for border in range(len(ends)):
        if usable[border]:
            pairs[count] = ends[border]
            # The lowest keys make the tree. Long borders come early, so that short ones are cut;
            # those that stay uncut come before all others, so that none is left out of the tree.
            key[count] = draw(state) / (4.0 + metres[border]) + (0.0 if uncut[border] else 1.0)
            never_cut[count] = uncut[border]
            count += 1
    tree = spanning_forest(len(households), pairs, key)
    # Another aim each time: groups that are all alike leave less for the next try to find.
    aim = low + (high - low) * (0.2 + 0.6 * draw(state))
    return cut_tree(households, pairs, tree, never_cut, (low, high, aim, per_group))


@nb.njit(cache=True, nogil=True)
def propose(
    mode: int,
    small: IntArray,
    beat: IntArray,
    measures: Measures,
    borders: Any,
    rules: Any,
    state: np.ndarray,
) -> Any:
    """Return new small grids and beats; `mode`: :data:`BEATS_FIRST` and those beside it."""
    ends, metres, kinds = borders
    none, every = np.zeros(len(ends), np.bool_), np.ones(len(ends), np.bool_)
    usable = np.empty(len(ends), np.bool_)
    if mode == BEATS_FIRST:
        # Now and then compounds hold together before streets and walls are crossed.
        is_inner = kinds <= _LANE
        favoured = metres.copy()
        if draw(state) < 0.7:
            favoured = np.where(is_inner, metres + 40.0, metres * 0.2)
        beat = _recut(measures[0], ends, favoured, every, none, rules[1], state)
    if mode != BEATS_ONLY:
        for border in range(len(ends)):
            usable[border] = kinds[border] < BEAT_ONLY and (
                mode == SMALL_FIRST or beat[ends[border, 0]] == beat[ends[border, 1]]
            )
        small = _recut(measures[0], ends, metres * _EASE[kinds], usable, none, rules[0], state)
    if mode in {SMALL_FIRST, BEATS_ONLY}:
        for border in range(len(ends)):
            one, two = ends[border]
            usable[border] = small[one] == small[two] and kinds[border] < BEAT_ONLY
        beat = _recut(measures[0], ends, metres, every, usable, rules[1], state)
    return small, beat


@nb.njit(cache=True, nogil=True)
def select_beats(
    seed: int, others: int, beat: IntArray, graph: Graph, out: IntArray, where: IntArray,
    state: np.ndarray,
) -> int:  # fmt: skip
    """Put the beat of `seed` and up to `others` that touch into `out`; return how many atoms."""
    start, beside, _, _ = graph
    count = flood(seed, beat, graph, out, where, int(np.int64(0)))
    for _ in range(others):
        outward = 0
        chosen = int(np.int64(-1))
        for place in range(count):
            atom = out[place]
            for k in range(start[atom], start[atom + 1]):
                if where[beside[k]] < 0:
                    outward += 1
                    # The n-th takes the place of the one chosen with chance 1/n: all have the same.
                    if draw(state) * outward < 1.0:
                        chosen = beside[k]
        if chosen < 0:
            break
        count = flood(chosen, beat, graph, out, where, count)
    return count


@nb.njit(cache=True, nogil=True)
def relabel(label: IntArray, atoms: IntArray) -> IntArray:
    """Return labels 0..m-1 of some atoms."""
    out = np.empty(len(atoms), np.int64)
    seen = np.empty(len(atoms), np.int64)
    count = 0
    for place in range(len(atoms)):
        wanted = label[atoms[place]]  # looked for in a list: there are a few labels only
        group = 0
        while group < count and seen[group] != wanted:
            group += 1
        if group == count:
            seen[count] = wanted
            count += 1
        out[place] = group
    return out


@nb.njit(cache=True, nogil=True)
def write(label: IntArray, atoms: IntArray, group: IntArray) -> None:
    """Name each group after the lowest of its atoms."""
    lowest = np.full(len(atoms), 9223372036854775807)  # above every atom
    for place in range(len(atoms)):
        lowest[group[place]] = min(lowest[group[place]], atoms[place])
    for place in range(len(atoms)):
        label[atoms[place]] = lowest[group[place]]


@nb.njit(cache=True, nogil=True)
def _recombine(
    seed: int, others: int, tries: int, labels: Any, graph: Graph, all_measures: Measures,
    rules: Any, room: Any, state: np.ndarray,
) -> bool:  # fmt: skip
    """Draw some beats anew, `tries` times; return whether something better was found."""
    small, beat = labels
    out, where = room[0], room[1]
    count = select_beats(seed, others, beat, graph, out, where, state)
    atoms = out[:count].copy()
    borders = local_borders(atoms, where, graph)
    where[atoms] = -1
    ends, metres, kinds = borders
    measures = (all_measures[0][atoms], all_measures[1][atoms], all_measures[2][atoms])
    old_small, old_beat = relabel(small, atoms), relabel(beat, atoms)
    best = cost_of(old_small, measures, ends, metres, kinds, rules[0]) + cost_of(
        old_beat, measures, ends, metres, kinds, rules[1]
    )
    better = False
    for _ in range(tries):
        mode = int(draw(state) * MODES)
        new_small, new_beat = propose(mode, old_small, old_beat, measures, borders, rules, state)
        cost = cost_of(new_small, measures, ends, metres, kinds, rules[0])
        if cost < best:  # no cost is negative: else the beats need not be looked at
            cost += cost_of(new_beat, measures, ends, metres, kinds, rules[1])
        if cost < best - 1e-9:  # more than rounding
            best, better = cost, True
            old_small, old_beat = new_small, new_beat
    if better:
        write(small, atoms, old_small)
        write(beat, atoms, old_beat)
    return better


@nb.njit(cache=True, nogil=True)
def draw_initial(
    atoms: IntArray, labels: Any, graph: Graph, all_measures: Measures, rules: Any,
    room: Any, tries: int, state: np.ndarray,
) -> None:  # fmt: skip
    """Draw the first small grids and beats of a region, the best of some tries both ways.

    At first every enclosure is one small grid, and the region one beat.
    """
    labels[1][atoms] = atoms[0]
    # Plain numbers are each of a type of their own to Numba: for each the whole would be compiled.
    _recombine(atoms[0], int(np.int64(0)), tries, labels, graph, all_measures, rules, room, state)


@nb.njit(cache=True, nogil=True)
def improve(
    atoms: IntArray, labels: Any, graph: Graph, all_measures: Measures, rules: Any,
    room: Any, tries_per_beat: int, state: np.ndarray,
) -> None:  # fmt: skip
    """Draw beats of a region anew, everywhere some times, and more often where one is at fault."""
    households = all_measures[0]
    households_in_all = 0
    for atom in atoms:
        households_in_all += households[atom]
    for _ in range(tries_per_beat * (1 + households_in_all // rules[1][1])):
        seed = atoms[int(draw(state) * len(atoms))]
        others = int(draw(state) * 3)
        _recombine(
            seed, others, int(np.int64(2)), labels, graph, all_measures, rules, room, state
        )  # fmt: skip
    tries = int(np.int64(_TRIES_AT_ONCE))
    for _ in range(_TRIES_PER_FAULT // _TRIES_AT_ONCE):
        at_fault = out_of_band(atoms, labels, households, rules)
        if len(at_fault) == 0:
            return
        for seed in at_fault:
            others = 1 + int(draw(state) * 6)
            _recombine(
                seed, others, tries, labels, graph, all_measures, rules, room, state
            )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def position_of(atom: int, atoms: IntArray) -> int:
    """Return the place of the first of some ascending atoms that is not below `i`."""
    low, high = 0, len(atoms) - 1
    while low < high:
        middle = (low + high) >> 1
        if atoms[middle] < atom:
            low = middle + 1
        else:
            high = middle
    return low


@nb.njit(cache=True, nogil=True)
def out_of_band(atoms: IntArray, labels: Any, households: IntArray, rules: Any) -> IntArray:
    """Return one atom of each group that is out of its band; `atoms` ascend."""
    sums = np.zeros((2, len(atoms)), np.int64)
    for atom in atoms:
        for which in range(2):
            sums[which, position_of(labels[which][atom], atoms)] += households[atom]
    at_fault = np.empty(2 * len(atoms), np.int64)
    count = 0
    for place in range(len(atoms)):
        atom = atoms[place]
        for which in range(2):
            if labels[which][atom] == atom:
                low, high = rules[which][0], rules[which][1]
                too_many = sums[which, place] > high and households[atom] < sums[which, place]
                if sums[which, place] < low or too_many:  # one building alone cannot be helped
                    at_fault[count] = atom
                    count += 1
    return at_fault[:count]
