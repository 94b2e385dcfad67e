"""Whole numbers by shares, whose sum is exact."""

import numpy as np
import numpy.typing as npt

from geo.arrays import IntArray


def apportioned(total: int, weights: npt.ArrayLike) -> IntArray:
    """Return whole numbers in proportion to weights, by largest remainder.

    Parameters
    ----------
    total : int
        From 0 on; what they add up to.
    weights : array_like of float, shape (n,)
        From 0 on; where all are 0 they count as equal. At least one.

    Returns
    -------
    ndarray of int64, shape (n,)
        Each is its quota rounded down or up; of equal remainders the first are rounded up.

    Examples
    --------
    >>> apportioned(10, [1.0, 1.0, 1.0]).tolist(), apportioned(7, [400.0, 0.0, 1000.0]).tolist()
    ([4, 3, 3], [2, 0, 5])
    """
    shares = np.asarray(weights, dtype=np.float64)
    if not shares.any():
        shares = np.ones_like(shares)
    quotas = total * (shares / shares.sum())
    counts: IntArray = np.floor(quotas).astype(np.int64)
    order = np.argsort(counts - quotas, kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    return counts
