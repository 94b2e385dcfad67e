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

SAME_ENCLOSURE: Final = 0
"""Kind of a border inside one enclosure; small grids and beats may reach across."""

BEAT_ONLY: Final = 1
"""Kind of a border that a beat may reach across, but no small grid."""

_BEST_SHAPE: Final = 1.27  # 1 / Polsby-Popper of a square
_TRIES_PER_BEAT: Final = 30
_TRIES_PER_FAULT: Final = 400
Graph = tuple[IntArray, IntArray, FloatArray, IntArray]
"""Start of each atom's borders; neighbour, metres and kind of each border."""

Measures = tuple[IntArray, FloatArray, FloatArray]
"""Households, area and perimeter of each atom."""


@nb.njit(cache=True, nogil=True)
def flood(seed: int, label: IntArray, graph: Graph, out: IntArray, where: IntArray, n: int) -> int:
    """Add the atoms of the group of `seed` to `out[n:]`; return how many there are then.

    `where` holds each atom's place in `out`, -1 for none.
    """
    start, beside, _, _ = graph
    name = label[seed]
    out[n] = seed
    where[seed] = n
    at = n
    n += 1
    while at < n:
        i = out[at]
        at += 1
        for k in range(start[i], start[i + 1]):
            j = beside[k]
            if where[j] < 0 and label[j] == name:
                where[j] = n
                out[n] = j
                n += 1
    return n


@nb.njit(cache=True, nogil=True)
def local_borders(atoms: IntArray, where: IntArray, graph: Graph) -> Any:
    """Return the borders among some atoms: places of the two ends, metres, kind."""
    start, beside, length, kind = graph
    most = 0
    for i in atoms:
        most += start[i + 1] - start[i]
    ends = np.empty((most, 2), np.int64)
    metres = np.empty(most, np.float64)
    kinds = np.empty(most, np.int64)
    n = 0
    for place in range(len(atoms)):
        i = atoms[place]
        for k in range(start[i], start[i + 1]):
            other = where[beside[k]]
            if other > place:
                ends[n, 0], ends[n, 1] = place, other
                metres[n] = length[k]
                kinds[n] = kind[k]
                n += 1
    return ends[:n], metres[:n], kinds[:n]


@nb.njit(cache=True, nogil=True)
def cost_of(
    group: IntArray,
    measures: Measures,
    ends: IntArray,
    metres: FloatArray,
    kinds: IntArray,
    rule: tuple[int, int, float, float, float, float, int],
) -> float:
    """Return the cost of groups, labelled 0..m-1.

    `rule`: least and most households, what a group out of the band, a poor shape, a cut border and
    a group as such cost, and the kind of border up to which groups reach.
    """
    low, high, band, shape, cut, each, reach = rule
    m = len(group)
    households = np.zeros(m, np.int64)
    area = np.zeros(m)
    around = np.zeros(m)
    used = np.zeros(m, np.bool_)
    for i in range(m):
        g = group[i]
        used[g] = True
        households[g] += measures[0][i]
        area[g] += measures[1][i]
        around[g] += measures[2][i]
    total = 0.0
    for e in range(len(ends)):
        g = group[ends[e, 0]]
        if g == group[ends[e, 1]]:
            around[g] -= 2.0 * metres[e]
        elif kinds[e] <= reach:
            total += cut
    for g in range(m):
        if used[g]:
            total += band * penalty(households[g], low, high) + each
            total += shape * shape_penalty(area[g], around[g])
    return total


@nb.njit(cache=True, nogil=True)
def shape_penalty(area: float, around: float) -> float:
    """Return how much poorer than a square a shape is; poorer still counts more than twice."""
    poor = around * around / (12.566370614359172 * area) - _BEST_SHAPE
    return poor * (1.0 + poor) if poor > 0.0 else 0.0


@nb.njit(cache=True, nogil=True)
def _recut(
    households: IntArray,
    ends: IntArray,
    metres: FloatArray,
    usable: np.ndarray,
    first: np.ndarray,
    rule: tuple[int, int, float, float, float, float, int],
    state: np.ndarray,
) -> IntArray:
    """Return groups from one random tree over the borders `usable`; those `first` stay uncut."""
    low, high, _, _, _, each, _ = rule
    count = 0
    for e in range(len(ends)):
        if usable[e]:
            count += 1
    some = np.empty((count, 2), np.int64)
    key = np.empty(count)
    whole = np.empty(count, np.bool_)
    n = 0
    for e in range(len(ends)):
        if usable[e]:
            some[n] = ends[e]
            # Long borders come early, so that short ones are cut.
            key[n] = draw(state) / (4.0 + metres[e]) + (0.0 if first[e] else 1.0)
            whole[n] = first[e]
            n += 1
    tree = spanning_forest(len(households), some, key)
    aim = low + (high - low) * (0.2 + 0.6 * draw(state))
    return cut_tree(households, some, tree, whole, (low, high, aim, each))


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
    """Return new small grids and beats: 0 beats first, 1 small grids first, 2 beats, 3 smalls."""
    ends, metres, kinds = borders
    none = np.zeros(len(ends), np.bool_)
    usable = np.empty(len(ends), np.bool_)
    if mode == 0:
        # Now and then compounds hold together before streets and walls are crossed.
        near = kinds == SAME_ENCLOSURE
        favoured = metres.copy()
        if draw(state) < 0.7:
            favoured = np.where(near, metres + 40.0, metres * 0.2)
        beat = _recut(measures[0], ends, favoured, none | True, none, rules[1], state)
    if mode in {0, 1, 3}:
        for e in range(len(ends)):
            usable[e] = kinds[e] == SAME_ENCLOSURE and (
                mode == 1 or beat[ends[e, 0]] == beat[ends[e, 1]]
            )
        small = _recut(measures[0], ends, metres, usable, none, rules[0], state)
    if mode in {1, 2}:
        for e in range(len(ends)):
            usable[e] = small[ends[e, 0]] == small[ends[e, 1]] and kinds[e] == SAME_ENCLOSURE
        beat = _recut(measures[0], ends, metres, none | True, usable, rules[1], state)
    return small, beat


@nb.njit(cache=True, nogil=True)
def select_beats(
    seed: int, more: int, beat: IntArray, graph: Graph, out: IntArray, where: IntArray,
    state: np.ndarray,
) -> int:  # fmt: skip
    """Put the beat of `seed` and up to `more` that touch into `out`; return how many atoms."""
    start, beside, _, _ = graph
    n = flood(seed, beat, graph, out, where, 0)
    for _ in range(more):
        outer = 0
        chosen = -1
        for place in range(n):
            i = out[place]
            for k in range(start[i], start[i + 1]):
                if where[beside[k]] < 0:
                    outer += 1
                    if draw(state) * outer < 1.0:
                        chosen = beside[k]
        if chosen < 0:
            break
        n = flood(chosen, beat, graph, out, where, n)
    return n


@nb.njit(cache=True, nogil=True)
def relabel(label: IntArray, atoms: IntArray) -> IntArray:
    """Return labels 0..m-1 of some atoms."""
    out = np.empty(len(atoms), np.int64)
    seen = np.empty(len(atoms), np.int64)
    n = 0
    for place in range(len(atoms)):
        name = label[atoms[place]]
        g = 0
        while g < n and seen[g] != name:
            g += 1
        if g == n:
            seen[n] = name
            n += 1
        out[place] = g
    return out


@nb.njit(cache=True, nogil=True)
def write(label: IntArray, atoms: IntArray, group: IntArray) -> None:
    """Name each group after the lowest of its atoms."""
    lowest = np.full(len(atoms), 9223372036854775807)
    for place in range(len(atoms)):
        lowest[group[place]] = min(lowest[group[place]], atoms[place])
    for place in range(len(atoms)):
        label[atoms[place]] = lowest[group[place]]


@nb.njit(cache=True, nogil=True)
def _recombine(
    seed: int, more: int, modes: int, labels: Any, graph: Graph, all_measures: Measures,
    rules: Any, room: Any, state: np.ndarray,
) -> bool:  # fmt: skip
    """Draw some beats anew, `modes` times; return whether something better was found."""
    small, beat = labels
    out, where = room[0], room[1]
    n = select_beats(seed, more, beat, graph, out, where, state)
    atoms = out[:n].copy()
    borders = local_borders(atoms, where, graph)
    where[atoms] = -1
    ends, metres, kinds = borders
    measures = (all_measures[0][atoms], all_measures[1][atoms], all_measures[2][atoms])
    old_small, old_beat = relabel(small, atoms), relabel(beat, atoms)
    best = cost_of(old_small, measures, ends, metres, kinds, rules[0]) + cost_of(
        old_beat, measures, ends, metres, kinds, rules[1]
    )
    better = False
    for _ in range(modes):
        mode = int(draw(state) * 4)
        new_small, new_beat = propose(mode, old_small, old_beat, measures, borders, rules, state)
        cost = cost_of(new_small, measures, ends, metres, kinds, rules[0])
        if cost < best:
            cost += cost_of(new_beat, measures, ends, metres, kinds, rules[1])
        if cost < best - 1e-9:
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
    _recombine(atoms[0], 0, tries, labels, graph, all_measures, rules, room, state)


@nb.njit(cache=True, nogil=True)
def improve(
    atoms: IntArray, labels: Any, graph: Graph, all_measures: Measures, rules: Any,
    room: Any, state: np.ndarray,
) -> None:  # fmt: skip
    """Draw beats of a region anew, everywhere some times, and more often where one is at fault."""
    households = all_measures[0]
    total = 0
    for i in atoms:
        total += households[i]
    for _ in range(_TRIES_PER_BEAT * (1 + total // rules[1][1])):
        seed = atoms[int(draw(state) * len(atoms))]
        _recombine(seed, int(draw(state) * 3), 2, labels, graph, all_measures, rules, room, state)
    for _ in range(_TRIES_PER_FAULT // 8):
        bad = out_of_band(atoms, labels, households, rules)
        if len(bad) == 0:
            return
        for seed in bad:
            more = 1 + int(draw(state) * 6)
            _recombine(seed, more, 8, labels, graph, all_measures, rules, room, state)


@nb.njit(cache=True, nogil=True)
def position_of(i: int, atoms: IntArray) -> int:
    """Return the place of the first of some ascending atoms that is not below `i`."""
    low, high = 0, len(atoms) - 1
    while low < high:
        middle = (low + high) >> 1
        if atoms[middle] < i:
            low = middle + 1
        else:
            high = middle
    return low


@nb.njit(cache=True, nogil=True)
def out_of_band(atoms: IntArray, labels: Any, households: IntArray, rules: Any) -> IntArray:
    """Return one atom of each group that is out of its band; `atoms` ascend."""
    sums = np.zeros((2, len(atoms)), np.int64)
    for i in atoms:
        for which in range(2):
            sums[which, position_of(labels[which][i], atoms)] += households[i]
    bad = np.empty(2 * len(atoms), np.int64)
    n = 0
    for place in range(len(atoms)):
        i = atoms[place]
        for which in range(2):
            if labels[which][i] == i:
                low, high = rules[which][0], rules[which][1]
                if sums[which, place] < low or sums[which, place] > high:
                    bad[n] = i
                    n += 1
    return bad[:n]
