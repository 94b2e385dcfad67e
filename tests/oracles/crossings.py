"""Wide roads by their definition (docs/reference/standards.md), node by node, with loops.

Nothing here is imported from ``geo``. The sides of wide roads become edges of their own; where
people cross, arcs are laid between the sectors of a node in the graph of :class:`Oracle`.
"""

import math
from itertools import pairwise

import geopandas as gpd
import pandas as pd
from shapely import LineString

from tests.oracles.walking import Oracle

STREETS = {
    "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary",
    "tertiary_link", "unclassified", "residential", "living_street", "road",
}  # fmt: skip
SIDE = 0.05


def is_wide(row, rows, lanes: float) -> bool:
    """Whether an edge is a wide road."""
    if row.kind not in STREETS or row.private or row.gated:
        return False
    if row.lanes >= lanes or (row.lanes == 0 and row.kind in {"trunk", "primary"}):
        return True
    return row.one_way and row.name != "" and any(beside(row, other) for other in rows)


def beside(row, other) -> bool:
    """Whether two edges are the carriageways of one road."""
    if other.edge_id == row.edge_id or not other.one_way or other.name != row.name:
        return False
    # found from the middle of either
    return meets(row, other) and turned(row, other) >= 0.9


def meets(row, other) -> bool:
    away = row.geometry.interpolate(0.5, normalized=True).distance(other.geometry)
    return 1.0 < away <= 60.0


def turned(row, other) -> float:
    """Cosine between the chords of two edges, either way."""
    chords = []
    for each in (row, other):
        (x0, y0), (x1, y1) = each.geometry.coords[0], each.geometry.coords[-1]
        size = math.hypot(x1 - x0, y1 - y0)
        if size == 0:
            return 0.0
        chords.append(((x1 - x0) / size, (y1 - y0) / size))
    return abs(sum(a * b for a, b in zip(*chords, strict=True)))


def moved(line: LineString, metres: float) -> LineString:
    """Every vertex to the left, across the mean direction of the segments that meet there."""
    xy = list(line.coords)
    steps = []
    for (x0, y0), (x1, y1) in pairwise(xy):
        size = math.hypot(x1 - x0, y1 - y0) or 1.0
        steps.append(((x1 - x0) / size, (y1 - y0) / size))
    out = []
    for i, (x, y) in enumerate(xy):
        near = steps[max(i - 1, 0) : i + 1]
        dx, dy = (sum(step[k] for step in near) for k in (0, 1))
        size = math.hypot(dx, dy) or 1.0
        out.append((x - metres * dy / size, y + metres * dx / size))
    return LineString(out)


def apart(edges: gpd.GeoDataFrame, lanes: float) -> tuple[gpd.GeoDataFrame, list]:
    """Return edges with the sides of wide roads apart, and (node, node, node id) to join."""
    rows = list(edges.itertuples())
    one_way = [row for row in rows if row.one_way]
    wide = {row.edge_id for row in rows if is_wide(row, one_way, lanes)}
    at: dict[int, list] = {}
    for row in rows:
        at.setdefault(row.u, []).append((row, 0))
        at.setdefault(row.v, []).append((row, 1))
    left_of, right_of, joints = {}, {}, []
    for node, ends in at.items():
        joints += around(node, ends, wide, left_of, right_of)
    out, fresh = [], int(edges["edge_id"].max()) + 1
    for row in rows:
        for side, of in ((1, left_of), (-1, right_of)):
            if side < 0 and row.edge_id not in wide:
                continue
            number = row.edge_id if side > 0 else fresh + sorted(wide).index(row.edge_id)
            ends = {"u": of.get((row.edge_id, 0), row.u), "v": of.get((row.edge_id, 1), row.v)}
            shape = moved(row.geometry, side * SIDE) if row.edge_id in wide else row.geometry
            out.append({**row._asdict(), **ends, "edge_id": number, "geometry": shape})
    return gpd.GeoDataFrame(pd.DataFrame(out).drop(columns="Index"), crs=edges.crs), joints


def around(node: int, ends: list, wide: set, left_of: dict, right_of: dict) -> list:
    """Note the sector on both sides of every end at a node; return the sectors to join."""
    spokes = sorted((bearing(row, end), row.edge_id, end) for row, end in ends
                    if row.edge_id in wide)  # fmt: skip
    if not spokes:
        return []
    for row, end in ends:
        key = (row.edge_id, end)
        if row.edge_id in wide:
            number = [(each[1], each[2]) for each in spokes].index(key)
            ahead, behind = (node, number), (node, (number - 1) % len(spokes))
            # to the left of one who leaves the node; walking from u to v turns that at v
            left_of[key], right_of[key] = (ahead, behind) if end == 0 else (behind, ahead)
        else:
            mine = (bearing(row, end), row.edge_id, end)
            sector = (sum(spoke < mine for spoke in spokes) - 1) % len(spokes)
            left_of[key] = right_of[key] = (node, sector)
    walkways = [(row.edge_id, end) for row, end in ends
                if row.edge_id not in wide and row.kind not in STREETS | {"service"}]  # fmt: skip
    several = len({left_of[key] for key in walkways}) > 1
    mark = crossed(ends, wide, several=several, spokes=len(spokes))
    if len(spokes) == 1 or not mark:
        return []
    mapped = any(row.crossing for row, _ in ends)
    k = len(spokes)
    return [((node, i), (node, (i + 1) % k), mark, mapped) for i in range(k)]


def bearing(row, end: int) -> float:
    """Direction in which an edge leaves its node."""
    here, then = (row.geometry.coords[i] for i in ((0, 1) if end == 0 else (-1, -2)))
    return math.atan2(then[1] - here[1], then[0] - here[0])


def crossed(ends, wide: set, *, several: bool, spokes: int) -> str:
    """How a node is crossed; empty where it is not."""
    marks = {row.crossing_u if end == 0 else row.crossing_v for row, end in ends} - {""}
    if "signals" in marks:
        return "signals"
    street = any(row.kind in STREETS and row.edge_id not in wide for row, _ in ends)
    if marks or several or street or spokes > 2 or any(row.crossing for row, _ in ends):
        return "other"
    return ""


class CrossingOracle(Oracle):
    """The oracle for a walker who keeps to crossings."""

    def __init__(self, edges, barriers, gates, *, wide_lanes, signal_s, unsignalled_s, **rules):
        split, joints = apart(edges, wide_lanes)
        self.joints = [
            (a, b, 0.0 if mapped and rules["crossing_s"] else signal_s if mark == "signals"
             else unsignalled_s) for a, b, mark, mapped in joints
        ]  # fmt: skip
        super().__init__(split, barriers, gates, **rules)
        for a, b, wait in self.joints:
            for start, end in ((a, b), (b, a)):
                self._arc(self.public, start, end, wait + 2 * SIDE / self.speed)

    def _tiny(self, everything):
        for a, b, _ in self.joints:
            everything.add_edge(a, b)
        return super()._tiny(everything)
