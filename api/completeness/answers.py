"""Completeness of a district's plan: organisations, workers, hubs and stations."""

import numpy as np
import pandas as pd

from api.formats.aliases import Json
from api.formats.json import number, records
from api.parameters import DEFAULT_PROFILE
from api.snapshot.district import Snapshot
from api.snapshot.organisations import find_organisations, joined_frames
from api.snapshot.provenance import meta
from boundaries.readers.organisations import OrganisationTable
from boundaries.standards.organisation_roles import HubRule, load_hub_rule, load_roles
from geo.messages import LANGUAGES
from geo.model.vocabulary import Level
from geo.network.crossed_buildings import crossed_buildings
from geo.staffing.completeness import Met, completeness, summary
from geo.staffing.hubs_and_stations import Stations, catchment_table, station_table, station_walks
from geo.staffing.organisations import Side
from maps.words.completeness import rule_word, stations_sentence


def completeness_answer(
    snapshot: Snapshot,
    organisations: OrganisationTable | None = None,
    *,
    minutes: float | None = None,
    profile: str = DEFAULT_PROFILE,
) -> Json:
    """Return what each grid has and lacks; organisations are found among the service points too.

    Parameters
    ----------
    snapshot : Snapshot
    organisations : OrganisationTable, optional
        More of them.
    minutes : float, optional
        Threshold of hubs and stations, inclusive; by default that of the rule.
    profile : str

    Raises
    ------
    ParameterError
        If the profile is unknown.
    InputError
        If the threshold is out of range.
    """
    rule, roles, metric = load_hub_rule(), load_roles(), snapshot.metric
    threshold = rule.minutes if minutes is None else minutes
    result = find_organisations(snapshot, organisations)
    stations = station_walks(
        metric, result.places, network=snapshot.network(profile), minutes=threshold
    )
    report = completeness(
        metric,
        result.in_grid,
        roles,
        band=snapshot.grid_rules.beat,
        stations=stations,
    )
    buildings, households = snapshot.outside()
    return {
        **meta(snapshot, profile=profile, minutes=threshold),
        "outside": {"buildings": buildings, "households": households},
        "households_per_worker": snapshot.grid_rules.beat.aim,
        "rules": _rules(),
        "summary": records(summary(report)),
        "stations": _stations(snapshot, stations, rule, report, unplaced=len(result.unplaced)),
        "legs_through_buildings": records(_legs_through_buildings(snapshot, profile)),
        "grids": records(_by_grid(snapshot, stations, report)),
        "rows": records(report.assign(wanted=report["wanted"].map(str))),
        "unplaced": records(result.unplaced),
    }


def _rules() -> list[Json]:
    """Return the names of the rules of a report and the level of their rows."""
    levels = {"worker": "small", "load": "beat", "hub": "station", "catchment": "small"}
    roles = [
        {"id": role.id, "level": str(role.level), "zh": role.zh, "en": role.en}
        for role in load_roles()
    ]
    return roles + [
        {"id": rule, "level": level, **{lang: rule_word(rule, lang) for lang in LANGUAGES}}
        for rule, level in levels.items()
    ]


def _stations(
    snapshot: Snapshot, stations: Stations, rule: HubRule, report: pd.DataFrame, *, unplaced: int
) -> Json:
    """Return the rule of hubs and stations: its requirement, each place and the totals."""
    table = station_table(snapshot.metric, stations)
    unlinked = _unlinked(snapshot, stations)
    counts = _counts(snapshot, table, stations, report, unlinked=unlinked, unplaced=unplaced)
    within = stations.within_s / 60
    return {
        "zh": rule.zh,
        "en": rule.en,
        "default_minutes": number(rule.minutes),
        "source": rule.minutes_source,
        "verified": rule.minutes_verified,
        **{
            f"sentence_{lang}": stations_sentence(counts, lang, minutes=within)
            for lang in LANGUAGES
        },
        "counts": counts,
        "hubs": records(stations.hubs),
        "stations": records(table),
        "unlinked": records(unlinked),
    }


def _unlinked(snapshot: Snapshot, stations: Stations) -> pd.DataFrame:
    """Return every hub, station and building that is not linked to the network, and why."""
    buildings = snapshot.layers.buildings
    buildings = pd.DataFrame(
        {
            "what": "building",
            "id": buildings["building_id"],
            "name": buildings["name"],
            "households": buildings["households"],
            "reason": stations.buildings["reason"],
        }
    )
    places = [
        pd.DataFrame(
            {
                "what": str(side),
                "id": existing["place_id"],
                "name": existing["name"],
                "households": 0,
                "reason": existing["reason"],
            }
        )
        for side, existing in ((Side.HUB, stations.hubs), (Side.STATION, stations.stations))
    ]
    everything = joined_frames([*places, buildings])
    return everything[everything["reason"] != ""].reset_index(drop=True)


def _legs_through_buildings(snapshot: Snapshot, profile: str) -> pd.DataFrame:
    """Return the buildings whose way to the street is counted straight through another one."""
    snapped, buildings = snapshot.snapped(profile), snapshot.layers.buildings
    footprints = snapshot.metric.buildings.geometry.to_numpy()
    crossed = crossed_buildings(snapped.entrances, snapped.buildings, snapped.network, footprints)
    rows = np.flatnonzero(crossed >= 0)
    named = pd.DataFrame(buildings[["building_id", "name", "households"]].iloc[rows])
    through = buildings["building_id"].to_numpy(object)[crossed[rows]]
    return named.assign(through=through).reset_index(drop=True)


def _counts(
    snapshot: Snapshot,
    table: pd.DataFrame,
    stations: Stations,
    report: pd.DataFrame,
    *,
    unlinked: pd.DataFrame,
    unplaced: int,
) -> dict[str, int]:
    """Return the numbers of hubs, stations, grids and households, in total and within reach."""
    met = report["status"] == Met.MET
    of_hub, of_grid = report["rule"] == "hub", report["rule"] == "catchment"
    households = snapshot.layers.buildings["households"]
    within = stations.buildings["time_s"] <= stations.within_s
    what = unlinked["what"].value_counts()
    return {
        "hubs": len(stations.hubs),
        "stations": len(table),
        "own_stations": int(of_hub.sum()),
        "own_stations_met": int((of_hub & met).sum()),
        "grids": int(of_grid.sum()),
        "grids_met": int((of_grid & met).sum()),
        "households": int(households.sum()),
        "households_within": int(households[within].sum()),
        "unlinked_hubs": int(what.get("hub", 0)),
        "unlinked_stations": int(what.get("station", 0)),
        "unlinked_buildings": int(what.get("building", 0)),
        "unlinked_households": int(unlinked["households"].sum()),
        "unplaced": unplaced,
    }


def _by_grid(snapshot: Snapshot, stations: Stations, report: pd.DataFrame) -> pd.DataFrame:
    """Return every grid, by level and code, with its catchment and the rules that it lacks."""
    order = [str(level) for level in Level]
    grids = snapshot.layers.grids
    heads = pd.DataFrame(grids[["code", "level", "parent_code", "name_zh", "name_en"]])
    heads["level"] = pd.Categorical(heads["level"], order)
    heads = heads.sort_values(["level", "code"], ignore_index=True).astype({"level": object})
    caught = catchment_table(snapshot.metric, snapshot.members, stations).drop(columns="level")
    table = heads.merge(caught, on="code", how="left")
    sums = ["households", "within", "beyond", "unlinked", "stations"]
    table[sums] = table[sums].fillna(0).astype("int64")
    lacking = report[(report["status"] != Met.MET) & report["level"].isin(order)]
    rules = lacking.groupby("code")["rule"].agg(list).to_dict()
    lacks = pd.Series([rules.get(code, []) for code in table["code"]], table.index, dtype=object)
    return table.assign(lacks=lacks)
