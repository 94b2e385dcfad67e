"""What a grid must not do to what stands on its ground: cut a building, or lie across a barrier."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo.arrays import FloatArray, GeometryArray, IntArray
from geo.geometry.polygon_coverage import wide_parts
from geo.grids.checks.faults import GridFault, Rule
from geo.messages import Message
from geo.model.vocabulary import BarrierKind

CUT_M: Final = 0.1
"""A piece of a building narrower than this is how exactly buildings are drawn, metres."""

BARRIER_REACH_M: Final = 0.05
"""A barrier that ends this close to a border reaches it, metres."""

_AREA: Final = 2
"""Dimension of a polygon."""

_FEW: Final = 3
"""Barriers that a fault names; of more it says how many."""

_WORDS: Final[Mapping[str, str]] = MappingProxyType({
    BarrierKind.WALL: "grid_faults.wall",
    BarrierKind.RIVER: "grid_faults.river",
    BarrierKind.RAILWAY: "grid_faults.railway",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Separation:
    """How barriers separate the buildings of one grid.

    Attributes
    ----------
    grid : int
        Row of the grid.
    barriers : ndarray of int
        Rows of the barriers that separate them.
    line : BaseGeometry
        What of the barriers lies inside the grid.
    sides : tuple of ndarray of int
        Rows of the buildings of each side, the most first.
    """

    grid: int
    barriers: IntArray
    line: BaseGeometry
    sides: tuple[IntArray, ...]


def building_faults(
    ground: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, tolerance_m: float = CUT_M
) -> list[GridFault]:
    """Return the buildings whose footprint lies in two grids or more.

    Parameters
    ----------
    ground : GeoDataFrame
        Grids that have no children, valid; metric CRS.
    buildings : GeoDataFrame
        Layer ``buildings`` in the same CRS. Points and invalid footprints cannot be cut.
    tolerance_m : float
        Pieces narrower than this on average do not count.

    Returns
    -------
    list of GridFault
        One per building; its size is what lies outside the grid that holds most of it, m2.
    """
    shapes, names = np.asarray(ground.geometry, object), ground["code"].to_numpy(object)
    footprints = np.asarray(buildings.geometry, dtype=object)
    can_be_cut = np.flatnonzero(
        (shapely.get_dimensions(footprints) == _AREA) & shapely.is_valid(footprints)
    )
    # Grids are prepared so, which are few and large.
    grid, building = shapely.STRtree(footprints[can_be_cut]).query(shapes, predicate="intersects")
    several = np.bincount(building, minlength=len(can_be_cut))[building] > 1
    building, grid = can_be_cut[building[several]], grid[several]
    piece = shapely.intersection(footprints[building], shapes[grid])
    counted = np.array([bool(wide_parts(part, tolerance_m)) for part in piece], dtype=bool)
    faults = []
    rows, pieces = np.unique(building[counted], return_counts=True)
    for row in rows[pieces > 1]:
        own_pieces = np.flatnonzero(counted & (building == row))
        own_pieces = own_pieces[_distinct(piece[own_pieces], tolerance_m)]
        if len(own_pieces) > 1:
            name = str(buildings["building_id"].iloc[row])
            faults.append(_cut(name, piece[own_pieces], names[grid[own_pieces]]))
    return faults


def _distinct(pieces: npt.NDArray[np.object_], tolerance_m: float) -> npt.NDArray[np.bool_]:
    """Return which pieces lie on ground of their own: where grids overlap, that is the fault."""
    distinct, covered = np.zeros(len(pieces), dtype=np.bool_), shapely.Polygon()
    for row in np.argsort(-shapely.area(pieces), kind="stable"):
        own = shapely.difference(pieces[row], covered)
        if wide_parts(own, tolerance_m):
            distinct[row], covered = True, shapely.union(covered, pieces[row])
    return distinct


def _cut(name: str, pieces: npt.NDArray[np.object_], codes: npt.NDArray[np.object_]) -> GridFault:
    """Return the fault of one building that grids cut."""
    area = shapely.area(pieces)
    order = np.lexsort((codes, -area))
    most, rest = order[0], order[1:]
    share = float(area[most] / area.sum())
    return GridFault(
        Rule.BUILDING,
        tuple(sorted(str(code) for code in codes)),
        shapely.point_on_surface(pieces[rest[0]]),
        float(area[rest].sum()),
        Message(
            "grid_faults.building_cut",
            {"building": name, "n": len(codes), "most": str(codes[most]), "share": share},
        ),
        Message("grid_repairs.move_border", {"code": str(codes[most]), "building": name}),
        subject=name,
    )


def barrier_faults(
    ground: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> list[GridFault]:
    """Return the grids whose buildings a barrier separates (:func:`separations`).

    Returns
    -------
    list of GridFault
        One per grid; its size is the length of the separating barriers inside it, metres.
    """
    codes = ground["code"].to_numpy(object)
    return [
        barrier_fault(each, str(codes[each.grid]), barriers)
        for each in separations(ground, barriers, buildings)
    ]


def separations(
    ground: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    reach_m: float = BARRIER_REACH_M,
) -> list[Separation]:
    """Return how barriers separate the buildings of grids, by grid.

    A wall along the border of a grid, one that ends inside it, or one with buildings on one side
    only separates nobody.

    Parameters
    ----------
    ground : GeoDataFrame
        Grids that have no children, valid; metric CRS.
    barriers, buildings : GeoDataFrame
        Layers in the same CRS. A building stands for a point inside its geometry.
    reach_m : float
        A barrier that ends this close to a border or to another barrier reaches it.
    """
    shapes, lines = (np.asarray(each.geometry, dtype=object) for each in (ground, barriers))
    walled, wall = shapely.STRtree(lines).query(shapes, predicate="intersects")
    building_rows = np.unique(buildings.sindex.query(shapes[np.unique(walled)])[1])
    points = shapely.point_on_surface(np.asarray(buildings.geometry, dtype=object)[building_rows])
    point_tree = shapely.STRtree(points)
    faults = []
    for row in np.unique(walled):
        barrier_rows = wall[walled == row]
        inside = np.sort(point_tree.query(shapes[row], predicate="contains"))
        separated = _separate(shapes[row], lines[barrier_rows], points[inside], reach_m)
        if separated is not None:
            line, which, sides = separated
            rows = tuple(building_rows[inside[side]] for side in sides)
            faults.append(Separation(int(row), barrier_rows[which], line, rows))
    return faults


def _separate(
    grid: BaseGeometry, lines: GeometryArray, points: GeometryArray, reach_m: float
) -> tuple[BaseGeometry, IntArray, list[IntArray]] | None:
    """Return the line that separates the points in a grid, its barriers, and the sides.

    None if they are not separated.
    """
    if len(points) < 2:  # noqa: PLR2004 - nobody on the other side
        return None
    blocked = shapely.union_all(shapely.buffer(lines, reach_m, cap_style="square"))
    pieces = shapely.get_parts(shapely.difference(grid, blocked))
    if len(pieces) < 2:  # noqa: PLR2004 - nobody on the other side
        return None
    # A building that stands on the barrier itself belongs to the nearest piece.
    _, of = shapely.STRtree(pieces).query_nearest(points, all_matches=False)
    inhabited, count = np.unique(of, return_counts=True)
    if len(inhabited) < 2:  # noqa: PLR2004 - nobody on the other side
        return None
    inside = shapely.intersection(shapely.union_all(lines), shapely.buffer(grid, -reach_m))
    between = shapely.union_all([
        part
        for part in shapely.get_parts(inside)
        if shapely.dwithin(pieces[inhabited], part, 2 * reach_m).any()
    ])  # fmt: skip
    along = _lengths_within(lines, shapely.buffer(between, reach_m))
    which = np.flatnonzero(along > 4 * reach_m)  # more than touches it
    largest_first = inhabited[np.argsort(-count, kind="stable")]
    return between, which, [np.flatnonzero(of == piece) for piece in largest_first]


def _lengths_within(lines: GeometryArray, ground: BaseGeometry) -> FloatArray:
    """Return the length of each barrier in some ground, metres.

    Piece by piece: hundreds of barriers in a large grid make a ground of as many pieces.
    """
    pieces = shapely.get_parts(ground)
    line, piece = shapely.STRtree(pieces).query(lines, predicate="intersects")
    lengths = shapely.length(shapely.intersection(lines[line], pieces[piece]))
    return np.asarray(np.bincount(line, weights=lengths, minlength=len(lines)), np.float64)


def barrier_fault(parting: Separation, code: str, barriers: gpd.GeoDataFrame) -> GridFault:
    """Return the fault of a grid that lies across barriers."""
    return GridFault(
        Rule.BARRIER,
        (code,),
        _middle(parting.line),
        float(parting.line.length),
        _parted(parting, code, barriers),
        Message("grid_repairs.split_along_barrier", {"code": code}),
    )


def _parted(parting: Separation, code: str, barriers: gpd.GeoDataFrame) -> Message:
    """Return which barriers separate the buildings of a grid, and how many are on each side."""
    rows = barriers.iloc[parting.barriers]
    names = [
        Message(_WORDS[kind], {"name": name or barrier_id})
        for kind, name, barrier_id in zip(
            rows["kind"], rows["name"], rows["barrier_id"], strict=True
        )
    ]
    about = {"code": code, "sides": [len(side) for side in parting.sides]}
    if len(names) == 1:
        return Message("grid_faults.barrier", {"barrier": names[0], **about})
    several = {"n": len(names), "barriers": names[:_FEW], **about}
    if len(names) <= _FEW:
        return Message("grid_faults.barriers", several)
    return Message("grid_faults.barriers_and_more", several)


def _middle(line: BaseGeometry) -> Point:
    """Return the middle of the longest part of barriers; a place inside where it is an area."""
    parts = shapely.get_parts(line)
    longest = parts[int(np.argmax(shapely.length(parts)))]
    if shapely.get_dimensions(longest) == _AREA:
        return Point(shapely.point_on_surface(longest))
    return Point(shapely.line_interpolate_point(longest, 0.5, normalized=True))
