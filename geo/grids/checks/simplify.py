"""Draw a grid plan with fewer vertices, for the web."""

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import require_metric
from geo.errors import InputError
from geo.geometry.polygon_coverage import unmatched_borders
from geo.grids.hierarchy import derive_parents, ground_grids


def simplify(grids: gpd.GeoDataFrame, tolerance_m: float) -> gpd.GeoDataFrame:
    """Return the plan with fewer vertices, for the web; it stays seamless and nested.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` in the metric CRS, with borders that match.
    tolerance_m : float
        About the side of the largest bend that is left out, metres (Visvalingam and Whyatt 1993).

    Returns
    -------
    GeoDataFrame
        Layer ``grids`` by code, never to be measured or stored in place of the plan.

    Raises
    ------
    CrsError
        If the grids are not in a metric CRS.
    InputError
        If grids overlap or their borders do not match.
    """
    require_metric(grids.crs, what="crs.grid_layer")
    ground = ground_grids(grids)
    shapes = np.asarray(ground.geometry, dtype=object)
    if not shapely.coverage_is_valid(shapes) or unmatched_borders(shapes):
        raise InputError("grids.not_seamless")
    drawn = shapely.coverage_simplify(shapes, tolerance_m)
    return derive_parents(ground.set_geometry(drawn, crs=grids.crs), grids)
