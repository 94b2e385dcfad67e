"""Which service points are in reach of the households of a few buildings."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from api.sheets.question import SheetQuestion
from api.snapshot.district import Snapshot
from geo.arrays import FloatArray, IntArray
from geo.model.standard import Category
from geo.routing.od_pairs import OdPairs, pairs_within
from geo.routing.walking_time import threshold_s
from maps import palettes
from maps.sheets.content import CategoryReach, ListedPlace
from maps.sheets.hours import hours_words

_PLACES: Final = 2
"""Points that a card lists of each category."""

_HALF: Final = 0.5


@dataclass(slots=True)
class ReachOf:
    """Points in reach in a district, searched once for all sheets.

    Attributes
    ----------
    snapshot : Snapshot
    question : SheetQuestion
    """

    snapshot: Snapshot
    question: SheetQuestion
    _pairs: dict[str, OdPairs] = field(default_factory=dict)

    def reach(self, buildings: IntArray) -> tuple[CategoryReach, ...]:
        """Return the nearest points of each category for the buildings in some rows."""
        numbers = iter(range(1, 1000))
        result = []
        for position, category in enumerate(self.snapshot.standard.categories):
            near = self.nearest(category, buildings)[:_PLACES]
            places = tuple(self.place(row, time_s, next(numbers)) for row, time_s in near)
            name, badge = (
                (category.zh, category.badge_zh)
                if self.question.lang == "zh"
                else (category.en, category.badge_en)
            )
            beyond = None if places else self._beyond(category, buildings)
            fill = palettes.badge_colour(position)
            result.append(CategoryReach(name, badge, fill, places, beyond))
        return tuple(result)

    def nearest(self, category: Category, buildings: IntArray) -> list[tuple[int, float]]:
        """Return rows of points with the walk of the household in the middle, nearest first.

        Points that less than half of the households reach are left out.
        """
        pairs, weight = self._within(category.id), self._weights(buildings)
        mine, each = _pairs_of(pairs, buildings)
        told = {"point": pairs.point[mine], "time": pairs.time_s[mine], "weight": weight[each]}
        table, total = pd.DataFrame(told), weight.sum()
        middle = [
            (time_s, int(rows["point"].iloc[0]))
            for _, rows in table.groupby("point")
            if (time_s := _middle(rows["time"], rows["weight"], total)) is not None
        ]
        return [(point, time_s) for time_s, point in sorted(middle)]

    def place(self, row: int, time_s: float | None, number: int) -> ListedPlace:
        """Return a service point as a sheet tells it."""
        point = self.snapshot.layers.service_points.iloc[row]
        at = self.snapshot.metric.service_points.geometry.iloc[row]
        return ListedPlace(
            number=number,
            name=str(point["name"]),
            kind=self._kind(str(point["category"]), str(point["sub"])),
            minutes=None if time_s is None else math.ceil(round(time_s / 60, 6)),
            hours=hours_words(point["opening_hours"] or "", self.question.lang),
            phone=point["phone"] or "",
            x=float(at.x),
            y=float(at.y),
        )

    def walk_to(self, row: int, buildings: IntArray) -> float | None:
        """Return the walk of the household in the middle to a point; None where it is too far."""
        category = self.snapshot.layers.service_points["category"].iloc[row]
        pairs, weight = self._within(str(category)), self._weights(buildings)
        mine, each = _pairs_of(pairs, buildings)
        to_it = pairs.point[mine] == row
        return _middle(pairs.time_s[mine][to_it], weight[each][to_it], weight.sum())

    def _beyond(self, category: Category, buildings: IntArray) -> ListedPlace | None:
        """Return the nearest point of a category that is beyond the threshold, if there is one."""
        times = self.snapshot.times(self.question.asked.profile)
        column = times.column(category.id)
        time_s, point = times.time_s[buildings, column], times.point[buildings, column]
        known = point >= 0
        if not known.any():
            return None
        weight = self._weights(buildings)
        order = np.argsort(time_s[known], kind="stable")
        reached = np.cumsum(weight[known][order])
        middle = order[int(np.searchsorted(reached, _HALF * reached[-1]))]
        return self.place(int(point[known][middle]), float(time_s[known][middle]), 0)

    def _within(self, category: str) -> OdPairs:
        """Return all pairs of a category, searched on first use."""
        if category not in self._pairs:
            self._pairs[category] = pairs_within(
                self.snapshot.snapped(self.question.asked.profile),
                category=category,
                limit_s=threshold_s(self.question.asked.minutes),
            )
        return self._pairs[category]

    def _weights(self, buildings: IntArray) -> FloatArray:
        """Return the households of buildings; 1 each where nobody lives in any."""
        every = self.snapshot.layers.buildings["households"].to_numpy(np.float64)
        households: FloatArray = every[buildings]
        return households if households.any() else np.ones(len(buildings))

    def _kind(self, category: str, sub: str) -> str:
        """Return what a point is in the language of the sheets; a local term stays."""
        for group in self.snapshot.standard.groups:
            for kind in group.kinds:
                if group.id == category and kind.id == sub:
                    return kind.zh if self.question.lang == "zh" else kind.en
        return sub


def _pairs_of(pairs: OdPairs, buildings: IntArray) -> tuple[IntArray, IntArray]:
    """Return the rows of the pairs of some buildings, and which of these each is of."""
    begin, number = pairs.begin[buildings], np.diff(pairs.begin)[buildings]
    each = np.repeat(np.arange(len(buildings)), number)
    first = np.repeat(begin - np.cumsum(number) + number, number)
    return first + np.arange(len(each)), each


def _middle(
    time_s: "pd.Series | FloatArray", weight: "pd.Series | FloatArray", total: float
) -> float | None:
    """Return the time within which half of `total` arrives; None where less than that does.

    Examples
    --------
    >>> _middle(np.array([60.0, 120.0, 300.0]), np.array([1.0, 2.0, 1.0]), 4.0)
    120.0
    >>> _middle(np.array([60.0]), np.array([1.0]), 4.0) is None
    True
    """
    times, weights = np.asarray(time_s, np.float64), np.asarray(weight, np.float64)
    order = np.argsort(times, kind="stable")
    reached = np.cumsum(weights[order])
    if not len(reached) or reached[-1] < _HALF * total:
        return None
    return float(times[order][int(np.searchsorted(reached, _HALF * total))])
