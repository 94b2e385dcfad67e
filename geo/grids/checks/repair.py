"""Repair a grid plan, showing what changes first, and draw it with fewer vertices for the web.

A repair is a proposal: nothing is stored, every piece of ground that would change hands is listed
with its grid and its area, and what it cannot repair is reported as a fault.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.crs import require_metric
from geo.errors import InputError
from geo.geometry.polygon_coverage import (
    SLIVER_M,
    TOLERANCE_M,
    Region,
    beyond,
    gaps,
    unmatched_borders,
    wide_parts,
)
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.checks.plan_check import check_grids, polygonal_parts
from geo.grids.code_allocation import new_codes
from geo.grids.codes import CodeScheme
from geo.grids.hierarchy import derive_parents, ground_grids, with_unchanged_shapes
from geo.tolerances import TOUCH_M

_ROUNDS: Final = 3
_OF_CODES: Final = frozenset({Rule.CODE, Rule.RETIRED})
"""Rules that are not about ground."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposed repair.

    Attributes
    ----------
    grids : GeoDataFrame
        The plan as it would be: layer ``grids``, all levels, by code.
    pieces : GeoDataFrame
        Ground that changes: `code`, `change` (``gained`` or ``lost``), `area_m2`, geometry.
    areas : DataFrame
        Ground grids whose area changes, by code: `code`, `before_m2`, `after_m2`, `gained_m2`,
        `lost_m2`.
    gone : tuple of str
        Grids of which nothing is left, such as the second of two drawn alike.
    renumbered : dict of str to str
        New codes of grids that carried a retired one, by the retired code.
    repaired, left : tuple of GridFault
        Faults that the repair ends, and those that it leaves.
    """

    grids: gpd.GeoDataFrame
    pieces: gpd.GeoDataFrame
    areas: pd.DataFrame
    gone: tuple[str, ...]
    renumbered: dict[str, str]
    repaired: tuple[GridFault, ...]
    left: tuple[GridFault, ...]


def repair(
    grids: gpd.GeoDataFrame,
    *,
    district: BaseGeometry | None = None,
    scheme: CodeScheme | None = None,
    retired: Iterable[str] = (),
    sliver_m: float = SLIVER_M,
    snap_m: float = TOUCH_M,
    **checked: Any,  # noqa: ANN401 - handed on to check_grids
) -> Repair:
    """Propose a repair of a grid plan.

    Invalid polygons become valid ones; what lies outside the district is cut off; overlaps and
    slivers go to the grid with which they share the longest border; both sides of a border get the
    same vertices; parents are derived anew; a grid without children that carries a retired code
    gets one that was never used. Gaps wider than `sliver_m` stay: a grid
    may be missing there. All other codes, cut buildings and barriers are not touched.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS.
    district : Polygon or MultiPolygon, optional
        Boundary in the same CRS.
    scheme : CodeScheme, optional
        That new codes follow.
    retired : iterable of str
        Codes of grids that ended; none of them is given.
    sliver_m, snap_m : float
        Widest gap that is closed, and how near vertices become one, metres.
    **checked
        More for :func:`geo.grids.checks.plan_check.check_grids`.

    Returns
    -------
    Repair
        A plan without grave faults comes back as it is.

    Raises
    ------
    CrsError
        If the grids are not in a metric CRS.

    Notes
    -----
    GEOS ``CoverageCleaner``, about 3 s for 4,000 grids, checks included.

    Examples
    --------
    >>> from shapely import box
    >>> plan = gpd.GeoDataFrame(
    ...     {"code": ["a", "b"], "level": "large", "parent_code": None},
    ...     geometry=[box(0, 0, 10, 10), box(10.5, 0, 20, 10)], crs=4548,
    ... )
    >>> done = repair(plan, district=box(0, 0, 20, 10))
    >>> done.areas[["gained_m2", "lost_m2"]].sum().tolist(), [str(f.rule) for f in done.repaired]
    ([5.0, 0.0], ['gap'])
    """
    require_metric(grids.crs, what="The grid layer")
    retired_codes = frozenset(retired)
    checked |= {"district": district, "scheme": scheme, "retired": retired_codes}
    before = check_grids(grids, **checked)
    ground = ground_grids(grids)
    shapes = np.asarray(ground.geometry, dtype=object)
    after = shapes
    if any(fault.grave and fault.rule not in _OF_CODES for fault in before):
        after = _cleaned(polygonal_parts(shapes), district, sliver_m=sliver_m, snap_m=snap_m)
    kept = ~shapely.is_empty(after)
    named_ground = ground.set_geometry(after, crs=grids.crs)[kept]
    derived = with_unchanged_shapes(derive_parents(named_ground, grids), grids)
    renumbered = new_codes(derived, scheme, retired=retired_codes)
    whole = _renumbered(derived, renumbered)
    left = check_grids(whole, **checked)
    old_code_of = {new: old for old, new in renumbered.items()}
    faults_left = {
        (fault.rule, tuple(sorted(old_code_of.get(c, c) for c in fault.codes))) for fault in left
    }
    pieces, areas = _differences(ground, shapes, after)
    return Repair(
        grids=whole,
        pieces=pieces,
        areas=areas,
        gone=tuple(ground["code"][~kept].astype(str)),
        renumbered=renumbered,
        repaired=tuple(fault for fault in before if (fault.rule, fault.codes) not in faults_left),
        left=tuple(left),
    )


def _renumbered(grids: gpd.GeoDataFrame, new: dict[str, str]) -> gpd.GeoDataFrame:
    """Return the plan by code with new codes; a name that is the code follows it."""
    if not new:
        return grids
    names = {name: grids[name].replace(new) for name in ("code", "name_zh", "name_en")
             if name in grids}  # fmt: skip
    return grids.assign(**names).sort_values("code", ignore_index=True)


def _cleaned(
    shapes: GeometryArray, district: BaseGeometry | None, *, sliver_m: float, snap_m: float
) -> GeometryArray:
    """Return a coverage of the district."""
    out = shapes.copy()
    if district is not None:
        # Only what reaches out by more than rounding is cut: a cut moves corners by rounding.
        rows = np.unique([region.rows[0] for region in beyond(out, district)]).astype(np.int64)
        out[rows] = _polygonal(shapely.intersection(out[rows], district))
    for _ in range(_ROUNDS):
        out = shapely.coverage_clean(  # type: ignore[attr-defined] # the stubs lag behind
            out, gap_width=sliver_m, snapping_distance=snap_m
        )
        slivers = [] if district is None else _slivers(gaps(out, district), sliver_m)
        if not slivers:
            break
        out = _with_slivers_assigned(out, slivers)
    return out


def _polygonal(shapes: GeometryArray) -> GeometryArray:
    """Return shapes without the points and lines that a cut leaves."""
    flat = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for row in flat:
        shapes[row] = shapely.union_all([p for p in shapely.get_parts(shapes[row]) if p.area > 0])
    return shapes


def _slivers(regions: list[Region], sliver_m: float) -> list[Region]:
    """Return the gaps that some grid borders on and that are narrow."""
    return [each for each in regions if each.rows and not wide_parts(each.shape, sliver_m)]


def _with_slivers_assigned(shapes: GeometryArray, slivers: list[Region]) -> GeometryArray:
    """Give each sliver to the grid with which it shares the longest border."""
    out = shapes.copy()
    for sliver in slivers:
        near = np.array(sliver.rows)
        around = shapely.buffer(sliver.shape, TOLERANCE_M)
        shared = shapely.length(shapely.intersection(shapely.boundary(out[near]), around))
        row = near[int(np.argmax(shared))]
        out[row] = shapely.union(out[row], shapely.snap(sliver.shape, out[row], TOLERANCE_M))
    return out


def _differences(
    ground: gpd.GeoDataFrame, before: GeometryArray, after: GeometryArray
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the ground that changes, and the areas of the grids whose ground it is."""
    valid = polygonal_parts(before)
    rows = np.flatnonzero(~shapely.equals_exact(valid, after, normalize=True))
    pieces, areas = [], []
    for row in rows:
        code = str(ground["code"].iloc[row])
        sums = {}
        for change, one, two in (
            ("gained", after[row], valid[row]),
            ("lost", valid[row], after[row]),
        ):
            parts = wide_parts(shapely.difference(one, two))
            sums[f"{change}_m2"] = sum(part.area for part in parts)
            pieces += [(code, change, part.area, part) for part in parts]
        if any(sums.values()):
            size = {"before_m2": valid[row].area, "after_m2": after[row].area}
            areas.append({"code": code, **size, **sums})
    columns = ["code", "change", "area_m2", "geometry"]
    frame = gpd.GeoDataFrame(pd.DataFrame(pieces, columns=columns), crs=ground.crs)
    area_columns = ["code", "before_m2", "after_m2", "gained_m2", "lost_m2"]
    return frame, pd.DataFrame(areas, columns=area_columns)


def simplify(grids: gpd.GeoDataFrame, tolerance_m: float) -> gpd.GeoDataFrame:
    """Return the plan with fewer vertices, for the web; it stays seamless and nested.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS, with borders that match.
    tolerance_m : float
        About the side of the largest bend that is left out, metres (Visvalingam and Whyatt 1993).

    Returns
    -------
    GeoDataFrame
        Layer ``grids`` by code, never to be measured or stored in place of the plan.

    Raises
    ------
    CrsError
        If the grids are not in a metric CRS.
    InputError
        If grids overlap or their borders do not match.
    """
    require_metric(grids.crs, what="The grid layer")
    ground = ground_grids(grids)
    shapes = np.asarray(ground.geometry, dtype=object)
    if not shapely.coverage_is_valid(shapes) or unmatched_borders(shapes):
        raise InputError(
            "Got grids that overlap or whose borders do not match; wanted a seamless plan. "
            "Repair it first."
        )
    drawn = shapely.coverage_simplify(shapes, tolerance_m)
    return derive_parents(ground.set_geometry(drawn, crs=grids.crs), grids)
