"""A district snapped to one walk network: the one value that all searches over its places share.

Coverage, k nearest, isochrones, explanations and what-if need the same things: where buildings and
service points meet the network, their connectors, and the label of the nearest point at every
state. Each is computed once, where it is first asked for, and then read by all of them.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import crs
from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.errors import EmptyError
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork
from geo.network.entrances import Entrances, at_places, entrances_of_layers
from geo.network.snap import Links, link
from geo.routing.connectors import Connectors, TripEnd, connectors, direct
from geo.routing.shortest_paths import Seeds, Workspace, evaluate, search_each
from geo.routing.walking_time import HORIZON_S

Indices = npt.NDArray[np.uint32]
T = TypeVar("T")

_RANKS: Final = 2**31
"""Ranks of points are spread over this many, so that a scenario's new point finds one between."""


@dataclass(frozen=True, slots=True)
class ConnectorsByState:
    """The d usable connectors of buildings, in rows by the state that they lead from.

    Attributes
    ----------
    first : ndarray of uint32, shape (n_states + 1,)
        Where the connectors of each state begin in the two arrays below.
    building : ndarray of int32, shape (d,)
        Row of the building that each connector belongs to.
    add : ndarray of int64, shape (d,)
        What the connector adds to a label (:class:`geo.routing.connectors.Connectors`).
    """

    first: Indices
    building: npt.NDArray[np.int32]
    add: IntArray


@dataclass(frozen=True, slots=True)
class NearestLabels:
    """Labels of the nearest service point of each of k categories, within two hours.

    Attributes
    ----------
    state : ndarray of int64, shape (k, n_states)
        At every state of the search graph.
    building : ndarray of int64, shape (k, n)
        At every building, by its connectors or directly along a shared edge.
    """

    state: IntArray
    building: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SnappedDistrict:
    """The n buildings and m service points of a district, snapped to one network.

    Immutable to its readers; threads may share it. What is derived is computed once, by the first
    who asks. Memory: 8 bytes per state and category once :meth:`nearest` was asked for, and twice
    as much per building and category.

    Attributes
    ----------
    network : WalkNetwork
        Compiled for the profile to answer for.
    categories : tuple of str, length k
    building_xy, point_xy : ndarray of float64, shapes (n, 2) and (m, 2)
        Metres in the network's CRS.
    point_id, point_category : ndarray of str, shape (m,)
    entrances, point_entrances : Entrances
        Of the buildings and of the points.
    buildings, points : Links
        Of those entrances.
    judged : ndarray of bool, shape (k,)
        Whether the data has a service point of each category (:func:`judged_categories`).
    """

    network: WalkNetwork
    categories: tuple[str, ...]
    building_xy: FloatArray
    point_xy: FloatArray
    point_id: ObjectArray
    point_category: ObjectArray
    entrances: Entrances
    point_entrances: Entrances
    buildings: Links
    points: Links
    judged: BoolArray
    _derived: dict[Hashable, object] = field(init=False, repr=False, default_factory=dict)
    _deriving: RLock = field(init=False, repr=False, default_factory=RLock)

    def require_buildings(self) -> None:
        """Raise `EmptyError` if there are no buildings."""
        if not len(self.building_xy):
            raise EmptyError("routing.no_buildings")

    def with_points(self, rows: IntArray) -> "SnappedDistrict":
        """Return the district with the service points `rows` alone; nothing is snapped again.

        Categories stay judged as they are: points that are left out are still in the data.
        """
        return replace(
            self,
            point_xy=self.point_xy[rows],
            point_id=self.point_id[rows],
            point_category=self.point_category[rows],
            point_entrances=self.point_entrances.take(rows),
            points=self.points.take(self.point_entrances.of(rows)),
        )

    @property
    def column(self) -> IntArray:
        """Category number of each point, -1 for one of another category, shape (m,)."""
        return self._once("column", self._columns)

    @property
    def point_order(self) -> IntArray:
        """Rows of the points in order of ``point_id``, shape (m,)."""
        return self._once("order", lambda: np.argsort(self.point_id, kind="stable"))

    @property
    def rank_gap(self) -> int:
        """Difference between the ranks of points that follow each other."""
        return _RANKS // (len(self.point_id) + 1)

    @property
    def rank(self) -> IntArray:
        """Rank of each point by ``point_id``, which decides between equal times, shape (m,)."""
        return self._once("rank", self._ranks)

    def point_of_rank(self, rank: IntArray) -> IntArray:
        """Return the row of the point of each rank, -1 for rank -1."""
        rows = np.append(self.point_order, -1)
        # Ranks are multiples of the gap, from 1 gap on; -1 becomes place -1, the spare entry.
        return np.asarray(rows[np.maximum(rank // self.rank_gap - 1, -1)], np.int64)

    @property
    def reason(self) -> ObjectArray:
        """Why each building is unlinked, shape (n,): by all its entrances; empty where by none."""
        one = self._once("one", lambda: self.entrances.one_each(self.buildings.linked))
        return self.buildings.reason[one]

    @property
    def point_reason(self) -> ObjectArray:
        """Why each point is unlinked, shape (m,)."""
        one = self._once("one point", lambda: self.point_entrances.one_each(self.points.linked))
        return self.points.reason[one]

    def building_connectors(self, end: TripEnd) -> Connectors:
        """Return the connectors of the buildings' entrances, where walks start or end there."""
        return self._once(end, lambda: connectors(self.network, self.buildings, end=end))

    @property
    def point_connectors(self) -> Connectors:
        """The connectors of the points' entrances, where walks end there."""
        return self._once(
            "points", lambda: connectors(self.network, self.points, end=TripEnd.DESTINATION)
        )

    def seeds(self, rows: IntArray) -> Seeds:
        """Return the seeds of a search from the points `rows`, by all their entrances."""
        at = self.point_entrances.of(rows)
        count = np.diff(self.point_entrances.first)[rows]
        return self.point_connectors.take(at).seeds(np.repeat(self.rank[rows], count))

    @property
    def connectors_by_state(self) -> ConnectorsByState:
        """Connectors by which walks leave the buildings, sorted by state."""
        return self._once("by state", self._sort_connectors)

    @property
    def direct(self) -> IntArray:
        """Label of each building's best walk straight along its edge, shape (k, n)."""
        return self._once("direct", self._walk_along_edges)

    def nearest(self, *, threads: int = 1) -> NearestLabels:
        """Search from the points of every category.

        Cost: one search per category over the edges within two hours of its points.

        Parameters
        ----------
        threads : int
            Categories searched at a time; the answer does not depend on it.
        """
        return self._once("nearest", lambda: self._search(threads))

    def derived(self, key: Hashable) -> object | None:
        """Return a derived value if somebody has asked for it."""
        return self._derived.get(key)

    def take_over(self, key: Hashable, value: object) -> None:
        """Set a derived value that is known before anybody asks for it."""
        self._derived[key] = value

    def _once(self, key: Hashable, derive: Callable[[], T]) -> T:
        if key in self._derived:  # without the lock, which may be held while threads search
            return cast("T", self._derived[key])
        with self._deriving:
            if key not in self._derived:
                self._derived[key] = derive()
            return cast("T", self._derived[key])

    def _columns(self) -> IntArray:
        return pd.Index(self.categories).get_indexer(pd.Index(self.point_category)).astype(np.int64)

    def _ranks(self) -> IntArray:
        rank = np.empty(len(self.point_id), np.int64)
        rank[self.point_order] = (np.arange(len(rank)) + 1) * self.rank_gap
        return rank

    def _sort_connectors(self) -> ConnectorsByState:
        leaving = self.building_connectors(TripEnd.ORIGIN)
        side, entrance = np.nonzero(leaving.open)
        state = leaving.state[side, entrance]
        by_state = np.argsort(state, kind="stable")
        count = np.bincount(state, minlength=self.network.graph.n_states)
        return ConnectorsByState(
            first=np.concatenate([[0], np.cumsum(count)]).astype(np.uint32),
            building=self.entrances.place[entrance[by_state]].astype(np.int32),
            add=leaving.add[side, entrance][by_state],
        )

    def _walk_along_edges(self) -> IntArray:
        point = self.point_entrances.place
        along = direct(
            self.network,
            self.buildings,
            self.points,
            rank=self.rank[point],
            column=self.column[point],
            n=len(self.categories),
        )
        return best_of(along, self.entrances)

    def _search(self, threads: int) -> NearestLabels:
        labels = self.empty_labels()
        self.search_into(labels, range(len(self.categories)), threads=threads)
        return labels

    def empty_labels(self) -> NearestLabels:
        """Return room for the labels of every category; what it holds means nothing yet."""
        k, n, n_states = len(self.categories), len(self.building_xy), self.network.graph.n_states
        return NearestLabels(np.empty((k, n_states), np.int64), np.empty((k, n), np.int64))

    def search_into(self, labels: NearestLabels, numbers: Sequence[int], *, threads: int) -> None:
        """Search from the points of some categories, by their numbers, and write their labels."""
        of = [np.flatnonzero(self.column == number) for number in numbers]
        seeds = [self.seeds(rows) for rows in of]
        # What the threads share is derived before they start: none could derive it meanwhile.
        _ = self.building_connectors(TripEnd.ORIGIN), self.direct

        def keep(turn: int, workspace: Workspace) -> None:
            labels.state[numbers[turn]] = workspace.label
            self.label_buildings(labels, numbers[turn])

        workspaces = [Workspace(self.network.graph) for _ in range(threads if numbers else 0)]
        if workspaces:
            search_each(workspaces, seeds, keep, limit_s=HORIZON_S)

    def label_buildings(self, labels: NearestLabels, number: int) -> None:
        """Write the labels of the buildings for a category from those of the states."""
        starts = self.building_connectors(TripEnd.ORIGIN)
        evaluate(
            labels.state[number], starts.state, starts.add, self.direct[number],
            self.entrances.first, np.arange(len(self.building_xy)), labels.building[number],
        )  # fmt: skip


def snap_district(
    network: WalkNetwork,
    building_xy: FloatArray,
    point_xy: FloatArray,
    *,
    point_id: ObjectArray,
    point_category: ObjectArray,
    categories: Sequence[str],
    entrances: tuple[Entrances, Entrances] | None = None,
) -> SnappedDistrict:
    """Snap buildings and service points to a network.

    Parameters
    ----------
    network : WalkNetwork
    building_xy, point_xy : ndarray of float64, shapes (n, 2) and (m, 2)
        Metres in the network's CRS.
    point_id, point_category : ndarray of str, shape (m,)
        Of equal times the lowest identifier wins.
    categories : sequence of str
        To answer for; points of others count for none.
    entrances : pair of Entrances, optional
        Of the buildings and of the points; omitted, each is entered where it stands.
    """
    of_buildings, of_points = entrances or (at_places(building_xy), at_places(point_xy))
    return SnappedDistrict(
        network=network,
        categories=tuple(categories),
        building_xy=building_xy,
        point_xy=point_xy,
        point_id=point_id,
        point_category=point_category,
        entrances=of_buildings,
        point_entrances=of_points,
        buildings=link(of_buildings.xy, network, outlines=of_buildings.outlines),
        points=link(of_points.xy, network, outlines=of_points.outlines),
        judged=judged_categories(categories, point_category),
    )


def best_of(label: IntArray, entrances: Entrances) -> IntArray:
    """Return the best label of each place, shape (k, n), of those of its entrances, (k, e)."""
    if label.shape[1] == len(entrances.first) - 1:
        return label
    return np.asarray(np.minimum.reduceat(label, entrances.first[:-1], axis=1), np.int64)


def judged_categories(categories: Sequence[str], point_category: ObjectArray) -> BoolArray:
    """Return which categories can be judged: those of which there is any service point, shape (k,).

    Of the others nothing is known: the data may simply not have them. They are left out of "all
    categories".
    """
    return np.isin(np.array(categories, dtype=object), point_category)


def snap_layers(layers: Layers, network: WalkNetwork, categories: Sequence[str]) -> SnappedDistrict:
    """Snap the buildings and service points of a district, by their entrances.

    Where none is known, by their ``lon`` and ``lat``, a building with a footprint from its outline.
    """
    building_xy, point_xy = (
        crs.project_points(frame["lon"], frame["lat"], network.epsg)
        for frame in (layers.buildings, layers.service_points)
    )
    points = layers.service_points
    return snap_district(
        network,
        building_xy,
        point_xy,
        point_id=points["point_id"].to_numpy(dtype=object),
        point_category=points["category"].to_numpy(dtype=object),
        categories=categories,
        entrances=entrances_of_layers(layers, building_xy, point_xy),
    )
