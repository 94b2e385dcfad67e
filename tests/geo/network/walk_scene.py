"""Gates, and what an edge looks like, in the small scenes of the walk network."""

import geopandas as gpd
from shapely import Point

from geo.model.layers import conform_layer
from tests.towns import CORNER, EPSG


def gates_frame(gates=()) -> gpd.GeoDataFrame:
    """Return the layer ``gates`` (metric) from (x, y, access), metres from the corner."""
    frame = gpd.GeoDataFrame(
        {
            "gate_id": [f"g{i}" for i in range(len(gates))],
            "access": [access for *_, access in gates],
            "name": "",
            "node": 0,
            "opening_hours": "",
        },
        geometry=[Point(CORNER[0] + x, CORNER[1] + y) for x, y, _ in gates],
        crs=EPSG,
    )
    return conform_layer("gates", frame)


def rows(edges):
    """Return (edge_id, u, v, metres to 0.01) of every edge."""
    return [(e.edge_id, e.u, e.v, round(e.length_m, 2)) for e in edges.itertuples()]


def place(point) -> tuple[float, float]:
    """Return metres from the corner, to the millimetre."""
    return round(point.x - CORNER[0], 3), round(point.y - CORNER[1], 3)


def assert_sound(edges):
    """Check that ids are unique, lengths those of the lines, and each node lies in one place."""
    assert edges.edge_id.is_unique
    assert (edges.geometry.length - edges.length_m).abs().max() < 1e-6
    lies: dict[int, tuple[float, float]] = {}
    for e in edges.itertuples():
        for node, (x, y) in ((e.u, e.geometry.coords[0]), (e.v, e.geometry.coords[-1])):
            first = lies.setdefault(node, (x, y))
            assert max(abs(first[0] - x), abs(first[1] - y)) < 1e-6, node
