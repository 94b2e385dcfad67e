"""Which grid came from which, between two plans: split, merged, or a border moved."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.grids.codes import LEVELS

LEAST_SHARE: Final = 0.005
"""A smaller share of the old grid's area is a border drawn anew, not descent."""


class Descent(StrEnum):
    """How a grid came from another."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"  # a border between grids that both go on


class Heir(NamedTuple):
    """One grid that came from another.

    Attributes
    ----------
    kind : Descent
    old_code, new_code : str
    share : float
        Of the old grid's area that became part of the new one, 0..1.
    """

    kind: Descent
    old_code: str
    new_code: str
    share: float


def descents(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which grid came from which, by the area that they share.

    Parameters
    ----------
    before, after : GeoDataFrame
        Layer ``grids`` in the metric CRS; grids that stay as they are may be left out of both.

    Returns
    -------
    DataFrame
        `level`, `kind`, `old_code`, `new_code`, `share`, as :func:`heirs` has them of each level.
    """
    rows = [
        (str(level), str(heir.kind), *heir[1:])
        for level in LEVELS
        for heir in heirs(*(_by_code(frame, str(level)) for frame in (before, after)))
    ]
    texts = dict.fromkeys(("level", "kind", "old_code", "new_code"), object)
    columns = {**texts, "share": np.float64}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _by_code(grids: gpd.GeoDataFrame, level: str) -> dict[str, BaseGeometry]:
    mine = grids[grids["level"] == level]
    return dict(zip(mine["code"], mine.geometry, strict=True))


def heirs(before: Mapping[str, BaseGeometry], after: Mapping[str, BaseGeometry]) -> list[Heir]:
    """Return which grid of one level came from which, by code.

    Parameters
    ----------
    before, after : mapping of str to Polygon or MultiPolygon
        By code, in the metric CRS; grids that stay as they are may be left out of both.

    Returns
    -------
    list of Heir
        One for each pair of different codes where at least :data:`LEAST_SHARE` of the old grid
        became part of the new one. A grid that is gone and became one other was merged; into
        several, or where the old one goes on beside a new one, split; where both go on, their
        border moved.
    """
    old, new = (np.array(list(each), dtype=object) for each in (before, after))
    shapes, others = (np.array(list(each.values()), dtype=object) for each in (before, after))
    at, to = shapely.STRtree(others).query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[at], others[to])) / shapely.area(shapes[at])
    on = (share >= LEAST_SHARE) & (old[at] != new[to])
    at, to, share = at[on], to[on], np.minimum(share[on], 1.0)
    several = np.bincount(at, minlength=len(old))[at] > 1
    found = [
        Heir(_kind(one in after, other not in before, bool(more)), one, other, float(part))
        for one, other, more, part in zip(old[at], new[to], several, share, strict=True)
    ]
    return sorted(found, key=lambda heir: heir[1:3])


def _kind(goes_on: bool, is_new: bool, several: bool) -> Descent:  # noqa: FBT001 - a table of truth
    if goes_on:
        return Descent.SPLIT if is_new else Descent.MOVE
    return Descent.SPLIT if several else Descent.MERGE
