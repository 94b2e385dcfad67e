"""Shapes of GML, in all ways in which they are written, become what they are."""

from xml.etree.ElementTree import fromstring

import pytest
import shapely

from boundaries.readers.exchange.gml_shapes import UnreadShapeError, shape_of

RING = "<LinearRing><posList>0 0 4 0 4 4 0 0</posList></LinearRing>"
HOLE = "<LinearRing><coordinates>3,1 3.5,1 3.5,1.5 3,1</coordinates></LinearRing>"
SEGMENT = "<LineStringSegment><posList>{}</posList></LineStringSegment>"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("<Point><pos>1 2</pos></Point>", "POINT (1 2)"),
        ("<Point><coord><X>1</X><Y>2</Y></coord></Point>", "POINT (1 2)"),
        ("<LineString><coordinates>1, 2 3, 4</coordinates></LineString>", "LINESTRING (1 2, 3 4)"),
        ('<LineString srsDimension="3"><posList>1 2 9 3 4 9</posList></LineString>',
         "LINESTRING (1 2, 3 4)"),
        ((f"<Curve><segments>{SEGMENT.format('0 0 1 0')}{SEGMENT.format('1 0 1 1')}</segments>"
         "</Curve>"), "LINESTRING (0 0, 1 0, 1 1)"),
        ((f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs><innerBoundaryIs>{HOLE}"
         "</innerBoundaryIs></Polygon>"),
         "POLYGON ((0 0, 4 0, 4 4, 0 0), (3 1, 3.5 1, 3.5 1.5, 3 1))"),
        ((f"<Surface><patches><PolygonPatch><exterior>{RING}</exterior></PolygonPatch></patches>"
         "</Surface>"), "POLYGON ((0 0, 4 0, 4 4, 0 0))"),
        (("<MultiPoint><pointMembers><Point><pos>1 2</pos></Point><Point><pos>3 4</pos></Point>"
         "</pointMembers></MultiPoint>"), "MULTIPOINT ((1 2), (3 4))"),
    ],
)  # fmt: skip
def test_a_shape_is_read(written, wanted):
    shape, is_closed = shape_of(fromstring(written))  # noqa: S314 - our own text
    assert shape == shapely.from_wkt(wanted)
    assert not is_closed


def test_an_open_ring_is_closed_and_told():
    ring = RING.replace(" 0 0<", "<")
    shape, is_closed = shape_of(fromstring(f"<Polygon><exterior>{ring}</exterior></Polygon>"))  # noqa: S314
    assert (shape.area, is_closed) == (8, True)


@pytest.mark.parametrize(
    "written",
    ["<Curve><segments><Arc><posList>0 0 1 1 2 0</posList></Arc></segments></Curve>",
     "<Solid/>", "<Point><pos>1 x</pos></Point>", "<Point><pos>nan 1</pos></Point>",
     "<LineString><posList>1 2 3</posList></LineString>"],
)  # fmt: skip
def test_what_is_not_read_is_named(written):
    with pytest.raises(UnreadShapeError):
        shape_of(fromstring(written))  # noqa: S314 - our own text
