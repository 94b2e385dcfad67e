"""Control points of a district: pairs of places that make a local system usable."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.aliases import CONTROL_POINTS, our_columns
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.places.crs_search import found_crs
from boundaries.readers.places.local_crs import LOCAL, SUBJECT, stored_systems
from boundaries.readers.shapes import FAR_M, distances_m, flip
from boundaries.readers.source import read_source
from boundaries.readers.tables.places import parse_numbers
from boundaries.store.interface import Store
from boundaries.store.tables.records import ANONYMOUS, Commit
from geo.arrays import FloatArray
from geo.control_points import PlaneFit, SpaceFit, fit_plane, fit_space
from geo.crs import STORED_EPSG, project_points
from geo.errors import CrsError, InputError, SchemaError
from geo.model.layers import District

TOLERANCE_M: Final = 0.5
"""Largest residual that is accepted unless another is told: what a building's place may be off."""

_GEOD: Final = pyproj.Geod(ellps="WGS84")
_NAME: Final = re.compile(r"(?=.*[^\W\d])[\w-]{1,40}")
_AXES: Final = ("x", "y")
_DEGREES: Final = ("lon", "lat")
_METRES: Final = ("x2", "y2")
_HEIGHTS: Final = ("h", "h2")


class LocalSystem(NamedTuple):
    """What a local system is to be.

    Attributes
    ----------
    name : str
        By which files name it (``--crs NAME``).
    crs : str or None
        CRS of an old datum that x and y are in, for seven parameters; None for a plane, for four.
    tolerance_m : float
        Largest residual that is accepted, metres.
    """

    name: str = LOCAL
    crs: str | None = None
    tolerance_m: float = TOLERANCE_M


def store_control_points(
    store: Store,
    code: str,
    points: pd.DataFrame,
    system: LocalSystem,
    *,
    source: str = "",
    commit: Commit = ANONYMOUS,
) -> int:
    """Fit a local system of a district to control points and keep it; return the revision.

    It takes the place of one of the same name; layers that were loaded by that stay as they are.

    Parameters
    ----------
    store : Store
    code : str
    points : DataFrame
        ``point`` (name), ``x``, ``y`` of the local system, ``lon``, ``lat`` in degrees of WGS 84 or
        CGCS2000; heights ``h``, ``h2`` where they are known, metres.
    system : LocalSystem
    source : str
        Name of the file, to be kept with it.
    commit : Commit

    Raises
    ------
    InputError, CrsError
        If the name, the points or the CRS do not do (:mod:`geo.control_points`).
    """
    district = store.district(code)
    if not _NAME.fullmatch(system.name):
        raise InputError("control_points.no_name", name=system.name)
    entry = fitted_system(points, district, system) | {"source": source}
    systems = stored_systems(district) | {system.name: entry}
    return store.set_settings(code, SUBJECT, systems, commit=commit)


def read_control_points(path: Path, district: District) -> pd.DataFrame:
    """Read control points from a table: names, x and y, and longitude and latitude or x2 and y2.

    The zone of x2 and y2, and which of them runs north, follows from where the district is.

    Raises
    ------
    SchemaError, InputError
        If columns or numbers are missing; rows are named.
    """
    raw = pd.DataFrame(read_source(path, CONTROL_POINTS, LayerReport()).frame)
    ours = our_columns(CONTROL_POINTS, [str(name) for name in raw.columns])
    table = raw[list(ours)].rename(columns=ours)
    target = _DEGREES if set(_DEGREES) <= set(table.columns) else _METRES
    lacking = [name for name in (*_AXES, *target) if name not in table.columns]
    if lacking:
        columns = [str(name) for name in raw.columns if name != "geometry"]
        said = {"name": path.name, "columns": columns, "lacking": lacking}
        raise SchemaError("control_points.missing_columns", **said)
    wanted = [*_AXES, *target, *(name for name in _HEIGHTS if name in table.columns)]
    numbers = pd.DataFrame({name: parse_numbers(table[name]) for name in wanted})
    bad = numbers.isna().any(axis=1)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError("control_points.no_number", name=path.name, row=row + 1, columns=wanted)
    names = table["point"] if "point" in table else pd.Series(range(1, len(table) + 1))
    numbers.insert(0, "point", names.astype(str).to_numpy())
    if target == _METRES:
        numbers[list(_DEGREES)] = _degrees(numbers, district, path.name)
    return numbers


def _degrees(table: pd.DataFrame, district: District, what: str) -> FloatArray:
    """Return longitude and latitude of x2 and y2 in whatever zone and order they are."""
    shapes = np.asarray(shapely.points(table[list(_METRES)].to_numpy()), dtype=object)
    crs, swapped = found_crs(shapes, None, district, LayerReport(), what=what)
    placed = gpd.GeoSeries(flip(shapes) if swapped else shapes, crs=crs).to_crs(STORED_EPSG)
    degrees: FloatArray = np.column_stack([placed.x, placed.y])
    return degrees


def fitted_system(points: pd.DataFrame, district: District, system: LocalSystem) -> dict[str, Any]:
    """Return a local system as the settings of a district keep it, with each point's residual."""
    lonlat = points[list(_DEGREES)].to_numpy(np.float64)
    far = distances_m(np.column_stack([lonlat, lonlat]), district) > FAR_M
    if far.any():
        said = {"point": points["point"].tolist()[int(np.argmax(far))], "district": district.code}
        raise InputError("control_points.far", **said)
    names, most = points["point"].tolist(), system.tolerance_m
    if system.crs is None:
        metric = project_points(lonlat[:, 0], lonlat[:, 1], district.epsg)
        local = points[list(_AXES)].to_numpy(np.float64)
        plane = fit_plane(local, metric, names=names, tolerance_m=most)
        parameters = {name: getattr(plane, name) for name in PlaneFit._fields[:5]}
        found = {"kind": "plane", "epsg": district.epsg, "parameters": parameters,
                 "scale": plane.scale, "rotation_deg": plane.rotation_deg}  # fmt: skip
        return found | _told(points, plane)
    source = _old_datum(system.crs)
    wgs84 = pyproj.CRS.from_epsg(STORED_EPSG)
    heights = [points[name].to_numpy() if name in points else np.zeros(len(points))
               for name in _HEIGHTS]  # fmt: skip
    local = points[list(_AXES)].to_numpy(np.float64)
    _check_datum(source, local, lonlat)
    old = _geocentric(source, local, heights[0])
    new = _geocentric(wgs84, lonlat, heights[1])
    space = fit_space(old, new, names=names, tolerance_m=most)
    parameters = {"towgs84": list(space.parameters)}
    found = {"kind": "datum", "crs": system.crs, "parameters": parameters}
    return found | _told(points, space)


def _told(points: pd.DataFrame, fit: PlaneFit | SpaceFit) -> dict[str, Any]:
    metres = np.linalg.norm(fit.residuals, axis=1)
    table = points.assign(residual_m=metres.round(6))
    return {
        "largest_m": round(float(metres.max()), 6),
        "rms_m": round(float(np.sqrt(np.mean(metres**2))), 6),
        "points": table.to_dict("records"),
    }


def _old_datum(text: str) -> pyproj.CRS:
    check_names_no_file(text, what=SUBJECT)
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise CrsError("reading.unknown_crs", crs=text) from error


def _check_datum(crs: pyproj.CRS, xy: FloatArray, lonlat: FloatArray) -> None:
    """Raise if coordinates cannot be those of a CRS: it puts them far from where they are."""

    def far(pairs: FloatArray) -> bool:
        there = _lonlat(crs, pairs)
        if not np.isfinite(there).all():
            return True
        return bool((np.asarray(_GEOD.inv(*there.T, *lonlat.T)[2]) > FAR_M).any())

    if far(xy):
        code = "control_points.not_in_crs" if far(xy[:, ::-1]) else "control_points.swapped"
        raise InputError(code, crs=crs.name)


def _lonlat(crs: pyproj.CRS, xy: FloatArray) -> FloatArray:
    """Return longitude and latitude on the ellipsoid of a CRS, degrees."""
    if crs.geodetic_crs is None:
        raise CrsError("reading.unknown_crs", crs=crs.name)
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    degrees: FloatArray = np.column_stack(to_degrees.transform(*xy.T))
    return degrees


def _geocentric(crs: pyproj.CRS, xy: FloatArray, heights: FloatArray) -> FloatArray:
    """Return geocentric coordinates on the ellipsoid of a CRS, metres."""
    ellipsoid = crs.ellipsoid
    if ellipsoid is None:
        raise CrsError("reading.unknown_crs", crs=crs.name)
    axes = f"+a={ellipsoid.semi_major_metre} +b={ellipsoid.semi_minor_metre}"
    steps = f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart {axes}"
    lon, lat = _lonlat(crs, xy).T
    xyz: Sequence[FloatArray] = pyproj.Transformer.from_pipeline(steps).transform(lon, lat, heights)
    return np.column_stack(xyz)
