"""Reach: every service point of a category that each building can walk to within a threshold.

Coverage needs the nearest point only; shared supply and the k-th nearest need them all. One bounded
search runs from each point, against the walk, and reads the doors of the buildings on its way, so
the cost grows with what is reached, not with buildings times points. Times are exactly those of
:mod:`geo.coverage`: access legs, private stages and direct walks along a shared edge included.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.coverage import HORIZON_S, published
from geo.district import Layers
from geo.doors import Doors, Role, direct, doors
from geo.errors import EmptyError, InputError
from geo.graph import LABEL_SHIFT, TICKS_PER_S
from geo.link import Links, link
from geo.network import WalkNetwork
from geo.routing import NO_ENTRY, UNREACHED, largest_label, order_room, queue_room, run_search

_HALF_STEP_S: Final = 0.005
"""Times up to half a hundredth of a second above the threshold are published as the threshold."""

_ROOM: Final = 2**18
"""Pairs that are kept beside those of one point before they are handed on."""

_QUEUE: Final = 2**16
"""Entries of the queue at first; a search that needs more begins again with four times as many."""

Indices = npt.NDArray[np.uint32]
_At = tuple[Indices, npt.NDArray[np.int32], IntArray, IntArray, IntArray, IntArray]
_Out = tuple[IntArray, IntArray, npt.NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Places:
    """The n buildings and m service points of a district, linked to one network.

    Attributes
    ----------
    network : WalkNetwork
    buildings, points : Links
        In the order of the layers.
    category : ndarray of str, shape (m,)
    order : ndarray of int64, shape (m,)
        Rows of the points in order of ``point_id``.
    first : ndarray of uint32, shape (n_states + 1,)
        Where the doors of buildings at each state begin in the two arrays below.
    building : ndarray of int32, shape (d,)
        Row of the building that each door belongs to.
    add : ndarray of int64, shape (d,)
        What the door adds to a label (:class:`geo.doors.Doors`).
    """

    network: WalkNetwork
    buildings: Links
    points: Links
    category: npt.NDArray[np.object_]
    order: IntArray
    first: Indices
    building: npt.NDArray[np.int32]
    add: IntArray


@dataclass(frozen=True, slots=True)
class Reach:
    """Pairs of a building and a service point within a threshold, in rows, one row per building.

    Attributes
    ----------
    category : str
    limit_s : float
        Threshold in seconds, inclusive.
    begin : ndarray of int64, shape (n + 1,)
        Where the pairs of each building begin; the order is that of ``layers.buildings``.
    point : ndarray of int64, shape (pairs,)
        Row in ``layers.service_points``; nearest first, ties by ``point_id``.
    time_s : ndarray of float64, shape (pairs,)
        Walking time, seconds rounded to 0.01.
    points : ndarray of int64, shape (m,)
        Rows of all points of the category, in order of ``point_id``.
    reason, point_reason : ndarray of str, shapes (n,) and (m,)
        Empty where the building, or the point, is linked, else one of :data:`geo.link.REASONS`.
    """

    category: str
    limit_s: float
    begin: IntArray
    point: IntArray
    time_s: FloatArray
    points: IntArray
    reason: npt.NDArray[np.object_]
    point_reason: npt.NDArray[np.object_]

    @property
    def building(self) -> IntArray:
        """Row of the building of each pair, shape (pairs,)."""
        return np.repeat(np.arange(len(self.begin) - 1), np.diff(self.begin))

    def nearest(self, k: int = 1) -> tuple[FloatArray, IntArray]:
        """Return the k nearest points of every building.

        Parameters
        ----------
        k : int
            At least 1.

        Returns
        -------
        time_s : ndarray of float64, shape (n, k)
            NaN where fewer than so many are within the threshold.
        point : ndarray of int64, shape (n, k)
            Row in ``layers.service_points``, -1 for none.
        """
        if k < 1:
            raise InputError(f"Got k = {k}; wanted at least 1 nearest point.")
        at = self.begin[:-1, None] + np.arange(k)
        there = at < self.begin[1:, None]
        at = np.where(there, at, -1)  # the spare entry at the end
        return np.append(self.time_s, np.nan)[at], np.append(self.point, -1)[at]


def find_places(layers: Layers, network: WalkNetwork) -> Places:
    """Link buildings and service points, and sort the buildings' doors by the state they open on.

    Parameters
    ----------
    layers : Layers
        In the network's metric CRS.
    network : WalkNetwork

    Raises
    ------
    EmptyError
        If there are no buildings.
    """
    homes, points = layers.buildings, layers.service_points
    if not len(homes):
        raise EmptyError("The district has no buildings; wanted at least one. Load buildings.")
    links = link(crs.project_points(homes["lon"], homes["lat"], network.epsg), network)
    found = doors(network, links, role=Role.START)
    side, building = np.nonzero(found.open)
    state = found.state[side, building]
    by_state = np.argsort(state, kind="stable")
    count = np.bincount(state, minlength=network.graph.n_states)
    return Places(
        network=network,
        buildings=links,
        points=link(crs.project_points(points["lon"], points["lat"], network.epsg), network),
        category=points["category"].to_numpy(dtype=object),
        order=np.argsort(points["point_id"].to_numpy(dtype=object), kind="stable"),
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.uint32),
        building=building[by_state].astype(np.int32),
        add=found.add[side, building][by_state],
    )


def reach(places: Places, *, category: str, limit_s: float, threads: int = 1) -> Reach:
    """Find every service point of a category within `limit_s` of every building.

    Parameters
    ----------
    places : Places
        Of :func:`find_places`; they serve any number of calls.
    category : str
    limit_s : float
        Threshold in seconds, inclusive, at most two hours.
    threads : int
        Searches that run at a time; the answer is the same for any number.

    Returns
    -------
    Reach
        Without pairs where there is no such point, or none is linked.

    Raises
    ------
    InputError
        Unless ``0 < limit_s <= 7200``.
    """
    if not 0 < limit_s <= HORIZON_S:
        raise InputError(f"Got a threshold of {limit_s:g} s; wanted more than 0 and at most 7200.")
    rows = places.order[places.category[places.order] == category]
    points = places.points.take(rows)
    label, building = _all_pairs(places, points, limit_s=limit_s, threads=threads)
    begin, label = _by_building(building, label, len(places.buildings.edge))
    time_s, rank = published(label)
    return Reach(
        category=category,
        limit_s=limit_s,
        begin=begin,
        point=rows[rank],
        time_s=time_s,
        points=rows,
        reason=places.buildings.reason,
        point_reason=points.reason,
    )


@dataclass(frozen=True, slots=True)
class _Along:
    """Direct walks along shared edges, in rows, one row per point."""

    first: IntArray
    building: IntArray
    label: IntArray


def _walks_along(places: Places, points: Links) -> _Along:
    """Return the direct walk between every building and point that share an edge."""
    at = np.flatnonzero(points.linked & np.isin(points.edge, places.buildings.edge))
    order = at[np.argsort(points.edge[at], kind="stable")]
    edge = points.edge[order]
    starts = np.flatnonzero(np.isin(places.buildings.edge, edge))
    # The first points of all edges at once, then the second ones, and so on.
    turn = np.arange(len(edge)) - np.searchsorted(edge, edge)
    found = []
    for number in range(turn.max(initial=-1) + 1):
        ends = order[turn == number]
        shared = starts[np.isin(places.buildings.edge[starts], points.edge[ends])]
        label = direct(
            places.network,
            places.buildings.take(shared),
            points.take(ends),
            rank=ends,
            column=np.zeros(len(ends), np.int64),
            n=1,
        )[0]
        on = label < UNREACHED
        found.append((shared[on], label[on]))
    building = np.concatenate([np.zeros(0, np.int64), *(rows for rows, _ in found)])
    label = np.concatenate([np.zeros(0, np.int64), *(labels for _, labels in found)])
    point = label & ((1 << LABEL_SHIFT) - 1)
    order = np.argsort(point, kind="stable")
    first = np.searchsorted(point[order], np.arange(len(points.edge) + 1))
    return _Along(first.astype(np.int64), building[order], label[order])


def _all_pairs(
    places: Places, points: Links, *, limit_s: float, threads: int
) -> tuple[IntArray, npt.NDArray[np.int32]]:
    """Return label (ticks and number of the point) and building of every pair within the limit."""
    ends = doors(places.network, points, role=Role.END)
    along = _walks_along(places, points)
    # Neighbours in memory follow each other, so that a search finds the last one's arcs at hand.
    linked = np.flatnonzero(points.linked)
    order = linked[np.argsort(ends.state.max(axis=0)[linked], kind="stable")]
    blocks = np.array_split(order, max(1, min(threads, len(order))))

    last_s = _last_second(limit_s)

    def run(block: IntArray) -> list[tuple[IntArray, npt.NDArray[np.int32]]]:
        return list(_pairs_of(places, ends, along, block, last_s))

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
    places: Places, ends: Doors, along: _Along, block: IntArray, limit_s: float
) -> Iterator[tuple[IntArray, npt.NDArray[np.int32]]]:
    """Search from each point of `block`; yield labels and buildings, a buffer at a time."""
    graph, n = places.network.graph, len(places.buildings.edge)
    limit, buckets = largest_label(limit_s)
    state, add = np.ascontiguousarray(ends.state.T), np.ascontiguousarray(ends.add.T)
    label = np.full(graph.n_states, UNREACHED, np.int64)
    order = order_room(graph)
    bucket = np.full(buckets, NO_ENTRY, np.uint32)
    best = np.full(n, UNREACHED, np.int64)
    out = best, np.empty(n + _ROOM, np.int64), np.empty(n + _ROOM, np.int32)
    room, done = _QUEUE, 0
    while done < len(block):
        queue = queue_room(room)
        now, used = _run(
            (graph.begin, graph.stop, graph.head, graph.step),
            (state, add, block[done:], limit),
            (label, order, bucket, queue.after, queue.state),
            (places.first, places.building, places.add, along.first, along.building, along.label),
            out,
        )
        yield out[1][:used].copy(), out[2][:used].copy()
        done += now
        if not used:  # the queue was too short for the next search
            room *= 4


@nb.njit(cache=True, nogil=True)
def _run(
    graph: tuple[Indices, Indices, Indices, IntArray],
    seeds: tuple[Indices, IntArray, IntArray, int],
    search: tuple[IntArray, Indices, Indices, Indices, Indices],
    at: _At,
    out: _Out,
) -> tuple[int, int]:
    """Search from one point after the other and append the pairs, each building once.

    Parameters
    ----------
    graph : tuple
        ``begin, stop, head, step`` of :class:`geo.graph.SearchGraph`.
    seeds : tuple
        ``state, add`` of the points' doors; the points to search from; the limit as a label.
    search : tuple
        Memory of :func:`geo.routing.run_search`, as it left it.
    at : tuple
        ``first, building, add`` of :class:`Places` and ``first, building, label`` of
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
    state, add, points, limit = seeds
    label, touched, bucket, after, entry_state = search
    used = 0
    for i in range(len(points)):
        if len(out[1]) - used < len(out[0]):
            return i, used
        point = points[i]
        reached, _ = run_search(
            begin, stop, head, step, state[point], add[point], limit,
            label, touched, bucket, after, entry_state,
        )  # fmt: skip
        if reached < 0:
            return i, used
        used = _gather((label, touched[:reached]), at, out, limit, (point, used))
        for k in range(reached):
            label[touched[k]] = UNREACHED
    return len(points), used


@nb.njit(cache=True, nogil=True)
def _gather(
    search: tuple[IntArray, Indices], at: _At, out: _Out, limit: int, point_used: tuple[int, int]
) -> int:
    """Append the pairs of one search to `out`; return how many pairs there are now."""
    label, touched = search
    first, building, door, along_first, along_building, along_label = at
    best, pair_label, pair_building = out
    point, used = point_used
    start = used
    for here in touched:
        for k in range(first[here], first[here + 1]):
            row, found = building[k], label[here] + door[k]
            if found <= limit:
                if best[row] == UNREACHED:
                    pair_building[used] = row
                    used += 1
                best[row] = min(best[row], found)
    for k in range(along_first[point], along_first[point + 1]):
        row, found = along_building[k], along_label[k] >> LABEL_SHIFT << LABEL_SHIFT
        if found <= limit:
            if best[row] == UNREACHED:
                pair_building[used] = row
                used += 1
            best[row] = min(best[row], found)
    for k in range(start, used):
        pair_label[k] = best[pair_building[k]] | point
        best[pair_building[k]] = UNREACHED
    return used


@nb.njit(cache=True, nogil=True)
def _by_building(
    building: npt.NDArray[np.int32], label: IntArray, n: int
) -> tuple[IntArray, IntArray]:
    """Return where the labels of each building begin, and the labels, smallest first in each."""
    begin = np.zeros(n + 1, np.int64)
    for at in building:
        begin[at + 1] += 1
    begin = np.cumsum(begin)
    free = begin[:-1].copy()
    row = np.empty(len(label), np.int64)
    for i in range(len(label)):
        row[free[building[i]]] = label[i]
        free[building[i]] += 1
    for i in range(n):
        row[begin[i] : begin[i + 1]].sort()
    return begin, row
