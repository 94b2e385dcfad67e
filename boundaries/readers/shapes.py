"""Normalise imported geometry: EPSG:4326, 2D, valid, of the right type, near the district."""

from collections.abc import Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from boundaries.readers.rows import Mask, Rows
from geo.crs import STORED_EPSG, metric_epsg
from geo.gcj02 import MapFrame, to_wgs84
from geo.messages import Message
from geo.model.layers import District

Shapes = npt.NDArray[np.object_]

FAR_M: Final = 50_000.0
"""Largest distance of a feature from the district's bounding box, metres; nobody walks farther."""

STRAY_M: Final = 5_000.0
"""How far a vertex may lie outside the district's bounding box while others of its shape are
nearer, metres: no building or grid is as long."""

_SAME: Final = {STORED_EPSG, 4490}
_GEOD: Final = pyproj.Geod(ellps="WGS84")
_POLYGONS: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def place(rows: Rows, crs: pyproj.CRS, district: District | None, *, stray: bool = True) -> None:
    """Bring the geometry of `rows` to EPSG:4326, two-dimensional and where the district is.

    Swapped coordinates are swapped back if that brings them to the district; what has no
    coordinates, lies at (0, 0) or far away is rejected, and so is, unless `stray` is false, what
    has a single vertex far away. Frames of map services become WGS 84 where `rows.frames` says so.
    """
    rows.reject(_missing(_shapes(rows)), Message("reading.no_geometry"))
    shapes = _shapes(rows)
    rows.reject(~_finite(shapes), Message("reading.no_coordinate"))
    shapes = _shapes(rows)
    deep = shapely.has_z(shapes) | shapely.has_m(shapes)
    rows.repair(deep, Message("reading.flattened"))
    shapes = shapely.force_2d(shapes)
    nowhere = (shapely.bounds(shapes) == 0).all(axis=1)
    stored = _to_stored(shapes, crs)
    swapped = _swapped(shapes, stored, crs, district)
    rows.repair(swapped & ~nowhere, Message("reading.swapped_back"))
    if swapped.any():
        stored[swapped] = _to_stored(flip(shapes[swapped]), crs)
    stored = _from_frames(rows, stored)
    rows.frame = gpd.GeoDataFrame(
        rows.frame.drop(columns=rows.frame.geometry.name),
        geometry=stored,
        crs=STORED_EPSG,
    )
    rows.reject(nowhere, Message("reading.at_zero"))
    _reject_far(rows, district)
    if stray and district is not None:
        _reject_stray(rows, district)


def _from_frames(rows: Rows, shapes: Shapes) -> Shapes:
    """Return shapes in WGS 84, from what frame the rows are said to be in."""
    if rows.frames is None:
        return shapes
    frames = rows.frames.loc[rows.frame.index].to_numpy()
    for frame in (MapFrame.GCJ02, MapFrame.BD09):
        of_frame = frames == frame
        if of_frame.any():
            shapes = shapes.copy()
            shapes[of_frame] = in_wgs84(shapes[of_frame], frame)
            rows.repair(of_frame, Message("reading.from_frame", {"frame": str(frame)}))
    return shapes


def in_wgs84(shapes: Shapes, frame: MapFrame) -> Shapes:
    """Return shapes in degrees of a frame of map services in WGS 84."""
    moved: Shapes = shapely.transform(
        shapes, lambda xy: np.column_stack(to_wgs84(frame, xy[:, 0], xy[:, 1]))
    )
    return moved


def polygons(rows: Rows, district: District | None) -> None:
    """Repair polygons and note the change of area; reject geometry without area."""
    shapes = _shapes(rows)
    kinds = shapely.get_type_id(shapes)
    rows.reject(
        ~np.isin(kinds, _POLYGONS),
        [Message("reading.no_polygon", {"kind": _name(shape)}) for shape in shapes],
    )
    _make_valid(rows, district)


def footprints(rows: Rows, district: District | None) -> None:
    """Keep points, and polygons made valid; single points of a collection become points."""
    _single_points(rows)
    shapes = _shapes(rows)
    kinds = shapely.get_type_id(shapes)
    wanted = np.isin(kinds, (*_POLYGONS, shapely.GeometryType.POINT))
    rows.reject(
        ~wanted,
        [Message("reading.no_point_or_polygon", {"kind": _name(shape)}) for shape in shapes],
    )
    _make_valid(rows, district)


def points(rows: Rows, district: District | None) -> None:
    """Keep points; an area becomes a point inside it."""
    footprints(rows, district)
    shapes = _shapes(rows)
    areas = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    rows.repair(areas, Message("reading.area_to_point"))
    _set(rows, np.where(areas, shapely.point_on_surface(shapes), shapes))


def _single_points(rows: Rows) -> None:
    shapes = _shapes(rows)
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(shapes) == 1
    )
    rows.repair(single, Message("reading.one_point"))
    _set(rows, np.where(single, shapely.get_geometry(shapes, 0), shapes))


def _make_valid(rows: Rows, district: District | None) -> None:
    shapes = _shapes(rows)
    broken = ~shapely.is_valid(shapes)
    if not broken.any():
        return
    mended = shapes.copy()
    mended[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    epsg = district.epsg if district else _metric_of(mended[broken])
    before, after = (_areas_m2(part[broken], epsg) for part in (shapes, mended))
    for row, old, new in zip(rows.frame.index[broken], before, after, strict=True):
        said = {"row": rows.label(row), "before": float(old), "after": float(new)}
        rows.report.note(Message("reading.made_valid_row", said))
    rows.repair(broken, Message("reading.made_valid"))
    _set(rows, mended)
    rows.reject(_missing(mended), Message("reading.no_area"))


def _areas_m2(shapes: Shapes, epsg: int) -> npt.NDArray[np.float64]:
    series = gpd.GeoSeries(shapes, crs=STORED_EPSG).to_crs(epsg)
    areas: npt.NDArray[np.float64] = series.area.to_numpy()
    return areas


def _metric_of(shapes: Shapes) -> int:
    west, south, east, north = shapely.total_bounds(shapes)
    return metric_epsg((west + east) / 2, (south + north) / 2)


def _to_stored(shapes: Shapes, crs: pyproj.CRS) -> Shapes:
    """Return shapes in EPSG:4326; CGCS2000 degrees are used unchanged."""
    if crs.to_epsg() in _SAME:
        return shapes.copy()
    series = gpd.GeoSeries(shapes, crs=crs).to_crs(STORED_EPSG)
    stored: Shapes = series.to_numpy()
    return stored


def flip(shapes: Shapes) -> Shapes:
    """Return shapes with their axes swapped."""
    flipped: Shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return flipped


def _swapped(shapes: Shapes, stored: Shapes, crs: pyproj.CRS, district: District | None) -> Mask:
    """Return a mask of shapes that are plausible only with their axes swapped."""
    swapped = ~_plausible(stored, district)
    if swapped.any():
        flipped = _to_stored(flip(shapes[swapped]), crs)
        swapped[swapped] = _plausible(flipped, district)
    return swapped


def _plausible(shapes: Shapes, district: District | None) -> Mask:
    bounds = shapely.bounds(shapes)
    inside: Mask = np.all(np.abs(bounds) <= (180, 90, 180, 90), axis=1)
    if district is None:
        return inside
    inside[inside] = distances_m(bounds[inside], district) <= FAR_M
    return inside


def distances_m(bounds: npt.NDArray[np.float64], district: District) -> npt.NDArray[np.float64]:
    """Return metres on the ellipsoid from the middle of boxes to the district's box."""
    west, south, east, north = district.boundary.bounds
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    near_lon, near_lat = np.clip(lon, west, east), np.clip(lat, south, north)
    metres: npt.NDArray[np.float64] = np.asarray(_GEOD.inv(lon, lat, near_lon, near_lat)[2])
    return metres


def _reject_far(rows: Rows, district: District | None) -> None:
    shapes = _shapes(rows)
    off = ~_plausible(shapes, None)
    corners = shapely.bounds(shapes)[:, :2]
    rows.reject(
        off,
        [Message("reading.no_lon_lat_pair", {"x": float(x), "y": float(y)}) for x, y in corners],
    )
    if district is None:
        return
    far = distances_m(shapely.bounds(_shapes(rows)), district)
    rows.reject(
        far > FAR_M,
        [
            Message("reading.far_away", {"km": float(metres) / 1000, "district": district.code})
            for metres in far
        ],
    )


def _reject_stray(rows: Rows, district: District) -> None:
    """Reject shapes of which some vertices are near the district and others far away."""
    xy, owner = shapely.get_coordinates(_shapes(rows), return_index=True)
    metres = distances_m(np.column_stack([xy, xy]), district)
    farthest, nearest = np.zeros(len(rows.frame)), np.full(len(rows.frame), np.inf)
    np.maximum.at(farthest, owner, metres)
    np.minimum.at(nearest, owner, metres)
    bad = (farthest > STRAY_M) & (nearest <= STRAY_M)
    reasons = {}
    for row in np.flatnonzero(bad).tolist():
        at = np.flatnonzero(owner == row)
        far = int(at[np.argmax(metres[at])])
        said = {"n": int((metres[at] > STRAY_M).sum()), "km": float(metres[far]) / 1000,
                "x": float(xy[far, 0]), "y": float(xy[far, 1])}  # fmt: skip
        reasons[row] = Message("reading.stray_vertex", said)
    rows.reject(bad, reasons)


def _finite(shapes: Shapes) -> Mask:
    """Return which shapes have only finite coordinates."""
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = owner[~np.isfinite(coordinates).all(axis=1)]
    finite = np.ones(len(shapes), dtype=bool)
    finite[bad] = False
    return finite


def _missing(shapes: Shapes) -> Mask:
    missing: Mask = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return missing


def _name(shape: Any) -> str:  # noqa: ANN401 (a shapely geometry)
    return str(shape.geom_type)


def _shapes(rows: Rows) -> Shapes:
    shapes: Shapes = np.asarray(rows.frame.geometry.to_numpy(), dtype=object)
    return shapes


def _set(rows: Rows, shapes: Sequence[Any] | Shapes) -> None:
    rows.frame = rows.frame.set_geometry(
        gpd.GeoSeries(shapes, index=rows.frame.index, crs=STORED_EPSG)
    )
