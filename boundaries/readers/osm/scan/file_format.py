"""Open an OpenStreetMap file: by its ending and first bytes, unpacked under limits."""

import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import osmium

from boundaries.readers.files.formats import OSM_FORMATS, OSM_PBF, OSM_XML, agreed_format
from boundaries.readers.files.unpack import open_packed, unpacked
from boundaries.readers.osm.scan.pbf_blobs import check_blobs
from geo.errors import FileFormatError

_HEAD_BYTES: Final = 4096


class PlainFile(NamedTuple):
    """A file that is not packed, and its format as pyosmium names it: ``pbf`` or ``osm``."""

    path: Path
    kind: str

    def opened(self) -> osmium.io.File:
        """Return it for pyosmium, which would take a relative name for an address."""
        return osmium.io.File(str(self.path.absolute()), self.kind)


_DELETED: Final = re.compile(
    rb"<(node|way|relation)\b(?=[^<]*?\baction=[\"']delete[\"'])[^<]*?\bid=[\"'](-?\d+)[\"']"
)
"""Head of an object that an editor (JOSM) keeps although it was deleted there."""


def deleted_objects(plain: PlainFile) -> frozenset[tuple[str, int]]:
    """Return kind and id of the objects that were deleted in an editor and not yet uploaded."""
    if plain.kind != "osm":
        return frozenset()
    with (
        plain.path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        if text.find(b"delete") < 0:
            return frozenset()
        return frozenset((kind.decode(), int(ref)) for kind, ref in _DELETED.findall(text))


@contextmanager
def plain_file(path: Path) -> Iterator[PlainFile]:
    """Unpack a file of OpenStreetMap, if it is packed, while the block runs.

    Raises
    ------
    NotFoundError
        If there is no such file.
    EmptyError
        If the file has no content.
    FileFormatError
        If the content is something else, damaged, or larger than the limits allow.
    """
    known = agreed_format(path, OSM_FORMATS)
    if known is OSM_PBF:
        check_blobs(path)
        yield PlainFile(path, "pbf")
        return
    _require_osm_xml(_first_bytes(path), path.name)
    if known is OSM_XML:
        yield PlainFile(path, "osm")
        return
    with unpacked(path, suffix=".osm") as plain:
        yield PlainFile(plain, "osm")


def _first_bytes(path: Path) -> bytes:
    """Return the first bytes of the content."""
    try:
        with open_packed(path) as file:
            return file.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError("osm.does_not_unpack", name=path.name) from error


def _require_osm_xml(head: bytes, name: str) -> None:
    """Raise unless `head` begins an OSM XML document."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<osmChange" in text or b"<diff" in text:
        raise FileFormatError("osm.file_of_changes", name=name)
    if b"<osm" not in text or not text.startswith(b"<"):
        raise FileFormatError("osm.no_osm", name=name)
