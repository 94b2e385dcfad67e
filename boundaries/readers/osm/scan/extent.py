"""Boundary of the district: given, declared by the file, or a hull around its streets."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import STORED_EPSG, metric_epsg, project_geometry, project_points
from geo.errors import InputError
from geo.messages import Message

HULL_MARGIN_M: Final = 50.0
"""Buffer around the hull of the streets, metres, so that buildings along them lie inside."""

_GEOD: Final = pyproj.Geod(ellps="WGS84")

MAX_EMPTY_M: Final = 10_000.0
"""Farthest that a declared rectangle may reach beyond the streets, metres: a sea or a mountain is
that wide; a rectangle of the whole country, or of the world, is that of another file."""


def find_boundary(
    given: BaseGeometry | None,
    box: tuple[float, float, float, float] | None,
    lonlat: npt.NDArray[np.float64],
) -> tuple[BaseGeometry, Message]:
    """Return the boundary and its origin.

    Parameters
    ----------
    given : shapely Polygon or MultiPolygon, optional
        EPSG:4326.
    box : tuple of float, optional
        Rectangle that the file declares (west, south, east, north), degrees; not used if it is not
        that of the streets: none lies in it, or it reaches farther than :data:`MAX_EMPTY_M` beyond
        them.
    lonlat : ndarray of float64, shape (n, 2)
        Nodes of the walk network, degrees; at least one.

    Returns
    -------
    boundary : shapely Polygon or MultiPolygon
        EPSG:4326.
    how : Message
        One clause for the report.

    Raises
    ------
    InputError
        If the given boundary is no polygon, empty, invalid, or holds no street of the extract.
    """
    if given is not None:
        return _checked(given, lonlat), Message("osm.boundary_given")
    fault = None if box is None else _fault(box, lonlat)
    if box is not None and fault is None:
        return shapely.box(*box), Message("osm.boundary_box")
    centre = lonlat.mean(axis=0)
    epsg = metric_epsg(*centre)
    xy = project_points(lonlat[:, 0], lonlat[:, 1], epsg)
    hull = shapely.MultiPoint(xy).convex_hull.buffer(HULL_MARGIN_M)
    said = {"margin": HULL_MARGIN_M}
    how = (
        Message("osm.boundary_hull", said)
        if fault is None
        else Message("osm.boundary_hull_as", {**said, "fault": fault})
    )
    return project_geometry(hull, epsg, STORED_EPSG), how


def _fault(
    box: tuple[float, float, float, float], lonlat: npt.NDArray[np.float64]
) -> Message | None:
    """Return why a declared rectangle is not that of the streets; None where it is."""
    if not _holds_any(shapely.box(*box), lonlat):
        return Message("osm.box_holds_no_street")
    west, south, east, north = np.concatenate([lonlat.min(axis=0), lonlat.max(axis=0)])
    middle = (south + north) / 2
    starts = [(west, middle), (west, south), (east, middle), (west, north)]
    ends = [(box[0], middle), (west, box[1]), (box[2], middle), (west, box[3])]
    beyond = [box[0] < west, box[1] < south, box[2] > east, box[3] > north]
    metres = _GEOD.inv(*np.transpose(starts), *np.transpose(ends))[2]
    farthest = float(np.max(np.where(beyond, metres, 0.0)))
    if farthest <= MAX_EMPTY_M:
        return None
    return Message("osm.box_reaches_far", {"km": farthest / 1000})


def _checked(given: BaseGeometry, lonlat: npt.NDArray[np.float64]) -> BaseGeometry:
    """Return the given boundary if it can bound this extract."""
    if given.geom_type not in {"Polygon", "MultiPolygon"} or given.is_empty or not given.is_valid:
        raise InputError("osm.boundary_unfit", kind=given.geom_type)
    if not _holds_any(given, lonlat):
        west, south, east, north = np.concatenate([lonlat.min(axis=0), lonlat.max(axis=0)])
        raise InputError(
            "osm.boundary_holds_no_street", west=west, south=south, east=east, north=north
        )
    return given


def _holds_any(boundary: BaseGeometry, lonlat: npt.NDArray[np.float64]) -> bool:
    shapely.prepare(boundary)
    return bool(shapely.intersects_xy(boundary, lonlat[:, 0], lonlat[:, 1]).any())
