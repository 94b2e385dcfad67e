"""Reuse of codes: whether a grid carries a code that was assigned to another grid before."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.grids.checks.shape_check import polygonal_parts
from geo.model.vocabulary import Origin

SAME_PLACE: Final = 0.75
"""A grid that was gone and has more than this of its ground again is the same grid.

Of the ground that it had or has, the share that it had and has.
"""


def reassigned_codes(states: gpd.GeoDataFrame) -> frozenset[str]:
    """Return the codes of retired grids that other grids carry now.

    A grid is the same from state to state, and also where it was gone for a while and came back to
    its place (:data:`SAME_PLACE`). The first that somebody gave a code keeps the right to it; codes
    of grids that Lifecircle drew itself are not official and may be used again.

    Parameters
    ----------
    states : GeoDataFrame
        `code`, `origin`, `since`, `until` (first revision without it; none of a state that holds),
        polygons in the metric CRS.

    Examples
    --------
    >>> from shapely import box
    >>> states = gpd.GeoDataFrame(
    ...     {"code": ["a", "a"], "origin": "given", "since": [1, 4], "until": [2, None]},
    ...     geometry=[box(0, 0, 9, 9), box(50, 0, 59, 9)], crs=4548,
    ... )
    >>> reassigned_codes(states)
    frozenset({'a'})
    >>> reassigned_codes(states.set_geometry([box(0, 0, 9, 9)] * 2, crs=4548))
    frozenset()
    """
    current = states.loc[states["until"].isna(), "code"]
    states_of_current = states[states["code"].isin(current)].sort_values(["code", "since"])
    return frozenset(
        str(code) for code, rows in states_of_current.groupby("code") if _is_reassigned(rows)
    )


def _is_reassigned(states: gpd.GeoDataFrame) -> bool:
    """Return whether a code was assigned to another grid before; its states by time."""
    shapes = polygonal_parts(np.asarray(states.geometry, dtype=object))
    follows = states["since"].to_numpy()[1:] == states["until"].to_numpy()[:-1]
    starts = [0, *(np.flatnonzero(~follows) + 1)]
    holders: list[list[int]] = []
    holder: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(states)], strict=True):
        holder = next(
            (each for each in holders if _is_same_place(shapes[start], shapes[each]).any()), []
        )
        if not holder:
            holders.append(holder)
        holder += range(start, end)
    given = (states["origin"] == Origin.GIVEN).to_numpy()
    rightful_holder = next((each for each in holders if given[each].any()), holder)
    return rightful_holder is not holder


def _is_same_place(shape: BaseGeometry, others: GeometryArray) -> npt.NDArray[np.bool_]:
    """Return whether a grid has the place of others."""
    common_m2 = shapely.area(shapely.intersection(shape, others))
    same: npt.NDArray[np.bool_] = common_m2 > SAME_PLACE * shapely.area(
        shapely.union(shape, others)
    )
    return same
