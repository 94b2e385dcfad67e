"""Random small street networks for property tests, in metres of EPSG:4548."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pyproj
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.model.layers import Layers, conform_layer
from geo.model.standard import Profile, SlopeRule

EPSG = 4548
CORNER = (588_000.0, 4_138_000.0)
ADULT = Profile("adult", "成人", "Adult", 1.25)
STROLLER = Profile(
    "stroller", "散步者", "Stroller", 1.0, steps_pace=2.0, slope=SlopeRule.TOBLER, crossing_s=10.0
)
ROLLER = Profile(
    "roller", "轮椅使用者", "Roller", 0.8, frozenset({"steps"}), slope=SlopeRule.CLIMB,
    climb_pace=8.0, max_slope=1 / 12, crossing_s=20.0,
)  # fmt: skip
WALKERS = (ADULT, STROLLER, ROLLER)
"""One without rules, one with an effort on everything, one that is refused by steps and slopes."""

_TO_DEGREES = pyproj.Transformer.from_crs(EPSG, 4326, always_xy=True).transform


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return degrees of a place given in metres from the corner."""
    lon, lat = _TO_DEGREES(CORNER[0] + x, CORNER[1] + y)
    return float(lon), float(lat)


def edges_frame(rows: list[dict]) -> gpd.GeoDataFrame:
    """Return the layer ``walk_edges`` (metric) from rows with u, v, coords and what differs."""
    table = []
    for number, row in enumerate(rows, start=1):
        line = LineString([(CORNER[0] + x, CORNER[1] + y) for x, y in row["coords"]])
        defaults = {
            "edge_id": number, "length_m": line.length, "kind": "footway", "forward": True,
            "backward": True, "private": False, "gated": False, "bridge": False, "tunnel": False,
            "level": 0, "crossing": False,
            "climb_m": 0.0, "name": "", "osm_id": 0, "geometry": line,
        }  # fmt: skip
        table.append({**defaults, **{k: v for k, v in row.items() if k != "coords"}})
    return conform_layer("walk_edges", gpd.GeoDataFrame(table, geometry="geometry", crs=EPSG))


def barriers_frame(walls: list[list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Return the layer ``barriers`` (metric) from wall coordinates."""
    lines = [LineString([(CORNER[0] + x, CORNER[1] + y) for x, y in wall]) for wall in walls]
    table = {
        "barrier_id": [f"w{i}" for i in range(len(lines))],
        "kind": ["wall"] * len(lines),
        "name": [""] * len(lines),
    }
    return conform_layer("barriers", gpd.GeoDataFrame(table, geometry=lines, crs=EPSG))


def buildings_frame(places: list[tuple[float, float]], households: list[int] | None = None):
    """Return the layer ``buildings`` (EPSG:4326), ten households each unless told otherwise."""
    at = [lonlat(x, y) for x, y in places]
    frame = gpd.GeoDataFrame(
        {
            "building_id": [f"b{i:03d}" for i in range(len(at))],
            "households": households or [10] * len(at),
            "lon": [lon for lon, _ in at],
            "lat": [lat for _, lat in at],
        },
        geometry=[Point(xy) for xy in at],
        crs=4326,
    )
    frame = frame.assign(
        name="", use="residential", residents=0, residents_60plus=0, levels=0,
        households_source="counted",
    )  # fmt: skip
    return conform_layer("buildings", frame)


def points_frame(places: list[tuple[float, float]], categories: list[str]) -> gpd.GeoDataFrame:
    """Return the layer ``service_points`` (EPSG:4326)."""
    at = [lonlat(x, y) for x, y in places]
    frame = gpd.GeoDataFrame(
        {
            "point_id": [f"p{i:03d}" for i in range(len(at))],
            "category": categories,
            "lon": [lon for lon, _ in at],
            "lat": [lat for _, lat in at],
        },
        geometry=[Point(xy) for xy in at],
        crs=4326,
    )
    return conform_layer("service_points", frame.assign(name="", sub="", origin="given"))


def gates_frame(gates: list[tuple[float, float, str]]) -> gpd.GeoDataFrame:
    """Return the layer ``gates`` (metric) from x, y and access, off the walk network."""
    table = {
        "gate_id": [f"g{i:03d}" for i in range(len(gates))],
        "access": [access for _, _, access in gates],
        "name": [""] * len(gates),
        "node": [0] * len(gates),
    }
    places = [Point(CORNER[0] + x, CORNER[1] + y) for x, y, _ in gates]
    return conform_layer("gates", gpd.GeoDataFrame(table, geometry=places, crs=EPSG))


def town(
    edges, *, walls=(), gates=(), homes=(), households=None, points=(), categories=None
) -> Layers:
    """Return metric layers of a scene given in metres from the corner."""
    layers = replace(
        Layers(),
        buildings=buildings_frame(list(homes), households),
        service_points=points_frame(list(points), list(categories or ["a"] * len(points))),
    ).to_metric(EPSG)
    return replace(
        layers,
        walk_edges=edges_frame(edges),
        barriers=barriers_frame(list(walls)),
        gates=gates_frame(list(gates)),
    )


def with_entrances(layers: Layers, rng: np.random.Generator) -> Layers:
    """Return a town with up to twelve entrances of its buildings and points, some of no use."""
    rows = []
    for number in range(rng.integers(0, 13)):
        layer, key = [("buildings", "building_id"), ("service_points", "point_id")][number % 2]
        names = getattr(layers, layer)[key]
        if len(names):
            at = rng.integers(len(names))
            place = getattr(layers, layer).geometry.iloc[at].centroid
            rows.append(
                {
                    "entrance_id": f"e{number:02}", "building_id": None, "point_id": None,
                    key: names.iloc[at], "name": "",
                    "kind": str(rng.choice(["main", "yes", "staircase", "gate", "exit"])),
                    "access": str(rng.choice(["open", "open", "private", "closed"])),
                    "geometry": Point(place.x + rng.normal(0, 60), place.y + rng.normal(0, 60)),
                }
            )  # fmt: skip
    if not rows:
        return layers
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=EPSG)
    return replace(layers, entrances=conform_layer("entrances", frame))


def with_footprints(layers: Layers, rng: np.random.Generator) -> Layers:
    """Return a town in which most buildings have a footprint, some of them with a court."""
    shapes = layers.buildings.geometry.to_numpy().copy()
    for row, place in enumerate(shapes):
        if rng.random() < 0.7:
            west, south, east, north = rng.uniform(1, 60, 4)
            hall = box(place.x - west, place.y - south, place.x + east, place.y + north)
            court = box(place.x + rng.uniform(0.1, east), place.y - south, place.x + 70, place.y)
            shapes[row] = hall.difference(court) if rng.random() < 0.5 else hall
    return replace(layers, buildings=layers.buildings.set_geometry(shapes, crs=EPSG))


@st.composite
def entered_towns(draw: st.DrawFn) -> Layers:
    """Draw a town of :func:`towns` whose places have entrances, and buildings footprints."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return with_footprints(with_entrances(draw(towns()), rng), rng)


@st.composite
def towns(draw: st.DrawFn) -> Layers:
    """Draw a lattice with missing, private, one-way and stepped edges, crossings, walls and homes.

    Some edges and walls are on another level, some edges are behind private gates. Every other
    town lies on hills; in every fourth building nobody lives.
    """
    columns, rows = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    step = draw(st.sampled_from([60.0, 150.0, 400.0]))
    at = {
        (i, j): (i * step + rng.uniform(-0.2, 0.2) * step, j * step + rng.uniform(-0.2, 0.2) * step)
        for i in range(columns)
        for j in range(rows)
    }
    number = {node: k for k, node in enumerate(at, start=1)}
    steep = draw(st.sampled_from([0.0, 0.06]))
    height = {node: rng.normal(0, steep * step) for node in at}
    edges = []
    for (i, j), here in at.items():
        for other in ((i + 1, j), (i, j + 1)):
            if other in at and rng.random() < 0.85:
                forward = rng.random() < 0.9
                edges.append(
                    {
                        "u": number[i, j], "v": number[other], "coords": [here, at[other]],
                        "private": rng.random() < 0.25, "forward": forward,
                        "backward": not forward or rng.random() < 0.9,
                        "kind": "steps" if rng.random() < 0.1 else "footway",
                        "crossing": rng.random() < 0.15, "climb_m": height[other] - height[i, j],
                    }
                )  # fmt: skip
    other = np.random.default_rng(rng.integers(2**32))
    for edge in edges:
        edge |= {"level": int(other.choice([0, 0, 0, 1, -1])), "gated": other.random() < 0.2}
    if not edges:
        edges = [{"u": 1, "v": 2, "coords": [(0, 0), (step, 0)]}]

    def scatter(n: int, grow: float) -> list[tuple[float, float]]:
        low, high = -grow, np.array([columns * step, rows * step]) + grow
        return [tuple(p) for p in rng.uniform(low, high, (n, 2))]

    walls = [
        [a, (a[0] + rng.uniform(-step, step), a[1] + rng.uniform(-step, step))]
        for a in scatter(draw(st.integers(0, 5)), 0)
    ]
    gates = [
        ((wall[0][0] + wall[1][0]) / 2, (wall[0][1] + wall[1][1]) / 2, access)
        for wall in walls
        for access in [str(rng.choice(["open", "private", "closed", ""]))]
        if access
    ]
    n_points, n_homes = draw(st.integers(0, 8)), draw(st.integers(1, 12))
    layers = town(
        edges,
        walls=walls,
        gates=gates,
        homes=scatter(n_homes, 120),
        households=[10 * (number % 4 != 3) for number in range(n_homes)],
        points=scatter(n_points, 120),
        categories=[str(rng.choice(["a", "b"])) for _ in range(n_points)],
    )
    levels = other.choice([0, 0, 0, 1], len(walls)).astype(np.int64)
    return replace(layers, barriers=layers.barriers.assign(level=levels))
