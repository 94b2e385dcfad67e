"""Two small grids that touch, divided between them in the best of all ways.

Every way to hand out the atoms of two neighbours is tried (move one, swap two, anything), so after
a sweep without a change no exchange between any two neighbours can make the drawing better.
"""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import IntArray
from geo.partition.joint import (
    SAME_ENCLOSURE,
    Graph,
    Measures,
    cost_of,
    flood,
    local_borders,
    proposal,
    renamed,
    take,
    write,
)
from geo.partition.trees import draw, penalty

ATOMS_MOST: Final = 13
"""Two grids of more atoms than this are left to the random trees: 2 to this power is too many."""

_SWEEPS: Final = 6
_KICKS_PER_BEAT: Final = 6
_BEST_SHAPE: Final = 1.27


@nb.njit(cache=True)
def exchange(
    atoms: IntArray, labels: Any, graph: Graph, measures: Measures, rules: Any, work: Any,
    scratch: Any,
) -> None:  # fmt: skip
    """Exchange atoms between all neighbours among whole beats until nothing gets better.

    `scratch`: per atom the sweep in which its grid last changed, and False.
    """
    small = labels[0]
    start, beside, _, kind = graph
    moved, inside = scratch
    moved[atoms] = 0
    inside[atoms] = True
    for sweep in range(1, _SWEEPS + 1):
        changed = False
        for i in atoms:
            for k in range(start[i], start[i + 1]):
                j = beside[k]
                one, two = small[i], small[j]
                if kind[k] != SAME_ENCLOSURE or one >= two or not inside[j]:
                    continue
                if max(moved[one], moved[two]) < sweep - 1:
                    continue
                if not _first_border(i, j, small, graph, work):
                    continue
                if _best_of_two(one, two, labels, graph, measures, rules, work):
                    moved[small[i]] = moved[small[j]] = sweep
                    moved[one] = moved[two] = sweep
                    changed = True
        if not changed:
            break
    inside[atoms] = False


@nb.njit(cache=True)
def refine(
    atoms: IntArray, labels: Any, graph: Graph, all_measures: Measures, rules: Any, work: Any,
    scratch: Any, state: np.ndarray,
) -> None:  # fmt: skip
    """Draw a few beats anew, exchange inside them, and keep the outcome if it is no worse."""
    small, beat = labels
    out, where = work
    total = 0
    for i in atoms:
        total += all_measures[0][i]
    for _ in range(_KICKS_PER_BEAT * (1 + total // rules[1][1])):
        seed = atoms[int(draw(state) * len(atoms))]
        n = take(seed, int(draw(state) * 3), beat, graph, out, where, state)
        some = out[:n].copy()
        borders = local_borders(some, where, graph)
        where[some] = -1
        ends, metres, kinds = borders
        measures = (all_measures[0][some], all_measures[1][some], all_measures[2][some])
        former = small[some].copy(), beat[some].copy()
        parts = renamed(small, some), renamed(beat, some)
        before = cost_of(parts[0], measures, ends, metres, kinds, rules[0]) + cost_of(
            parts[1], measures, ends, metres, kinds, rules[1]
        )
        fresh = proposal(int(draw(state) * 4), parts[0], parts[1], measures, borders, rules, state)
        write(small, some, fresh[0])
        write(beat, some, fresh[1])
        exchange(some, labels, graph, all_measures, rules, work, scratch)
        parts = renamed(small, some), renamed(beat, some)
        after = cost_of(parts[0], measures, ends, metres, kinds, rules[0]) + cost_of(
            parts[1], measures, ends, metres, kinds, rules[1]
        )
        if after > before + 1e-9:
            small[some] = former[0]
            beat[some] = former[1]


@nb.njit(cache=True)
def _first_border(i: int, j: int, small: IntArray, graph: Graph, work: Any) -> bool:
    """Tell whether no earlier atom of the group of `i` touches the group of `j`."""
    start, beside, _, kind = graph
    out, where = work
    n = flood(i, small, graph, out, where, 0)
    first = True
    for place in range(n):
        a = out[place]
        where[a] = -1
        if a > i:
            continue
        for k in range(start[a], start[a + 1]):
            b = beside[k]
            if small[b] == small[j] and kind[k] == SAME_ENCLOSURE and (a < i or b < j):
                first = False
    return first


@nb.njit(cache=True)
def _joined(mask: int, beside: IntArray) -> bool:
    """Tell whether the atoms of a mask are connected."""
    reached = mask & -mask
    rest = mask ^ reached
    found = reached
    while found:
        touched = 0
        i = 0
        left = found
        while left:
            if left & 1:
                touched |= beside[i]
            left >>= 1
            i += 1
        found = touched & rest
        rest ^= found
    return rest == 0


@nb.njit(cache=True)
def _shape(area: float, around: float, weight: float) -> float:
    poor = around * around / (12.566370614359172 * area) - _BEST_SHAPE
    return weight * poor * (1.0 + poor) if poor > 0.0 else 0.0


@nb.njit(cache=True)
def _best_of_two(
    one: int, two: int, labels: Any, graph: Graph, all_measures: Measures, rules: Any, work: Any,
) -> bool:  # fmt: skip
    """Divide the atoms of two small grids anew; return whether that made it better."""
    small, beat = labels
    out, where = work
    m = flood(one, small, graph, out, where, 0)
    m = flood(two, small, graph, out, where, m)
    if m > ATOMS_MOST:
        where[out[:m]] = -1
        return False
    n = m
    apart = beat[one] != beat[two]
    if apart:  # the rest of both beats, after the atoms of the pair
        n = _rest_of_beats(m, beat, graph, out, where)
    atoms = out[:n].copy()
    ends, metres, kinds = local_borders(atoms, where, graph)
    where[atoms] = -1
    measures = (all_measures[0][atoms], all_measures[1][atoms], all_measures[2][atoms])
    old = 0
    for i in range(m):
        if small[atoms[i]] == one:
            old |= 1 << i
    best = _best_mask(old, m, atoms, beat, (ends, metres, kinds), measures, rules, apart)
    if best == old:
        return False
    first, second = beat[one], beat[two]
    lowest_one, lowest_two = 9223372036854775807, 9223372036854775807
    for i in range(m):
        if best >> i & 1:
            lowest_one = min(lowest_one, atoms[i])
        else:
            lowest_two = min(lowest_two, atoms[i])
    for i in range(m):
        inside = best >> i & 1
        small[atoms[i]] = lowest_one if inside else lowest_two
        beat[atoms[i]] = first if inside else second
    if apart:
        _rename(beat, atoms, first)
    return True


@nb.njit(cache=True)
def _rename(beat: IntArray, atoms: IntArray, first: int) -> None:
    """Name two beats after the lowest of their atoms."""
    low = np.array([9223372036854775807, 9223372036854775807])
    side = np.empty(len(atoms), np.int64)
    for i in range(len(atoms)):
        side[i] = 0 if beat[atoms[i]] == first else 1
        low[side[i]] = min(low[side[i]], atoms[i])
    for i in range(len(atoms)):
        beat[atoms[i]] = low[side[i]]


@nb.njit(cache=True)
def _rest_of_beats(m: int, beat: IntArray, graph: Graph, out: IntArray, where: IntArray) -> int:
    """Add what is missing of the beats of the atoms in `out`; return how many there are then."""
    start, beside, _, _ = graph
    at, n = 0, m
    while at < n:
        i = out[at]
        at += 1
        for k in range(start[i], start[i + 1]):
            j = beside[k]
            if where[j] < 0 and beat[j] == beat[i]:
                where[j] = n
                out[n] = j
                n += 1
    return n


@nb.njit(cache=True)
def _best_mask(
    old: int, m: int, atoms: IntArray, beat: IntArray, borders: Any, measures: Measures,
    rules: Any, apart: bool,
) -> int:  # fmt: skip
    """Return the best set of atoms for the first of two grids; `old` if nothing is better."""
    ends, metres, kinds = borders
    low, high, band, shape, cut, _, _ = rules[0]
    beside = np.zeros(m, np.int64)
    border = np.zeros((m, m))
    for e in range(len(ends)):
        a, b = ends[e]
        if a < m and b < m and kinds[e] == SAME_ENCLOSURE:
            beside[a] |= 1 << b
            beside[b] |= 1 << a
            border[a, b] = border[b, a] = metres[e]
    households, area, around = measures
    people = area_all = around_all = 0.0
    count = 0
    for i in range(m):
        people += households[i]
        area_all += area[i]
        around_all += around[i]
        for j in range(i):
            if border[i, j] > 0.0:
                count += 1
    full = (1 << m) - 1
    best, best_cost = old, np.inf
    # `old` is priced first; of the two complementary masks only the one with atom 0 is tried.
    for step in range(-1, 1 << (m - 1)):
        mask = old if step < 0 else (step << 1) | 1
        if mask == full or (step >= 0 and mask == old):
            continue
        w = 0
        for i in range(m):
            if mask >> i & 1:
                w += households[i]
        cost = band * (penalty(w, low, high) + penalty(int(people) - w, low, high))
        if cost >= best_cost - 1e-9:
            continue
        if step >= 0 and not (_joined(mask, beside) and _joined(full ^ mask, beside)):
            continue
        a1 = p1 = p2 = 0.0
        parted = 0
        for i in range(m):
            inside = mask >> i & 1
            if inside:
                a1 += area[i]
                p1 += around[i]
            else:
                p2 += around[i]
            for j in range(i):
                if border[i, j] > 0.0:
                    if (mask >> j & 1) != inside:
                        parted += 1
                    elif inside:
                        p1 -= 2.0 * border[i, j]
                    else:
                        p2 -= 2.0 * border[i, j]
        cost += _shape(a1, p1, shape) + _shape(area_all - a1, p2, shape) + cut * parted
        if cost >= best_cost - 1e-9:
            continue
        if apart:
            cost += _beat_cost(mask, old, m, atoms, beat, borders, measures, rules)
            if cost >= best_cost - 1e-9:
                continue
        best, best_cost = mask, cost
    return best


@nb.njit(cache=True)
def _beat_cost(
    mask: int, old: int, m: int, atoms: IntArray, beat: IntArray, borders: Any, measures: Measures,
    rules: Any,
) -> float:  # fmt: skip
    """Return the cost of the two beats of a pair if `mask` is the first grid; inf if torn apart."""
    ends, metres, kinds = borders
    n = len(atoms)
    first = -1
    for i in range(m):
        if old >> i & 1:
            first = beat[atoms[i]]
            break
    group = np.empty(n, np.int64)
    for i in range(n):
        group[i] = 0 if beat[atoms[i]] == first else 1
    for i in range(m):
        group[i] = 0 if mask >> i & 1 else 1
    if not _two_parts(group, ends):
        return np.inf
    return cost_of(group, measures, ends, metres, kinds, rules[1])


@nb.njit(cache=True)
def _two_parts(group: IntArray, ends: IntArray) -> bool:
    """Tell whether each of two groups is connected."""
    n = len(group)
    parent = np.arange(n)
    parts = n
    for e in range(len(ends)):
        a, b = ends[e]
        if group[a] == group[b]:
            while parent[a] != a:
                a = parent[a]
            while parent[b] != b:
                b = parent[b]
            if a != b:
                parent[a] = b
                parts -= 1
    return parts == 2
