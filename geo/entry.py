"""Entries: the states by which a linked place takes part in a search, and the time to get there."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pandas as pd

from geo.link import Links
from geo.network import IntArray, WalkNetwork
from geo.routing import UNREACHED, Seeds, pack, unpack


class Role(Enum):
    """What a place is to the walk."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Entries:
    """Pairs of a place and a state at an end of its edge.

    Attributes
    ----------
    place : ndarray of int64, shape (e,)
        Row of the place.
    state : ndarray of int64, shape (e,)
    ticks : ndarray of int64, shape (e,)
        Access leg and the way along the edge.
    """

    place: IntArray
    state: IntArray
    ticks: IntArray


def entries(network: WalkNetwork, links: Links, places: IntArray, *, role: Role) -> Entries:
    """Return the entries of linked `places`, at both ends of the edge where it may be so walked."""
    edge, graph = links.edge[places], network.graph
    ahead = links.offset_m[places], network.length_m[edge] - links.offset_m[places]
    walked = (
        (network.backward, network.forward)  # a start walks back to u, on to v
        if role is Role.START
        else (network.forward, network.backward)
    )
    stage = graph.start if role is Role.START else graph.end
    found = []
    for node, along, walkable in zip((network.u, network.v), ahead, walked, strict=True):
        on = walkable[edge]
        at = node[edge]
        state = np.where(network.private[edge], stage[at], graph.public[at])
        ticks = network.ticks(links.leg_m[places] + along)
        found.append((places[on], state[on].astype(np.int64), ticks[on]))
    place, state_, ticks_ = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Entries(place=place, state=state_, ticks=ticks_)


def seeds(ends: Entries, rank: IntArray) -> Seeds:
    """Return the seeds of a search from `ends`; `rank` holds the rank of each place."""
    return Seeds(state=ends.state.astype(np.uint32), label=pack(ends.ticks, rank[ends.place]))


def reached(label: IntArray, starts: Entries) -> tuple[Entries, IntArray]:
    """Return the entries of `starts` that a search reached, with total ticks, and their sources."""
    hit = label[starts.state] < UNREACHED
    state = starts.state[hit]
    ticks, source = unpack(label[state])
    found = Entries(place=starts.place[hit], state=state, ticks=ticks + starts.ticks[hit])
    return found, source


def along_edges(
    network: WalkNetwork, starts: Links, ends: Links, chosen: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the direct walks between places linked to one edge.

    Returns
    -------
    start, end : ndarray of int64, shape (p,)
        Rows of the two places; `end` is one of `chosen`.
    ticks : ndarray of int64, shape (p,)
    """
    left = pd.DataFrame({"edge": starts.edge, "start": np.arange(len(starts.edge))})
    right = pd.DataFrame({"edge": ends.edge[chosen], "end": chosen})
    pairs = left[left["edge"] >= 0].merge(right[right["edge"] >= 0], on="edge")
    start, end, edge = (pairs[name].to_numpy(np.int64) for name in ("start", "end", "edge"))
    ahead = ends.offset_m[end] - starts.offset_m[start]
    on = np.where(ahead >= 0, network.forward[edge], network.backward[edge]) | (ahead == 0)
    start, end, ahead = start[on], end[on], ahead[on]
    return start, end, network.ticks(np.abs(ahead) + starts.leg_m[start] + ends.leg_m[end])
