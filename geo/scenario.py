"""What a scenario changes: winners and losers by grid, and every figure before and after."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.coverage import By, Times, coverage_table, status
from geo.district import Layers
from geo.edits import Edit
from geo.gaps import ALL
from geo.live import Answer, Live
from geo.network import FloatArray, IntArray

ObjectArray = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A base with ordered edits, answered.

    Attributes
    ----------
    answer : Answer
        What the edits come to.
    layers : Layers
        The base's layers with edited households; for sums over buildings.
    before, after : Times
    """

    answer: Answer
    layers: Layers
    before: Times
    after: Times


def run_scenario(live: Live, edits: Sequence[Edit]) -> Scenario:
    """Answer `edits`, applied in order to the base of `live`, which stays as it is.

    Raises
    ------
    InputError, NotFoundError, ConflictError
        See :meth:`geo.edits.Book.change`.
    """
    answer = live.scenario(edits)
    households = answer.change.households
    layers = live.layers
    if households:
        buildings = layers.buildings.copy()
        rows = live.book.building_row.get_indexer(list(households))
        column = buildings["households"].to_numpy(copy=True)
        column[rows] = list(households.values())
        layers = replace(layers, buildings=buildings.assign(households=column))
    return Scenario(answer, layers, live.base_times, live.times(answer))


def change_table(
    scenario: Scenario,
    base: Layers,
    *,
    minutes: float,
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
    minutes : float
    by : {'small', 'medium', 'large', 'district'}
    members : DataFrame
        Grid codes of each building (:func:`geo.assign.members`).
    always : collection of str
        Categories whose rows stay where nothing differs.

    Returns
    -------
    DataFrame
        One row per grid and category (``all`` first): ``code, category, before, after, change,
        gained, lost, coverage_before, coverage_after``. `before` and `after` are covered
        households; `gained` and `lost` are households, as they are after the edits, that came to
        be covered or ceased to be. Rows where nothing differs are left out.
    """
    before, after = (
        coverage_table(times, layers, minutes=minutes, by=by, members=members)
        for times, layers in ((scenario.before, base), (scenario.after, scenario.layers))
    )
    gained, lost = _moved(scenario, minutes)
    tables = []
    for number, name in enumerate((ALL, *scenario.before.categories)):
        table = pd.DataFrame({"code": before["code"], "category": name})
        table["before"], table["after"] = before[f"covered_{name}"], after[f"covered_{name}"]
        table["change"] = table["after"] - table["before"]
        table["gained"] = _summed(gained[number], before["code"], by, members)
        table["lost"] = _summed(lost[number], before["code"], by, members)
        table["coverage_before"] = before[f"coverage_{name}"]
        table["coverage_after"] = after[f"coverage_{name}"]
        differs = (table["change"] != 0) | (table["gained"] > 0) | (table["lost"] > 0)
        # Households that nobody covers change the share and nothing else.
        shares = table[["coverage_before", "coverage_after"]].fillna(-1.0)
        differs |= shares["coverage_before"] != shares["coverage_after"]
        tables.append(table[differs | (name in always)])
    return pd.concat(tables, ignore_index=True)


def building_changes(scenario: Scenario, base: Layers, *, minutes: float) -> pd.DataFrame:
    """Return the buildings whose status differs, most households first.

    Parameters
    ----------
    scenario : Scenario
    base : Layers
        Layers of the base.
    minutes : float

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
    changed = scenario.answer.change.points
    kept = [name for name in base.service_points["point_id"] if name not in changed]
    return kept + [name for name, place in changed.items() if place is not None]


def _named(names: Iterable[str], rows: IntArray) -> ObjectArray:
    """Return the names of rows, None for row -1."""
    found: ObjectArray = np.array([*names, None], dtype=object)[rows]
    return found


def _moved(scenario: Scenario, minutes: float) -> tuple[FloatArray, FloatArray]:
    """Return households gained and lost per category (row 0: all) and building."""
    households = scenario.layers.buildings["households"].to_numpy(np.float64)
    then, now = (
        np.column_stack([covered.all(axis=1), covered]).T
        for covered in (scenario.before.covered(minutes), scenario.after.covered(minutes))
    )
    return (now & ~then) * households, (then & ~now) * households


def _summed(
    values: FloatArray, codes: "pd.Series[str]", by: By, members: pd.DataFrame
) -> FloatArray:
    """Sum a value of each building over the grids."""
    if by == "district":
        return np.array([values.sum()])
    row = pd.Index(codes).get_indexer(pd.Index(members[by]))
    inside = row >= 0
    sums = np.bincount(row[inside], weights=values[inside], minlength=len(codes))
    return np.asarray(sums, np.float64)
