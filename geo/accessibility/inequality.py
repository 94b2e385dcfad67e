"""Equity: how evenly walking time or supply access is spread over households, or over a group.

All measures are of a weighted distribution: a building's value counts once per household (or
resident, or resident of 60 and over) that lives in it. Where a measure has no answer it is NaN, and
:attr:`Distribution.reason` says why; a building without a value (unlinked, or nothing within two
hours) is left out, and the weight left out is told beside the measures.

References
----------
Gini: Lerman and Yitzhaki 1989, doi:10.1016/0304-4076(89)90074-6. Theil T and its parts: Shorrocks
1980, doi:10.2307/1913126. Palma: Palma 2011, doi:10.1111/j.1467-7660.2011.01681.x.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.accessibility.coverage import By, rows_by
from geo.arrays import FloatArray, IntArray
from geo.errors import InputError
from geo.model.layers import Layers

REASONS: Final = ("no_weight", "all_zero", "bottom_zero")
"""Why a measure can be NaN: nobody has a value, so there is no measure at all; everybody has 0, so
there are no shares to compare; the lower 40 % have 0, so there is no Palma ratio."""

_SLACK: Final = 1e-12
"""Share of the weight by which a percentile may miss a step of the distribution (rounding)."""

_TOP: Final = 0.9
_BOTTOM: Final = 0.4


@dataclass(frozen=True, slots=True)
class Distribution:
    """Values of at least 0 with their weights, sorted; made by :func:`distribution`.

    Attributes
    ----------
    values, weights : ndarray of float64, shape (n,)
        Values rising, weights above 0.
    excluded : float
        Weight of places that have no value.
    """

    values: FloatArray
    weights: FloatArray
    excluded: float

    @property
    def weight(self) -> float:
        """Weight of all places with a value."""
        return float(self.weights.sum())

    @property
    def reason(self) -> str:
        """Why a measure is NaN, one of :data:`REASONS`; empty where none is."""
        if not len(self.values):
            return "no_weight"
        if self.values[-1] == 0:
            return "all_zero"
        return "bottom_zero" if self._lorenz(_BOTTOM) <= 0 else ""

    @property
    def mean(self) -> float:
        """Weighted mean."""
        return self._total / self.weight if len(self.values) else np.nan

    @property
    def gini(self) -> float:
        """Gini coefficient: 0 where all are equal, towards 1 where one has everything.

        Half the mean difference of all pairs, relative to the mean, each household paired with
        itself as well: of n equal weights at most (n - 1)/n.
        """
        if not self._total > 0:
            return np.nan
        below = 2 * np.cumsum(self.weights) - self.weights - self.weight
        spread = float((self.weights * self.values * below).sum())
        return max(spread / (self.weight * self._total), 0.0)

    @property
    def theil(self) -> float:
        """Theil's T: 0 where all are equal, ln(n) where one of n has everything."""
        if not self._total > 0:
            return np.nan
        share = self.values / self.mean
        log = np.log(share, out=np.zeros_like(share), where=share > 0)
        return max(float((self.weights * share * log).sum()) / self.weight, 0.0)

    @property
    def palma(self) -> float:
        """What the upper 10 % have by what the lower 40 % have; 1/4 where all are equal.

        The place on the boundary is split.
        """
        bottom = self._lorenz(_BOTTOM)
        return (1 - self._lorenz(_TOP)) / bottom if bottom > 0 else np.nan

    def percentile(self, percent: float) -> float:
        """Return the least value that at least `percent` of the weight does not exceed.

        Raises
        ------
        InputError
            Unless ``0 <= percent <= 100``.
        """
        if not 0 <= percent <= 100:  # noqa: PLR2004 - per cent
            raise InputError("accessibility.percentile", percent=percent)
        if not len(self.values):
            return np.nan
        reached = np.cumsum(self.weights)
        wanted = reached[-1] * (percent / 100 - _SLACK)
        return float(self.values[min(np.searchsorted(reached, wanted), len(reached) - 1)])

    @property
    def _total(self) -> float:
        return float((self.weights * self.values).sum())

    def _lorenz(self, share: float) -> float:
        """Return what the lower `share` of the weight has of the total; NaN where that is 0."""
        total = self._total
        if not total > 0:
            return np.nan
        along = np.concatenate([[0.0], np.cumsum(self.weights)])
        held = np.concatenate([[0.0], np.cumsum(self.weights * self.values)])
        return float(np.interp(share * along[-1], along, held)) / total


def distribution(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Distribution:
    """Return the distribution of `values`, each counted `weights` times.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        At least 0; NaN where there is none.
    weights : array_like of float, shape (n,), optional
        At least 0; 1 by default.

    Raises
    ------
    InputError
        If a value or weight is negative or infinite, or the lengths differ.

    Examples
    --------
    >>> two = distribution([100, 300], [3, 1])
    >>> two.mean, two.gini, two.percentile(75), two.percentile(76)
    (150.0, 0.25, 100.0, 300.0)
    """
    value = np.atleast_1d(np.asarray(values, np.float64))
    weight = np.ones(len(value)) if weights is None else np.asarray(weights, np.float64)
    if value.shape != weight.shape:
        raise InputError("accessibility.not_as_many", values=len(value), weights=len(weight))
    if (value < 0).any() or np.isinf(value).any():
        raise InputError("accessibility.values")
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise InputError("accessibility.weights")
    known = ~np.isnan(value)
    kept = known & (weight > 0)
    order = np.argsort(value[kept], kind="stable")
    return Distribution(value[kept][order], weight[kept][order], float(weight[~known].sum()))


@dataclass(frozen=True, slots=True)
class TheilParts:
    """Theil's T, and what of it lies between groups and within them.

    Attributes
    ----------
    total, between, within : float
        ``total = between + within``; NaN where there is no total.
    """

    total: float
    between: float
    within: float


def theil_parts(values: npt.ArrayLike, weights: npt.ArrayLike, groups: npt.ArrayLike) -> TheilParts:
    """Split Theil's T by group, for instance by grid.

    Parameters
    ----------
    values, weights : array_like of float, shape (n,)
        As for :func:`distribution`.
    groups : array_like of str, shape (n,)
        Group of each; those without one are a group together.

    Examples
    --------
    >>> theil_parts([1, 1, 3, 3], [1, 1, 1, 1], ["a", "a", "b", "b"]).within
    0.0
    """
    whole = distribution(values, weights)
    if not whole.theil >= 0:
        return TheilParts(np.nan, np.nan, np.nan)
    number, _ = pd.factorize(pd.Series(np.asarray(groups, dtype=object)))
    parts = [part for part in _split(values, weights, number) if part.mean > 0]
    share = np.array([part.mean * part.weight for part in parts])
    share /= share.sum()
    relative = np.array([part.mean for part in parts]) / whole.mean
    return TheilParts(
        total=whole.theil,
        between=max(float((share * np.log(relative)).sum()), 0.0),
        within=float((share * np.array([part.theil for part in parts])).sum()),
    )


def _split(values: npt.ArrayLike, weights: npt.ArrayLike, number: IntArray) -> list[Distribution]:
    """Return the distribution of each number from 0 on, and last that of -1."""
    order = np.argsort(number, kind="stable")
    value = np.asarray(values, np.float64)[order]
    weight = np.asarray(weights, np.float64)[order]
    ends = np.searchsorted(number[order], np.arange(number.max(initial=-1) + 2))
    each = [distribution(value[low:high], weight[low:high]) for low, high in pairwise(ends)]
    return [*each, distribution(value[: ends[0]], weight[: ends[0]])]


def equity_table(
    values: npt.ArrayLike, layers: Layers, *, weights: npt.ArrayLike, by: By, members: pd.DataFrame
) -> pd.DataFrame:
    """Measure how evenly a value is spread within each grid, or within the whole district.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Of each building, at least 0: walking time to the nearest point, or supply access; NaN where
        there is none.
    layers : Layers
    weights : array_like of float, shape (n,)
        Households of each building, or people of a group
        (:func:`geo.accessibility.floating_catchment.demand_of`).
    by : {'small', 'medium', 'large', 'district'}
    members : DataFrame
        Grid codes of each building (:func:`geo.grids.assign.members`); a building without a code
        is in no grid of that level, but in the district.

    Returns
    -------
    DataFrame
        One row per grid in order of code (one row for the district): ``code, level, parent_code,
        name_zh, name_en, buildings, weight, excluded, mean, p10, p50, p90, gini, theil, palma,
        reason``. `weight` is of buildings with a value, `excluded` of those without; a measure
        without an answer is NaN and `reason` says why (:data:`REASONS`).
    """
    head, number = rows_by(layers, by, members=members)
    parts = _split(values, weights, number)[:-1]
    parts += [distribution([]) for _ in range(len(head) - len(parts))]  # grids without buildings
    table = head.copy()
    table["buildings"] = np.bincount(number[number >= 0], minlength=len(head))
    for name in ("weight", "excluded", "mean"):
        table[name] = [getattr(part, name) for part in parts]
    for percent in (10, 50, 90):
        table[f"p{percent}"] = [part.percentile(percent) for part in parts]
    for name in ("gini", "theil", "palma", "reason"):
        table[name] = [getattr(part, name) for part in parts]
    return table
