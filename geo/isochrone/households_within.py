"""Households within a budget of an origin: exact walking times, entrance by entrance."""

import numpy as np

from geo.arrays import IntArray
from geo.isochrone.search_direction import Search, SearchDirection
from geo.network.search_graph import LABEL_SHIFT
from geo.routing.shortest_paths import UNREACHED, evaluate
from geo.routing.snapped_district import SnappedDistrict
from geo.tolerances import SAME_M


class BuildingTimes:
    """The entrances of the buildings of a snapped district, by the edge that each is linked to.

    Parameters
    ----------
    snapped : SnappedDistrict
    """

    def __init__(self, snapped: SnappedDistrict) -> None:
        self._snapped = snapped
        self._by_edge = np.argsort(snapped.buildings.edge, kind="stable")
        self._edge = snapped.buildings.edge[self._by_edge]

    def ticks(self, search: Search, direction: SearchDirection) -> IntArray:
        """Return the walking time of each entrance to or from the nearest origin, ticks.

        Returns
        -------
        ndarray of int64, shape (e,)
            More than any threshold where unreached; coverage counts a building by the least of its
            entrances.
        """
        n = len(self._edge)
        if not n:
            return np.zeros(0, np.int64)
        connectors = self._snapped.building_connectors(direction.place)
        along = np.full(n, UNREACHED, np.int64)
        for origin in range(len(search.origins.edge)):
            rows, ticks = self._along(search, direction, origin)
            along[rows] = np.minimum(along[rows], ticks << LABEL_SHIFT)
        best = np.empty(n, np.int64)
        each = np.arange(n + 1)
        evaluate(search.label, connectors.state, connectors.add, along, each, each[:-1], best)
        return best >> LABEL_SHIFT

    def _along(
        self, search: Search, direction: SearchDirection, origin: int
    ) -> tuple[IntArray, IntArray]:
        """Return the entrances that an origin reaches straight along its edge, and their ticks."""
        origins, sides, links = search.origins, direction.sides, self._snapped.buildings
        edge = origins.edge[origin]
        first, last = np.searchsorted(self._edge, [edge, edge + 1])
        rows = self._by_edge[first:last]
        ahead = links.offset_m[rows] - origins.offset[origin]
        on = np.where(ahead >= 0, sides.ahead[edge], sides.behind[edge]) | (np.abs(ahead) <= SAME_M)
        rows, ahead = rows[on], ahead[on]
        legs = links.leg_m[rows] + origins.leg[origin]
        along_m = np.abs(ahead) * sides.effort[edge, (ahead < 0).astype(np.int64)]
        return rows, direction.network.ticks(along_m + legs)
