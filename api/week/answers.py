"""Coverage at each hour of a week: strips by building or grid, figures, and sentences."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, cast

import numpy as np
import pandas as pd

from api.formats.aliases import Json
from api.formats.json import records
from api.parameters import CoverageQuestion
from api.snapshot.as_asked import NAMED, as_asked
from api.snapshot.district import Snapshot
from api.snapshot.provenance import as_of_note, floors_note, judged_note, threshold_meta
from api.snapshot.variants import with_closed
from api.week.words import sentences
from boundaries.readers.opening_hours import (
    TIMED_LAYERS,
    WEEKDAYS,
    DistrictHours,
    district_hours,
    hours_of_week,
    parse_week,
)
from geo.accessibility.coverage import By, rows_by
from geo.accessibility.floors import Floors
from geo.accessibility.week import HOURS, HourlyCoverage, Strips, hourly_coverage
from geo.arrays import BoolArray, FloatArray, IntArray
from geo.network.closures import Closures
from geo.routing.snapped_district import SnappedDistrict

HOUR_NAMES: Final = tuple(f"{day}{hour:02}" for day in WEEKDAYS for hour in range(24))
"""Of the hours of a week in their order: ``Mo00`` to ``Su23``."""

_NIGHT: Final = np.array([hour % 24 >= 22 or hour % 24 < 6 for hour in range(HOURS)])  # noqa: PLR2004
"""Which hours of the week are night: from 22:00 to 6:00."""


@dataclass(frozen=True, slots=True)
class Week:
    """A district over the hours of a week.

    Attributes
    ----------
    snapshot : Snapshot
        With the walker and the service points that count, everything open.
    hours : DistrictHours
    coverage : HourlyCoverage
        Of the buildings, or of their floors.
    networks : int
        Distinct states of the network.
    floors : Floors or None
        By which dwellings count by floor.
    """

    snapshot: Snapshot
    hours: DistrictHours
    coverage: HourlyCoverage
    networks: int
    floors: Floors | None = None

    @property
    def strips(self) -> dict[str, Strips]:
        """Strips of ``all`` and of every category."""
        return {"all": self.coverage.everything, **self.coverage.strips}

    @property
    def households(self) -> FloatArray:
        """Households of each building, or floor."""
        buildings = self.snapshot.layers.buildings
        counted = buildings if self.floors is None else self.floors.counts
        return np.asarray(counted["households"], np.float64)

    def by_dwelling(self, of_building: IntArray) -> IntArray:
        """Return what each building has for each of its floors, or as it is."""
        return of_building if self.floors is None else of_building[self.floors.building]

    def of_buildings(self, strips: Strips) -> BoolArray:
        """Return whether all of each building is covered at each hour, shape (n, m)."""
        covered = strips.of_buildings()
        if self.floors is None:
            return covered
        lowest = self.floors.lowest
        lacking = ~covered & (lowest | (self.households > 0))[:, None]
        return ~np.logical_or.reduceat(lacking, np.flatnonzero(lowest), axis=0)


def compute_week(snapshot: Snapshot, question: CoverageQuestion, week: str | None) -> Week:
    """Return the district at each hour of a week (:mod:`geo.accessibility.week`).

    Every hour is the moment at which it begins: what is told of it is what the same question with
    that time as `at` tells.

    Raises
    ------
    InputError
        If `week` is none.
    EmptyError
        If the district has no buildings.
    """
    moments = hours_of_week(parse_week(week))
    snapshot, _ = as_asked(snapshot, replace(question, at=None))
    hours = district_hours(snapshot.layers, moments, within=True)
    ways = [replace(hours.closures(number), points=frozenset()) for number in range(HOURS)]
    place = {each: number for number, each in enumerate(dict.fromkeys(ways))}

    def snapped_at(closures: Closures) -> SnappedDistrict:
        return with_closed(snapshot, closures).snapped(question.profile)

    coverage = hourly_coverage(
        [partial(snapped_at, each) for each in place],
        np.array([place[each] for each in ways], np.int64),
        ~hours.service_points.closed_rows(),
        minutes=snapshot.minutes(question),
        floors=snapshot.floors_asked(question),
    )
    return Week(snapshot, hours, coverage, len(place), snapshot.floors_asked(question))


def week(
    snapshot: Snapshot, question: CoverageQuestion, *, week: str | None = None, by: str = "small"
) -> Json:
    """Return the households covered at each hour of a week, by building or grid and in all.

    Parameters
    ----------
    snapshot : Snapshot
    question : CoverageQuestion
        Its time counts for nothing.
    week : str, optional
        ISO week, ``2026-W49``; by default a week without holidays.
    by : str

    Raises
    ------
    InputError, EmptyError
        If `week` is none; if there are no buildings or no grids of that level.
    """
    found = compute_week(snapshot, question, week)
    snapshot = found.snapshot
    households = found.households
    all_of_them = float(households.sum())
    figures = {name: _figures(strips, households) for name, strips in found.strips.items()}
    monday = found.hours.moments[0]
    return {
        **threshold_meta(snapshot, question),
        "week": _week_name(monday),
        "begins": monday.date().isoformat(),
        "by": by,
        "hours": {layer: _layer(found.hours, layer) for layer in TIMED_LAYERS},
        "assumed": "open",
        "networks": found.networks,
        "searches": found.coverage.searches,
        "households": all_of_them,
        "total": figures,
        **sentences(figures, snapshot.standard, all_of_them, _thresholds(snapshot, question)),
        "rows": _building_rows(found) if by == "building" else _grid_rows(found, by),
        **judged_note(snapshot, question.profile),
        **floors_note(snapshot, question),
        "own_points": question.own_points,
        **as_of_note(question.as_of),
    }


def week_table(
    snapshot: Snapshot, question: CoverageQuestion, *, week: str | None, by: str
) -> pd.DataFrame:
    """Return the same as a table: by grid a column for each hour, by building one of hours.

    Columns ``code, level, parent_code, name_zh, name_en, buildings, category`` and households at
    ``Mo00 .. Su23``; or ``building_id, households, category, hours``.
    """
    found = compute_week(snapshot, question, week)
    if by == "building":
        rows = [
            (row["building_id"], row["households"], category, hours)
            for row in _building_rows(found)
            for category, hours in row["hours"].items()
        ]
        return pd.DataFrame(rows, columns=["building_id", "households", "category", "hours"])
    head, sums = _by_grid(found, by)
    parts = []
    for name, table in sums.items():
        hours = pd.DataFrame(table, columns=list(HOUR_NAMES))
        parts.append(pd.concat([head.assign(category=name), hours], axis=1))
    return pd.concat(parts).sort_values(["code", "category"], kind="stable").reset_index(drop=True)


def _by_grid(found: Week, by: str) -> tuple[pd.DataFrame, dict[str, FloatArray]]:
    """Return the heads of the rows, and per category the households covered, shape (rows, m)."""
    snapshot = found.snapshot
    snapshot.require_grids(by)
    head, row = rows_by(snapshot.layers, cast("By", by), members=snapshot.members)
    if by == "district":
        district = snapshot.district
        head = head.assign(code=district.code, name_zh=district.name_zh, name_en=district.name_en)
    head["buildings"] = np.bincount(row[row >= 0], minlength=len(head))
    households, at = found.households, found.by_dwelling(row)
    sums = {name: strips.sums(households, at, len(head)) for name, strips in found.strips.items()}
    return head, sums


def _grid_rows(found: Week, by: str) -> list[Json]:
    head, sums = _by_grid(found, by)
    rows = records(head)
    for number, row in enumerate(rows):
        row["covered"] = {name: table[number].tolist() for name, table in sums.items()}
    return rows


def _building_rows(found: Week) -> list[Json]:
    """Return the hours at which each building is covered, all of it, in words of opening hours."""
    buildings = records(found.snapshot.layers.buildings[["building_id", "households"]])
    known: dict[bytes, str] = {}
    for name, strips in found.strips.items():
        covered = found.of_buildings(strips)
        for row, each in zip(buildings, covered, strict=True):
            key = each.tobytes()
            if key not in known:
                known[key] = hours_text(each)
            row.setdefault("hours", {})[name] = known[key]
    return buildings


def hours_text(covered: BoolArray) -> str:
    """Return the hours of a week in words: empty for none, ``24/7`` for all.

    Examples
    --------
    >>> strip = np.zeros(168, np.bool_)
    >>> strip[9:17] = strip[24 + 9 : 24 + 17] = True
    >>> hours_text(strip), hours_text(~np.zeros(168, np.bool_))
    ('Mo-Tu 09-17', '24/7')
    """
    if covered.all():
        return "24/7"
    days = [_runs(covered[24 * day : 24 * day + 24]) for day in range(7)]
    parts, first = [], 0
    for day in range(1, 8):
        if day < 7 and days[day] == days[first]:  # noqa: PLR2004 - days of a week
            continue
        span = WEEKDAYS[first] + (f"-{WEEKDAYS[day - 1]}" if day - 1 > first else "")
        if days[first]:
            parts.append(f"{span} {days[first]}")
        first = day
    return "; ".join(parts)


def _runs(day: BoolArray) -> str:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], day, [False]]).astype(np.int8)))
    return ",".join(f"{a:02}-{b:02}" for a, b in edges.reshape(-1, 2).tolist())


def _figures(strips: Strips, households: FloatArray) -> Json:
    """Return the strip of the district, and what is remarkable about it."""
    district = np.zeros(len(households), np.int64)
    covered = strips.sums(households, district, 1)[0]
    of_buildings = strips.of_buildings()
    always, ever = of_buildings.all(axis=1), of_buildings.any(axis=1)
    by_day_alone = ever & ~of_buildings[:, _NIGHT].any(axis=1)
    best, worst = int(np.argmax(covered)), int(np.argmin(covered))
    return {
        "covered": covered.tolist(),
        "best": {"hour": HOUR_NAMES[best], "households": float(covered[best])},
        "worst": {"hour": HOUR_NAMES[worst], "households": float(covered[worst])},
        "always": float(households[always].sum()),
        "never": float(households[~ever].sum()),
        "not_at_night": float(households[by_day_alone].sum()),
        "weekdays": _weekdays(covered),
    }


def _weekdays(covered: FloatArray) -> Json | None:
    """Return the longest run of hours at which on every weekday the best hour is equalled."""
    full = (covered == covered.max()).reshape(7, 24)[:5].all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    runs = edges.reshape(-1, 2)
    if not len(runs) or not covered.max():
        return None
    begin, end = runs[np.argmax(runs[:, 1] - runs[:, 0])].tolist()
    return {"from": int(begin), "to": int(end)}


def _thresholds(snapshot: Snapshot, question: CoverageQuestion) -> dict[str, float]:
    """Return the minutes of each category, and of all where they have the same."""
    of_all = {"all": question.minutes} if question.tier is None else {}
    return {**of_all, **snapshot.thresholds(question)}


def _layer(hours: DistrictHours, layer: str) -> Json:
    """Return what is known of the hours of a layer, and how much of it is closed when."""
    each = getattr(hours, layer)
    unreadable = sorted(each.ids[each.unreadable].tolist())
    return {
        "rows": len(each.ids),
        "with_hours": len(each.timed),
        "unreadable": len(each.unreadable),
        "unreadable_ids": [str(name) for name in unreadable[:NAMED]],
        "closed": each.closed.sum(axis=0).tolist(),
        "changing": each.changing.tolist(),
    }


def _week_name(monday: datetime) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"
