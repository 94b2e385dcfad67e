"""Lifts: the staircases where one would bring most elderly people within reach."""

import numpy as np
import pandas as pd

from geo.accessibility.coverage import Times
from geo.accessibility.floors import Floors, floors_of
from geo.accessibility.gaps import lacking
from geo.arrays import IntArray
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.routing.walking_time import Minutes


def lift_table(
    times: Times, layers: Layers, profile: Profile, *, minutes: Minutes, category: str
) -> pd.DataFrame:
    """Rank the buildings without a lift by the people of 60 and more whom one would bring in reach.

    Parameters
    ----------
    times : Times
        From the doors of the buildings.
    layers : Layers
    profile : Profile
    minutes : float or tuple of float
        Threshold, inclusive, or that of each category.
    category : str
        One category, or ``all``.

    Returns
    -------
    DataFrame
        ``building_id, lon, lat, storeys, lift, residents_60plus, gained_60plus, households,
        gained_households``: those in reach with a lift and not without, most first, equal ones by
        `building_id`; only buildings where somebody gains. `lift` is False or None (unknown).

    Examples
    --------
    >>> from geo.routing.snapped_district import snap_layers
    >>> from geo.accessibility.coverage import nearest_times
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> times = nearest_times(snap_layers(layers, network, ("catering",)))
    >>> homes = layers.buildings.assign(levels=6, lift=None, residents_60plus=12)
    >>> walker = Profile("a", "", "", 1.25, frozenset(["steps"]), stairs_s=15, lift_wait_s=30)
    >>> from dataclasses import replace
    >>> layers = replace(layers, buildings=homes)
    >>> lift_table(times, layers, walker, minutes=15, category="all")["gained_60plus"].tolist()
    [10, 10, 10, 10, 10, 10]
    """
    buildings = layers.buildings
    without, with_lift = (floors_of(buildings, profile, lifts=each) for each in (False, True))
    now, then = (_reached(each, times, minutes, category) for each in (without, with_lift))
    gained = {name: then[name] - now[name] for name in now}
    table = pd.DataFrame(buildings[["building_id", "lon", "lat"]]).assign(
        storeys=buildings["levels"].to_numpy(np.int64),
        lift=buildings["lift"].to_numpy(dtype=object),
        residents_60plus=buildings["residents_60plus"].to_numpy(np.int64),
        gained_60plus=gained["residents_60plus"],
        households=buildings["households"].to_numpy(np.int64),
        gained_households=gained["households"],
    )
    rows = ~without.lift & ((table["gained_60plus"] > 0) | (table["gained_households"] > 0))
    ordered = table[rows].sort_values(
        ["gained_60plus", "gained_households", "building_id"], ascending=[False, False, True]
    )
    return ordered.reset_index(drop=True)


def _reached(floors: Floors, times: Times, minutes: Minutes, category: str) -> dict[str, IntArray]:
    """Return the people and households of each building that are in reach."""
    reached = ~lacking(floors.times(times), minutes, category)
    return {
        name: np.bincount(
            floors.building, weights=floors.counts[name] * reached, minlength=len(floors.known)
        ).astype(np.int64)
        for name in ("residents_60plus", "households")
    }
