"""Floors: dwellings spread over the storeys of their building, and the way down to its door.

Nobody counts households by floor, so they are spread evenly: of h households over s storeys,
floors 1 to f have ``floor(h f / s + 1/2)``. Each floor has whole households, and all floors
together have the building's. Groups of residents are spread by the same rule.

From floor f one walks down f - 1 storeys of stairs, or waits for the lift and rides, whichever is
sooner; who cannot use steps has the lift alone. A building of unknown storeys has all its
dwellings at the door, and answers count and name it.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from geo.accessibility.coverage import Times
from geo.arrays import BoolArray, FloatArray, IntArray
from geo.errors import InputError
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.network.impedance import STEPS
from geo.routing.walking_time import HORIZON_S

SPREAD: Final = ("households", "residents", "residents_60plus", "residents_under15")
"""Counts of a building that are spread over its floors."""

MOST_STOREYS: Final = 200
"""A building that says it has more is one of unknown storeys: a year, a height in feet."""


@dataclass(frozen=True, slots=True)
class Floors:
    """The d floors of n buildings that somebody lives on, and every lowest one.

    Attributes
    ----------
    building : ndarray of int64, shape (d,)
        Row of the building, ascending.
    floor : ndarray of int64, shape (d,)
        From 1, the one at the door; ascending within a building.
    time_s : ndarray of float64, shape (d,)
        From there to the door of the building, seconds; inf where there is no way.
    counts : dict of str to ndarray of int64, shape (d,)
        Those of :data:`SPREAD` on each floor.
    known : ndarray of bool, shape (n,)
        Whether the storeys of each building are known.
    lift : ndarray of bool, shape (n,)
        Whether each building has a lift, or is held to have one.
    lift_known : ndarray of bool, shape (n,)
        Whether that is known.
    """

    building: IntArray
    floor: IntArray
    time_s: FloatArray
    counts: dict[str, IntArray]
    known: BoolArray
    lift: BoolArray
    lift_known: BoolArray

    def times(self, times: Times) -> Times:
        """Return the walking times of every floor, to the hundredth, from those of the doors."""
        seconds = np.round(times.time_s[self.building] + self.time_s[:, None], 2)
        within = seconds <= HORIZON_S
        return replace(
            times,
            time_s=np.where(within, seconds, np.nan),
            point=np.where(within, times.point[self.building], -1),
            reason=times.reason[self.building],
        )

    def layers(self, layers: Layers) -> Layers:
        """Return the layers with a row of buildings for each floor."""
        buildings = layers.buildings.take(self.building).reset_index(drop=True)
        return replace(layers, buildings=buildings.assign(**self.counts))

    @property
    def lowest(self) -> BoolArray:
        """Whether each floor is the lowest of its building, shape (d,)."""
        return np.asarray(self.floor == 1, np.bool_)


def floors_of(buildings: pd.DataFrame, profile: Profile, *, lifts: bool = False) -> Floors:
    """Spread the dwellings of buildings over their storeys.

    Parameters
    ----------
    buildings : DataFrame
        ``levels, lift`` (bool or None) and :data:`SPREAD` of layer ``buildings``.
    profile : Profile
    lifts : bool, default False
        Whether to take every building as having a lift.

    Raises
    ------
    InputError
        If the profile has no rule for stairs.

    Notes
    -----
    O(floors).

    Examples
    --------
    >>> walker = Profile("a", "", "", 1.0, stairs_s=12, lift_wait_s=30, lift_storey_s=3)
    >>> rows = {"levels": [6], "lift": [None]} | {name: [8] for name in SPREAD}
    >>> floors = floors_of(pd.DataFrame(rows, dtype=object), walker)
    >>> floors.counts["households"].tolist(), floors.time_s.tolist()
    ([1, 2, 1, 1, 2, 1], [0.0, 12.0, 24.0, 36.0, 48.0, 60.0])
    """
    if not profile.stairs_s:
        raise InputError("accessibility.no_stairs", profile=profile.id)
    levels = buildings["levels"].to_numpy(np.int64)
    known = (levels > 0) & (levels <= MOST_STOREYS)
    storeys = np.where(known, levels, 1)
    told = buildings["lift"].to_numpy(dtype=object)
    lift_known = np.array([value is not None for value in told.tolist()], np.bool_)
    held = (storeys >= profile.lift_from) & (profile.lift_from > 0)
    lift = np.where(lift_known, told == True, held).astype(np.bool_) | lifts  # noqa: E712 - objects
    building = np.repeat(np.arange(len(storeys)), storeys)
    floor = np.arange(len(building)) - np.repeat(np.cumsum(storeys) - storeys, storeys) + 1
    counts = {
        name: _on_floor(buildings[name].to_numpy(np.int64)[building], storeys[building], floor)
        for name in SPREAD
    }
    lived_on = (floor == 1) | np.any([count > 0 for count in counts.values()], axis=0)
    building, floor = building[lived_on], floor[lived_on]
    return Floors(
        building=building,
        floor=floor,
        time_s=_seconds_down(floor - 1, lift[building], profile),
        counts={name: count[lived_on] for name, count in counts.items()},
        known=known,
        lift=lift,
        lift_known=lift_known,
    )


def floor_households(floors: Floors, time_s: FloatArray, limit_s: FloatArray | float) -> IntArray:
    """Return the households of each building within a threshold, shape (n, k).

    Parameters
    ----------
    floors : Floors
    time_s : ndarray of float64, shape (n, k)
        From the door of each building; NaN where unreached.
    limit_s : float or ndarray of float64, shape (k,)
        Threshold, inclusive.
    """
    within = np.round(time_s[floors.building] + floors.time_s[:, None], 2) <= limit_s
    first = np.flatnonzero(floors.lowest)
    households = within * floors.counts["households"][:, None]
    return np.asarray(np.add.reduceat(households, first, axis=0), np.int64)


def _on_floor(count: IntArray, storeys: IntArray, floor: IntArray) -> IntArray:
    """Return how many of `count` live on each floor of so many."""
    up_to, below = ((2 * count * each + storeys) // (2 * storeys) for each in (floor, floor - 1))
    return np.asarray(up_to - below, np.int64)


def _seconds_down(storeys: IntArray, lift: BoolArray, profile: Profile) -> FloatArray:
    """Return the seconds to the door from so many storeys above it."""
    stairs = np.where(STEPS in profile.avoid, np.inf, profile.stairs_s) * np.maximum(storeys, 1)
    ride = profile.lift_wait_s + profile.lift_storey_s * storeys
    down = np.where(lift, np.minimum(stairs, ride), stairs)
    return np.asarray(np.where(storeys == 0, 0.0, down), np.float64)
