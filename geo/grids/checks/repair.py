"""Repair a grid plan, showing what changes first.

A repair is a proposal: nothing is stored, every piece of ground that would change hands is listed
with its grid and its area, and what it cannot repair is reported as a fault.

It never takes a grid away and never moves ground between levels: the ground is that of the ground
grids, and parents are derived from it. Invalid polygons become valid ones; what lies outside the
district is cut off; overlaps and slivers go to the grid with which they share the longest border;
both sides of a border get the same vertices; a grid whose code says so is put under the parent that
holds it; a parent that those in it call otherwise gets that code; a grid without children that
carries a retired code gets one that was never used. Wider gaps stay: a grid may be missing there.
Grids that cannot be stored, all other codes, cut buildings and barriers are not touched.

4,000 grids take about 3 s, checks included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.crs import require_metric
from geo.geometry.polygon_coverage import SLIVER_M, joined, wide_parts
from geo.grids.checks.clean_ground import clean_ground
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.checks.parentage import Parentage, find_parentage
from geo.grids.checks.plan_check import check_grids
from geo.grids.checks.shape_check import ground_of, readable_rows
from geo.grids.code_allocation import new_codes
from geo.grids.codes import CodeScheme, is_valid
from geo.grids.hierarchy import unchanged_shapes
from geo.model.vocabulary import Level
from geo.tolerances import TOUCH_M

_OF_GROUND: Final = frozenset({
    Rule.VALID, Rule.OVERLAP, Rule.GAP, Rule.HOLE, Rule.SLIVER, Rule.OUTSIDE, Rule.MATCHED,
})  # fmt: skip
"""Rules whose faults clean ground does not have."""

_NAMES: Final = ("code", "name_zh", "name_en")


@dataclass(frozen=True, slots=True)
class Repair:
    """A proposed repair.

    Attributes
    ----------
    grids : GeoDataFrame
        The plan as it would be: every row of layer ``grids`` that there is, by code.
    put : GeoDataFrame
        The rows of it that change.
    pieces : GeoDataFrame
        Ground that changes: `code`, `change` (``gained`` or ``lost``), `area_m2`, geometry.
    areas : DataFrame
        Ground grids whose area changes, by code: `code`, `before_m2`, `after_m2`, `gained_m2`,
        `lost_m2`.
    reparented : dict of str to str or None
        New parents of grids that named a wrong one, by code.
    renumbered : dict of str to str
        New codes of grids that carried a retired one, or one that their children do not name.
    repaired, left : tuple of GridFault
        Faults that the repair ends, and those that it leaves.
    """

    grids: gpd.GeoDataFrame
    put: gpd.GeoDataFrame
    pieces: gpd.GeoDataFrame
    areas: pd.DataFrame
    reparented: dict[str, str | None]
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
    """Propose a repair of a grid plan; one without grave faults comes back as it is.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS, with whatever its rows hold.
    district : Polygon or MultiPolygon, optional
        Boundary in the same CRS.
    scheme, retired : CodeScheme, optional; iterable of str
        What new codes follow, and the codes of grids that ended: none of them is given.
    sliver_m, snap_m : float
        Widest gap that is closed, and how near vertices become one, metres.
    **checked
        More for :func:`geo.grids.checks.plan_check.check_grids`.

    Raises
    ------
    CrsError
        If the grids are not in a metric CRS.

    Examples
    --------
    >>> from shapely import box
    >>> grids = {"code": ["a", "b"], "level": "large", "parent_code": None}
    >>> shapes = [box(0, 0, 10, 10), box(10.5, 0, 20, 10)]
    >>> plan = gpd.GeoDataFrame(grids, geometry=shapes, crs=4548)
    >>> done = repair(plan, district=box(0, 0, 20, 10))
    >>> done.areas[["gained_m2", "lost_m2"]].sum().tolist(), [str(f.rule) for f in done.repaired]
    ([5.0, 0.0], ['sliver'])
    """
    require_metric(grids.crs, what="crs.grid_layer")
    retired_codes = frozenset(retired)
    checked |= {"district": district, "scheme": scheme, "retired": retired_codes}
    told = grids.reset_index(drop=True)
    before = check_grids(told, **checked)
    rows = np.flatnonzero(readable_rows(told))
    plan = told.iloc[rows].reset_index(drop=True)
    drawn: GeometryArray = np.asarray(plan.geometry, dtype=object)
    valid = ground_of(drawn)
    tree = find_parentage(plan.set_geometry(valid, crs=grids.crs))
    parents, reparented, held = _mended_parents(plan, tree)
    shapes = drawn.copy()
    if any(fault.rule in _OF_GROUND for fault in before):
        fitted = clean_ground(valid[tree.ground], district, sliver_m=sliver_m, snap_m=snap_m)
        fits = ~shapely.is_empty(fitted) & ~held[tree.ground]
        shapes[tree.ground[fits]] = fitted[fits]
    unread = ground_of(np.asarray(told.drop(index=rows).geometry, dtype=object))
    shapes = _with_parents_derived(plan, tree, shapes, np.append(valid[_lost(plan, tree)], unread))
    mended = plan.assign(parent_code=pd.Series(parents, dtype=object)).set_geometry(
        shapes, crs=grids.crs
    )
    renumbered = _meant_codes(plan, tree, scheme)
    renumbered |= new_codes(_renumbered(mended, renumbered), scheme, retired=retired_codes)
    whole = _joined(told, rows, _renumbered(mended, renumbered))
    changed = _changed(told, whole)
    left = check_grids(whole, **checked)
    ground = plan.iloc[tree.ground].reset_index(drop=True)
    pieces, areas = _differences(ground, valid[tree.ground], shapes[tree.ground])
    return Repair(
        grids=_by_code(whole), put=_by_code(whole[changed]), pieces=pieces, areas=areas,
        reparented=reparented, renumbered=renumbered,
        repaired=_ended(before, left, renumbered), left=tuple(left),
    )  # fmt: skip


def _joined(
    told: gpd.GeoDataFrame, rows: npt.NDArray[np.int64], mended: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return a plan with its mended rows; those that cannot be read stay as they are."""
    if len(mended) == len(told):
        return mended
    whole = pd.concat([mended.set_index(rows), told.drop(index=rows)]).sort_index()
    parents = whole["parent_code"].astype(object)
    whole["parent_code"] = parents.where(parents.notna(), None)
    return gpd.GeoDataFrame(whole, crs=told.crs)


def _mended_parents(
    plan: gpd.GeoDataFrame, tree: Parentage
) -> tuple[npt.NDArray[np.object_], dict[str, str | None], npt.NDArray[np.bool_]]:
    """Return the parents to store, those that are new, and the rows that cannot be stored anew."""
    codes, levels = plan["code"].to_numpy(object), plan["level"].to_numpy(object)
    parents = plan["parent_code"].to_numpy(object).copy()
    held = plan["code"].duplicated(keep=False).to_numpy(np.bool_)
    wrong = {fault.codes[0] for fault in tree.faults}
    new: dict[str, str | None] = {}
    for row in np.flatnonzero(plan["code"].isin(wrong)):
        meant, told = tree.parent[row], parents[row]
        fits = codes[row].startswith(meant) if meant is not None else levels[row] == Level.LARGE
        if not fits or held[row]:
            held[row] = True
        elif meant != told and (meant is not None or isinstance(told, str)):
            parents[row] = new[codes[row]] = meant
    return parents, new, held


def _with_parents_derived(
    plan: gpd.GeoDataFrame, tree: Parentage, shapes: GeometryArray, lost: GeometryArray
) -> GeometryArray:
    """Return shapes with those of parents derived from their children, as far as all are known.

    A parent that holds `lost` ground, of which the parent cannot be told, stays as it is.
    """
    out = shapes.copy()
    first = ~plan["code"].duplicated().to_numpy()
    codes, levels = plan["code"].to_numpy(object), plan["level"].to_numpy(object)
    before = ground_of(shapes)
    above = np.zeros(len(plan), dtype=np.bool_)
    for level in (Level.MEDIUM, Level.LARGE):
        for row in np.flatnonzero((levels == level) & first):
            children = np.flatnonzero(tree.parent == codes[row])
            children = children[~shapely.is_empty(ground_of(out[children]))]
            holds_lost = shapely.area(shapely.intersection(before[row], lost)) > 0
            if len(children) and not holds_lost.any():
                out[row], above[row] = joined(ground_of(out[children])), True
    return np.where(above, unchanged_shapes(out, shapes, above), out)


def _lost(plan: gpd.GeoDataFrame, tree: Parentage) -> npt.NDArray[np.int64]:
    """Return the rows whose parent cannot be told: no parent can be derived with their ground."""
    wrong = plan["code"].isin({fault.codes[0] for fault in tree.faults}).to_numpy()
    has_none = np.array([parent is None for parent in tree.parent], dtype=np.bool_)
    is_large = (plan["level"] == Level.LARGE).to_numpy()
    return np.flatnonzero(wrong & has_none & ~is_large)


def _meant_codes(
    plan: gpd.GeoDataFrame, tree: Parentage, scheme: CodeScheme | None
) -> dict[str, str]:
    """Return the codes that the grids in a grid name it by, where it can bear them."""
    about = plan.drop_duplicates("code").set_index("code")
    new = {}
    for code, meant in tree.recoded.items():
        level, parent = Level(about["level"][code]), about["parent_code"][code]
        is_under = not isinstance(parent, str) or meant.startswith(parent)
        if is_under and (scheme is None or is_valid(meant, scheme, level)):
            new[code] = meant
    return new


def _changed(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows have another code, parent or shape; both in the same order."""
    same = np.ones(len(before), dtype=np.bool_)
    for name in ("code", "parent_code"):
        one, two = (frame[name].to_numpy(object) for frame in (before, after))
        same &= np.array(
            [a == b or (pd.isna(a) and pd.isna(b)) for a, b in zip(one, two, strict=True)]
        )
    old, new = (np.asarray(frame.geometry, dtype=object) for frame in (before, after))
    missing = shapely.is_missing(old) & shapely.is_missing(new)
    is_same = np.array([a is b for a, b in zip(old, new, strict=True)], dtype=np.bool_)
    with np.errstate(invalid="ignore"):  # places that are no numbers are not the same
        is_same |= missing | shapely.equals_exact(old, new, normalize=True)
    return np.asarray(~(same & is_same), np.bool_)


def _by_code(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return grids.sort_values("code", ignore_index=True, key=lambda codes: codes.astype(str))


def _ended(
    before: Iterable[GridFault], left: Iterable[GridFault], renumbered: Mapping[str, str]
) -> tuple[GridFault, ...]:
    """Return the faults that are not left; a grid is the same one under its new code."""
    old_code_of = {new: old for old, new in renumbered.items()}
    faults_left = {
        (fault.rule, tuple(sorted(old_code_of.get(c, c) for c in fault.codes))) for fault in left
    }
    return tuple(
        fault for fault in before if (fault.rule, tuple(sorted(fault.codes))) not in faults_left
    )


def _renumbered(grids: gpd.GeoDataFrame, new: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return the plan with new codes; a name that is the code follows it."""
    if not new:
        return grids
    return grids.assign(**{name: grids[name].replace(new) for name in _NAMES if name in grids})


def _differences(
    ground: gpd.GeoDataFrame, before: GeometryArray, after: GeometryArray
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the ground that changes, and the areas of the grids whose ground it is."""
    valid, after = before, ground_of(after)
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
