"""Search directions: walks from an origin, and walks to it, each with its graph."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, LifoQueue

import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.isochrone.arrival_times import EdgeSides, Origins, edge_sides
from geo.isochrone.reachable_edges import Incidence, ReachableEdges, incidence_of, reached
from geo.network.compile import WalkNetwork
from geo.network.search_graph import SearchGraph
from geo.network.snap import Links
from geo.routing.connectors import TripEnd, connectors
from geo.routing.reverse_graph import reversed_graph
from geo.routing.shortest_paths import Workspace


@dataclass(frozen=True, slots=True)
class _SearchMemory:
    """The memory of one search; one thread uses it at a time."""

    workspace: Workspace
    on_edge: BoolArray


@dataclass(frozen=True, slots=True)
class Search:
    """A search that has been run.

    Attributes
    ----------
    label : ndarray of int64, shape (n_states,)
    touched : ndarray of uint32
        States that it labelled.
    origins : Origins
    """

    label: IntArray
    touched: npt.NDArray[np.uint32]
    origins: Origins


@dataclass(frozen=True, slots=True)
class SearchDirection:
    """One direction of the walk on a network; threads may share it.

    Attributes
    ----------
    network : WalkNetwork
    graph : SearchGraph
        Arcs from the origin outwards.
    place : TripEnd
        What the places around are to the walk; the origin is the other.
    sides : EdgeSides
    incidence : Incidence
    bounds : ndarray of float64, shape (m, 4)
        West, south, east and north of each edge, metres from the corner.
    """

    network: WalkNetwork
    graph: SearchGraph
    place: TripEnd
    sides: EdgeSides
    incidence: Incidence
    bounds: FloatArray
    _free: "LifoQueue[_SearchMemory]" = field(default_factory=LifoQueue)

    @classmethod
    def of(cls, network: WalkNetwork, corner: FloatArray, *, towards: bool) -> "SearchDirection":
        """Return the direction towards an origin, or away from it.

        Parameters
        ----------
        network : WalkNetwork
        corner : ndarray of float64, shape (2,)
            That places are counted from, metres in the network's CRS.
        towards : bool
        """
        place = TripEnd.ORIGIN if towards else TripEnd.DESTINATION
        sides = edge_sides(network, end=place)
        return cls(
            network=network,
            graph=network.graph if towards else reversed_graph(network.graph),
            place=place,
            sides=sides,
            incidence=incidence_of(network, sides, corner),
            bounds=network.geometry.bounds() - np.tile(corner, 2),
        )

    @contextmanager
    def search(self, at: FloatArray, links: Links, *, limit_s: float) -> Iterator[Search]:
        """Search from linked origins; what is found holds until the context is left.

        Parameters
        ----------
        at : ndarray of float64, shape (k, 2)
            Places of the origins, metres from the corner that the caller counts from.
        links : Links
        limit_s : float
            Seconds, inclusive.
        """
        memory = self._memory()
        try:
            memory.on_edge[links.edge] = True
            end = TripEnd.DESTINATION if self.place is TripEnd.ORIGIN else TripEnd.ORIGIN
            seeds = connectors(self.network, links, end=end).seeds(np.zeros(len(at), np.int64))
            memory.workspace.search(seeds, limit_s=limit_s)
            origins = Origins(
                at, self.bounds[links.edge], links.edge, links.offset_m, links.leg_m, memory.on_edge
            )
            yield Search(memory.workspace.label, memory.workspace.touched, origins)
        finally:
            memory.on_edge[links.edge] = False
            self._free.put(memory)

    def reached(self, search: Search, budget: float) -> ReachableEdges:
        """Return the parts of the network that a search reached within a budget, ticks."""
        return reached(
            search.label,
            search.touched,
            budget,
            sides=self.sides,
            origins=search.origins,
            incidence=self.incidence,
        )

    def _memory(self) -> _SearchMemory:
        try:
            return self._free.get_nowait()
        except Empty:
            on_edge = np.zeros(len(self.network.edge_id), np.bool_)
            return _SearchMemory(Workspace(self.graph), on_edge)
