"""The layers of one district: which tables there are, their columns, and what each column means.

Every reader, store, generator and computation speaks these frames. Geometry is EPSG:4326 in files
and stores; :meth:`Layers.to_metric` gives the same frames in the district's metric CRS, which is
what the rest of ``geo`` computes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo import crs
from geo.errors import SchemaError


class Level(StrEnum):
    """Level of a governance grid, strictly nested: small in medium in large."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"


class Origin(StrEnum):
    """Where a record comes from; `DRAWN` and `SYNTHETIC` are labelled wherever they are shown."""

    GIVEN = "given"  # a file of the user's
    OSM = "osm"  # OpenStreetMap
    DRAWN = "drawn"  # drawn by Lifecircle from streets
    SYNTHETIC = "synthetic"  # made by a seeded generator; not a real place


class BarrierKind(StrEnum):
    """What a walker cannot cross."""

    WALL = "wall"
    RIVER = "river"
    RAILWAY = "railway"


class GateAccess(StrEnum):
    """Who may pass a gate. Only a `CLOSED` gate cuts the walk network."""

    OPEN = "open"
    PRIVATE = "private"
    CLOSED = "closed"


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
        Origin of the district's *content*; `SYNTHETIC` labels every map, table and export.
    credits : tuple of str
        Credits to show wherever the data is shown, for instance
        ``© OpenStreetMap contributors (ODbL 1.0)``.
    note : str
        What a reader must know, for instance what is synthetic; in English.
    note_zh : str
        The same in Chinese; may be empty where nobody wrote it.
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
    revision: int = 0


COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    # dtypes: str, int, float, bool; a trailing ? allows missing values
    "grids": {
        "code": "str",  # unique; starts with parent_code
        "level": "str",  # Level
        "parent_code": "str?",  # the grid one level up; None for large
        "name_zh": "str",
        "name_en": "str",
        "origin": "str",  # Origin
    },  # Polygon or MultiPolygon
    "buildings": {
        "building_id": "str",  # unique
        "name": "str",
        "use": "str",  # residential, mixed, other
        "households": "int",  # >= 0
        "residents": "int",
        "residents_60plus": "int",
        "residents_under15": "int",
        "levels": "int",  # storeys; 0 = unknown
        "households_source": "str",  # counted, estimated, synthetic
        "lon": "float",  # of the demand point: always inside the footprint
        "lat": "float",
    },  # Point, Polygon or MultiPolygon (footprint)
    "service_points": {
        "point_id": "str",  # unique
        "category": "str",  # id of a category of the standard
        "name": "str",
        "sub": "str",  # finer kind: a tag as `shop=bakery`, a local term, or empty
        "origin": "str",  # Origin
        "capacity": "float",  # >= 0, in the unit of its category; 1 = one point
        "lon": "float",
        "lat": "float",
    },  # Point
    "walk_edges": {
        "edge_id": "int",  # unique
        "u": "int",  # node at the start of the geometry
        "v": "int",  # node at its end; shared nodes are the only connections
        "length_m": "float",  # along the geometry, in the district's metric CRS
        "kind": "str",  # OSM highway value: footway, steps, residential ...
        "forward": "bool",  # walkable u -> v
        "backward": "bool",  # walkable v -> u
        "private": "bool",  # walks may start and end here; nobody passes through
        "bridge": "bool",
        "tunnel": "bool",
        "crossing": "bool",  # over a carriageway, where a walker waits
        "climb_m": "float",  # height of v above u; 0 = level or unknown
        "name": "str",
        "osm_id": "int",  # way id; 0 where there is none
    },  # LineString
    "barriers": {
        "barrier_id": "str",  # unique
        "kind": "str",  # BarrierKind
        "name": "str",
    },  # LineString, MultiLineString, Polygon or MultiPolygon
    "gates": {
        "gate_id": "str",  # unique
        "access": "str",  # GateAccess
        "name": "str",
        "node": "int",  # walk network node at the gate; 0 where there is none
        "opening_hours": "str",  # as OpenStreetMap writes them; empty = always
    },  # Point
    "workers": {
        "worker_code": "str",  # a post, never a person; one row per small grid of the beat
        "grid_code": "str",  # code of a small grid
    },  # no geometry
}
"""Columns of each layer, in order; every layer but `workers` has a `geometry` column as well."""

NEUTRAL: Final[Mapping[str, Mapping[str, str | int | float | bool]]] = {
    "buildings": {"residents_under15": 0},
    "service_points": {"capacity": 1.0},
    "walk_edges": {"crossing": False, "climb_m": 0.0},
    "gates": {"opening_hours": ""},
}
"""Columns that a frame may lack, and the value that says nothing."""

KEYS: Final[Mapping[str, str]] = {
    "grids": "code",
    "buildings": "building_id",
    "service_points": "point_id",
    "walk_edges": "edge_id",
    "barriers": "barrier_id",
    "gates": "gate_id",
    "workers": "grid_code",
}
"""The unique column of each layer."""

_DTYPES: Final = {"str": "str", "int": "int64", "float": "float64", "bool": "bool"}


def empty_layer(name: str) -> gpd.GeoDataFrame:
    """Return the layer `name` with no rows but with its columns, dtypes and CRS (EPSG:4326)."""
    columns = {
        column: pd.Series([], dtype=_DTYPES[kind.rstrip("?")])
        for column, kind in COLUMNS[name].items()
    }
    if name == "workers":
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs.STORED_EPSG)


def conform_layer(name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `frame` with exactly the columns of layer `name`, in order, with their dtypes.

    Raises
    ------
    SchemaError
        Naming *all* faults at once: missing columns, missing values, duplicated keys. A column of
        :data:`NEUTRAL` is filled in where the frame has none.
    """
    faults = []
    wanted = COLUMNS[name]
    neutral = NEUTRAL.get(name, {})
    frame = frame.assign(**{c: v for c, v in neutral.items() if c not in frame.columns})
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        faults.append(f"missing columns {missing}")
    for column, kind in wanted.items():
        if column in frame.columns and not kind.endswith("?") and frame[column].isna().any():
            faults.append(f"{int(frame[column].isna().sum())} missing values in {column}")
    key = KEYS[name]
    if key in frame.columns and frame[key].duplicated().any():
        twice = frame.loc[frame[key].duplicated(), key].astype(str).unique()
        faults.append(f"{len(twice)} values of {key} occur twice, first {twice[0]}")
    if faults:
        raise SchemaError(f"Layer {name}: {'; '.join(faults)}.")
    out = frame[[*wanted, *([] if name == "workers" else ["geometry"])]].copy()
    for column, kind in wanted.items():
        if kind == "str?":
            out[column] = out[column].astype(object).where(out[column].notna(), None)
        else:
            out[column] = out[column].astype(_DTYPES[kind])
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
    workers: pd.DataFrame = field(default_factory=lambda: empty_layer("workers"))

    def conformed(self) -> "Layers":
        """Return the layers with every frame checked by :func:`conform_layer`."""
        return Layers(
            **{f.name: conform_layer(f.name, getattr(self, f.name)) for f in fields(self)}
        )

    def to_metric(self, epsg: int) -> "Layers":
        """Return the layers in the metric CRS `epsg`; `lon` and `lat` columns stay degrees."""
        spatial = [f.name for f in fields(self) if f.name != "workers"]
        return replace(self, **{name: crs.to_metric(getattr(self, name), epsg) for name in spatial})


def with_demand_point(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `frame` (EPSG:4326) with `lon` and `lat` set to a point inside each geometry.

    A point keeps its own coordinates; a footprint gives its point on surface, which, unlike the
    centroid, is never outside an L-shaped or ring-shaped building.
    """
    points = frame.geometry.representative_point()
    return frame.assign(lon=np.asarray(points.x), lat=np.asarray(points.y))


HOUSEHOLDS_SOURCES: Final = ("counted", "estimated", "synthetic")
