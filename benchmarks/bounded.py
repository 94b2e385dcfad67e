"""18,000 bounded searches and the pairs they find: `geo.routing.od_pairs` against scipy's dijkstra.

Real streets, made-up places beside them. scipy gets the same arcs, with homes and points as nodes
of their own, so that one search per point finds all there is to find; it answers ten points at a
time (more were slower: its rows of distances left the cache) and a sample of them, from which its
time for all is told. Both have their places linked before the clock starts.

Run: ``python -m benchmarks.bounded [place ...]``.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csgraph

from benchmarks.measuring import Table, medians
from benchmarks.places import layers_of, network_of, random_buildings, random_points
from geo.network.compile import WalkNetwork
from geo.network.search_graph import LABEL_SHIFT, TICKS_PER_S
from geo.routing.connectors import TripEnd
from geo.routing.od_pairs import OdPairs, pairs_within
from geo.routing.snapped_district import SnappedDistrict, snap_district, snap_layers

LIMIT_S = 900.0
PLACES = ("Porto", "Malta", "Bincheng (synthetic)")
ADDRESSES = 18_000  # homes, and as many points
BLOCK, SAMPLE = 10, 300


@dataclass
class Peer:
    """scipy's graph of the states, the homes and the points, in this order; weights in ticks."""

    graph: sp.csr_array
    states: int
    homes: int

    def rows(self, first: int, last: int) -> np.ndarray:
        """Return ticks from the points first..last-1 to everything, infinite beyond the limit."""
        origins = self.states + self.homes + np.arange(first, last)
        return csgraph.dijkstra(self.graph, indices=origins, limit=(LIMIT_S + 0.005) * TICKS_PER_S)

    def pairs(self, first: int, last: int) -> np.ndarray:
        """Return seconds from those points to the homes, infinite beyond the limit."""
        ticks = self.rows(first, last)[:, self.states : self.states + self.homes]
        seconds = np.round(np.floor(ticks) / TICKS_PER_S, 2)
        return np.where(seconds <= LIMIT_S, seconds, np.inf)

    def sample(self, work: Callable[[int, int], object]) -> None:
        """Do the work for every block of the sample."""
        for first in range(0, SAMPLE, BLOCK):
            work(first, first + BLOCK)


def peer(places: SnappedDistrict, network: WalkNetwork) -> Peer:
    """Return what scipy needs; what weighs nothing weighs a thousandth of a tick there."""
    graph = network.graph
    homes = places.building_connectors(TripEnd.ORIGIN)
    ends = places.point_connectors
    n, h, m = graph.n_states, homes.state.shape[1], ends.state.shape[1]
    count = graph.stop.astype(np.int64) - graph.begin
    arcs = np.repeat(graph.begin - (np.cumsum(count) - count), count) + np.arange(count.sum())
    tails, heads = [np.repeat(np.arange(n), count)], [graph.head[arcs]]
    labels = [graph.step[arcs]]
    for side in range(2):
        out, into = np.flatnonzero(ends.open[side]), np.flatnonzero(homes.open[side])
        tails += [n + h + out, homes.state[side, into]]
        heads += [ends.state[side, out], n + into]
        labels += [ends.add[side, out], homes.add[side, into]]
    tail, ticks = np.concatenate(tails), np.concatenate(labels) >> LABEL_SHIFT
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], np.arange(n + h + m + 1)).astype(np.int32)
    weight = np.maximum(ticks[order], 1e-3)
    head = np.concatenate(heads)[order].astype(np.int32)
    return Peer(sp.csr_array((weight, head, first), shape=(n + h + m,) * 2), n, h)


def nobody(places: SnappedDistrict) -> SnappedDistrict:
    """Return the points and one home that nothing links: what is left is the searches."""
    return snap_district(
        places.network,
        np.full((1, 2), np.nan),
        places.point_xy,
        point_id=places.point_id,
        point_category=places.point_category,
        categories=(),
    )


def differing(found: OdPairs, places: SnappedDistrict, other: Peer) -> int:
    """Return how many pairs of the sample differ; scipy knows no straight way along one street."""
    differ = 0
    for first in range(0, SAMPLE, BLOCK):
        theirs = other.pairs(first, first + BLOCK)
        mine = np.full_like(theirs, np.inf)
        at = np.flatnonzero((found.point >= first) & (found.point < first + BLOCK))
        mine[found.point[at] - first, found.building[at]] = found.time_s[at]
        street = places.points.edge[first : first + BLOCK, None] == places.buildings.edge
        differ += int(((mine != theirs) & ~street).sum())
    return differ


def measure(place: str, network: WalkNetwork, table: Table) -> None:
    """Measure one place and add its rows."""
    layers = layers_of(place)
    layers = replace(
        layers,
        buildings=random_buildings(layers, ADDRESSES),
        service_points=random_points(layers, ["any"], ADDRESSES),
    )
    places = snap_layers(layers, network, ())
    alone, other = nobody(places), peer(places, network)

    def ours(who: SnappedDistrict, threads: int = 1) -> OdPairs:
        return pairs_within(who, category="any", limit_s=LIMIT_S, threads=threads)

    found = ours(places)
    works = {
        "searches: ours": lambda: ours(alone),
        "searches: ours, two threads": lambda: ours(alone, 2),
        "searches: scipy": lambda: other.sample(other.rows),
        "pairs: ours": lambda: ours(places),
        "pairs: ours, two threads": lambda: ours(places, 2),
        "pairs: scipy": lambda: other.sample(other.pairs),
        "5 nearest of each home, read from the pairs": lambda: found.nearest(5),
    }
    taken = medians(works)
    size = f"{place}: {network.graph.n_states:,} states, {len(found.point):,} pairs"
    for name, seconds in taken.items():
        what, _, who = name.partition(": ")
        own = min(t for each, t in taken.items() if each.startswith(f"{what}: ours")) if who else 0
        told = seconds * ADDRESSES / SAMPLE if who == "scipy" else seconds
        differ = str(differing(found, places, other)) if name == "pairs: scipy" else ""
        ratio = f"{told / own:.1f}" if own else ""
        each = f"{1e3 * told / ADDRESSES:.4f}"
        table.rows.append([size, name, f"{told:.3f}", each, ratio, differ])
        size = ""


def tables(places: Sequence[str] = PLACES) -> list[Table]:
    """Return the table of the places whose data is here."""
    table = Table(
        f"{ADDRESSES:,} bounded searches of 15 minutes",
        f"From each of {ADDRESSES:,} points, and every pair of a point and one of as many homes. "
        "`x` is the time relative to ours at its best; `differing` counts pairs that are not "
        f"equal; scipy's seconds are told from {SAMPLE} points.",
        ["place", "what", "s", "ms each", "x", "differing"],
        notes=[
            (
                "scipy clears a row of all nodes for every search, so it loses by more the larger "
                "the network is, and by less the more of it is reached."
            ),
        ],
    )
    for place in places:
        network = network_of(place)
        if network is None:
            table.notes.append(f"{place}: its data is not here.")
        else:
            measure(place, network, table)
    return [table]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables(sys.argv[1:] or PLACES)), sep="\n")
