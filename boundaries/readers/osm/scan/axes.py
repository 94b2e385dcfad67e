"""Longitudes and latitudes that are not those of one place: swapped, or on both ends of the map."""

from pathlib import Path
from typing import Final

import numpy as np
import osmium
import shapely
from shapely.geometry.base import BaseGeometry

from boundaries.readers.osm.scan.file_format import plain_file
from geo.arrays import FloatArray
from geo.errors import InputError

_UNITS: Final = 10_000_000
"""Of a coordinate as OpenStreetMap stores it, per degree."""

_NEAR_MERIDIAN: Final = 170.0
"""Longitudes beyond this, either side, are within a thousand kilometres of the 180th meridian."""

_GLOBE: Final = shapely.box(-180, -90, 180, 90)


def check_axes(ground: BaseGeometry, lonlat: FloatArray, name: str) -> None:
    """Raise where streets lie in some ground only with their coordinates swapped.

    Parameters
    ----------
    ground : BaseGeometry
        Where they should be, EPSG:4326.
    lonlat : ndarray of float64, shape (n, 2)
        Degrees, at least one.
    name : str
        Of the file.

    Raises
    ------
    InputError
        If none lies there as it is, and one or more do when swapped.
    """
    if not shapely.covers(_GLOBE, ground):
        return  # then the ground itself may be what is swapped
    lon, lat = lonlat.T
    shapely.prepare(ground)
    if shapely.intersects_xy(ground, lon, lat).any():
        return
    there = np.flatnonzero(shapely.intersects_xy(ground, lat, lon))
    if len(there):
        lon, lat = lonlat[there[0]]
        raise InputError("osm_axes.swapped", file=name, lon=float(lon), lat=float(lat))


def check_meridian(lonlat: FloatArray, name: str) -> None:
    """Raise where streets lie on both sides of the 180th meridian, and none far from it.

    Parameters
    ----------
    lonlat : ndarray of float64, shape (n, 2)
        Degrees, at least one.
    name : str
        Of the file.

    Raises
    ------
    InputError
        If they do: a district is measured in one plane, and has one range of longitudes.
    """
    lon = lonlat[:, 0]
    west, east = lon[lon > 0].min(initial=180), lon[lon < 0].max(initial=-180)
    if (lon > 0).any() and (lon < 0).any() and (np.abs(lon) > _NEAR_MERIDIAN).all():
        raise InputError("osm_axes.meridian", file=name, west=float(west), east=float(east))


def check_on_globe(path: Path) -> None:
    """Raise where the nodes of a file are on the globe only with their coordinates swapped.

    Raises
    ------
    InputError
        If one or more are not, and would be when swapped.
    NotFoundError, EmptyError, FileFormatError
        As :func:`boundaries.readers.osm.scan.scan.read_extract` does.
    """
    with plain_file(path) as plain:
        for node in osmium.FileProcessor(plain.opened(), osmium.osm.NODE):
            if not isinstance(node, osmium.osm.Node):
                continue
            lon, lat = node.location.x / _UNITS, node.location.y / _UNITS
            if abs(lon) <= 90 < abs(lat) <= 180:  # noqa: PLR2004 - degrees
                raise InputError("osm_axes.off_the_globe", file=path.name, lon=lon, lat=lat)
