"""The places of a district, linked to one network once, for any number of searches."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo import crs
from geo.arrays import IntArray
from geo.errors import EmptyError
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork
from geo.network.snap import Links, link
from geo.routing.connectors import Role, doors

Indices = npt.NDArray[np.uint32]


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
        What the door adds to a label (:class:`geo.routing.connectors.Doors`).
    """

    network: WalkNetwork
    buildings: Links
    points: Links
    category: npt.NDArray[np.object_]
    order: IntArray
    first: Indices
    building: npt.NDArray[np.int32]
    add: IntArray


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
