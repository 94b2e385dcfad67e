"""Which grid came from which, between two plans: split, merged, or a border moved."""

from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.codes import LEVELS

LEAST_SHARE: Final = 0.005
"""A smaller share of the old grid's area is a border drawn anew, not descent."""


_TEXTS: Final = ("level", "kind", "old_code", "new_code")


class Descent(StrEnum):
    """How a grid came from another."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"  # a border between grids that both go on


def descents(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which grid came from which, by the area that they share.

    Parameters
    ----------
    before, after : GeoDataFrame
        Layer ``grids`` in the metric CRS; grids that stay as they are may be left out of both.

    Returns
    -------
    DataFrame
        `level`, `kind`, `old_code`, `new_code`, `share`: one row for each pair of different codes
        of one level where at least :data:`LEAST_SHARE` of the old grid became part of the new one.
        A grid that is gone and became one other was merged; into several, or where the old one goes
        on beside a new one, split; where both go on, their border moved.
    """
    both = set(before["level"]) & set(after["level"])
    frames = [
        _of_level(before[before["level"] == level], after[after["level"] == level], str(level))
        for level in [each for each in LEVELS if each in both] or LEVELS[:1]
    ]
    return pd.concat(frames, ignore_index=True).astype(dict.fromkeys(_TEXTS, object))


def _of_level(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, level: str) -> pd.DataFrame:
    old, new = before["code"].to_numpy(object), after["code"].to_numpy(object)
    shapes, others = (np.asarray(each.geometry, object) for each in (before, after))
    at, to = shapely.STRtree(others).query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[at], others[to])) / shapely.area(shapes[at])
    on = (share >= LEAST_SHARE) & (old[at] != new[to])
    at, to, share = at[on], to[on], np.minimum(share[on], 1.0)
    goes_on, is_new = np.isin(old[at], new), ~np.isin(new[to], old)
    alone = np.bincount(at, minlength=len(old))[at] == 1
    kind = np.where(
        goes_on,
        np.where(is_new, Descent.SPLIT.value, Descent.MOVE.value),
        np.where(alone, Descent.MERGE.value, Descent.SPLIT.value),
    )
    rows = {
        "level": np.full(len(at), level, dtype=object),
        "kind": kind.astype(object),
        "old_code": old[at],
        "new_code": new[to],
        "share": share,
    }
    return pd.DataFrame(rows).sort_values(["old_code", "new_code"], ignore_index=True)
