"""The buildings around an origin: who lives within a budget, exactly, building by building."""

import numpy as np

from geo import crs
from geo.arrays import FloatArray, IntArray
from geo.isochrone.search_direction import Direction, Search
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork
from geo.network.search_graph import LABEL_SHIFT
from geo.network.snap import link
from geo.routing.connectors import SAME_M, Doors, Role, doors
from geo.routing.shortest_paths import UNREACHED, evaluate


class Homes:
    """The buildings of a district, linked to its network once.

    Parameters
    ----------
    network : WalkNetwork
    layers : Layers
        In the network's CRS; ``buildings`` are used.

    Attributes
    ----------
    at : ndarray of float64, shape (n, 2)
        Demand points, metres in the network's CRS.
    households : ndarray of int64, shape (n,)
    """

    def __init__(self, network: WalkNetwork, layers: Layers) -> None:
        buildings = layers.buildings
        self.at: FloatArray = crs.project_points(buildings["lon"], buildings["lat"], network.epsg)
        self.households: IntArray = buildings["households"].to_numpy(np.int64)
        self._links = link(self.at, network)
        self._by_edge = np.argsort(self._links.edge, kind="stable")
        self._edge = self._links.edge[self._by_edge]
        self._doors: dict[Role, Doors] = {}

    def ticks(self, search: Search, direction: Direction) -> IntArray:
        """Return the walking time of each building to or from the nearest origin, ticks.

        Returns
        -------
        ndarray of int64, shape (n,)
            The sum that coverage is counted by; more than any threshold where unreached.
        """
        if not len(self.at):
            return np.zeros(0, np.int64)
        own = self._doors_in(direction)
        along = np.full(len(self.at), UNREACHED, np.int64)
        for origin in range(len(search.origins.edge)):
            rows, ticks = self._along(search, direction, origin)
            along[rows] = np.minimum(along[rows], ticks << LABEL_SHIFT)
        best = np.empty(len(self.at), np.int64)
        evaluate(search.label, own.state, own.add, along, np.arange(len(self.at)), best)
        return best >> LABEL_SHIFT

    def _doors_in(self, direction: Direction) -> Doors:
        role = direction.place
        if role not in self._doors:
            self._doors[role] = doors(direction.network, self._links, role=role)
        return self._doors[role]

    def _along(
        self, search: Search, direction: Direction, origin: int
    ) -> tuple[IntArray, IntArray]:
        """Return the buildings that an origin reaches straight along its edge, and their ticks."""
        origins, sides = search.origins, direction.sides
        edge = origins.edge[origin]
        first, last = np.searchsorted(self._edge, [edge, edge + 1])
        rows = self._by_edge[first:last]
        ahead = self._links.offset_m[rows] - origins.offset[origin]
        on = np.where(ahead >= 0, sides.ahead[edge], sides.behind[edge]) | (np.abs(ahead) <= SAME_M)
        rows, ahead = rows[on], ahead[on]
        legs = self._links.leg_m[rows] + origins.leg[origin]
        along_m = np.abs(ahead) * sides.effort[edge, (ahead < 0).astype(np.int64)]
        return rows, direction.network.ticks(along_m + legs)
