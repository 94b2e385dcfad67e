"""Cut values into classes for a map.

Three ways to cut, because no single one is honest for every question:

- *fixed*: the same edges whatever the data, so two thresholds, two districts or two dates compare
  by eye. The maps use it for coverage: 0, 25, 50, 75, 90, 100 %. The upper classes are narrower,
  for that is where planners argue.
- *equal*: equal steps between the smallest and the largest value.
- *quantile*: as many grids in every class; shows ranks, hides sizes.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

COVERAGE_EDGES: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Edges of the five classes of a share; multiplied by the number of categories for a count."""

CHANGE_EDGES: Final = (0.1, 0.3)
"""Edges of the classes of a change of a share, the same for gains and losses; 0 has no class."""

NO_CLASS: Final = -1
"""Class of a value that is missing."""


class Method(StrEnum):
    """How class edges are chosen."""

    FIXED = "fixed"
    EQUAL = "equal"
    QUANTILE = "quantile"


def class_edges(
    values: npt.ArrayLike, *, method: Method = Method.FIXED, classes: int = 5
) -> tuple[float, ...]:
    """Return ascending class edges for `values`.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN is ignored.
    method : Method
        `FIXED` ignores the values and returns :data:`COVERAGE_EDGES`.
    classes : int
        Wanted number of classes, at least 1; ignored by `FIXED`.

    Returns
    -------
    tuple of float
        At most ``classes + 1`` edges, strictly ascending. Ties can leave fewer classes than were
        asked for, never an empty one between equal edges.

    Raises
    ------
    InputError
        If no value is finite or fewer than one class is asked for.

    Examples
    --------
    >>> class_edges([0, 1, 2, 3, 4, 10], method=Method.EQUAL, classes=2)
    (0.0, 5.0, 10.0)
    >>> class_edges([0, 1, 2, 3, 4, 10], method=Method.QUANTILE, classes=2)
    (0.0, 2.5, 10.0)
    """
    if method is Method.FIXED:
        return COVERAGE_EDGES
    finite = np.asarray(values, dtype=float)
    finite = finite[np.isfinite(finite)]
    if classes < 1 or finite.size == 0:
        raise InputError(
            f"Got {finite.size} finite values and {classes} classes; wanted at least one of each."
        )
    if method is Method.EQUAL:
        edges = np.linspace(finite.min(), finite.max(), classes + 1)
    else:
        edges = np.quantile(finite, np.linspace(0, 1, classes + 1))
    return tuple(float(edge) for edge in np.unique(edges))


def classify(values: npt.ArrayLike, *, edges: Sequence[float]) -> npt.NDArray[np.int64]:
    """Return the class 0..k-1 of each value, :data:`NO_CLASS` where it is NaN.

    Class `i` is ``edges[i] <= value < edges[i + 1]``; the last one includes its upper edge, and
    values beyond the ends fall into the first or last class.

    Examples
    --------
    >>> classify([0.0, 0.25, 0.8999, 1.0, float("nan")], edges=COVERAGE_EDGES).tolist()
    [0, 1, 3, 4, -1]
    """
    array = np.asarray(values, dtype=float)
    classes = np.clip(np.searchsorted(edges, array, side="right") - 1, 0, max(len(edges) - 2, 0))
    return np.where(np.isnan(array), NO_CLASS, classes).astype(np.int64)
