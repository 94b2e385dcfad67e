"""Bounded multi-source shortest paths on the search graph (Numba).

A search starts at *seeds*: states with a time already spent and the rank of the source they belong
to. It labels every state within the limit with the least time and, among equal times, the lowest
rank, so the answer depends neither on the order of the input nor on the order of the search.
"""

from dataclasses import dataclass
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.network import TICKS_PER_S, IntArray, SearchGraph

UNREACHED: Final = np.iinfo(np.int32).max
"""Time of a state that the search did not reach."""

_BUCKET_TICKS: Final = TICKS_PER_S
"""Width of a bucket of the queue. A bucket is emptied until nothing in it improves, so the width
changes speed, never the answer."""


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where a search starts.

    Attributes
    ----------
    state : ndarray of int32, shape (s,)
    ticks : ndarray of int32, shape (s,)
        Time already spent on reaching it.
    source : ndarray of int32, shape (s,)
        Rank of the source; the lowest wins a tie.
    """

    state: npt.NDArray[np.int32]
    ticks: npt.NDArray[np.int32]
    source: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Labels:
    """What a search found, one entry per state.

    Attributes
    ----------
    ticks : ndarray of int32
        Least time; :data:`UNREACHED` beyond the limit.
    source : ndarray of int32
        Rank of the source of that time; -1 where unreached.
    arc : ndarray of int32
        Arc by which the search came; -1 at a seed and where unreached.
    """

    ticks: npt.NDArray[np.int32]
    source: npt.NDArray[np.int32]
    arc: npt.NDArray[np.int32]


def search(graph: SearchGraph, seeds: Seeds, *, limit_s: float) -> Labels:
    """Label every state with the nearest source within `limit_s` seconds, inclusive.

    Cost O(m) for the m arcs within the limit, as buckets are a second wide.

    Parameters
    ----------
    graph : SearchGraph
    seeds : Seeds
    limit_s : float
        Longest time, seconds.

    Returns
    -------
    Labels
    """
    ticks, source, arc = _search(
        graph.indptr,
        graph.head,
        graph.ticks,
        seeds.state,
        seeds.ticks,
        seeds.source,
        round(limit_s * TICKS_PER_S),
    )
    return Labels(ticks=ticks, source=source, arc=arc)


@nb.njit(cache=True)
def _search(indptr, head, cost, seed_state, seed_ticks, seed_source, limit):  # type: ignore[no-untyped-def]
    n_states = len(indptr) - 1
    ticks = np.full(n_states, UNREACHED, np.int32)
    source = np.full(n_states, -1, np.int32)
    arc = np.full(n_states, -1, np.int32)
    # A bucket is a doubly linked list of states; a state is in one bucket at most.
    first = np.full(limit // _BUCKET_TICKS + 1, -1, np.int32)
    after = np.full(n_states, -1, np.int32)
    before = np.full(n_states, -1, np.int32)
    bucket_of = np.full(n_states, -1, np.int32)

    for i in range(len(seed_state)):
        state = seed_state[i]
        better = seed_ticks[i] < ticks[state] or (
            seed_ticks[i] == ticks[state] and seed_source[i] < source[state]
        )
        if seed_ticks[i] <= limit and better:
            ticks[state] = seed_ticks[i]
            source[state] = seed_source[i]
            _move(state, ticks[state] // _BUCKET_TICKS, first, after, before, bucket_of)

    for bucket in range(len(first)):
        while first[bucket] >= 0:
            state = first[bucket]
            first[bucket] = after[state]
            if after[state] >= 0:
                before[after[state]] = -1
            bucket_of[state] = -1
            for a in range(indptr[state], indptr[state + 1]):
                reached = ticks[state] + cost[a]
                if reached > limit:
                    continue
                other = head[a]
                if reached < ticks[other] or (
                    reached == ticks[other] and source[state] < source[other]
                ):
                    ticks[other] = reached
                    source[other] = source[state]
                    arc[other] = a
                    _move(other, reached // _BUCKET_TICKS, first, after, before, bucket_of)
    return ticks, source, arc


@nb.njit(cache=True, inline="always")
def _move(state, bucket, first, after, before, bucket_of):  # type: ignore[no-untyped-def]
    """Put a state at the head of a bucket, out of the one it is in."""
    if bucket_of[state] == bucket:
        return
    if bucket_of[state] >= 0:
        if before[state] >= 0:
            after[before[state]] = after[state]
        else:
            first[bucket_of[state]] = after[state]
        if after[state] >= 0:
            before[after[state]] = before[state]
    bucket_of[state] = bucket
    before[state] = -1
    after[state] = first[bucket]
    if first[bucket] >= 0:
        before[first[bucket]] = state
    first[bucket] = state


def trace(graph: SearchGraph, labels: Labels, state: int) -> tuple[IntArray, IntArray]:
    """Follow a label to its seed.

    Parameters
    ----------
    graph : SearchGraph
    labels : Labels
    state : int
        A reached state.

    Returns
    -------
    edges : ndarray of int64, shape (p,)
        Walk edges in the order walked, from `state` to the source.
    nodes : ndarray of int64, shape (p + 1,)
        Nodes passed, from that of `state` to that of the seed.
    """
    node_of = np.empty(graph.n_states, np.int64)
    for states in (graph.start, graph.end, graph.public):
        node_of[states] = np.arange(len(states))
    edges: list[int] = []
    nodes = [int(node_of[state])]
    while (arc := int(labels.arc[state])) >= 0:
        state = int(np.searchsorted(graph.indptr, arc, side="right")) - 1
        if graph.edge[arc] >= 0:  # a change of stage stays at its node
            edges.append(int(graph.edge[arc]))
            nodes.append(int(node_of[state]))
    return np.array(edges, np.int64), np.array(nodes, np.int64)
