"""The baseline of scenarios: a district as it is, with the look-ups that a re-run needs."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo.accessibility.coverage import Times
from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.errors import InputError
from geo.model.layers import Layers
from geo.routing.shortest_paths import arc_tails
from geo.routing.snapped_district import SnappedDistrict
from geo.scenario.patch_network import ArcIndex
from geo.scenario.resolve_edits import EditResolver


class Baseline:
    """A snapped district and its answer; nothing here ever changes.

    Parameters
    ----------
    layers : Layers
        Metric CRS.
    snapped : SnappedDistrict
        Of the same layers.
    times : Times
        Of the district as it is (:func:`geo.accessibility.coverage.nearest_times`).

    Attributes
    ----------
    resolver : EditResolver
    entrance_tree, point_entrance_tree : STRtree
        Of the entrances of buildings and of points.
    arcs : ArcIndex
        Of the search graph.
    tail, into, into_first : ndarray of int64
        State that each arc leaves; arcs by the state that they lead to, and where each state's
        begin among them.
    """

    def __init__(self, layers: Layers, snapped: SnappedDistrict, times: Times) -> None:
        self.layers, self.snapped, self.base_times = layers, snapped, times
        self.network, self.categories = snapped.network, snapped.categories
        self.resolver = EditResolver(layers, snapped.categories)
        self.entrance_tree = shapely.STRtree(places_at(snapped.entrances.xy))
        self.point_entrance_tree = shapely.STRtree(places_at(snapped.point_entrances.xy))
        graph = self.network.graph
        self.arcs = ArcIndex(graph, len(self.network.edge_id))
        self.tail = arc_tails(graph)
        self.into = np.argsort(graph.head, kind="stable")
        self.into_first = np.searchsorted(
            graph.head[self.into], np.arange(graph.n_states + 1)
        ).astype(np.int64)

    def fresh_ranks(self, names: Sequence[str]) -> dict[int, str]:
        """Return a rank for each point that the base does not know, in the order of identifiers.

        Raises
        ------
        InputError
            If more points come between two known ones than there are ranks left.
        """
        fresh = sorted(name for name in names if name not in self.resolver.point_row)
        name_of: dict[int, str] = {}
        snapped, gap = self.snapped, self.snapped.rank_gap
        known = snapped.point_id[snapped.point_order]
        slots = np.searchsorted(known, np.array(fresh, dtype=object))
        for slot in np.unique(slots):
            group = [name for name, at in zip(fresh, slots, strict=True) if at == slot]
            if len(group) >= gap:
                raise InputError("scenario.too_many_points", n=len(group))
            for number, name in enumerate(group, start=1):
                name_of[int(slot) * gap + number * gap // (len(group) + 1)] = name
        return name_of

    def buildings_at(self, states: IntArray) -> IntArray:
        """Return the buildings with a connector at one of `states`."""
        known = np.unique(states[states < self.network.graph.n_states])
        connectors = self.snapped.connectors_by_state
        first = connectors.first.astype(np.int64)[known]
        count = connectors.first[known + 1] - first
        # Rows first..first + count of every state, one after the other.
        rows = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
        return np.unique(connectors.building[rows]).astype(np.int64)


def places_at(xy: FloatArray) -> GeometryArray:
    """Return points, shape (n,), of coordinates, shape (n, 2)."""
    return np.atleast_1d(np.asarray(shapely.points(xy), dtype=object))
