"""Households of small grids beside the band of the district, as advice."""

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import Point
from shapely.geometry.base import BaseGeometry

from geo.grids.checks.faults import GridFault, Rule
from geo.messages import Message
from geo.model.vocabulary import Level


class HouseholdBand(NamedTuple):
    """Households that a small grid should have.

    Attributes
    ----------
    low, high : int
        Both inclusive.
    """

    low: int
    high: int


def band_faults(
    grids: gpd.GeoDataFrame, grid_of: pd.Series, households: pd.Series, band: HouseholdBand
) -> list[GridFault]:
    """Return the small grids whose households lie outside the band.

    Ground without homes is no fault, nor is a grid of one building that is over the band alone: no
    grid can cut it.

    Parameters
    ----------
    grids : GeoDataFrame
        Layer ``grids``, metric CRS.
    grid_of : Series of str
        Code of the small grid of each building, None where there is none.
    households : Series of int
        Of each building, in the same order.
    band : HouseholdBand

    Returns
    -------
    list of GridFault
        By code; the size is the number of households.

    Examples
    --------
    >>> from shapely import box
    >>> grids = gpd.GeoDataFrame(
    ...     {"code": ["a", "b"], "level": "small"}, geometry=[box(0, 0, 1, 1)] * 2, crs=4548
    ... )
    >>> of, households = pd.Series(["a", "a", "b"]), pd.Series([20, 52, 60])
    >>> [(f.codes, f.size) for f in band_faults(grids, of, households, HouseholdBand(30, 50))]
    [(('a',), 72.0)]
    """
    table = pd.DataFrame({"grid": grid_of.to_numpy(object), "n": households.to_numpy(np.int64)})
    lived = table[table["n"] > 0].groupby("grid")["n"].agg(["sum", "size"])
    is_over = (lived["sum"] > band.high) & (lived["size"] > 1)
    out = lived[is_over | (lived["sum"] < band.low)]
    small = grids[grids["level"] == Level.SMALL].drop_duplicates("code").set_index("code")
    out = out[out.index.isin(small.index)].sort_index()
    return [
        _band_fault(str(code), int(n), small.geometry[code], band) for code, n in out["sum"].items()
    ]


def out_of_band(
    band: HouseholdBand, effect: pd.DataFrame, after: gpd.GeoDataFrame
) -> list[GridFault]:
    """Return the small grids that an edit leaves outside the band.

    Only where their households change, also one that comes to have none; never one of a single
    building over the band.

    Parameters
    ----------
    band : HouseholdBand
    effect : DataFrame
        As :class:`geo.grids.edits.preview.Preview` has it.
    after : GeoDataFrame
        The ground grids as they would be, metric CRS.
    """
    if "households_after" not in effect:
        return []
    small = after[after["level"] == Level.SMALL].set_index("code")
    rows = effect[effect["code"].isin(small.index)]
    n, single = rows["households_after"], rows["buildings_after"] <= 1
    new = ~(rows["area_m2_before"] > 0)
    is_out = (n < band.low) | ((n > band.high) & ~single)
    rows = rows[is_out & (new | (n != rows["households_before"]))]
    return [
        _band_fault(str(code), int(n), small.geometry[code], band)
        for code, n in zip(rows["code"], rows["households_after"].to_numpy(), strict=True)
    ]


def _band_fault(code: str, n: int, shape: BaseGeometry | None, band: HouseholdBand) -> GridFault:
    said = {"code": code, "n": n, "low": band.low, "high": band.high}
    place: Point = Point() if shape is None else shapely.point_on_surface(shape) or Point()
    repair = "grid_repairs.split_or_move" if n > band.high else "grid_repairs.merge_or_move"
    text = Message("grid_faults.band", said)
    return GridFault(Rule.BAND, (code,), place, float(n), text, Message(repair))
