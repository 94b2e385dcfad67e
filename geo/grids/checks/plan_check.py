"""Check a grid plan: every fault by the name of its rule, with place, size and a proposed repair.

The grids that have no children, mostly the small ones, are the *ground grids*: they alone must
cover the district without gap or overlap. All others must be the union of their children, so a
fault of the ground is reported once and not again for every level above it.
"""

from collections.abc import Callable, Iterable
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.crs import require_metric
from geo.geometry.polygon_coverage import (
    TOLERANCE_M,
    Region,
    beyond,
    gaps,
    joined,
    overlaps,
    unmatched_borders,
    wide_parts,
)
from geo.grids.checks.building_and_barrier_check import barrier_faults, building_faults
from geo.grids.checks.code_check import code_faults, order_faults, retired_faults
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.codes import CodeScheme
from geo.grids.hierarchy import ground_grids, ground_under

_PLACED: Final = 0.02
"""How exactly a place is the middle, as a share of the side of a square of the same area."""


def check_grids(
    grids: gpd.GeoDataFrame,
    *,
    district: BaseGeometry | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    scheme: CodeScheme | None = None,
    retired: Iterable[str] = (),
    tolerance_m: float = TOLERANCE_M,
) -> list[GridFault]:
    """Return all faults of a grid plan.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS, any levels.
    district : Polygon or MultiPolygon, optional
        Boundary in the same CRS. Without it only holes inside the plan are gaps, and nothing lies
        outside.
    buildings, barriers : GeoDataFrame, optional
        Layers in the metric CRS.
    scheme : CodeScheme, optional
        Without it codes need only be unique and begin with their parent's.
    retired : iterable of str
        Codes of retired grids: no other grid may carry them.
    tolerance_m : float
        A region that is narrower on average is rounding.

    Returns
    -------
    list of GridFault
        By rule in the order of :class:`Rule`, then as the rule finds them; none for a clean plan.
        An invalid grid counts for the other rules as what :func:`shapely.make_valid` leaves of it.

    Raises
    ------
    CrsError
        If a layer is not in a metric CRS.

    Notes
    -----
    About 0.8 s for 4,000 grids with 14,000 buildings and their walls.

    Examples
    --------
    >>> from shapely import box
    >>> plan = gpd.GeoDataFrame(
    ...     {"code": ["a", "b"], "level": "large", "parent_code": None},
    ...     geometry=[box(0, 0, 10, 10), box(11, 0, 20, 10)], crs=4548,
    ... )
    >>> for fault in check_grids(plan, district=box(0, 0, 20, 10)):
    ...     print(fault.rule, fault.codes, fault.size, fault.unit)
    gap ('a', 'b') 10.0 m2
    """
    require_metric(grids.crs, what="The grid layer")
    plan = grids.reset_index(drop=True)
    faults, shapes = _valid(plan)
    plan = plan.set_geometry(shapes, crs=grids.crs)
    ground = ground_grids(plan)
    names = ground["code"].astype(str).tolist()
    region_faults = ground_faults(np.asarray(ground.geometry, object), names, district, tolerance_m)
    faults += [fault for fault, _ in region_faults]
    known = [region for _, region in region_faults]
    faults += _nesting(plan, known, tolerance_m)
    if buildings is not None:
        require_metric(buildings.crs, what="The building layer")
        faults += building_faults(ground, buildings)
        if barriers is not None:
            require_metric(barriers.crs, what="The barrier layer")
            faults += barrier_faults(ground, barriers, buildings)
    faults += code_faults(plan, scheme)
    faults += retired_faults(plan, scheme, retired=frozenset(retired))
    return faults + order_faults(plan, scheme)


def ground_faults(
    shapes: GeometryArray, names: list[str], district: BaseGeometry | None, tolerance_m: float
) -> list[tuple[GridFault, Region]]:
    """Return overlaps, gaps, what lies outside, and borders that do not match, with the ground.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        The ground grids; metric CRS. Empty ones cover nothing.
    names : list of str, length n
        Their codes.
    district : Polygon or MultiPolygon, optional
    tolerance_m : float
    """
    regions: list[tuple[Rule, Region]] = [
        (Rule.OVERLAP, region) for region in overlaps(shapes, tolerance_m=tolerance_m)
    ]
    regions += [(Rule.GAP, region) for region in gaps(shapes, district, tolerance_m=tolerance_m)]
    if district is not None:
        outside = beyond(shapes, district, tolerance_m=tolerance_m)
        regions += [(Rule.OUTSIDE, region) for region in outside]
    known = [region for _, region in regions]
    apart = unmatched_borders(shapes, known, tolerance_m=tolerance_m)
    regions += [(Rule.MATCHED, region) for region in apart]
    return [(_fault_of_region(rule, region, names), region) for rule, region in regions]


def _fault_of_region(rule: Rule, region: Region, names: list[str]) -> GridFault:
    """Return the fault that a region is."""
    codes = tuple(sorted(names[row] for row in region.rows))
    size = region.shape.length if rule is Rule.MATCHED else region.shape.area
    text, repair = _MESSAGES[rule](codes, size)
    return GridFault(rule, codes, _place(region.shape), float(size), text, repair)


def _place(shape: BaseGeometry) -> Point:
    """Return a point of a region: the middle of its widest place."""
    if shape.area > 0:
        circle = shapely.maximum_inscribed_circle(shape, tolerance=_PLACED * shape.area**0.5)
        return Point(shapely.get_coordinates(circle)[0])
    point: Point = shapely.point_on_surface(shape)
    return point


Message = Callable[[tuple[str, ...], float], tuple[str, str]]


def _overlap_message(codes: tuple[str, ...], size: float) -> tuple[str, str]:
    return (
        f"{size:.2f} m2 lie in both {codes[0]} and {codes[1]}.",
        f"Give the piece to one of them, and draw the border of {codes[0]} and {codes[1]} once.",
    )


def _gap_message(codes: tuple[str, ...], size: float) -> tuple[str, str]:
    if not codes:
        return f"{size:.2f} m2 of the district lie in no grid.", "Add grids there."
    return (
        f"{size:.2f} m2 of the district lie in no grid; around it are {_listed(codes)}.",
        f"Give the piece to {codes[0] if len(codes) == 1 else 'one of them'}, or add a grid.",
    )


def _outside_message(codes: tuple[str, ...], size: float) -> tuple[str, str]:
    return f"{size:.2f} m2 of {codes[0]} lie outside the district.", "Cut the piece off."


def _matched_message(codes: tuple[str, ...], size: float) -> tuple[str, str]:
    return (
        f"{codes[0]} and {codes[1]} have different vertices along {size:.2f} m of their border.",
        "Snap both sides to the same vertices.",
    )


_MESSAGES: Final[dict[Rule, Message]] = {
    Rule.OVERLAP: _overlap_message,
    Rule.GAP: _gap_message,
    Rule.OUTSIDE: _outside_message,
    Rule.MATCHED: _matched_message,
}
_FEW: Final = 4


def _listed(codes: tuple[str, ...]) -> str:
    more = f" and {len(codes) - _FEW} more" if len(codes) > _FEW else ""
    return ", ".join(codes[:_FEW]) + more


def _valid(plan: gpd.GeoDataFrame) -> tuple[list[GridFault], GeometryArray]:
    """Return the faults of single shapes, and shapes that can be reckoned with."""
    shapes = np.asarray(plan.geometry, dtype=object)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    flat = shapely.get_dimensions(shapes) < 2  # noqa: PLR2004 - neither point nor line
    broken = ~missing & ~shapely.is_valid(shapes)
    reasons = shapely.is_valid_reason(shapes)
    faults = []
    for row in np.flatnonzero(missing | flat | broken):
        code = str(plan["code"].iloc[row])
        if missing[row] or flat[row]:
            text, place = f"{code} has no area.", shapely.centroid(shapes[row]) or Point()
            repair = "Draw it, or retire it."
        else:
            reason = reasons[row].split("[")[0]
            text, place = f"{code} is no valid polygon: {reason}.", _place(shapes[row])
            repair = "Draw its outline so that it does not touch itself."
        faults.append(GridFault(Rule.VALID, (code,), place, 1.0, text, repair))
    return faults, polygonal_parts(shapes)


def polygonal_parts(shapes: GeometryArray) -> GeometryArray:
    """Return valid shapes: the polygonal parts of each after :func:`shapely.make_valid`."""
    out = shapes.copy()
    out[shapely.is_missing(out) | (shapely.get_dimensions(out) < 2)] = shapely.Polygon()  # noqa: PLR2004
    bad = np.flatnonzero(~shapely.is_valid(out))
    for row in bad:
        out[row] = shapely.union_all(
            [p for p in shapely.get_parts(shapely.make_valid(out[row])) if p.area > 0]
        )
    return out


def _nesting(plan: gpd.GeoDataFrame, known: list[Region], tolerance_m: float) -> list[GridFault]:
    """Return parents that are not the union of the ground grids under them.

    Ground that is at fault itself does not count again.
    """
    at_fault = shapely.buffer(shapely.union_all([region.shape for region in known]), tolerance_m)
    faults = []
    by_code = plan.drop_duplicates("code").set_index("code")
    for parent, rows in ground_under(plan):
        shape, shapes = by_code.geometry[parent], np.asarray(rows.geometry, object)
        union = joined(shapes)
        if shapely.equals(shape, union):
            continue
        apart = shapely.difference(shapely.symmetric_difference(shape, union), at_fault)
        parts = wide_parts(apart, tolerance_m)
        if not parts:
            continue
        differs = shapely.dwithin(shapes, shapely.union_all(parts), tolerance_m)
        size = sum(part.area for part in parts)
        text = f"{parent} and the union of the grids in it differ by {size:.2f} m2."
        codes = (parent, *sorted(rows["code"][differs].astype(str)))
        repair = f"Derive {parent} from its children, or give it other children."
        faults.append(GridFault(Rule.NESTED, codes, _place(parts[0]), size, text, repair))
    return faults
