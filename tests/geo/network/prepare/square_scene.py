"""Squares drawn in metres: their rings, the streets that lead to them, what stands on them."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from shapely.ops import substring

from geo.model.layers import empty_layer
from tests.towns import CORNER, EPSG, edges_frame

YARD = [(0, 0), (100, 0), (100, 100), (0, 100)]


def at(shapes):
    """Return shapes drawn around 0, 0 where towns stand."""
    return shapely.transform(np.array(shapes, object), lambda xy: xy + np.array(CORNER))


def squares_frame(polygons, **columns):
    """Return areas at ground level."""
    n = len(polygons)
    defaults = {
        "osm_id": np.arange(100, 100 + n), "name": "", "level": 0, "bridge": False,
        "tunnel": False, "private": False, "opening_hours": "",
    }  # fmt: skip
    return gpd.GeoDataFrame({**defaults, **columns}, geometry=at(polygons), crs=EPSG)


def obstacles_frame(shapes=(), level=0):
    """Return what stands on the squares."""
    return gpd.GeoDataFrame(
        {"level": np.full(len(shapes), level)}, geometry=at([*shapes]), crs=EPSG
    )


def scene(polygon, doors, obstacles=(), inner=(), **columns):
    """Return the arguments of `cross_squares` for one area.

    doors: places on its outer ring, at each of which a street of 10 m ends, as do others at `inner`
    places; node n stands at the n-th of both, 1000 + n at the far end of its street.
    """
    rows = []
    outer, *holes = shapely.get_rings(polygon)
    names = {outer.project(shapely.Point(door)): n for n, door in enumerate(doors)}
    start = names.setdefault(0.0, -1)
    stops = [*sorted(names), outer.length]
    for low, high in pairwise(stops):
        ends = names[low], names.get(high, start)
        rows.append({"u": ends[0], "v": ends[1], "coords": substring(outer, low, high).coords})
    rows += [{"u": -2 - n, "v": -2 - n, "coords": hole.coords} for n, hole in enumerate(holes)]
    middle = np.array(polygon.centroid.coords[0])
    for n, place in enumerate([*doors, *inner]):
        away = np.array(place) - middle
        far = np.array(place) + 10 * away / np.hypot(*away)
        rows.append({"u": n, "v": 1000 + n, "coords": [place, far], "kind": "residential"})
    gates = empty_layer("gates").set_crs(EPSG, allow_override=True)
    return (
        edges_frame(rows), squares_frame([polygon], **columns), obstacles_frame(obstacles), gates,
    )  # fmt: skip


def crossing_scene():
    """Return a square of 100 m with a street in the south and one in the north."""
    return scene(shapely.Polygon(YARD), [(50, 0), (50, 100)])
