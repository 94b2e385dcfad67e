"""The base of scenarios: a district compiled and answered as it is, with what a re-run needs of it.

The answer is kept as one label per state and category: time and nearest point.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from geo import crs
from geo.accessibility.coverage import Times
from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.errors import InputError
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork
from geo.network.snap import link
from geo.routing.connectors import Role, direct, doors
from geo.routing.shortest_paths import UNREACHED, Workspace, arc_tails, evaluate
from geo.routing.walking_time import HORIZON_S, published
from geo.scenario.patch_network import ArcIndex
from geo.scenario.resolve_edits import Book

_RANKS: Final = 2**31
"""Ranks of points are spread over this many, so that a new point finds a place between two."""


class Base:
    """A compiled district and its answer; nothing here ever changes.

    Parameters
    ----------
    layers : Layers
        Metric CRS.
    network : WalkNetwork
    categories : sequence of str

    Attributes
    ----------
    book : Book
    home_xy, point_xy : ndarray of float64, shapes (n, 2) and (m, 2)
        Buildings and service points, metres.
    home_links, point_links : Links
    homes, points : Doors
    column : ndarray of int64, shape (m,)
        Category number of each point; negative for one that does not count.
    rank : ndarray of int64, shape (m,)
        By ``point_id``, :attr:`gap` apart.
    seed, label : ndarray of int64, shape (k, n_states)
        Best seed and label of each state, by category.
    direct, best : ndarray of int64, shape (k, n)
        Label of each building straight along its edge, and at all.

    Notes
    -----
    Memory: 16 bytes per state and category, and as much per building and category.
    """

    def __init__(self, layers: Layers, network: WalkNetwork, categories: Sequence[str]) -> None:
        self.layers, self.network = layers, network
        self.book = Book(layers, categories)
        self.categories = tuple(categories)
        buildings, points = layers.buildings, layers.service_points
        self.home_xy = crs.project_points(buildings["lon"], buildings["lat"], network.epsg)
        self.point_xy = crs.project_points(points["lon"], points["lat"], network.epsg)
        self.home_links = link(self.home_xy, network)
        self.point_links = link(self.point_xy, network)
        self.homes = doors(network, self.home_links, role=Role.START)
        self.points = doors(network, self.point_links, role=Role.END)
        column = {name: number for number, name in enumerate(categories)}
        self.column = np.array([column.get(c, -1) for c in points["category"]], np.int64)
        order = np.argsort(points["point_id"].to_numpy(), kind="stable")
        self.gap = _RANKS // (len(points) + 1)
        self.rank = np.empty(len(points), np.int64)
        self.rank[order] = (np.arange(len(points)) + 1) * self.gap
        self.sorted_id = points["point_id"].to_numpy(dtype=object)[order]
        self.home_tree = shapely.STRtree(places_at(self.home_xy))
        self.point_tree = shapely.STRtree(places_at(self.point_xy))
        self.arcs = ArcIndex(network.graph, len(network.edge_id))
        graph = network.graph
        self.tail = arc_tails(graph)
        self.into = np.argsort(graph.head, kind="stable")
        self.into_first = np.searchsorted(
            graph.head[self.into], np.arange(graph.n_states + 1)
        ).astype(np.int64)
        flat = np.where(self.homes.open, self.homes.state, graph.n_states).ravel()
        self.at_state = np.argsort(flat, kind="stable")
        self.at_state_first = np.searchsorted(flat[self.at_state], np.arange(graph.n_states + 1))
        self._fill()

    def _fill(self) -> None:
        """Compute the base answer."""
        n, k = len(self.home_xy), len(self.categories)
        self.seed = np.full((k, self.network.graph.n_states), UNREACHED, np.int64)
        self.label = np.empty_like(self.seed)
        self.best = np.empty((k, n), np.int64)
        self.direct = direct(
            self.network,
            self.home_links,
            self.point_links,
            rank=self.rank,
            column=self.column,
            n=k,
        )
        workspace = Workspace(self.network.graph)
        rows = np.arange(n)
        for column in range(k):
            of = np.flatnonzero(self.column == column)
            seeds = self.points.take(of).seeds(self.rank[of])
            np.minimum.at(self.seed[column], seeds.state, seeds.label)
            workspace.search(seeds, limit_s=HORIZON_S)
            self.label[column] = workspace.label
            evaluate(
                self.label[column], self.homes.state, self.homes.add, self.direct[column], rows,
                self.best[column],
            )  # fmt: skip

    @cached_property
    def base_times(self) -> Times:
        """Times of the district as it is."""
        time_s, rank = published(self.best.T)
        row_of_rank = np.append(-1, np.argsort(self.rank, kind="stable"))
        point = row_of_rank[np.where(rank >= 0, rank // self.gap, 0)]
        return Times(
            building_id=self.layers.buildings["building_id"].to_numpy(dtype=object),
            categories=self.categories,
            time_s=time_s,
            point=point,
            reason=self.home_links.reason,
            point_reason=self.point_links.reason,
        )

    def fresh_ranks(self, names: Sequence[str]) -> dict[int, str]:
        """Return a rank for each point that the base does not know, in the order of identifiers.

        Raises
        ------
        InputError
            If more points come between two known ones than there are ranks left.
        """
        fresh = sorted(name for name in names if name not in self.book.point_row)
        found: dict[int, str] = {}
        slots = np.searchsorted(self.sorted_id, np.array(fresh, dtype=object))
        for slot in np.unique(slots):
            group = [name for name, at in zip(fresh, slots, strict=True) if at == slot]
            if len(group) >= self.gap:
                raise InputError(f"Got {len(group)} new points; wanted fewer in one scenario.")
            for number, name in enumerate(group, start=1):
                found[int(slot) * self.gap + number * self.gap // (len(group) + 1)] = name
        return found

    def homes_at(self, states: IntArray) -> IntArray:
        """Return the buildings with a door at one of `states`."""
        known = np.unique(states[states < self.network.graph.n_states])
        first, last = self.at_state_first[known], self.at_state_first[known + 1]
        count = last - first
        at = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
        return np.unique(self.at_state[at] % max(len(self.home_xy), 1))


def places_at(xy: FloatArray) -> GeometryArray:
    """Return points, shape (n,), of coordinates, shape (n, 2)."""
    return np.atleast_1d(np.asarray(shapely.points(xy), dtype=object))
