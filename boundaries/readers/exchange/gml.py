"""GML, read here: nothing that a document names is fetched, neither schemas nor links."""

import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, TreeBuilder

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import declared_in_markup, decode_file
from boundaries.readers.exchange.gml_shapes import SHAPES, UnreadShapeError, shape_of
from boundaries.readers.files.formats import unreadable
from boundaries.readers.files.limits import DEEPEST, check_table_size, parse_xml
from boundaries.readers.files.source import FileHints, Source, chosen_layer
from geo.arrays import ObjectArray
from geo.errors import CrsError, FileFormatError
from geo.messages import Message

_MEMBERS: Final = frozenset({"featureMember", "featureMembers", "member"})
_CRS_NAME: Final = re.compile(
    r"""
    (?: (?P<ordered> urn:(?:x-)?ogc:def:crs: | https?://www\.opengis\.net/def/crs/ )
        (?P<authority> [a-z]+ ) [:/] [\w.]* [:/] (?P<code> \w+ )
    ) | (?: (?: https?://www\.opengis\.net/gml/srs/epsg\.xml\# | epsg: ) (?P<plain> \d+ ) )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHOWN: Final = 3


def read_gml(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the features of one kind of a GML document.

    Columns are the plain elements of a feature; of one inside another the names are joined by dots.

    Raises
    ------
    FileFormatError
        If it is damaged, has a DOCTYPE, no features, those of several kinds of which none is meant,
        or is beyond the limits.
    CrsError
        If its CRS is none that PROJ knows, or there are several.
    """
    data, what = path.read_bytes(), path.name
    text, encoding = decode_file(
        data, what=what, declared=hints.encoding or declared_in_markup(data)
    )
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    found = _GmlFeatures(what)
    parse_xml(text, (found.start, found.end, found.data), what=what)
    if not found.features:
        raise unreadable(what, Message("files.no_features"))
    kinds = list(dict.fromkeys(each.kind for each in found.features))
    kind = chosen_layer(kinds, layer, report, hints, what=what)
    return _source([each for each in found.features if each.kind == kind], what, report)


class _GmlFeature:
    """A feature as it is written: its kind, plain elements, and shape.

    Attributes
    ----------
    links : int
        Elements that are elsewhere.
    more : int
        Further shapes, which are not read.
    """

    def __init__(self, element: Element, crs_name: str) -> None:
        self.kind = element.tag
        self.row: dict[str, str] = {}
        self.shape: Element | None = None
        self.crs_name = crs_name
        self.links = self.more = 0
        for child in element:
            if child.tag == "boundedBy":
                self.crs_name = _crs_name(child) or self.crs_name
            else:
                self._take(child, child.tag)

    def _take(self, element: Element, name: str) -> None:
        if element.tag in SHAPES:
            if self.shape is None:
                self.shape, self.crs_name = element, _crs_name(element) or self.crs_name
            else:
                self.more += 1
        elif len(element):
            for child in element:
                self._take(child, name if child.tag in SHAPES else f"{name}.{child.tag}")
        elif "href" in element.attrib:
            self.links += 1
        else:
            said = [self.row[name]] if name in self.row else []
            self.row[name] = ";".join([*said, (element.text or "").strip()])


class _GmlFeatures:
    """The features of a document, gathered while it is parsed."""

    def __init__(self, what: str) -> None:
        self.features: list[_GmlFeature] = []
        self._what = what
        self._path: list[str] = []
        self._crs_name = ""
        self._open: TreeBuilder | None = None
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element; one below a member of the collection is a feature."""
        local = name.rsplit(":", 1)[-1]
        if self._open is None and self._path and self._path[-1] in _MEMBERS:
            self._open, self._depth = TreeBuilder(), len(self._path)
        self._path.append(local)
        if len(self._path) > DEEPEST:
            raise FileFormatError("reading.too_deep", name=self._what, deepest=DEEPEST)
        told = {key.rsplit(":", 1)[-1]: value for key, value in attributes.items()}
        if self._open is not None:
            self._open.start(local, told)
        elif local in {"Envelope", "Box"}:
            self._crs_name = told.get("srsName", self._crs_name)

    def data(self, text: str) -> None:
        """Take text."""
        if self._open is not None:
            self._open.data(text)

    def end(self, name: str) -> None:
        """End an element."""
        del name
        local = self._path.pop()
        if self._open is None:
            return
        self._open.end(local)
        if len(self._path) == self._depth:
            self.features.append(_GmlFeature(self._open.close(), self._crs_name))
            self._open = None


def _crs_name(element: Element) -> str:
    return next((told for each in element.iter() if (told := each.get("srsName", ""))), "")


def _source(features: list[_GmlFeature], what: str, report: LayerReport) -> Source:
    names = list(dict.fromkeys(name for each in features for name in each.row))
    check_table_size(len(features), len(names), what=what)
    crs, is_swapped = _crs([each.crs_name for each in features if each.shape is not None], what)
    unread = Counter[str]()
    shapes: ObjectArray = np.full(len(features), None, object)
    closed = np.zeros(len(features), np.bool_)
    for at, each in enumerate(features):
        try:
            shapes[at], closed[at] = (None, False) if each.shape is None else shape_of(each.shape)
        except UnreadShapeError as error:
            unread[str(error)] += 1
    if is_swapped:
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    for kind, n in unread.items():
        report.note(Message("files.shape_not_read", {"kind": kind}), n)
    report.note(Message("files.link_not_followed"), sum(each.links for each in features))
    report.note(Message("files.more_shapes"), sum(each.more for each in features))
    table = {name: [each.row.get(name, "") for each in features] for name in names}
    frame = gpd.GeoDataFrame(pd.DataFrame(table, dtype=object, index=range(len(features))),
                             geometry=shapes, crs=crs)  # fmt: skip
    return Source(frame, {Message("reading.ring_closed"): closed})


def _crs(names: list[str], what: str) -> tuple[pyproj.CRS | None, bool]:
    """Return the one CRS of shapes, and whether northing comes before easting in them."""
    several = list(dict.fromkeys(names))
    if len(several) > 1:
        raise CrsError("files.several_crs", what=what, names=several[:_SHOWN])
    name = several[0].strip() if several else ""
    if not name:
        return None, False
    told: Any = _CRS_NAME.fullmatch(name)
    with suppress(CRSError):
        if told is not None:
            code = told["plain"] or told["code"]
            crs = pyproj.CRS.from_authority((told["authority"] or "EPSG").upper(), code)
            first = crs.axis_info[0].direction.lower() if crs.axis_info else ""
            return crs, bool(told["ordered"]) and first == "north"
    raise CrsError("files.crs_of_gml", what=what, name=name)
