"""Geometry columns: encoding of geometries for each database.

SQLite holds geometry as *GeoPackage binary* (OGC 12-128r18, section 2.1.3): a header with the
coordinate system and the bounding box, then well-known binary. PostGIS takes and gives well-known
binary with the coordinate system in it. Whole columns are encoded and decoded at once, because a
district has 200,000 of them.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Dialect
from sqlalchemy.types import LargeBinary, TypeDecorator, TypeEngine, UserDefinedType

from geo.crs import STORED_EPSG
from geo.errors import FileFormatError

_HEADER: Final = np.dtype(
    [("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs", "<i4"), ("envelope", "<f8", (4,))]
)
_BARE: Final = 8  # bytes of a header without an envelope
_LITTLE_ENDIAN: Final = 0x01
_ENVELOPE_XY: Final = 0x02
_EMPTY: Final = 0x10
_ENVELOPE_BYTES: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
_STORED: Final = {STORED_EPSG, 4490, 0, -1}
"""Coordinate systems that a header may name: CGCS2000 is taken as equal, 0 and -1 say nothing."""

PROMOTED: Final = "MULTIPOLYGON"
"""Kind of a column that holds single polygons as a collection of one: QGIS offers one kind."""

Bounds = tuple[float, float, float, float]


def encode(geometries: Sequence[BaseGeometry] | npt.NDArray[np.object_]) -> list[bytes]:
    """Return shapes as GeoPackage binary, two dimensions, EPSG:4326, with an x-y envelope.

    Parameters
    ----------
    geometries : sequence of shapely geometry, shape (n,)
        No missing ones.

    Returns
    -------
    list of bytes, length n
        An empty shape has the empty flag and no envelope.

    Examples
    --------
    >>> from shapely import Point
    >>> blob = encode([Point(118, 37)])[0]
    >>> blob[:2], len(blob), blob_bounds(blob)
    (b'GP', 61, (118.0, 37.0, 118.0, 37.0))
    """
    shapes = np.asarray(geometries, dtype=object)
    bodies = shapely.to_wkb(shapes, output_dimension=2, byte_order=1)
    headers = np.zeros(len(shapes), dtype=_HEADER)
    headers["magic"] = b"GP"
    headers["flags"] = _LITTLE_ENDIAN | _ENVELOPE_XY
    headers["srs"] = STORED_EPSG
    headers["envelope"] = shapely.bounds(shapes)[:, [0, 2, 1, 3]]
    raw, size = headers.tobytes(), _HEADER.itemsize
    blobs = [raw[i * size : (i + 1) * size] + body for i, body in enumerate(bodies)]
    for i in np.flatnonzero(shapely.is_empty(shapes)):
        flags = _LITTLE_ENDIAN | _EMPTY
        blobs[i] = b"GP" + struct.pack("<BBi", 0, flags, STORED_EPSG) + bodies[i]
    return blobs


def decode(blobs: Iterable[bytes]) -> npt.NDArray[np.object_]:
    """Return the shapes of a column of GeoPackage binary, written by any program.

    Parameters
    ----------
    blobs : iterable of bytes, length n

    Returns
    -------
    ndarray of shapely geometry, shape (n,)
        Two dimensions, whatever was stored.

    Raises
    ------
    FileFormatError
        If a value is not GeoPackage binary, is curved, or names another coordinate system.
    """
    try:
        kept = list(blobs)
        shapes = np.asarray(shapely.from_wkb([blob[_body(blob) :] for blob in kept]), dtype=object)
        systems = {_system(*header) for header in {(blob[3] & 1, blob[4:8]) for blob in kept}}
    except (TypeError, IndexError, KeyError, shapely.errors.GEOSException) as error:
        raise FileFormatError("store.no_geopackage_binary", reason=str(error)) from error
    except NotImplementedError as error:
        raise FileFormatError("store.curved") from error
    if systems - _STORED:
        got = min(systems - _STORED)
        raise FileFormatError("store.other_system", got=got, wanted=STORED_EPSG)
    flat: npt.NDArray[np.object_] = shapely.force_2d(shapes)
    return flat


def promoted(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return shapes with each polygon as a collection of one, as a promoted column holds it."""
    result = np.array(shapes, dtype=object)
    single = shapely.get_type_id(result) == shapely.GeometryType.POLYGON
    if single.any():
        result[single] = shapely.multipolygons(result[single], indices=np.arange(single.sum()))
    return result


def single(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return shapes with each collection of one polygon as that polygon: :func:`promoted` undone.

    Examples
    --------
    >>> from shapely import box
    >>> stored = promoted(np.array([box(0, 0, 1, 1)]))
    >>> stored[0].geom_type, single(stored)[0].geom_type
    ('MultiPolygon', 'Polygon')
    """
    many = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON
    alone = many & (shapely.get_num_geometries(shapes) == 1)
    result: npt.NDArray[np.object_] = np.where(alone, shapely.get_geometry(shapes, 0), shapes)
    return result


def blob_bounds(blob: bytes) -> Bounds | None:
    """Return (west, south, east, north) of one GeoPackage binary, `None` if it is empty."""
    flags = blob[3]
    if flags & _EMPTY:
        return None
    if (flags >> 1) & 0x07:
        order = "<" if flags & _LITTLE_ENDIAN else ">"
        west, east, south, north = struct.unpack_from(order + "4d", blob, _BARE)
        return west, south, east, north
    shape = shapely.from_wkb(blob[_BARE:])
    return None if shape.is_empty else shape.bounds


def _body(blob: bytes) -> int:
    """Return where the well-known binary starts."""
    if blob[:2] != b"GP":
        raise TypeError("no GP mark")
    return _BARE + _ENVELOPE_BYTES[(blob[3] >> 1) & 0x07]


def _system(little_endian: int, header: bytes) -> int:
    """Return the coordinate system that a header names."""
    return int.from_bytes(header, "little" if little_endian else "big", signed=True)


def encode_ewkb(geometries: Sequence[BaseGeometry] | npt.NDArray[np.object_]) -> list[bytes]:
    """Return shapes as EWKB for PostGIS: EPSG:4326, two dimensions."""
    shapes = shapely.set_srid(np.asarray(geometries, dtype=object), STORED_EPSG)
    return list(shapely.to_wkb(shapes, output_dimension=2, byte_order=1, include_srid=True))


def decode_ewkb(blobs: Iterable[bytes]) -> npt.NDArray[np.object_]:
    """Return the shapes of a column of PostGIS, without the coordinate system that they name."""
    try:
        shapes = np.asarray(shapely.from_wkb(list(blobs)), dtype=object)
    except (TypeError, NotImplementedError, shapely.errors.GEOSException) as error:
        raise FileFormatError("store.unreadable_shape", reason=str(error)) from error
    plain: npt.NDArray[np.object_] = shapely.set_srid(shapes, 0)
    return plain


class _GeoPackageColumn(UserDefinedType[bytes]):
    """A SQLite column whose declared type is the GeoPackage name of its geometry."""

    cache_ok = True

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get_col_spec(self, **_: Any) -> str:  # noqa: ANN401 (SQLAlchemy's signature)
        return self.kind


class Geometry(TypeDecorator[BaseGeometry]):
    """A geometry column in EPSG:4326.

    Parameters
    ----------
    kind : str
        ``POINT``, ``LINESTRING``, ``MULTIPOLYGON`` or, for a mixture, ``GEOMETRY``. PostGIS would
        refuse a polygon for a typed column of multipolygons before any trigger sees it, so there a
        constraint names that kind, and a trigger promotes what a client sends.
    """

    impl = LargeBinary
    cache_ok = True
    spatial_index = False  # GeoAlchemy2 asks; our tables name their indices themselves

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type that `dialect` declares in its tables."""
        if not dialect:  # GeoAlchemy2 asks so, when it looks for columns to set up itself
            return LargeBinary()
        if dialect.name == "postgresql":
            import geoalchemy2  # noqa: PLC0415 - heavy, and a file needs none of it

            kind = "GEOMETRY" if self.kind == PROMOTED else self.kind
            postgis_type = geoalchemy2.Geometry(kind, srid=STORED_EPSG, spatial_index=False)
            return dialect.type_descriptor(postgis_type)
        return dialect.type_descriptor(_GeoPackageColumn(self.kind))

    def process_bind_param(self, value: BaseGeometry | bytes | None, dialect: Dialect) -> Any:  # noqa: ANN401 (what the driver takes)
        """Encode one shape; bytes are taken as encoded already."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            import geoalchemy2  # noqa: PLC0415 - as above

            blob = encode_ewkb([value])[0] if isinstance(value, BaseGeometry) else value
            return geoalchemy2.WKBElement(blob, extended=True)
        return encode([value])[0] if isinstance(value, BaseGeometry) else value

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseGeometry | None:  # noqa: ANN401 (what the driver gives)
        """Decode one shape."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            from geoalchemy2.shape import to_shape  # noqa: PLC0415 - as above

            return to_shape(value)
        shape: BaseGeometry = decode([value])[0]
        return shape
