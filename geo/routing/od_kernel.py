"""Pairs of a building and a service point: one bounded search from each point (Numba).

A search runs against the walk and reads the connectors of the buildings on its way, so the cost
grows with what is reached, not with buildings times points.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from geo.arrays import IntArray
from geo.network.search_graph import LABEL_SHIFT, TICKS_PER_S
from geo.routing.connectors import Connectors, direct
from geo.routing.shortest_paths import (
    NO_ENTRY,
    UNREACHED,
    largest_label,
    order_room,
    queue_room,
    run_search,
)
from geo.routing.snapped_district import Indices, SnappedDistrict
from geo.routing.walking_time import published

_HALF_STEP_S: Final = 0.005
"""Times up to half a hundredth of a second above the threshold are published as the threshold."""

_ROOM: Final = 2**18
"""Pairs that are kept beside those of one point before they are handed on."""

_QUEUE: Final = 2**16
"""Entries of the queue at first; a search that needs more begins again with four times as many."""

_Starts = tuple[Indices, npt.NDArray[np.int32], IntArray, IntArray, IntArray, IntArray]
_Out = tuple[IntArray, IntArray, npt.NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class _Along:
    """Direct walks along shared edges, in rows, one row per point."""

    first: IntArray
    building: IntArray
    label: IntArray


def _walks_along(snapped: SnappedDistrict, rows: IntArray) -> _Along:
    """Return the direct walk between every building and point that share an edge, by entrances."""
    entrances = snapped.point_entrances.take(rows)
    points, point_of = snapped.points.take(snapped.point_entrances.of(rows)), entrances.place
    at = np.flatnonzero(points.linked & np.isin(points.edge, snapped.buildings.edge))
    order = at[np.argsort(points.edge[at], kind="stable")]
    edge = points.edge[order]
    starts = np.flatnonzero(np.isin(snapped.buildings.edge, edge))
    # The first points of all edges at once, then the second ones, and so on.
    turn = np.arange(len(edge)) - np.searchsorted(edge, edge)
    found = []
    for number in range(turn.max(initial=-1) + 1):
        ends = order[turn == number]
        shared = starts[np.isin(snapped.buildings.edge[starts], points.edge[ends])]
        label = direct(
            snapped.network,
            snapped.buildings.take(shared),
            points.take(ends),
            rank=point_of[ends],
            column=np.zeros(len(ends), np.int64),
            n=1,
        )[0]
        on = label < UNREACHED
        found.append((snapped.entrances.place[shared[on]], label[on]))
    building = np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in found)])
    label = np.concatenate([np.zeros(0, np.int64), *(labels for _, labels in found)])
    point = label & ((1 << LABEL_SHIFT) - 1)
    order = np.argsort(point, kind="stable")
    first = np.searchsorted(point[order], np.arange(len(rows) + 1))
    return _Along(first.astype(np.int64), building[order], label[order])


def all_pairs(
    snapped: SnappedDistrict, rows: IntArray, *, limit_s: float, threads: int
) -> tuple[IntArray, npt.NDArray[np.int32]]:
    """Return label (ticks and place in `rows`) and building of every pair within the limit.

    `rows` are the service points to search from.
    """
    along = _walks_along(snapped, rows)
    ends = snapped.point_connectors.take(snapped.point_entrances.of(rows))
    first = snapped.point_entrances.take(rows).first
    # Neighbours in memory follow each other, so that a search finds the last one's arcs at hand.
    linked = np.flatnonzero(snapped.point_reason[rows] == "")
    order = linked[np.argsort(ends.state.max(axis=0)[first[linked]], kind="stable")]
    blocks = np.array_split(order, max(1, min(threads, len(order))))

    last_s = _last_second(limit_s)

    def run(block: IntArray) -> list[tuple[IntArray, npt.NDArray[np.int32]]]:
        return list(_pairs_of(snapped, (ends, first), along, block, last_s))

    if len(blocks) == 1:
        found = run(blocks[0])
    else:
        with ThreadPoolExecutor(len(blocks)) as pool:
            found = [pair for pairs in pool.map(run, blocks) for pair in pairs]
    label = np.concatenate([np.zeros(0, np.int64), *(labels for labels, _ in found)])
    building = np.concatenate([np.zeros(0, np.int32), *(rows for _, rows in found)])
    return label, building


def _last_second(limit_s: float) -> float:
    """Return the longest time that is published as at most `limit_s`."""
    ticks = math.ceil((limit_s + _HALF_STEP_S) * TICKS_PER_S)
    while not published(np.array([ticks << LABEL_SHIFT]))[0][0] <= limit_s:  # NaN is beyond
        ticks -= 1
    return ticks / TICKS_PER_S


def _pairs_of(
    snapped: SnappedDistrict,
    points: tuple[Connectors, IntArray],
    along: _Along,
    block: IntArray,
    limit_s: float,
) -> Iterator[tuple[IntArray, npt.NDArray[np.int32]]]:
    """Search from each point of `block`; yield labels and buildings, a buffer at a time."""
    graph, n_buildings = snapped.network.graph, len(snapped.building_xy)
    starts = snapped.connectors_by_state
    ends, first = points
    limit, buckets = largest_label(limit_s)
    state, add = np.ascontiguousarray(ends.state.T), np.ascontiguousarray(ends.add.T)
    label = np.full(graph.n_states, UNREACHED, np.int64)
    order = order_room(graph)
    bucket = np.full(buckets, NO_ENTRY, np.uint32)
    best = np.full(n_buildings, UNREACHED, np.int64)
    out = best, np.empty(n_buildings + _ROOM, np.int64), np.empty(n_buildings + _ROOM, np.int32)
    room, done = _QUEUE, 0
    while done < len(block):
        queue = queue_room(room)
        searched, used = _run(
            (graph.begin, graph.stop, graph.head, graph.step),
            (state, add, first, block[done:], limit),
            (label, order, bucket, queue.after, queue.state),
            (starts.first, starts.building, starts.add, along.first, along.building, along.label),
            out,
        )
        yield out[1][:used].copy(), out[2][:used].copy()
        done += searched
        if not used:  # the queue was too short for the next search
            room *= 4


@nb.njit(cache=True, nogil=True)
def _run(
    graph: tuple[Indices, Indices, Indices, IntArray],
    seeds: tuple[Indices, IntArray, IntArray, IntArray, int],
    search: tuple[IntArray, Indices, Indices, Indices, Indices],
    starts: _Starts,
    out: _Out,
) -> tuple[int, int]:
    """Search from one point after the other and append the pairs, each building once.

    Parameters
    ----------
    graph : tuple
        ``begin, stop, head, step`` of :class:`geo.network.search_graph.SearchGraph`.
    seeds : tuple
        ``state, add`` of the connectors of the points' entrances; where those of each point begin;
        the points to search from; the limit as a label.
    search : tuple
        Memory of :func:`geo.routing.shortest_paths.run_search`, as it left it.
    starts : tuple
        ``first, building, add`` of
        :class:`geo.routing.snapped_district.ConnectorsByState` and ``first, building, label`` of
        :class:`_Along`.
    out : tuple
        Best label of each building, :data:`UNREACHED` before and after; labels and buildings of the
        pairs.

    Returns
    -------
    tuple of int
        How many points are done, and how many pairs there are: all points, or as many as there was
        room for.
    """
    begin, stop, head, step = graph
    state, add, first, points, limit = seeds
    label, touched, bucket, after, entry_state = search
    used = 0
    for i in range(len(points)):
        if len(out[1]) - used < len(out[0]):  # the next point may reach every building
            return i, used
        point = points[i]
        begins, ends = first[point], first[point + 1]
        reached, _ = run_search(
            begin, stop, head, step, state[begins:ends].ravel(), add[begins:ends].ravel(), limit,
            label, touched, bucket, after, entry_state,
        )  # fmt: skip
        if reached < 0:
            return i, used
        used = _gather((label, touched[:reached]), starts, out, limit, (point, used))
        for k in range(reached):
            label[touched[k]] = UNREACHED
    return len(points), used


@nb.njit(cache=True, nogil=True)
def _gather(
    search: tuple[IntArray, Indices],
    starts: _Starts,
    out: _Out,
    limit: int,
    point_used: tuple[int, int],
) -> int:
    """Append the pairs of one search to `out`; return how many pairs there are now."""
    label, touched = search
    first, building, add, along_first, along_building, along_label = starts
    best, pair_label, pair_building = out
    point, used = point_used
    start = used
    for state in touched:
        for k in range(first[state], first[state + 1]):
            row, candidate = building[k], label[state] + add[k]
            if candidate <= limit:
                if best[row] == UNREACHED:
                    pair_building[used] = row
                    used += 1
                best[row] = min(best[row], candidate)
    for k in range(along_first[point], along_first[point + 1]):
        # Without its rank, which is the point: that is added to all of them below.
        row, candidate = along_building[k], along_label[k] >> LABEL_SHIFT << LABEL_SHIFT
        if candidate <= limit:
            if best[row] == UNREACHED:
                pair_building[used] = row
                used += 1
            best[row] = min(best[row], candidate)
    for k in range(start, used):  # and `best` is left as it was found, for the next point
        pair_label[k] = best[pair_building[k]] | point
        best[pair_building[k]] = UNREACHED
    return used


@nb.njit(cache=True, nogil=True)
def by_building(
    building: npt.NDArray[np.int32], label: IntArray, n_buildings: int
) -> tuple[IntArray, IntArray]:
    """Return where the labels of each building begin, and the labels, smallest first in each."""
    begin = np.zeros(n_buildings + 1, np.int64)
    for here in building:
        begin[here + 1] += 1
    begin = np.cumsum(begin)
    next_place = begin[:-1].copy()
    ordered = np.empty(len(label), np.int64)
    for i in range(len(label)):
        ordered[next_place[building[i]]] = label[i]
        next_place[building[i]] += 1
    for i in range(n_buildings):
        ordered[begin[i] : begin[i + 1]].sort()
    return begin, ordered
