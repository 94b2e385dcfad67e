"""Gaps: who is not covered, by category and grid, and the contiguous areas where they live."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from geo import crs
from geo.accessibility.coverage import By, Times, grid_rows
from geo.accessibility.floors import Floors
from geo.arrays import BoolArray, FloatArray, IntArray
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.routing.walking_time import Minutes

ALL: Final = "all"
"""The gap of a building that lacks at least one category that can be judged."""

CONTIGUOUS_M: Final = 150.0
"""Buildings not covered and at most this far apart, metres, belong to one area: about the width of
a residential street with a court on either side, so that an area does not end at each street."""

_PICTURE_M: Final = 40.0
"""How far an area's outline is drawn around its buildings, metres; only a picture."""


def lacking(times: Times, minutes: Minutes, category: str) -> BoolArray:
    """Return which buildings lack `category`, or at least one for :data:`ALL`, shape (n,).

    Where no category is judged, nobody is known to lack one.
    """
    if category == ALL:
        return np.asarray(~times.covered_all(minutes) & times.judged.any(), np.bool_)
    return np.asarray(~times.covered(minutes)[:, times.column(category)], np.bool_)


def households_lacking(
    times: Times, layers: Layers, minutes: Minutes, category: str, floors: Floors | None = None
) -> FloatArray:
    """Return the households of each building that lack a category, or one of all, shape (n,).

    With `floors` those on floors from which it is too far.

    Examples
    --------
    >>> from geo.accessibility.coverage import nearest_times
    >>> from geo.accessibility.floors import floors_of
    >>> from geo.model.standard import Profile
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering",)))
    >>> households_lacking(times, layers, 4, "catering").tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    >>> floors = floors_of(layers.buildings, Profile("a", "", "", 1.25, stairs_s=20))
    >>> households_lacking(times, layers, 4, "catering", floors).tolist()
    [1.0, 2.0, 0.0, 7.0, 13.0, 0.0]
    """
    if floors is None:
        households = layers.buildings["households"].to_numpy(np.float64)
        return np.asarray(households * lacking(times, minutes, category), np.float64)
    lost = floors.counts["households"] * lacking(floors.times(times), minutes, category)
    first = np.flatnonzero(floors.lowest)
    return np.add.reduceat(lost, first).astype(np.float64) if len(first) else np.zeros(0)


def gap_table(
    times: Times,
    layers: Layers,
    *,
    minutes: Minutes,
    level: By,
    members: pd.DataFrame,
    category: str | None = None,
    floors: Floors | None = None,
) -> pd.DataFrame:
    """Rank the grids by the households that each category does not reach.

    Parameters
    ----------
    times : Times
    layers : Layers
    minutes : float or tuple of float
    level : {'small', 'medium', 'large'}
    members : DataFrame
        Grid codes of each building (:func:`geo.grids.assign.members`).
    category : str, optional
        One category, or ``all`` for households that lack at least one; by default ``all`` and
        every category that is judged: of the others there is no point in the data.
    floors : Floors, optional
        By which dwellings count by floor; `buildings` are then those with such a dwelling.

    Returns
    -------
    DataFrame
        ``rank, category, code, name_zh, name_en, households, beyond, unlinked, buildings,
        coverage``, most households first, only rows with households. Buildings in no grid are rows
        without a code, so that the rows of a category sum to all its households. `households` is
        `beyond` + `unlinked`; `coverage` the share of the grid's households that are covered.

    Examples
    --------
    >>> from geo.accessibility.coverage import nearest_times
    >>> from geo.grids.assign import members
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering",)))
    >>> table = gap_table(times, layers, minutes=3, level="medium", members=members(layers))
    >>> table[["rank", "category", "code", "households"]].to_numpy().tolist()[:2]
    [[1, 'all', '3716020010012', 24.0], [2, 'catering', '3716020010012', 24.0]]
    """
    head = grid_rows(layers, Level(level))[["code", "name_zh", "name_en"]].astype(object)
    row = pd.Index(head["code"]).get_indexer(members[level])
    head.loc[len(head)] = [None, "", ""]  # row -1: buildings in no grid
    households = layers.buildings["households"].to_numpy(np.float64)
    unlinked = times.reason != ""
    judged = np.array(times.categories, dtype=object)[times.judged]
    wanted = [category] if category else [ALL, *judged]

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(row % len(head), weights=values, minlength=len(head))

    tables = []
    for name in wanted:
        gap = households_lacking(times, layers, minutes, name, floors)
        table = head.assign(category=name)
        table["households"] = summed(gap)
        table["beyond"] = summed(gap * ~unlinked)
        table["unlinked"] = summed(gap * unlinked)
        table["buildings"] = summed(gap > 0).astype(np.int64)
        total = summed(households)
        table["coverage"] = 1 - table["households"] / np.where(total > 0, total, np.nan)
        tables.append(table[table["households"] > 0])
    ranked = pd.concat(tables).sort_values(
        ["households", "category", "code"], ascending=[False, True, True], kind="stable"
    )
    ranked.insert(0, "rank", np.arange(1, len(ranked) + 1))
    first = ["rank", "category", "code", "name_zh", "name_en", "households"]
    return ranked[[*first, "beyond", "unlinked", "buildings", "coverage"]].reset_index(drop=True)


def gap_areas(
    times: Times,
    layers: Layers,
    *,
    minutes: Minutes,
    category: str = ALL,
    floors: Floors | None = None,
) -> gpd.GeoDataFrame:
    """Join buildings that are not covered into contiguous areas, most households first.

    Two such buildings at most :data:`CONTIGUOUS_M` apart are in one area. Counts are of buildings,
    with `floors` of the dwellings in them that are not covered; the outline is a picture.

    Returns
    -------
    GeoDataFrame
        ``area_id`` (1 is the largest), ``category, households, buildings, geometry`` (Polygon or
        MultiPolygon), in the CRS of `layers`.

    Examples
    --------
    >>> from geo.accessibility.coverage import nearest_times
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering",)))
    >>> gap_areas(times, layers, minutes=3)[["area_id", "households", "buildings"]]
       area_id  households  buildings
    0        1        16.0          1
    1        2         8.0          1
    2        3         3.0          2
    """
    metric = crs.require_metric(layers.buildings.crs, what="crs.building_layer")
    households = households_lacking(times, layers, minutes, category, floors)
    rows = np.flatnonzero(households > 0)
    buildings = layers.buildings.iloc[rows]
    xy = crs.project_points(buildings["lon"], buildings["lat"], metric.to_epsg() or 0)
    places = np.asarray(shapely.points(xy), dtype=object)
    area = _clusters(places)
    table = pd.DataFrame({"area": area, "households": households[rows], "buildings": 1})
    sums = table.groupby("area").sum().sort_values("households", ascending=False, kind="stable")
    discs = np.asarray(shapely.buffer(places, CONTIGUOUS_M / 2 + _PICTURE_M), dtype=object)
    outline = [
        shapely.buffer(shapely.union_all(discs[area == which]), -CONTIGUOUS_M / 2)
        for which in sums.index
    ]
    return gpd.GeoDataFrame(
        {
            "area_id": np.arange(1, len(sums) + 1),
            "category": category,
            "households": sums["households"].to_numpy(),
            "buildings": sums["buildings"].to_numpy(),
        },
        geometry=outline,
        crs=layers.buildings.crs,
    )


def _clusters(places: np.ndarray) -> IntArray:
    """Return the cluster of each place, numbered by its first place."""
    if not len(places):
        return np.zeros(0, np.int64)
    left, right = shapely.STRtree(places).query(places, predicate="dwithin", distance=CONTIGUOUS_M)
    near = scipy.sparse.coo_matrix(
        (np.ones(len(left), np.int8), (left, right)), shape=(len(places),) * 2
    )
    return np.asarray(scipy.sparse.csgraph.connected_components(near, directed=False)[1], np.int64)
