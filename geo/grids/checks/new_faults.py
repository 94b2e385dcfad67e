"""The faults that an edit of a grid plan would cause; what was at fault before does not count."""

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import IntArray
from geo.grids.checks.building_and_barrier_check import Separation, barrier_fault, separations
from geo.grids.checks.code_check import order_faults
from geo.grids.checks.faults import GridFault
from geo.grids.codes import CodeScheme


def newly_separated(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
) -> list[GridFault]:
    """Return the grids that would lie across a barrier, and did not before.

    In a grid that lay across one before, what counts is whether other buildings than before would
    be on the far side: on another than most of those that were in it.

    Parameters
    ----------
    before, after : GeoDataFrame
        The ground grids whose ground changes, as they are and as they would be; metric CRS.
    barriers, buildings : GeoDataFrame
        Layers in the same CRS.
    """
    after_edit = separations(after, barriers, buildings)
    if not after_edit:
        return []
    before_edit = separations(before, barriers, buildings)
    side_before: IntArray = np.full(
        (2, len(buildings)), -1
    )  # the grid at fault, and the side in it
    for each in before_edit:
        for side, rows in enumerate(each.sides):
            side_before[:, rows] = [[each.grid], [side]]
    footprints = np.asarray(buildings.geometry, dtype=object)
    old = dict(zip(before["code"], before.geometry, strict=True))
    faults = []
    for each in after_edit:
        code = str(after["code"].iloc[each.grid])
        shape_before = old.get(code, shapely.Polygon())
        sides = [shapely.point_on_surface(footprints[rows]) for rows in each.sides]
        stays = int(np.argmax([shapely.contains(shape_before, side).sum() for side in sides]))
        if _separates_others(each, stays, side_before):
            faults.append(barrier_fault(each, code, barriers))
    return faults


def _separates_others(parting: Separation, stays: int, was: IntArray) -> bool:
    """Return whether a building on a far side would be separated from others than before."""
    for side, rows in enumerate(parting.sides):
        if side == stays:
            continue
        across = np.concatenate([r for k, r in enumerate(parting.sides) if k != side])
        (grid, place), (its_grid, its_place) = was[:, rows, None], was[:, None, across]
        apart = (grid >= 0) & (grid == its_grid) & (place != its_place)
        if not apart.any(axis=1).all():
            return True
    return False


def newly_out_of_order(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    parents: set[str],
    scheme: CodeScheme | None,
) -> list[GridFault]:
    """Return the families of grids whose numbers would be less in order than they are.

    Parameters
    ----------
    before, after : GeoDataFrame
        Layer ``grids``, all levels, metric CRS.
    parents : set of str
        Whose children change.
    scheme : CodeScheme or None
    """
    faults = []
    for parent in sorted(parents):
        was, now = (
            order_faults(grids[grids["parent_code"] == parent], scheme) for grids in (before, after)
        )
        if sum(fault.size for fault in now) > sum(fault.size for fault in was):
            faults += now
    return faults
