"""Longitude and latitude that a program wrote in each other's place."""

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
