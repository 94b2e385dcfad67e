"""Succession of grids between two plans: split, merged, or a border moved."""

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


class SuccessionKind(StrEnum):
    """How a grid came from another."""

    SPLIT = "split"
    MERGE = "merge"
    MOVE = "move"  # a border between grids that both go on


class Succession(NamedTuple):
    """One grid that came from another.

    Attributes
    ----------
    kind : SuccessionKind
    old_code, new_code : str
    share : float
        Of the old grid's area that became part of the new one, 0..1.
    """

    kind: SuccessionKind
    old_code: str
    new_code: str
    share: float


def succession_frame(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which grid came from which, by the area that they share.

    Parameters
    ----------
    before, after : GeoDataFrame
        Layer ``grids`` in the metric CRS; grids that stay as they are may be left out of both.

    Returns
    -------
    DataFrame
        `level`, `kind`, `old_code`, `new_code`, `share`, by level as :func:`successions`.
    """
    rows = [
        (str(level), str(heir.kind), *heir[1:])
        for level in LEVELS
        for heir in successions(*(_by_code(frame, str(level)) for frame in (before, after)))
    ]
    texts = dict.fromkeys(("level", "kind", "old_code", "new_code"), object)
    columns = {**texts, "share": np.float64}
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def _by_code(grids: gpd.GeoDataFrame, level: str) -> dict[str, BaseGeometry]:
    of_level = grids[grids["level"] == level]
    shapes = np.asarray(of_level.geometry, dtype=object).copy()
    # A shape that is valid in degrees may touch itself in metres, by rounding.
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    return dict(zip(of_level["code"], shapes, strict=True))


def successions(
    before: Mapping[str, BaseGeometry], after: Mapping[str, BaseGeometry]
) -> list[Succession]:
    """Return which grid of one level came from which, by code.

    Parameters
    ----------
    before, after : mapping of str to Polygon or MultiPolygon
        By code, in the metric CRS; grids that stay as they are may be left out of both.

    Returns
    -------
    list of Succession
        One for each pair of different codes where at least :data:`LEAST_SHARE` of the old grid
        became part of the new one. A grid that is gone and became one other was merged; into
        several, or where the old one goes on beside a new one, split; where both go on, their
        border moved.
    """
    old, new = (np.array(list(each), dtype=object) for each in (before, after))
    shapes, others = (np.array(list(each.values()), dtype=object) for each in (before, after))
    old_row, new_row = shapely.STRtree(others).query(shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(shapes[old_row], others[new_row])) / shapely.area(
        shapes[old_row]
    )
    counts = (share >= LEAST_SHARE) & (old[old_row] != new[new_row])
    old_row, new_row, share = old_row[counts], new_row[counts], np.minimum(share[counts], 1.0)
    several = np.bincount(old_row, minlength=len(old))[old_row] > 1
    pairs = [
        Succession(_kind(one in after, other not in before, bool(more)), one, other, float(part))
        for one, other, more, part in zip(old[old_row], new[new_row], several, share, strict=True)
    ]
    return sorted(pairs, key=lambda heir: heir[1:3])


def _kind(goes_on: bool, is_new: bool, several: bool) -> SuccessionKind:  # noqa: FBT001 - a table of truth
    if goes_on:
        return SuccessionKind.SPLIT if is_new else SuccessionKind.MOVE
    return SuccessionKind.SPLIT if several else SuccessionKind.MERGE
