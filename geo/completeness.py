"""Whether a grid plan is staffed: branches and groups by grid, windows, workers' loads, stations.

What each level should have is data (:class:`Role`). Organisations are a plain table of grid, role
and name; those that are service points are put into the grid they stand in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.assign import assign, demand_xy, members
from geo.codes import LEVELS
from geo.district import Layers, Level

COLUMNS = ("code", "level", "rule", "status", "value", "wanted", "names")
"""Columns of a report; see :func:`completeness`."""


class Met(StrEnum):
    """How far a rule is met."""

    MET = "met"
    MISSING = "missing"  # there is none
    SEVERAL = "several"  # more than one where there should be one
    LIGHT = "light"  # fewer households than a worker should have
    HEAVY = "heavy"  # more of them
    PARTLY = "partly"  # some households are within reach, not all


@dataclass(frozen=True, slots=True)
class Role:
    """An organisation that each grid of a level should have.

    Attributes
    ----------
    id : str
    level : Level
    zh, en : str
    terms : tuple of str
        How it is called where it is a service point.
    """

    id: str
    level: Level
    zh: str
    en: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stations:
    """Walks of the rule "one hub and many stations".

    Attributes
    ----------
    to_hub_s : Series
        Seconds from each station to its nearest hub, by the station's name; NaN without a way.
    to_station_s : Series
        Seconds from each building to its nearest station, on the index of the buildings.
    within_s : float
        Time that counts as within reach, inclusive.
    """

    to_hub_s: pd.Series
    to_station_s: pd.Series
    within_s: float


def organisations_of(
    points: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, roles: Sequence[Role]
) -> pd.DataFrame:
    """Return the organisations among service points: those that a role's term names.

    Parameters
    ----------
    points, grids : GeoDataFrame
        Layers ``service_points`` and ``grids`` in the metric CRS.
    roles : sequence of Role

    Returns
    -------
    DataFrame
        `grid_code`, `role`, `name`; the grid is that of the role's level in which the point lies.
        Points that lie in none are left out: they are nobody's.
    """
    held = assign(grids, *demand_xy(points).T, nearest=False)
    frames = []
    for role in roles:
        told = np.array(
            [
                any(term in sub or term in name for term in role.terms)
                for sub, name in zip(points["sub"], points["name"], strict=True)
            ],
            dtype=bool,
        )
        code = held[str(role.level)].to_numpy(object)
        own = told & np.array([isinstance(each, str) for each in code], dtype=bool)
        names = points["name"].to_numpy(object)[own]
        frames.append(pd.DataFrame({"grid_code": code[own], "role": role.id, "name": names}))
    empty = pd.DataFrame({"grid_code": [], "role": [], "name": []}, dtype=object)
    return pd.concat([frame for frame in frames if len(frame)] or [empty], ignore_index=True)


def completeness(
    layers_metric: Layers,
    organisations: pd.DataFrame,
    roles: Sequence[Role],
    *,
    households_per_worker: int,
    slack: float = 0.2,
    stations: Stations | None = None,
) -> pd.DataFrame:
    """Report by grid what is there and what is missing.

    Parameters
    ----------
    layers_metric : Layers
        In the district's metric CRS.
    organisations : DataFrame
        `grid_code`, `role`, `name`.
    roles : sequence of Role
    households_per_worker : int
    slack : float
        Share by which a worker's load may differ.
    stations : Stations, optional

    Returns
    -------
    DataFrame
        `code` of the grid, worker or station; `level` (``beat`` and ``station`` for the last two);
        `rule` (a role, ``worker``, ``load``, ``hub`` or ``catchment``); `status` (:class:`Met`);
        `value` (how many there are, households, share, or seconds) and what was `wanted`; `names`
        of the organisations or grids concerned. A small grid without households needs no worker.

    Examples
    --------
    See ``tests/geo/test_completeness.py``.
    """
    small = members(layers_metric)["small"]
    counts = layers_metric.buildings["households"].groupby(small.to_numpy()).sum()
    grids = layers_metric.grids.sort_values("code")
    rows = [row for role in roles for row in _role_rows(role, grids, organisations)]
    rows += _worker_rows(grids, layers_metric.workers, counts)
    low, high = (households_per_worker * (1 + sign * slack) for sign in (-1, 1))
    rows += _load_rows(layers_metric.workers, counts, low=low, high=high)
    if stations is not None:
        rows += _station_rows(stations)
        rows += _catchment_rows(layers_metric, small, stations)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def summary(report: pd.DataFrame) -> pd.DataFrame:
    """Return how many of each rule are met: `rule`, `level`, `met`, `of`, and the share."""
    groups = report.assign(met=report["status"] == Met.MET).groupby(["rule", "level"], sort=False)[
        "met"
    ]
    table = groups.agg(met="sum", of="size").reset_index()
    return table.assign(share=table["met"] / table["of"])


Row = tuple[str, str, str, str, float, str, str]


def _role_rows(role: Role, grids: gpd.GeoDataFrame, organisations: pd.DataFrame) -> list[Row]:
    mine = organisations[organisations["role"] == role.id]
    names = mine.groupby("grid_code")["name"].apply(list).to_dict()
    rows = []
    for code in grids.loc[grids["level"] == role.level, "code"]:
        there = names.get(code, [])
        status = (Met.MISSING, Met.MET)[len(there)] if len(there) < 2 else Met.SEVERAL  # noqa: PLR2004
        told = ", ".join(str(name) for name in there)
        rows.append((code, str(role.level), role.id, str(status), float(len(there)), "1", told))
    return rows


def _worker_rows(
    grids: gpd.GeoDataFrame, workers: pd.DataFrame, households: pd.Series
) -> list[Row]:
    """Return for each small grid with households whether a worker looks after it."""
    by_grid = dict(zip(workers["grid_code"], workers["worker_code"], strict=True))
    small = grids.loc[grids["level"] == LEVELS[-1], "code"]
    return [
        (
            code, str(Level.SMALL), "worker",
            str(Met.MET if code in by_grid else Met.MISSING),
            float(code in by_grid), "1", by_grid.get(code, ""),
        )
        for code in small
        if households.get(code, 0) > 0
    ]  # fmt: skip


def _load_rows(
    workers: pd.DataFrame, households: pd.Series, *, low: float, high: float
) -> list[Row]:
    """Return for each worker whether the households are about as many as they should be."""
    rows = []
    for worker, codes in workers.groupby("worker_code", sort=True)["grid_code"]:
        load = float(households.reindex(codes).fillna(0).sum())
        status = Met.LIGHT if load < low else Met.HEAVY if load > high else Met.MET
        told = ", ".join(sorted(codes))
        rows.append((str(worker), "beat", "load", str(status), load, f"{low:g}-{high:g}", told))
    return rows


def _station_rows(stations: Stations) -> list[Row]:
    """Return for each station whether a hub is within reach."""
    wanted = f"<= {stations.within_s:g} s"
    return [
        (
            str(name), "station", "hub",
            str(Met.MET if seconds <= stations.within_s else Met.MISSING),
            float(seconds), wanted, "",
        )
        for name, seconds in stations.to_hub_s.items()
    ]  # fmt: skip


def _catchment_rows(layers: Layers, small: pd.Series, stations: Stations) -> list[Row]:
    """Return for each small grid with households the share within reach of a station."""
    households = layers.buildings["households"]
    near = stations.to_station_s.reindex(layers.buildings.index) <= stations.within_s
    table = pd.DataFrame({"all": households, "near": households.where(near, 0)})
    sums = table.groupby(small.to_numpy()).sum()
    rows = []
    for code, row in sums[sums["all"] > 0].iterrows():
        share = float(row["near"] / row["all"])
        whole = row["near"] == row["all"]
        status = Met.MET if whole else Met.PARTLY if share > 0 else Met.MISSING
        rows.append((str(code), str(Level.SMALL), "catchment", str(status), share, "1", ""))
    return rows
