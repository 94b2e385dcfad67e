"""One hub and many stations (一中心多站点): the exact walks of stations and buildings.

The rule wants every station within reach of its hub, which is the one nearest on foot, and every
grid in the catchment of a station. Times are those of :mod:`geo.accessibility.coverage`, on the
walk network: two searches, one to all hubs and one to all stations.
"""

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.accessibility.coverage import nearest_times
from geo.crs import project_points
from geo.grids.assign import assign
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.network.compile import WalkNetwork
from geo.network.entrances import at_places
from geo.network.outlines import outlines_of
from geo.routing.snapped_district import SnappedDistrict, snap_district
from geo.routing.walking_time import threshold_s
from geo.staffing.organisations import Side

CATCHMENT: Final = (
    "code", "level", "households", "within", "beyond", "unlinked", "share", "farthest_s", "stations"
)  # fmt: skip
"""Columns of a :func:`catchment_table`."""

_ONE: Final = "place"


@dataclass(frozen=True, slots=True)
class Stations:
    """Walks of the rule "one hub and many stations".

    Attributes
    ----------
    hubs : DataFrame
        `place_id`, `name`, `lon`, `lat` (degrees), `reason` why it is unlinked, else empty.
    stations : DataFrame
        The same, and `grid_code` of the finest grid it stands in (None: in none), `time_s` to the
        nearest hub, NaN without a way within two hours, and `hub_id` of that hub, else None.
    buildings : DataFrame
        On the index of ``layers.buildings``: `time_s` to the nearest station, `station_id`,
        `reason`.
    within_s : float
        Time that counts as within reach, inclusive.
    """

    hubs: pd.DataFrame
    stations: pd.DataFrame
    buildings: pd.DataFrame
    within_s: float


def station_walks(
    layers_metric: Layers, places: pd.DataFrame, *, network: WalkNetwork, minutes: float
) -> Stations:
    """Compute the walks between buildings, stations and hubs.

    Parameters
    ----------
    layers_metric : Layers
        In the network's CRS.
    places : DataFrame
        `place_id`, `role` (:class:`geo.staffing.organisations.Side`), `name`, `lon`, `lat`
        (degrees). A place that is named twice in one role counts once. Where a station stands in
        its hub, at the very same place, nobody has to walk: 0 s.
    network : WalkNetwork
        Compiled for the walker to answer for.
    minutes : float
        Threshold, inclusive.

    Returns
    -------
    Stations
        Hubs and stations in order of `place_id`.

    Raises
    ------
    InputError
        Unless ``0 < minutes <= 120``.
    """
    within_s = threshold_s(minutes)
    hubs, stations = (_of(places, side) for side in (Side.HUB, Side.STATION))
    buildings = layers_metric.buildings
    hub_search, station_search = _snap(stations, hubs, network), _snap(buildings, stations, network)
    walks = _nearest(hub_search).rename(columns={"end_id": "hub_id"})
    to_station = _nearest(station_search).set_axis(buildings.index)
    code = _finest_code(stations, layers_metric.grids, network.epsg)
    return Stations(
        hubs=hubs.assign(reason=hub_search.point_reason),
        stations=_none_to_walk(stations.join(walks).assign(grid_code=code), hubs),
        buildings=to_station.rename(columns={"end_id": "station_id"}),
        within_s=within_s,
    )


def catchment_table(
    layers_metric: Layers, members: pd.DataFrame, stations: Stations
) -> pd.DataFrame:
    """Sum by grid who is within reach of a station, who is not, and who is unlinked.

    Parameters
    ----------
    layers_metric : Layers
    members : DataFrame
        Grid codes of each building (:func:`geo.grids.assign.members`).
    stations : Stations

    Returns
    -------
    DataFrame
        One row per grid with households, by level and code: `code`, `level`, and households in
        all, `within` the threshold, `beyond` it and `unlinked`; `share` within, 0..1; `farthest_s`
        of the linked, NaN where one of them reaches none; `stations`, how many are the nearest one
        of some building within the threshold. A large grid is the sum of its mediums, and these of
        their smalls; buildings in no grid are in no row.
    """
    households = layers_metric.buildings["households"].astype(np.float64)
    walks = stations.buildings
    lived, linked = households > 0, walks["reason"] == ""
    within = linked & (walks["time_s"] <= stations.within_s)
    table = pd.DataFrame(
        {
            "households": households,
            "within": households.where(within, 0.0),
            "beyond": households.where(linked & ~within, 0.0),
            "unlinked": households.where(~linked, 0.0),
            "farthest_s": walks["time_s"].fillna(np.inf).where(lived & linked),
            "stations": walks["station_id"].where(within & lived),
        }
    )
    how = dict.fromkeys(("households", "within", "beyond", "unlinked"), "sum")
    how |= {"farthest_s": "max", "stations": "nunique"}
    frames = []
    for level in Level:
        sums = table.groupby(members[str(level)].to_numpy(object), sort=True).agg(how)
        frames.append(sums.rename_axis("code").reset_index().assign(level=str(level)))
    whole = pd.concat(frames, ignore_index=True)
    whole = whole[whole["households"] > 0].reset_index(drop=True)
    whole["farthest_s"] = whole["farthest_s"].where(np.isfinite(whole["farthest_s"]))
    whole["share"] = whole["within"] / whole["households"]
    return whole[list(CATCHMENT)]


def station_table(layers_metric: Layers, stations: Stations) -> pd.DataFrame:
    """Return the stations, whether their hub is within reach, and whose nearest each one is.

    Returns
    -------
    DataFrame
        Columns of :attr:`Stations.stations`, and `status` (``within``, ``beyond`` or ``unlinked``)
        and `households` whose nearest station it is, within the threshold.
    """
    walks, table = stations.buildings, stations.stations
    near = walks["time_s"] <= stations.within_s
    served = layers_metric.buildings["households"].where(near, 0).groupby(walks["station_id"]).sum()
    reached = np.where(table["time_s"] <= stations.within_s, "within", "beyond")
    known = (table["reason"] == "") | table["time_s"].notna()
    return table.assign(
        status=np.where(known, reached, "unlinked"),
        households=served.reindex(table["place_id"]).fillna(0).to_numpy(np.int64),
    )


def _of(places: pd.DataFrame, side: Side) -> pd.DataFrame:
    of_side = places[places["role"] == side].drop_duplicates("place_id").sort_values("place_id")
    return of_side[["place_id", "name", "lon", "lat"]].reset_index(drop=True)


def _snap(starts: pd.DataFrame, ends: pd.DataFrame, network: WalkNetwork) -> SnappedDistrict:
    """Snap places to walk from, buildings by their outlines, and places to walk to."""
    start_xy, end_xy = (project_points(p["lon"], p["lat"], network.epsg) for p in (starts, ends))
    is_area = isinstance(starts, gpd.GeoDataFrame)
    outlines = outlines_of(starts.geometry.to_numpy()) if is_area else None
    return snap_district(
        network,
        start_xy,
        end_xy,
        point_id=ends["place_id"].to_numpy(dtype=object),
        point_category=np.full(len(ends), _ONE, dtype=object),
        categories=(_ONE,),
        entrances=(at_places(start_xy, outlines), at_places(end_xy)),
    )


def _nearest(snapped: SnappedDistrict) -> pd.DataFrame:
    """Return `time_s`, `end_id` and `reason` of each start, index 0..n-1."""
    if not len(snapped.building_xy):
        empty: dict[str, list[str]] = {"time_s": [], "end_id": [], "reason": []}
        return pd.DataFrame(empty, dtype=object).astype({"time_s": np.float64})
    times = nearest_times(snapped)
    names = np.array([*snapped.point_id, None], dtype=object)
    return pd.DataFrame(
        {"time_s": times.time_s[:, 0], "end_id": names[times.point[:, 0]], "reason": times.reason}
    ).astype({"end_id": object, "reason": object})


def _none_to_walk(stations: pd.DataFrame, hubs: pd.DataFrame) -> pd.DataFrame:
    """Return the stations, those that stand in their hub with nothing to walk."""
    degrees = ["lon", "lat"]
    matched = stations[degrees].merge(hubs.drop_duplicates(degrees), on=degrees, how="left")
    hub = matched["place_id"].astype(object)
    in_hub = hub.notna()
    return stations.assign(
        time_s=stations["time_s"].where(~in_hub, 0.0), hub_id=stations["hub_id"].where(~in_hub, hub)
    )


def _finest_code(places: pd.DataFrame, grids: gpd.GeoDataFrame, epsg: int) -> pd.Series:
    """Return the code of the finest grid in which each place lies, None for none."""
    xy = project_points(places["lon"], places["lat"], epsg)
    held = assign(grids, *xy.T, nearest=False)
    return held["small"].fillna(held["medium"]).fillna(held["large"])
