"""The two directions of a walk, each ready to be searched: to an origin, and from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, LifoQueue

import numpy as np
import numpy.typing as npt

from geo.arrays import BoolArray, FloatArray, IntArray
from geo.isochrone.arrival_times import Origins, Sides, sides_of
from geo.isochrone.reachable_edges import Incidence, Reached, incidence_of, reached
from geo.network.compile import WalkNetwork
from geo.network.search_graph import SearchGraph
from geo.network.snap import Links
from geo.routing.connectors import Role, doors
from geo.routing.reverse_graph import reversed_graph
from geo.routing.shortest_paths import Workspace


@dataclass(frozen=True, slots=True)
class _Desk:
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
class Direction:
    """One direction of the walk on a network; threads may share it.

    Attributes
    ----------
    network : WalkNetwork
    graph : SearchGraph
        Arcs from the origin outwards.
    place : Role
        What the places around are to the walk; the origin is the other.
    sides : Sides
    incidence : Incidence
    bounds : ndarray of float64, shape (m, 4)
        West, south, east and north of each edge, metres from the corner.
    """

    network: WalkNetwork
    graph: SearchGraph
    place: Role
    sides: Sides
    incidence: Incidence
    bounds: FloatArray
    _desks: "LifoQueue[_Desk]" = field(default_factory=LifoQueue)

    @classmethod
    def of(cls, network: WalkNetwork, corner: FloatArray, *, towards: bool) -> "Direction":
        """Return the direction towards an origin, or away from it.

        Parameters
        ----------
        network : WalkNetwork
        corner : ndarray of float64, shape (2,)
            That places are counted from, metres in the network's CRS.
        towards : bool
        """
        place = Role.START if towards else Role.END
        sides = sides_of(network, role=place)
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
        desk = self._desk()
        try:
            desk.on_edge[links.edge] = True
            role = Role.END if self.place is Role.START else Role.START
            seeds = doors(self.network, links, role=role).seeds(np.zeros(len(at), np.int64))
            desk.workspace.search(seeds, limit_s=limit_s)
            origins = Origins(
                at, self.bounds[links.edge], links.edge, links.offset_m, links.leg_m, desk.on_edge
            )
            yield Search(desk.workspace.label, desk.workspace.touched, origins)
        finally:
            desk.on_edge[links.edge] = False
            self._desks.put(desk)

    def reached(self, search: Search, budget: float) -> Reached:
        """Return the parts of the network that a search reached within a budget, ticks."""
        return reached(
            search.label,
            search.touched,
            budget,
            sides=self.sides,
            origins=search.origins,
            incidence=self.incidence,
        )

    def _desk(self) -> _Desk:
        try:
            return self._desks.get_nowait()
        except Empty:
            on_edge = np.zeros(len(self.network.edge_id), np.bool_)
            return _Desk(Workspace(self.graph), on_edge)
