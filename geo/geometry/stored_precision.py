"""Back from metres to degrees without changing what was stored before."""

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import STORED_EPSG


def to_degrees(
    put: gpd.GeoDataFrame, *, metric: gpd.GeoDataFrame, stored: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return rows in EPSG:4326; a vertex that was stored before gets back its very own degrees.

    To metres and back again changes the last bits of a coordinate, and neighbours that are not
    stored anew would no longer match.

    Parameters
    ----------
    put : GeoDataFrame
        Rows that an edit stores, metric CRS.
    metric, stored : GeoDataFrame
        The plan before the edit, in both CRS, row by row.
    """
    here, there = (
        shapely.get_coordinates(np.asarray(frame.geometry, object)).tolist()
        for frame in (metric, stored)
    )
    known = dict(zip(map(tuple, here), there, strict=True))
    back = put.to_crs(STORED_EPSG)
    shapes = np.asarray(back.geometry, object).copy()
    made = shapely.get_coordinates(shapes).tolist()
    metric_xy = shapely.get_coordinates(np.asarray(put.geometry, object)).tolist()
    stored_xy = [known.get(tuple(key), new) for key, new in zip(metric_xy, made, strict=True)]
    shapes = shapely.set_coordinates(shapes, np.array(stored_xy, dtype=np.float64).reshape(-1, 2))
    return back.set_geometry(shapes, crs=STORED_EPSG)
