"""Dependents: the households that would lose a category if one service point closed.

A building depends on a point where that is the only one of its category within the threshold. So
one look at the points within reach of every building tells what closing each point in turn would.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from geo.arrays import FloatArray, IntArray
from geo.model.layers import Layers
from geo.routing.od_pairs import OdPairs

CHOICES: Final = (0, 1, 2, 3)
"""Numbers of points that households are counted by; the last stands for itself and more."""


def dependents_table(layers: Layers, pairs: Sequence[OdPairs]) -> pd.DataFrame:
    """Return who depends on each service point.

    Parameters
    ----------
    layers : Layers
    pairs : sequence of OdPairs
        Of each category once, by its threshold, from the buildings and points of `layers`.

    Returns
    -------
    DataFrame
        One row per point of these categories, most dependents first, then by ``point_id``:
        ``point_id, name, category, lon, lat``; ``reached``, households within the threshold;
        ``dependents``, those of them that would lose the category without this point;
        ``dependents_all``, those that have all judged categories now and would not then; and
        ``reason`` why the point is not linked, or empty. Index 0..n-1. A category is judged if it
        has a point.

    Examples
    --------
    >>> from geo.routing.od_pairs import pairs_within
    >>> from geo.routing.snapped_district import snap_layers
    >>> from tests.scenes import tiny_scene
    >>> layers, network = tiny_scene()
    >>> near = pairs_within(snap_layers(layers, network, ()), category="catering", limit_s=180)
    >>> dependents_table(layers, [near])[["point_id", "reached", "dependents"]].values.tolist()
    [['p4', 4.0, 4.0], ['p1', 0.0, 0.0]]
    """
    households = layers.buildings["households"].to_numpy(np.float64)
    judged = [pair for pair in pairs if len(pair.points)]
    lacked = np.sum([np.diff(pair.begin) == 0 for pair in judged], axis=0)
    rows = [_of_category(pair, households, households * (lacked == 0)) for pair in judged]
    points = layers.service_points
    names = ["point_id", "name", "category", "lon", "lat"]
    if not rows:
        return pd.DataFrame(columns=[*names, "reached", "dependents", "dependents_all", "reason"])
    figures = pd.concat(rows)
    table = pd.DataFrame(points[names]).iloc[figures.index].reset_index(drop=True)
    table = table.join(figures.reset_index(drop=True))
    order = ["dependents", "point_id"]
    return table.sort_values(order, ascending=[False, True]).reset_index(drop=True)


def choice_table(layers: Layers, pairs: Mapping[str, OdPairs]) -> pd.DataFrame:
    """Return the households by how many points of a category they have within the threshold.

    Returns
    -------
    DataFrame
        One row per category: ``category`` and ``households_0``, ``_1``, ``_2``, ``_3`` (three and
        more); they sum to all households.
    """
    households = layers.buildings["households"].to_numpy(np.float64)
    rows = []
    for category, pair in pairs.items():
        choice = np.minimum(np.diff(pair.begin), CHOICES[-1])
        sums = np.bincount(choice, households, len(CHOICES))
        rows.append({"category": category} | {f"households_{n}": sums[n] for n in CHOICES})
    return pd.DataFrame(rows)


def _of_category(pair: OdPairs, households: FloatArray, complete: FloatArray) -> pd.DataFrame:
    """Return the figures of the points of a category, by row of the layer."""
    alone = np.flatnonzero(np.diff(pair.begin) == 1)
    only = pair.point[pair.begin[alone]]

    def summed(point: IntArray, weight: FloatArray) -> FloatArray:
        sums = np.bincount(point, weight, int(pair.points.max()) + 1)
        return np.asarray(sums[pair.points], np.float64)

    return pd.DataFrame(
        {
            "reached": summed(pair.point, households[pair.building]),
            "dependents": summed(only, households[alone]),
            "dependents_all": summed(only, complete[alone]),
            "reason": pair.point_reason,
        },
        index=pair.points,
    )
