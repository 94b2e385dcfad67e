"""An edit of a grid plan: a building changes hands, and both grids stay one piece."""

from dataclasses import replace
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import BoolArray, GeometryArray, IntArray
from geo.errors import ConflictError, InputError, NotFoundError
from geo.grids.assign import demand_xy
from geo.grids.edits.edit import find_grid
from geo.grids.edits.preview import Draft, Plan, Preview, crossings, preview
from geo.grids.edits.reshape import SLIVER_M, border_m
from geo.grids.edits.transfer_ground import between, ways_to_cede
from geo.grids.hierarchy import ground_grids

_WAYS: Final = 3
"""Ways to give up a building that are tried where one does not fit its neighbours."""

_OTHERS: Final = 4
"""Neighbours, the nearest first, that are tried where a barrier lies before the wanted one."""


def transfer(plan: Plan, building_id: str, to: str, *, along: tuple[str, ...] = ()) -> Preview:
    """Give a building with the ground around it to a neighbouring grid.

    The ground of a building is what lies nearer to it than to any other of its grid; with a passage
    to the neighbour, or less of it, where both grids stay one piece only so
    (:mod:`geo.grids.edits.transfer_ground`).

    Parameters
    ----------
    plan : Plan
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
    rows, code = _homes(plan, tuple(dict.fromkeys([building_id, *along])), to)
    here, goal = find_grid(plan, code).geometry, find_grid(plan, to).geometry
    inside = _inside(plan, here, rows)
    mine = np.isin(inside, rows)
    if border_m(here, goal) < SLIVER_M:
        raise ConflictError(
            f"{code} and {to} share no border; wanted a neighbour of {code}. Nothing was changed."
        )
    if mine.all():
        raise ConflictError(f"Nothing would be left of {code}; merge it. Nothing was changed.")
    prints = np.asarray(plan.buildings.geometry, dtype=object)[inside]
    refused = None
    for ceded in islice(ways_to_cede(here, goal, prints, mine), _WAYS):
        draft = Draft({code: ceded.left, to: ceded.given})
        if crossings(plan, draft):
            draft = replace(draft, instead=_instead(plan, here, inside, mine, codes=(code, to)))
        try:
            return preview(plan, draft)
        except ConflictError as error:
            refused = refused or error
    ids = plan.buildings["building_id"].to_numpy(object)[inside]
    would_do = _what_would_do(here, goal, prints, mine, ids=ids, codes=(code, to))
    raise refused or ConflictError(would_do)


def _what_would_do(
    here: BaseGeometry,
    goal: BaseGeometry,
    prints: GeometryArray,
    mine: BoolArray,
    *,
    ids: npt.NDArray[np.object_],
    codes: tuple[str, str],
) -> str:
    """Return why buildings cannot change grids alone, and with which others they can."""
    code, to = codes
    asked, going = ", ".join(str(name) for name in ids[mine]), mine.copy()
    while not going.all():
        more = between(here, goal, prints, going)
        if not more:
            break
        going[more] = True
        if not going.all() and any(ways_to_cede(here, goal, prints, going)):
            others = ", ".join(str(name) for name in ids[going & ~mine])
            return (
                f"{code} without building {asked}, or {to} with it, would fall apart. Nothing was "
                f"changed; transfer {others} along with it, which lies between."
            )
    return (
        f"{code} without building {asked}, or {to} with it, would fall apart, whatever goes along. "
        f"Nothing was changed; draw the border of {code} and {to} anew, or merge them."
    )


def _instead(
    plan: Plan, here: BaseGeometry, inside: IntArray, mine: BoolArray, *, codes: tuple[str, str]
) -> str:
    """Return which other neighbour buildings can go to without a barrier in between."""
    code, _ = codes
    prints = np.asarray(plan.buildings.geometry, dtype=object)[inside]
    names = ", ".join(plan.buildings["building_id"].iloc[inside[mine]].astype(str))
    ground = ground_grids(plan.grids)
    near = ground[ground.intersects(here) & ~ground["code"].isin(codes)]
    near = near.iloc[np.argsort(near.distance(shapely.union_all(prints[mine])), kind="stable")]
    beside = (each for each in near.itertuples() if border_m(here, each.geometry) >= SLIVER_M)
    for other, goal in ((each.code, each.geometry) for each in islice(beside, _OTHERS)):
        ceded = next(ways_to_cede(here, goal, prints, mine), None)
        if ceded and not crossings(plan, Draft({code: ceded.left, other: ceded.given})):
            return f"Transfer {names} to {other}: no barrier lies between."
    return f"Leave {names} in {code}: no neighbour nearby can take it without a barrier in between."


def _homes(plan: Plan, names: tuple[str, ...], to: str) -> tuple[list[int], str]:
    """Return the rows of buildings and the grid they lie in, which is another than `to`."""
    rows, codes = zip(*(_home(plan, name) for name in names), strict=True)
    strange = next((k for k, code in enumerate(codes) if code != codes[0]), None)
    if strange is not None:
        raise InputError(
            f"Building {names[strange]} lies in {codes[strange]}, and {names[0]} in {codes[0]}; "
            "wanted buildings of one grid. Transfer them one after the other."
        )
    if codes[0] == to:
        raise InputError(f"Building {names[0]} lies in {to} already; wanted another grid.")
    return list(rows), codes[0]


def _inside(plan: Plan, shape: BaseGeometry, rows: list[int]) -> IntArray:
    """Return the rows of the buildings that stand in a grid, and of some more."""
    at = shapely.point_on_surface(np.asarray(plan.buildings.geometry, dtype=object))
    return np.union1d(np.flatnonzero(shapely.intersects(shape, at)), rows).astype(np.int64)


def _home(plan: Plan, building_id: str) -> tuple[int, str]:
    """Return the row of a building and the grid it lies in."""
    buildings = plan.buildings
    rows = np.flatnonzero(buildings["building_id"] == building_id)
    if not len(rows):
        raise NotFoundError(f"There is no building {building_id}; wanted one of the district.")
    ground = ground_grids(plan.grids)
    at = shapely.points(demand_xy(buildings.iloc[rows[:1]])[0])
    held = np.flatnonzero(shapely.covers(np.asarray(ground.geometry, object), at))
    if not len(held):
        raise ConflictError(f"Building {building_id} lies in no grid. Nothing was changed.")
    return int(rows[0]), str(ground["code"].iloc[held[0]])
