"""One walk between two places: metres, seconds and the path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.ops import substring

from geo.arrays import FloatArray
from geo.errors import NotFoundError
from geo.messages import Message
from geo.network.compile import WalkNetwork
from geo.network.search_graph import TICKS_PER_S
from geo.network.snap import REASON_WORDS, Links, link
from geo.routing.connectors import SHUT, Connectors, TripEnd, connectors, direct
from geo.routing.shortest_paths import UNREACHED, Workspace, trace, unpack

_LONGEST_WALK_S: Final = 12 * 3_600.0
"""A walk longer than half a day is not looked for, seconds."""

_UNLINKED: Final = ("routing.start_unlinked", "routing.end_unlinked")


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
        For everything, access legs included, by the profile's rules, rounded to 0.01; the time that
        coverage is counted by.
    geometry : LineString
        In the network's CRS, from start to end, access legs included.
    crossing_s : float
        Of the seconds, those waited at crossings.
    climb_m : float
        Metres climbed; descents are not taken off.
    edges : tuple of int
        Identifiers of the walk edges, in the order walked.
    start, end : int
        Which of the entrances given it uses.
    """

    metres: float
    leg_start_m: float
    leg_end_m: float
    seconds: float
    geometry: shapely.LineString
    crossing_s: float = 0.0
    climb_m: float = 0.0
    edges: tuple[int, ...] = ()
    start: int = 0
    end: int = 0

    @property
    def total_m(self) -> float:
        """Metres on foot, access legs included."""
        return self.metres + self.leg_start_m + self.leg_end_m


def walk(network: WalkNetwork, start: FloatArray, end: FloatArray) -> Walk:
    """Return the shortest walk from `start` to `end`.

    Parameters
    ----------
    network : WalkNetwork
    start, end : array_like of float, shape (2,) or (e, 2)
        Metres in the network's CRS; of several entrances of a place the best one counts.

    Returns
    -------
    Walk

    Raises
    ------
    NotFoundError
        If either place cannot be linked to the network, or no walk joins them.

    Examples
    --------
    >>> from tests.scenes import tiny_scene, xy
    >>> _, network = tiny_scene()
    >>> found = walk(network, xy(150, 190), xy(205, 100))
    >>> round(found.metres, 3), round(found.total_m, 3), found.seconds
    (150.0, 165.0, 132.0)
    """
    ends = [link(np.atleast_2d(np.asarray(xy, np.float64)), network) for xy in (start, end)]
    return walk_between(network, *ends)


def walk_between(network: WalkNetwork, starts: Links, ends: Links) -> Walk:
    """Return the shortest walk between linked places, as :func:`walk` does."""
    each = starts, ends
    for fault, links in zip(_UNLINKED, each, strict=True):
        if not links.linked.any():
            raise NotFoundError(fault, reason=Message(REASON_WORDS[links.reason[0]]))
    ticks, (first, last), parts = _shortest(network, *each)
    links = each[0].take([first]).joined(each[1].take([last]))
    middle = np.vstack([_coordinates(network, part) for part in parts])
    out, back = (_gate(network, links, place) for place in (0, 1))
    stretches = [links.start_xy[:1], out, middle, back, links.start_xy[1:]]
    geometry = shapely.LineString(np.vstack(stretches))
    return Walk(
        metres=float(shapely.LineString(middle).length),
        leg_start_m=float(links.leg_m[0]),
        leg_end_m=float(links.leg_m[1]),
        seconds=float(
            np.round(ticks / TICKS_PER_S, 2)
        ),  # ties as in geo.routing.walking_time.published
        crossing_s=network.profile.crossing_s
        * sum(abs(part.share) for part in parts if network.crossing[part.edge]),
        climb_m=sum(max(part.share * float(network.climb_m[part.edge]), 0.0) for part in parts),
        geometry=shapely.remove_repeated_points(geometry),
        edges=tuple(network.edge_id[[part.edge for part in parts]].tolist()),
        start=first,
        end=last,
    )


def _gate(network: WalkNetwork, links: Links, place: int) -> FloatArray:
    """Return the gate that the access leg of a place passes, shape (1, 2), or (0, 2) for none."""
    passed = links.gate[[place]]
    return shapely.get_coordinates(network.gates[passed[passed >= 0]])


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an edge as walked, by shares of its length from its start."""

    edge: int
    start: float
    stop: float

    @property
    def share(self) -> float:
        """Share of the edge that is walked; negative from its end to its start."""
        return self.stop - self.start


def _shortest(
    network: WalkNetwork, starts: Links, ends: Links
) -> tuple[int, tuple[int, int], Sequence[_Part]]:
    """Return the ticks of the walk, the entrances, and the parts between the feet of the legs."""
    start = connectors(network, starts, end=TripEnd.ORIGIN)
    end = connectors(network, ends, end=TripEnd.DESTINATION)
    rank = np.arange(len(ends.edge))
    along = direct(network, starts, ends, rank=rank, column=np.zeros_like(rank), n=1)[0]
    workspace = Workspace(network.graph)
    workspace.search(end.seeds(rank), limit_s=_LONGEST_WALK_S)
    through = workspace.label[start.state] + start.add
    if along.min() < UNREACHED and along.min() <= through.min():
        first = int(np.argmin(along))
        (ticks,), (last,) = unpack(along[[first]])
        at = [_share(network, starts, first), _share(network, ends, int(last))]
        return int(ticks), (first, int(last)), [_Part(int(starts.edge[first]), *at)]
    if through.min() >= SHUT:
        raise NotFoundError("routing.not_connected")
    side, first = (int(at) for at in np.unravel_index(np.argmin(through), through.shape))
    (ticks,), (last,) = unpack(through[[side], first])
    edges, nodes = trace(network.graph, workspace.label, int(start.state[side, first]))
    whole = [
        _whole(network, int(edge), int(node)) for edge, node in zip(edges, nodes, strict=False)
    ]
    at = [_share(network, starts, first), _share(network, ends, int(last))]
    out = _Part(int(starts.edge[first]), at[0], float(side))
    reached = _side_at(network, ends, end, int(last), int(nodes[-1]))
    back = _Part(int(ends.edge[last]), float(reached), at[1])
    return int(ticks), (first, int(last)), [out, *whole, back]


def _share(network: WalkNetwork, links: Links, place: int) -> float:
    """Return where a linked place is on its edge, as a share of the edge's length."""
    length_m = float(network.geometry[links.edge[place]].length)
    return float(links.offset_m[place]) / length_m if length_m else 0.0


def _whole(network: WalkNetwork, edge: int, from_node: int) -> _Part:
    """Return the whole edge as walked from `from_node`; no shortest walk goes round a loop."""
    return _Part(edge, 0.0, 1.0) if network.u[edge] == from_node else _Part(edge, 1.0, 0.0)


def _side_at(network: WalkNetwork, links: Links, end: Connectors, place: int, node: int) -> int:
    """Return the side of its edge, 0 or 1, by which the walk comes to a place from `node`."""
    edge = links.edge[place]
    there = np.array([network.u[edge], network.v[edge]]) == node
    return int(np.argmin(np.where(there, end.add[:, place], SHUT)))


def _coordinates(network: WalkNetwork, part: _Part) -> FloatArray:
    """Return the places along a part, in its direction, never less than two."""
    line = substring(network.geometry[part.edge], part.start, part.stop, normalized=True)
    coords: FloatArray = shapely.get_coordinates(line)
    return coords if len(coords) > 1 else np.repeat(coords, 2, axis=0)
