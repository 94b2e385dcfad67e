"""Synthetic street grids of any size: crooked lattices, for what no real extract can show."""

import math

import geopandas as gpd
import numpy as np
import shapely

from geo.model.layers import Layers, conform_layer

EPSG = 32650
CORNER = (300_000.0, 4_000_000.0)
BLOCK_M = 100.0
BENDS = 3
"""Vertices between the ends of an edge: 5 in all, where Porto's edges have 4.5."""


def lattice(edges: int, *, seed: int = 7) -> Layers:
    """Return a square street grid of about so many edges, every one walkable both ways."""
    rng = np.random.default_rng(seed)
    side = round((1 + math.sqrt(1 + 2 * edges)) / 2)  # 2 * side * (side - 1) edges
    node = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1)
    at = node.reshape(-1, 2) * BLOCK_M + rng.uniform(-20, 20, (side * side, 2)) + CORNER
    number = np.arange(side * side).reshape(side, side)
    u = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()])
    v = np.concatenate([number[1:].ravel(), number[:, 1:].ravel()])
    share = np.linspace(0, 1, BENDS + 2)[None, :, None]
    xy = at[u, None] + (at[v, None] - at[u, None]) * share
    xy[:, 1:-1] += rng.uniform(-3, 3, (len(u), BENDS, 2))
    lines = shapely.linestrings(xy)
    frame = gpd.GeoDataFrame(
        {
            "edge_id": np.arange(len(u)), "u": u, "v": v, "length_m": shapely.length(lines),
            "kind": "footway", "forward": True, "backward": True, "private": False,
            "bridge": False, "tunnel": False, "name": "", "osm_id": 0,
        },
        geometry=lines, crs=EPSG,
    )  # fmt: skip
    empty = Layers().to_metric(EPSG)
    return Layers(
        walk_edges=conform_layer("walk_edges", frame),
        barriers=empty.barriers,
        gates=empty.gates,
        buildings=empty.buildings,
        service_points=empty.service_points,
    )
