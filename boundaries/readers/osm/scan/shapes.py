"""Geometry of ways and areas, EPSG:4326: polygons where they close, lines where they do not."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.readers.osm.scan.extract import Area, Coordinates, Refs, Way

_MIN_RING: Final = 4  # points of a triangle, the first repeated
_MIN_LINE: Final = 2


def way_polygon(way: Way, coordinates: Coordinates) -> BaseGeometry | None:
    """Return the polygon of a closed way, None if it is open or the extract lacks a node."""
    if not way.closed:
        return None
    ring = coordinates.at(way.refs)
    return None if np.isnan(ring).any() else shapely.Polygon(ring)


def way_lines(refs: Refs, coordinates: Coordinates) -> BaseGeometry | None:
    """Return the line through the nodes, cut where the extract lacks one; None if none is left."""
    lonlat = coordinates.at(refs)
    is_known = ~np.isnan(lonlat[:, 0])
    cuts = np.flatnonzero(~is_known)
    runs = [run[~np.isnan(run[:, 0])] for run in np.split(lonlat, cuts)]
    lines = [shapely.LineString(run) for run in runs if len(run) >= _MIN_LINE]
    if not lines:
        return None
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def area_polygon(area: Area, coordinates: Coordinates) -> BaseGeometry:
    """Return the polygon of a complete multipolygon relation, with its holes."""
    polygons = [
        shapely.Polygon(coordinates.at(outer), [coordinates.at(inner) for inner in inners])
        for outer, inners in area.parts
    ]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def way_place(way: Way, coordinates: Coordinates) -> tuple[float, float] | None:
    """Return a point of the way: inside if it closes, else the middle node; None without nodes."""
    lonlat = coordinates.at(way.refs)
    lonlat = lonlat[~np.isnan(lonlat[:, 0])]
    if not len(lonlat):
        return None
    if way.closed and len(lonlat) >= _MIN_RING - 1:
        return inner_point(shapely.Polygon(lonlat))
    middle = lonlat[len(lonlat) // 2]
    return float(middle[0]), float(middle[1])


def inner_point(polygon: BaseGeometry) -> tuple[float, float]:
    """Return a point inside the polygon."""
    point = shapely.point_on_surface(shapely.make_valid(polygon))
    return float(point.x), float(point.y)


def polygonal(geometries: Sequence[BaseGeometry]) -> tuple[list[BaseGeometry], int]:
    """Return the geometries made valid, their polygons only, and how many had to be repaired."""
    shapes = np.asarray(geometries, object)
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    for row in bad.tolist():
        parts = shapely.get_parts(shapely.make_valid(shapes[row]))
        flat = [part for part in parts if part.geom_type in {"Polygon", "MultiPolygon"}]
        shapes[row] = shapely.union_all(flat) if flat else shapely.Polygon()
    return list(shapes), len(bad)
