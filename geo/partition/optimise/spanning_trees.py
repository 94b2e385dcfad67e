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
_UNREACHED: Final = -2
"""Parent of a node that has not been reached yet; that of a root is -1."""


@nb.njit(cache=True, nogil=True)
def draw(state: np.ndarray) -> float:
    """Return the next random number in [0, 1) (splitmix64); `state` is one uint64."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = state[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits = bits ^ (bits >> np.uint64(31))
    return float(bits >> np.uint64(11)) / 9007199254740992.0  # 53 bits, what a float holds


@nb.njit(cache=True, nogil=True)
def penalty(weight: int, low: int, high: int) -> float:
    """Return the cost of a group's weight: none inside the band."""
    if low <= weight <= high:
        return 0.0
    outside = low - weight if weight < low else weight - high
    return OUT_OF_BAND * (1.0 + 0.02 * outside)


@nb.njit(cache=True, nogil=True)
def _root(parent: IntArray, i: int) -> int:
    """Return what stands for the tree of node `i`."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]  # halves the way for the next one who asks
        i = parent[i]
    return i


@nb.njit(cache=True, nogil=True)
def spanning_forest(nodes: int, ends: IntArray, key: FloatArray) -> IntArray:
    """Return the rows of `ends` that form the spanning forest of the lowest keys."""
    parent = np.arange(nodes)
    kept = np.empty(nodes, np.int64)
    count = 0
    for edge in np.argsort(key):
        one, two = _root(parent, ends[edge, 0]), _root(parent, ends[edge, 1])
        if one != two:
            parent[one] = two
            kept[count] = edge
            count += 1
    return kept[:count]


@nb.njit(cache=True, nogil=True)
def _rooted(nodes: int, ends: IntArray, tree: IntArray) -> Any:
    """Return the order from the roots down, each node's parent (-1) and the tree edge to it."""
    start = np.zeros(nodes + 1, np.int64)
    for edge in tree:
        start[ends[edge, 0] + 1] += 1
        start[ends[edge, 1] + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    filled = start[:-1].copy()
    beside = np.empty(2 * len(tree), np.int64)
    for edge in tree:
        for side in range(2):
            node = ends[edge, side]
            beside[filled[node]] = edge
            filled[node] += 1
    parent = np.full(nodes, _UNREACHED, np.int64)
    parent_edge = np.full(nodes, -1, np.int64)
    order = np.empty(nodes, np.int64)
    reached = 0
    for root in range(nodes):
        if parent[root] != _UNREACHED:
            continue
        parent[root] = -1
        order[reached] = root
        done = reached
        reached += 1
        while done < reached:
            node = order[done]
            done += 1
            for k in range(start[node], start[node + 1]):
                edge = beside[k]
                other = ends[edge, 0] + ends[edge, 1] - node  # the end that is not `node`
                if parent[other] == _UNREACHED:
                    parent[other] = node
                    parent_edge[other] = edge
                    order[reached] = other
                    reached += 1
    return order, parent, parent_edge


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
    low, high, aim, per_group = band
    # A group that is heavier still is out of the band by more than `low`: not worth a column.
    nodes, most = len(weight), low + high
    order, parent, parent_edge = _rooted(nodes, ends, tree)
    cost = np.full((nodes, most + 1), _INF)
    own_before = np.full((nodes, most + 1), -1, np.int16)  # the parent's sum before this child
    child_sum = np.full((nodes, most + 1), -1, np.int16)  # the child's sum, -1 where it was cut off
    closing_sum = np.zeros(nodes, np.int64)
    least_sum = np.empty(nodes, np.int64)
    most_sum = np.empty(nodes, np.int64)
    for node in range(nodes):
        least_sum[node] = most_sum[node] = min(weight[node], most)
        cost[node, least_sum[node]] = 0.0
    merged = np.empty(most + 1)
    closing_cost = np.empty(most + 1)
    for own in range(most + 1):
        closing_cost[own] = penalty(own, low, high) + per_group + 0.01 * abs(own - aim)
    for place in range(nodes - 1, -1, -1):  # from the leaves up
        child = order[place]
        cheapest = _INF
        for own in range(least_sum[child], most_sum[child] + 1):
            if cost[child, own] + closing_cost[own] < cheapest:  # of equal ones the lightest
                cheapest = cost[child, own] + closing_cost[own]
                closing_sum[child] = own
        above = parent[child]
        if above >= 0:
            never_cut = whole[parent_edge[child]]
            tables = (least_sum, most_sum, cost, own_before, child_sum)
            _merge_child(child, above, cheapest, never_cut, tables, merged)
    return _groups(order, parent, closing_sum, own_before, child_sum)


@nb.njit(cache=True, nogil=True)
def _merge_child(
    child: int,
    above: int,
    cheapest: float,
    never_cut: bool,
    tables: Any,
    merged: FloatArray,
) -> None:
    """Add a child to the open group of the node above it, or close the child's at `cheapest`."""
    least_sum, most_sum, cost, own_before, child_sum = tables
    most = len(merged) - 1
    merged[:] = _INF
    for own in range(least_sum[above], most_sum[above] + 1):
        own_cost = cost[above, own]
        if own_cost >= _INF:
            continue
        if not never_cut and own_cost + cheapest < merged[own]:
            merged[own] = own_cost + cheapest
            own_before[child, own] = own
            child_sum[child, own] = -1
        for added in range(least_sum[child], most_sum[child] + 1):
            if cost[child, added] >= _INF:
                continue
            total = own + added
            if total > most:
                if not never_cut:
                    break  # all that follow are heavier
                total = most  # what must not be cut has to go somewhere
            if own_cost + cost[child, added] < merged[total]:
                merged[total] = own_cost + cost[child, added]
                own_before[child, total] = own
                child_sum[child, total] = added
    most_sum[above] = min(most_sum[above] + most_sum[child], most)
    cost[above, :] = merged


@nb.njit(cache=True, nogil=True)
def _groups(
    order: IntArray,
    parent: IntArray,
    closing_sum: IntArray,
    own_before: np.ndarray,
    child_sum: np.ndarray,
) -> IntArray:
    """Return the groups that the programme chose, from the roots down."""
    nodes = len(order)
    open_sum = (
        closing_sum.copy()
    )  # sum of the part of each node's group that is not yet handed down
    group = np.full(nodes, -1, np.int64)
    count = 0
    first_child = np.full(nodes, -1, np.int64)
    next_child = np.full(nodes, -1, np.int64)
    for place in range(nodes - 1, -1, -1):  # the order in which children were merged
        child = order[place]
        if parent[child] >= 0:
            # prepended: read from the front, the child merged last comes first
            next_child[child] = first_child[parent[child]]
            first_child[parent[child]] = child
    for place in range(nodes):
        node = order[place]
        if group[node] < 0:
            group[node] = count
            count += 1
        own = open_sum[node]
        child = first_child[node]
        while child >= 0:
            added = child_sum[child, own]
            if added >= 0:
                group[child] = group[node]
                open_sum[child] = added
            own = own_before[child, own]
            child = next_child[child]
    return group
