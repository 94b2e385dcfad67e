"""Validation of a district and its layers before storage; all faults in one error."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.store.tables import layer_tables
from geo.crs import STORED_EPSG, require_metric
from geo.errors import CrsError, SchemaError
from geo.model.layers import COLUMNS, District, Layers, Level, Origin, conform_layer

_CODE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SAME_EPSG: Final = {STORED_EPSG, 4490}
_DEGREES: Final = (180, 90, 180, 90)
_TYPE_NAMES: Final = np.array([kind.name for kind in shapely.GeometryType if kind >= 0])
_PARENT: Final = {Level.SMALL: Level.MEDIUM, Level.MEDIUM: Level.LARGE}


def checked_district(district: District) -> District:
    """Return `district` if its values can be stored.

    Raises
    ------
    SchemaError
        Naming all faults: code, origin, metric CRS, boundary.
    """
    faults = []
    if not _CODE.fullmatch(district.code):
        faults.append(f"code {district.code!r} has other signs than letters, digits, - and _")
    if district.origin not in set(Origin):
        faults.append(f"origin {district.origin!r} is none of {', '.join(Origin)}")
    try:
        require_metric(pyproj.CRS.from_epsg(district.epsg), what=f"EPSG:{district.epsg}")
    except (CrsError, pyproj.exceptions.CRSError) as error:
        faults.append(f"epsg {district.epsg}: {error}")
    faults += boundary_faults(district.boundary)
    if faults:
        raise SchemaError(f"District {district.code}: {'; '.join(faults)}.")
    return district


def boundary_faults(boundary: BaseGeometry | None) -> list[str]:
    """Return what is wrong with a district's boundary (EPSG:4326)."""
    if boundary is None or boundary.is_empty:
        return ["the boundary is empty"]
    return [
        f"boundary: {fault}" for fault in _shape_faults([boundary], layer_tables.BOUNDARY_KINDS)
    ]


def checked_layers(layers: Layers) -> Layers:
    """Return all layers conformed, if values, geometry and references can be stored.

    Raises
    ------
    SchemaError
        Naming the faults of all layers at once.
    """
    frames: dict[str, pd.DataFrame] = {}
    faults: list[str] = []
    for name in (field.name for field in fields(layers)):
        try:
            frames[name] = checked_layer(name, getattr(layers, name))
        except SchemaError as error:
            faults.append(str(error))
    if "grids" in frames and "workers" in frames:
        faults += [
            f"Layer workers: {x}." for x in worker_faults(frames["workers"], frames["grids"])
        ]
    if faults:
        raise SchemaError(" ".join(faults))
    return Layers(**frames)


def checked_layer(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return one layer conformed, if its values and geometry can be stored.

    Raises
    ------
    SchemaError
        Naming all faults of the layer at once.
    """
    try:
        frame = conform_layer(name, frame)
    except SchemaError as error:
        raise SchemaError(" ".join([str(error), *_geometry_faults(name, frame)])) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise SchemaError(f"Layer {name}: a column has the wrong type: {error}.") from error
    faults = [*_geometry_faults(name, frame), *_value_faults(name, frame)]
    if name == "grids":
        faults += _nesting_faults(frame)
    if faults:
        raise SchemaError(f"Layer {name}: {'; '.join(faults)}.")
    return frame


def worker_faults(workers: pd.DataFrame, grids: pd.DataFrame) -> list[str]:
    """Return the faults of workers whose grid is not a small grid of `grids`."""
    small = grids.loc[grids["level"] == Level.SMALL, "code"]
    lost = workers.loc[~workers["grid_code"].isin(small), "grid_code"]
    return [_named("grid_code is no small grid of the district", lost)] if len(lost) else []


def _named(fault: str, values: pd.Series) -> str:
    """Return a fault with how often it occurs and the first value."""
    return f"{len(values)} x {fault}, first {values.tolist()[0]!r}"


def _value_faults(name: str, frame: pd.DataFrame) -> Iterator[str]:
    columns = COLUMNS[name].values()
    for column in (column for column in columns if column.words):
        values = frame[column.name]
        bad = values[~values.isin(column.words) & ~(column.nullable & values.isna())]
        if len(bad):
            yield _named(f"{column.name} is none of {', '.join(column.words)}", bad)
    for column in columns:
        if column.at_least is not None:
            values = frame[column.name]
            bad = values[~(values >= column.at_least) & ~(column.nullable & values.isna())]
            if len(bad):
                yield _named(f"{column.name} is below {column.at_least:g}", bad)
    for degrees, limit in (("lon", 180), ("lat", 90)):
        if degrees in frame.columns:
            known = frame[degrees].dropna() if COLUMNS[name][degrees].nullable else frame[degrees]
            bad = known[~(known.abs() <= limit)]
            if len(bad):
                yield _named(f"{degrees} is not within -{limit}..{limit}", bad)


def _nesting_faults(grids: pd.DataFrame) -> Iterator[str]:
    """Yield grids whose parent is missing, of the wrong level or not their prefix."""
    level_of = dict(zip(grids["code"], grids["level"], strict=True))
    wanted = grids["level"].map(_PARENT)
    parent_level = grids["parent_code"].map(level_of)
    top = wanted.isna()
    bad = grids.loc[top & grids["parent_code"].notna(), "code"]
    if len(bad):
        yield _named("a large grid has a parent_code", bad)
    bad = grids.loc[~top & (parent_level != wanted), "code"]
    if len(bad):
        yield _named("parent_code is no grid one level up", bad)
    prefix = [
        isinstance(parent, str) and not code.startswith(parent)
        for code, parent in zip(grids["code"], grids["parent_code"], strict=True)
    ]
    bad = grids.loc[prefix, "code"]
    if len(bad):
        yield _named("code does not start with its parent_code", bad)


def _geometry_faults(name: str, frame: pd.DataFrame) -> Iterator[str]:
    if name not in layer_tables.GEOMETRY_KINDS:
        return
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        yield "it has no geometry"
        return
    if frame.crs is None or frame.crs.to_epsg() not in _SAME_EPSG:
        given = "no CRS" if frame.crs is None else frame.crs.name
        yield f"it is in {given}, wanted EPSG:{STORED_EPSG}"
        return
    yield from _shape_faults(frame.geometry.to_numpy(), layer_tables.GEOMETRY_KINDS[name])


def _shape_faults(shapes: object, kinds: tuple[str, ...]) -> Iterator[str]:
    """Yield the faults of shapes in EPSG:4326."""
    array = np.asarray(shapes, dtype=object)
    missing = shapely.is_missing(array) | shapely.is_empty(array)
    if missing.any():
        yield f"{missing.sum()} geometries are missing or empty"
    array = array[~missing]
    names = np.array([kind.upper() for kind in kinds])
    types = _TYPE_NAMES[shapely.get_type_id(array)]
    wrong = ~np.isin(types, names)
    if wrong.any():
        yield f"{wrong.sum()} geometries are no {' or '.join(kinds)}, first {types[wrong][0]}"
    bounds = shapely.bounds(array)
    inside = (np.abs(bounds) <= _DEGREES).all(axis=1)
    if not inside.all():
        yield f"{(~inside).sum()} geometries are not within -180..180, -90..90 degrees"
    broken = inside & ~shapely.is_valid(array)
    if broken.any():
        reason = shapely.is_valid_reason(array[broken][0])
        yield f"{broken.sum()} geometries are invalid, first: {reason}"
