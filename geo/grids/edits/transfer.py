"""Transfer of buildings to a neighbouring grid; both grids stay in one piece."""

from dataclasses import replace
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, GeometryArray, IntArray
from geo.errors import ConflictError, InputError, NotFoundError
from geo.geometry.polygon_coverage import SLIVER_M
from geo.grids.assign import demand_xy
from geo.grids.edits.edit import find_grid
from geo.grids.edits.preview import GridPlan, Preview, ProposedEdit, crossings, preview
from geo.grids.edits.reshape import border_m
from geo.grids.edits.transfer_ground import blocking_buildings, ground_transfers
from geo.grids.hierarchy import ground_grids
from geo.messages import Message

_WAYS: Final = 3
"""Ways to transfer a building that are tried where one does not fit its neighbours."""

_OTHERS: Final = 4
"""Neighbours, the nearest first, that are tried where a barrier lies before the wanted one."""


def transfer(plan: GridPlan, building_id: str, to: str, *, along: tuple[str, ...] = ()) -> Preview:
    """Give a building with the ground around it to a neighbouring grid.

    The ground of a building is what lies nearer to it than to any other of its grid; with a passage
    to the neighbour, or less of it, where both grids stay one piece only so
    (:mod:`geo.grids.edits.transfer_ground`).

    Parameters
    ----------
    plan : GridPlan
    building_id : str
    to : str
        A grid that borders on the one where the building lies.
    along : tuple of str, optional
        Other buildings of the same grid that go with it.

    Raises
    ------
    NotFoundError, InputError, ConflictError
        If there is no such building or grid, it lies in `to` already, or both grids cannot stay one
        piece; the message says what would do.
    """
    rows, code = _rows_and_grid(plan, tuple(dict.fromkeys([building_id, *along])), to)
    source, target = find_grid(plan, code).geometry, find_grid(plan, to).geometry
    inside = _inside(plan, source, rows)
    moving = np.isin(inside, rows)
    if border_m(source, target) < SLIVER_M:
        raise ConflictError("grid_edits.not_neighbour", code=code, to=to)
    if moving.all():
        raise ConflictError("grid_edits.nothing_left", code=code)
    footprints = np.asarray(plan.buildings.geometry, dtype=object)[inside]
    first_error = None
    for ground in islice(ground_transfers(source, target, footprints, moving), _WAYS):
        edit = ProposedEdit({code: ground.left, to: ground.given})
        if crossings(plan, edit):
            edit = replace(edit, instead=_instead(plan, source, inside, moving, codes=(code, to)))
        try:
            return preview(plan, edit)
        except ConflictError as error:
            first_error = first_error or error
    ids = plan.buildings["building_id"].to_numpy(object)[inside]
    reason = _reason(source, target, footprints, moving, ids=ids, codes=(code, to))
    raise first_error or ConflictError(reason)


def _reason(
    source: BaseGeometry,
    target: BaseGeometry,
    footprints: GeometryArray,
    moving: BoolArray,
    *,
    ids: npt.NDArray[np.object_],
    codes: tuple[str, str],
) -> Message:
    """Return why buildings cannot change grids alone, and with which others they can."""
    code, to = codes
    names, moving_too = [str(name) for name in ids[moving]], moving.copy()
    about = {"code": code, "to": to, "buildings": names}
    while not moving_too.all():
        more = blocking_buildings(source, target, footprints, moving_too)
        if not more:
            break
        moving_too[more] = True
        if not moving_too.all() and any(ground_transfers(source, target, footprints, moving_too)):
            others = [str(name) for name in ids[moving_too & ~moving]]
            return Message("grid_edits.transfer_needs_others", {**about, "others": others})
    return Message("grid_edits.transfer_falls_apart", about)


def _instead(
    plan: GridPlan,
    source: BaseGeometry,
    inside: IntArray,
    moving: BoolArray,
    *,
    codes: tuple[str, str],
) -> Message:
    """Return which other neighbour buildings can go to without a barrier in between."""
    code, _ = codes
    footprints = np.asarray(plan.buildings.geometry, dtype=object)[inside]
    names = plan.buildings["building_id"].iloc[inside[moving]].astype(str).tolist()
    ground = ground_grids(plan.grids)
    near = ground[ground.intersects(source) & ~ground["code"].isin(codes)]
    near = near.iloc[
        np.argsort(near.distance(shapely.union_all(footprints[moving])), kind="stable")
    ]
    beside = (each for each in near.itertuples() if border_m(source, each.geometry) >= SLIVER_M)
    for other, target in ((each.code, each.geometry) for each in islice(beside, _OTHERS)):
        ground = next(ground_transfers(source, target, footprints, moving), None)
        if ground and not crossings(plan, ProposedEdit({code: ground.left, other: ground.given})):
            return Message("grid_repairs.transfer_to", {"buildings": names, "code": other})
    return Message("grid_repairs.leave_buildings", {"buildings": names, "code": code})


def _rows_and_grid(plan: GridPlan, names: tuple[str, ...], to: str) -> tuple[list[int], str]:
    """Return the rows of buildings and the grid they lie in, which is another than `to`."""
    rows, codes = zip(*(_row_and_grid(plan, name) for name in names), strict=True)
    elsewhere = next((k for k, code in enumerate(codes) if code != codes[0]), None)
    if elsewhere is not None:
        raise InputError(
            "grid_edits.buildings_of_two_grids",
            building=names[elsewhere],
            code=codes[elsewhere],
            first=names[0],
            first_code=codes[0],
        )
    if codes[0] == to:
        raise InputError("grid_edits.building_already_there", building=names[0], code=to)
    return list(rows), codes[0]


def _inside(plan: GridPlan, shape: BaseGeometry, rows: list[int]) -> IntArray:
    """Return the rows of the buildings that stand in a grid, and of some more."""
    points = shapely.point_on_surface(np.asarray(plan.buildings.geometry, dtype=object))
    return np.union1d(np.flatnonzero(shapely.intersects(shape, points)), rows).astype(np.int64)


def _row_and_grid(plan: GridPlan, building_id: str) -> tuple[int, str]:
    """Return the row of a building and the grid it lies in."""
    buildings = plan.buildings
    rows = np.flatnonzero(buildings["building_id"] == building_id)
    if not len(rows):
        raise NotFoundError("grid_edits.no_building", building=building_id)
    ground = ground_grids(plan.grids)
    point = shapely.points(demand_xy(buildings.iloc[rows[:1]])[0])
    holders = np.flatnonzero(shapely.covers(np.asarray(ground.geometry, object), point))
    if not len(holders):
        raise ConflictError("grid_edits.building_in_no_grid", building=building_id)
    return int(rows[0]), str(ground["code"].iloc[holders[0]])
