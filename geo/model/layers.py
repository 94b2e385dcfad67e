"""The layers of one district: frames of the declared columns.

Every reader, store, generator and computation speaks these frames. Geometry is EPSG:4326 in files
and stores; :meth:`Layers.to_metric` gives the same frames in the district's metric CRS, which is
what the rest of ``geo`` computes on.
"""

from dataclasses import dataclass, field, fields, replace
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.errors import SchemaError
from geo.messages import Message
from geo.model.layer_columns import COLUMNS, KEYS, TABLES
from geo.model.vocabulary import Origin


@dataclass(frozen=True, slots=True)
class District:
    """The administrative area that is loaded, computed and served as one.

    Attributes
    ----------
    code : str
        Unique code, for instance ``371602`` or ``helsinki``; letters, digits, ``-`` and ``_``.
    name_zh, name_en : str
        Names; either may equal the other where only one is known.
    epsg : int
        Metric CRS in which everything of this district is measured.
    boundary : shapely Polygon or MultiPolygon
        EPSG:4326.
    origin : Origin
        Origin of the district's *content*; `SYNTHETIC` is told with every result.
    credits : tuple of str
        Credits to show wherever the data is shown, for instance
        ``© OpenStreetMap contributors (ODbL 1.0)``.
    note : str
        What a reader must know, for instance what is synthetic; in English.
    note_zh : str
        The same in Chinese; may be empty where nobody wrote it.
    settings : str
        What the district sets for itself by subject, as text of an object: ``{"grids": {...}}``.
    revision : int
        Grows with every committed change; 0 before the first.
    """

    code: str
    name_zh: str
    name_en: str
    epsg: int
    boundary: BaseGeometry
    origin: Origin
    credits: tuple[str, ...] = ()
    note: str = ""
    note_zh: str = ""
    settings: str = "{}"
    revision: int = 0


def empty_layer(layer: str) -> gpd.GeoDataFrame:
    """Return a layer with no rows but with its columns, dtypes and CRS (EPSG:4326)."""
    return _empty_layer(layer).copy()


@cache
def _empty_layer(layer: str) -> gpd.GeoDataFrame:
    columns = {name: pd.Series([], dtype=column.dtype) for name, column in COLUMNS[layer].items()}
    if layer in TABLES:
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs.STORED_EPSG)


def conform_layer(name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `frame` with exactly the columns of layer `name`, in order, with their dtypes.

    Raises
    ------
    SchemaError
        Naming *all* faults at once: missing columns, missing values, duplicated keys. A column with
        a neutral value is filled in where the frame has none.
    """
    faults = []
    wanted = COLUMNS[name]
    absent = [column for column in wanted.values() if column.name not in frame.columns]
    frame = frame.assign(**{c.name: c.neutral for c in absent if c.neutral is not ...})
    missing = [column.name for column in absent if column.neutral is ...]
    if missing:
        faults.append(Message("model.columns_missing", {"columns": missing}))
    for column in wanted.values():
        if column.name in frame.columns and not column.nullable:
            unknown = int(frame[column.name].isna().sum())
            told = {"n": unknown, "column": column.name}
            faults += [Message("model.values_missing", told)] if unknown else []
    key = KEYS[name]
    if key in frame.columns and frame[key].duplicated().any():
        twice = frame.loc[frame[key].duplicated(), key].astype(str).unique()
        told = {"n": len(twice), "key": key, "first": twice[0]}
        faults.append(Message("model.keys_twice", told))
    if faults:
        raise SchemaError("model.faults", layer=name, faults=faults)
    out = frame[[*wanted, *([] if name in TABLES else ["geometry"])]].copy()
    for column in wanted.values():
        out[column.name] = column.typed(out[column.name])
    return out.reset_index(drop=True)


@dataclass(frozen=True, slots=True)
class Layers:
    """All frames of one district; the columns are those of :data:`COLUMNS`, the index 0..n-1."""

    grids: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("grids"))
    buildings: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("buildings"))
    service_points: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("service_points"))
    walk_edges: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("walk_edges"))
    barriers: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("barriers"))
    gates: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("gates"))
    open_grounds: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("open_grounds"))
    entrances: gpd.GeoDataFrame = field(default_factory=lambda: empty_layer("entrances"))
    workers: pd.DataFrame = field(default_factory=lambda: empty_layer("workers"))
    organisations: pd.DataFrame = field(default_factory=lambda: empty_layer("organisations"))

    def conformed(self) -> "Layers":
        """Return the layers with every frame checked by :func:`conform_layer`."""
        return Layers(
            **{f.name: conform_layer(f.name, getattr(self, f.name)) for f in fields(self)}
        )

    def to_metric(self, epsg: int) -> "Layers":
        """Return the layers in the metric CRS `epsg`; `lon` and `lat` columns stay degrees."""
        spatial = [f.name for f in fields(self) if f.name not in TABLES]
        return replace(self, **{name: crs.to_metric(getattr(self, name), epsg) for name in spatial})


def with_demand_point(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `frame` (EPSG:4326) with `lon` and `lat` set to a point inside each geometry.

    A point keeps its own coordinates; a footprint gives its point on surface, which, unlike the
    centroid, is never outside an L-shaped or ring-shaped building.
    """
    points = frame.geometry.representative_point()
    return frame.assign(lon=np.asarray(points.x), lat=np.asarray(points.y))
