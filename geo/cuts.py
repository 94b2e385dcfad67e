"""What a grid must not do to what stands on its ground: cut a building, or lie across a barrier."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.faults import Fault, Rule
from geo.ground_cover import wide_parts

CUT_M: Final = 0.1
"""A piece of a building narrower than this is how exactly buildings are drawn, metres."""

REACH_M: Final = 0.05
"""A barrier that ends this close to a border reaches it, metres."""

_AREA: Final = 2
"""Dimension of a polygon."""


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
    )


def barrier_faults(
    ground: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    reach_m: float = REACH_M,
) -> list[Fault]:
    """Return the grids whose buildings a barrier parts.

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

    Returns
    -------
    list of Fault
        One per grid; its size is the length of barriers inside it that part its buildings, metres.
    """
    shapes, names = np.asarray(ground.geometry, object), ground["code"].to_numpy(object)
    lines = np.asarray(barriers.geometry, dtype=object)
    at = shapely.point_on_surface(np.asarray(buildings.geometry, dtype=object))
    at = at[~(shapely.is_missing(at) | shapely.is_empty(at))]
    walled, wall = shapely.STRtree(lines).query(shapes, predicate="intersects")
    homes = shapely.STRtree(at)
    faults = []
    for row in np.unique(walled):
        mine = wall[walled == row]
        points = at[homes.query(shapes[row], predicate="contains")]
        found = _parted(shapes[row], lines[mine], points, reach_m) if len(points) > 1 else None
        if found is not None:
            kinds = sorted({str(kind) for kind in barriers["kind"].iloc[mine]})
            faults.append(_crossed(str(names[row]), found, kinds))
    return faults


def _parted(
    grid: BaseGeometry,
    lines: npt.NDArray[np.object_],
    points: npt.NDArray[np.object_],
    reach_m: float,
) -> tuple[BaseGeometry, list[int]] | None:
    """Return the barrier inside a grid and the buildings of each piece; None if it parts nobody."""
    blocked = shapely.union_all(shapely.buffer(lines, reach_m, cap_style="square"))
    pieces = shapely.get_parts(shapely.difference(grid, blocked))
    # A building that stands on the barrier itself belongs to the nearest piece.
    _, of = shapely.STRtree(pieces).query_nearest(points, all_matches=False)
    counts = np.bincount(of, minlength=len(pieces))
    held = np.flatnonzero(counts)
    if len(held) < 2:  # noqa: PLR2004 - nobody on the other side
        return None
    inside = shapely.intersection(shapely.union_all(lines), shapely.buffer(grid, -reach_m))
    between = [
        part
        for part in shapely.get_parts(inside)
        if shapely.dwithin(pieces[held], part, 2 * reach_m).any()
    ]
    return shapely.union_all(between), sorted(counts[held].tolist(), reverse=True)


def _crossed(code: str, found: tuple[BaseGeometry, list[int]], kinds: list[str]) -> Fault:
    """Return the fault of one grid that lies across a barrier."""
    barrier, counts = found
    sides = " and ".join(str(count) for count in counts)
    return Fault(
        Rule.BARRIER,
        (code,),
        shapely.point_on_surface(barrier),
        float(barrier.length),
        f"A {' and a '.join(kinds)} parts the buildings of {code}: {sides}.",
        f"Split {code} along the barrier, or give the lesser side to a neighbour there.",
    )
