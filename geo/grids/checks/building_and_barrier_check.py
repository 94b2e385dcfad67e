"""What a grid must not do to what stands on its ground: cut a building, or lie across a barrier."""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.geometry.polygon_coverage import wide_parts
from geo.grids.checks.faults import Fault, Rule

CUT_M: Final = 0.1
"""A piece of a building narrower than this is how exactly buildings are drawn, metres."""

REACH_M: Final = 0.05
"""A barrier that ends this close to a border reaches it, metres."""

_AREA: Final = 2
"""Dimension of a polygon."""

_FEW: Final = 3
"""Barriers that a fault names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Parting:
    """How barriers part the buildings of one grid.

    Attributes
    ----------
    grid : int
        Row of the grid.
    barriers : ndarray of int
        Rows of the barriers that part them.
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
) -> list[Fault]:
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
    list of Fault
        One per building; its size is what lies outside the grid that holds most of it, m2.
    """
    shapes, names = np.asarray(ground.geometry, object), ground["code"].to_numpy(object)
    prints = np.asarray(buildings.geometry, dtype=object)
    able = np.flatnonzero((shapely.get_dimensions(prints) == _AREA) & shapely.is_valid(prints))
    tree = shapely.STRtree(shapes)
    building, grid = tree.query(prints[able], predicate="intersects")
    several = np.bincount(building, minlength=len(able))[building] > 1
    building, grid = able[building[several]], grid[several]
    piece = shapely.intersection(prints[building], shapes[grid])
    counted = np.array([bool(wide_parts(part, tolerance_m)) for part in piece], dtype=bool)
    faults = []
    for row in np.unique(building[counted]):
        own = counted & (building == row)
        if own.sum() > 1:
            name = str(buildings["building_id"].iloc[row])
            faults.append(_cut(name, piece[own], names[grid[own]]))
    return faults


def _cut(name: str, pieces: npt.NDArray[np.object_], codes: npt.NDArray[np.object_]) -> Fault:
    """Return the fault of one building that grids cut."""
    area = shapely.area(pieces)
    order = np.lexsort((codes, -area))
    most, rest = order[0], order[1:]
    share = float(area[most] / area.sum())
    return Fault(
        Rule.BUILDING,
        tuple(sorted(str(code) for code in codes)),
        shapely.point_on_surface(pieces[rest[0]]),
        float(area[rest].sum()),
        f"Building {name} lies in {len(codes)} grids; {codes[most]} holds {share:.0%} of it.",
        f"Move the border so that {codes[most]} holds building {name} as a whole.",
        subject=name,
    )


def barrier_faults(
    ground: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> list[Fault]:
    """Return the grids whose buildings a barrier parts (:func:`partings`).

    Returns
    -------
    list of Fault
        One per grid; its size is the length of barriers inside it that part its buildings, metres.
    """
    codes = ground["code"].to_numpy(object)
    return [
        barrier_fault(each, str(codes[each.grid]), barriers)
        for each in partings(ground, barriers, buildings)
    ]


def partings(
    ground: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    reach_m: float = REACH_M,
) -> list[Parting]:
    """Return how barriers part the buildings of grids, by grid.

    A wall along the border of a grid, or one that ends inside it, parts nobody; neither does one
    with buildings on one of its sides only.

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
    near = np.unique(buildings.sindex.query(shapes[np.unique(walled)])[1])
    at = shapely.point_on_surface(np.asarray(buildings.geometry, dtype=object)[near])
    homes = shapely.STRtree(at)
    found = []
    for row in np.unique(walled):
        mine = wall[walled == row]
        inside = np.sort(homes.query(shapes[row], predicate="contains"))
        parted = _parted(shapes[row], lines[mine], at[inside], reach_m)
        if parted is not None:
            line, which, sides = parted
            rows = tuple(near[inside[side]] for side in sides)
            found.append(Parting(int(row), mine[which], line, rows))
    return found


def _parted(
    grid: BaseGeometry, lines: GeometryArray, points: GeometryArray, reach_m: float
) -> tuple[BaseGeometry, IntArray, list[IntArray]] | None:
    """Return what parts the points in a grid, which of the lines that is, and the sides.

    None if they are not parted.
    """
    blocked = shapely.union_all(shapely.buffer(lines, reach_m, cap_style="square"))
    pieces = shapely.get_parts(shapely.difference(grid, blocked))
    if len(points) < 2 or len(pieces) < 2:  # noqa: PLR2004 - nobody on the other side
        return None
    # A building that stands on the barrier itself belongs to the nearest piece.
    _, of = shapely.STRtree(pieces).query_nearest(points, all_matches=False)
    held, count = np.unique(of, return_counts=True)
    if len(held) < 2:  # noqa: PLR2004 - nobody on the other side
        return None
    inside = shapely.intersection(shapely.union_all(lines), shapely.buffer(grid, -reach_m))
    between = shapely.union_all([
        part
        for part in shapely.get_parts(inside)
        if shapely.dwithin(pieces[held], part, 2 * reach_m).any()
    ])  # fmt: skip
    along = shapely.intersection(lines, shapely.buffer(between, reach_m))
    which = np.flatnonzero(shapely.length(along) > 4 * reach_m)  # more than touches it
    by_size = held[np.argsort(-count, kind="stable")]
    return between, which, [np.flatnonzero(of == piece) for piece in by_size]


def barrier_fault(parting: Parting, code: str, barriers: gpd.GeoDataFrame) -> Fault:
    """Return the fault of a grid that lies across barriers."""
    names = [
        f"the {row.kind} {row.name or row.barrier_id}"
        for row in barriers.iloc[parting.barriers].itertuples(index=False)
    ]
    told = [*names[:_FEW], *([f"{len(names) - _FEW} more"] if len(names) > _FEW else [])]
    who = " and ".join(told)
    sides = " and ".join(str(len(side)) for side in parting.sides)
    return Fault(
        Rule.BARRIER,
        (code,),
        _middle(parting.line),
        float(parting.line.length),
        f"{who[:1].upper()}{who[1:]} {'parts' if len(names) == 1 else 'part'} the buildings of "
        f"{code}: {sides}.",
        f"Split {code} along the barrier, or give the lesser side to a neighbour there.",
    )


def _middle(line: BaseGeometry) -> Point:
    """Return the middle of the longest part of barriers; a place inside where it is an area."""
    parts = shapely.get_parts(line)
    longest = parts[int(np.argmax(shapely.length(parts)))]
    if shapely.get_dimensions(longest) == _AREA:
        return Point(shapely.point_on_surface(longest))
    return Point(shapely.line_interpolate_point(longest, 0.5, normalized=True))
