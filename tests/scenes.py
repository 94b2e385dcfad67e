"""Hand-made scenes with answers that can be worked out on paper.

``tiny_district`` is a square of 400 m x 400 m, drawn in metres of EPSG:4548 from a corner near
118.0 E 37.38 N and stored in EPSG:4326. x runs east, y runs north, both from that corner::

    y
    400 +---------------6---------------+      grids (codes start with 371602001001)
        |      ...1101  [p1]  ...1201   |      large  371602001001         all
        |              [p2] |  W        |      medium 3716020010011        west half
    300 |       8           |  W  10    |             3716020010012        east half
        |       :B2         |  W   |B4  |      small  371602001001101      north-west
    250 |       :           |  WWWW11WW |             371602001001102      south-west
        |   B1  :           |      |    |             371602001001201      north-east
    200 1-------2-----------3------4----5-----12      371602001001202      south-east
        |             B3 p3 |      s B6 | p5
        |                   |      s    |      ---  street   ...:: private lane (2-8)
        |      ...1102      |p4    s B5 |      s    steps (4-9)
    100 |                   |      9    |      W    wall from (210,390) by (210,250) to (390,250)
        |                   |           |      11   gate in the wall at (300,250), access private
        |                   |  ...1202  |
      0 +-------------------7-----------+
        0      100         200    300  400     x

==== ========== ==========  ====================================================
node (x, y)     edge        from - to, length, kind
==== ========== ==========  ====================================================
1    (0, 200)   1           1 - 2, 100, residential
2    (100, 200) 2           2 - 3, 100, residential
3    (200, 200) 3           3 - 4, 100, residential
4    (300, 200) 4           4 - 5, 100, residential
5    (400, 200) 5           3 - 6, 200, footway
6    (200, 400) 6           3 - 7, 200, footway
7    (200, 0)   7           2 - 8, 100, service, private
8    (100, 300) 8           4 - 9, 100, steps
9    (300, 100) 9           4 - 11, 50, footway
10   (300, 300) 10          11 - 10, 50, footway
11   (300, 250) 11          5 - 12, 100, residential (outside the boundary)
12   (500, 200)
==== ========== ==========  ====================================================

========  ==========  ==========  =========================  ============================
building  (x, y)      households  grid                       nearest edge
========  ==========  ==========  =========================  ============================
b1        (50, 214)   1           ...1101 north-west         1, 10 m, 50 m from node 2
b2        (118, 280)  2           ...1101 north-west         7, 10 m, 80 m from node 2
b3        (150, 186)  4           ...1102 south-west         2, 10 m, 50 m from node 3
b4        (318, 280)  8           ...1201 north-east         10, 10 m, 80 m from node 4
b5        (318, 120)  16          ...1202 south-east         8, 10 m, 80 m from node 4
b6        (390, 190)  0           ...1202 south-east         4, 10 m, 10 m from node 5
========  ==========  ==========  =========================  ============================

``...1201`` stands for 371602001001201 and so on. Households are
powers of two, so that a sum tells who is in it; all footprints are 16 m x 8 m around (x, y) but b6,
which is a point. Metres to an edge are those outside the footprint, where the access leg runs.

========  ==========  ============  ==========================
point     (x, y)      category      nearest edge
========  ==========  ============  ==========================
p1        (190, 390)  catering      5, 10 m, 190 m from node 3
p2        (195, 350)  medical       5, 5 m, 150 m from node 3
p3        (190, 190)  shopping      2 or 6, 10 m (a tie)
p4        (205, 100)  catering      6, 5 m, 100 m from node 3
p5        (450, 190)  elderly       11, 10 m, 50 m from node 5
========  ==========  ============  ==========================

Worker ``W1`` looks after the two small grids in the west, ``W2`` after the two in the east.

Example: from b3 to p4 it is 10 + 50 (edge 2) + 100 (edge 6) + 5 = 165 m, 132.0 s at 1.25 m/s.
"""

from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from boundaries.store.interface import Store
from geo.crs import project_geometry
from geo.model.layers import District, Layers, with_demand_point
from geo.model.standard import Profile
from geo.model.vocabulary import Origin
from geo.network.compile import WalkNetwork, compile_network
from geo.partition.atoms.band import Band
from tests.stores import copied_store

EPSG: Final = 4548
CORNER: Final = (588_500.0, 4_139_000.0)
"""Easting and northing of the scene's (0, 0), metres in EPSG:4548."""

LARGE: Final = "371602001001"
WEST: Final = LARGE + "1"
EAST: Final = LARGE + "2"
NORTH_WEST: Final = WEST + "01"
SOUTH_WEST: Final = WEST + "02"
NORTH_EAST: Final = EAST + "01"
SOUTH_EAST: Final = EAST + "02"

NODES: Final = {
    1: (0, 200),
    2: (100, 200),
    3: (200, 200),
    4: (300, 200),
    5: (400, 200),
    6: (200, 400),
    7: (200, 0),
    8: (100, 300),
    9: (300, 100),
    10: (300, 300),
    11: (300, 250),
    12: (500, 200),
}
"""Walk network nodes, metres from the corner."""

_EDGES: Final = [
    (1, 1, 2, "residential", False),
    (2, 2, 3, "residential", False),
    (3, 3, 4, "residential", False),
    (4, 4, 5, "residential", False),
    (5, 3, 6, "footway", False),
    (6, 3, 7, "footway", False),
    (7, 2, 8, "service", True),
    (8, 4, 9, "steps", False),
    (9, 4, 11, "footway", False),
    (10, 11, 10, "footway", False),
    (11, 5, 12, "residential", False),
]
_BUILDINGS: Final = [
    ("b1", 50, 214, 1, "residential"),
    ("b2", 118, 280, 2, "residential"),
    ("b3", 150, 186, 4, "mixed"),
    ("b4", 318, 280, 8, "residential"),
    ("b5", 318, 120, 16, "residential"),
    ("b6", 390, 190, 0, "other"),
]
_POINTS: Final = [
    ("p1", 190, 390, "catering", "四季面馆"),
    ("p2", 195, 350, "medical", "卫生服务站"),
    ("p3", 190, 190, "shopping", "便利店"),
    ("p4", 205, 100, "catering", "早餐店"),
    ("p5", 450, 190, "elderly", "日间照料中心"),
]


def xy(x: float, y: float) -> tuple[float, float]:
    """Return easting and northing (EPSG:4548, metres) of a place of the scene."""
    return CORNER[0] + x, CORNER[1] + y


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude (EPSG:4326, degrees) of a place of the scene."""
    lon, lat = _to_degrees().transform(*xy(x, y))
    return float(lon), float(lat)


@cache
def _to_degrees() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(EPSG, 4326, always_xy=True)


def stored(geometries: list[BaseGeometry], **columns: object) -> gpd.GeoDataFrame:
    """Return a frame in EPSG:4326 of geometries given in EPSG:4548."""
    return gpd.GeoDataFrame(columns, geometry=geometries, crs=EPSG).to_crs(4326)


def square(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """Return the rectangle between two corners of the scene, in EPSG:4548."""
    return box(*xy(x0, y0), *xy(x1, y1))


def around(aim: int) -> Band:
    """Return the band of households a fifth less and more than `aim`."""
    return Band(round(aim * 0.8), round(aim * 1.2), aim)


def _grids() -> gpd.GeoDataFrame:
    rows = [
        (LARGE, "large", None, "试点社区", "Pilot community", square(0, 0, 400, 400)),
        (WEST, "medium", LARGE, "西片", "West", square(0, 0, 200, 400)),
        (EAST, "medium", LARGE, "东片", "East", square(200, 0, 400, 400)),
        (NORTH_WEST, "small", WEST, "西北网格", "North-west", square(0, 200, 200, 400)),
        (SOUTH_WEST, "small", WEST, "西南网格", "South-west", square(0, 0, 200, 200)),
        (NORTH_EAST, "small", EAST, "东北网格", "North-east", square(200, 200, 400, 400)),
        (SOUTH_EAST, "small", EAST, "东南网格", "South-east", square(200, 0, 400, 200)),
    ]
    code, level, parent_code, name_zh, name_en, shapes = (
        list(part) for part in zip(*rows, strict=True)
    )
    return stored(
        shapes,
        code=code,
        level=level,
        parent_code=parent_code,
        name_zh=name_zh,
        name_en=name_en,
        origin="given",
    )


def _buildings() -> gpd.GeoDataFrame:
    households = np.array([row[3] for row in _BUILDINGS])
    shapes = [square(x - 8, y - 4, x + 8, y + 4) for _, x, y, _, _ in _BUILDINGS[:-1]]
    frame = stored(
        [*shapes, Point(xy(390, 190))],
        building_id=[row[0] for row in _BUILDINGS],
        name=[f"{row[0][1:]}号楼" for row in _BUILDINGS],
        use=[row[4] for row in _BUILDINGS],
        households=households,
        residents=households * 3,
        residents_60plus=households,
        levels=6,
        households_source="counted",
    )
    return with_demand_point(frame)


def _service_points() -> gpd.GeoDataFrame:
    frame = stored(
        [Point(xy(x, y)) for _, x, y, _, _ in _POINTS],
        point_id=[row[0] for row in _POINTS],
        category=[row[3] for row in _POINTS],
        name=[row[4] for row in _POINTS],
        sub="",
        origin="given",
    )
    return with_demand_point(frame)


def _walk_edges() -> gpd.GeoDataFrame:
    lines = [LineString([xy(*NODES[u]), xy(*NODES[v])]) for _, u, v, _, _ in _EDGES]
    return stored(
        lines,
        edge_id=[row[0] for row in _EDGES],
        u=[row[1] for row in _EDGES],
        v=[row[2] for row in _EDGES],
        length_m=[line.length for line in lines],
        kind=[row[3] for row in _EDGES],
        forward=True,
        backward=True,
        private=[row[4] for row in _EDGES],
        bridge=False,
        tunnel=False,
        name="",
        osm_id=0,
    )


def tiny_layers() -> Layers:
    """Return the layers drawn above, EPSG:4326, conformed; a copy of one's own."""
    made = _tiny_layers()
    return replace(made, **{each.name: getattr(made, each.name).copy() for each in fields(made)})


@cache
def _tiny_layers() -> Layers:
    wall = LineString([xy(210, 390), xy(210, 250), xy(390, 250)])
    return Layers(
        grids=_grids().sort_values("code", ignore_index=True),
        buildings=_buildings(),
        service_points=_service_points(),
        walk_edges=_walk_edges(),
        barriers=stored([wall], barrier_id=["w1"], kind=["wall"], name=["东院围墙"]),
        gates=stored(
            [Point(xy(300, 250))], gate_id=["g1"], access=["private"], name=["南门"], node=[11]
        ),
        workers=pd.DataFrame(
            {
                "worker_code": ["W1", "W1", "W2", "W2"],
                "grid_code": [NORTH_WEST, SOUTH_WEST, NORTH_EAST, SOUTH_EAST],
            }
        ),
    ).conformed()


def tiny_district() -> tuple[District, Layers]:
    """Return the district and the layers drawn above, EPSG:4326."""
    district = District(
        code="371602",
        name_zh="试点区",
        name_en="Pilot District",
        epsg=EPSG,
        boundary=project_geometry(square(0, 0, 400, 400), EPSG, 4326),
        origin=Origin.GIVEN,
        credits=("hand-made",),
        note="A scene for tests.",
        note_zh="测试用的小场景。",
    )
    return district, tiny_layers()


def tiny_store(address: Path | str) -> Store:
    """Return a new store with the district drawn above (:func:`tests.stores.copied_store`)."""
    return copied_store(address, "tiny", lambda store: store.replace(*tiny_district()))


def tiny_scene() -> tuple[Layers, WalkNetwork]:
    """Return the layers in EPSG:4548, and the network compiled for an adult of 1.25 m/s."""
    layers = tiny_layers().to_metric(EPSG)
    return layers, compile_network(layers, Profile("adult", "成人", "Adult", 1.25))
