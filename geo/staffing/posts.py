"""Posts of service workers: what is known of each, kept from plan to plan, and their grids."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from geo.model.vocabulary import Level

OF_POST: Final = ("post_name", "phone")
"""Columns of the layer ``workers`` that say something of the post itself."""


def with_known_posts(workers: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Return the layer ``workers`` with what was known of posts of the same code.

    Parameters
    ----------
    workers : DataFrame
        Columns `worker_code`, `grid_code` and, where they say something, those of
        :data:`OF_POST`.
    before : DataFrame
        Layer ``workers``.

    Examples
    --------
    >>> before = pd.DataFrame({"worker_code": ["W1"], "post_name": ["South"], "phone": [""]})
    >>> after = pd.DataFrame({"worker_code": ["W1", "W2"], "grid_code": ["a", "b"]})
    >>> with_known_posts(after, before)["post_name"].tolist()
    ['South', None]
    """
    known = before.groupby("worker_code", sort=False)[[*OF_POST]].first()
    columns = {}
    for name in OF_POST:
        had = workers["worker_code"].map(known[name]).astype(object)
        said = workers[name] if name in workers else pd.Series(None, workers.index, dtype=object)
        filled = said.astype(object).where(said.notna(), had)
        columns[name] = filled.where(filled.notna(), None)
    return workers.assign(**columns)


def small_under(grids: pd.DataFrame) -> Mapping[str, list[str]]:
    """Return the codes of the small grids under each medium and large grid.

    Parameters
    ----------
    grids : DataFrame
        Layer ``grids``.

    Examples
    --------
    >>> plan = pd.DataFrame({
    ...     "code": ["a", "a1", "a11", "a12"],
    ...     "level": ["large", "medium", "small", "small"],
    ...     "parent_code": [None, "a", "a1", "a1"],
    ... })
    >>> small_under(plan)
    {'a1': ['a11', 'a12'], 'a': ['a11', 'a12']}
    """
    above = dict(zip(grids["code"], grids["parent_code"], strict=True))
    under: dict[str, list[str]] = {}
    for code in sorted(grids.loc[grids["level"] == Level.SMALL, "code"]):
        parent = above.get(code)
        for _ in range(2):
            if isinstance(parent, str):
                under.setdefault(parent, []).append(code)
                parent = above.get(parent)
    return under
