"""Hand-made neighbourhoods for drawing grids: square houses, walls, streets, water; metres."""

from dataclasses import replace

import geopandas as gpd
import shapely

from geo.model.layers import Layers, conform_layer, with_demand_point
from geo.partition.atoms.atoms import Atoms, make_atoms
from geo.partition.atoms.cut_lines import STREET_KINDS, bounding_lines
from tests.towns import CORNER, EPSG, edges_frame

CODE = "371602"


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a box, metres from the corner."""
    return shapely.box(CORNER[0] + west, CORNER[1] + south, CORNER[0] + east, CORNER[1] + north)


def line(*places: tuple[float, float]) -> shapely.LineString:
    """Return a line, metres from the corner."""
    return shapely.LineString([(CORNER[0] + x, CORNER[1] + y) for x, y in places])


def houses(places: list[tuple[float, float]], households: list[int], *, half_m: float = 5.0):
    """Return the layer ``buildings``, square houses by their centres, in the metric CRS."""
    frame = gpd.GeoDataFrame(
        {
            "building_id": [f"b{i:03d}" for i in range(len(places))],
            "name": "", "use": "residential", "households": households, "residents": 0,
            "residents_60plus": 0, "levels": 0, "households_source": "counted",
        },
        geometry=[box(x - half_m, y - half_m, x + half_m, y + half_m) for x, y in places],
        crs=EPSG,
    )  # fmt: skip
    return conform_layer("buildings", with_demand_point(frame.to_crs(4326)))


def staircases(building: str, n: int, kind: str = "staircase") -> gpd.GeoDataFrame:
    """Return the layer ``entrances`` with some in a row along a building."""
    frame = gpd.GeoDataFrame(
        {
            "entrance_id": [f"{building}e{i}" for i in range(n)], "building_id": building,
            "point_id": None, "kind": kind, "access": "open", "name": "",
        },
        geometry=[shapely.Point(CORNER[0] + 10.0 * i, CORNER[1]) for i in range(n)],
        crs=EPSG,
    )  # fmt: skip
    return conform_layer("entrances", frame)


def neighbourhood(
    places: list[tuple[float, float]],
    households: list[int],
    *,
    walls: list[shapely.Geometry] = (),
    water: list[shapely.Geometry] = (),
    streets: list[tuple[str, list[tuple[float, float]]]] = (),
) -> Layers:
    """Return the layers of a neighbourhood in the metric CRS."""
    layers = Layers(buildings=houses(places, households)).to_metric(EPSG)
    shapes = [*walls, *water]
    barriers = gpd.GeoDataFrame(
        {
            "barrier_id": [f"w{i}" for i in range(len(shapes))],
            "kind": ["wall"] * len(walls) + ["river"] * len(water),
            "name": "",
        },
        geometry=shapes,
        crs=EPSG,
    )
    if streets:
        rows = [
            {"u": 2 * i, "v": 2 * i + 1, "coords": coords, "kind": kind}
            for i, (kind, coords) in enumerate(streets)
        ]
        layers = replace(layers, walk_edges=edges_frame(rows))
    return replace(layers, barriers=conform_layer("barriers", barriers)) if shapes else layers


def lattice(columns: int, rows: int, *, step: float = 20.0) -> list[tuple[float, float]]:
    """Return the centres of a lattice of houses, the first at (10, 10)."""
    return [(10 + step * i, 10 + step * j) for j in range(rows) for i in range(columns)]


def atoms_of(boundary: shapely.Geometry, layers: Layers) -> Atoms:
    """Return the atoms of a neighbourhood."""
    lines = bounding_lines(layers, kinds=STREET_KINDS)
    return make_atoms(boundary, layers, lines, reach_m=0.0)
