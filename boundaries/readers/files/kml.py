"""KML and KMZ, read here: GDAL's drivers lose the names of Chinese columns, or all columns."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import declared_in_markup, decode_file
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.limits import DEEPEST, check_table_size, parse_xml
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.files.zip_archive import unpack_document
from geo.arrays import ObjectArray
from geo.crs import STORED_EPSG
from geo.errors import FileFormatError
from geo.messages import Message

_SHAPES: Final = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry")
_FEWEST_OF_RING: Final = 3


def read_kml(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the placemarks of a KML document, of all its folders, in WGS 84.

    Columns are ``name``, ``folder`` and what `ExtendedData` has. Links to other documents, styles
    and overlays are not followed.

    Raises
    ------
    FileFormatError
        If it is damaged, has a DOCTYPE, no placemarks, or is beyond the limits.
    """
    del layer
    return _read(path.read_bytes(), path.name, report, hints)


def read_kmz(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the one KML document of an archive."""
    del layer
    with TemporaryDirectory() as folder:
        plain = unpack_document(path, Path(folder), ".kml")
        return _read(plain.read_bytes(), path.name, report, hints)


def _read(data: bytes, what: str, report: LayerReport, hints: FileHints) -> Source:
    declared = hints.encoding or declared_in_markup(data)
    text, encoding = decode_file(data, what=what, declared=declared)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    found = _Placemarks(what)
    found.read(text)
    if not found.rows:
        raise unreadable(what, Message("files.no_placemarks"))
    names = list(dict.fromkeys(name for row in found.rows for name in row))
    check_table_size(len(found.rows), len(names), what=what)
    table = pd.DataFrame(
        {name: [row.get(name, "") for row in found.rows] for name in names}, dtype=object
    )
    made = [_shape(nodes) for nodes in found.shapes]
    shapes: ObjectArray = np.empty(len(made), dtype=object)
    shapes[:] = [shape for shape, _ in made]
    closed = np.array([is_closed for _, is_closed in made], dtype=bool)
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=STORED_EPSG)
    return Source(frame, {Message("reading.ring_closed"): closed})


class _Element:
    """A shape as it is written: its kind, its coordinates, and what is in it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.text: list[str] = []
        self.inside: list[_Element] = []


class _Placemarks:
    """The placemarks of a document, gathered while it is parsed."""

    def __init__(self, what: str) -> None:
        self.rows: list[dict[str, str]] = []
        self.shapes: list[list[_Element]] = []
        self._what = what
        self._path: list[str] = []
        self._folders: list[str] = []
        self._nodes: list[_Element] = []
        self._text: list[str] = []
        self._named = ""
        self._is_inside = False

    def read(self, text: str) -> None:
        """Parse a document."""
        parse_xml(text, (self._start, self._end, self._text.append), what=self._what)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rsplit(":", 1)[-1]
        self._path.append(local)
        if len(self._path) > DEEPEST:
            raise FileFormatError("reading.too_deep", name=self._what, deepest=DEEPEST)
        self._text.clear()
        if local in {"Folder", "Document"}:
            self._folders.append("")
        elif local == "Placemark":
            self.rows.append({"name": ""} | ({"folder": self._folder()} if self._folder() else {}))
            self.shapes.append([])
            self._is_inside = True
        elif self._is_inside and local in {"Data", "SimpleData"}:
            self._named = attributes.get("name", "")
        elif self._is_inside and local in {*_SHAPES, "innerBoundaryIs", "outerBoundaryIs"}:
            node = _Element(local)
            (self._nodes[-1].inside if self._nodes else self.shapes[-1]).append(node)
            self._nodes.append(node)

    def _end(self, name: str) -> None:
        del name
        local = self._path.pop()
        text = "".join(self._text).strip()
        above = self._path[-1] if self._path else ""
        if local in {"Folder", "Document"} and self._folders:
            self._folders.pop()
        elif local == "Placemark":
            self._is_inside = False
            self._nodes.clear()
        elif local == "name" and above in {"Folder", "Document"} and self._folders:
            self._folders[-1] = text if above == "Folder" else ""
        elif self._is_inside:
            self._end_inside(local, above, text)
        self._text.clear()

    def _end_inside(self, local: str, above: str, text: str) -> None:
        row = self.rows[-1]
        if local in {"name", "address", "phoneNumber", "description"} and above == "Placemark":
            row[local] = text
        elif (local == "value" and above == "Data") or local == "SimpleData":
            row[self._named] = text
        elif local == "coordinates" and self._nodes:
            self._nodes[-1].text.append(text)
        elif self._nodes and local == self._nodes[-1].kind:
            self._nodes.pop()

    def _folder(self) -> str:
        return "/".join(name for name in self._folders if name)


def _shape(nodes: list[_Element]) -> tuple[Any, bool]:
    """Return a shape, None where there is none that can be read, and whether a ring was closed."""
    found = [_one(node) for node in nodes]
    parts = [shape for shape, _ in found]
    if not parts or any(part is None for part in parts):
        return None, False
    is_closed = any(closed for _, closed in found)
    if len(parts) == 1:
        return parts[0], is_closed
    together: dict[str, Callable[..., Any]] = {
        "Point": shapely.multipoints,
        "LineString": shapely.multilinestrings,
        "Polygon": shapely.multipolygons,
    }
    kinds = {part.geom_type for part in parts}
    make = together.get(kinds.pop()) if len(kinds) == 1 else None
    return (make or shapely.geometrycollections)(parts), is_closed


def _one(node: _Element) -> tuple[Any, bool]:
    if node.kind == "MultiGeometry":
        return _shape(node.inside)
    if node.kind == "Polygon":
        borders = sorted(node.inside, key=lambda part: part.kind == "innerBoundaryIs")
        rings = [_ring(part.inside[0]) for part in borders if part.inside]
        if not rings or any(ring is None for ring, _ in rings):
            return None, False
        return shapely.Polygon(rings[0][0], [ring for ring, _ in rings[1:]]), any(
            closed for _, closed in rings
        )
    xy = _coordinates(node)
    if node.kind == "Point":
        return (shapely.Point(xy[0]) if xy is not None and len(xy) == 1 else None), False
    return (shapely.LineString(xy) if xy is not None and len(xy) > 1 else None), False


def _ring(node: _Element) -> tuple[Any, bool]:
    xy = _coordinates(node)
    if xy is None or len(np.unique(xy, axis=0)) < _FEWEST_OF_RING:
        return None, False
    return xy, bool((xy[0] != xy[-1]).any())


def _coordinates(node: _Element) -> Any:  # noqa: ANN401 - an array, or None
    """Return longitudes and latitudes; heights are left out."""
    try:
        pairs = [[float(part) for part in each.split(",")[:2]]
                 for each in " ".join(node.text).split()]  # fmt: skip
        xy = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    except ValueError:
        return None
    return xy if len(xy) and np.isfinite(xy).all() else None
