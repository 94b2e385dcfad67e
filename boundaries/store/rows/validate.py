"""Validation of a district and its layers before storage; all faults in one error."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.store.rows.usable_rows import PARENT_LEVEL
from boundaries.store.tables import layer_tables
from geo.crs import STORED_EPSG, require_metric
from geo.errors import CrsError, SchemaError
from geo.messages import Message
from geo.model.keys import is_hidden_in, key_columns
from geo.model.layer_columns import COLUMNS
from geo.model.layers import District, Layers, conform_layer
from geo.model.vocabulary import Level, Origin

_CODE: Final = re.compile(r"[A-Za-z0-9_-]+")
_SAME_EPSG: Final = {STORED_EPSG, 4490}
_DEGREES: Final = (180, 90, 180, 90)
_TYPE_NAMES: Final = np.array([kind.name for kind in shapely.GeometryType if kind >= 0])


def checked_district(district: District) -> District:
    """Return `district` if its values can be stored.

    Raises
    ------
    SchemaError
        Naming all faults: code, origin, metric CRS, boundary.
    """
    faults: list[Message] = []
    if not _CODE.fullmatch(district.code):
        faults.append(Message("rows.district_code", {"code": district.code}))
    if district.origin not in set(Origin):
        said = {"origin": str(district.origin), "words": list(map(str, Origin))}
        faults.append(Message("rows.district_origin", said))
    try:
        require_metric(pyproj.CRS.from_epsg(district.epsg), what=f"EPSG:{district.epsg}")
    except (CrsError, pyproj.exceptions.CRSError) as error:
        fault = getattr(error, "message", None) or str(error)
        faults.append(Message("rows.district_epsg", {"epsg": district.epsg, "fault": fault}))
    faults += boundary_faults(district.boundary)
    if faults:
        raise SchemaError("rows.district", code=district.code, faults=faults)
    return district


def boundary_faults(boundary: BaseGeometry | None) -> list[Message]:
    """Return what is wrong with a district's boundary (EPSG:4326)."""
    if boundary is None or boundary.is_empty:
        return [Message("rows.boundary_empty")]
    faults = _shape_faults([boundary], layer_tables.BOUNDARY_KINDS)
    return [Message("rows.boundary", {"fault": fault}) for fault in faults]


def checked_layers(layers: Layers) -> Layers:
    """Return all layers conformed, if values, geometry and references can be stored.

    Raises
    ------
    SchemaError
        Naming the faults of all layers at once.
    """
    frames: dict[str, pd.DataFrame] = {}
    faults: list[Message] = []
    for name in (field.name for field in fields(layers)):
        try:
            frames[name] = checked_layer(name, getattr(layers, name))
        except SchemaError as error:
            faults.append(error.message)
    if "grids" in frames and "workers" in frames:
        lost = worker_faults(frames["workers"], frames["grids"])
        if lost:
            faults.append(Message("rows.layer", {"layer": "workers", "faults": lost}))
    if faults:
        raise SchemaError("errors.faults", faults=faults)
    return Layers(**frames)


class Kin(NamedTuple):
    """Stored grids next to some that are put or go: nesting can change nowhere else.

    Attributes
    ----------
    above : DataFrame
        Parents of those that are put.
    below : DataFrame
        Children of those that are put or go.
    """

    above: pd.DataFrame
    below: pd.DataFrame


def checked_layer(name: str, frame: pd.DataFrame, *, kin: Kin | None = None) -> pd.DataFrame:
    """Return one layer conformed, if its values and geometry can be stored.

    Parameters
    ----------
    name : str
    frame : DataFrame
        The whole layer; of grids, with `kin`, only rows that are put into it.
    kin : Kin, optional

    Raises
    ------
    SchemaError
        Naming all faults of the layer at once.
    """
    try:
        frame = conform_layer(name, frame)
    except SchemaError as error:
        faults = [error.message, *_geometry_faults(name, frame)]
        raise SchemaError("errors.faults", faults=faults) from error
    except (TypeError, ValueError, OverflowError) as error:
        raise SchemaError("rows.wrong_type", layer=name, reason=str(error)) from error
    faults = [*_geometry_faults(name, frame), *_key_faults(name, frame)]
    faults += _value_faults(name, frame)
    if name == "grids":
        faults += _nesting_faults(frame, kin)
    if faults:
        raise SchemaError("rows.layer", layer=name, faults=faults)
    return frame


def worker_faults(workers: pd.DataFrame, grids: pd.DataFrame) -> list[Message]:
    """Return the faults of workers whose grid is not a small grid of `grids`."""
    small = grids.loc[grids["level"] == Level.SMALL, "code"]
    lost = workers.loc[~workers["grid_code"].isin(small), "grid_code"]
    return [Message("rows.worker_without_grid", _counted(lost))] if len(lost) else []


def _counted(values: pd.Series) -> dict[str, Any]:
    """Return how often a fault occurs and the first value, as its message tells them."""
    return {"n": len(values), "first": values.tolist()[0]}


def _key_faults(name: str, frame: pd.DataFrame) -> Iterator[Message]:
    for column in key_columns(name):
        values = frame[column]
        hidden = [isinstance(key, str) and is_hidden_in(key) for key in values]
        if any(hidden):
            said = {"column": column, **_counted(values[hidden])}
            yield Message("rows.hidden_characters", said)


def _value_faults(name: str, frame: pd.DataFrame) -> Iterator[Message]:
    columns = COLUMNS[name].values()
    for column in (column for column in columns if column.words):
        values = frame[column.name]
        bad = values[~values.isin(column.words) & ~(column.nullable & values.isna())]
        if len(bad):
            said = {"column": column.name, "words": list(column.words), **_counted(bad)}
            yield Message("rows.unknown_word", said)
    for column in columns:
        if column.at_least is not None:
            values = frame[column.name]
            bad = values[~(values >= column.at_least) & ~(column.nullable & values.isna())]
            if len(bad):
                said = {"column": column.name, "least": column.at_least, **_counted(bad)}
                yield Message("rows.below", said)
    for degrees, limit in (("lon", 180), ("lat", 90)):
        if degrees in frame.columns:
            known = frame[degrees].dropna() if COLUMNS[name][degrees].nullable else frame[degrees]
            bad = known[~(known.abs() <= limit)]
            if len(bad):
                said = {"column": degrees, "limit": limit, **_counted(bad)}
                yield Message("rows.not_within", said)


def _nesting_faults(frame: pd.DataFrame, kin: Kin | None) -> Iterator[Message]:
    """Yield grids whose parent is missing, of the wrong level or not their prefix."""
    columns = ["code", "level", "parent_code"]
    others = [] if kin is None else [kin.below[columns]]
    grids = pd.concat([*others, frame[columns]], ignore_index=True)
    known = grids if kin is None else pd.concat([kin.above[columns], grids], ignore_index=True)
    level_of = dict(zip(known["code"], known["level"], strict=True))
    wanted = grids["level"].map(PARENT_LEVEL)
    parent_level = grids["parent_code"].map(level_of)
    top = wanted.isna()
    bad = grids.loc[top & grids["parent_code"].notna(), "code"]
    if len(bad):
        yield Message("rows.large_has_parent", _counted(bad))
    bad = grids.loc[~top & (parent_level != wanted), "code"]
    if len(bad):
        yield Message("rows.parent_no_level_up", _counted(bad))
    prefix = [
        isinstance(parent, str) and not code.startswith(parent)
        for code, parent in zip(grids["code"], grids["parent_code"], strict=True)
    ]
    bad = grids.loc[prefix, "code"]
    if len(bad):
        yield Message("rows.code_not_of_its_parent", _counted(bad))


def _geometry_faults(name: str, frame: pd.DataFrame) -> Iterator[Message]:
    if name not in layer_tables.GEOMETRY_KINDS:
        return
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        yield Message("rows.no_geometry")
        return
    if frame.crs is None or frame.crs.to_epsg() not in _SAME_EPSG:
        given = Message("rows.no_crs") if frame.crs is None else frame.crs.name
        yield Message("rows.other_crs", {"given": given, "wanted": STORED_EPSG})
        return
    yield from _shape_faults(frame.geometry.to_numpy(), layer_tables.GEOMETRY_KINDS[name])


def _shape_faults(shapes: object, kinds: tuple[str, ...]) -> Iterator[Message]:
    """Yield the faults of shapes in EPSG:4326."""
    array = np.asarray(shapes, dtype=object)
    missing = shapely.is_missing(array) | shapely.is_empty(array)
    if missing.any():
        yield Message("rows.shapes_missing", {"n": int(missing.sum())})
    array = array[~missing]
    names = np.array([kind.upper() for kind in kinds])
    types = _TYPE_NAMES[shapely.get_type_id(array)]
    wrong = ~np.isin(types, names)
    if wrong.any():
        said = {"kinds": list(kinds), "first": str(types[wrong][0])}
        yield Message("rows.shapes_of_kind", {"n": int(wrong.sum()), **said})
    bounds = shapely.bounds(array)
    inside = (np.abs(bounds) <= _DEGREES).all(axis=1)
    if not inside.all():
        yield Message("rows.shapes_off", {"n": int((~inside).sum())})
    broken = inside & ~shapely.is_valid(array)
    if broken.any():
        reason = shapely.is_valid_reason(array[broken][0])
        yield Message("rows.shapes_invalid", {"n": int(broken.sum()), "reason": reason})
