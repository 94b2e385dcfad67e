"""How the ground grids cover the district: overlaps, gaps, holes, slivers, borders."""

from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.geometry.polygon_coverage import (
    SLIVER_M,
    Region,
    beyond,
    gaps,
    overlaps,
    unmatched_borders,
    wide_parts,
)
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.checks.shape_check import place_in
from geo.messages import Message
from geo.tolerances import TOUCH_M

_FEW: Final = 4
"""Grids that a gap names; of more it says how many."""


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
    common = overlaps(shapes, tolerance_m=tolerance_m)
    free = gaps(shapes, district, tolerance_m=tolerance_m)
    outside = [] if district is None else beyond(shapes, district, tolerance_m=tolerance_m)
    apart = unmatched_borders(shapes, [*common, *free, *outside], tolerance_m=tolerance_m)
    faults = [(region_fault(Rule.OVERLAP, region, names), region) for region in common]
    for region in free:
        rule = Rule.HOLE if _is_hole(region, shapes) else Rule.GAP
        faults.append((region_fault(rule, region, names), region))
    faults += [(region_fault(Rule.OUTSIDE, region, names), region) for region in outside]
    faults += [(matched_fault(region, shapes, names), region) for region in apart]
    return faults


def _is_hole(region: Region, shapes: GeometryArray) -> bool:
    """Return whether one grid lies all around a gap."""
    if len(region.rows) != 1:
        return False
    parts = shapely.get_parts(shapes[region.rows[0]])
    outlines = shapely.polygons(shapely.get_exterior_ring(parts))
    return bool(shapely.covers(outlines, region.shape).any())


def region_fault(rule: Rule, region: Region, names: list[str]) -> GridFault:
    """Return the fault that a region is; a narrow overlap or gap is a sliver."""
    codes = tuple(sorted(names[row] for row in region.rows))
    size = float(region.shape.area)
    text, repair = _MESSAGES[rule](codes, size)
    if rule in _SLIVERS and codes and not wide_parts(region.shape, SLIVER_M):
        said = {"size": size, "width": 2 * size / region.shape.length, "codes": list(codes)}
        text, repair = Message(_SLIVERS[rule], said), Message("grid_repairs.one_line")
        rule = Rule.SLIVER
    return GridFault(rule, codes, place_in(region.shape), size, text, repair)


def matched_fault(region: Region, shapes: GeometryArray, names: list[str]) -> GridFault:
    """Return the fault of a border whose two sides have other vertices."""
    codes = tuple(sorted(names[row] for row in region.rows))
    size = float(region.shape.length)
    said = {"one": codes[0], "two": codes[-1], "size": size}
    text = Message("grid_faults.vertices_differ", said)
    off_m = _corner_off_m(*shapes[list(region.rows)], along=region.shape)
    if off_m is not None:
        text = Message("grid_faults.vertex_off", {**said, "off": off_m * 1000})
    place, repair = place_in(region.shape), Message("grid_repairs.snap_vertices")
    return GridFault(Rule.MATCHED, codes, place, size, text, repair)


def _corner_off_m(one: BaseGeometry, two: BaseGeometry, *, along: BaseGeometry) -> float | None:
    """Return how far corners that were meant as one lie apart, at most, metres; None if none do."""
    corners = [
        shapely.get_parts(shapely.multipoints(np.unique(shapely.get_coordinates(shape), axis=0)))
        for shape in (one, two)
    ]
    near = [each[shapely.dwithin(each, along, TOUCH_M)] for each in corners]
    if not (len(near[0]) and len(near[1])):
        return None
    (_, _), apart = shapely.STRtree(near[1]).query_nearest(
        near[0], max_distance=TOUCH_M, return_distance=True, all_matches=False
    )
    off = apart[apart > 0]
    return float(off.max()) if len(off) else None


def _overlap_message(codes: tuple[str, ...], size: float) -> tuple[Message, Message]:
    pair = {"one": codes[0], "two": codes[-1]}
    text = Message("grid_faults.overlap", {**pair, "size": size})
    return text, Message("grid_repairs.one_border", pair)


def _gap_message(codes: tuple[str, ...], size: float) -> tuple[Message, Message]:
    if not codes:
        return Message("grid_faults.gap", {"size": size}), Message("grid_repairs.add_grids")
    text = Message("grid_faults.gap_among", {"size": size, "codes": list(codes)})
    if len(codes) > _FEW:
        few = {"codes": list(codes[:_FEW]), "more": len(codes) - _FEW}
        text = Message("grid_faults.gap_among_more", {"size": size, **few})
    if len(codes) == 1:
        return text, Message("grid_repairs.fill_gap_with", {"code": codes[0]})
    return text, Message("grid_repairs.fill_gap")


def _hole_message(codes: tuple[str, ...], size: float) -> tuple[Message, Message]:
    text = Message("grid_faults.hole", {"size": size, "code": codes[0]})
    return text, Message("grid_repairs.fill_gap_with", {"code": codes[0]})


def _outside_message(codes: tuple[str, ...], size: float) -> tuple[Message, Message]:
    text = Message("grid_faults.outside", {"size": size, "code": codes[0]})
    return text, Message("grid_repairs.cut_off")


_MESSAGES: Final[dict[Rule, Callable[[tuple[str, ...], float], tuple[Message, Message]]]] = {
    Rule.OVERLAP: _overlap_message,
    Rule.GAP: _gap_message,
    Rule.HOLE: _hole_message,
    Rule.OUTSIDE: _outside_message,
}
_SLIVERS: Final = {
    Rule.OVERLAP: "grid_faults.sliver_overlap",
    Rule.GAP: "grid_faults.sliver_gap",
    Rule.HOLE: "grid_faults.sliver_gap",
}
"""What a narrow overlap or gap is told as."""
