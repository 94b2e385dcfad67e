"""Shapes as GML writes them, of versions 2 and 3, without curves that are no lines."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element

import numpy as np
import shapely

from geo.arrays import FloatArray

_LINES: Final = ("LineString", "LinearRing", "LineStringSegment")
_JOINED: Final = ("Curve", "CompositeCurve", "Ring")
_AREAS: Final = ("Polygon", "PolygonPatch", "Rectangle", "Triangle")
_OUTSIDE: Final = ("exterior", "outerBoundaryIs")
_BORDERS: Final = (*_OUTSIDE, "interior", "innerBoundaryIs")
_SEVERAL: Final = (
    "MultiPoint", "MultiLineString", "MultiCurve", "MultiPolygon", "MultiSurface", "MultiGeometry",
    "Surface", "CompositeSurface", "PolyhedralSurface", "TriangulatedSurface", "Tin",
)  # fmt: skip
SHAPES: Final = frozenset({"Point", *_LINES, *_JOINED, *_AREAS, *_SEVERAL})
"""Elements that are read as shapes."""

_FEWEST_OF_RING: Final = 3
_TOGETHER: Final[dict[str, Callable[[Any], Any]]] = {
    "Point": shapely.multipoints,
    "LineString": shapely.multilinestrings,
    "Polygon": shapely.multipolygons,
}


class UnreadShapeError(Exception):
    """A shape, or a part of one, that is not read; its message is the element's name."""


def shape_of(element: Element) -> tuple[Any, bool]:
    """Return a shape, None where there is nothing in it, and whether a ring was closed.

    Coordinates are in the order in which they are written; heights are left out.

    Raises
    ------
    UnreadShapeError
        If it has parts that are not read, such as arcs, or numbers that are none.
    """
    closed: list[bool] = []
    return _shape(element, 2, closed), any(closed)


def _shape(element: Element, dimension: int, closed: list[bool]) -> Any:  # noqa: ANN401 - or None
    dimension = _dimension(element, dimension)
    tag = element.tag
    if tag == "Point":
        xy = _places(element, dimension)
        return shapely.Point(xy[0]) if len(xy) == 1 else None
    if tag in _LINES or tag in _JOINED:
        xy = _line(element, dimension)
        return shapely.LineString(xy) if len(xy) > 1 else None
    if tag in _AREAS:
        return _area(element, dimension, closed)
    if tag not in _SEVERAL:
        raise UnreadShapeError(tag)
    found = [_shape(part, dimension, closed) for part in _inside(element)]
    parts = shapely.get_parts([each for each in found if each is not None])
    kinds = {part.geom_type for part in parts}
    if not kinds:
        return None
    if len(parts) == 1:
        return parts[0]
    return (_TOGETHER[kinds.pop()] if len(kinds) == 1 else shapely.geometrycollections)(parts)


def _area(element: Element, dimension: int, closed: list[bool]) -> Any:  # noqa: ANN401 - or None
    rings: dict[bool, list[FloatArray]] = {True: [], False: []}
    for border in element:
        if border.tag not in _BORDERS:
            continue
        for ring in border:
            xy = _line(ring, dimension)
            if len(np.unique(xy, axis=0)) < _FEWEST_OF_RING:
                return None
            closed.append(bool((xy[0] != xy[-1]).any()))
            rings[border.tag in _OUTSIDE].append(xy)
    return shapely.Polygon(rings[True][0], rings[False]) if len(rings[True]) == 1 else None


def _line(element: Element, dimension: int) -> FloatArray:
    """Return the corners of a line, or of several that follow one another."""
    dimension = _dimension(element, dimension)
    if element.tag in _LINES:
        return _places(element, dimension)
    if element.tag not in _JOINED:
        raise UnreadShapeError(element.tag)
    parts = [_line(part, dimension) for part in _inside(element)]
    xy = np.concatenate([np.empty((0, 2)), *parts])
    again = np.zeros(len(xy), np.bool_)
    again[1:] = (xy[1:] == xy[:-1]).all(axis=1)
    return np.asarray(xy[~again], np.float64)


def _inside(element: Element) -> Sequence[Element]:
    """Return the shapes of an element, whatever holds them together."""
    return [part for child in element for part in ([child] if child.tag in SHAPES else child)]


def _dimension(element: Element, above: int) -> int:
    told = element.get("srsDimension", "")
    return int(told) if told in {"2", "3"} else above


def _places(element: Element, dimension: int) -> FloatArray:
    """Return the coordinates of an element, in whichever of five ways they are written."""
    found: list[list[float]] = []
    try:
        for child in element:
            text = child.text or ""
            if child.tag == "posList":
                step = _dimension(child, dimension)
                numbers = [float(each) for each in text.split()]
                if len(numbers) % step:
                    raise UnreadShapeError(child.tag)
                found += [numbers[at : at + 2] for at in range(0, len(numbers), step)]
            elif child.tag == "pos":
                found.append([float(each) for each in text.split()][:2])
            elif child.tag == "coordinates":
                comma, blank = child.get("cs", ","), child.get("ts", " ")
                text = comma.join(part.strip() for part in text.split(comma))
                pairs = text.split() if blank == " " else text.strip().split(blank)
                found += [[float(each) for each in pair.split(comma)][:2] for pair in pairs]
            elif child.tag == "coord":
                found.append([float(child.findtext(name) or "") for name in ("X", "Y")])
            elif child.tag in {"pointProperty", "pointRep"}:
                found += [xy for point in child for xy in _places(point, dimension).tolist()]
        xy = np.array(found, np.float64).reshape(-1, 2)
    except ValueError as error:
        raise UnreadShapeError(element.tag) from error
    if not np.isfinite(xy).all():
        raise UnreadShapeError(element.tag)
    return xy
