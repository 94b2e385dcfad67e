"""18,000 bounded searches on Porto: `geo.reach` against scipy's dijkstra with a limit.

Real streets (OpenStreetMap, ODbL), synthetic places: homes and service points stand at random on
the streets. First the searches alone; then every pair of a home and a point within the threshold;
then the k nearest points of every home. scipy gets the same arcs, and homes and points as nodes of
their own, so that it needs one search per point; it answers blocks of 10 points, and its time for
all is told from those. Both have their places linked before the clock starts. Answers are compared.

Run: ``python -m benchmarks.bounded``.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from boundaries.readers.osm.reader import read_osm
from boundaries.standards import load_standard
from geo.district import Layers, conform_layer
from geo.doors import Doors, Role, doors
from geo.network import LABEL_SHIFT, TICKS_PER_S, WalkNetwork, compile_network
from geo.reach import Places, Reach, find_places, reach
from tests.shared import SHARED

BLOCK = 10  # origins per turn: scipy was slower by more, its rows of distances leave the cache


def places(network: WalkNetwork, n: int, seed: int) -> gpd.GeoDataFrame:
    """Return n random places on the streets, EPSG:4326."""
    rng = np.random.default_rng(seed)
    edge = rng.choice(len(network.edge_id), n, p=network.length_m / network.length_m.sum())
    lines = gpd.GeoSeries(network.geometry[edge], crs=network.crs)
    return lines.interpolate(rng.random(n), normalized=True).to_crs(4326)


def synthetic(layers: Layers, network: WalkNetwork, n: int) -> Layers:
    """Return the layers with n synthetic homes and n synthetic service points instead."""
    home, point = places(network, n, 1), places(network, n, 2)
    homes = gpd.GeoDataFrame(
        {"building_id": [f"b{i:06d}" for i in range(n)], "lon": home.x, "lat": home.y},
        geometry=home,
    ).assign(
        name="", use="residential", households=10, residents=30, residents_60plus=5, levels=0,
        households_source="synthetic",
    )  # fmt: skip
    points = gpd.GeoDataFrame(
        {"point_id": [f"p{i:06d}" for i in range(n)], "lon": point.x, "lat": point.y},
        geometry=point,
    ).assign(name="", sub="", origin="synthetic", category="any")
    return replace(
        layers,
        buildings=conform_layer("buildings", homes).to_crs(network.crs),
        service_points=conform_layer("service_points", points).to_crs(network.crs),
    )


def scipy_graph(network: WalkNetwork, homes: Doors, ends: Doors) -> sp.csr_array:
    """Return the search graph with a node per home and point after its states, weights in ticks.

    Nothing may weigh 0 in scipy's graphs; a thousandth of a tick stands for it.
    """
    graph = network.graph
    n, h, m = graph.n_states, homes.state.shape[1], ends.state.shape[1]
    tail = [np.repeat(np.arange(n), graph.stop - graph.begin)]
    head = [graph.head]
    ticks = [graph.step >> LABEL_SHIFT]
    for side in range(2):
        on = homes.open[side]
        tail.append(homes.state[side, on])
        head.append(n + np.flatnonzero(on))
        ticks.append(homes.add[side, on] >> LABEL_SHIFT)
        on = ends.open[side]
        tail.append(n + h + np.flatnonzero(on))
        head.append(ends.state[side, on])
        ticks.append(ends.add[side, on] >> LABEL_SHIFT)
    tails = np.concatenate(tail)
    order = np.argsort(tails, kind="stable")
    indptr = np.searchsorted(tails[order], np.arange(n + h + m + 1))
    weight = np.maximum(np.concatenate(ticks), 1e-3)[order]
    heads = np.concatenate(head)[order].astype(np.int32)
    return sp.csr_array((weight, heads, indptr.astype(np.int32)), shape=(n + h + m,) * 2)


def clock(work: Callable[[], object]) -> tuple[float, object]:
    """Return the seconds that `work` took, and its answer."""
    began = time.perf_counter()
    answer = work()
    return time.perf_counter() - began, answer


class Scene:
    """Porto with synthetic places, ready for both."""

    def __init__(self, extract: Path, n: int, minutes: float) -> None:
        standard = load_standard()
        district, layers, _ = read_osm(extract, code="porto", standard=standard)
        profile = next(each for each in standard.profiles if each.id == "adult")
        layers = layers.to_metric(district.epsg)
        self.network = compile_network(layers, profile)
        self.layers = synthetic(layers, self.network, n)
        self.n, self.limit_s = n, minutes * 60
        self.places = find_places(self.layers, self.network)
        nobody = np.zeros(0, np.int64)
        self.nobody = replace(
            self.places,
            buildings=self.places.buildings.take(nobody),
            first=np.zeros_like(self.places.first),
            building=nobody.astype(np.int32),
            add=nobody,
        )
        self.graph = scipy_graph(
            self.network,
            doors(self.network, self.places.buildings, role=Role.START),
            doors(self.network, self.places.points, role=Role.END),
        )

    def ours(self, places: Places, threads: int = 1) -> Reach:
        """Return all pairs."""
        return reach(places, category="any", limit_s=self.limit_s, threads=threads)

    def scipy(self, block: slice) -> np.ndarray:
        """Return ticks from the points in `block`, a row each, infinite beyond the limit."""
        first = self.network.graph.n_states + self.n
        origins = np.arange(first, first + self.n)[block]
        return dijkstra(self.graph, indices=origins, limit=self.limit_s * TICKS_PER_S)

    def scipy_pairs(self, block: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return point, home and seconds of every pair of `block`."""
        n = self.network.graph.n_states
        ticks = self.scipy(block)[:, n : n + self.n]
        point, home = np.nonzero(np.isfinite(ticks))
        return point, home, np.round(np.floor(ticks[point, home]) / TICKS_PER_S, 2)

    def differ(self, found: Reach, block: slice) -> int:
        """Return how many pairs of `block` differ; scipy knows no straight way along one street."""
        mine = np.full((block.stop - block.start, self.n), np.inf)
        at = np.flatnonzero((found.point >= block.start) & (found.point < block.stop))
        mine[found.point[at] - block.start, found.building[at]] = found.time_s[at]
        theirs = np.full_like(mine, np.inf)
        point, home, time_s = self.scipy_pairs(block)
        theirs[point, home] = time_s
        same = self.places.points.edge[block][:, None] == self.places.buildings.edge
        return int(((mine != theirs) & ~same).sum())


def main() -> None:
    """Measure, compare and print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--searches", type=int, default=18_000)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--minutes", type=float, default=15)
    options = parser.parse_args()
    if SHARED is None:
        raise SystemExit("The extract of Porto is absent.")
    extract = SHARED / "data" / "osm-porto-r5" / "porto_portugal.osm.pbf"
    scene = Scene(extract, options.searches, options.minutes)
    graph = scene.network.graph
    print(
        f"Porto: {len(scene.network.edge_id):,} edges, {graph.n_states:,} states, "
        f"{len(graph.head):,} arcs; {options.minutes:g} min, {scene.n:,} synthetic homes and points"
    )
    scene.ours(scene.places)  # compiles on first use
    blocks = [slice(BLOCK * i, BLOCK * (i + 1)) for i in range(options.times)]
    tables = {
        "searches alone": (scene.nobody, scene.scipy),
        "all pairs": (scene.places, scene.scipy_pairs),
    }
    for what, (places, theirs) in tables.items():
        turns = [clock(lambda block=block, theirs=theirs: theirs(block))[0] for block in blocks]
        every = [clock(lambda places=places: scene.ours(places))[0] for _ in blocks]
        both = [clock(lambda places=places: scene.ours(places, threads=2))[0] for _ in blocks]
        per = {
            "geo.reach": statistics.median(every) / scene.n,
            "geo.reach, 2 threads": statistics.median(both) / scene.n,
            f"scipy, by {BLOCK}": statistics.median(turns) / BLOCK,
        }
        print(f"\n{what}\n| | ms per origin | seconds for all | ratio |\n|---|---|---|---|")
        for name, each in per.items():
            ratio = each / per["geo.reach"]
            print(f"| {name} | {1e3 * each:.4f} | {each * scene.n:.2f} | {ratio:.1f} |")
    found = scene.ours(scene.places)
    print(f"\n{len(found.point):,} pairs; compared in {len(blocks)} blocks, different: "
          f"{sum(scene.differ(found, block) for block in blocks)}")  # fmt: skip
    for k in (1, 5):
        took = statistics.median(clock(lambda k=k: found.nearest(k))[0] for _ in blocks)
        print(f"{k} nearest of every home, read from the pairs: {1e3 * took:.2f} ms")


if __name__ == "__main__":
    main()
