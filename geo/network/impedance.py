"""Effort: how many level metres a metre of each walk edge counts for, either way.

Where nothing slows or speeds a walker it is exactly 1, so that data without elevation, steps and
crossings give the very bits that plain lengths give.

References
----------
W. Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA 93-1.
"""

from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import BoolArray, FloatArray
from geo.model.standard import Profile, SlopeRule

STEPS: Final = "steps"
"""Kind of walk edge that has a rule of its own instead of a slope."""

_TOBLER: Final = 3.5
_TOBLER_BEST: Final = 0.05
"""Tobler's decay, and the descent at which his walker is fastest, metres per metre."""

_ROUNDING: Final = 1e-6
"""A slope steeper than allowed by less than this is as steep as allowed."""


def usable(edges: pd.DataFrame, profile: Profile) -> BoolArray:
    """Return which edges a walker may use in one direction at least, shape (m,).

    Parameters
    ----------
    edges : DataFrame
        ``kind, forward, backward, length_m, climb_m`` of layer ``walk_edges``.
    profile : Profile
    """
    on = edges["forward"].to_numpy(np.bool_) | edges["backward"].to_numpy(np.bool_)
    on &= ~edges["kind"].isin(profile.avoid).to_numpy(np.bool_)
    if profile.max_slope is not None:
        on &= np.abs(_slopes(edges)) <= profile.max_slope + _ROUNDING
    return np.asarray(on, np.bool_)


def efforts(edges: pd.DataFrame, profile: Profile) -> FloatArray:
    """Return the level metres that one metre of each edge counts for.

    A wait at a crossing is spread over the crossing's length; a crossing without length has none.
    On steps only ``steps_pace`` counts, whatever they climb.

    Parameters
    ----------
    edges : DataFrame
        ``kind, length_m, climb_m, crossing`` of layer ``walk_edges``, and ``wait_s`` where there
        (:func:`geo.network.wide_roads.sides_apart`).
    profile : Profile

    Returns
    -------
    ndarray of float64, shape (2, m)
        More than 0; row 0 walking from u to v, row 1 from v to u.
    """
    effort = np.ones((2, len(edges)))
    slopes = _slopes(edges)
    sloped = np.flatnonzero(slopes)
    for row, sign in enumerate((1.0, -1.0)):
        effort[row, sloped] = _slope_effort(sign * slopes[sloped], profile)
    effort[:, (edges["kind"] == STEPS).to_numpy(np.bool_)] = profile.steps_pace
    length_m = edges["length_m"].to_numpy(np.float64)
    waits = edges["crossing"].to_numpy(np.bool_) & (length_m > 0)
    effort[:, waits] += profile.crossing_s * profile.speed_m_s / length_m[waits]
    if "wait_s" in edges:  # of wide roads
        wait_s = edges["wait_s"].to_numpy(np.float64)
        effort[:, wait_s > 0] += (wait_s * profile.speed_m_s / length_m)[wait_s > 0]
    return effort


def _slopes(edges: pd.DataFrame) -> FloatArray:
    """Return metres climbed per metre from u to v; 0 on steps and where there is no length."""
    length_m = edges["length_m"].to_numpy(np.float64)
    street = (edges["kind"] != STEPS).to_numpy(np.bool_) & (length_m > 0)
    slopes = np.zeros(len(edges))
    slopes[street] = edges["climb_m"].to_numpy(np.float64)[street] / length_m[street]
    return slopes


def _slope_effort(slopes: FloatArray, profile: Profile) -> FloatArray:
    """Return the effort of walking on slopes that are not 0, as the profile's rule has it."""
    match profile.slope:
        case SlopeRule.TOBLER:
            steep = np.abs(slopes + _TOBLER_BEST) - _TOBLER_BEST
            return np.asarray(np.exp(_TOBLER * steep), np.float64)
        case SlopeRule.CLIMB:
            return 1.0 + profile.climb_pace * np.maximum(slopes, 0.0)
        case SlopeRule.LEVEL:
            return np.ones(len(slopes))
