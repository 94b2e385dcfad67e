"""Supply access and equity of a district, as answers and as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from api.errors import ParameterError
from api.formats.aliases import Json
from api.formats.json import records
from api.snapshot.district import Snapshot
from api.snapshot.provenance import meta
from geo.accessibility.coverage import By
from geo.accessibility.decay import Decay, decay
from geo.accessibility.floating_catchment import (
    Group,
    Method,
    SupplyAccess,
    default_decay,
    demand_of,
    supply_access,
)
from geo.accessibility.inequality import equity_table, theil_parts
from geo.arrays import FloatArray
from geo.messages import Message
from geo.routing.od_pairs import OdPairs, pairs_within
from geo.routing.walking_time import threshold_s

ALIKE: Final = Message("supply.one_per_point")
_UNITS: Final = {
    True: (Message("supply.points_per_demand"), Message("supply.points")),
    False: (Message("supply.capacity_per_demand"), Message("supply.capacity")),
}
"""Whether all points count alike -> unit of a score that demand shares, and of gravity's."""

"""Capacity if all service points have the same, as when none is given."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """How supply is shared: method, name of a decay (None: the method's own), threshold, walker."""

    method: str
    decay: str | None
    minutes: float
    profile: str

    def weights(self) -> Decay:
        """Return the decay; raise `InputError` unless the threshold is one."""
        limit_s = float(threshold_s(self.minutes))
        if self.decay is None:
            return default_decay(Method(self.method), threshold_s=limit_s)
        return decay(self.decay, minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Supply:
    """Supply access to one category, with the pairs and the demand it is made of."""

    reach: OdPairs
    access: SupplyAccess
    demand: "pd.Series[float]"


def capacity(snapshot: Snapshot, categories: Sequence[str]) -> Message:
    """Return the capacity of one service point of these categories, in words."""
    points = snapshot.layers.service_points
    of_categories = points["capacity"][points["category"].isin(categories)]
    if (of_categories == 1).all():
        return ALIKE
    return Message("supply.as_loaded", {"least": of_categories.min(), "most": of_categories.max()})


def shared_supply(snapshot: Snapshot, category: str, *, how: Sharing, group: str) -> Supply:
    """Return the supply access of every building to a category."""
    chosen = snapshot.category(category).id
    weigh = how.weights()
    within = pairs_within(snapshot.snapped(how.profile), category=chosen, limit_s=weigh.threshold_s)
    demand = demand_of(snapshot.metric, group)
    supply = snapshot.metric.service_points["capacity"]
    result = supply_access(
        within, demand=demand, supply=supply, method=Method(how.method), decay=weigh
    )
    return Supply(within, result, demand)


def access_rows(snapshot: Snapshot, supply: Supply, by: str) -> pd.DataFrame:
    """Return a row per building, or how evenly the score is spread per grid or in the district.

    Raises
    ------
    EmptyError
        If the district has no grids of that level.
    """
    if by == "building":
        return _building_table(snapshot, supply)
    return _spread(snapshot, np.asarray(supply.access.score, np.float64), supply.demand, by)


def _building_table(snapshot: Snapshot, supply: Supply) -> pd.DataFrame:
    points = np.diff(supply.reach.begin)
    table = snapshot.layers.buildings[["building_id", "lon", "lat", "households"]]
    status = np.where(points > 0, "covered", "beyond")
    return pd.DataFrame(table).assign(
        demand=supply.demand.to_numpy(),
        score=supply.access.score.to_numpy(),
        points=points,
        status=np.where(supply.reach.reason == "", status, "unlinked"),
    )


def _spread(
    snapshot: Snapshot, values: FloatArray, weights: "pd.Series[float]", by: str
) -> pd.DataFrame:
    """Return the equity table, the district under its own name."""
    snapshot.require_grids(by)
    table = equity_table(
        values, snapshot.metric, weights=weights, by=cast("By", by), members=snapshot.members
    )
    if by == "district":
        district = snapshot.district
        table = table.assign(code=district.code, name_zh=district.name_zh, name_en=district.name_en)
    return table


def access_answer(snapshot: Snapshot, category: str, *, how: Sharing, group: str, by: str) -> Json:
    """Return supply access by building or grid, with the district's spread and what is idle."""
    result = shared_supply(snapshot, category, how=how, group=group)
    loaded = capacity(snapshot, [result.reach.category])
    buildings, households = snapshot.outside()
    return {
        **meta(snapshot, profile=how.profile, minutes=how.minutes),
        "by": by,
        "category": result.reach.category,
        "group": group,
        **_sharing(result.access.method, result.access.decay, loaded),
        "supply": {
            "points": len(result.reach.points),
            "capacity": loaded.text(),
            "reached": result.access.reached,
            "idle": result.access.idle,
            "unlinked": result.access.unlinked,
        },
        "rows": records(access_rows(snapshot, result, by)),
        "total": records(access_rows(snapshot, result, "district"))[0],
        "outside": {"buildings": buildings, "households": households},
    }


def _sharing(method: Method, weigh: Decay, capacity: Message) -> Json:
    per_demand, summed = _UNITS[capacity == ALIKE]
    return {
        "method": str(method),
        "unit": str(summed if method == Method.GRAVITY else per_demand),
        "decay": {
            "name": weigh.name,
            "formula": weigh.formula,
            "reference": weigh.reference,
            "parameters": weigh.parameters,
        },
    }


def equity_rows(
    snapshot: Snapshot,
    category: str | None,
    *,
    measure: str,
    how: Sharing,
    weight: str,
    by: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how evenly a value is spread per category: per grid, and in the district.

    Returns
    -------
    rows, totals : DataFrame
        ``category`` and the columns of :func:`geo.accessibility.inequality.equity_table`; in
        totals also ``theil_between`` and ``theil_within`` the grids of `by`, NaN for the district.
    """
    chosen = _chosen(snapshot, category)
    weights = demand_of(snapshot.metric, weight)
    values = _values(snapshot, chosen, measure=measure, how=how)
    rows, totals = [], []
    for name in chosen:
        rows.append(_spread(snapshot, values[name], weights, by))
        total = _spread(snapshot, values[name], weights, "district")
        between = within = np.nan
        if by != "district":
            parts = theil_parts(values[name], weights, snapshot.members[by].to_numpy(object))
            between, within = parts.between, parts.within
        totals.append(total.assign(theil_between=between, theil_within=within))
    named = [pd.concat(tables, keys=chosen, names=["category"]) for tables in (rows, totals)]
    rows_, totals_ = (table.reset_index("category").reset_index(drop=True) for table in named)
    return rows_, totals_


def _chosen(snapshot: Snapshot, category: str | None) -> list[str]:
    """Return the category, or all of the standard."""
    if category is not None:
        return [snapshot.category(category).id]
    return [each.id for each in snapshot.standard.categories]


def _values(
    snapshot: Snapshot, categories: list[str], *, measure: str, how: Sharing
) -> dict[str, FloatArray]:
    """Return the value of every building, by category."""
    if measure == "time":
        times = snapshot.times(how.profile)
        return {name: times.time_s[:, times.column(name)] for name in categories}
    result = {
        name: shared_supply(snapshot, name, how=how, group=Group.HOUSEHOLDS) for name in categories
    }
    return {name: np.asarray(each.access.score, np.float64) for name, each in result.items()}


def equity_answer(
    snapshot: Snapshot,
    category: str | None,
    *,
    measure: str,
    how: Sharing,
    weight: str,
    by: str,
) -> Json:
    """Return the inequality of walking time or supply access."""
    rows, totals = equity_rows(snapshot, category, measure=measure, how=how, weight=weight, by=by)
    nothing = dict.fromkeys(("minutes", "threshold_s", "metres", "method", "decay", "capacity"))
    sharing: Json = {**nothing, "unit": str(Message("supply.seconds"))}
    about = meta(snapshot, profile=how.profile)
    if measure == "access":
        about = meta(snapshot, profile=how.profile, minutes=how.minutes)
        loaded = capacity(snapshot, _chosen(snapshot, category))
        sharing = {**_sharing(Method(how.method), how.weights(), loaded), "capacity": loaded.text()}
    buildings, households = snapshot.outside()
    return {
        **about,
        **sharing,
        "by": by,
        "measure": measure,
        "category": category,
        "weight": weight,
        "rows": records(rows),
        "totals": records(totals),
        "outside": {"buildings": buildings, "households": households},
    }


def sharing_for(
    measure: str, *, method: str | None, decay: str | None, minutes: float | None, profile: str
) -> Sharing:
    """Return how supply is shared for an equity question, which may be about time alone.

    Raises
    ------
    ParameterError
        If something about sharing is said and the measure is walking time.
    """
    about_access = {"method": method, "decay": decay, "minutes": minutes}
    if measure == "time":
        for name, value in about_access.items():
            if value is not None:
                raise ParameterError(name, "parameters.of_access", name=name, got=value)
    return Sharing(
        method=method or Method.TWO_STEP,
        decay=decay,
        minutes=15.0 if minutes is None else minutes,
        profile=profile,
    )
