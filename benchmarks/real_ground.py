"""Grids and beats on real ground, judged by what counting allows there.

The rows are those of the gate: shares of what is allowed with the raw share and its ceiling beside
them, empty grids, holes, faults of the plan's own check, compactness, and seconds of CPU.

Run: ``python -m benchmarks.real_ground``; names of places as arguments choose some of them.
"""

import sys
import time
from collections import Counter
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse
import shapely
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry

from benchmarks.measuring import Table, extract
from benchmarks.places import STANDARD
from boundaries.demo import bincheng
from boundaries.demo.packages import helsinki_path
from boundaries.readers.osm import read_osm
from boundaries.readers.osm.layers.open_grounds import COMPOUND_LEAST_M2
from geo.errors import NotFoundError
from geo.geometry.point_in_polygon import PointLocator
from geo.geometry.polygonize import connected_labels
from geo.grids.assign import demand_xy
from geo.grids.checks.building_and_barrier_check import separations
from geo.grids.checks.plan_check import check_grids
from geo.grids.codes import scheme_of
from geo.model.layers import Layers
from geo.partition.atoms.band import BEAT_BAND, SMALL_BAND
from geo.partition.atoms.compounds import is_compound
from geo.partition.outputs.report import polsby_popper
from geo.partition.pipeline import PartitionResult, partition

CODE = "371602"
NETWORK_REACH_M = 600.0
STRAIGHT_REACH_M = 300.0
OVERLAP_M2 = 0.1
PROVEN = (
    "too_few_households", "no_number_fits", "buildings_do_not_add_up", "nothing_around_fits",
)  # fmt: skip
"""Reasons that prove that no drawing inside barriers puts a grid in its band: by counting, or by
trying all drawings of it and of all that touch it."""

SEEDS = range(1, 9)
FOLDERS = {"Malta": "osm-malta-2016", "Tsinghua": "osm-beijing-tsinghua-2017"}
PLACES = (*FOLDERS, "Helsinki centre", "synthetic")


def place(name: str, seed: int = 1) -> tuple[Layers, BaseGeometry] | None:
    """Return the metric layers of a place and its outline; None where its data is absent."""
    if name == "synthetic":
        district, layers = bincheng(households=100_000, street=None, seed=seed)
    else:
        try:
            path = extract(FOLDERS[name]) if name in FOLDERS else helsinki_path()
        except NotFoundError:
            path = None
        if path is None:
            return None
        district, layers, _ = read_osm(path, code=CODE, standard=STANDARD)
    outline = gpd.GeoSeries([district.boundary], crs=4326).to_crs(district.epsg).iloc[0]
    return layers.to_metric(district.epsg), outline


@dataclass
class Homes:
    """Buildings with households inside the district, and the small grid of each."""

    rows: np.ndarray
    xy: np.ndarray
    households: np.ndarray
    grid: np.ndarray
    block: np.ndarray
    codes: np.ndarray
    shapes: np.ndarray

    @classmethod
    def of(cls, layers: Layers, result: PartitionResult) -> "Homes":
        """Locate every home."""
        small = result.grids[result.grids["level"] == "small"]
        shapes = small.geometry.to_numpy()
        xy = demand_xy(layers.buildings)
        grid, _ = PointLocator.build(shapes, points=len(xy)).locate(*xy.T)
        households = layers.buildings["households"].to_numpy()
        rows = np.flatnonzero((households > 0) & (grid >= 0))
        return cls(
            rows, xy[rows], households[rows], grid[rows], overlapping(layers)[rows],
            small["code"].to_numpy(), shapes,
        )  # fmt: skip

    def loads(self) -> np.ndarray:
        """Return the households of each grid."""
        return np.bincount(self.grid, weights=self.households, minlength=len(self.codes))

    def are_one(self, grid: int) -> bool:
        """Tell whether the homes of a grid overlap, so that no border can separate them."""
        return len(np.unique(self.block[self.grid == grid])) == 1


def overlapping(layers: Layers) -> np.ndarray:
    """Return a label for each building, the same for those that overlap."""
    shapes = shapely.make_valid(layers.buildings.geometry.to_numpy())
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[one], shapes[two])) > OVERLAP_M2
    return connected_labels(len(shapes), np.column_stack([one[shared], two[shared]]))


class Reach:
    """Who can be walked to: along streets that cross no barrier, or straight and free."""

    def __init__(self, layers: Layers, homes: Homes) -> None:
        edges = layers.walk_edges
        shapes = edges.geometry.to_numpy()
        barriers = layers.barriers.geometry.to_numpy()
        self.barriers = shapely.STRtree(barriers)
        free = np.ones(len(edges), dtype=bool)
        free[self.barriers.query(shapes, predicate="crosses")[0]] = False
        self.shapes = shapes[free]
        names, ends = np.unique(edges[["u", "v"]].to_numpy()[free], return_inverse=True)
        self.ends, self.length = ends.reshape(-1, 2), edges["length_m"].to_numpy()[free]
        n = len(names)
        graph = scipy.sparse.coo_array((self.length, tuple(self.ends.T)), shape=(n, n))
        self.graph = graph.tocsr()
        self.homes = homes
        points = shapely.points(homes.xy)
        tree = shapely.STRtree(self.shapes)
        home, edge = tree.query_nearest(points, max_distance=200.0, all_matches=False)
        legs = shapely.shortest_line(points[home], self.shapes[edge])
        clear = np.ones(len(legs), dtype=bool)
        clear[self.barriers.query(legs, predicate="intersects")[0]] = False
        home, edge = home[clear], edge[clear]
        self.edge = np.full(len(points), -1)
        self.edge[home] = edge
        self.leg = np.zeros(len(points))
        self.leg[home] = shapely.distance(points[home], self.shapes[edge])
        along = np.zeros(len(points))
        along[home] = shapely.line_locate_point(self.shapes[edge], points[home], normalized=True)
        self.to_end = np.column_stack([along, 1 - along]) * self.length[self.edge][:, None]

    def others(self, grid: int) -> bool:
        """Tell whether somebody outside a grid is within reach of its homes."""
        homes = self.homes
        own = np.flatnonzero(homes.grid == grid)
        tree = shapely.STRtree(shapely.points(homes.xy))
        one, other = tree.query(shapely.points(homes.xy[own]), "dwithin", STRAIGHT_REACH_M)
        outside = homes.grid[other] != grid
        lines = shapely.linestrings(
            np.stack([homes.xy[own[one[outside]]], homes.xy[other[outside]]], axis=1)
        )
        crossed = np.zeros(len(lines), dtype=bool)
        crossed[self.barriers.query(lines, predicate="intersects")[0]] = True
        if (~crossed).any():
            return True
        linked = own[self.edge[own] >= 0]
        if not len(linked):
            return False
        starts = np.unique(self.ends[self.edge[linked]])
        far = dijkstra(self.graph, directed=False, indices=starts, limit=NETWORK_REACH_M)
        best = np.inf
        for home in linked:
            for side in range(2):
                row = far[np.searchsorted(starts, self.ends[self.edge[home], side])]
                to = row[self.ends[self.edge]] + self.to_end
                total = to.min(axis=1) + self.leg + self.leg[home] + self.to_end[home, side]
                total[(self.edge < 0) | (homes.grid == grid)] = np.inf
                best = min(best, float(total.min()))
        return best <= NETWORK_REACH_M


@dataclass
class Judged:
    """What one place came to."""

    small: int
    small_in: int
    excused: Counter
    beats: int
    beats_in: int
    beats_excused: int
    left: list[tuple[str, int, str]]


def judge(layers: Layers, result: PartitionResult) -> Judged:
    """Count what is in its band, and excuse what cannot be."""
    homes = Homes.of(layers, result)
    loads = homes.loads()
    lived = np.flatnonzero(loads > 0)
    reach: Reach | None = None
    reasons = result.report.faults.set_index("code")["reason"].to_dict()
    excused: Counter = Counter()
    left = []
    for grid in lived[(loads[lived] < SMALL_BAND.low) | (loads[lived] > SMALL_BAND.high)]:
        why = ""
        if loads[grid] > SMALL_BAND.high and homes.are_one(grid):
            why = "single building"
        elif reasons.get(homes.codes[grid]) in PROVEN:
            why = "proven"
        elif loads[grid] < SMALL_BAND.low:
            reach = reach or Reach(layers, homes)
            why = "" if reach.others(int(grid)) else "out of reach"
        if why:
            excused[why] += 1
        else:
            left.append((homes.codes[grid], int(loads[grid]), str(reasons.get(homes.codes[grid]))))
    roster = result.roster
    out = roster[~roster["in_band"]]
    biggest = pd.Series(homes.households).groupby(homes.codes[homes.grid]).max()
    tops = result.workers.assign(top=result.workers["grid_code"].map(biggest).fillna(0))
    top = tops.groupby("worker_code")["top"].max()
    beats_excused = int(
        sum(
            top.get(code, 0) > BEAT_BAND.high or reasons.get(code) in PROVEN
            for code in out["worker_code"]
        )
    )
    inside = int(((loads[lived] >= SMALL_BAND.low) & (loads[lived] <= SMALL_BAND.high)).sum())
    return Judged(
        len(lived), inside, excused, len(roster), int(roster["in_band"].sum()), beats_excused, left
    )


def parted_homes(layers: Layers, result: PartitionResult) -> int:
    """Return the small grids whose homes a barrier separates."""
    small = result.grids[result.grids["level"] == "small"]
    lived = layers.buildings[layers.buildings["households"] > 0].reset_index(drop=True)
    return len(separations(small, layers.barriers, lived))


def compounds(layers: Layers) -> np.ndarray:
    """Return the outlines of compounds: those that are known, and what walls close in."""
    grounds, walls = layers.open_grounds, layers.barriers
    lines = shapely.union_all(walls.geometry[walls["kind"] == "wall"].to_numpy())
    closed = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    known = grounds.geometry[is_compound(grounds)].to_numpy()
    return np.concatenate([known, closed[shapely.area(closed) >= COMPOUND_LEAST_M2]])


def cut_compounds(layers: Layers, result: PartitionResult) -> tuple[int, int]:
    """Return the compounds that are cut though counting allows them whole, and all it allows.

    A compound of a band's households is one grid; a larger one shares no grid with outsiders.
    Buildings over the band are left out.
    """
    homes = Homes.of(layers, result)
    few = homes.households <= SMALL_BAND.high
    points = shapely.points(homes.xy)
    cut = allowed = 0
    for shape in compounds(layers):
        inside = few & shapely.intersects(shape, points)
        total = int(homes.households[inside].sum())
        if not SMALL_BAND.allows(total):
            continue
        allowed += 1
        grids = np.unique(homes.grid[inside])
        mixed = (np.isin(homes.grid, grids) & ~inside).any()
        cut += bool(mixed or (total <= SMALL_BAND.high and len(grids) > 1))
    return cut, allowed


def unfilled_holes(result: PartitionResult) -> int:
    """Return the holes of small grids that no whole grids fill."""
    small = result.grids.loc[result.grids["level"] == "small"].geometry.to_numpy()
    rings = shapely.get_parts(shapely.polygons(shapely.get_rings(small)))
    exterior = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(small)))
    known = set(shapely.to_wkb(shapely.normalize(exterior)))
    holes = [r for r in rings if shapely.to_wkb(shapely.normalize(r)) not in known]
    tree = shapely.STRtree(small)
    return sum(
        abs(shapely.area(small[tree.query(hole, predicate="covers")]).sum() - hole.area) > 1.0
        for hole in holes
    )


def row_of(name: str, layers: Layers, outline: BaseGeometry) -> tuple[list[str], Judged]:
    """Draw a place and return its row."""
    began = time.process_time()
    result = partition(outline, layers, code=CODE)
    seconds = time.process_time() - began
    report, told = result.report, judge(layers, result)
    faults = check_grids(
        result.grids, district=outline, buildings=layers.buildings, barriers=layers.barriers,
        scheme=scheme_of(CODE),
    )  # fmt: skip
    allowed = told.small - sum(told.excused.values())
    beats_allowed = told.beats - told.beats_excused
    small = result.grids[result.grids["level"] == "small"]
    lived = small[
        small["code"].isin(
            set(Homes.of(layers, result).codes[np.unique(Homes.of(layers, result).grid)])
        )
    ]
    shape = np.percentile(polsby_popper(lived.geometry.to_numpy()), [10, 50])
    ceiling = allowed / told.small
    row = [
        name, f"{report.households:,}",
        f"{100 * told.small_in / allowed:.1f} %",
        f"{100 * told.small_in / told.small:.1f} % of {100 * ceiling:.1f} %",
        ", ".join(f"{n} {why}" for why, n in told.excused.items()),
        f"{100 * told.beats_in / beats_allowed:.1f} %",
        f"{100 * told.beats_in / told.beats:.1f} %",
        f"{100 * report.workers / report.households:.3f}",
        f"{100 * report.empty / len(small):.1f} %",
        f"{unfilled_holes(result)}; {len(faults)}; {parted_homes(layers, result)}",
        f"{shape[0]:.2f}, {shape[1]:.2f}",
        f"{seconds * 100_000 / report.households:.1f}",
        "{} of {}".format(*cut_compounds(layers, result)),
    ]  # fmt: skip
    return row, told


def table(names: tuple[str, ...] = PLACES) -> Table:
    """Return the table of real ground."""
    out = Table(
        "Grids and beats on real ground",
        "`geo.partition.partition`, seed 1, compiled before, one thread. Of allowed: leaves out "
        "single buildings over the band, clusters with no other home within 600 m on the network "
        "or 300 m straight and free, and what an exact redraw proves.",
        ["place", "households", "small grids in band, of allowed", "raw, of its ceiling",
         "left out", "beats in band, of allowed", "raw", "workers per 100", "empty grids",
         "holes; faults; parted", "Polsby-Popper p10, p50", "CPU s per 100,000",
         "compounds cut"],
    )  # fmt: skip
    warm = place("synthetic")
    if warm is not None and "Helsinki centre" in names:
        small = place("Helsinki centre")
        if small is not None:
            partition(small[1], small[0], code=CODE)
    for name in names:
        for seed in SEEDS if name == "synthetic" else (1,):
            ground = place(name, seed)
            if ground is None:
                out.notes.append(f"{name}: its data is absent.")
                continue
            label = f"{name}, seed {seed}" if name == "synthetic" else name
            row, told = row_of(label, *ground)
            out.rows.append(row)
            if told.left:
                out.notes.append(f"{label}, not explained: {told.left[:12]}")
    return out


def tables() -> list[Table]:
    """Return the tables."""
    return [table()]


if __name__ == "__main__":
    print(table(tuple(sys.argv[1:]) or PLACES).markdown())
