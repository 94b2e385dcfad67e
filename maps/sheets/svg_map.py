"""The map of a sheet as SVG: ground, streets, buildings, grids and numbered points."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.arrays import GeometryArray, IntArray
from geo.network.prepare.squares import SQUARE
from maps import palettes
from maps.sheets.content import CategoryReach, ListedPlace, MapGround

WIDTH_MM: Final = 186.0
MARGIN: Final = 0.06
"""Share of the ground that is shown around what the sheet is for."""

LEAST_M: Final = 120.0
"""Least width of the ground shown, metres."""

_GROUND: Final = "#f6f4ef"
_OWN: Final = "#fff3d6"
_OPEN_GROUND: Final = {
    "field": "#eef0d8", "works": "#e9e4ea", "institution": "#f3e6d8", "park": "#dcebd0",
}  # fmt: skip
_BUILDING: Final = "#dad5ca"
_OWN_BUILDING: Final = "#c9b58a"
_WATER: Final = "#b7d5e6"
_WALL: Final = "#8a8378"
_STREET: Final = "#ffffff"
_CASING: Final = "#c8c2b5"
_BORDER: Final = "#b3261e"
_AROUND: Final = "#8d949a"

_STREET_MM: Final = {
    "motorway": 2.2, "trunk": 2.2, "primary": 2.2, "secondary": 1.9, "tertiary": 1.6,
    "unclassified": 1.3, "residential": 1.3, "living_street": 1.1, "service": 0.8,
    "pedestrian": 1.1,
}  # fmt: skip
_PATH_MM: Final = 0.35
_SEEN_MM: Final = 0.08
"""By so much a line may be drawn aside, millimetres: a dot of a printer with 300 an inch."""

_NAMES_MOST: Final = 14
_APART_MM: Final = 4.8
"""Between the numbers of two places."""

_BESIDE: Final = sorted(
    ((dx, dy) for dx in range(-3, 4) for dy in range(-3, 4)),
    key=lambda step: (step[0] ** 2 + step[1] ** 2, abs(step[1]), -step[0], step[1]),
)
"""Steps aside, the nearest first."""

_SCALES: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class _Frame:
    """How metres become millimetres on the page."""

    west: float
    north: float
    scale: float  # mm per metre
    width: float
    height: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the ground shown, metres."""
        return (
            self.west,
            self.north - self.height / self.scale,
            self.west + self.width / self.scale,
            self.north,
        )

    def xy(self, x: float, y: float) -> tuple[float, float]:
        """Return a place on the page, millimetres from its upper left corner."""
        return (x - self.west) * self.scale, (self.north - y) * self.scale


def draw_map(
    ground: MapGround, reach: Sequence[CategoryReach], *, height_mm: float, north: str
) -> str:
    """Return the map of a sheet as one SVG element, the same bytes for the same input.

    Parameters
    ----------
    ground : MapGround
    reach : sequence of CategoryReach
        Its numbered places are shown, and the ground reaches out to them.
    height_mm : float
        The width is :data:`WIDTH_MM`.
    north : str
        The letter on the arrow.
    """
    marks = [(place, each.fill) for each in reach for place in each.places if place.number]
    frame = _frame(ground.area, [place for place, _ in marks], height_mm)
    ground, area = _shown_ground(ground, frame), np.array([ground.area], dtype=object)
    whole = f'width="{frame.width:g}" height="{frame.height:g}"'
    inner = f'width="{frame.width - 0.4:g}" height="{frame.height - 0.4:g}"'  # with its whole line
    parts = [
        f'<rect {whole} fill="{_GROUND}"/>',
        *_areas(area, frame, f'fill="{_OWN}"'),
        *_open_grounds(ground.open_grounds, frame),
        *_water(ground.barriers, frame),
        *_streets(ground.streets, frame),
        *_buildings(ground, frame),
        *_walls(ground.barriers, frame),
        *_areas(
            ground.around.geometry, frame,
            f'fill="none" stroke="{_AROUND}" stroke-width="0.25" stroke-dasharray="1.4 0.9"',
        ),
        *_areas(
            ground.parts.geometry, frame, f'fill="none" stroke="{_BORDER}" stroke-width="0.4"'
        ),
        *_areas(
            area, frame,
            f'fill="none" stroke="{_BORDER}" stroke-width="1.1" stroke-linejoin="round"',
        ),
        *_gates(ground.gates, frame),
        *_street_names(ground.streets, frame),
        *_labels(ground.parts, frame),
        *_marks(marks, frame),
        _arrow(frame, north),
        _bar(frame),
        f'<rect x="0.2" y="0.2" {inner} fill="none" stroke="{palettes.INK}" stroke-width="0.4"/>',
    ]  # fmt: skip
    size = f"{frame.width:g} {frame.height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" viewBox="0 0 {size}" '
        f'width="{frame.width:g}mm" height="{frame.height:g}mm" role="img">'
        + "".join(parts)
        + "</svg>"
    )


def _frame(area: BaseGeometry, places: Sequence[ListedPlace], height_mm: float) -> _Frame:
    """Return the frame that shows an area and places, centred, with a margin."""
    west, south, east, north = area.bounds
    for place in places:
        west, east = min(west, place.x), max(east, place.x)
        south, north = min(south, place.y), max(north, place.y)
    width_m = max(east - west, LEAST_M) * (1 + 2 * MARGIN)
    height_m = max(north - south, LEAST_M * height_mm / WIDTH_MM) * (1 + 2 * MARGIN)
    scale = min(WIDTH_MM / width_m, height_mm / height_m)
    return _Frame(
        west=(west + east) / 2 - WIDTH_MM / scale / 2,
        north=(south + north) / 2 + height_mm / scale / 2,
        scale=scale,
        width=WIDTH_MM,
        height=height_mm,
    )


def _shown_ground(ground: MapGround, frame: _Frame) -> MapGround:
    """Return the rows of each layer that the frame can show."""
    box = shapely.box(*frame.box)

    def near(layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return layer.iloc[np.sort(layer.sindex.query(box))]

    layers = ("streets", "buildings", "barriers", "gates", "open_grounds")
    around = near(ground.around)
    around = around[~around["code"].isin(ground.own)]
    return replace(ground, around=around, **{name: near(getattr(ground, name)) for name in layers})


def _shown(shapes: GeometryArray, frame: _Frame) -> tuple[GeometryArray, IntArray]:
    """Return the parts of shapes inside the frame, and which shape each is of.

    Vertices that nobody sees are left out.
    """
    pad = 3 / frame.scale
    west, south, east, north = frame.box
    whole = np.asarray(shapes, dtype=object)
    broken = ~shapely.is_valid(whole)
    if broken.any():
        whole = whole.copy()
        whole[broken] = shapely.make_valid(whole[broken])
    clipped = shapely.clip_by_rect(whole, west - pad, south - pad, east + pad, north + pad)
    parts, of = shapely.get_parts(
        shapely.simplify(clipped, _SEEN_MM / frame.scale), return_index=True
    )
    seen = ~shapely.is_empty(parts)
    return parts[seen], of[seen]


def _of_kind(shapes: GeometryArray, frame: _Frame, kind: str) -> GeometryArray:
    """Return the parts inside the frame that are of one type of geometry."""
    parts = _shown(shapes, frame)[0]
    of_kind: GeometryArray = parts[shapely.get_type_id(parts) == shapely.GeometryType[kind]]
    return of_kind


def _path(shape: BaseGeometry, frame: _Frame) -> str:
    """Return a line or polygon as the data of a path."""
    if isinstance(shape, shapely.Polygon):
        rings = (shape.exterior, *shape.interiors)
        return "".join(_ring(ring, frame) + "Z" for ring in rings)
    return _ring(shape, frame)


def _ring(line: BaseGeometry, frame: _Frame) -> str:
    places = shapely.get_coordinates(line).tolist()
    west, north, scale = frame.west, frame.north, frame.scale
    return "M" + "L".join(f"{(x - west) * scale:.2f} {(north - y) * scale:.2f}" for x, y in places)


def _areas(shapes: GeometryArray, frame: _Frame, style: str) -> Iterator[str]:
    """Draw polygons as one path; where they overlap they are filled, where they have holes not."""
    parts = shapely.orient_polygons(_of_kind(shapes, frame, "POLYGON"))
    data = "".join(_path(part, frame) for part in parts)
    if data:
        yield f'<path d="{data}" {style}/>'


def _lines(shapes: GeometryArray, frame: _Frame, *styles: str) -> Iterator[str]:
    """Draw lines as one path, once for each style, the lowest first."""
    parts = _of_kind(shapes, frame, "LINESTRING")
    data = "".join(_path(part, frame) for part in parts)
    for style in styles if data else ():
        yield f'<path d="{data}" fill="none" {style}/>'


def _open_grounds(grounds: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    for kind, fill in _OPEN_GROUND.items():
        yield from _areas(grounds.loc[grounds["kind"] == kind].geometry, frame, f'fill="{fill}"')


def _water(barriers: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    rivers = barriers.loc[barriers["kind"] == "river"].geometry
    yield from _areas(rivers, frame, f'fill="{_WATER}"')
    yield from _lines(rivers, frame, f'stroke="{_WATER}" stroke-width="1.6"')


def _walls(barriers: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    walls = barriers.loc[barriers["kind"] == "wall"].geometry
    rails = barriers.loc[barriers["kind"] == "railway"].geometry
    lines = np.where(walls.area > 0, walls.boundary, walls)
    yield from _lines(lines, frame, f'stroke="{_WALL}" stroke-width="0.5"')
    ties = 'stroke="#ffffff" stroke-width="0.5" stroke-dasharray="1.5 1.5"'
    yield from _lines(rails, frame, f'stroke="{palettes.INK}" stroke-width="0.8"', ties)


def _streets(edges: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    """Draw ways on foot thin, carriageways as white bands with a casing, the widest last."""
    width = edges["kind"].str.removesuffix("_link").map(_STREET_MM)
    is_way = ~edges["tunnel"] & (edges["kind"] != SQUARE)  # across squares all is open
    paths = edges.loc[width.isna() & is_way].geometry
    style = f'stroke="{_WALL}" stroke-width="{_PATH_MM}" stroke-dasharray="0.9 0.6"'
    drawn = []
    for millimetres in sorted(width.dropna().unique()):
        ends = 'stroke-linecap="round"'
        casing = f'stroke="{_CASING}" stroke-width="{millimetres + 0.3:g}" {ends}'
        band = f'stroke="{_STREET}" stroke-width="{millimetres:g}" {ends}'
        drawn.append(tuple(_lines(edges.loc[width == millimetres].geometry, frame, casing, band)))
    for layer in zip(*filter(None, drawn), strict=True):  # all casings, then all bands
        yield from layer
    yield from _lines(paths, frame, style)


def _buildings(ground: MapGround, frame: _Frame) -> Iterator[str]:
    shapes = ground.buildings.geometry.to_numpy()
    inside = shapely.intersects(ground.area, shapely.point_on_surface(shapes))
    for own, fill in ((~inside, _BUILDING), (inside, _OWN_BUILDING)):
        parts = shapes[own]
        yield from _areas(parts, frame, f'fill="{fill}" stroke="#ffffff" stroke-width="0.1"')
        for point in _of_kind(parts, frame, "POINT"):
            x, y = frame.xy(point.x, point.y)
            corner = f'x="{x - 0.8:.2f}" y="{y - 0.8:.2f}"'
            yield f'<rect {corner} width="1.6" height="1.6" fill="{fill}"/>'


def _gates(gates: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    """Draw gates that are open as white diamonds, closed ones filled."""
    for gate, access in zip(gates.geometry, gates["access"], strict=True):
        x, y = frame.xy(gate.x, gate.y)
        if 0 <= x <= frame.width and 0 <= y <= frame.height:
            fill = _WALL if access == "closed" else "#ffffff"
            yield (
                f'<path d="M{x:.2f} {y - 1:.2f}l1 1l-1 1l-1 -1Z" fill="{fill}" '
                f'stroke="{_WALL}" stroke-width="0.3"/>'
            )


def _street_names(edges: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    """Write each name once, along the longest piece of its street, where there is room."""
    named = edges.loc[edges["name"] != ""]
    parts, of = _shown(named.geometry.to_numpy(), frame)
    best: dict[str, tuple[float, str, BaseGeometry]] = {}
    lengths, names = shapely.length(parts).tolist(), named["name"].to_numpy()[of]
    for length, name, part in zip(lengths, names, parts, strict=True):
        if part.geom_type == "LineString" and length > best.get(name, (0.0,))[0]:
            best[name] = (length, str(name), part)
    longest = sorted(best.values(), key=lambda piece: (-piece[0], piece[1]))[:_NAMES_MOST]
    for length, name, part in longest:
        if length * frame.scale >= _width_mm(name, 2.6):
            yield _along(part, name, frame)


def _width_mm(text: str, size: float) -> float:
    """Return about how wide a text is: a Chinese character is a square, a Latin one half of it."""
    return sum(size if ord(each) > 0x2E80 else 0.56 * size for each in text)  # noqa: PLR2004


def _along(line: BaseGeometry, name: str, frame: _Frame) -> str:
    middle = line.interpolate(0.5, normalized=True)
    step = min(5.0, line.length / 4)
    before, after = (line.interpolate(line.length / 2 + each) for each in (-step, step))
    angle = -math.degrees(math.atan2(after.y - before.y, after.x - before.x))
    angle = (angle + 90) % 180 - 90  # never upside down
    x, y = frame.xy(middle.x, middle.y)
    turn = f'transform="rotate({angle:.1f} {x:.2f} {y:.2f})"'
    return _haloed(name, x, y + 0.9, size=2.6, colour="#4d5359", extra=turn)


def _haloed(
    text: str, x: float, y: float, *, size: float, colour: str, extra: str = "", bold: bool = False
) -> str:
    """Return a text on a white seam, readable on any ground."""
    weight = ' font-weight="700"' if bold else ""
    place = f'x="{x:.2f}" y="{y:.2f}" font-size="{size:g}" text-anchor="middle"{weight} {extra}'
    said = escape(text)
    return (
        f'<text {place} fill="#ffffff" stroke="#ffffff" stroke-width="0.7" '
        f'stroke-linejoin="round">{said}</text><text {place} fill="{colour}">{said}</text>'
    )


def _labels(parts: gpd.GeoDataFrame, frame: _Frame) -> Iterator[str]:
    """Write the label of each grid inside where it is widest."""
    shapes = parts.geometry.to_numpy()
    if not len(shapes):
        return
    circles = shapely.maximum_inscribed_circle(shapes, tolerance=1.0)
    for label, circle in zip(parts["label"], circles, strict=True):
        x, y = frame.xy(*circle.coords[0][:2])
        if label:
            yield _haloed(label, x, y + 1.1, size=3.1, colour=_BORDER, bold=True)


def _marks(marks: Sequence[tuple[ListedPlace, str]], frame: _Frame) -> Iterator[str]:
    """Draw the numbers, beside one another where places share one, with a line to the place."""
    taken: list[tuple[float, float]] = []
    for place, fill in marks:
        x, y = frame.xy(place.x, place.y)
        free = (
            (x + _APART_MM * dx, y + _APART_MM * dy)
            for dx, dy in _BESIDE
            if all(
                math.hypot(x + _APART_MM * dx - u, y + _APART_MM * dy - v) >= _APART_MM - 0.01
                for u, v in taken
            )
        )
        u, v = next(free, (x, y))
        taken.append((u, v))
        if (u, v) != (x, y):
            yield (
                f'<path d="M{x:.2f} {y:.2f}L{u:.2f} {v:.2f}" stroke="{palettes.INK}" '
                f'stroke-width="0.3"/><circle cx="{x:.2f}" cy="{y:.2f}" r="0.6" '
                f'fill="{palettes.INK}"/>'
            )
        yield _mark(place.number, u, v, fill)


def _mark(number: int, x: float, y: float, fill: str) -> str:
    ink = palettes.ink_on(fill)
    return (
        f'<circle cx="{x:.2f}" cy="{y:.2f}" r="2.3" fill="{fill}" stroke="#ffffff" '
        f'stroke-width="0.5"/><text x="{x:.2f}" y="{y + 0.95:.2f}" font-size="2.7" '
        f'font-weight="700" text-anchor="middle" fill="{ink}">{number}</text>'
    )


def _arrow(frame: _Frame, north: str) -> str:
    x = frame.width - 7
    return (
        f'<path d="M{x:g} 3.5l2.4 7.5l-2.4 -1.7l-2.4 1.7Z" fill="{palettes.INK}" '
        f'stroke="#ffffff" stroke-width="0.4"/>'
        + _haloed(north, x, 14.6, size=3.2, colour=palettes.INK, bold=True)
    )


def _bar(frame: _Frame) -> str:
    """Draw the scale bar, the longest round length of at most a quarter of the width."""
    most = frame.width / 4 / frame.scale
    metres = max((each for each in _SCALES if each <= most), default=_SCALES[0])
    length, y = metres * frame.scale, frame.height - 4
    said = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"  # noqa: PLR2004
    return (
        f'<path d="M5 {y - 1.2:g}V{y:g}H{5 + length:.2f}V{y - 1.2:g}" fill="none" '
        f'stroke="#ffffff" stroke-width="1.3"/><path d="M5 {y - 1.2:g}V{y:g}H{5 + length:.2f}'
        f'V{y - 1.2:g}" fill="none" stroke="{palettes.INK}" stroke-width="0.5"/>'
        + _haloed(said, 5 + length / 2, y - 1.9, size=2.8, colour=palettes.INK)
    )
