"""Coordinate reference systems: stored in degrees, measured in metres, never mixed up."""

from functools import lru_cache
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
from shapely.geometry.base import BaseGeometry

from geo.errors import CrsError, InputError
from geo.messages import Message

STORED_EPSG: Final = 4326
"""Everything is stored in WGS 84; CGCS2000 (EPSG:4490) is taken as equal to it, to centimetres."""

_CHINA_LON: Final = (73.5, 135.5)
_CHINA_LAT: Final = (17.5, 54.0)
_UTM_LON: Final = (-180.0, 180.0)
_UTM_LAT: Final = (-80.0, 84.0)


def metric_epsg(lon: float, lat: float) -> int:
    """Return the EPSG code of the metric CRS for a place.

    CGCS2000 / 3-degree Gauss-Kruger (EPSG:4534-4554 by central meridian) inside the bounding box of
    China, otherwise WGS 84 / UTM.

    Parameters
    ----------
    lon, lat : float
        Degrees, EPSG:4326.

    Returns
    -------
    int
        EPSG code of a projected CRS in metres.

    Raises
    ------
    InputError
        If the coordinates are not finite or not on the globe between 80 S and 84 N.

    Examples
    --------
    >>> metric_epsg(118.0, 37.38), metric_epsg(24.94, 60.17)
    (4548, 32635)
    """
    (west, east), (south, north) = _UTM_LON, _UTM_LAT
    if not (west <= lon <= east and south <= lat <= north):  # NaN fails as well
        raise InputError("crs.not_on_the_globe", lon=lon, lat=lat)
    if _CHINA_LON[0] <= lon <= _CHINA_LON[1] and _CHINA_LAT[0] <= lat <= _CHINA_LAT[1]:
        meridian = min(max(round(lon / 3) * 3, 75), 135)
        return 4534 + (meridian - 75) // 3
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def require_metric(crs: pyproj.CRS | None, *, what: str) -> pyproj.CRS:
    """Return `crs` if lengths measured in it are true metres; raise otherwise.

    Parameters
    ----------
    crs : pyproj.CRS, optional
    what : str
        Code of what is in it, such as ``crs.grid_layer``; else its own name.

    Raises
    ------
    CrsError
        If the CRS is missing, geographic, not in metres, or Web Mercator.
    """
    if crs is None:
        raise CrsError("crs.missing", what=Message(what))
    unit = crs.axis_info[0].unit_name if crs.axis_info else "unknown"
    if not crs.is_projected or unit != "metre" or crs.to_epsg() in {3857, 3395}:
        raise CrsError("crs.not_metric", what=Message(what), crs=crs.name, unit=unit)
    return crs


def to_metric(frame: gpd.GeoDataFrame, epsg: int) -> gpd.GeoDataFrame:
    """Return `frame` in the metric CRS `epsg`, index kept.

    Raises
    ------
    CrsError
        If the frame has no CRS or `epsg` is not metric.
    """
    crs = require_metric(pyproj.CRS.from_epsg(epsg), what=f"EPSG:{epsg}")
    if frame.crs is None:
        raise CrsError("crs.nothing_to_project_from")
    return frame.to_crs(crs)


def project_points(lon: npt.ArrayLike, lat: npt.ArrayLike, epsg: int) -> npt.NDArray[np.float64]:
    """Project EPSG:4326 degrees to metres.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        Degrees.
    epsg : int
        Metric CRS.

    Returns
    -------
    ndarray of float64, shape (n, 2)
        Easting and northing in metres; NaN where the input is NaN.
    """
    x, y = _to_metres(epsg).transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return np.column_stack([np.atleast_1d(x), np.atleast_1d(y)])


@lru_cache(maxsize=64)
def _to_metres(epsg: int) -> pyproj.Transformer:
    """Return the transformer from degrees; to make one takes longer than to project a town.

    Transformers are safe for threads since pyproj 3.1.
    """
    return pyproj.Transformer.from_crs(STORED_EPSG, epsg, always_xy=True)


def project_geometry(geometry: BaseGeometry, from_epsg: int, to_epsg: int) -> BaseGeometry:
    """Project one geometry, axis order always x, y."""
    series = gpd.GeoSeries([geometry], crs=from_epsg)
    projected: BaseGeometry = series.to_crs(to_epsg).iloc[0]
    return projected
