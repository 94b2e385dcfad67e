"""Reach: every service point of a category that each building can walk to within a threshold.

Coverage needs the nearest point only; shared supply and the k-th nearest need them all. One bounded
search runs from each point, against the walk, and reads the doors of the buildings on its way, so
the cost grows with what is reached, not with buildings times points. Times are exactly those of
:mod:`geo.coverage`: access legs, private stages and direct walks along a shared edge included.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numba as nb
import numpy as np
import numpy.typing as npt

from geo import crs
from geo.coverage import HORIZON_S, published
from geo.district import Layers
from geo.doors import Doors, Role, direct, doors
from geo.errors import EmptyError, InputError
from geo.link import Links, link
from geo.network import LABEL_SHIFT, FloatArray, IntArray, WalkNetwork
from geo.routing import UNREACHED, Seeds, Workspace

_HALF_STEP_S: Final = 0.005
"""Times up to half a hundredth of a second above the threshold are published as the threshold."""

_ROOM: Final = 2**18
"""Pairs that are kept beside those of one point before they are handed on."""


@dataclass(frozen=True, slots=True)
class Homes:
    """The n buildings of a district, ready to be met by searches on one network.

    Attributes
    ----------
    network : WalkNetwork
    links : Links
    first : ndarray of uint32, shape (n_states + 1,)
        Where the doors at each state begin in the two arrays below.
    building : ndarray of int32, shape (d,)
        Row of the building that each door belongs to.
    add : ndarray of int64, shape (d,)
        What the door adds to a label (:class:`geo.doors.Doors`).
    """

    network: WalkNetwork
    links: Links
    first: npt.NDArray[np.uint32]
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


def find_homes(layers: Layers, network: WalkNetwork) -> Homes:
    """Link the buildings of a district and sort their doors by the state they open on.

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
    buildings = layers.buildings
    if not len(buildings):
        raise EmptyError("The district has no buildings; wanted at least one. Load buildings.")
    xy = crs.project_points(buildings["lon"], buildings["lat"], network.epsg)
    links = link(xy, network)
    found = doors(network, links, role=Role.START)
    side, building = np.nonzero(found.open)
    state = found.state[side, building]
    order = np.argsort(state, kind="stable")
    count = np.bincount(state, minlength=network.graph.n_states)
    return Homes(
        network=network,
        links=links,
        first=np.concatenate([[0], np.cumsum(count)]).astype(np.uint32),
        building=building[order].astype(np.int32),
        add=found.add[side, building][order],
    )


def reach(
    layers: Layers, *, homes: Homes, category: str, limit_s: float, threads: int = 1
) -> Reach:
    """Find every service point of a category within `limit_s` of every building.

    Parameters
    ----------
    layers : Layers
        In the network's metric CRS; those that `homes` was made of.
    homes : Homes
        Of :func:`find_homes`; it serves any number of calls.
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
    network = homes.network
    chosen = layers.service_points[layers.service_points["category"] == category]
    chosen = chosen.sort_values("point_id", kind="stable")
    xy = crs.project_points(chosen["lon"], chosen["lat"], network.epsg)
    links = link(xy, network)
    label, building = _all_pairs(homes, links, limit_s=limit_s, threads=threads)
    begin, label = _by_building(building, label, len(homes.links.edge))
    time_s, rank = published(label)
    rows = np.flatnonzero(layers.service_points["category"] == category)
    rows = rows[np.argsort(layers.service_points["point_id"].to_numpy(object)[rows], kind="stable")]
    return Reach(
        category=category,
        limit_s=limit_s,
        begin=begin,
        point=rows[rank],
        time_s=time_s,
        points=rows,
        reason=homes.links.reason,
        point_reason=links.reason,
    )


@dataclass(frozen=True, slots=True)
class _Along:
    """Direct walks along shared edges, in rows, one row per point."""

    first: IntArray
    building: IntArray
    label: IntArray


def _walks_along(homes: Homes, points: Links) -> _Along:
    """Return the direct walk between every building and point that share an edge."""
    at = np.flatnonzero(points.linked)
    order = at[np.argsort(points.edge[at], kind="stable")]
    edge = points.edge[order]
    starts = np.flatnonzero(np.isin(homes.links.edge, edge))
    # The first points of all edges at once, then the second ones, and so on.
    turn = np.arange(len(edge)) - np.searchsorted(edge, edge)
    found = []
    for number in range(turn.max(initial=-1) + 1):
        ends = order[turn == number]
        shared = starts[np.isin(homes.links.edge[starts], points.edge[ends])]
        label = direct(
            homes.network,
            homes.links.take(shared),
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
    homes: Homes, points: Links, *, limit_s: float, threads: int
) -> tuple[IntArray, npt.NDArray[np.int32]]:
    """Return label (ticks and number of the point) and building of every pair within the limit."""
    ends = doors(homes.network, points, role=Role.END)
    along = _walks_along(homes, points)
    # Neighbours in memory follow each other, so that a search finds the last one's arcs at hand.
    linked = np.flatnonzero(points.linked)
    order = linked[np.argsort(ends.state.max(axis=0)[linked], kind="stable")]
    blocks = np.array_split(order, max(1, min(threads, len(order))))

    def run(block: IntArray) -> list[tuple[IntArray, npt.NDArray[np.int32]]]:
        return list(_pairs_of(homes, ends, along, block, limit_s + _HALF_STEP_S))

    if len(blocks) == 1:
        found = run(blocks[0])
    else:
        with ThreadPoolExecutor(len(blocks)) as pool:
            found = [pair for pairs in pool.map(run, blocks) for pair in pairs]
    label = np.concatenate([np.zeros(0, np.int64), *(labels for labels, _ in found)])
    building = np.concatenate([np.zeros(0, np.int32), *(rows for _, rows in found)])
    within = published(label)[0] <= limit_s
    return label[within], building[within]


def _pairs_of(
    homes: Homes, ends: Doors, along: _Along, block: Iterable[int], limit_s: float
) -> Iterator[tuple[IntArray, npt.NDArray[np.int32]]]:
    """Search from each point of `block`; yield labels and buildings, a buffer at a time."""
    n = len(homes.links.edge)
    workspace = Workspace(homes.network.graph)
    best = np.full(n, UNREACHED, np.int64)
    label, building = np.empty(n + _ROOM, np.int64), np.empty(n + _ROOM, np.int32)
    state, add = np.ascontiguousarray(ends.state.T), np.ascontiguousarray(ends.add.T)
    used = 0
    for point in block:
        workspace.search(Seeds(state[point], add[point]), limit_s=limit_s)
        if len(label) - used < n:
            yield label[:used].copy(), building[:used].copy()
            used = 0
        low, high = along.first[point], along.first[point + 1]
        used = _gather(
            (workspace.label, workspace.touched),
            (homes.first, homes.building, homes.add),
            (along.building[low:high], along.label[low:high]),
            (best, label, building),
            (point, used),
        )
    yield label[:used].copy(), building[:used].copy()


@nb.njit(cache=True, nogil=True)
def _gather(
    search: tuple[IntArray, npt.NDArray[np.uint32]],
    at_state: tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32], IntArray],
    along: tuple[IntArray, IntArray],
    out: tuple[IntArray, IntArray, npt.NDArray[np.int32]],
    point_used: tuple[int, int],
) -> int:
    """Append the pairs of one search, each building once; return how many pairs there are now.

    Parameters
    ----------
    search : tuple
        Labels, and the states that have one.
    at_state : tuple
        ``first, building, add`` of :class:`Homes`.
    along : tuple
        Buildings on the point's edge, and the labels of their direct walks.
    out : tuple
        Best label of each building, :data:`UNREACHED` before and after; labels and buildings of the
        pairs, with room for all buildings.
    point_used : tuple
        Number of the point, and how many pairs there are.
    """
    label, touched = search
    first, building, add = at_state
    along_building, along_label = along
    best, pair_label, pair_building = out
    point, used = point_used
    start = used
    for state in touched:
        for door in range(first[state], first[state + 1]):
            at, found = building[door], label[state] + add[door]
            if best[at] == UNREACHED:
                pair_building[used] = at
                used += 1
            best[at] = min(best[at], found)
    for i in range(len(along_building)):
        at, found = along_building[i], along_label[i] >> LABEL_SHIFT << LABEL_SHIFT
        if best[at] == UNREACHED:
            pair_building[used] = at
            used += 1
        best[at] = min(best[at], found)
    for i in range(start, used):
        pair_label[i] = best[pair_building[i]] | point
        best[pair_building[i]] = UNREACHED
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
