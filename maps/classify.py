"""Cut values into classes for a map.

The edges are the same whatever the data, so two thresholds, two districts or two dates compare by
eye: 0, 25, 50, 75, 90, 100 %. The upper classes are narrower, for that is where planners argue.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

COVERAGE_EDGES: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
"""Edges of the five classes of a share; multiplied by the number of categories for a count."""

CHANGE_EDGES: Final = (0.1, 0.3)
"""Edges of the classes of a change of a share, the same for gains and losses; 0 has no class."""

NO_CLASS: Final = -1
"""Class of a value that is missing."""


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
