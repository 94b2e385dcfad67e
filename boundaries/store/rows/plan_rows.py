"""Rows of grids as a plan in the metric CRS, with whatever another program left in them."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.store.rows.backend import Backend
from boundaries.store.rows.layer_rows import Row, column_names
from boundaries.store.rows.usable_rows import decoded
from boundaries.store.tables.geometry_type import single
from geo.crs import STORED_EPSG, to_metric

_LAYER: Final = "grids"


def metric_plan(base: Backend, rows: Sequence[Row], epsg: int) -> gpd.GeoDataFrame:
    """Return rows of grids as a plan in the metric CRS, with whatever they hold."""
    names = column_names(_LAYER)
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names[:-1])}
    shapes = single(decoded([row[-1] for row in rows], base.codec.decode)[0])
    with np.errstate(invalid="ignore"):
        off_map = ~np.all(np.abs(shapely.bounds(shapes)) <= (180, 90, 180, 90), axis=1)
    shapes[np.flatnonzero(off_map)] = shapely.Polygon()
    table = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    return to_metric(gpd.GeoDataFrame(table, geometry=shapes, crs=STORED_EPSG), epsg)
