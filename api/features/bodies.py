"""Parse and check one feature in the body of a request; all faults are reported together."""

import json
import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from api.errors import UnprocessableError, shown
from boundaries.readers.shapes import FAR_M, distances_m
from geo.crs import STORED_EPSG
from geo.errors import InputError
from geo.model.columns import Column
from geo.model.layers import COLUMNS, KEYS, TABLES, District
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
    ORGANISATIONS = "organisations"

    @property
    def layer(self) -> str:
        """Name of the layer in :data:`geo.model.layers.COLUMNS`."""
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
        faults["id"] = f"The body names another feature than {shown(key)!r}; wanted the same."
    start = dict(before or {}) if is_patch else _initial(layer)
    values = {**start, **properties, KEYS[layer]: key}
    faults |= dict(_value_faults(layer, values, standard))
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
    wanted = "wanted a GeoJSON feature"
    try:
        feature = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The body is not JSON ({error}); {wanted}.") from None
    if not isinstance(feature, dict) or feature.get("type", "Feature") != "Feature":
        raise InputError(f"The body is something else; {wanted}.")
    if not isinstance(feature.get("properties") or {}, dict):
        raise InputError(f"The properties are no object; {wanted}.")
    return feature


def _unknown(
    feature: Mapping[str, Any], properties: Mapping[str, Any], layer: str
) -> Iterator[tuple[str, str]]:
    for name in feature:
        if name not in _MEMBERS:
            known = ", ".join(_MEMBERS)
            yield name, f"Got the member {shown(name)!r}; known in a feature: {known}."
    for name in properties:
        if name not in COLUMNS[layer]:
            known = ", ".join(COLUMNS[layer])
            yield name, f"Got the property {shown(name)!r}; known in {layer}: {known}."


def _value_faults(
    layer: str, values: Mapping[str, Any], standard: Standard
) -> Iterator[tuple[str, str]]:
    """Yield faults of properties; the store checks their vocabularies."""
    for name, column in COLUMNS[layer].items():
        if column.derived:
            continue
        if name not in values:
            yield name, f"The property {name} is missing; wanted a value."
        elif wanted := _wanted(column, values[name]):
            yield name, f"Got {name}={shown(values[name])}; wanted {wanted}."
    known = [category.id for category in standard.categories]
    category = values.get("category")
    if layer == "service_points" and isinstance(category, str) and category not in known:
        fault = f"Got category {shown(category)!r}; wanted one of {', '.join(known)}."
        yield "category", fault


def _wanted(column: Column, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return what was wanted of a value of a column; empty if the value is valid."""
    if column.nullable and (value is None or (isinstance(value, float) and math.isnan(value))):
        return ""
    fault = _kind_fault(column, value)
    if fault or not column.nullable or column.allows(value):
        return fault
    return f"{column.wanted}, or null"


def _kind_fault(column: Column, value: Any) -> str:  # noqa: ANN401 - any JSON value
    """Return the wanted type of a value; empty if the value has it."""
    if column.kind == "bool":
        return "" if isinstance(value, bool) else column.wanted
    if column.kind == "str":
        good = isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value
        return "" if good else f"text of up to {_LONGEST} signs"
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        return "a number"
    if not abs(float(value)) <= _MOST:
        return f"a number up to {_MOST}"
    return "a whole number" if column.kind == "int" and value != int(value) else ""


def _place(feature: Mapping[str, Any], faults: dict[str, str]) -> dict[str, float]:
    """Return lon and lat of a feature without a geometry column; empty if it has no point."""
    if feature.get("geometry") is None:
        return {}
    try:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (shapely.GEOSException, ValueError, RecursionError):
        shape = None
    if shape is None or shape.geom_type != "Point" or not np.isfinite(shape.bounds).all():
        faults["geometry"] = (
            "The geometry is no point; wanted a GeoJSON point in lon, lat, or none."
        )
        return {}
    lon, lat = shapely.get_coordinates(shape)[0].tolist()
    return {"lon": lon, "lat": lat}


def _shape(
    feature: Mapping[str, Any],
    before: BaseGeometry | None,
    faults: dict[str, str],
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
        faults["geometry"] = "The geometry cannot be read; wanted a GeoJSON geometry in lon, lat."
        return None
    shape = shapely.force_2d(shape)
    if (np.abs(shape.bounds) > (180, 90, 180, 90)).any():
        faults["geometry"] = (
            "The geometry is not on the globe; wanted lon, lat in degrees, EPSG:4326."
        )
        return None
    far_m = float(distances_m(np.array([shape.bounds]), district)[0])
    if far_m > FAR_M:
        faults["geometry"] = (
            f"The geometry lies {far_m / 1000:.0f} km from the district {district.code}; wanted "
            "one in it or near it."
        )
        return None
    return shape


def _demand_point(
    shape: BaseGeometry,
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    faults: dict[str, str],
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
        faults["lon"] = "The place lon, lat is not in the geometry; wanted one in it, or none."
    return inside.x, inside.y


def _is_in(shape: BaseGeometry, place: tuple[Any, ...]) -> bool:
    try:
        return bool(shape.distance(shapely.Point(*map(float, place))) <= _SAME_PLACE)
    except (TypeError, ValueError):
        return False
