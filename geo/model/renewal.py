"""Renewal of a layer by its difference: rows that stay are taken over, fresh ones take their place.

One array says it all, the *origin* of each row of the renewed layer: the row that it was before, -1
for one that is fresh. Whatever was computed row by row is renewed by the same array.
"""

from collections.abc import Collection
from typing import TypeVar

import numpy as np
import pandas as pd

from geo.arrays import IntArray, ObjectArray

Frame = TypeVar("Frame", bound=pd.DataFrame)


def origins(keys: ObjectArray, gone: Collection[object], fresh: ObjectArray) -> IntArray:
    """Return the origin of each row of a renewed layer, whose rows are in order of their key.

    Parameters
    ----------
    keys : ndarray of object, shape (n,)
        Of the rows before, ascending.
    gone : collection
        Keys of rows that are not taken over; those that were not there count for nothing.
    fresh : ndarray of object, shape (m,)
        Keys of the fresh rows, ascending; none of a row that is taken over.

    Returns
    -------
    ndarray of int64

    Examples
    --------
    >>> before, fresh = np.array(["a", "c", "d"], object), np.array(["b", "d"], object)
    >>> origins(before, {"d", "x"}, fresh).tolist()
    [0, -1, 1, -1]
    """
    rows = pd.Index(keys).get_indexer(pd.Index(list(gone), dtype=object))
    stays = np.ones(len(keys), np.bool_)
    stays[rows[rows >= 0]] = False
    taken = np.flatnonzero(stays)
    return np.insert(taken, np.searchsorted(keys[taken], fresh), -1)


def places(origin: IntArray, before: int) -> IntArray:
    """Return where each row of a renewed layer is in what was `before` with the fresh after it."""
    is_fresh = origin < 0
    return np.where(is_fresh, before + np.cumsum(is_fresh) - 1, origin)


def renewed(before: Frame, fresh: Frame, origin: IntArray) -> Frame:
    """Return a layer from its rows as they were and the fresh ones, index 0..n-1."""
    whole = pd.concat([before, fresh], ignore_index=True) if len(fresh) else before
    result: Frame = whole.iloc[places(origin, len(before))].reset_index(drop=True)
    return result
