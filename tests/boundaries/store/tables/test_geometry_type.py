"""Geometry goes through GeoPackage binary unchanged, byte for byte of well-known binary."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from boundaries.store.tables.geometry_type import blob_bounds, decode, encode
from geo.errors import FileFormatError

_lon = st.floats(-180, 180, allow_nan=False)
_lat = st.floats(-90, 90, allow_nan=False)
_pairs = st.tuples(_lon, _lat)
_shapes = st.one_of(
    _pairs.map(Point),
    st.lists(_pairs, min_size=2, max_size=9).map(LineString),
    st.lists(_pairs, min_size=3, max_size=9).map(Polygon),
    st.lists(_pairs.map(lambda p: Point(p).buffer(1, quad_segs=1)), max_size=3).map(MultiPolygon),
    st.just(Point()),
    st.just(GeometryCollection()),
)


@given(st.lists(_shapes, max_size=5))
def test_a_column_comes_back_byte_for_byte(shapes):
    back = decode(encode(shapes))
    assert [shapely.to_wkb(s) for s in back] == [shapely.to_wkb(s) for s in shapes]
    boxes = [blob_bounds(blob) for blob in encode(shapes)]
    assert boxes == [None if s.is_empty else s.bounds for s in shapes]


def test_the_third_dimension_is_dropped():
    assert decode(encode([Point(1, 2, 3)]))[0].has_z is False


def test_foreign_headers_are_read():
    body = shapely.to_wkb(box(1, 2, 3, 4), byte_order=0)
    bare = b"GP\x00\x00" + (4326).to_bytes(4, "big") + body
    assert decode([bare])[0].equals(box(1, 2, 3, 4))
    assert blob_bounds(bare) == (1, 2, 3, 4)


@pytest.mark.parametrize(
    "blob", [b"", b"GP", b"XX\x00\x01abcdefgh", b"GP\x00\x01\xe6\x10\x00\x00zz"]
)
def test_garbage_is_one_clear_error(blob):
    with pytest.raises(FileFormatError, match="not GeoPackage binary"):
        decode([blob])
