"""The accepted files, declared: endings, first bytes, reader, and the files that belong to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from geo.errors import EmptyError, FileFormatError, InputError, NotFoundError
from geo.messages import Message

_HEAD_BYTES: Final = 4096
_BLANK: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*")


class FileReader(StrEnum):
    """What opens a file; of GDAL the one driver that may."""

    GEOJSON = "GeoJSON"
    GEOPACKAGE = "GPKG"
    SHAPEFILE = "ESRI Shapefile"
    PANDAS = "pandas"
    JSON = "json"
    ARROW = "pyarrow"
    OSMIUM = "osmium"
    CALAMINE = "python-calamine"
    MARKUP = "html.parser and expat"
    EXPAT = "expat"
    FLATGEOBUF = "FlatGeobuf"
    GEODATABASE = "OpenFileGDB"
    ESRI_JSON = "ESRIJSON"
    MAPINFO = "MapInfo File"
    SQLITE = "sqlite3"
    PARQUET = "pyarrow.parquet"


GDAL_DRIVERS: Final = frozenset(
    {
        FileReader.GEOJSON, FileReader.ESRI_JSON, FileReader.GEOPACKAGE, FileReader.SHAPEFILE,
        FileReader.FLATGEOBUF, FileReader.GEODATABASE, FileReader.MAPINFO,
    }
)  # fmt: skip
"""All that GDAL may use in this process."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One accepted kind of file.

    Attributes
    ----------
    kind : str
        Code of what messages call it.
    suffixes : tuple of str
        Lower case.
    reader : FileReader
    begins : tuple of bytes
        The file must begin with one of these; empty for text that may begin with anything.
    skip : int
        Bytes before the mark.
    text : bool
        Whether a byte order mark and blanks may stand before the mark.
    required, allowed : tuple of str
        Suffixes of the files that must, and may, come with it; nothing else is opened.
    mark : str
        File that must be in it, where it is a folder.
    """

    kind: str
    suffixes: tuple[str, ...]
    reader: FileReader
    begins: tuple[bytes, ...] = ()
    skip: int = 0
    text: bool = False
    required: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    mark: str = ""


_REQUIRED: Final = (".shp", ".shx", ".dbf")
_ALLOWED: Final = (".prj", ".cpg")

GEOJSON: Final = FileFormat(
    "files.kind_geojson", (".geojson", ".json"), FileReader.GEOJSON, (b"{",), text=True
)
GEOPACKAGE: Final = FileFormat(
    "files.kind_geopackage", (".gpkg",), FileReader.GEOPACKAGE, (b"SQLite format 3\0",)
)
SHAPEFILE: Final = FileFormat(
    "files.kind_shapefile",
    (".shp",),
    FileReader.SHAPEFILE,
    (b"\x00\x00\x27\x0a",),
    required=_REQUIRED,
    allowed=_ALLOWED,
)
ZIPPED_SHAPEFILE: Final = FileFormat(
    "files.kind_zipped_shapefile",
    (".zip",),
    FileReader.SHAPEFILE,
    (b"PK\x03\x04",),
    required=_REQUIRED,
    allowed=_ALLOWED,
)
GEOJSON_LINES: Final = FileFormat(
    "files.kind_geojson_lines",
    (".geojsonl", ".geojsons", ".ndjson", ".jsonl"),
    FileReader.GEOJSON,
    (b"{", b"\x1e{"),
    text=True,
)
FLATGEOBUF: Final = FileFormat(
    "files.kind_flatgeobuf", (".fgb",), FileReader.FLATGEOBUF, (b"fgb\x03fgb",)
)
GEODATABASE: Final = FileFormat(
    "files.kind_geodatabase", (".gdb",), FileReader.GEODATABASE, mark="a00000001.gdbtable"
)
SPATIALITE: Final = FileFormat(
    "files.kind_spatialite",
    (".sqlite", ".spatialite"),
    FileReader.SQLITE,
    (b"SQLite format 3\0",),
)
MAPINFO_TAB: Final = FileFormat(
    "files.kind_mapinfo_tab",
    (".tab",),
    FileReader.MAPINFO,
    (b"!table", b"!TABLE", b"!Table"),
    text=True,
    required=(".tab", ".dat", ".map", ".id"),
)
MAPINFO_MIF: Final = FileFormat(
    "files.kind_mapinfo_mif",
    (".mif",),
    FileReader.MAPINFO,
    (b"Version", b"VERSION", b"version"),
    text=True,
    required=(".mif", ".mid"),
)
KML: Final = FileFormat("files.kind_kml", (".kml",), FileReader.EXPAT, (b"<",), text=True)
GML: Final = FileFormat("files.kind_gml", (".gml",), FileReader.EXPAT, (b"<",), text=True)
KMZ: Final = FileFormat("files.kind_kmz", (".kmz",), FileReader.EXPAT, (b"PK\x03\x04",))
PARQUET: Final = FileFormat(
    "files.kind_parquet", (".parquet", ".geoparquet"), FileReader.PARQUET, (b"PAR1",)
)
CSV: Final = FileFormat(
    "files.kind_csv", (".csv", ".txt", ".tsv", ".xls"), FileReader.PANDAS, text=True
)
WORKBOOK: Final = FileFormat(
    "files.kind_workbook", (".xlsx", ".xlsm", ".xls"), FileReader.CALAMINE, (b"PK\x03\x04",)
)
OLD_WORKBOOK: Final = FileFormat(
    "files.kind_old_workbook",
    (".xls", ".et", ".xlsx"),
    FileReader.CALAMINE,
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
)
MARKUP: Final = FileFormat(
    "files.kind_markup", (".html", ".htm", ".xls"), FileReader.MARKUP, (b"<",), text=True
)
JSON_POINTS: Final = FileFormat(
    "files.kind_json", (".json",), FileReader.JSON, (b"{", b"["), text=True
)
ARROW: Final = FileFormat(
    "files.kind_arrow",
    (".arrow", ".arrows", ".feather"),
    FileReader.ARROW,
    (b"ARROW1\0\0", b"\xff\xff\xff\xff"),
)
OSM_PBF: Final = FileFormat(
    "files.kind_osm_pbf", (".pbf",), FileReader.OSMIUM, (b"\x0a\x09OSMHeader",), skip=4
)
OSM_XML: Final = FileFormat("files.kind_osm_xml", (".osm",), FileReader.OSMIUM, (b"<",), text=True)
OSM_GZIP: Final = FileFormat("files.kind_osm_gzip", (".gz",), FileReader.OSMIUM, (b"\x1f\x8b",))
OSM_BZIP2: Final = FileFormat("files.kind_osm_bzip2", (".bz2",), FileReader.OSMIUM, (b"BZh",))

LAYER_FORMATS: Final = (
    GEOJSON, GEOPACKAGE, SHAPEFILE, ZIPPED_SHAPEFILE, WORKBOOK, OLD_WORKBOOK, MARKUP, CSV,
    GEODATABASE, KML, KMZ, FLATGEOBUF, GEOJSON_LINES, PARQUET, MAPINFO_TAB, MAPINFO_MIF,
    SPATIALITE, GML,
)  # fmt: skip
"""Files that hold one layer."""

OSM_FORMATS: Final = (OSM_PBF, OSM_XML, OSM_GZIP, OSM_BZIP2)
"""Files of OpenStreetMap."""

POINT_FORMATS: Final = (CSV, JSON_POINTS, ARROW)
"""Tables of points."""

_JSON: Final = "files.kind_json"
_FOREIGN: Final = {
    "files.kind_xml": (
        b"<?xml",
        b"<!DOCTYPE",
        b"<OGR",
        b"<gml",
        b"<kml",
        b"<osm",
        b"<html",
        b"<VRT",
    ),
    "files.kind_zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "files.kind_sqlite": (b"SQLite format 3\0",),
    "files.kind_shapefile": (b"\x00\x00\x27\x0a",),
    "files.kind_old_workbook": (b"\xd0\xcf\x11\xe0",),
    "files.kind_gzip": (b"\x1f\x8b",),
    "files.kind_bzip2": (b"BZh",),
    "files.kind_pdf": (b"%PDF",),
    "files.kind_arrow": (b"ARROW1\0\0",),
    "files.kind_parquet": (b"PAR1",),
    "files.kind_flatgeobuf": (b"fgb\x03",),
    _JSON: (b"{", b"["),
}
"""First bytes of what a file may be in truth, by the code that says so."""


def agreed_format(path: Path, formats: Sequence[FileFormat]) -> FileFormat:
    """Return the first format on which the ending and the first bytes of a file agree.

    Parameters
    ----------
    path : Path
    formats : sequence of FileFormat
        Accepted ones.

    Raises
    ------
    NotFoundError
        If there is no such file.
    EmptyError
        If it has no content.
    FileFormatError
        If its ending is none of these, or its first bytes are those of something else.
    InputError
        If it cannot be read.

    Examples
    --------
    >>> _ = Path("a.gpkg").write_text("<OGRVRTDataSource/>")
    >>> agreed_format(Path("a.gpkg"), LAYER_FORMATS)
    Traceback (most recent call last):
    geo.errors.FileFormatError: a.gpkg cannot be read as what its name says (it does not begin as \
a GeoPackage does, but as XML); wanted an undamaged file. Open it in a GIS and export it again.
    """
    if not path.exists():
        raise NotFoundError("files.not_there", path=path)
    of_name = [each for each in formats if path.suffix.lower() in each.suffixes]
    folders = [each for each in of_name if each.mark]
    if path.is_dir() and folders:
        return _folder_format(path, folders[0])
    if not of_name or folders or not path.is_file():
        endings = list(dict.fromkeys(suffix for each in formats for suffix in each.suffixes))
        raise FileFormatError("files.wrong_ending", name=path.name, endings=endings)
    head = _head(path)
    if not head:
        raise EmptyError("files.empty", name=path.name, kind=Message(of_name[0].kind))
    known = next((each for each in of_name if _begins(head, each)), None)
    if known is None:
        raise unreadable(path.name, _difference(head, of_name[0]))
    return known


def _folder_format(path: Path, known: FileFormat) -> FileFormat:
    """Return the format of a folder that has what it must have."""
    try:
        names = {part.name.lower() for part in path.iterdir()}
    except OSError as error:
        raise cannot_open(path, error) from error
    if not names:
        raise EmptyError("files.empty", name=path.name, kind=Message(known.kind))
    if known.mark not in names:
        raise unreadable(path.name, Message("files.folder_lacks", {"part": known.mark}))
    return known


def unreadable(what: str, reason: Message | str) -> FileFormatError:
    """Return the error for a file that is not what its name says, or damaged."""
    return FileFormatError("files.unreadable", what=what, reason=reason)


def cannot_open(path: Path, error: OSError) -> InputError:
    """Return the error for a file that the system does not let us read."""
    reason = error.strerror or str(error)
    return InputError("files.no_permission", name=path.name, reason=reason)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as error:
        raise cannot_open(path, error) from error


def _begins(head: bytes, known: FileFormat) -> bool:
    start = _BLANK.sub(b"", head) if known.text else head[known.skip :]
    if known.begins:
        return start.startswith(known.begins)
    others = [mark for name, marks in _FOREIGN.items() if name != _JSON for mark in marks]
    return not start.startswith(tuple(others))


def _difference(head: bytes, known: FileFormat) -> Message:
    start = _BLANK.sub(b"", head)
    alike = [name for name, marks in _FOREIGN.items() if start.startswith(marks)]
    kind = Message(known.kind)
    if not alike:
        return Message("files.begins_otherwise", {"kind": kind})
    return Message("files.begins_as_another", {"kind": kind, "other": Message(alike[0])})
