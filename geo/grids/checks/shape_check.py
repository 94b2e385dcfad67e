"""Rows and shapes of single grids: what can be reckoned with, and what is wrong with the rest."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.geometry.invalid_reason import invalid_reason
from geo.geometry.polygon_coverage import SLIVER_M, TOLERANCE_M, wide_parts
from geo.grids.checks.faults import GridFault, Rule
from geo.grids.codes import LEVELS
from geo.messages import Message
from geo.tolerances import SAME_M

_AREA: Final = 2
"""Dimension of a polygon."""

_PLACED: Final = 0.02
"""How exactly a place is the middle, as a share of the side of a square of the same area."""

_EMPTY: Final = shapely.Polygon()

_THIN: Final = 0.1
"""A polygon with less than this share of the area of a circle of its outline is a strip."""


def place_in(shape: BaseGeometry) -> Point:
    """Return a point of a region: the middle of its widest place."""
    if shape.area > 0:
        circle = shapely.maximum_inscribed_circle(shape, tolerance=_PLACED * shape.area**0.5)
        return Point(shapely.get_coordinates(circle)[0])
    point: Point = shapely.point_on_surface(shape) or Point()
    return point


def readable_rows(plan: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows have a code and a level that grids have."""
    has_code = np.array([isinstance(code, str) and bool(code) for code in plan["code"]], np.bool_)
    has_level = plan["level"].isin(list(map(str, LEVELS))).to_numpy(np.bool_)
    return np.asarray(has_code & has_level, np.bool_)


def row_faults(plan: gpd.GeoDataFrame) -> list[GridFault]:
    """Return the rows that have no code, or no level of the three.

    Parameters
    ----------
    plan : GeoDataFrame
        Layer ``grids`` in the metric CRS, with whatever its columns hold.
    """
    faults = []
    for row in np.flatnonzero(~readable_rows(plan)):
        code, level = plan["code"].iloc[row], plan["level"].iloc[row]
        named = code if isinstance(code, str) else ""
        said = {"code": str(code), "level": str(level)}
        place = _somewhere(plan.geometry.iloc[row])
        text = Message("grid_faults.row" if named else "grid_faults.row_without_code", said)
        repair = Message("grid_repairs.row" if named else "grid_repairs.row_without_code")
        faults.append(GridFault(Rule.ROW, (named,) if named else (), place, 1.0, text, repair))
    return faults


def shape_faults(plan: gpd.GeoDataFrame, *, tolerance_m: float) -> list[GridFault]:
    """Return the grids whose polygon crosses or touches itself, or has no area.

    Parameters
    ----------
    plan : GeoDataFrame
        Layer ``grids`` in the metric CRS.
    tolerance_m : float
        A grid that is narrower on average has no area.
    """
    shapes = np.asarray(plan.geometry, dtype=object)
    flat = _is_flat(shapes, tolerance_m)
    broken = ~flat & ~shapely.is_valid(shapes)
    codes = plan["code"].to_numpy(object)
    parents = set(plan["parent_code"].dropna())
    faults = []
    for row in np.flatnonzero(flat | broken):
        code = str(codes[row])
        if flat[row]:
            place, rule = _somewhere(shapes[row]), Rule.COLLAPSED
            text = Message("grid_faults.no_area", {"code": code})
            derived = Message("grid_repairs.derive_parent", {"parent": code})
            repair = derived if code in parents else Message("grid_repairs.draw_or_retire")
        else:
            place, rule = place_in(shapes[row]), Rule.VALID
            text = _invalid_text(code, shapes[row])
            repair = Message("grid_repairs.no_self_touch")
        faults.append(GridFault(rule, (code,), place, 1.0, text, repair))
    return faults


def ground_of(shapes: GeometryArray, *, tolerance_m: float = TOLERANCE_M) -> GeometryArray:
    """Return what grids can be reckoned with: valid polygons, empty where there is no area."""
    out = polygonal_parts(shapes)
    out[_is_flat(out, tolerance_m)] = _EMPTY
    return out


def _is_flat(shapes: GeometryArray, tolerance_m: float) -> npt.NDArray[np.bool_]:
    """Return which shapes have no area to speak of, also of those that are no polygons."""
    flat = shapely.is_missing(shapes) | (shapely.get_dimensions(shapes) < _AREA)
    flat |= ~np.isfinite(shapely.area(shapes))
    with np.errstate(invalid="ignore"):
        narrow = 2 * shapely.area(shapes) <= tolerance_m * shapely.length(shapes)
    for row in np.flatnonzero(~flat & narrow | ~flat & ~shapely.is_valid(shapes)):
        # A bow tie may have two equal halves of opposite sign.
        (kept,) = polygonal_parts(shapes[[row]])
        flat[row] = not wide_parts(kept, tolerance_m)
    return flat


def _invalid_text(code: str, shape: BaseGeometry) -> Message:
    """Return what is wrong with an invalid polygon; a pinch is a corner where it touches itself."""
    pinched = shapely.is_valid_reason(shape).startswith("Ring Self-intersection")
    (kept,) = polygonal_parts(np.array([shape], dtype=object))
    if pinched and abs(kept.area - shape.area) <= SAME_M * max(shape.length, 1.0):
        return Message("grid_faults.pinched", {"code": code})
    return Message("grid_faults.invalid", {"code": code, "reason": invalid_reason(shape)})


def _somewhere(shape: BaseGeometry | None) -> Point:
    """Return a place of a shape that may be none, or nowhere."""
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all():
        return Point()
    return Point(shapely.centroid(shape))


def polygonal_parts(shapes: GeometryArray) -> GeometryArray:
    """Return valid shapes: the polygonal parts of each after :func:`shapely.make_valid`.

    What has no area, or no place, becomes an empty polygon.
    """
    out = shapes.copy()
    out[shapely.is_missing(out) | (shapely.get_dimensions(out) < _AREA)] = _EMPTY
    bad = np.flatnonzero(~shapely.is_valid(out))
    for row in bad:
        if not np.isfinite(shapely.get_coordinates(out[row])).all():
            out[row] = _EMPTY
            continue
        made = shapely.make_valid(out[row], method="structure", keep_collapsed=False)
        parts = [part for part in shapely.get_parts(made) if part.area > 0]
        out[row] = shapely.union_all(parts) if parts else _EMPTY
    return out


def piece_faults(
    shapes: GeometryArray, names: list[str], district: BaseGeometry | None
) -> list[GridFault]:
    """Return the ground grids in several pieces, and those that are slivers as a whole.

    Pieces on different islands of the district are no fault.

    Parameters
    ----------
    shapes : ndarray of valid Polygon or MultiPolygon, shape (n,)
        Metric CRS.
    names : list of str, length n
    district : Polygon or MultiPolygon, optional
    """
    faults = []
    several = shapely.get_num_geometries(shapes) > 1
    for row in np.flatnonzero(several):
        pieces = np.array(wide_parts(shapes[row]), dtype=object)
        island = _island_of(pieces, district)
        again = np.array([island[k] in island[:k] for k in range(len(pieces))], dtype=np.bool_)
        if again.any():
            faults.append(_in_pieces(names[row], pieces, pieces[again][0]))
    area, outline = shapely.area(shapes), shapely.length(shapes)
    narrow = (2 * area <= SLIVER_M * outline) & (4 * np.pi * area <= _THIN * outline**2)
    for row in np.flatnonzero(narrow & ~several & (area > 0)):
        shape, code = shapes[row], names[row]
        size = {"code": code, "width": 2 * shape.area / shape.length}
        text = Message("grid_faults.sliver_grid", size)
        repair = Message("grid_repairs.draw_or_retire")
        faults.append(GridFault(Rule.SLIVER, (code,), place_in(shape), shape.area, text, repair))
    return faults


def _island_of(pieces: GeometryArray, district: BaseGeometry | None) -> IntArray:
    """Return the part of the district on which each piece lies."""
    if district is None:
        return np.zeros(len(pieces), np.int64)
    parts = shapely.get_parts(district)
    nearest = shapely.STRtree(parts).nearest(shapely.point_on_surface(pieces))
    return np.asarray(nearest, np.int64)


def _in_pieces(code: str, pieces: GeometryArray, lesser: BaseGeometry) -> GridFault:
    """Return the fault of a grid in several pieces."""
    said = {"code": code, "n": len(pieces), "least": float(pieces[-1].area)}
    return GridFault(
        Rule.MULTIPART,
        (code,),
        place_in(lesser),
        float(len(pieces)),
        Message("grid_faults.pieces", said),
        Message("grid_repairs.pieces"),
    )
