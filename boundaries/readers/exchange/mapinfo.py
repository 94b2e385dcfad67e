"""Tables of MapInfo, TAB and MIF: their heads are written anew, so that they name nothing else.

A head may name other tables (views, seamless tables, pictures, databases). What GDAL opens has a
head of ours, with the columns alone; and as it says that nothing is known of the encoding, text
comes as bytes and is decoded by one rule for all files.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

import numpy as np

from boundaries.import_report import LayerReport
from boundaries.readers.byte_text import LATIN, decoded
from boundaries.readers.encoding import encoding_named
from boundaries.readers.files.formats import (
    MAPINFO_MIF,
    MAPINFO_TAB,
    FileFormat,
    FileReader,
    unreadable,
)
from boundaries.readers.files.gdal import read_by_gdal
from boundaries.readers.files.gdal_layers import check_layer
from boundaries.readers.files.limits import MAX_HEADER_CHARS
from boundaries.readers.files.source import FileHints, Source
from geo.errors import FileFormatError
from geo.messages import Message

_CHARSETS: Final = {
    "windowssimpchinese": "gb18030", "windowstradchinese": "big5hkscs", "utf-8": "utf-8",
    "windowslatin2": "cp1250", "windowscyrillic": "cp1251", "windowsjapanese": "cp932",
    "windowskorean": "cp949",
}  # fmt: skip
"""Encodings by MapInfo's names; `WindowsLatin1` and `Neutral` are written by default."""

_COLUMN: Final = re.compile(
    rb"\s*(?P<name>\S.*?)\s*\b(?:char\s*\(\s*(?P<width>\d+)\s*\)|decimal\s*\([\d\s,]+\)"
    rb"|(?:integer|smallint|largeint|float|date|time|datetime|logical)\b)"
    rb"(?:\s+index\s+\d+)?\s*;?\s*",
    re.IGNORECASE,
)
_LONGEST_LINE: Final = 300  # bytes; a name has 31 characters

_NATIVE: Final = re.compile(
    rb"(?im)^[ \t]*type[ \t]+native\b(?:[ \t]+charset[ \t]+\"(?P<charset>[^\"\r\n]*)\")?"
)
_VERSION: Final = re.compile(rb"(?im)^[ \t]*!version[ \t]+(\d{1,9})")
_FIELDS: Final = re.compile(rb"(?im)^[ \t]*fields[ \t]+(\d{1,9})[ \t]*\r?$")
_ELSEWHERE: Final = re.compile(
    rb"(?im)^[ \t]*(?:create[ \t]+view|open[ \t]+table|\"\\isseamless\"[ \t]*=[ \t]*\"true\")"
)
_CHARSET: Final = re.compile(rb"(?im)^([ \t]*charset[ \t]+)\"([^\"\r\n]*)\"")
_COLUMNS: Final = re.compile(rb"(?im)^[ \t]*columns[ \t]+(\d{1,9})[ \t]*\r?$")
_DATA: Final = re.compile(rb"(?im)^[ \t]*data[ \t]*\r?$")


def read_tab(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a native table: the ``.tab`` and, beside it, the files that belong to it."""
    del layer
    return _linked(path, MAPINFO_TAB, report, hints)


def read_mif(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read an exchange file, ``.mif`` with ``.mid``."""
    del layer
    return _linked(path, MAPINFO_MIF, report, hints)


def read_unpacked_mapinfo(folder: Path, what: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the table ``in.*`` in a folder of our own, of which the head is written anew."""
    known = MAPINFO_TAB if (folder / "in.tab").exists() else MAPINFO_MIF
    main = folder / f"in{known.suffixes[0]}"
    write = _native_head if known is MAPINFO_TAB else _exchange_head
    charset, widths = write(main, what)
    lacking = [suffix for suffix in known.required if not (folder / f"in{suffix}").exists()]
    if lacking:
        said = {"lacking": lacking, "wanted": known.required}
        raise FileFormatError("files.shapefile_parts", what=what, **said)
    declared = hints.encoding or _CHARSETS.get(charset.lower()) or encoding_named(charset)
    if known is MAPINFO_TAB:
        _check_places(main.with_suffix(".id"), what)
    driver = FileReader.MAPINFO
    check_layer(main, driver, None, what=what, encoding=LATIN)
    raw = read_by_gdal(main, driver, what=what, report=report, encoding=LATIN)
    frame, cut = decoded(raw.frame, widths, declared, what=what, report=report)
    return raw._replace(frame=frame, named={Message("files.value_cut"): cut})


def _linked(path: Path, known: FileFormat, report: LayerReport, hints: FileHints) -> Source:
    with TemporaryDirectory() as name:
        folder = Path(name)
        stem = path.stem.lower()
        for part in sorted(path.parent.iterdir()):
            suffix = part.suffix.lower()
            if suffix in known.required and part.stem.lower() == stem:
                target = folder / f"in{suffix}"
                if part.stem == path.stem or not target.exists():
                    target.unlink(missing_ok=True)
                    target.symlink_to(part.absolute())
        return read_unpacked_mapinfo(folder, path.name, report, hints)


def _native_head(tab: Path, what: str) -> tuple[str, list[int]]:
    """Write the head of a native table anew; return its encoding, and the width of each column."""
    with tab.open("rb") as file:
        head = _bounded(file.read(MAX_HEADER_CHARS + 1), what)
    native, fields, version = _NATIVE.search(head), _FIELDS.search(head), _VERSION.search(head)
    if _ELSEWHERE.search(head) or native is None:
        raise FileFormatError("files.mapinfo_of_others", what=what)
    if fields is None or version is None:
        raise unreadable(what, Message("files.damaged"))
    lines = _lines_after(head, fields, what)
    new = [
        *(b"!table", b"!version " + version[1], b"!charset Neutral", b"", b"Definition Table"),
        *(b'  Type NATIVE Charset "Neutral"', b"  Fields " + fields[1]),
    ]
    tab.unlink()
    tab.write_bytes(b"\n".join([*new, *lines, b""]))
    return (native["charset"] or b"").decode("ascii", "replace"), _widths(lines)


def _exchange_head(mif: Path, what: str) -> tuple[str, list[int]]:
    """Write the head of an exchange file anew; return its encoding and the width of each column."""
    with mif.open("rb") as file:
        head = file.read(MAX_HEADER_CHARS)
        end, columns = _DATA.search(head), _COLUMNS.search(head)
        if end is None or columns is None:
            raise unreadable(what, Message("files.damaged"))
        charset = _CHARSET.search(head, 0, end.start())
        lines = _lines_after(head[: end.start()], columns, what)
        mif.unlink()
        with mif.open("wb") as target:
            _copy_as_neutral(head, end.start(), target)
            shutil.copyfileobj(file, target)
    return (charset[2] if charset else b"").decode("ascii", "replace"), _widths(lines)


def _copy_as_neutral(head: bytes, end: int, target: BinaryIO) -> None:
    target.write(_CHARSET.sub(rb'\1"Neutral"', head[:end]))
    target.write(head[end:])


def _bounded(head: bytes, what: str) -> bytes:
    if len(head) > MAX_HEADER_CHARS:
        raise unreadable(what, Message("files.head_too_long", {"most": MAX_HEADER_CHARS}))
    return head


def _lines_after(head: bytes, number: re.Match[bytes], what: str) -> list[bytes]:
    """Return the lines of the columns of which a head tells the number."""
    count = int(number[1])
    lines = head[number.end() :].lstrip(b"\r\n").splitlines()[:count]
    is_long = any(len(line) > _LONGEST_LINE for line in lines)
    if count == 0 or len(lines) < count or is_long or not all(map(_COLUMN.fullmatch, lines)):
        raise unreadable(what, Message("files.damaged"))
    return lines


def _widths(lines: Sequence[bytes]) -> list[int]:
    """Return the width of each column, bytes; 0 where it is no text."""
    found = [_COLUMN.fullmatch(line) for line in lines]
    return [int(each["width"] or 0) if each else 0 for each in found]


def _check_places(index: Path, what: str) -> None:
    """Raise if rows share a shape, so that a small file would be read many times."""
    places = np.fromfile(index, "<i4")
    places = places[places != 0]
    if len(np.unique(places)) < len(places):
        raise unreadable(what, Message("files.shapes_shared"))
