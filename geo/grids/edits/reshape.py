"""Cutting and fitting the shape of one grid; every vertex that was there stays."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.errors import ConflictError, InputError
from geo.geometry.polygon_coverage import SLIVER_M, joined, wide_parts
from geo.tolerances import SAME_M, TOUCH_M

EXTENSION_M: Final = 5.0
"""A line that ends this close to a border is drawn on to it, metres."""


def split_polygon(shape: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """Return the polygons that a line cuts a shape into; every vertex of the shape stays."""
    outline = shapely.boundary(shape)
    drawn = shapely.snap(line, shapely.extract_unique_points(outline), TOUCH_M)
    lines = [outline, drawn, *_extensions(drawn, outline, shape)]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
    return list(faces[shapely.contains(shape, shapely.point_on_surface(faces))])


def _extensions(line: BaseGeometry, outline: BaseGeometry, shape: BaseGeometry) -> GeometryArray:
    """Return lines from the ends of a line inside a shape to its outline, where that is near.

    They go a little beyond: an end worked out to lie on an edge misses it by rounding.
    """
    vertices = shapely.get_coordinates(line)
    ends, before = vertices[[0, -1]], vertices[[1, -2]]
    points = shapely.points(ends)
    nearest = shapely.get_coordinates(shapely.get_point(shapely.shortest_line(points, outline), 1))
    gap = nearest - ends
    length_m = np.hypot(*gap.T)
    own_direction = (ends - before) / np.maximum(np.hypot(*(ends - before).T), SAME_M)[:, None]
    unit = np.where(
        length_m[:, None] > SAME_M,
        gap / np.maximum(length_m, SAME_M)[:, None],
        own_direction,
    )
    is_near = (shapely.covers(shape, points) | (length_m <= SAME_M)) & (length_m <= EXTENSION_M)
    lines = shapely.linestrings(np.stack([ends, nearest + unit * TOUCH_M], axis=1))
    drawn: GeometryArray = np.asarray(lines, dtype=np.object_)[is_near]
    return drawn


def border_m(one: BaseGeometry, two: BaseGeometry) -> float:
    """Return the length of the common border, metres."""
    return float(shapely.length(shapely.intersection(one.boundary, two.boundary)))


def fit_shape(
    shape: BaseGeometry, ground: gpd.GeoDataFrame, district: BaseGeometry | None
) -> BaseGeometry:
    """Fit a new shape between existing grids; it takes over their vertices.

    Parameters
    ----------
    shape : Polygon
        As drawn; what misses a border by up to
        :data:`geo.geometry.polygon_coverage.SLIVER_M` is drawn to it.
    ground : GeoDataFrame
        Grids that have no children.
    district : Polygon or MultiPolygon, optional
        What the new shape must not leave.

    Raises
    ------
    InputError
        If the shape is no polygon.
    ConflictError
        If other grids lie there, or there is no ground left.
    """
    if shape.geom_type != "Polygon" or shape.is_empty or not shape.is_valid:
        raise InputError("grid_edits.not_a_polygon", shape=shape.geom_type)
    shapes = np.asarray(ground.geometry, dtype=object)
    around: BaseGeometry = shapely.buffer(shape, 3 * SLIVER_M)
    if district is not None:
        around = shapely.intersection(around, district)
    near = np.flatnonzero(shapely.intersects(shapes, around))
    for row in near:
        common = wide_parts(shapely.intersection(shape, shapes[row]), SLIVER_M)
        if common:
            code = str(ground["code"].iloc[row])
            raise ConflictError("grid_edits.overlaps", code=code, area=common[0].area)
    free = shapely.difference(around, joined(shapes[near]))
    # Cut, not overlaid: so the new grid has the very corners of its neighbours.
    cells = [face for part in wide_parts(free) for face in split_polygon(part, shape.boundary)]
    faces: GeometryArray = np.array(cells, dtype=np.object_)
    inside = shapely.contains(shape, shapely.point_on_surface(faces))
    if not inside.any():
        raise ConflictError("grid_edits.no_ground_of_its_own")
    narrow = np.array([not wide_parts(face, SLIVER_M) for face in faces], dtype=np.bool_)
    whole: BaseGeometry = wide_parts(joined(faces[inside | narrow]))[0]
    return whole
