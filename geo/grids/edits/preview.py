"""What an edit of the grid plan would do, worked out in full before anything is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import require_metric
from geo.errors import ConflictError
from geo.geometry.polygon_coverage import Region, overlaps, unmatched_borders
from geo.grids.assign import assign, demand_xy
from geo.grids.checks.band_check import HouseholdBand, out_of_band
from geo.grids.checks.building_and_barrier_check import building_faults
from geo.grids.checks.faults import GridFault
from geo.grids.checks.new_faults import newly_out_of_order, newly_separated
from geo.grids.codes import CodeScheme
from geo.grids.hierarchy import derive_parents, ground_grids, with_unchanged_shapes
from geo.grids.succession import succession_frame
from geo.messages import Message
from geo.model.layers import empty_layer
from geo.model.vocabulary import Origin
from geo.tolerances import SAME_M


@dataclass(frozen=True, slots=True)
class GridPlan:
    """A grid plan as it is, and what its edits have to respect.

    Attributes
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS, all levels.
    scheme : CodeScheme or None
        That new codes follow; None if the codes of the plan follow none.
    retired : frozenset of str
        Retired codes, which must not be used again.
    district : Polygon or MultiPolygon, optional
        Boundary in the same CRS.
    buildings, barriers : GeoDataFrame, optional
        Layers in the same CRS.
    covered : Series, optional
        Covered households of each building, on the index of `buildings`.
    band : HouseholdBand, optional
        Households that a small grid should have: an edit reports grids that leave the band.
    """

    grids: gpd.GeoDataFrame
    scheme: CodeScheme | None
    retired: frozenset[str] = frozenset()
    district: BaseGeometry | None = None
    buildings: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("buildings"))
    barriers: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("barriers"))
    covered: pd.Series | None = None
    band: HouseholdBand | None = None

    def __post_init__(self) -> None:
        require_metric(self.grids.crs, what="crs.grid_layer")


@dataclass(frozen=True, slots=True)
class ProposedEdit:
    """The ground that an edit would change, before it is checked.

    Attributes
    ----------
    shapes : dict of str to Polygon or MultiPolygon
        New shapes by code, of existing and of new grids.
    new : dict of str to dict
        Code of each new grid, with its `level`, `parent_code`, `name_zh` and `name_en`.
    gone : tuple of str
        Codes that are retired.
    grows : bool
        Whether more ground is covered than before.
    instead : Message, optional
        What to do where a barrier would separate the buildings of a grid.
    """

    shapes: Mapping[str, BaseGeometry]
    new: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    grows: bool = False
    instead: Message | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would do.

    Attributes
    ----------
    grids : GeoDataFrame
        The whole plan as it would be: layer ``grids`` in the metric CRS, by code.
    put : GeoDataFrame
        The rows of it that are new or changed.
    given, retired : tuple of str
        Codes that begin and end, of all levels. Every other grid keeps its code.
    lineage : DataFrame
        As :func:`geo.grids.succession.succession_frame` has it.
    effect : DataFrame
        Per ground grid whose ground changes, by code: `area_m2`, `buildings`, `households` and,
        where coverage is known, `covered`, each as `..._before` and `..._after`.
    faults : tuple of GridFault
        That it would cause; what was at fault before does not count. `repair` says what would do.
    """

    grids: gpd.GeoDataFrame
    put: gpd.GeoDataFrame
    given: tuple[str, ...]
    retired: tuple[str, ...]
    lineage: pd.DataFrame
    effect: pd.DataFrame
    faults: tuple[GridFault, ...]


def preview(plan: GridPlan, edit: ProposedEdit) -> Preview:
    """Resolve an edit: neighbours get the new vertices, parents are derived, all is checked.

    What could never be stored is refused here; what may be accepted is reported as `faults`.

    Raises
    ------
    ConflictError
        If the plan would not be seamless, or a building would be cut.
    """
    before = ground_grids(plan.grids)
    after = _with_snapped_neighbours(_with_edit(before, edit), edit)
    changed = _changed(before, after)
    _require_seamless(plan, before, after, changed, edit)
    derived = derive_parents(after, plan.grids)[list(plan.grids.columns)]
    whole = with_unchanged_shapes(derived, plan.grids)
    put = whole[whole["code"].isin(_changed(plan.grids, whole))].reset_index(drop=True)
    old, new = set(plan.grids["code"]), set(whole["code"])
    touched = plan.grids[plan.grids["code"].isin([*put["code"], *(old - new)])]
    parents = {*touched["parent_code"].dropna(), *put["parent_code"].dropna()}
    unordered = newly_out_of_order(plan.grids, whole, parents=parents, scheme=plan.scheme)
    effect = _effect(plan, before, after, sorted({*edit.shapes, *edit.gone}))
    left_band = out_of_band(plan.band, effect, after) if plan.band is not None else []
    return Preview(
        grids=whole,
        put=put,
        given=tuple(sorted(new - old)),
        retired=tuple(sorted(old - new)),
        lineage=succession_frame(touched, put),
        effect=effect,
        faults=(*crossings(plan, edit), *left_band, *unordered),
    )


def crossings(plan: GridPlan, edit: ProposedEdit) -> list[GridFault]:
    """Return the grids of an edit whose buildings a barrier would separate, and did not before."""
    ground = ground_grids(plan.grids)
    before = ground[ground["code"].isin([*edit.shapes, *edit.gone])]
    after = gpd.GeoDataFrame(
        {"code": list(edit.shapes)}, geometry=list(edit.shapes.values()), crs=plan.grids.crs
    )
    separated = newly_separated(before, after, barriers=plan.barriers, buildings=plan.buildings)
    return [replace(fault, repair=edit.instead or fault.repair) for fault in separated]


def _with_edit(ground: gpd.GeoDataFrame, edit: ProposedEdit) -> gpd.GeoDataFrame:
    """Return the ground grids with the shapes of an edit."""
    kept = ground[~ground["code"].isin([*edit.shapes, *edit.gone])]
    changed = ground[ground["code"].isin(list(edit.shapes))]
    changed = changed.set_geometry([edit.shapes[code] for code in changed["code"]], crs=ground.crs)
    rows = [{**about, "code": code, "geometry": edit.shapes[code]}
            for code, about in edit.new.items()]  # fmt: skip
    frames = [kept, changed]
    if rows:
        added = gpd.GeoDataFrame(rows, geometry="geometry", crs=ground.crs)
        frames.append(added.assign(origin=str(Origin.GIVEN))[list(ground.columns)])
    whole = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    whole["parent_code"] = whole["parent_code"].astype(object)
    return gpd.GeoDataFrame(whole, crs=ground.crs).sort_values("code", ignore_index=True)


def _with_snapped_neighbours(ground: gpd.GeoDataFrame, edit: ProposedEdit) -> gpd.GeoDataFrame:
    """Give the neighbours of changed grids the vertices that are new on their borders."""
    shapes = np.asarray(ground.geometry, dtype=object).copy()
    edited = np.flatnonzero(ground["code"].isin(list(edit.shapes)))
    corners = shapely.multipoints(shapely.get_coordinates(shapes[edited]))
    near = shapely.STRtree(shapes).query(corners, predicate="dwithin", distance=SAME_M)
    # Snapping puts a vertex into an edge that it lies on, and moves one by rounding at most.
    shapes[near] = shapely.snap(shapes[near], corners, SAME_M)
    return ground.set_geometry(shapes, crs=ground.crs)


def _changed(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> list[str]:
    """Return the codes of `after` that are new or have another shape or parent."""
    old = dict(zip(before["code"], zip(before["parent_code"], before.geometry, strict=True),
                   strict=True))  # fmt: skip
    return [
        code
        for code, parent, shape in zip(
            after["code"], after["parent_code"], after.geometry, strict=True
        )
        if code not in old
        or (isinstance(parent, str) and parent != old[code][0])
        or not shapely.equals_exact(shape, old[code][1], normalize=True)
    ]


def _require_seamless(
    plan: GridPlan,
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    changed: Sequence[str],
    edit: ProposedEdit,
) -> None:
    """Raise `ConflictError` if the ground around an edit would be at fault and was not before."""
    changed_rows = np.flatnonzero(after["code"].isin(changed))
    shapes = np.asarray(after.geometry, dtype=object)
    near = np.unique(shapely.STRtree(shapes).query(shapes[changed_rows], predicate="intersects")[1])
    for code in edit.shapes:
        shape = after.geometry[after["code"] == code].iloc[0]
        if shape.is_empty or not shape.is_valid:
            raise ConflictError("grid_edits.not_valid", code=code)
    conflicts = _conflicts(after.iloc[near])
    conflicts_before = _conflicts(before) if conflicts else {}
    for codes, region in conflicts.items():
        if codes not in conflicts_before:
            one, two = codes
            area, border = region.shape.area, region.shape.length
            raise ConflictError(
                "grid_edits.not_seamless", one=one, two=two, area=area, border=border
            )
    if not edit.grows:
        lost_m2 = _area(before) - _area(after)
        if abs(lost_m2) > SAME_M * np.sqrt(_area(before)):
            fault = "grid_edits.ground_lost" if lost_m2 > 0 else "grid_edits.ground_added"
            raise ConflictError(fault, area=abs(lost_m2))
    _require_whole_buildings(plan, before, after, changed)


def _conflicts(ground: gpd.GeoDataFrame) -> dict[tuple[str, ...], Region]:
    """Return the pairs of codes that overlap or whose borders do not match."""
    names, shapes = ground["code"].to_numpy(object), np.asarray(ground.geometry, object)
    regions = [*overlaps(shapes), *unmatched_borders(shapes)]
    return {tuple(str(names[row]) for row in region.rows): region for region in regions}


def _area(ground: gpd.GeoDataFrame) -> float:
    return float(ground.area.sum())


def _require_whole_buildings(
    plan: GridPlan, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, changed: Sequence[str]
) -> None:
    """Raise `ConflictError` if a building would be cut that was whole."""
    if not len(plan.buildings):
        return
    cut = building_faults(after[after["code"].isin(changed)], plan.buildings)
    cut_then = building_faults(before, plan.buildings) if cut else []
    cut_before = {fault.subject for fault in cut_then}
    for fault in cut:
        if fault.subject not in cut_before:
            raise ConflictError(
                "grid_edits.building_cut", building=fault.subject, codes=fault.codes
            )


def _effect(
    plan: GridPlan, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, codes: Sequence[str]
) -> pd.DataFrame:
    """Return buildings, households and covered households of grids, before and after."""
    table = pd.DataFrame({"code": list(codes)})
    for ground, when in ((before, "before"), (after, "after")):
        rows = ground[ground["code"].isin(codes)]
        sums = pd.DataFrame({"area_m2": rows.area.to_numpy()}, index=rows["code"].to_numpy(object))
        if len(plan.buildings):
            sums = sums.join(_counts(plan, rows))
        sums = sums.reindex(table["code"]).fillna(0)
        for name in sums:
            table[f"{name}_{when}"] = sums[name].to_numpy()
    return table


def _counts(plan: GridPlan, ground: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return buildings, households and covered households by grid; each building in one grid."""
    buildings = plan.buildings
    flat = ground.assign(parent_code=None)
    assigned = assign(flat, *demand_xy(buildings).T, nearest=False)
    grid = assigned["small"].fillna(assigned["medium"]).fillna(assigned["large"])
    columns: dict[str, object] = {"buildings": 1, "households": buildings["households"].to_numpy()}
    if plan.covered is not None:
        columns["covered"] = plan.covered.reindex(buildings.index).to_numpy()
    inside = pd.DataFrame(columns, index=range(len(buildings)))
    return inside.groupby(grid.to_numpy()).sum()
