"""Whether a grid plan is staffed: branches and groups by grid, windows, workers' loads, stations.

What each level should have is data (:class:`geo.staffing.organisations.GridRole`). Organisations
are a plain table of grid, role and name; the walks of hubs and stations come from
:mod:`geo.staffing.hubs_and_stations`.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.grids.assign import members
from geo.grids.codes import LEVELS
from geo.messages import Message
from geo.model.layers import Layers
from geo.model.vocabulary import Level
from geo.partition.atoms.band import Band
from geo.staffing.hubs_and_stations import Stations, catchment_table, station_table
from geo.staffing.organisations import GridRole

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
    UNLINKED = "unlinked"  # the station, or every household, has no way to the walk network


def completeness(
    layers_metric: Layers,
    organisations: pd.DataFrame,
    roles: Sequence[GridRole],
    *,
    band: Band,
    stations: Stations | None = None,
) -> pd.DataFrame:
    """Report by grid what is there and what is missing.

    Parameters
    ----------
    layers_metric : Layers
        In the district's metric CRS.
    organisations : DataFrame
        `grid_code`, `role`, `name`.
    roles : sequence of GridRole
    band : Band
        Households of a beat.
    stations : Stations, optional

    Returns
    -------
    DataFrame
        `code` of the grid, worker or station; `level` (``beat`` and ``station`` for the last two);
        `rule` (a role, ``worker``, ``load``, ``hub`` or ``catchment``); `status` (:class:`Met`);
        `value` (how many there are, households, share, or seconds) and what was `wanted`, a text
        or a message; `names` of the organisations or grids concerned. A small grid without
        households needs no worker and no station. Stations that stand in no grid are a
        neighbour's: people walk to them, but no hub is asked for.

    Examples
    --------
    See ``tests/geo/staffing/test_completeness.py``.
    """
    held = members(layers_metric)
    counts = layers_metric.buildings["households"].groupby(held["small"].to_numpy()).sum()
    grids = layers_metric.grids.sort_values("code")
    rows = [row for role in roles for row in _role_rows(role, grids, organisations)]
    frames = [
        pd.DataFrame(rows, columns=list(COLUMNS)),
        worker_rows(
            grids,
            layers_metric.workers,
            counts,
            band=band,
        ),
    ]
    if stations is not None:
        frames.append(_station_rows(station_table(layers_metric, stations), stations.within_s))
        frames.append(_catchment_rows(catchment_table(layers_metric, held, stations)))
    return pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)


def worker_rows(
    grids: gpd.GeoDataFrame,
    workers: pd.DataFrame,
    households: pd.Series,
    *,
    band: Band,
) -> pd.DataFrame:
    """Report which small grids have a worker, and how each worker is loaded.

    Parameters
    ----------
    grids : GeoDataFrame
    workers : DataFrame
        `worker_code` and `grid_code`.
    households : Series of number
        In each small grid, by its code; a grid that is missing has none.
    band : Band
        Households of a beat.

    Returns
    -------
    DataFrame
        Rules ``worker`` and ``load`` of :func:`completeness`.
    """
    rows = _grid_rows(grids, workers, households)
    rows += _load_rows(workers, households, low=band.low, high=band.high)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def summary(report: pd.DataFrame) -> pd.DataFrame:
    """Return how many of each rule are met: `rule`, `level`, `met`, `of`, and the share."""
    groups = report.assign(met=report["status"] == Met.MET).groupby(["rule", "level"], sort=False)[
        "met"
    ]
    table = groups.agg(met="sum", of="size").reset_index()
    return table.assign(share=table["met"] / table["of"])


Row = tuple[str, str, str, str, float, str, str]


def _role_rows(role: GridRole, grids: gpd.GeoDataFrame, organisations: pd.DataFrame) -> list[Row]:
    of_role = organisations[organisations["role"] == role.id]
    names = of_role.groupby("grid_code")["name"].apply(list).to_dict()
    rows = []
    for code in grids.loc[grids["level"] == role.level, "code"]:
        present = names.get(code, [])
        status = (Met.MISSING, Met.MET)[len(present)] if len(present) < 2 else Met.SEVERAL  # noqa: PLR2004
        listed = ", ".join(str(name) for name in present)
        rows.append((code, str(role.level), role.id, str(status), float(len(present)), "1", listed))
    return rows


def _grid_rows(grids: gpd.GeoDataFrame, workers: pd.DataFrame, households: pd.Series) -> list[Row]:
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


def _load_rows(workers: pd.DataFrame, households: pd.Series, *, low: int, high: int) -> list[Row]:
    """Return for each worker whether the households are about as many as they should be."""
    load = households.reindex(workers["grid_code"]).fillna(0).to_numpy(np.float64)
    beats = workers.assign(load=load).sort_values("grid_code").groupby("worker_code", sort=True)
    table = beats.agg(load=("load", "sum"), codes=("grid_code", ", ".join))
    rows = []
    for worker, load, codes in zip(table.index, table["load"], table["codes"], strict=True):
        status = Met.LIGHT if load < low else Met.HEAVY if load > high else Met.MET
        rows.append((str(worker), "beat", "load", str(status), load, f"{low:g}-{high:g}", codes))
    return rows


_REACHED: Final = {"within": Met.MET, "beyond": Met.MISSING, "unlinked": Met.UNLINKED}


def _station_rows(stations: pd.DataFrame, within_s: float) -> pd.DataFrame:
    """Return for each station of the district whether a hub is within reach."""
    in_district = stations[stations["grid_code"].notna()]
    wanted = Message("staffing.within", {"minutes": within_s / 60})
    return pd.DataFrame(
        {
            "code": in_district["place_id"],
            "level": "station",
            "rule": "hub",
            "status": in_district["status"].map({key: str(met) for key, met in _REACHED.items()}),
            "value": in_district["time_s"],
            "wanted": [wanted] * len(in_district),
            "names": in_district["name"],
        }
    )


def _catchment_rows(catchments: pd.DataFrame) -> pd.DataFrame:
    """Return for each small grid with households the share within reach of a station."""
    small = catchments[catchments["level"] == Level.SMALL]
    share, all_unlinked = small["share"], small["unlinked"] == small["households"]
    status = np.select(
        [all_unlinked, share == 1, share > 0],
        [Met.UNLINKED.value, Met.MET.value, Met.PARTLY.value],
        default=Met.MISSING.value,
    )
    return pd.DataFrame(
        {
            "code": small["code"],
            "level": small["level"],
            "rule": "catchment",
            "status": status,
            "value": share,
            "wanted": "1",
            "names": "",
        }
    )
