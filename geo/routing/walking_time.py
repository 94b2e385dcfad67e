"""Walking times as they are published: horizon, threshold, rounding."""

from typing import Final

import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.errors import InputError
from geo.network.search_graph import TICKS_PER_S
from geo.routing.shortest_paths import unpack

HORIZON_S: Final = 7_200.0
"""Times are searched up to two hours; beyond, a category counts as unreached."""


Minutes = float | tuple[float, ...]
"""A threshold for all categories, or one for each in their order; minutes, inclusive."""


def threshold_s(minutes: float) -> float:
    """Return `minutes` in seconds, at the resolution of published times.

    Raises
    ------
    InputError
        Unless ``0 < minutes <= 120``.
    """
    if not 0 < minutes <= HORIZON_S / 60:
        raise InputError("routing.minutes", minutes=minutes)
    return round(minutes * 60, 2)


def limits_s(minutes: Minutes, categories: int) -> FloatArray:
    """Return the threshold of each category in seconds, shape (k,).

    Raises
    ------
    InputError
        As :func:`threshold_s`, or if there is not one threshold for each category.
    """
    each = minutes if isinstance(minutes, tuple) else (minutes,) * categories
    if len(each) != categories:
        raise InputError("routing.thresholds", got=len(each), wanted=categories)
    return np.array([threshold_s(one) for one in each], np.float64)


def published(label: IntArray) -> tuple[FloatArray, IntArray]:
    """Return seconds (0.01, NaN when unreached within the horizon) and rank (then -1) of labels."""
    ticks, rank = unpack(label)
    time_s = np.round(ticks / TICKS_PER_S, 2)
    within = time_s <= HORIZON_S
    return np.where(within, time_s, np.nan), np.where(within, rank, -1)
