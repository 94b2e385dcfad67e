"""GCJ-02 and BD-09, the shifted frames of Chinese location services, from and to WGS 84.

GCJ-02 (AMap, Tencent) adds a published polynomial of some 500 m, BD-09 (Baidu) a second shift on
top. The public formula comes with two semi-axes, 6378245 m (Krasovsky) and 6378137 m; they differ
by a centimetre. The first is used here, as in most programs, with the square of the eccentricity
that is published with it.

There is no closed inverse: the offset is taken at an estimate of the place, subtracted, and that
again. It changes by 0.3 % of a step at most (BD-09: 2 %), so that each correction gains 2.5 digits
(1.7). Three leave 1.5e-11 degrees in China, four 1e-13.
"""

from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.arrays import FloatArray

AXIS_M: Final = 6378245.0
"""Semi-major axis of the formula: Krasovsky 1940, metres."""

E2: Final = 0.00669342162296594323
"""Square of the eccentricity, as published with :data:`AXIS_M`."""

WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
"""Rectangle in which the services shift, degrees; places outside stay as they are."""

_BD_LON, _BD_LAT = 0.0065, 0.006  # degrees
_BD_RATE: Final = np.pi * 3000.0 / 180.0
_GCJ_CORRECTIONS: Final = 4
_BD_CORRECTIONS: Final = 5
_ORIGIN_LON, _ORIGIN_LAT = 105.0, 35.0  # of the polynomial, degrees


class MapFrame(StrEnum):
    """A frame of longitudes and latitudes in China."""

    WGS84 = "WGS 84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


def to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Convert WGS 84 to GCJ-02.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        Degrees; NaN stays NaN.

    Returns
    -------
    lon, lat : ndarray of float64, shape (n,)
        Degrees; outside the rectangle of :data:`WEST` to :data:`NORTH` as given, bit for bit.

    Examples
    --------
    >>> lon, lat = to_gcj02([116.391349, 24.94], [39.907375, 60.17])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([116.39759, 24.94], [39.908776, 60.17])
    """
    x, y = _degrees(lon, lat)
    shifted = _offset(x, y)
    return _kept_outside(x, y, x + shifted[0], y + shifted[1], at=(x, y))


def from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Convert GCJ-02 to WGS 84, to 1e-11 degrees.

    Parameters, returned values and what lies outside China are those of :func:`to_gcj02`.

    Examples
    --------
    >>> lon, lat = from_gcj02(*to_gcj02([118.0], [37.38]))
    >>> round(float(lon[0]), 11), round(float(lat[0]), 11)
    (118.0, 37.38)
    """
    x, y = _degrees(lon, lat)
    found = _from_gcj02(x, y)
    return _kept_outside(x, y, *found, at=found)


def to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Convert WGS 84 to BD-09; as :func:`to_gcj02`.

    Examples
    --------
    >>> lon, lat = to_bd09([118.0], [37.38])
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([118.012577], [37.386471])
    """
    x, y = _degrees(lon, lat)
    shifted = _offset(x, y)
    return _kept_outside(x, y, *_gcj02_to_bd09(x + shifted[0], y + shifted[1]), at=(x, y))


def from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Convert BD-09 to WGS 84, to 1e-11 degrees; as :func:`from_gcj02`.

    Examples
    --------
    >>> lon, lat = from_bd09(*to_bd09([118.0], [37.38]))
    >>> round(float(lon[0]), 11), round(float(lat[0]), 11)
    (118.0, 37.38)
    """
    x, y = _degrees(lon, lat)
    u, v = x - _BD_LON, y - _BD_LAT
    for _ in range(_BD_CORRECTIONS):
        there = _gcj02_to_bd09(u, v)
        u, v = u + (x - there[0]), v + (y - there[1])
    found = _from_gcj02(u, v)
    return _kept_outside(x, y, *found, at=found)


def to_wgs84(
    frame: MapFrame, lon: npt.ArrayLike, lat: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Convert any of the frames to WGS 84; as :func:`from_gcj02`."""
    back = {MapFrame.WGS84: _degrees, MapFrame.GCJ02: from_gcj02, MapFrame.BD09: from_bd09}
    return back[frame](lon, lat)


def _degrees(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def _kept_outside(
    x: FloatArray, y: FloatArray, u: FloatArray, v: FloatArray, *, at: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return u, v where the place in WGS 84 is in China, else x, y."""
    lon, lat = at
    with np.errstate(invalid="ignore"):
        inside = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    return np.where(inside, u, x), np.where(inside, v, y)


def _from_gcj02(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    dx, dy = _offset(x, y)
    for _ in range(_GCJ_CORRECTIONS):
        dx, dy = _offset(x - dx, y - dy)
    return x - dx, y - dy


def _offset(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what GCJ-02 adds to a place in WGS 84, degrees."""
    with np.errstate(invalid="ignore"):
        x, y = lon - _ORIGIN_LON, lat - _ORIGIN_LAT
        root, both = 0.1 * np.sqrt(np.abs(x)), 0.1 * x * y
        waves = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
        north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + both + 2.0 * root
        north_m += (waves + _waves(y, 20.0, 40.0, 160.0, 320.0)) * 2.0 / 3.0
        east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + both + root
        east_m += (waves + _waves(x, 20.0, 40.0, 150.0, 300.0)) * 2.0 / 3.0
        radians = lat / 180.0 * np.pi
        narrowed = 1.0 - E2 * np.sin(radians) ** 2
        root = np.sqrt(narrowed)
        d_lon = east_m * 180.0 / (AXIS_M / root * np.cos(radians) * np.pi)
        d_lat = north_m * 180.0 / (AXIS_M * (1.0 - E2) / (narrowed * root) * np.pi)
    return d_lon, d_lat


def _waves(t: FloatArray, a: float, b: float, c: float, d: float) -> FloatArray:
    waves: FloatArray = a * np.sin(t * np.pi) + b * np.sin(t / 3.0 * np.pi)
    waves += c * np.sin(t / 12.0 * np.pi) + d * np.sin(t * np.pi / 30.0)
    return waves


def _gcj02_to_bd09(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(invalid="ignore"):
        radius = np.sqrt(x * x + y * y) + 0.00002 * np.sin(y * _BD_RATE)
        angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_RATE)
        return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT
