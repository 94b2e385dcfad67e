"""Compounds whose outline is known: whole where counting allows it.

Walls bound grids anyway. An outline that no wall follows is as a main street: a compound that can
be divided into grids is divided inside itself, and any other joins a neighbour at a price.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from geo.arrays import IntArray
from geo.geometry.point_in_polygon import PointLocator
from geo.grids.assign import demand_xy
from geo.model.vocabulary import GroundKind
from geo.partition.atoms.atoms import Atoms
from geo.partition.atoms.cut_lines import Rank


def is_compound(grounds: gpd.GeoDataFrame) -> np.ndarray:
    """Return which rows of layer ``open_grounds`` are compounds, where people live."""
    return np.asarray(grounds["kind"] == GroundKind.COMPOUND, dtype=np.bool_)


def compound_of(buildings: gpd.GeoDataFrame, grounds: gpd.GeoDataFrame) -> IntArray:
    """Return the row in `grounds` of the compound that each building stands in, -1 for none.

    Of two that hold it the smaller counts; both layers in one metric CRS.
    """
    rows = np.flatnonzero(is_compound(grounds))
    of = np.full(len(buildings), -1, dtype=np.int64)
    if len(rows) and len(buildings):
        shapes = np.asarray(grounds.geometry, dtype=object)[rows]
        order = np.argsort(shapely.area(shapes), kind="stable")
        xy = demand_xy(buildings)
        inside, _ = PointLocator.build(shapes[order], points=len(xy)).locate(*xy.T)
        of[inside >= 0] = rows[order[inside[inside >= 0]]]
    return of


def between_compounds(
    homes: Atoms, buildings: gpd.GeoDataFrame, grounds: gpd.GeoDataFrame
) -> Atoms:
    """Return homes with a main street on borders between compounds, and around each."""
    of = np.where(homes.of_building >= 0, compound_of(buildings, grounds), -1)
    if (of < 0).all():
        return homes
    compound = np.full(len(homes.households), -1, dtype=np.int64)
    households = buildings["households"].to_numpy(dtype=np.int64)
    order = np.argsort(households, kind="stable")  # of several buildings the largest decides
    order = order[homes.of_building[order] >= 0]
    compound[homes.of_building[order]] = of[order]
    one, two = homes.pairs.T
    apart = homes.built[one] & homes.built[two] & (compound[one] != compound[two])
    rank = np.where(apart, np.maximum(homes.rank, int(Rank.MAJOR_STREET)), homes.rank)
    return replace(homes, rank=rank)
