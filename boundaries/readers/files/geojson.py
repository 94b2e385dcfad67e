"""GeoJSON: parsed and checked, then given to GDAL as it was checked."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyproj

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import decode_file
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.declared_frames import frame_named
from boundaries.readers.files.formats import FileReader, unreadable
from boundaries.readers.files.gdal import read_by_gdal
from boundaries.readers.files.limits import check_table_size
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.garbage_collection import collector_paused
from geo.errors import CrsError, FileFormatError
from geo.gcj02 import MapFrame
from geo.messages import Message

_TYPES: Final = frozenset(
    {
        "FeatureCollection", "Feature", "Point", "MultiPoint", "LineString", "MultiLineString",
        "Polygon", "MultiPolygon", "GeometryCollection",
    }
)  # fmt: skip
_BLANKS: Final = " \t\r\x1e"
_OF_ESRI: Final = ("geometryType", "spatialReference", "fields", "fieldAliases", "hasZ", "hasM")
_CRS_NAME: Final = re.compile(r"(urn:ogc:def:crs:)?[A-Za-z]+:[\w.]*:{0,1}\w+")
"""An authority and a code, as ``EPSG:4490`` or ``urn:ogc:def:crs:EPSG::4490``."""


def read_geojson(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read GeoJSON, or a feature set of Esri; a CRS that lies elsewhere is refused."""
    del layer
    document, crs, frame, driver = _checked(path, report, hints.encoding)
    source = read_by_gdal(document, driver, what=path.name, report=report)
    if crs is not None and not crs.equals(source.frame.crs, ignore_axis_order=True):
        source.frame.set_crs(crs, allow_override=True, inplace=True)  # GDAL did not know its name
    if frame is None:
        return source
    return source._replace(frames=np.full(len(source.frame), frame, dtype=object))


def read_geojson_lines(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a file with a GeoJSON feature, or geometry, in each line."""
    del layer
    text, encoding = decode_file(path.read_bytes(), what=path.name, declared=hints.encoding)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    lines = (line.strip(_BLANKS) for line in text.split("\n"))
    found = [parse_json(line, what=path.name) for line in lines if line]
    features = [
        each if isinstance(each, dict) and each.get("type") == "Feature"
        else {"type": "Feature", "properties": {}, "geometry": each}
        for each in found
    ]  # fmt: skip
    document = {"type": "FeatureCollection", "features": features}
    _check_size(document, path.name)
    for member in _members(document):
        _named_crs(member.get("crs"), path.name)
    return read_by_gdal(_bytes(document), FileReader.GEOJSON, what=path.name, report=report)


def _esri_checked(document: dict[str, Any], what: str) -> bytes:
    """Return a feature set of Esri as GDAL may have it."""
    reference = document.get("spatialReference")
    check_names_no_file(json.dumps(reference), what=what)
    features = [each for each in document["features"] if isinstance(each, dict)]
    _check_size({"features": [{"properties": each.get("attributes")} for each in features]}, what)
    kept: dict[str, Any] = {key: document[key] for key in _OF_ESRI if key in document}
    return _bytes({**kept, "features": features})


@collector_paused()
def _checked(
    path: Path, report: LayerReport, encoding: str | None
) -> tuple[bytes, pyproj.CRS | None, MapFrame | None, FileReader]:
    """Return the document as GDAL may have it, its CRS or frame where it names one, and its driver.

    What it was made of is no longer in memory.
    """
    text, encoding = decode_file(path.read_bytes(), what=path.name, declared=encoding)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    document = parse_json(text, what=path.name)
    if _is_of_esri(document):
        return _esri_checked(document, path.name), None, None, FileReader.ESRI_JSON
    kind = document.get("type") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in _TYPES:
        raise unreadable(path.name, Message("files.no_geojson_type", {"kind": kind}))
    frame = _frame_of_member(document.get("crs"))
    crs = None if frame else _named_crs(document.get("crs"), path.name)
    if frame:
        del document["crs"]
    _check_size(document, path.name)
    for member in _members(document):
        _named_crs(member.get("crs"), path.name)
    return _bytes(document), crs, frame, FileReader.GEOJSON


def _is_of_esri(document: Any) -> bool:  # noqa: ANN401 - whatever it is
    return (
        isinstance(document, dict)
        and str(document.get("geometryType")).startswith("esriGeometry")
        and isinstance(document.get("features"), list)
    )


def parse_json(text: str | bytes, *, what: str) -> Any:  # noqa: ANN401 - whatever it is
    """Parse JSON; numbers that are none (``NaN``) become null.

    Raises
    ------
    FileFormatError
        If it is no JSON, or nested deeper than anybody's.
    """
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise FileFormatError("files.no_json", what=what, reason=str(error)) from error


def _frame_of_member(crs: Any) -> MapFrame | None:  # noqa: ANN401 - whatever is there
    """Return the frame of map services that a `crs` member names; None if it names none."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else crs
    frame = frame_named(name) if isinstance(name, str) else None
    return frame if frame in {MapFrame.GCJ02, MapFrame.BD09} else None


def _named_crs(crs: Any, what: str) -> pyproj.CRS | None:  # noqa: ANN401 - whatever is there
    """Return the CRS that a member names; raise unless by authority and code, or not at all."""
    if crs is None:
        return None
    kind = crs.get("type") if isinstance(crs, dict) else None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if kind == "name" and isinstance(name, str) and _CRS_NAME.fullmatch(name):
        with suppress(pyproj.exceptions.CRSError):
            return pyproj.CRS.from_user_input(name)
    raise CrsError("files.crs_of_geojson", what=what, crs=json.dumps(crs))


def _members(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give every feature and geometry: each may name a CRS of its own."""
    found: list[Any] = [document]
    while found:
        each = found.pop()
        if isinstance(each, dict):
            yield each
            found.append(each.get("geometry"))
            for key in ("features", "geometries"):
                found.extend(each[key] if isinstance(each.get(key), list) else ())


def _check_size(document: dict[str, Any], what: str) -> None:
    """Raise if the table of features by properties is too large."""
    features = document.get("features")
    if not isinstance(features, list):
        return
    columns: set[str] = set()
    for feature in features:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if isinstance(properties, dict):
            columns.update(properties)
    check_table_size(len(features), len(columns), what=what)


def _bytes(document: dict[str, Any]) -> bytes:
    """Return the document as JSON without what was not checked, such as a second `crs`."""
    try:
        return orjson.dumps(document)
    except TypeError:  # an integer of more than 64 bits, or half of a surrogate pair
        return json.dumps(document).encode()
