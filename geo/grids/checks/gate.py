"""The gate that every change of a grid plan passes: what it would newly put wrong on the ground.

What was wrong before does not count, and what lies elsewhere is not looked at. A change that passes
leaves no ground uncovered that was covered, no ground in two grids that was in one, every border
with the same vertices on both sides, and every parent the union of its children.
"""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.crs import require_metric
from geo.geometry.polygon_coverage import (
    TOLERANCE_M,
    Region,
    beyond,
    gaps,
    overlaps,
    unmatched_borders,
    wide_parts,
)
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.checks.ground_check import matched_fault, region_fault
from geo.grids.checks.parentage import find_parentage
from geo.grids.checks.plan_check import nesting_faults
from geo.grids.checks.shape_check import ground_of, piece_faults, readable_rows, shape_faults
from geo.grids.hierarchy import ground_under


class _PlanState(NamedTuple):
    """A plan before or after a change, as far as the change concerns it."""

    plan: gpd.GeoDataFrame  # valid shapes, parents as they are meant
    ground: gpd.GeoDataFrame
    faults: list[GridFault]


def faults_of_change(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, district: BaseGeometry | None = None
) -> list[GridFault]:
    """Return what a change of a grid plan would newly put wrong, by rule.

    Parameters
    ----------
    before, after : GeoDataFrame
        Layer ``grids``, all levels, in the metric CRS.
    district : Polygon or MultiPolygon, optional
        Boundary in the same CRS. Ground beyond it may be left.

    Returns
    -------
    list of GridFault
        None if only names change. In a plan that had no grids, ground without a grid counts only
        where grids enclose it.

    Raises
    ------
    CrsError
        If the grids are not in a metric CRS.

    Examples
    --------
    >>> from shapely import box
    >>> plan = gpd.GeoDataFrame(
    ...     {"code": ["a", "b"], "level": "large", "parent_code": None},
    ...     geometry=[box(0, 0, 10, 10), box(10, 0, 20, 10)], crs=4548,
    ... )
    >>> smaller = plan.set_geometry([box(0, 0, 10, 10), box(15, 0, 20, 10)], crs=4548)
    >>> [(str(f.rule), f.size) for f in faults_of_change(plan, smaller)]
    [('gap', 50.0)]
    >>> faults_of_change(smaller, plan)
    []
    """
    require_metric(after.crs, what="crs.grid_layer")
    codes = _changed_codes(before, after)
    if not codes:
        return []
    was, now = _plan_state(before), _plan_state(after)
    area = _ground_of(codes, was, now)
    faults = [fault for fault in now.faults if codes & set(fault.codes)]
    known = {(fault.rule, fault.codes) for fault in was.faults}
    faults = [fault for fault in faults if (fault.rule, fault.codes) not in known]
    faults += _new_ground_faults(was, now, area, district)
    faults += _new_nesting_faults(was, now, codes)
    place = {rule: k for k, rule in enumerate(Rule)}
    return sorted(faults, key=lambda fault: place[fault.rule])


def _changed_codes(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> set[str]:
    """Return the codes of grids that begin, end, or get another level, parent or shape."""
    sides = []
    for frame in (before, after):
        shapes = np.asarray(frame.geometry, dtype=object)
        with np.errstate(invalid="ignore"):
            shapes = shapely.to_wkb(shapely.normalize(shapes))
        named = zip(frame["code"], frame["level"], frame["parent_code"], shapes, strict=True)
        sides.append({(str(code), str(level), str(parent or ""), shape)
                      for code, level, parent, shape in named})  # fmt: skip
    return {row[0] for row in sides[0] ^ sides[1]}


def _plan_state(grids: gpd.GeoDataFrame) -> _PlanState:
    told = grids[readable_rows(grids)].reset_index(drop=True)
    faults = shape_faults(told, tolerance_m=TOLERANCE_M)
    plan = told.set_geometry(ground_of(np.asarray(told.geometry, dtype=object)), crs=grids.crs)
    tree = find_parentage(plan)
    meant = plan.assign(parent_code=pd.Series(tree.parent, dtype=object))
    ground = meant.iloc[tree.ground].sort_values("code", ignore_index=True)
    return _PlanState(meant, ground, [*faults, *tree.faults])


def _ground_of(codes: set[str], *sides: _PlanState) -> BaseGeometry:
    """Return the ground of the changed grids, as it was and as it is."""
    shapes = [side.ground.geometry[side.ground["code"].isin(codes)] for side in sides]
    ground: BaseGeometry = shapely.union_all(
        np.concatenate([np.asarray(s, object) for s in shapes])
    )
    return ground


def _new_ground_faults(
    was: _PlanState, now: _PlanState, area: BaseGeometry, district: BaseGeometry | None
) -> list[GridFault]:
    """Return overlaps, gaps, ends outside and borders apart that the change brings."""
    if area.is_empty:
        return []
    is_first = was.ground.empty
    inside = area if district is None else shapely.intersection(area, district)
    old = _regions(was.ground, area, None if is_first else inside, district)
    names, shapes = _near(now.ground, area)
    new = _regions(now.ground, area, None if is_first else inside, district)
    faults = piece_faults(shapes, names, district)
    before = {(f.rule, f.codes) for f in piece_faults(*_near(was.ground, area)[::-1], district)}
    faults = [fault for fault in faults if (fault.rule, fault.codes) not in before]
    for rule, regions in new.items():
        covered = shapely.union_all([each.shape for each in old[rule]] or [shapely.Polygon()])
        for region in regions:
            if rule is Rule.MATCHED:
                if not shapely.dwithin(region.shape, covered, TOLERANCE_M):
                    faults.append(matched_fault(region, shapes, names))
            elif wide_parts(shapely.difference(region.shape, shapely.buffer(covered, TOLERANCE_M))):
                faults.append(region_fault(rule, region, names))
    return faults


def _near(ground: gpd.GeoDataFrame, area: BaseGeometry) -> tuple[list[str], GeometryArray]:
    """Return codes and shapes of the ground grids that touch some ground."""
    near = ground[shapely.intersects(np.asarray(ground.geometry, object), area)]
    return near["code"].astype(str).tolist(), np.asarray(near.geometry, dtype=object)


def _regions(
    ground: gpd.GeoDataFrame,
    area: BaseGeometry,
    to_cover: BaseGeometry | None,
    district: BaseGeometry | None,
) -> dict[Rule, list[Region]]:
    """Return what is wrong on some ground and next to it, by rule."""
    _, shapes = _near(ground, area)
    found = {
        Rule.OVERLAP: overlaps(shapes),
        Rule.GAP: gaps(shapes, to_cover) if len(shapes) or to_cover is not None else [],
        Rule.OUTSIDE: [] if district is None else beyond(shapes, district),
    }
    known = [region for regions in found.values() for region in regions]
    return {**found, Rule.MATCHED: unmatched_borders(shapes, known)}


def _new_nesting_faults(was: _PlanState, now: _PlanState, codes: set[str]) -> list[GridFault]:
    """Return the parents that the change makes other than the union of their children."""
    faults = []
    known: set[str] = set()
    for side in (was, now):
        above = [code for code, rows in ground_under(side.plan, side.ground)
                 if code in codes or codes & set(side.ground["code"].iloc[rows])]  # fmt: skip
        found = nesting_faults(side.plan, side.ground, [], TOLERANCE_M, only=frozenset(above))
        if side is was:
            known = {fault.codes[0] for fault in found}
        else:
            faults = [fault for fault in found if fault.codes[0] not in known]
    return faults
