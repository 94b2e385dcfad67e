"""Who bore a code: whether a grid bears one that was another grid's before."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray
from geo.grids.checks.plan_check import polygons_of
from geo.model.layers import Origin

SAME_PLACE: Final = 0.75
"""A grid that was gone and has more than this of its ground again is the same grid.

Of the ground that it had or has, the share that it had and has.
"""


def borne_again(states: gpd.GeoDataFrame) -> frozenset[str]:
    """Return the codes of grids that ended which other grids bear now.

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
    >>> borne_again(states), borne_again(states.set_geometry([box(0, 0, 9, 9)] * 2, crs=4548))
    (frozenset({'a'}), frozenset())
    """
    now = states.loc[states["until"].isna(), "code"]
    some = states[states["code"].isin(now)].sort_values(["code", "since"])
    return frozenset(str(code) for code, rows in some.groupby("code") if _is_anothers(rows))


def _is_anothers(states: gpd.GeoDataFrame) -> bool:
    """Return whether a code was given to another grid than bears it; its states by time."""
    shapes = polygons_of(np.asarray(states.geometry, dtype=object))
    follows = states["since"].to_numpy()[1:] == states["until"].to_numpy()[:-1]
    starts = [0, *(np.flatnonzero(~follows) + 1)]
    bearers: list[list[int]] = []
    last: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(states)], strict=True):
        last = next((each for each in bearers if _in_place(shapes[start], shapes[each]).any()), [])
        if not last:
            bearers.append(last)
        last += range(start, end)
    given = (states["origin"] == Origin.GIVEN).to_numpy()
    rightful = next((each for each in bearers if given[each].any()), last)
    return rightful is not last


def _in_place(shape: BaseGeometry, others: GeometryArray) -> npt.NDArray[np.bool_]:
    """Return whether a grid has the place of others."""
    both = shapely.area(shapely.intersection(shape, others))
    found: npt.NDArray[np.bool_] = both > SAME_PLACE * shapely.area(shapely.union(shape, others))
    return found
