"""Beats: the small grids that each service worker looks after, about 100 households."""

from typing import Final

import numpy as np
import pandas as pd

from boundaries.demo.town.governance.communities import split
from geo.arrays import FloatArray, IntArray

HOUSEHOLDS_PER_WORKER: Final = 100


def beats(code: pd.Series, households: IntArray, centre: FloatArray) -> pd.DataFrame:
    """Return the layer ``workers``: one row per small grid.

    Each medium grid is cut into compact groups of small grids; a post is numbered in its community.

    Parameters
    ----------
    code : Series of str, length n
        Codes of the small grids, 15 digits.
    households : ndarray of int64, shape (n,)
    centre : ndarray of float64, shape (n, 2)
        Metres.
    """
    order = np.argsort(code.to_numpy().astype(str))
    rows: list[tuple[str, str]] = []
    large, post = "", 0
    medium = code.str[:13].to_numpy().astype(str)[order]
    for part in np.split(order, np.flatnonzero(medium[1:] != medium[:-1]) + 1):
        people = households[part]
        workers = min(max(1, round(int(people.sum()) / HOUSEHOLDS_PER_WORKER)), len(part))
        group = split(centre[part], people.astype(np.float64) + 1, workers)
        codes = code.to_numpy()[part]
        if codes[0][:12] != large:
            large, post = codes[0][:12], 0
        rows += [
            (f"{large}W{post + 1 + int(g):02d}", str(c)) for g, c in zip(group, codes, strict=True)
        ]
        post += workers
    return pd.DataFrame(rows, columns=["worker_code", "grid_code"])
