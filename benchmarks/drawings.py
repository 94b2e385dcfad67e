"""Who is counted as covered: on the network, and inside the polygons that other systems draw.

Thirty synthetic towns with walls, gates and rivers. The truth is a plain networkx oracle
(`tests/oracles`). Each drawing is made for every service point of a category from the truly reached
network, the drawings are joined, and the households inside are counted. A drawing is wrong twice
over: it covers households that cannot walk it (false), and it misses some that can (missed).

The same on real ground, where the truth is our walking time of every building, and where Valhalla
draws its own isochrones of the same points.

Run: ``python -m benchmarks.drawings``.
"""

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import substring

from benchmarks.isochrones import metric_shapes
from benchmarks.measuring import Table, extract
from benchmarks.places import ADULT, STANDARD
from benchmarks.valhalla_peer import AbsentError, Valhalla
from boundaries.demo import bincheng, helsinki_path
from boundaries.readers.osm import read_osm
from geo.accessibility.coverage import nearest_times
from geo.model.layers import Layers
from geo.network.compile import WalkNetwork, compile_network
from geo.network.search_graph import TICKS_PER_S
from geo.network.snap import link
from geo.routing.connectors import TripEnd, connectors
from geo.routing.shortest_paths import Workspace, unpack
from geo.routing.snapped_district import snap_layers
from geo.routing.walking_time import threshold_s
from tests.oracles.walking import Oracle

SEEDS = range(1, 31)
HOUSEHOLDS = 5_000
MINUTES = 15
CATEGORIES = ("medical", "elderly", "household")
REAL_CATEGORIES = ("medical", "education")
METRES = ADULT.metres(MINUTES)
CELL_M = 111.0  # Valhalla's cell, 0.001 degrees of latitude
HULL_RATIO = 0.3


def reached_lines(network: WalkNetwork, workspace: Workspace) -> list[shapely.LineString]:
    """Return what a search reached, edges in part where the budget ends on them."""
    label = workspace.label[network.graph.start]
    seconds = unpack(label)[0] / TICKS_PER_S
    left_m = (threshold_s(MINUTES) - seconds) * ADULT.speed_m_s
    lines = []
    for edge in np.flatnonzero((left_m[network.u] > 0) | (left_m[network.v] > 0)):
        line, length_m = network.geometry[edge], network.length_m[edge]
        from_u, from_v = left_m[network.u[edge]], left_m[network.v[edge]]
        if max(from_u, 0) + max(from_v, 0) >= length_m:
            lines.append(line)
        elif from_u > 0:
            lines.append(substring(line, 0, from_u))
        elif from_v > 0:
            lines.append(substring(line, length_m - from_v, length_m))
    return lines


def drawn(lines: list[shapely.LineString], place: shapely.Point) -> dict[str, shapely.Geometry]:
    """Return the drawings that other systems make of a reached network."""
    whole = shapely.MultiLineString(lines) if lines else shapely.Point(place)
    vertices = shapely.MultiPoint(shapely.get_coordinates(shapely.segmentize(whole, 20)))
    cells = np.unique(np.floor(shapely.get_coordinates(vertices) / CELL_M), axis=0) * CELL_M
    return {
        f"circle of {METRES:,.0f} m": place.buffer(METRES),
        "convex hull": shapely.convex_hull(vertices),
        f"concave hull (ratio {HULL_RATIO})": shapely.concave_hull(vertices, ratio=HULL_RATIO),
        f"raster of {CELL_M:.0f} m": shapely.union_all(
            shapely.box(cells[:, 0], cells[:, 1], cells[:, 0] + CELL_M, cells[:, 1] + CELL_M)
        ),
        "edges buffered by 50 m": whole.buffer(50),
        "edges buffered by 25 m": whole.buffer(25),
    }


def measure(layers: Layers, sums: dict[str, np.ndarray]) -> float:
    """Add false and missed households of every method; return the households truly covered."""
    network = compile_network(layers, ADULT)
    times = nearest_times(snap_layers(layers, network, CATEGORIES))
    ours = times.covered(MINUTES)
    oracle = Oracle(
        layers.walk_edges, layers.barriers, layers.gates, speed=ADULT.speed_m_s, avoid=ADULT.avoid
    )
    xy = shapely.get_coordinates(layers.buildings.geometry.representative_point())
    households = layers.buildings["households"].to_numpy(np.float64)
    homes = [oracle.place(*at) for at in xy]
    points = layers.service_points
    truth = 0.0
    for column, category in enumerate(CATEGORIES):
        at = shapely.get_coordinates(points.geometry[points["category"] == category])
        seconds = oracle.nearest(homes, [oracle.place(*place) for place in at])
        true = np.array([not math.isinf(s) and round(s, 2) <= MINUTES * 60 for s in seconds])
        truth += float(households[true].sum())
        inside = {"ours, per building on the network": ours[:, column]}
        workspace = Workspace(network.graph)
        for place in at:
            links = link(place[None, :], network)
            ends = connectors(network, links, end=TripEnd.DESTINATION)
            workspace.search(ends.seeds(np.zeros(1, np.int64)), limit_s=threshold_s(MINUTES))
            for name, shape in drawn(
                reached_lines(network, workspace), shapely.Point(place)
            ).items():
                shapely.prepare(shape)
                hit = shapely.intersects_xy(shape, xy)
                inside[name] = inside.get(name, np.zeros(len(xy), np.bool_)) | hit
        for name, counted in inside.items():
            wrong = [households[counted & ~true].sum(), households[~counted & true].sum()]
            sums[name] = sums.get(name, np.zeros(2)) + wrong
    return truth


def on_synthetic_towns() -> Table:
    """Return the table of the towns."""
    sums: dict[str, np.ndarray] = {}
    truth = 0.0
    for seed in SEEDS:
        district, layers = bincheng(households=HOUSEHOLDS, seed=seed)
        truth += measure(layers.to_metric(district.epsg), sums)
    names = ", ".join(c.en for c in STANDARD.categories if c.id in CATEGORIES)
    table = Table(
        "Households counted wrongly, by how coverage is counted",
        f"{len(SEEDS)} synthetic towns of {HOUSEHOLDS:,} households with walled compounds, gates "
        f"and rivers; {names}; {MINUTES} minutes. In per cent of the {truth:,.0f} households that "
        "a plain oracle finds covered.",
        ["counted", "falsely covered", "missed"],
    )
    for name, (false, missed) in sums.items():
        table.rows.append([name, f"{false / truth:.2%}", f"{missed / truth:.2%}"])
    return table


def on_real_ground() -> Table:
    """Return the table of real places, Valhalla among those who draw."""
    names = ", ".join(c.en for c in STANDARD.categories if c.id in REAL_CATEGORIES)
    table = Table(
        "Households counted wrongly on real ground",
        f"{names}; {MINUTES} minutes of an adult at {ADULT.speed_m_s} m/s. In per cent of the "
        "households that are covered by their walking time on the network; households are "
        "estimated from footprints. One drawing for each service point, all of them joined.",
        ["place", "counted", "falsely covered", "missed"],
    )
    for place, path in real_extracts().items():
        if path is None:
            table.notes.append(f"{place}: its data is not here.")
            continue
        district, layers, _ = read_osm(path, code="place", standard=STANDARD)
        sums, truth = measure_real(layers.to_metric(district.epsg), path, table)
        for name, (false, missed) in sums.items():
            table.rows.append([place, name, f"{false / truth:.2%}", f"{missed / truth:.2%}"])
    return table


def real_extracts() -> dict[str, Path | None]:
    """Return the extracts of the real places."""
    return {
        "Helsinki's centre": helsinki_path(),
        "Tsinghua": extract("osm-beijing-tsinghua-2017"),
        "Malta": extract("osm-malta-2016"),
    }


def measure_real(layers: Layers, path: Path, table: Table) -> tuple[dict[str, np.ndarray], float]:
    """Return false and missed households of every method, and the households truly covered."""
    network = compile_network(layers, ADULT)
    ours = nearest_times(snap_layers(layers, network, REAL_CATEGORIES)).covered(MINUTES)
    xy = shapely.get_coordinates(layers.buildings.geometry.representative_point())
    households = layers.buildings["households"].to_numpy(np.float64)
    sums: dict[str, np.ndarray] = {}
    truth = 0.0
    with TemporaryDirectory() as folder:
        try:
            peer = Valhalla(Path(folder), path)
        except AbsentError as absent:
            peer = None
            table.notes.append(str(absent))
        for column, category in enumerate(REAL_CATEGORIES):
            true = ours[:, column]
            truth += float(households[true].sum())
            points = layers.service_points[layers.service_points["category"] == category]
            inside = drawn_by_others(points, network, xy)
            if peer is not None:
                inside["Valhalla"] = in_shapes(theirs(peer, points, network), xy)
            for name, counted in inside.items():
                wrong = [households[counted & ~true].sum(), households[~counted & true].sum()]
                sums[name] = sums.get(name, np.zeros(2)) + wrong
    return sums, truth


def drawn_by_others(
    points: gpd.GeoDataFrame, network: WalkNetwork, xy: np.ndarray
) -> dict[str, np.ndarray]:
    """Return which places lie in the drawings around points, by method."""
    shapes: dict[str, list[shapely.Geometry]] = {}
    workspace = Workspace(network.graph)
    for place in shapely.get_coordinates(points.geometry):
        ends = connectors(network, link(place[None, :], network), end=TripEnd.DESTINATION)
        workspace.search(ends.seeds(np.zeros(1, np.int64)), limit_s=threshold_s(MINUTES))
        lines = reached_lines(network, workspace)
        for name, shape in drawn(lines, shapely.Point(place)).items():
            shapes.setdefault(name, []).append(shape)
    return {name: in_shapes(each, xy) for name, each in shapes.items()}


def theirs(
    peer: Valhalla, points: gpd.GeoDataFrame, network: WalkNetwork
) -> list[shapely.Geometry]:
    """Return Valhalla's isochrones of points, in metres."""
    degrees = shapely.get_coordinates(points.geometry.to_crs(4326)).tolist()
    worker = peer.worker()
    worker.ask(degrees, km_h=ADULT.speed_m_s * 3.6, shapes=True)
    shapes = metric_shapes(worker.answer()["shapes"], network)
    worker.close()
    return [shape for shape in shapes if shape is not None]


def in_shapes(shapes: list[shapely.Geometry], xy: np.ndarray) -> np.ndarray:
    """Return which places lie in any of the shapes."""
    inside = np.zeros(len(xy), np.bool_)
    place, _ = shapely.STRtree(shapes).query(shapely.points(xy), predicate="intersects")
    inside[place] = True
    return inside


def tables() -> list[Table]:
    """Return both tables."""
    return [on_synthetic_towns(), on_real_ground()]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
