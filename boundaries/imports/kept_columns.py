"""A load changes only what it brings: columns that a file lacks stay as they are stored."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.column_names import COLUMN_NAMES
from boundaries.import_report import LayerReport
from geo.messages import Message
from geo.model.layer_columns import COLUMNS, KEYS, has_demand_point
from geo.model.layers import with_demand_point

_FOLLOWS: Final = {
    "name_zh": ("name", "name_zh", "name_en"),
    "name_en": ("name", "name_zh", "name_en"),
    "households_source": ("households", "households_source"),
    "origin": ("geometry", "origin"),
    "sub": ("sub", "category", "name"),
    "category": ("category",),
}
"""Columns that also come with others of a file."""


_ASSUMED: Final = ("reading.zero_assumed", "reading.use_assumed", "reading.capacity_assumed")


def with_kept_columns(
    layer: str, frame: gpd.GeoDataFrame, existing: gpd.GeoDataFrame, account: LayerReport
) -> gpd.GeoDataFrame:
    """Return the rows of a file with what it does not bring as it is stored under the same key.

    An outline stays where the file has only a point: it says where, not what shape.

    Parameters
    ----------
    layer : str
    frame : GeoDataFrame
        Layer as it was read, with neutral values where the file has no column.
    existing : GeoDataFrame
        Layer as it is stored.
    account : LayerReport
        Its `columns` are those of the file; is told of what is kept.
    """
    key, brought = KEYS[layer], set(account.columns)
    both = frame[key].isin(existing[key]).to_numpy()
    if not both.any():
        return frame
    stored = existing.set_index(key).loc[frame.loc[both, key]]
    kept = [
        name
        for name, column in COLUMNS[layer].items()
        if name != key and not column.derived and not brought & {*_FOLLOWS.get(name, (name,))}
    ]
    frame = frame.copy()
    for name in kept:
        values = frame[name].astype(object)
        values[both] = stored[name].astype(object).to_numpy()
        frame[name] = COLUMNS[layer][name].typed(values)
    told = [COLUMN_NAMES[name] for name in kept if name in COLUMN_NAMES]
    if told:
        account.note(Message("imports.columns_kept", {"columns": told}), int(both.sum()))
    if both.all():  # nothing was assumed after all
        notes = account.notes.items()
        account.notes = {what: n for what, n in notes if what.code not in _ASSUMED}
    if "geometry" not in frame.columns:
        return frame
    return _with_kept_outlines(layer, frame, stored, both, account)


def _with_kept_outlines(
    layer: str,
    frame: gpd.GeoDataFrame,
    stored: gpd.GeoDataFrame,
    both: np.ndarray,
    account: LayerReport,
) -> gpd.GeoDataFrame:
    """Return the rows with their stored outlines where the file has a point, or nothing."""
    given = frame.geometry.to_numpy().copy()
    outlines = np.full(len(frame), None, dtype=object)
    outlines[both] = stored.geometry.to_numpy()
    kept = (shapely.get_dimensions(outlines) > 0) & (shapely.get_dimensions(given) == 0)
    if not kept.any():
        return frame
    account.note(Message("imports.outlines_kept"), int(kept.sum()))
    given[kept] = outlines[kept]
    frame = frame.set_geometry(gpd.GeoSeries(given, index=frame.index, crs=frame.crs))
    return with_demand_point(frame) if has_demand_point(layer) else frame


def note_gains(layer: str, before: pd.DataFrame, after: pd.DataFrame, account: LayerReport) -> None:
    """Report how many rows of each column say something before and after, where that differs."""
    key = KEYS[layer]
    for name, column in COLUMNS[layer].items():
        if name == key or column.derived:
            continue
        said = [_told(frame[name]) for frame in (before, after)]
        if len(before) and said[0] != said[1]:
            told = {"column": COLUMN_NAMES.get(name, Message(name)), "after": said[1]}
            account.note(Message("imports.column_told", told | {"before": said[0]}))


def _told(values: pd.Series) -> int:
    """Return how many values are neither missing, empty nor zero."""
    return int((values.notna() & ~values.isin(["", 0])).sum())
