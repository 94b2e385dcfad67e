"""Detect the OpenStreetMap format of a file from its first bytes, not its name."""

import bz2
import gzip
import zlib
from pathlib import Path
from typing import Final

from geo.errors import EmptyError, FileFormatError, NotFoundError

_HEAD_BYTES: Final = 4096
_WANTED: Final = "wanted an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz or .osm.bz2)"
_PBF_MARK: Final = b"\x0a\x09OSMHeader"


def sniff_format(path: Path) -> str:
    """Return the format of `path` as pyosmium names it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    str
        ``pbf``, ``osm``, ``osm.gz`` or ``osm.bz2``.

    Raises
    ------
    NotFoundError
        If there is no such file.
    EmptyError
        If the file has no content.
    FileFormatError
        If the content is something else.
    """
    if not path.is_file():
        raise NotFoundError(f"There is no file {path.name}; {_WANTED}. Check the path.")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise FileFormatError(f"{path.name} cannot be read ({error.strerror}).") from error
    if not head:
        raise EmptyError(f"{path.name} is empty (0 bytes); {_WANTED}.")
    if head[4:].startswith(_PBF_MARK):
        return "pbf"
    packed = {b"\x1f\x8b": "osm.gz", b"BZ": "osm.bz2"}.get(head[:2])
    _require_osm_xml(_unpack(path, packed), path.name)
    return packed or "osm"


def _unpack(path: Path, packed: str | None) -> bytes:
    """Return the first bytes of the content."""
    try:
        with path.open("rb") as raw:
            if packed == "osm.gz":
                return gzip.GzipFile(fileobj=raw).read(_HEAD_BYTES)
            return (bz2.BZ2File(raw) if packed else raw).read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFormatError(f"{path.name} does not unpack; fetch it again.") from error


def _require_osm_xml(head: bytes, name: str) -> None:
    """Raise unless `head` begins an OSM XML document."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<osmChange" in text or b"<diff" in text:
        raise FileFormatError(f"{name} is a file of changes; {_WANTED}, which holds all objects.")
    if b"<osm" not in text or not text.startswith(b"<"):
        raise FileFormatError(f"{name} is not OpenStreetMap data; {_WANTED}.")
