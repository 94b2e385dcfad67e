"""Parse and check one feature in the body of a request; all faults are reported together."""

import json
import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from api.errors import UnprocessableError, shown
from api.formats.json import read_json
from boundaries.readers.service_kinds import ServiceKinds
from boundaries.readers.shapes import FAR_M, distances_m
from geo.crs import STORED_EPSG
from geo.errors import InputError
from geo.messages import Message
from geo.model.columns import Column
from geo.model.layer_columns import COLUMNS, KEYS, TABLES
from geo.model.layers import District
from geo.model.standard import Standard

_MEMBERS: Final = ("type", "id", "properties", "geometry", "lifecircle")
_LONGEST: Final = 1_000
_MOST: Final = 2**53  # what JSON holds exactly
_SAME_PLACE: Final = 1e-7  # degrees, 1 cm


class FeatureLayer(StrEnum):
    """Layers whose features are read and changed one by one."""

    GRIDS = "grids"
    BUILDINGS = "buildings"
    SERVICE_POINTS = "service-points"
    BARRIERS = "barriers"
    GATES = "gates"
    OPEN_GROUNDS = "open-grounds"
    ENTRANCES = "entrances"
    ORGANISATIONS = "organisations"

    @property
    def layer(self) -> str:
        """Name of the layer in :data:`geo.model.layer_columns.COLUMNS`."""
        return self.value.replace("-", "_")


def read_feature(
    body: bytes,
    layer: str,
    key: str,
    *,
    before: Mapping[str, Any] | None,
    is_patch: bool,
    district: District,
    standard: Standard,
) -> gpd.GeoDataFrame:
    """Return the feature that a body describes, as one row of its layer (EPSG:4326).

    Parameters
    ----------
    body : bytes
        GeoJSON feature; of a patch, those of its members and properties that are to change.
    layer, key : str
    before : dict or None
        The feature as it is, by column; None where it is to be made.
    is_patch : bool
    district : District
        Nothing may lie farther from it than people walk.
    standard : Standard
        Whose categories service points have.

    Raises
    ------
    InputError
        If the body is no JSON.
    UnprocessableError
        Naming every fault.
    """
    feature = _feature(body)
    properties = feature.get("properties") or {}
    faults = dict(_unknown(feature, properties, layer))
    if properties.get(KEYS[layer], key) != key or feature.get("id", key) != key:
        faults["id"] = Message("features.other_feature", {"key": shown(key)})
    start = dict(before or {}) if is_patch else _initial(layer)
    values = {**start, **properties, KEYS[layer]: key}
    if layer == "service_points":
        values |= _service(values, properties, faults, standard)
    faults |= dict(_value_faults(layer, values))
    if layer in TABLES:
        values |= _place(feature, faults)
        shape = None
    else:
        shape = _shape(feature, start.get("geometry"), faults, district)
    if shape is not None and "lon" in COLUMNS[layer]:
        values["lon"], values["lat"] = _demand_point(shape, values, before or {}, faults)
    if faults:
        raise UnprocessableError(faults)
    row = {name: [values[name]] for name in COLUMNS[layer]}
    if layer in TABLES:
        return pd.DataFrame(row)
    return gpd.GeoDataFrame(row, geometry=[shape], crs=STORED_EPSG)


def _initial(layer: str) -> dict[str, Any]:
    """Return the default values of a new feature."""
    columns = COLUMNS[layer].values()
    return {column.name: column.start for column in columns if column.start is not ...}


def _feature(body: bytes) -> dict[str, Any]:
    feature = read_json(body, wanted=Message("features.feature"))
    if not isinstance(feature, dict) or feature.get("type", "Feature") != "Feature":
        raise InputError("features.something_else")
    if not isinstance(feature.get("properties") or {}, dict):
        raise InputError("features.properties_no_object")
    return feature


def _unknown(
    feature: Mapping[str, Any], properties: Mapping[str, Any], layer: str
) -> Iterator[tuple[str, Message]]:
    for name in feature:
        if name not in _MEMBERS:
            about = {"got": shown(name), "known": list(_MEMBERS)}
            yield name, Message("features.unknown_member", about)
    for name in properties:
        if name not in COLUMNS[layer]:
            about = {"got": shown(name), "layer": layer, "known": list(COLUMNS[layer])}
            yield name, Message("features.unknown_property", about)


def _value_faults(layer: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Message]]:
    """Yield faults of properties; the store checks their vocabularies."""
    for name, column in COLUMNS[layer].items():
        if column.derived:
            continue
        if name not in values:
            yield name, Message("features.missing", {"name": name})
        elif wanted := _wanted(column, values[name]):
            got = {"name": name, "got": shown(values[name]), "wanted": wanted}
            yield name, Message("validation.wrong", got)


def _service(
    values: Mapping[str, Any],
    given: Mapping[str, Any],
    faults: dict[str, Message],
    standard: Standard,
) -> dict[str, str]:
    """Return category and kind by their ids; a kind that is told beside a category must be its own.

    The kind that a point had goes with its category.
    """
    category, kind = values.get("category"), values.get("sub")
    if not isinstance(category, str) or not isinstance(kind, str):
        return {}
    kinds = ServiceKinds(standard)
    found = kinds.find(category, kind)
    if found is not None and found.is_moved and "sub" not in given:
        found = kinds.find(category, "")
    if found is None:
        about = {"got": shown(category), "known": [group.id for group in standard.groups]}
        faults["category"] = Message("features.category", about)
        return {}
    if found.is_moved:
        about = {"got": shown(kind), "of": found.category, "category": shown(category)}
        faults["sub"] = Message("features.kind_of_another", about)
    return {"category": found.category, "sub": found.kind}


def _wanted(column: Column, value: Any) -> str | Message | None:  # noqa: ANN401 - any JSON value
    """Return what was wanted of a value of a column; None if the value is valid."""
    if column.nullable and (value is None or (isinstance(value, float) and math.isnan(value))):
        return None
    fault = _kind_fault(column, value)
    if fault or not column.nullable or column.allows(value):
        return fault
    return Message("features.or_null", {"wanted": column.wanted})


def _kind_fault(column: Column, value: Any) -> str | Message | None:  # noqa: ANN401 - any JSON value
    """Return the wanted type of a value; None if the value has it."""
    if column.kind == "bool":
        return None if isinstance(value, bool) else column.wanted
    if column.kind == "str":
        good = isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value
        return None if good else Message("features.text_up_to", {"most": _LONGEST})
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return Message("validation.number")
    if not abs(float(value)) <= _MOST:
        return Message("features.number_up_to", {"most": _MOST})
    is_part = column.kind == "int" and value != int(value)
    return Message("validation.integer") if is_part else None


def _place(feature: Mapping[str, Any], faults: dict[str, Message]) -> dict[str, float]:
    """Return lon and lat of a feature without a geometry column; empty if it has no point."""
    if feature.get("geometry") is None:
        return {}
    try:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (shapely.GEOSException, ValueError, RecursionError):
        shape = None
    if shape is None or shape.geom_type != "Point" or not np.isfinite(shape.bounds).all():
        faults["geometry"] = Message("features.no_point")
        return {}
    lon, lat = shapely.get_coordinates(shape)[0].tolist()
    return {"lon": lon, "lat": lat}


def _shape(
    feature: Mapping[str, Any],
    before: BaseGeometry | None,
    faults: dict[str, Message],
    district: District,
) -> BaseGeometry | None:
    """Return the geometry of a body; its faults are added to `faults`."""
    if "geometry" not in feature and before is not None:
        return before
    try:
        shape = shapely.from_geojson(json.dumps(feature.get("geometry")))
    except (shapely.GEOSException, ValueError, RecursionError):
        shape = None
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        faults["geometry"] = Message("features.no_geometry")
        return None
    shape = shapely.force_2d(shape)
    if (np.abs(shape.bounds) > (180, 90, 180, 90)).any():
        faults["geometry"] = Message("features.off_globe")
        return None
    far_m = float(distances_m(np.array([shape.bounds]), district)[0])
    if far_m > FAR_M:
        about = {"km": far_m / 1000, "district": district.code}
        faults["geometry"] = Message("features.far_away", about)
        return None
    return shape


def _demand_point(
    shape: BaseGeometry,
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    faults: dict[str, Message],
) -> tuple[float, float]:
    """Return the demand point: the given one if the geometry contains it, else one inside it.

    A point that belongs to the former geometry is replaced.
    """
    inside = shape.representative_point()
    place = values.get("lon"), values.get("lat")
    no_place = place == (None, None)
    if no_place or shape.geom_type == "Point" or _is_in(shape, place):
        explicit = not no_place and shape.geom_type != "Point"
        return (float(place[0]), float(place[1])) if explicit else (inside.x, inside.y)  # type: ignore[arg-type]
    if place != (before.get("lon"), before.get("lat")):
        faults["lon"] = Message("features.place_outside")
    return inside.x, inside.y


def _is_in(shape: BaseGeometry, place: tuple[Any, ...]) -> bool:
    try:
        return bool(shape.distance(shapely.Point(*map(float, place))) <= _SAME_PLACE)
    except (TypeError, ValueError):
        return False
