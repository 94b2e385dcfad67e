"""Walking times as they are published: horizon, threshold, rounding."""

from typing import Final

import numpy as np

from geo.arrays import FloatArray, IntArray
from geo.errors import InputError
from geo.network.search_graph import TICKS_PER_S
from geo.routing.shortest_paths import unpack

HORIZON_S: Final = 7_200.0
"""Times are searched up to two hours; beyond, a category counts as unreached."""


def threshold_s(minutes: float) -> float:
    """Return `minutes` in seconds, at the resolution of published times.

    Raises
    ------
    InputError
        Unless ``0 < minutes <= 120``.
    """
    if not 0 < minutes <= HORIZON_S / 60:
        raise InputError(f"Got {minutes:g} minutes; wanted more than 0 and at most 120.")
    return round(minutes * 60, 2)


def published(label: IntArray) -> tuple[FloatArray, IntArray]:
    """Return seconds (0.01, NaN when unreached within the horizon) and rank (then -1) of labels."""
    ticks, rank = unpack(label)
    time_s = np.round(ticks / TICKS_PER_S, 2)
    within = time_s <= HORIZON_S
    return np.where(within, time_s, np.nan), np.where(within, rank, -1)
