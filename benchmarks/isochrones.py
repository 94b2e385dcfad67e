"""A thousand 15-minute isochrones: `geo.isochrone.isochrones` against Valhalla and the OSMnx
recipe.

Real streets, random origins beside them. The answers are compared on places scattered over the
bounding box of what is reached, whose exact times are those that coverage is counted by.

Run: ``python -m benchmarks.isochrones``.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from benchmarks.measuring import Table, extract
from benchmarks.places import ADULT, REAL, layers_of, network_of, scattered
from benchmarks.valhalla_peer import AbsentError, Valhalla, Worker
from geo.accessibility.coverage import nearest_times
from geo.isochrone.isochrones import Isochrones
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork
from geo.routing.snapped_district import snap_layers

PLACE = "Porto"
ORIGINS, COMPARED, RECIPE = 1_000, 40, 20
MINUTES = 15
KM_H = ADULT.speed_m_s * 3.6
SAMPLE = 2_000  # places that a shape is compared on
EDGE_BUFFER_M = 25  # of the recipe

Shapes = list[shapely.Geometry | None]


def recipe_graph(network: WalkNetwork) -> nx.DiGraph:
    """Return the graph that the recipe walks on, seconds on every edge."""
    graph = nx.MultiDiGraph()
    seconds = network.length_m / ADULT.speed_m_s
    for edge, (u, v) in enumerate(zip(network.u.tolist(), network.v.tolist(), strict=True)):
        if network.forward[edge]:
            graph.add_edge(u, v, time=seconds[edge], geometry=network.geometry[edge])
        if network.backward[edge]:
            graph.add_edge(v, u, time=seconds[edge], geometry=network.geometry[edge])
    return graph


def recipe(graph: nx.DiGraph, node: int) -> shapely.Geometry:
    """Return the OSMnx recipe: nodes in reach, their edges buffered, joined, holes filled."""
    inside = nx.ego_graph(graph, node, radius=MINUTES * 60, distance="time")
    lines = [line for _, _, line in inside.edges(data="geometry")]
    joined = shapely.union_all(shapely.buffer(lines, EDGE_BUFFER_M))
    return shapely.Polygon(joined.exterior) if joined.geom_type == "Polygon" else joined


def nearest_node(network: WalkNetwork, places: np.ndarray) -> list[int]:
    """Return the node nearest to each place, as the recipe links."""
    ends = shapely.points(np.concatenate(network.geometry.ends()))
    nodes = np.concatenate([network.u, network.v])
    return nodes[shapely.STRtree(ends).nearest(shapely.points(places))].tolist()


def exact(network: WalkNetwork, layers: Layers, origin: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return which places reach an origin in time, by the times that coverage is counted by."""
    degrees = gpd.GeoSeries(shapely.points(np.vstack([origin, at])), crs=network.crs).to_crs(4326)
    lon, lat = degrees.x.to_numpy(), degrees.y.to_numpy()
    homes = gpd.GeoDataFrame(
        {"building_id": [str(i) for i in range(len(at))], "households": 1,
         "lon": lon[1:], "lat": lat[1:]},
        geometry=shapely.points(at), crs=network.crs,
    )  # fmt: skip
    point = gpd.GeoDataFrame(
        {"point_id": ["p"], "category": ["a"], "lon": lon[:1], "lat": lat[:1]},
        geometry=shapely.points(origin[None]), crs=network.crs,
    )  # fmt: skip
    alone = replace(layers, buildings=homes, service_points=point)
    return nearest_times(snap_layers(alone, network, ["a"])).covered(MINUTES)[:, 0]


def agreements(
    shapes: dict[str, Shapes], network: WalkNetwork, layers: Layers, origins: np.ndarray
) -> dict[str, tuple[float, float, float]]:
    """Return for each who drew: agreement, median and lowest, and area against the exact one."""
    rng = np.random.default_rng(6)
    found: dict[str, list[tuple[float, float]]] = {who: [] for who in shapes}
    for row, origin in enumerate(origins):
        drawn = {who: each[row] for who, each in shapes.items() if row < len(each)}
        if any(shape is None for shape in drawn.values()):
            continue
        low, high = np.split(shapely.total_bounds(list(drawn.values())), 2)
        at = rng.uniform(low, high, (SAMPLE, 2))
        truth = exact(network, layers, origin, at)
        for who, shape in drawn.items():
            inside = shapely.contains_xy(shape, at)
            found[who].append(((inside == truth).mean(), inside.sum() / max(truth.sum(), 1)))
    return {
        who: (
            float(np.median([agreed for agreed, _ in each])),
            float(np.min([agreed for agreed, _ in each])),
            float(np.median([area for _, area in each])),
        )
        for who, each in found.items()
    }


class Ours:
    """A network made ready, as a service keeps it."""

    def __init__(self, network: WalkNetwork, origins: np.ndarray) -> None:
        nobody = snap_layers(Layers(), network, ())
        self.engine, self.origins = Isochrones(nobody, np.zeros(0, np.int64)), origins

    def draw(self, agreement: float, threads: int = 1) -> list:
        """Draw all origins."""

        def one(origin: np.ndarray) -> object:
            return self.engine.around(origin, [MINUTES], agreement=agreement)[0]

        if threads == 1:
            return [one(origin) for origin in self.origins]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(one, self.origins, chunksize=50))


def theirs(workers: list[Worker], origins: list[list[float]]) -> float:
    """Let Valhalla's processes share the origins; return the seconds of the slowest."""
    for number, worker in enumerate(workers):
        worker.ask(origins[number :: len(workers)], km_h=KM_H)
    return max(worker.answer()["seconds"] for worker in workers)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that a work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def metric_shapes(answers: list, network: WalkNetwork) -> Shapes:
    """Return Valhalla's polygons in metres."""
    shapes = [
        None if each is None else shapely.union_all([shapely.geometry.shape(g) for g in each])
        for each in answers
    ]
    return list(gpd.GeoSeries(shapes, crs=4326).to_crs(network.crs))


def tables() -> list[Table]:
    """Return the table."""
    table = Table(
        f"{ORIGINS:,} isochrones of {MINUTES} minutes, {PLACE}",
        "Random origins beside the streets; milliseconds per isochrone. Agreement with the exact "
        f"answer: {COMPARED} of them on {SAMPLE:,} places each, median and lowest; area against "
        "the exact one.",
        ["who", "cell", "ms", "times Valhalla", "agreement", "lowest", "area"],
    )
    layers, network, source = layers_of(PLACE), network_of(PLACE), extract(REAL[PLACE])
    if layers is None or network is None or source is None:
        table.notes.append(f"{PLACE}: its data is not here.")
        return [table]
    places = scattered(layers, ORIGINS, 5)
    xy = np.column_stack([places.geometry.x, places.geometry.y])
    degrees = places[["lon", "lat"]].to_numpy().tolist()
    with tempfile.TemporaryDirectory() as folder:
        try:
            peer = Valhalla(Path(folder), source)
        except AbsentError as absent:
            peer = None
            table.notes.append(str(absent))
        measure(table, (network, layers), (xy, degrees), peer)
    return [table]


def measure(
    table: Table,
    place: tuple[WalkNetwork, Layers],
    origins: tuple[np.ndarray, list[list[float]]],
    peer: Valhalla | None,
) -> None:
    """Let everybody draw in turn and fill the table."""
    (network, layers), (xy, degrees) = place, origins
    Ours(network, xy[:1]).draw(0.995)  # compiles
    first = Ours(network, xy)
    first_ms = timed(lambda: first.draw(0))
    refined = first.draw(0.995)
    coarse = first.draw(0)
    workers = [peer.worker() for _ in range(2)] if peer else []
    taken: dict[str, list[float]] = {}
    for _ in range(5):
        for threads in (1, 2):
            taken.setdefault(f"20 m, {threads}", []).append(
                timed(lambda n=threads: first.draw(0, n))
            )
            taken.setdefault(f"halved, {threads}", []).append(
                timed(lambda n=threads: first.draw(0.995, n))
            )
            if workers:
                taken.setdefault(f"Valhalla, {threads}", []).append(
                    theirs(workers[:threads], degrees)
                )
    ms = {who: statistics.median(each) / len(xy) * 1e3 for who, each in taken.items()}
    graph, nodes = recipe_graph(network), nearest_node(network, xy[:RECIPE])
    began = time.perf_counter()
    by_recipe = [recipe(graph, node) for node in nodes]
    ms["recipe"] = (time.perf_counter() - began) / RECIPE * 1e3
    shapes: dict[str, Shapes] = {
        "20 m": [each.geometry for each in coarse[:COMPARED]],
        "halved": [each.geometry for each in refined[:COMPARED]],
        "recipe": by_recipe,
    }
    if workers:
        workers[0].ask(degrees[:COMPARED], km_h=KM_H, shapes=True)
        shapes["Valhalla"] = metric_shapes(workers[0].answer()["shapes"], network)
        for worker in workers:
            worker.close()
    told = agreements(shapes, network, layers, xy[:COMPARED])
    cells = np.unique([each.cell_m for each in refined], return_counts=True)
    spread = ", ".join(f"{cell:g} m {n / len(xy):.0%}" for cell, n in zip(*cells, strict=True))
    rows = [
        ("ours, 20 m cells", "20 m", "20 m, 1", "20 m"),
        ("ours, 20 m cells, two threads", "20 m", "20 m, 2", "20 m"),
        ("ours, halved until 99.5 % agree", "20 m or less", "halved, 1", "halved"),
        ("ours, halved, two threads", "20 m or less", "halved, 2", "halved"),
        ("Valhalla", "111 m", "Valhalla, 1", "Valhalla"),
        ("Valhalla, two processes", "111 m", "Valhalla, 2", "Valhalla"),
        ("OSMnx recipe (networkx)", "-", "recipe", "recipe"),
    ]
    for who, cell, key, drawn in rows:
        if key in ms:
            base = ms.get(f"Valhalla, {key[-1]}", ms.get("Valhalla, 1"))
            times = "-" if base is None else f"{base / ms[key]:.1f}"
            agreed = [f"{told[drawn][0]:.2%}", f"{told[drawn][1]:.2%}", f"{told[drawn][2]:.2f}"]
            table.rows.append([who, cell, f"{ms[key]:.2f}", times, *agreed])
    table.notes += [
        (
            "Ours draws from samples whose links are found where they are first needed: the first "
            f"thousand took {first_ms / len(xy) * 1e3:.1f} ms each, these are the next. Each comes "
            "with its agreement, households by exact count and reached metres."
        ),
        f"Cells that 99.5 % took: {spread}.",
        (
            "Two threads of ours share one interpreter, and half of an isochrone is Python; two "
            "processes of Valhalla share nothing."
        ),
        (
            "Valhalla (denoise and generalize 0) walks the same file by its own rules: its own "
            "penalties for crossings and alleys, links to other edges. Part of its disagreement is "
            "that, not its drawing."
        ),
        (
            f"The recipe was drawn for {RECIPE} origins: nodes in reach, edges buffered by "
            f"{EDGE_BUFFER_M} m, holes filled."
        ),
    ]
    if peer:
        table.notes.append(f"Valhalla built its tiles in {peer.build_s:.1f} s with one thread.")


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
