"""A made-up town that a map can show: 8 x 6 blocks of 150 m, two sides of a river, ten categories.

Everything stands on a street grid, so a walk is counted in blocks. The river runs between columns
4 and 5 and is crossed by one bridge, in row 3. Labelled synthetic, as everything made up is.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from boundaries.standards.catalogue import load_standard
from geo.model.layers import District, Layers, with_demand_point
from geo.model.vocabulary import Origin
from tests.scenes import CORNER, EPSG

CODE: Final = "town"
COLUMNS: Final = 8
ROWS: Final = 6
BLOCK_M: Final = 150.0
RIVER: Final = 4  # streets east from this column cross it
BRIDGE: Final = 3  # row of the only bridge


def _frame(table: dict, shapes: list[BaseGeometry]) -> gpd.GeoDataFrame:
    placed = [affinity.translate(shape, *CORNER) for shape in shapes]
    return gpd.GeoDataFrame(table, geometry=placed, crs=EPSG).to_crs(4326)


def _node(column: int, row: int) -> int:
    return 1 + column * (ROWS + 1) + row


def _streets() -> gpd.GeoDataFrame:
    ends = []
    for column in range(COLUMNS + 1):
        for row in range(ROWS + 1):
            if column < COLUMNS and (column != RIVER or row == BRIDGE):
                ends.append(((column, row), (column + 1, row)))
            if row < ROWS:
                ends.append(((column, row), (column, row + 1)))
    lines = [LineString(np.array(pair) * BLOCK_M) for pair in ends]
    table = {
        "edge_id": range(1, len(ends) + 1),
        "u": [_node(*start) for start, _ in ends],
        "v": [_node(*end) for _, end in ends],
        "length_m": BLOCK_M,
        "kind": "residential",
        "forward": True,
        "backward": True,
        "private": False,
        "bridge": False,
        "tunnel": False,
        "name": "",
        "osm_id": 0,
    }
    return _frame(table, lines)


def _rectangle(column: int, row: int, columns: int, rows: int) -> Polygon:
    west, south = column * BLOCK_M, row * BLOCK_M
    return box(west, south, west + columns * BLOCK_M, south + rows * BLOCK_M)


def _grids() -> gpd.GeoDataFrame:
    table, shapes = [], []

    def add(code: str, level: str, parent: str | None, names: tuple[str, str], shape: Polygon):
        table.append((code, level, parent, *names, str(Origin.SYNTHETIC)))
        shapes.append(shape)

    for large, name in enumerate(("河西", "河东")):
        of_large = f"{CODE}-00{large + 1}"
        side = _rectangle(large * 4, 0, 4, ROWS)
        add(of_large, "large", None, (f"{name}社区", f"Bank {large + 1}"), side)
        for medium in range(2):
            of_medium = f"{of_large}-{medium + 1}"
            half = _rectangle(large * 4, medium * 3, 4, 3)
            add(of_medium, "medium", of_large, (f"{name}{medium + 1}片", of_medium), half)
            for small in range(12):
                code = f"{of_medium}-{small + 1:02d}"
                cell = _rectangle(large * 4 + small % 4, medium * 3 + small // 4, 1, 1)
                add(code, "small", of_medium, (f"{name}{medium + 1}片{small + 1}组", code), cell)
    columns = ["code", "level", "parent_code", "name_zh", "name_en", "origin"]
    return _frame(dict(zip(columns, zip(*table, strict=True), strict=True)), shapes)


def _buildings() -> gpd.GeoDataFrame:
    """Return four buildings per block, none in column 4, the river's own; the last is a school."""
    places = [
        (column * BLOCK_M + dx, row * BLOCK_M + dy)
        for column in range(COLUMNS)
        if column != RIVER
        for row in range(ROWS)
        for dx in (40, 110)
        for dy in (40, 110)
    ]
    households = [10 + n % 7 for n in range(len(places))] + [0]
    places.append((75, 75))
    count = len(places)
    table = {
        "building_id": [f"b{n:03d}" for n in range(count)],
        "name": "",
        "use": ["residential"] * (count - 1) + ["other"],
        "households": households,
        "residents": [3 * each for each in households],
        "residents_60plus": households,
        "levels": 6,
        "households_source": "synthetic",
    }
    return with_demand_point(_frame(table, [box(x - 15, y - 6, x + 15, y + 6) for x, y in places]))


def _points() -> gpd.GeoDataFrame:
    """Return two points of each category west of the river; one, of the first five, east of it.

    Beside them a one-stop window in the west, and two places that count in no category.
    """
    rng = np.random.default_rng(7)
    table, shapes = [], []
    for n, category in enumerate(load_standard().categories):
        for side in ("w", "w", *(["e"] if n < 5 else [])):
            column = rng.integers(0, 4) if side == "w" else rng.integers(5, COLUMNS)
            place = Point(column * BLOCK_M + 60, rng.integers(0, ROWS) * BLOCK_M + 5)
            name = f"{category.zh}{len(table) + 1}号"
            table.append((f"p{len(table):02d}", category.id, name, "", str(Origin.SYNTHETIC)))
            shapes.append(place)
    beside = [
        ("public", "window", "一站式窗口"),
        ("amenity", "atm", ""),
        ("amenity", "toilets", ""),
    ]
    for column, (group, kind, name) in enumerate(beside):
        table.append((f"p{len(table):02d}", group, name, kind, str(Origin.SYNTHETIC)))
        shapes.append(Point(column * BLOCK_M + 75, 2.5 * BLOCK_M))
    columns = ["point_id", "category", "name", "sub", "origin"]
    frame = _frame(dict(zip(columns, zip(*table, strict=True), strict=True)), shapes)
    known = {"fee_class": "low", "member": True, "floor_area_m2": 320.5, "items": "配餐;健康"}
    return frame.assign(lon=frame.geometry.x, lat=frame.geometry.y, **known)


def _workers() -> pd.DataFrame:
    """Return beats of two blocks, about 104 households; the east has what a planner looks for.

    Blocks are counted from the south-west of the town, those of column 4 have no buildings::

        row 5   A5 A5 B5 B5  -  C5 C5 D5      D5: one block, light
        row 1   A1 A1 B1 B1  -  C1 C1  .      nobody looks after the last block
        row 0   A0 A0 B0 B0  -  C0 C0 C0      C0: three blocks, heavy
    """
    rows = []
    for row in range(ROWS):
        for column in range(COLUMNS):
            if column == RIVER or (row, column) == (1, 7):
                continue
            side = (
                "ABC"[(column - (column > RIVER)) // 2] if column < 7 else "C" if row == 0 else "D"
            )
            rows.append((f"{side}{row}", block_code(column, row)))
    return pd.DataFrame(rows, columns=["worker_code", "grid_code"])


def block_code(column: int, row: int) -> str:
    """Return the code of the small grid of a block."""
    large, medium = column // 4, row // 3
    return f"{CODE}-00{large + 1}-{medium + 1}-{(row % 3) * 4 + column % 4 + 1:02d}"


def town() -> tuple[District, Layers]:
    """Return the district and its layers, EPSG:4326."""
    grids = _grids()
    north, middle = ROWS * BLOCK_M, (RIVER + 0.5) * BLOCK_M
    barriers = {"barrier_id": ["r1"], "kind": ["river"], "name": ["试河"]}
    gates = {
        "gate_id": ["g1", "g2"],
        "access": ["open", "open"],
        "name": ["", "桥头门"],
        "node": [_node(2, 2), _node(RIVER, BRIDGE)],
        "opening_hours": ["", "06:00-22:00"],
    }
    layers = Layers(
        grids=grids,
        buildings=_buildings(),
        service_points=_points(),
        walk_edges=_streets(),
        barriers=_frame(barriers, [LineString([(middle, 0), (middle, north)])]),
        gates=_frame(
            gates, [Point(2 * BLOCK_M, 2 * BLOCK_M), Point(RIVER * BLOCK_M, BRIDGE * BLOCK_M)]
        ),
        workers=_workers(),
    ).conformed()
    whole = _frame({}, [_rectangle(0, 0, COLUMNS, ROWS)]).geometry.iloc[0]
    district = District(
        CODE,
        "试验镇",
        "Test Town",
        EPSG,
        whole,
        Origin.SYNTHETIC,
        ("made for tests",),
        "A town made up for tests.",
    )
    return district, layers
