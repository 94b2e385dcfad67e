"""One walk between two places: metres, seconds and the path."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.ops import substring

from geo.arrays import FloatArray
from geo.doors import SHUT, Role, direct, doors
from geo.errors import NotFoundError
from geo.graph import TICKS_PER_S
from geo.link import Links, link
from geo.network import WalkNetwork
from geo.routing import UNREACHED, Workspace, trace

_LONGEST_WALK_S = 12 * 3_600.0
"""A walk longer than half a day is not looked for, seconds."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk.

    Attributes
    ----------
    metres : float
        Along the network, between the feet of the two access legs, as other routers report it.
    leg_start_m, leg_end_m : float
        Access legs, metres.
    seconds : float
        For everything, access legs included, at the profile's speed, rounded to 0.01.
    geometry : LineString
        In the network's CRS, from start to end, access legs included.
    """

    metres: float
    leg_start_m: float
    leg_end_m: float
    seconds: float
    geometry: shapely.LineString

    @property
    def total_m(self) -> float:
        """Metres on foot, access legs included."""
        return self.metres + self.leg_start_m + self.leg_end_m


def walk(network: WalkNetwork, start: FloatArray, end: FloatArray) -> Walk:
    """Return the shortest walk from `start` to `end`.

    Parameters
    ----------
    network : WalkNetwork
    start, end : array_like of float, shape (2,)
        Metres in the network's CRS.

    Returns
    -------
    Walk

    Raises
    ------
    NotFoundError
        If either place cannot be linked to the network, or no walk joins them.
    """
    places = np.asarray([start, end], np.float64)
    links = link(places, network)
    for name, reason in zip(("start", "end"), links.reason, strict=True):
        if reason:
            raise NotFoundError(
                f"The {name} of the walk is unlinked ({reason}); wanted a place with a walkable "
                "way within 200 m that no wall, river or railway cuts off. Choose a place nearer "
                "to a street."
            )
    middle = _shortest(network, links)
    legs = links.leg_m
    coords = np.vstack([places[:1], shapely.get_coordinates(middle), places[1:]])
    return Walk(
        metres=float(middle.length),
        leg_start_m=float(legs[0]),
        leg_end_m=float(legs[1]),
        seconds=round(int(network.ticks(middle.length + legs.sum())) / TICKS_PER_S, 2),
        geometry=shapely.remove_repeated_points(shapely.LineString(coords)),
    )


def _shortest(network: WalkNetwork, links: Links) -> shapely.LineString:
    """Return the path between the feet of the two access legs."""
    start = doors(network, links.take([0]), role=Role.START)
    end = doors(network, links.take([1]), role=Role.END)
    rank = np.zeros(1, np.int64)
    along = direct(network, links.take([0]), links.take([1]), rank=rank, column=rank, n=1)[0, 0]
    workspace = Workspace(network.graph)
    workspace.search(end.seeds(rank), limit_s=_LONGEST_WALK_S)
    through = (workspace.label[start.state] + start.add)[:, 0]
    if along < UNREACHED and along <= through.min():
        return _part(network, int(links.edge[0]), *links.offset_m)
    if through.min() >= SHUT:
        raise NotFoundError(
            "No walk joins the two places; they lie on parts of the network that are not "
            "connected. Choose places on one part."
        )
    best = int(start.state[np.argmin(through), 0])
    edges, nodes = trace(network.graph, workspace.label, best)
    whole = [
        _whole(network, int(edge), int(node)) for edge, node in zip(edges, nodes, strict=False)
    ]
    parts = [
        _to_node(network, links, 0, int(nodes[0])),
        *whole,
        _to_node(network, links, 1, int(nodes[-1])).reverse(),
    ]
    return shapely.LineString(np.vstack([shapely.get_coordinates(part) for part in parts]))


def _part(network: WalkNetwork, edge: int, low_m: float, high_m: float) -> shapely.LineString:
    """Return the edge between two offsets, in that direction, never less than two coordinates."""
    part = substring(network.geometry[edge], low_m, high_m)
    coords = shapely.get_coordinates(part)
    return shapely.LineString(coords if len(coords) > 1 else np.repeat(coords, 2, axis=0))


def _whole(network: WalkNetwork, edge: int, from_node: int) -> shapely.LineString:
    """Return the whole edge as walked from `from_node`."""
    line: shapely.LineString = network.geometry[edge]
    loop = network.u[edge] == network.v[edge]
    ahead = network.forward[edge] if loop else network.u[edge] == from_node
    return line if ahead else line.reverse()


def _to_node(network: WalkNetwork, links: Links, place: int, node: int) -> shapely.LineString:
    """Return the way along its own edge from a linked place to an end of that edge."""
    edge, offset_m = int(links.edge[place]), float(links.offset_m[place])
    to_u = _part(network, edge, offset_m, 0.0)
    to_v = _part(network, edge, offset_m, float(network.geometry[edge].length))
    if network.u[edge] == network.v[edge]:
        return min(to_u, to_v, key=lambda part: part.length)
    return to_u if network.u[edge] == node else to_v
