"""Edits of a grid plan that keep it seamless: split, merge, move a border, add, retire.

Each takes a plan and returns a preview; nothing is stored. Grids that go on keep their codes, new
ones get codes that were never used, and both sides of every border keep the same vertices.
"""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from geo.errors import ConflictError, InputError, NotFoundError
from geo.geometry.polygon_coverage import joined, matched
from geo.grids.assign import demand_xy
from geo.grids.code_allocation import free_codes
from geo.grids.codes import is_valid
from geo.grids.edits.names import SPLIT_NAMES, part_names
from geo.grids.edits.preview import GridPlan, Preview, ProposedEdit, crossings, preview
from geo.grids.edits.reshape import border_m, fit_shape, split_polygon
from geo.grids.hierarchy import ground_grids
from geo.messages import Message
from geo.model.vocabulary import Level

_BELOW: Final = {"large": Level.MEDIUM, "medium": Level.SMALL}
_ALONG: Final = Message("grid_repairs.draw_along_barrier")
_AROUND: Final = Message("grid_repairs.draw_around_barrier")
_ONE_SIDE: Final = Message("grid_repairs.merge_on_one_side")
_LEAVE: Final = Message("grid_repairs.leave_retired")


def split(
    plan: GridPlan,
    code: str,
    line: LineString,
    *,
    codes: tuple[str, ...] = (),
    names: str = SPLIT_NAMES,
) -> Preview:
    """Split a grid along a line.

    The part with the most households, else the largest, keeps the code; the others get new ones.

    Parameters
    ----------
    plan : GridPlan
    code : str
        A grid without children.
    line : LineString
        From border to border, in the CRS of the plan; ends up to 5 m short are drawn on.
    codes : tuple of str
        Codes of the new parts, the largest first; by the plan's scheme where none are given.
    names : str
        Rule of their names (:func:`geo.grids.edits.names.part_names`).

    Raises
    ------
    NotFoundError, InputError, ConflictError
        If there is no such grid, the line does not cut it, or a building would be cut.
    """
    row = find_grid(plan, code)
    pieces = shapely.get_parts(row.geometry)
    through = np.array([len(split_polygon(piece, line)) > 1 for piece in pieces])
    parts = [part for piece in pieces[through] for part in split_polygon(piece, line)]
    if not parts:
        raise InputError("grid_edits.line_does_not_cut", code=code)
    parts = sorted(parts, key=lambda part: (-_households(plan, part), -part.area))
    parts[0] = joined(np.array([parts[0], *pieces[~through]], dtype=object))
    new = _new_codes(plan, str(row.parent_code), Level(row.level), len(parts) - 1, codes)
    about = {"level": row.level, "parent_code": row.parent_code}
    siblings = plan.grids[plan.grids["parent_code"] == row.parent_code]
    zh, en = (
        part_names(row[column], new, rule=names, taken=set(siblings[column]))
        for column in ("name_zh", "name_en")
    )
    named = {
        each: {**about, "name_zh": one, "name_en": other}
        for each, one, other in zip(new, zh, en, strict=True)
    }
    shapes = dict(zip([code, *new], parts, strict=True))
    return preview(plan, ProposedEdit(shapes, new=named, instead=_ALONG))


def merge(plan: GridPlan, codes: tuple[str, ...], *, into: str | None = None) -> Preview:
    """Merge grids that border on each other; `into`, else the first, keeps its code.

    Raises
    ------
    NotFoundError, InputError, ConflictError
        If there is no such grid, there is only one, or they do not make one piece.
    """
    return preview(plan, _merging(plan, codes, into or codes[0]))


def _merging(plan: GridPlan, codes: tuple[str, ...], kept: str) -> ProposedEdit:
    """Return what a merge wants."""
    if len(set(codes)) < 2 or kept not in codes:  # noqa: PLR2004 - two to merge
        raise InputError("grid_edits.merge_one", codes=codes, kept=kept)
    shapes = np.array([find_grid(plan, code).geometry for code in codes], dtype=object)
    whole = joined(matched(shapes))
    if len(shapely.get_parts(whole)) > max(len(shapely.get_parts(shape)) for shape in shapes):
        raise ConflictError("grid_edits.merge_pieces", codes=codes)
    gone = tuple(code for code in codes if code != kept)
    return ProposedEdit({kept: whole}, gone=gone, instead=_ONE_SIDE)


def move_border(plan: GridPlan, first: str, second: str, line: LineString) -> Preview:
    """Draw the border between two grids anew; the grids at its ends follow.

    Parameters
    ----------
    plan : GridPlan
    first, second : str
        Grids that border on each other.
    line : LineString
        The new border, across the ground of both.

    Raises
    ------
    NotFoundError, InputError, ConflictError
        If there is no such grid, the line does not separate the two, or a building would be cut.
    """
    old = np.array([find_grid(plan, code).geometry for code in (first, second)], dtype=object)
    if first == second or not border_m(*old):
        raise InputError("grid_edits.not_neighbours", first=first, second=second)
    parts = np.array(split_polygon(joined(matched(old)), line), dtype=object)
    share = shapely.area(shapely.intersection(old[:, None], parts[None, :]))
    goes_to_first = share[0] >= share[1]
    if goes_to_first.all() or not goes_to_first.any():
        raise InputError("grid_edits.line_does_not_part", first=first, second=second)
    new = {first: joined(parts[goes_to_first]), second: joined(parts[~goes_to_first])}
    for code, before in zip((first, second), old, strict=True):
        _one_piece(code, new[code], before)
    return preview(plan, ProposedEdit(new, instead=_ALONG))


def add(
    plan: GridPlan, shape: BaseGeometry, parent: str, *, code: str | None = None, name: str = ""
) -> Preview:
    """Add a grid where none is.

    Parameters
    ----------
    plan : GridPlan
    shape : Polygon
        In the CRS of the plan. What misses a border by up to
        :data:`geo.geometry.polygon_coverage.SLIVER_M` is drawn to it.
    parent : str
        Code of a large or medium grid.
    code, name : str, optional
        By the plan's scheme, and the code, where they are not given.

    Raises
    ------
    NotFoundError, InputError, ConflictError
        If there is no such parent, the shape is no polygon, or other grids lie there.
    """
    rows = plan.grids[plan.grids["code"] == parent]
    if not len(rows) or str(rows["level"].iloc[0]) not in _BELOW:
        raise NotFoundError("grid_edits.no_parent", parent=parent)
    level = _BELOW[str(rows["level"].iloc[0])]
    ground = ground_grids(plan.grids)
    placed = fit_shape(shape, ground, plan.district)
    (new,) = _new_codes(plan, parent, level, 1, (code,) if code else ())
    about = {"level": str(level), "parent_code": parent, "name_zh": name or new}
    named = {new: {**about, "name_en": name or new}}
    return preview(plan, ProposedEdit({new: placed}, named, grows=True, instead=_AROUND))


def retire(plan: GridPlan, code: str, *, to: str | None = None) -> Preview:
    """Retire a grid; its ground goes to a neighbour.

    Parameters
    ----------
    plan : GridPlan
    code : str
    to : str, optional
        The heir; by default the sibling with the longest common border that no barrier separates
        from it, else the one with the longest.

    Raises
    ------
    NotFoundError, ConflictError
        If there is no such grid, or no sibling borders on it.
    """
    row = find_grid(plan, code)
    neighbours = _neighbours(plan, row)
    if to is None:
        siblings = neighbours[neighbours["parent_code"] == row.parent_code]["code"].tolist()
        if not siblings:
            raise ConflictError("grid_edits.no_sibling", code=code, parent=row.parent_code)
        to = _clean_heir(plan, code, siblings) or str(siblings[0])
    edit = _merging(plan, (to, code), to)
    if crossings(plan, edit):
        other = _clean_heir(plan, code, neighbours["code"].tolist())
        advice = Message("grid_repairs.other_heir", {"code": other}) if other else _LEAVE
        edit = replace(edit, instead=advice)
    return preview(plan, edit)


def _clean_heir(plan: GridPlan, code: str, heirs: list[str]) -> str | None:
    """Return the first of some grids that no barrier separates from a grid that it takes over."""
    for heir in heirs:
        try:
            if not crossings(plan, _merging(plan, (heir, code), heir)):
                return heir
        except ConflictError:
            continue  # they do not make one piece
    return None


def _neighbours(plan: GridPlan, row: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return the ground grids that border on one, the longest common border first."""
    ground = ground_grids(plan.grids)
    near = ground[ground.intersects(row.geometry) & (ground["code"] != row.code)]
    length_m = np.array([border_m(row.geometry, shape) for shape in near.geometry])
    return near.iloc[np.argsort(-length_m, kind="stable")[: int((length_m > 0).sum())]]


def find_grid(plan: GridPlan, code: str) -> gpd.GeoSeries:
    """Return the row of a grid that has no children."""
    ground = ground_grids(plan.grids)
    rows = ground[ground["code"] == code]
    if len(rows):
        return rows.iloc[0]
    if (plan.grids["code"] == code).any():
        raise InputError("grid_edits.with_children", code=code)
    raise NotFoundError("grid_edits.no_grid", code=code)


def _new_codes(
    plan: GridPlan, parent: str, level: Level, count: int, given: tuple[str, ...]
) -> list[str]:
    """Return codes for new grids."""
    used = {*plan.grids["code"].astype(str), *plan.retired}
    if not given:
        if plan.scheme is None:
            raise InputError("grid_edits.name_codes", n=count)
        return free_codes(parent, count, level=level, scheme=plan.scheme, used=used)
    invalid = [c for c in given if plan.scheme is not None and not is_valid(c, plan.scheme, level)]
    invalid += [c for c in given if not c.startswith(parent)]
    if invalid or len(set(given)) != count:
        raise InputError("grid_edits.codes_of_new_grids", codes=given, n=count, parent=parent)
    taken = sorted(used & set(given))
    if taken:
        raise ConflictError("grid_edits.code_taken", code=taken[0])
    return list(given)


def _households(plan: GridPlan, shape: BaseGeometry) -> int:
    """Return the households inside a shape; what lies on its border counts as well."""
    if not len(plan.buildings):
        return 0
    inside = shapely.intersects_xy(shape, *demand_xy(plan.buildings).T)
    return int(plan.buildings["households"].to_numpy()[inside].sum())


def _one_piece(code: str, shape: BaseGeometry, before: BaseGeometry) -> None:
    """Raise `ConflictError` if a grid would be nothing or fall apart."""
    if shape.is_empty or shape.area <= 0:
        raise ConflictError("grid_edits.nothing_left", code=code)
    pieces = len(shapely.get_parts(shape))
    if pieces > len(shapely.get_parts(before)):
        raise ConflictError("grid_edits.falls_apart", code=code, pieces=pieces)
