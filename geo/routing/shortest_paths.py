"""Bounded multi-source shortest paths on the search graph (Numba).

A search starts at *seeds*: states with a time already spent and the rank of the source that they
belong to. It labels every state within the limit with the least time and, among equal times, the
lowest rank. A label is one integer, ``ticks << 32 | rank``, so that the smaller label is the better
one and the answer depends neither on the order of the input nor on the order of the search.

The queue is a row of buckets of 2**15 ticks (3.3 s). A bucket is emptied until nothing in it
improves, so its width changes speed, never the answer. Whether an arc improves a label is a toss of
a coin, so the kernel does not branch on it: it writes what a better label needs in any case, and
counts it only where it is one. A :class:`Workspace` is reused from search
to search; only what a search touched is reset.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.arrays import IntArray
from geo.network.search_graph import LABEL_SHIFT, TICKS_PER_S, SearchGraph

UNREACHED: Final = np.int64(2**62)
"""Label of a state that a search did not reach."""

_RANK_MASK: Final = (1 << LABEL_SHIFT) - 1
_BUCKET_BITS: Final = 15
NO_ENTRY: Final = np.uint32(2**32 - 1)


@dataclass(frozen=True, slots=True)
class Seeds:
    """Where a search starts.

    Attributes
    ----------
    state : ndarray of uint32, shape (s,)
    label : ndarray of int64, shape (s,)
        Ticks already spent and rank of the source, packed by :func:`pack`.
    """

    state: npt.NDArray[np.uint32]
    label: IntArray


def pack(ticks: IntArray, rank: IntArray) -> IntArray:
    """Return labels of `ticks` and `rank`."""
    return (ticks << LABEL_SHIFT) | rank


def unpack(label: IntArray) -> tuple[IntArray, IntArray]:
    """Return ticks and rank of labels that are not :data:`UNREACHED`."""
    return label >> LABEL_SHIFT, label & _RANK_MASK


class Workspace:
    """The memory of searches on one graph; one thread uses it at a time.

    Attributes
    ----------
    label : ndarray of int64, shape (n_states,)
        Labels of the last search; :data:`UNREACHED` elsewhere.
    touched : ndarray of uint32
        States that the last search labelled, in the order in which they were first reached.
    """

    def __init__(self, graph: SearchGraph) -> None:
        self._graph = graph
        self.label = np.full(graph.n_states, UNREACHED, np.int64)
        self._order = order_room(graph)
        self._count = 0
        self._bucket = np.empty(0, np.uint32)
        self._queue = queue_room(4 * len(graph.head) + 1024)

    @property
    def touched(self) -> npt.NDArray[np.uint32]:
        """States that the last search labelled."""
        return self._order[: self._count]

    def search(self, seeds: Seeds, *, limit_s: float) -> None:
        """Label every state with the nearest source within `limit_s` seconds, inclusive.

        The labels stay in :attr:`label` until the next search. Cost O(m) for the m arcs within the
        limit.
        """
        self._make_room(limit_s, len(seeds.state))
        self.label[self.touched] = UNREACHED
        while True:
            self._count, _ = self._run(seeds, limit_s, self.label, self._order)
            if self._count >= 0:
                return
            # More entries than any street network needs: begin again with twice the room.
            self._queue = queue_room(2 * len(self._queue.state))

    def improve(self, label: IntArray, seeds: Seeds, *, limit_s: float) -> npt.NDArray[np.uint32]:
        """Improve `label` in place from `seeds`; return the states improved, some more than once.

        Labels that are there must be the times of walks; only better ones replace them.
        """
        self._make_room(limit_s, len(seeds.state))
        touched = order_room(self._graph)
        while True:
            trial = label.copy()
            n, used = self._run(seeds, limit_s, trial, touched)
            if n >= 0:
                label[:] = trial
                return self._queue.state[:used]
            self._queue = queue_room(2 * len(self._queue.state))

    def _make_room(self, limit_s: float, seeds: int) -> None:
        _, buckets = largest_label(limit_s)
        if len(self._bucket) < buckets:
            self._bucket = np.full(buckets, NO_ENTRY, np.uint32)
        if len(self._queue.state) < seeds + 1024:
            self._queue = queue_room(2 * seeds + 1024)

    def _run(
        self, seeds: Seeds, limit_s: float, label: IntArray, touched: npt.NDArray[np.uint32]
    ) -> tuple[int, int]:
        """Run the kernel once (:func:`run_search`)."""
        graph, queue = self._graph, self._queue
        limit, _ = largest_label(limit_s)
        n, used = run_search(
            graph.begin,
            graph.stop,
            graph.head,
            graph.step,
            seeds.state,
            seeds.label,
            limit,
            label,
            touched,
            self._bucket,
            queue.after,
            queue.state,
        )
        return int(n), int(used)


def search_each(
    workspaces: Sequence[Workspace],
    seeds: Sequence[Seeds],
    read: Callable[[int, Workspace], None],
    *,
    limit_s: float,
) -> None:
    """Run one search per member of `seeds` and let `read` take what it wants of each.

    Parameters
    ----------
    workspaces : sequence of Workspace
        One per thread to run on; the answer does not depend on how many.
    seeds : sequence of Seeds
    read : callable
        Called with the number of the search and the workspace that holds its labels, on the thread
        that ran it; it must copy what it keeps and write only to what belongs to its number.
    limit_s : float
    """
    turns = len(workspaces)

    def run(turn: int) -> None:
        for number in range(turn, len(seeds), turns):
            workspaces[turn].search(seeds[number], limit_s=limit_s)
            read(number, workspaces[turn])

    if turns == 1:
        run(0)
        return
    with ThreadPoolExecutor(turns) as pool:
        list(pool.map(run, range(turns)))


def largest_label(limit_s: float) -> tuple[int, int]:
    """Return the largest label within a limit, and the number of buckets up to it."""
    limit = (round(limit_s * TICKS_PER_S) << LABEL_SHIFT) | _RANK_MASK
    return limit, (limit >> (LABEL_SHIFT + _BUCKET_BITS)) + 1


@dataclass(frozen=True, slots=True)
class QueueRoom:
    """Room for the queue's entries; each names the next one in its bucket."""

    after: npt.NDArray[np.uint32]
    state: npt.NDArray[np.uint32]


def order_room(graph: SearchGraph) -> npt.NDArray[np.uint32]:
    """Return room for the states that a search touches, and for one that it looks at last."""
    return np.empty(graph.n_states + 1, np.uint32)


def queue_room(room: int) -> QueueRoom:
    """Return room for `room` entries; memory that is not touched costs nothing."""
    return QueueRoom(np.empty(room, np.uint32), np.empty(room, np.uint32))


@nb.njit(cache=True, nogil=True)
def run_search(  # type: ignore[no-untyped-def]
    begin, stop, head, step, seed_state, seed_label, limit, label, touched, bucket, after,
    entry_state,
):  # fmt: skip
    """Run one search; return how many states it first touched, and how many entries it used.

    The first number is -1 when the entries ran out.

    Labels that are there at the start are taken as they are and only improved. `touched` is that of
    :func:`order_room`; there is room for one entry more than there are seeds.
    """
    # Unsigned 32-bit indices spare the test for negative ones that Numba adds to each access.
    one, n_touched, n_entries = nb.uint32(1), nb.uint32(0), nb.uint32(0)
    room = nb.uint32(len(after))
    shift = LABEL_SHIFT + _BUCKET_BITS
    for i in range(len(seed_state)):
        state, new_label = seed_state[i], seed_label[i]
        if new_label <= limit and new_label < label[state]:
            if label[state] == UNREACHED:
                touched[n_touched] = state
                n_touched += one
            label[state] = new_label
            at = nb.uint32(new_label >> shift)
            after[n_entries], entry_state[n_entries] = bucket[at], state
            bucket[at] = n_entries
            n_entries += one
    at, last = nb.uint32(0), nb.uint32(limit >> shift)
    while at <= last:
        entry = bucket[at]
        while entry != NO_ENTRY:
            bucket[at] = after[entry]
            state = entry_state[entry]
            own_label = label[state]
            # Otherwise a label of an earlier bucket came since.
            if nb.uint32(own_label >> shift) == at:
                arc, end = begin[state], stop[state]
                # One entry stays spare: what follows writes an entry before it is sure to count.
                if end - arc >= room - n_entries:
                    for k in range(n_touched):
                        label[touched[k]] = UNREACHED
                    bucket[:] = NO_ENTRY
                    return np.int64(-1), np.int64(0)
                while arc < end:
                    new_label, other = own_label + step[arc], head[arc]
                    old = label[other]
                    better = (new_label < old) & (new_label <= limit)
                    label[other] = new_label if better else old
                    touched[n_touched] = other
                    n_touched += nb.uint32(better & (old == UNREACHED))
                    target = min(nb.uint32(new_label >> shift), last)
                    top = bucket[target]
                    after[n_entries], entry_state[n_entries] = top, other
                    bucket[target] = n_entries if better else top
                    n_entries += nb.uint32(better)
                    arc += one
            entry = bucket[at]
        at += one
    return np.int64(n_touched), np.int64(n_entries)


@nb.njit(cache=True, nogil=True)
def invalidate(begin, stop, head, step, label, seed, suspects, invalid, before):  # type: ignore[no-untyped-def]
    """Take back every label that may have come through one of the `suspects`, unless it is a seed.

    Parameters
    ----------
    begin, stop, head, step : ndarray
        The graph as it is now.
    label : ndarray of int64, shape (n_states,)
        Labels as they were; those taken back become :data:`UNREACHED`.
    seed : ndarray of int64, shape (n_states,)
        Best seed of each state as it is now.
    suspects : ndarray of int64
        States whose label may have lost its support.
    invalid, before : ndarray, shape (n_states,)
        Room for the states taken back, and for the labels that they had.

    Returns
    -------
    int
        How many labels were taken back.
    """
    count = 0
    for i in range(len(suspects)):
        state = suspects[i]
        if label[state] != UNREACHED and seed[state] != label[state]:
            invalid[count], before[count] = state, label[state]
            label[state] = UNREACHED
            count += 1
    done = 0
    while done < count:
        state, old = invalid[done], before[done]
        done += 1
        for arc in range(begin[state], stop[state]):
            other = head[arc]
            if label[other] == old + step[arc] and seed[other] != label[other]:
                invalid[count], before[count] = other, label[other]
                label[other] = UNREACHED
                count += 1
    return count


@nb.njit(cache=True, nogil=True)
def reseed(states, first, arcs, tail, step, label, seed, out):  # type: ignore[no-untyped-def]
    """Give each of `states` the best label that its seed or a neighbour still offers.

    ``arcs[first[s]:first[s + 1]]`` are the arcs of the base graph that lead to state ``s``, and
    ``tail`` and ``step`` their starts and (present) steps; states beyond ``first`` have none.
    """
    for i in range(len(states)):
        state = states[i]
        best = seed[state]
        if state + 1 < len(first):
            for at in range(first[state], first[state + 1]):
                arc = arcs[at]
                offered = label[tail[arc]]
                if offered != UNREACHED and offered + step[arc] < best:
                    best = offered + step[arc]
        out[i] = best


@nb.njit(cache=True, nogil=True)
def evaluate(label, state, add, direct_label, first, rows, out):  # type: ignore[no-untyped-def]
    """Write the best label of each of `rows`: by a connector, or directly along the edge.

    The entrances of place ``r``, with two connectors each, are ``first[r]`` to ``first[r + 1]``.
    """
    for i in range(len(rows)):
        row = rows[i]
        best = min(direct_label[row], UNREACHED)
        for entrance in range(first[row], first[row + 1]):
            for side in range(2):
                best = min(best, label[state[side, entrance]] + add[side, entrance])
        out[i] = min(best, UNREACHED)


def arc_tails(graph: SearchGraph) -> IntArray:
    """Return the state that each arc leaves, -1 where no row holds the arc any more."""
    tail = np.full(len(graph.head), -1, np.int64)
    count = graph.stop.astype(np.int64) - graph.begin
    first = np.repeat(graph.begin.astype(np.int64) - (np.cumsum(count) - count), count)
    tail[first + np.arange(len(first))] = np.repeat(np.arange(graph.n_states), count)
    return tail


def trace(graph: SearchGraph, label: IntArray, state: int) -> tuple[IntArray, IntArray]:
    """Follow a label to its seed.

    Parameters
    ----------
    graph : SearchGraph
    label : ndarray of int64, shape (n_states,)
        Labels of a search (:attr:`Workspace.label`).
    state : int
        A reached state.

    Returns
    -------
    edges : ndarray of int64, shape (p,)
        Walk edges in the order walked, from `state` to the source; the lowest where several do.
    nodes : ndarray of int64, shape (p + 1,)
        Nodes passed, from that of `state` to that of the seed.
    """
    tail = arc_tails(graph)
    by_head = np.argsort(graph.head, kind="stable")
    first = np.searchsorted(graph.head[by_head], np.arange(graph.n_states + 1))
    edges: list[int] = []
    nodes = [int(graph.node[state])]
    while True:
        arcs = by_head[first[state] : first[state + 1]]
        arcs = arcs[tail[arcs] >= 0]
        came = arcs[label[tail[arcs]] + graph.step[arcs] == label[state]]
        if not len(came):
            return np.array(edges, np.int64), np.array(nodes, np.int64)
        arc = came[np.argmin(graph.edge[came])]
        state = int(tail[arc])
        if graph.edge[arc] >= 0:  # a change of stage stays at its node
            edges.append(int(graph.edge[arc]))
            nodes.append(int(graph.node[state]))
