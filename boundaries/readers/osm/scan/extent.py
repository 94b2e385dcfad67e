"""Boundary of the district: given, declared by the file, or a hull around its streets."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import STORED_EPSG, metric_epsg, project_geometry, project_points
from geo.errors import InputError

HULL_MARGIN_M: Final = 50.0
"""Buffer around the hull of the streets, metres, so that buildings along them lie inside."""


def find_boundary(
    given: BaseGeometry | None,
    box: tuple[float, float, float, float] | None,
    lonlat: npt.NDArray[np.float64],
) -> tuple[BaseGeometry, str]:
    """Return the boundary and its origin.

    Parameters
    ----------
    given : shapely Polygon or MultiPolygon, optional
        EPSG:4326.
    box : tuple of float, optional
        Rectangle that the file declares (west, south, east, north), degrees; not used if no
        street lies in it.
    lonlat : ndarray of float64, shape (n, 2)
        Nodes of the walk network, degrees; at least one.

    Returns
    -------
    boundary : shapely Polygon or MultiPolygon
        EPSG:4326.
    how : str
        One clause for the report.

    Raises
    ------
    InputError
        If the given boundary is no polygon, empty, invalid, or holds no street of the extract.
    """
    if given is not None:
        return _checked(given, lonlat), "given"
    if box is not None and _holds_any(shapely.box(*box), lonlat):
        return shapely.box(*box), "the rectangle that the file declares"
    centre = lonlat.mean(axis=0)
    epsg = metric_epsg(*centre)
    xy = project_points(lonlat[:, 0], lonlat[:, 1], epsg)
    hull = shapely.MultiPoint(xy).convex_hull.buffer(HULL_MARGIN_M)
    how = f"the convex hull of the streets and {HULL_MARGIN_M:g} m around it"
    return project_geometry(hull, epsg, STORED_EPSG), how


def _checked(given: BaseGeometry, lonlat: npt.NDArray[np.float64]) -> BaseGeometry:
    """Return the given boundary if it can bound this extract."""
    if given.geom_type not in {"Polygon", "MultiPolygon"} or given.is_empty or not given.is_valid:
        raise InputError(
            f"The boundary is a {given.geom_type}, empty or invalid; wanted one valid Polygon or "
            "MultiPolygon in EPSG:4326. Repair it first."
        )
    if not _holds_any(given, lonlat):
        west, south, east, north = np.concatenate([lonlat.min(axis=0), lonlat.max(axis=0)])
        raise InputError(
            "The boundary holds no street of the extract, which reaches from "
            f"{west:.4f}, {south:.4f} to {east:.4f}, {north:.4f}; check that its coordinates are "
            "longitude and latitude, in this order, and that the two belong together."
        )
    return given


def _holds_any(boundary: BaseGeometry, lonlat: npt.NDArray[np.float64]) -> bool:
    shapely.prepare(boundary)
    return bool(shapely.intersects_xy(boundary, lonlat[:, 0], lonlat[:, 1]).any())
