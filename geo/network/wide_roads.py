"""Wide roads: streets whose two sides meet only where they can be crossed.

A street of the network is a line, and whoever walks along it may cross it anywhere. For a walker
who keeps to crossings, a wide road becomes two lines, one for each side. They meet at mapped
crossings, where a walkway leads across, at junctions with streets, and at the ends of the road.
Whatever else arrives at a node of the road arrives on its own side.

Around a node the wide roads there part the ground into sectors, as spokes part a wheel. Each
sector is a node of its own, and a street that is not wide belongs to the sector that it lies in.
Crossing from a sector to the next one takes the wait of the crossing.
"""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.model.layers import conform_layer
from geo.model.standard import Profile

ROADS: Final = frozenset(
    {
        "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link", "tertiary",
        "tertiary_link", "unclassified", "residential", "living_street", "road",
    }
)  # fmt: skip
"""Kinds of streets for vehicles; a junction with one is a place to cross."""

WIDE_KINDS: Final = frozenset({"trunk", "primary"})
"""Streets that are wide where their lanes are unknown."""

SIGNALS: Final = "signals"
"""Mark of a node that walkers cross a street at with signals; any other mark is without."""

ACROSS: Final = "across"
"""Kind of the edges that lead from one side to the other; no place is linked to them."""

SIDE_M: Final = 0.05
"""How far the lines of the two sides lie from the middle, metres: enough for a place to be nearer
to its own side, and far less than walking times show."""

_MEDIAN_M: Final = 60.0
"""Most metres between the two carriageways of one road."""

_PARALLEL: Final = 0.9
"""Least cosine between them."""


def wide(edges: gpd.GeoDataFrame, profile: Profile) -> BoolArray:
    """Return which edges are wide for a walker, shape (m,).

    Streets of at least ``profile.wide_lanes`` lanes, trunk and primary roads of unknown lanes, and
    the carriageways of a dual one: two one-way streets of one name, side by side. Bridges and
    tunnels are as the street that they carry; nothing private or gated is wide.
    """
    open_to_all = ~edges[["private", "gated"]].to_numpy(np.bool_).any(axis=1)
    road = edges["kind"].isin(ROADS).to_numpy(np.bool_) & open_to_all
    lanes = edges["lanes"].to_numpy(np.int64)
    many = (lanes >= profile.wide_lanes) & (profile.wide_lanes > 0)
    unknown = (lanes == 0) & edges["kind"].isin(WIDE_KINDS).to_numpy(np.bool_)
    return np.asarray(road & (many | unknown | _dual(edges)), np.bool_)


def _dual(edges: gpd.GeoDataFrame) -> BoolArray:
    """Return which edges are a carriageway of a dual road."""
    named = edges["one_way"] & (edges["name"] != "")
    rows = np.flatnonzero(named.to_numpy(np.bool_))
    result = np.zeros(len(edges), np.bool_)
    if not len(rows):
        return result
    lines = np.asarray(edges.geometry.array, object)[rows]
    name = pd.factorize(edges["name"].iloc[rows])[0]
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    a, b = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=_MEDIAN_M)
    ends = shapely.get_coordinates(shapely.get_point(lines, [[0], [-1]])).reshape(2, -1, 2)
    along = ends[1] - ends[0]
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    beside = (a != b) & (name[a] == name[b]) & (shapely.distance(middle[a], lines[b]) > 1.0)
    beside &= np.abs((along[a] * along[b]).sum(axis=1)) >= _PARALLEL
    result[rows[np.unique(a[beside])]] = True
    return result


def sides_apart(edges: gpd.GeoDataFrame, profile: Profile) -> gpd.GeoDataFrame:
    """Return the network of a walker who crosses wide roads at crossings only.

    Parameters
    ----------
    edges : GeoDataFrame
        Layer ``walk_edges``, metric CRS.
    profile : Profile
        With `wide_lanes` and the waits.

    Returns
    -------
    GeoDataFrame
        By ``edge_id``, with a column ``wait_s``. The left side of a wide edge keeps its id, the
        right one has a new one, as crossings have; their lengths stay.

    Notes
    -----
    O(m log m).
    """
    edges = edges.sort_values("edge_id").reset_index(drop=True)
    on = wide(edges, profile)
    if not on.any():
        return edges.assign(wait_s=0.0)
    ends = _Ends(edges, on)
    left, right = edges.copy(), edges[on].copy()
    rows = np.flatnonzero(on)
    for frame, sign, of in ((left, 1.0, slice(None)), (right, -1.0, rows)):
        frame["u"] = ends.node(0, left=sign > 0)[of]
        frame["v"] = ends.node(1, left=sign > 0)[of]
    shapes = np.array(edges.geometry.array, object)  # a copy: the layer stays as it is
    sides = [_aside(shapes[rows], sign * SIDE_M) for sign in (1.0, -1.0)]
    shapes[rows] = sides[0]
    left = left.set_geometry(gpd.GeoSeries(shapes, index=left.index, crs=edges.crs))
    right = right.set_geometry(gpd.GeoSeries(sides[1], index=right.index, crs=edges.crs))
    first = int(edges["edge_id"].max()) + 1
    right["edge_id"] = first + np.arange(len(right))
    crossings = ends.crossings(profile, first + len(right))
    parts = [left.assign(wait_s=0.0), right.assign(wait_s=0.0), crossings]
    joined = pd.concat([part for part in parts if len(part)], ignore_index=True)
    joined = joined.astype(edges.dtypes.drop("geometry").to_dict())
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=edges.crs)


class _Ends:
    """The ends of edges at nodes that a wide road touches, in turn around each node.

    An end is 2 x row + 1 at v. Sector j of a node lies between its wide ends j and j + 1,
    counter-clockwise.
    """

    def __init__(self, edges: gpd.GeoDataFrame, on: BoolArray) -> None:
        self.edges = edges
        self.at = edges[["u", "v"]].to_numpy(np.int64).ravel()
        self.wide = np.repeat(on, 2)
        touched = np.unique(self.at[self.wide])
        ends = np.flatnonzero(np.isin(self.at, touched))
        bearing = _bearings(np.asarray(edges.geometry.array, object), ends)
        order = np.lexsort((ends, bearing, self.at[ends]))
        self.ends = ends[order]
        node, start = np.unique(self.at[self.ends], return_index=True)
        size = np.diff(np.append(start, len(self.ends)))
        of = np.repeat(np.arange(len(node)), size)
        passed = np.cumsum(self.wide[self.ends])
        before = np.append(0, passed)[start][of]
        self.spokes = np.bincount(of, weights=self.wide[self.ends], minlength=len(node)).astype(
            np.int64
        )
        # Wide ends counted so far around the node, less one: a wide end opens its own sector.
        after = (passed - before - 1) % self.spokes[of]
        clockwise = np.where(self.wide[self.ends], (after - 1) % self.spokes[of], after)
        self.first = np.cumsum(self.spokes) - self.spokes
        self.fresh = int(self.at.max()) + 1
        self.of = of
        self.sector = np.full((2, len(self.at)), -1, np.int64)
        for row, sector in enumerate((after, clockwise)):
            self.sector[row, self.ends] = self.first[of] + sector
        self.node_id, self.place = node, self._places(start)

    def _places(self, start: IntArray) -> FloatArray:
        shapes = np.asarray(self.edges.geometry.array, object)[self.ends[start] // 2]
        points = shapely.get_point(shapes, np.where(self.ends[start] % 2, -1, 0))
        return np.asarray(shapely.get_coordinates(points), np.float64)

    def node(self, end: int, *, left: bool) -> IntArray:
        """Return the node of every edge at u (0) or v (1), on one side of it."""
        # Left of u to v is counter-clockwise of the end at u, and clockwise of the end at v.
        row = int(left == bool(end))
        mine, sector = np.arange(end, len(self.at), 2), self.sector[row]
        apart = np.where(sector[mine] >= 0, self.fresh + sector[mine], self.at[mine])
        return np.asarray(apart, np.int64)

    def crossings(self, profile: Profile, first_id: int) -> gpd.GeoDataFrame:
        """Return an edge between neighbouring sectors of every node where people cross."""
        mark, mapped = self._marks()
        allowed = (mark != "") & (self.spokes > 1)
        # Between two sectors there are two roads, and one edge is enough.
        node = np.repeat(np.arange(len(self.spokes)), np.where(self.spokes == 2, 1, self.spokes))  # noqa: PLR2004
        begin = np.searchsorted(node, np.arange(len(self.spokes)))
        turn = np.arange(len(node)) - begin[node]
        node, turn = node[allowed[node]], turn[allowed[node]]
        a = self.first[node] + turn
        b = self.first[node] + (turn + 1) % self.spokes[node]
        seconds = np.where(mark == SIGNALS, profile.signal_s, profile.unsignalled_s)
        if profile.crossing_s:  # which the mapped crossing costs already
            seconds = np.where(mapped, 0.0, seconds)
        x, y = self.place[node].T
        shape = np.stack([np.column_stack([x - SIDE_M, y]), np.column_stack([x + SIDE_M, y])], 1)
        across = gpd.GeoDataFrame(
            {
                "edge_id": first_id + np.arange(len(node)), "u": self.fresh + a,
                "v": self.fresh + b, "length_m": 2 * SIDE_M, "kind": ACROSS, "forward": True,
                "backward": True, "private": False, "bridge": False, "tunnel": False, "name": "",
                "osm_id": 0,
            },
            geometry=shapely.linestrings(shape), crs=self.edges.crs,
        )  # fmt: skip
        return conform_layer("walk_edges", across).assign(wait_s=seconds[node])

    def _marks(self) -> tuple[ObjectArray, BoolArray]:
        """Return how each node is crossed, empty where it is not, and if a mapped crossing does."""
        edges, row = self.edges, self.ends // 2
        told = edges[["crossing_u", "crossing_v"]].to_numpy(dtype=object).ravel()[self.ends]
        n = len(self.spokes)
        marks: ObjectArray = np.full(n, "", object)
        walkway = ~edges["kind"].isin(ROADS | {"service"}).to_numpy(np.bool_)[row]
        street = edges["kind"].isin(ROADS).to_numpy(np.bool_)[row] & ~self.wide[self.ends]
        mapped = np.zeros(n, np.bool_)
        mapped[self.of[edges["crossing"].to_numpy(np.bool_)[row]]] = True
        sectors = pd.DataFrame(
            {"node": self.of[walkway], "sector": self.sector[0][self.ends[walkway]]}
        )
        several = sectors.groupby("node")["sector"].nunique()
        marks[several.index[several > 1].to_numpy(np.int64)] = "walkway"
        marks[mapped] = "walkway"
        marks[self.of[street]] = "junction"
        marks[self.spokes > 2] = "junction"  # noqa: PLR2004 - a road goes on by two
        for name in np.unique(told.astype(str)):
            if name not in {"", SIGNALS}:
                marks[self.of[told == name]] = name
        marks[self.of[told == SIGNALS]] = SIGNALS
        return marks, mapped


def _bearings(shapes: npt.NDArray[np.object_], ends: IntArray) -> FloatArray:
    """Return the direction in which each end leaves its node, radians, counter-clockwise."""
    at_v = ends % 2 == 1
    lines = shapes[ends // 2]
    here = shapely.get_coordinates(shapely.get_point(lines, np.where(at_v, -1, 0)))
    next_ = shapely.get_coordinates(shapely.get_point(lines, np.where(at_v, -2, 1)))
    away = next_ - here
    return np.asarray(np.arctan2(away[:, 1], away[:, 0]), np.float64)


def _aside(lines: npt.NDArray[np.object_], metres: float) -> npt.NDArray[np.object_]:
    """Return lines with every vertex moved to the left by so much, or to the right if negative."""
    xy, part = shapely.get_coordinates(lines, return_index=True)
    step = np.diff(xy, axis=0)
    same = part[1:] == part[:-1]
    unit = np.where(same[:, None], step, 0.0)
    unit /= np.maximum(np.hypot(*unit.T), 1e-9)[:, None]
    along = np.zeros_like(xy)
    along[:-1] += unit
    along[1:] += unit
    along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    moved = xy + metres * np.column_stack([-along[:, 1], along[:, 0]])
    return np.asarray(shapely.linestrings(moved, indices=part), object)
