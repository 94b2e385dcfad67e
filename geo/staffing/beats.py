"""Beats as they are stored: who looks after which small grids, and where nobody does.

The loads and what they are held against come from :mod:`geo.staffing.completeness`; this module
gives them an outline. An outline is a picture: households are those of the buildings in the small
grids.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import require_metric
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.partition.atoms.band import Band
from geo.staffing.completeness import Met, worker_rows
from geo.staffing.posts import OF_POST
from geo.tolerances import TOUCH_M


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats of a district.

    Attributes
    ----------
    table : GeoDataFrame
        One row per worker, by its code, in the CRS of the layers: `worker_code`, `post_name` and
        `phone` (None where unknown); `large_codes` and `grid_codes` (lists of str); `grids`,
        `buildings`, `households` (int64); `status` (``met``, ``light`` or ``heavy``,
        :class:`geo.staffing.completeness.Met`); `parts`, polygons of the outline.
    unassigned : DataFrame
        Small grids in which somebody lives and that are in no beat, most households first: `code`,
        `large_code`, `name_zh`, `name_en`, `buildings`, `households`.
    aim : int
        Households that a worker is meant for.
    low, high : float
        Band of households of a beat, both inclusive.
    """

    table: gpd.GeoDataFrame
    unassigned: pd.DataFrame
    aim: int
    low: int
    high: int


def find_beats(layers_metric: Layers, small: pd.Series, *, band: Band) -> Beats:
    """Return the beats of a district.

    Parameters
    ----------
    layers_metric : Layers
        In the district's metric CRS. Workers of grids that are not there have no ground and are
        left out; no store takes them.
    small : Series of str
        Small grid of each building (:func:`geo.grids.assign.members`); missing where it lies in
        none.
    band : Band
        Households of a beat.

    Raises
    ------
    CrsError
        If the layers are not in metres.

    Examples
    --------
    See ``tests/geo/staffing/test_beats.py``.
    """
    require_metric(layers_metric.grids.crs, what="crs.grid_layer")
    per_grid = layers_metric.buildings["households"].groupby(small.to_numpy()).agg(["size", "sum"])
    report = worker_rows(
        layers_metric.grids.sort_values("code"),
        layers_metric.workers,
        per_grid["sum"],
        band=band,
    )
    grids = layers_metric.grids.loc[layers_metric.grids["level"] == Level.SMALL].set_index("code")
    grids = grids.assign(
        buildings=per_grid["size"].reindex(grids.index).fillna(0).astype(np.int64),
        households=per_grid["sum"].reindex(grids.index).fillna(0).astype(np.int64),
        large_code=grids["parent_code"].map(layers_metric.grids.set_index("code")["parent_code"]),
    )
    load = report[report["rule"] == "load"].set_index("code")
    nobody = report.loc[(report["rule"] == "worker") & (report["status"] == Met.MISSING), "code"]
    return Beats(
        table=_table(layers_metric.workers, grids, load["status"]),
        unassigned=_unassigned(grids, nobody),
        aim=band.aim,
        low=band.low,
        high=band.high,
    )


def widest_places(table: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Return where the outline of each beat is widest: a place for its label, in its CRS."""
    shapes = table.geometry.to_numpy()
    near_m = np.sqrt(shapely.area(shapes)) / 20
    radii = shapely.maximum_inscribed_circle(shapes, tolerance=near_m)
    return gpd.GeoSeries(shapely.get_point(radii, 0), index=table.index, crs=table.crs)


def _unassigned(grids: gpd.GeoDataFrame, codes: pd.Series) -> pd.DataFrame:
    columns = ["code", "large_code", "name_zh", "name_en", "buildings", "households"]
    rows = pd.DataFrame(grids.loc[codes]).reset_index()[columns]
    return rows.sort_values(["households", "code"], ascending=[False, True], ignore_index=True)


def _table(workers: pd.DataFrame, grids: gpd.GeoDataFrame, status: pd.Series) -> gpd.GeoDataFrame:
    placed = workers[workers["grid_code"].isin(grids.index)]
    placed = placed.sort_values(["worker_code", "grid_code"], ignore_index=True)
    outlines = _joinable(grids).loc[placed["grid_code"]]
    whose = placed["worker_code"].to_numpy(object)
    names, first = np.unique(whose.astype(str), return_index=True)
    sums = pd.DataFrame(outlines[["buildings", "households"]]).groupby(whose).sum()
    pieces = np.split(outlines.geometry.to_numpy(), first[1:]) if len(names) else []
    shapes = np.array([shapely.coverage_union_all(each) for each in pieces], dtype=object)
    table = pd.DataFrame(
        {
            "worker_code": names.astype(object),
            **{name: placed[name].to_numpy(object)[first] for name in OF_POST},
            "large_codes": _lists(outlines["large_code"], first).map(
                lambda codes: sorted(set(codes))
            ),
            "grid_codes": _lists(outlines.index.to_series(), first),
            "grids": np.diff(first, append=len(outlines)),
            "buildings": sums["buildings"].to_numpy(),
            "households": sums["households"].to_numpy(),
            "status": status.reindex(names).to_numpy(object),
            "parts": shapely.get_num_geometries(shapes).astype(np.int64),
        }
    )
    return gpd.GeoDataFrame(table, geometry=shapes, crs=grids.crs)


def _lists(values: pd.Series, first: np.ndarray) -> pd.Series:
    """Return the values of each beat as a list, missing ones left out; beats begin at `first`."""
    parts = np.split(values.to_numpy(object), first[1:]) if len(first) else []
    lists = [[value for value in part if isinstance(value, str)] for part in parts]
    return pd.Series(lists, dtype=object)


def _joinable(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return grids whose common borders have the same corners on both sides."""
    shapes = shapely.coverage_clean(  # type: ignore[attr-defined] # the stubs lag behind
        grids.geometry.to_numpy(), snapping_distance=TOUCH_M
    )
    return grids.set_geometry(shapes, crs=grids.crs)
