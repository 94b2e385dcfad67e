"""Split a graph into connected groups between bounds: random spanning trees, solved exactly.

On a tree a dynamic programme over the weight of the open group finds the cheapest way to cut it
into groups whose weights lie in the band. Each random tree gives one such answer; the
caller draws many and keeps the best.
"""

from typing import Any, Final

import numba as nb
import numpy as np

from geo.arrays import BoolArray, FloatArray, IntArray

OUT_OF_BAND: Final = 1000.0
"""Cost of a group out of its band, and a fiftieth of it more for each household."""

_INF: Final = 1e18


@nb.njit(cache=True, nogil=True)
def draw(state: np.ndarray) -> float:
    """Return the next random number in [0, 1) (splitmix64); `state` is one uint64."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@nb.njit(cache=True, nogil=True)
def penalty(weight: int, low: int, high: int) -> float:
    """Return the cost of a group's weight: none inside the band."""
    if low <= weight <= high:
        return 0.0
    off = low - weight if weight < low else weight - high
    return OUT_OF_BAND * (1.0 + 0.02 * off)


@nb.njit(cache=True, nogil=True)
def _root(parent: IntArray, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@nb.njit(cache=True, nogil=True)
def spanning_forest(m: int, ends: IntArray, key: FloatArray) -> IntArray:
    """Return the rows of `ends` that form the spanning forest of the lowest keys."""
    parent = np.arange(m)
    kept = np.empty(m, np.int64)
    n = 0
    for e in np.argsort(key):
        one, two = _root(parent, ends[e, 0]), _root(parent, ends[e, 1])
        if one != two:
            parent[one] = two
            kept[n] = e
            n += 1
    return kept[:n]


@nb.njit(cache=True, nogil=True)
def _rooted(m: int, ends: IntArray, tree: IntArray) -> Any:
    """Return the order from the roots down, each node's parent (-1) and the tree edge to it."""
    start = np.zeros(m + 1, np.int64)
    for e in tree:
        start[ends[e, 0] + 1] += 1
        start[ends[e, 1] + 1] += 1
    for i in range(m):
        start[i + 1] += start[i]
    filled = start[:-1].copy()
    beside = np.empty(2 * len(tree), np.int64)
    for e in tree:
        for side in range(2):
            i = ends[e, side]
            beside[filled[i]] = e
            filled[i] += 1
    up = np.full(m, -2, np.int64)
    edge = np.full(m, -1, np.int64)
    order = np.empty(m, np.int64)
    n = 0
    for root in range(m):
        if up[root] != -2:
            continue
        up[root] = -1
        order[n] = root
        at = n
        n += 1
        while at < n:
            i = order[at]
            at += 1
            for k in range(start[i], start[i + 1]):
                e = beside[k]
                j = ends[e, 0] + ends[e, 1] - i
                if up[j] == -2:
                    up[j] = i
                    edge[j] = e
                    order[n] = j
                    n += 1
    return order, up, edge


@nb.njit(cache=True, nogil=True)
def cut_tree(
    weight: IntArray,
    ends: IntArray,
    tree: IntArray,
    whole: BoolArray,
    band: tuple[int, int, float, float],
) -> IntArray:
    """Cut a forest into the cheapest groups.

    Parameters
    ----------
    weight : ndarray of int64, shape (m,)
    ends : ndarray of int64, shape (e, 2)
    tree : ndarray of int64
        Rows of `ends` in the forest.
    whole : ndarray of bool, shape (e,)
        Edges that are never cut.
    band : tuple
        Least and most weight, the weight aimed at, and the cost of one group more.

    Returns
    -------
    ndarray of int64, shape (m,)
        Group of each node, 0, 1, 2 ... Cost: m times the square of the number of sums that occur.
    """
    low, high, aim, each = band
    m, cap = len(weight), low + high
    order, up, edge = _rooted(m, ends, tree)
    cost = np.full((m, cap + 1), _INF)
    before = np.full((m, cap + 1), -1, np.int16)  # the parent's sum before this child
    share = np.full((m, cap + 1), -1, np.int16)  # the child's sum, -1 where it was cut off
    closed = np.zeros(m, np.int64)
    first = np.empty(m, np.int64)
    last = np.empty(m, np.int64)
    for i in range(m):
        first[i] = last[i] = min(weight[i], cap)
        cost[i, first[i]] = 0.0
    new = np.empty(cap + 1)
    close = np.empty(cap + 1)
    for s in range(cap + 1):
        close[s] = penalty(s, low, high) + each + 0.01 * abs(s - aim)
    for place in range(m - 1, -1, -1):
        c = order[place]
        best = _INF
        for s in range(first[c], last[c] + 1):
            if cost[c, s] + close[s] < best:
                best = cost[c, s] + close[s]
                closed[c] = s
        v = up[c]
        if v < 0:
            continue
        rigid = whole[edge[c]]
        new[:] = _INF
        for s in range(first[v], last[v] + 1):
            had = cost[v, s]
            if had >= _INF:
                continue
            if not rigid and had + best < new[s]:
                new[s] = had + best
                before[c, s] = s
                share[c, s] = -1
            for t in range(first[c], last[c] + 1):
                if cost[c, t] >= _INF:
                    continue
                total = s + t
                if total > cap:
                    if not rigid:
                        break
                    total = cap
                if had + cost[c, t] < new[total]:
                    new[total] = had + cost[c, t]
                    before[c, total] = s
                    share[c, total] = t
        last[v] = min(last[v] + last[c], cap)
        cost[v, :] = new
    return _groups(order, up, closed, before, share)


@nb.njit(cache=True, nogil=True)
def _groups(
    order: IntArray, up: IntArray, closed: IntArray, before: np.ndarray, share: np.ndarray
) -> IntArray:
    """Return the groups that the programme chose, from the roots down."""
    m = len(order)
    total = closed.copy()  # sum of the part of each node's group that is not yet handed down
    group = np.full(m, -1, np.int64)
    n = 0
    first_child = np.full(m, -1, np.int64)
    next_child = np.full(m, -1, np.int64)
    for place in range(m - 1, -1, -1):  # the order in which children were merged
        c = order[place]
        if up[c] >= 0:
            # prepended: read from the front, the child merged last comes first
            next_child[c] = first_child[up[c]]
            first_child[up[c]] = c
    for place in range(m):
        v = order[place]
        if group[v] < 0:
            group[v] = n
            n += 1
        s = total[v]
        c = first_child[v]
        while c >= 0:
            t = share[c, s]
            if t >= 0:
                group[c] = group[v]
                total[c] = t
            s = before[c, s]
            c = next_child[c]
    return group
