"""Estimate the memory of cached values, to bound a cache by size."""

from dataclasses import fields, is_dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_SHAPE_BYTES: Final = 150
"""A geometry without its coordinates: the Python object and what GEOS keeps for it."""

_COORDINATE_BYTES: Final = 16


def held_bytes(*values: object) -> int:
    """Return the bytes of arrays, frames and geometries that some values hold, each counted once.

    Parameters
    ----------
    *values : object
        Arrays, frames, and mappings, sequences and dataclasses of such. Other objects count as
        zero bytes, spatial indices among them.

    Examples
    --------
    >>> held_bytes(np.zeros(1_000), {"a": np.zeros(1_000, np.int8)})
    9000
    """
    total, seen, waiting = 0, set(), list(values)
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, np.ndarray):
            total += value.nbytes
        elif isinstance(value, pd.DataFrame | pd.Series):
            total += _frame_bytes(value)
        else:
            waiting += _parts(value)
    return total


def _parts(value: object) -> list[Any]:
    """Return what a container holds."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return []


def _frame_bytes(frame: "pd.DataFrame | pd.Series[Any]") -> int:
    if not isinstance(frame, gpd.GeoDataFrame):
        return int(np.sum(frame.memory_usage(deep=True)))
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    shapes = frame.geometry.to_numpy()
    coordinates = int(shapely.count_coordinates(shapes))
    columns = int(table.memory_usage(deep=True).sum())
    return columns + len(shapes) * _SHAPE_BYTES + coordinates * _COORDINATE_BYTES
