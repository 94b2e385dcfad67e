"""Find the CRS of metres that nobody declared, or declared wrongly, by where it puts the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj
import shapely

from boundaries.import_report import LayerReport
from geo.arrays import BoolArray, FloatArray, GeometryArray
from geo.crs import STORED_EPSG
from geo.errors import CrsError
from geo.messages import Message
from geo.model.layers import District

INSIDE_SHARE: Final = 0.99
"""Least share of the rows that a CRS must put into the district to be taken for theirs."""

_OUT_SHARE: Final = 0.5
"""Least share that a declared CRS must put near the district; with less it is searched anew."""

_NEAR_DEGREES: Final = 0.5
_SAMPLE: Final = 2_000
_WIDEST: Final = 6.0  # degrees from a central meridian at which anybody still uses a zone
_UTM_EPSG: Final = 32600  # codes from here on are those of UTM
_SIXTY: Final = 60.0
_MOST_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """One CRS in which coordinates may be.

    Attributes
    ----------
    epsg : int
    meridian : float
        Central meridian, degrees.
    swapped : bool
        Whether northings come first.
    """

    epsg: int
    meridian: float
    swapped: bool = False

    @property
    def name(self) -> str:
        """Return its code and name."""
        return f"EPSG:{self.epsg} {pyproj.CRS.from_epsg(self.epsg).name}"


def found_crs(
    shapes: GeometryArray,
    declared: pyproj.CRS | None,
    district: District,
    report: LayerReport,
    *,
    what: str,
) -> tuple[pyproj.CRS, bool]:
    """Return the CRS of coordinates in metres, and whether northings come first.

    Every CGCS2000 zone of 3 and 6 degrees with and without its number before the easting, and UTM,
    is tried in both orders of the axes. What is declared stands if it puts the rows near the
    district, and is completed by the number of its own zone where the eastings have it.

    Raises
    ------
    CrsError
        If nothing is declared and no CRS, or more than one, puts 99 % of the rows inside; if the
        declared one does not fit and another one does.
    """
    xy = _sample(shapes)
    if not len(xy):  # every row is rejected for that
        return declared or pyproj.CRS.from_epsg(STORED_EPSG), False
    if (
        declared is not None
        and max(
            _share(order, declared, district, near=_NEAR_DEGREES) for order in (xy, xy[:, ::-1])
        )
        >= _OUT_SHARE
    ):  # single rows are swapped back later
        return declared, False
    fits = [
        each
        for each in _candidates(district)
        if _share(_ordered(xy, each), each.epsg, district) >= INSIDE_SHARE
    ]
    names = [each.name for each in fits[:_MOST_NAMED]]
    if declared is not None:
        same = [each for each in fits if not each.swapped and _meridian(declared) == each.meridian]
        if len(same) == 1 and same[0].epsg < _UTM_EPSG:
            said = {"crs": same[0].name, "declared": declared.name}
            report.understand("frame", Message("reading.zone_in_eastings", said))
            return pyproj.CRS.from_epsg(same[0].epsg), False
        if not fits:
            return declared, False
        raise CrsError("reading.declared_crs_off", what=what, declared=declared.name, fits=names)
    if not fits:
        raise CrsError("reading.no_crs_fits", what=what, district=district.code)
    if len(fits) > 1:
        raise CrsError("reading.several_crs_fit", what=what, n=len(xy), fits=names)
    found = Message("reading.crs_found", {"crs": names[0], "n": len(xy)})
    report.understand("frame", found, "likely")
    return pyproj.CRS.from_epsg(fits[0].epsg), fits[0].swapped


def check_not_packed(shapes: GeometryArray, district: District, *, what: str) -> None:
    """Raise if numbers are degrees, minutes and seconds in one: 1175855.2, or 117.58552.

    Raises
    ------
    CrsError
        If they lie outside the district as they are, and inside it when they are unpacked.
    """
    xy = _sample(shapes)
    degrees = pyproj.CRS.from_epsg(STORED_EPSG)
    if not len(xy) or _share(xy, degrees, district) >= _OUT_SHARE:
        return
    for unit in (10_000.0, 1.0):  # of a degree: dddmmss.s, and d.mmsss
        unpacked = _unpacked(xy / unit)
        if unpacked is not None and _share(unpacked, degrees, district) >= INSIDE_SHARE:
            x, y = (float(number) for number in xy[0])
            raise CrsError("reading.packed_degrees", what=what, x=x, y=y)


def _unpacked(packed: FloatArray) -> FloatArray | None:
    """Return degrees of numbers whose decimals are minutes and seconds; None if they cannot be."""
    whole = np.floor(packed)
    minutes = np.floor((packed - whole) * 100 + 1e-9)
    seconds = ((packed - whole) * 100 - minutes) * 100
    if (minutes >= _SIXTY).any() or (seconds >= _SIXTY).any():
        return None
    degrees: FloatArray = whole + minutes / _SIXTY + seconds / _SIXTY**2
    return degrees


def _candidates(district: District) -> Iterator[Candidate]:
    """Give every zone that can hold the district, each projection once, in both orders."""
    middle = district.boundary.centroid.x
    zones: list[tuple[int, float]] = [(STORED_EPSG, 0.0)]
    for meridian in range(75, 136, 3):
        if abs(meridian - middle) <= _WIDEST:
            step = (meridian - 75) // 3
            zones += [(4534 + step, meridian), (4513 + step, meridian)]
            if meridian % 6 == 3:  # noqa: PLR2004 - zones of 6 degrees
                zones.append((4491 + step // 2, meridian))  # without a prefix it is that of 3
    south = 100 * (district.boundary.centroid.y < 0)
    for zone in range(1, 61):
        if abs(zone * 6 - 183 - middle) <= _WIDEST:
            zones.append((_UTM_EPSG + south + zone, zone * 6 - 183))
    for epsg, central in zones:
        yield Candidate(epsg, central)
        yield Candidate(epsg, central, swapped=True)


def _sample(shapes: GeometryArray) -> FloatArray:
    """Return one point of each shape, of at most 2,000."""
    known = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    step = max(len(known) // _SAMPLE, 1)
    bounds = shapely.bounds(known[::step])
    xy: FloatArray = np.column_stack([bounds[:, [0, 2]].mean(1), bounds[:, [1, 3]].mean(1)])
    return xy


def _ordered(xy: FloatArray, candidate: Candidate) -> FloatArray:
    return xy[:, ::-1] if candidate.swapped else xy


@lru_cache(maxsize=256)
def _to_degrees(crs: pyproj.CRS | int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, STORED_EPSG, always_xy=True)


def _share(
    xy: FloatArray, crs: pyproj.CRS | int, district: District, *, near: float = 0.0
) -> float:
    """Return the share of points that a CRS puts into the district, or `near` its box."""
    if not len(xy):
        return 1.0
    lon, lat = _to_degrees(crs).transform(xy[:, 0], xy[:, 1])
    inside: BoolArray = np.isfinite(lon) & np.isfinite(lat)
    if near:
        west, south, east, north = district.boundary.bounds
        inside &= (lon >= west - near) & (lon <= east + near)
        inside &= (lat >= south - near) & (lat <= north + near)
    else:
        inside[inside] = shapely.contains_xy(district.boundary, lon[inside], lat[inside])
    return float(inside.mean())


def _meridian(crs: pyproj.CRS) -> float | None:
    """Return the central meridian of a transverse Mercator projection."""
    if crs.coordinate_operation is None:
        return None
    return next(
        (
            float(parameter.value)
            for parameter in crs.coordinate_operation.params
            if parameter.code == "8802" or "longitude of natural origin" in parameter.name.lower()
        ),
        None,
    )
