"""What the grid check finds wrong with a plan that was just drawn."""

from collections.abc import Set as AbstractSet

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.grids.checks.faults import GridFault, Rule
from geo.grids.checks.plan_check import check_grids
from geo.grids.codes import CodeScheme
from geo.model.layers import Layers


def own_faults(
    grids: gpd.GeoDataFrame,
    boundary: BaseGeometry,
    layers: Layers,
    scheme: CodeScheme,
    *,
    kept: AbstractSet[str] = frozenset(),
) -> tuple[GridFault, ...]:
    """Return the grave faults of a plan by the rules of the grid check.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids`` as drawn, metric CRS.
    boundary : Polygon or MultiPolygon
        Of the district, in the same CRS.
    layers : Layers
        Metric CRS; `buildings` and `barriers` are read.
    scheme : CodeScheme
    kept : set of str
        Codes of grids that were kept: what is wrong among these alone was so before.

    Returns
    -------
    tuple of GridFault
        Not those of buildings that the boundary of the district itself cuts.
    """
    found = check_grids(
        grids, district=boundary, buildings=layers.buildings, barriers=layers.barriers,
        scheme=scheme,
    )  # fmt: skip
    shapely.prepare(boundary)
    is_whole = shapely.covers(boundary, layers.buildings.geometry.to_numpy())
    inside = frozenset(layers.buildings["building_id"][is_whole])
    return tuple(
        fault
        for fault in found
        if fault.grave
        and not (fault.codes and set(fault.codes) <= kept)
        and not (fault.rule is Rule.BUILDING and fault.subject not in inside)
    )
