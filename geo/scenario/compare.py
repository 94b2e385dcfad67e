"""What a scenario changes: winners and losers by grid, and every figure before and after."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from geo.accessibility.coverage import By, Times, rows_by, status
from geo.accessibility.gaps import ALL
from geo.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from geo.model.layers import Layers
from geo.routing.walking_time import Minutes
from geo.scenario.edits import Edit
from geo.scenario.engine import WhatIfEngine
from geo.scenario.incremental import ScenarioEffect

_CHANGES: Final = (
    "code", "category", "before", "after", "change", "gained", "lost", "coverage_before",
    "coverage_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """A base with ordered edits, answered.

    Attributes
    ----------
    answer : ScenarioEffect
        What the edits come to.
    layers : Layers
        The base's layers with edited households; for sums over buildings.
    before, after : Times
    """

    answer: ScenarioEffect
    layers: Layers
    before: Times
    after: Times


def run_scenario(engine: WhatIfEngine, edits: Sequence[Edit]) -> Scenario:
    """Answer `edits`, applied in order to the base of `engine`, which stays as it is.

    Raises
    ------
    InputError, NotFoundError, ConflictError
        See :meth:`geo.scenario.resolve_edits.EditResolver.resolve`.
    """
    answer = engine.scenario(edits)
    households = answer.resolved.households
    layers = engine.layers
    if households:
        buildings = layers.buildings.copy()
        rows = engine.resolver.building_row.get_indexer(list(households))
        column = buildings["households"].to_numpy(copy=True)
        column[rows] = list(households.values())
        layers = replace(layers, buildings=buildings.assign(households=column))
    return Scenario(answer, layers, engine.base_times, engine.times(answer))


def change_table(
    scenario: Scenario,
    base: Layers,
    *,
    minutes: Minutes,
    by: By,
    members: pd.DataFrame,
    always: Collection[str] = (),
) -> pd.DataFrame:
    """Return every coverage figure before and after, by grid.

    Parameters
    ----------
    scenario : Scenario
    base : Layers
        Layers of the base.
    minutes : float or tuple of float
    by : {'small', 'medium', 'large', 'district'}
    members : DataFrame
        Grid codes of each building (:func:`geo.grids.assign.members`).
    always : collection of str
        Categories whose rows stay where nothing differs.

    Returns
    -------
    DataFrame
        One row per grid and category (``all`` first): ``code, category, before, after, change,
        gained, lost, coverage_before, coverage_after``. `before` and `after` are covered
        households; `gained` and `lost` are households, as they are after the edits, that came to
        be covered or ceased to be. Rows where nothing differs are left out. ``all`` stands for the
        categories that are judged in the base, before and after alike.

    Examples
    --------
    >>> from geo.grids.assign import members
    >>> from geo.scenario.edits import ClosePoint
    >>> from tests.geo.engines import what_if
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> engine = what_if(layers, network, ("catering",))
    >>> done = run_scenario(engine, [ClosePoint("p4")])
    >>> table = change_table(done, layers, minutes=3, by="district", members=members(layers))
    >>> table[["category", "before", "after", "gained", "lost"]].to_numpy().tolist()
    [['all', 4.0, 0.0, 0.0, 4.0], ['catering', 4.0, 0.0, 0.0, 4.0]]
    """
    sums = _HouseholdSums(scenario, base, by, members)
    covered = [
        np.column_stack([times.covered_all(minutes), times.covered(minutes)]).T
        for times in (scenario.before, scenario.after)
    ]
    tables = [pd.DataFrame(columns=list(_CHANGES))]
    for number, name in enumerate((ALL, *scenario.before.categories)):
        then, now = (table[number] for table in covered)
        if name in always or sums.edited or (then != now).any():
            table = sums.changes(then, now).assign(category=name)
            differs = table.pop("differs") | (name in always)
            tables.append(table.loc[differs, list(_CHANGES)])
    return pd.concat(tables[len(tables) > 1 :], ignore_index=True)


class _HouseholdSums:
    """Households before and after, summed over the buildings of each grid."""

    def __init__(self, scenario: Scenario, base: Layers, by: By, members: pd.DataFrame) -> None:
        self._then, self._now = (
            layers.buildings["households"].to_numpy(np.float64)
            for layers in (base, scenario.layers)
        )
        self.edited = bool((self._then != self._now).any())
        head, row = rows_by(base, by, members=members)
        self._code = head["code"].to_numpy(dtype=object)
        self._inside = row >= 0
        self._row = row[self._inside]
        self._all_then, self._all_now = self._sum(self._then), self._sum(self._now)

    def _sum(self, values: FloatArray) -> FloatArray:
        total = np.bincount(self._row, weights=values[self._inside], minlength=len(self._code))
        return np.asarray(total, np.float64)

    def changes(self, then: BoolArray, now: BoolArray) -> pd.DataFrame:
        """Return the figures of buildings covered `then` and `now`, and where any ``differs``."""
        before, after = self._sum(self._then * then), self._sum(self._now * now)
        gained, lost = self._sum(self._now * (now & ~then)), self._sum(self._now * (then & ~now))
        shares = [
            np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
            for part, whole in ((before, self._all_then), (after, self._all_now))
        ]
        # Households that nobody covers change the share and nothing else.
        same_share = (shares[0] == shares[1]) | (np.isnan(shares[0]) & np.isnan(shares[1]))
        return pd.DataFrame({
            "code": self._code, "before": before, "after": after, "change": after - before,
            "gained": gained, "lost": lost, "coverage_before": shares[0],
            "coverage_after": shares[1],
            "differs": (before != after) | (gained > 0) | (lost > 0) | ~same_share,
        })  # fmt: skip


def building_changes(scenario: Scenario, base: Layers, *, minutes: Minutes) -> pd.DataFrame:
    """Return the buildings whose status differs, most households first.

    Parameters
    ----------
    scenario : Scenario
    base : Layers
        Layers of the base.
    minutes : float or tuple of float

    Returns
    -------
    DataFrame
        One row per building and category: ``building_id, lon, lat, households, category, before_s,
        after_s, before_point, after_point, status_before, status_after``; `households` as they are
        after the edits, seconds NaN and points None when unreached within two hours. Of equal
        households in the order of ``layers.buildings``, categories within.
    """
    before, after = scenario.before, scenario.after
    then, now = status(before, minutes), status(after, minutes)
    row, column = np.nonzero(then != now)
    order = np.argsort(-scenario.layers.buildings["households"].to_numpy()[row], kind="stable")
    row, column = row[order], column[order]
    table = scenario.layers.buildings.iloc[row][["building_id", "lon", "lat", "households"]]
    return pd.DataFrame(table).assign(
        category=np.array(before.categories, dtype=object)[column],
        before_s=before.time_s[row, column],
        after_s=after.time_s[row, column],
        before_point=_named(base.service_points["point_id"], before.point[row, column]),
        after_point=_named(_point_ids(scenario, base), after.point[row, column]),
        status_before=then[row, column],
        status_after=now[row, column],
    )


def times_changed(scenario: Scenario) -> int:
    """Return how many pairs of building and category have another time."""
    then, now = scenario.before.time_s, scenario.after.time_s
    return int((~((then == now) | (np.isnan(then) & np.isnan(now)))).sum())


def _point_ids(scenario: Scenario, base: Layers) -> list[str]:
    """Return the points after the edits, in the order that the times refer to."""
    changed = scenario.answer.resolved.points
    kept = [name for name in base.service_points["point_id"] if name not in changed]
    return kept + [name for name, place in changed.items() if place is not None]


def _named(names: Iterable[str], rows: IntArray) -> ObjectArray:
    """Return the names of rows, None for row -1."""
    # Row -1 reads the last entry.
    result: ObjectArray = np.array([*names, None], dtype=object)[rows]
    return result
