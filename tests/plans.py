"""Random clean grid plans of three levels, and one fault put into them at a time."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPoint, Point, box

from geo.grids.codes import number, scheme_of
from geo.grids.hierarchy import derive_parents
from geo.model.vocabulary import Level

EPSG = 4548
SIDE_M = 400.0
WEST, SOUTH = 588_000.0, 4_138_000.0
DISTRICT = box(WEST, SOUTH, WEST + SIDE_M, SOUTH + SIDE_M)
SCHEME = scheme_of("371602")


def cells(seed: int, count: int) -> np.ndarray:
    """Return `count` Voronoi cells that cover the district, with exactly matching borders."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(20, SIDE_M - 20, (count, 2)) + np.array([WEST, SOUTH])
    found = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(at), extend_to=DISTRICT))
    made = shapely.coverage_clean(shapely.intersection(found, DISTRICT), snapping_distance=1e-4)
    # The cells come in no order of their own.
    return np.array(sorted(shapely.normalize(made), key=lambda s: s.wkt), dtype=object)


def plan(seed: int, count: int = 16) -> gpd.GeoDataFrame:
    """Return a clean plan: `count` small grids in up to four mediums in two larges, EPSG:4548."""
    shapes = cells(seed, count)
    centre = shapely.get_coordinates(shapely.centroid(shapes)) - [WEST, SOUTH]
    east, north = (centre > SIDE_M / 2).T.astype(int)
    large = np.array(["371602001001", "371602001002"], dtype=object)[east]
    frames, small = [], None
    for level, parents, group in (
        (Level.MEDIUM, large, east * 2 + north),
        (Level.SMALL, None, None),
    ):
        if level is Level.MEDIUM:
            kinds, first, which = np.unique(group, return_index=True, return_inverse=True)
            union = np.array(
                [shapely.coverage_union_all(shapes[which == k]) for k in range(len(kinds))]
            )
            codes = number(union, parents[first], level=level, scheme=SCHEME)
            medium = codes[which]
            frames.append(_frame(codes, level, parents[first], union))
        else:
            codes = number(shapes, medium, level=level, scheme=SCHEME)
            small = _frame(codes, level, medium, shapes)
    names = sorted(set(large))
    frames.append(_frame(names, Level.LARGE, [None] * len(names), [shapely.Polygon()] * len(names)))
    return derive_parents(small, pd.concat(frames, ignore_index=True))


def _frame(codes, level, parents, shapes) -> gpd.GeoDataFrame:
    columns = {
        "code": pd.Series(list(codes), dtype=object),
        "level": str(level),
        "parent_code": pd.Series(list(parents), dtype=object),
        "name_zh": list(codes),
        "name_en": list(codes),
        "origin": "given",
    }
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=EPSG)


def buildings(shapes, households=None) -> gpd.GeoDataFrame:
    """Return a layer ``buildings`` (metric) of footprints or points."""
    shapes = np.asarray(shapes, dtype=object)
    at = gpd.GeoSeries(shapely.point_on_surface(shapes), crs=EPSG).to_crs(4326)
    return gpd.GeoDataFrame(
        {
            "building_id": [f"b{k:02d}" for k in range(len(shapes))],
            "households": [10] * len(shapes) if households is None else households,
            "lon": at.x.to_numpy(),
            "lat": at.y.to_numpy(),
        },
        geometry=shapes,
        crs=EPSG,
    )


def barriers(lines) -> gpd.GeoDataFrame:
    """Return a layer ``barriers`` (metric)."""
    ids = [f"w{k}" for k in range(len(lines))]
    return gpd.GeoDataFrame(
        {"barrier_id": ids, "kind": "wall", "name": ""}, geometry=lines, crs=EPSG
    )


def smalls(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the small grids, by code."""
    return grids[grids["level"] == "small"].reset_index(drop=True)


def with_shape(grids: gpd.GeoDataFrame, code: str, shape) -> gpd.GeoDataFrame:
    """Return the plan with another shape of one grid, and parents derived anew if it is small."""
    changed = grids.copy()
    row = changed.index[changed["code"] == code][0]
    changed.loc[[row], "geometry"] = gpd.GeoSeries([shape], index=[row], crs=EPSG)
    if changed["level"].iloc[row] != "small":
        return changed
    return derive_parents(changed[changed["level"] == "small"], changed)


def homes(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return one building well inside each small grid; in every fourth one nobody lives."""
    inside = [g.representative_point().buffer(0.5) for g in smalls(grids).geometry]
    return buildings(inside, [10 * (number % 4 != 3) for number in range(len(inside))])


def at(x: float, y: float) -> Point:
    """Return a place by metres from the south-west corner."""
    return Point(WEST + x, SOUTH + y)
