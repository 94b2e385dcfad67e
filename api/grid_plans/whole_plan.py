"""The plan with every grid that is stored, also those from which no figure is computed."""

from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from api.snapshot.district import Snapshot
from geo.crs import STORED_EPSG, to_metric
from geo.geometry.stored_precision import to_degrees
from geo.model.layer_columns import COLUMNS

_DEGREES: Final = (180.0, 90.0, 180.0, 90.0)


def grids_set_aside(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """Return the grids that another program left unusable, EPSG:4326, with what they hold.

    A shape that lies off the map, or nowhere, is an empty one.
    """
    rows = [each.row for each in snapshot.set_aside if each.row is not None]
    columns = [*COLUMNS["grids"], "geometry"]
    table = {name: pd.Series([row[name] for row in rows], dtype=object) for name in columns}
    shapes = [_on_map(shape) for shape in table.pop("geometry")]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=STORED_EPSG)


def _on_map(shape: BaseGeometry | None) -> BaseGeometry:
    if shape is None or shape.is_empty:
        return shapely.Polygon()
    on_map = all(abs(x) <= most for x, most in zip(shape.bounds, _DEGREES, strict=True))
    return shape if on_map else shapely.Polygon()


def whole_plan(snapshot: Snapshot) -> gpd.GeoDataFrame:
    """Return all grids of a district in the metric CRS: layer ``grids``, and what was set aside."""
    grids, aside = snapshot.metric.grids, grids_set_aside(snapshot)
    if aside.empty:
        return grids
    return _joined(grids, to_metric(aside, snapshot.district.epsg))


def stored_rows(snapshot: Snapshot, put: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows of the plan in degrees; vertices that were stored keep their very own degrees."""
    stored, aside = snapshot.layers.grids, grids_set_aside(snapshot)
    if not aside.empty:
        stored = _joined(stored, aside)
    return to_degrees(put, metric=whole_plan(snapshot), stored=stored)


def _joined(grids: gpd.GeoDataFrame, aside: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return both as one frame whose parents are texts or None."""
    whole = pd.concat([grids, aside], ignore_index=True)
    for name in ("code", "level", "parent_code"):
        values = whole[name].astype(object)
        whole[name] = values.where(values.notna(), None)
    return gpd.GeoDataFrame(whole, crs=grids.crs)
