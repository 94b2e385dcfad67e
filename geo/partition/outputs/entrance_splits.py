"""Buildings over the band that could be counted by staircase: offered, never done unasked."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.arrays import IntArray, ObjectArray
from geo.model.vocabulary import EntranceKind
from geo.partition.atoms.band import Band

COLUMNS: Final = ("code", "building", "households", "staircases", "parts", "in_band")
_Entrance = tuple[str, str, list[float]]
"""Id, kind and place."""

_Part = tuple[int, list[str]]
"""Households and entrances of a part of a building."""

_STAIRS: Final = (EntranceKind.STAIRCASE, EntranceKind.MAIN, EntranceKind.YES)


def entrance_splits(
    buildings: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame, code: ObjectArray, band: Band
) -> pd.DataFrame:
    """Return how buildings over the band can be split between their staircases.

    Households of each staircase are not known: they count as equal. Staircases stay in the order
    in which they stand along the building, and in as many parts as put most of them in the band.

    Parameters
    ----------
    buildings, entrances : GeoDataFrame
        Layers, metric CRS. Entrances of kind ``staircase`` count; where a building has fewer than
        two of these, ``main`` and ``yes`` count with them.
    code : ndarray of str objects, shape (buildings,)
        Small grid of each building, None for none.
    band : Band

    Returns
    -------
    DataFrame
        One row per building with two staircases or more, by building: `code`, `building`,
        `households`, `staircases`, `parts` (of each: `households` and the ids of its
        `entrances`), `in_band` (parts in the band).

    Examples
    --------
    >>> from geo.partition.atoms.band import SMALL_BAND
    >>> from tests.geo.partition.partition_scene import houses, staircases
    >>> block = houses([(10, 10)], [120])
    >>> offer = entrance_splits(block, staircases("b000", 3), np.array(["g"], object), SMALL_BAND)
    >>> [part["households"] for part in offer["parts"][0]], int(offer["in_band"][0])
    ([40, 40, 40], 3)
    """
    doors_of = _doors(entrances)
    names = buildings["building_id"].to_numpy(dtype=object)
    households = buildings["households"].to_numpy(dtype=np.int64)
    rows = []
    for row in np.flatnonzero(households > band.high).tolist():
        doors = _staircases(doors_of.get(names[row], []))
        if len(doors) < 2 or code[row] is None:  # noqa: PLR2004 - nothing to divide
            continue
        parts = _parts(int(households[row]), doors, band)
        fit = sum(band.low <= size <= band.high for size, _ in parts)
        told = [{"households": size, "entrances": own} for size, own in parts]
        rows.append((code[row], names[row], int(households[row]), len(doors), told, fit))
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("building", ignore_index=True)


def _doors(entrances: gpd.GeoDataFrame) -> dict[str, list[_Entrance]]:
    """Return the entrances of each building that may be staircases."""
    found: dict[str, list[_Entrance]] = {}
    xy = shapely.get_coordinates(np.asarray(entrances.geometry, dtype=object)).tolist()
    columns = (entrances[name].tolist() for name in ("building_id", "entrance_id", "kind"))
    for building, name, kind, place in zip(*columns, xy, strict=True):
        if building is not None and kind in _STAIRS:
            found.setdefault(building, []).append((str(name), kind, place))
    return found


def _staircases(doors: list[_Entrance]) -> list[str]:
    """Return the ids of the staircases of a building, in order along it."""
    stairs = [door for door in doors if door[1] == EntranceKind.STAIRCASE]
    stairs = stairs if len(stairs) > 1 else doors
    if len(stairs) < 2:  # noqa: PLR2004 - nothing to divide
        return []
    xy = np.array([place for _, _, place in stairs])
    centred = xy - xy.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    along = np.round(centred @ (axis if axis[np.argmax(np.abs(axis))] > 0 else -axis), 3)
    names = [name for name, _, _ in stairs]
    return [names[row] for row in np.lexsort((np.array(names), along))]


def _parts(households: int, doors: list[str], band: Band) -> list[_Part]:
    """Return the parts of a building, each some staircases that stand side by side."""
    options = [_divided(households, doors, n) for n in range(2, len(doors) + 1)]

    def worth(parts: list[_Part]) -> tuple[int, float]:
        fit = sum(band.low <= size <= band.high for size, _ in parts)
        return fit - len(parts), -abs(households / len(parts) - band.aim)

    return max(options, key=worth)


def _divided(households: int, doors: list[str], n: int) -> list[_Part]:
    """Return n parts as alike as whole staircases and whole households allow."""
    ends: IntArray = np.round(np.arange(n + 1) * len(doors) / n).astype(np.int64)
    upto = np.round(households * ends / len(doors)).astype(np.int64)
    return [(int(upto[i + 1] - upto[i]), doors[ends[i] : ends[i + 1]]) for i in range(n)]
