"""Blobs of a PBF file, looked at before pyosmium reads them: their size and their words.

A blob declares what it unpacks to; pyosmium refuses one that does not keep to it. Words of tags are
held by pyosmium one behind the other, each ended by a zero byte, and read without regard to the
end: a zero byte within a word leads it out of its memory.
"""

import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa

from boundaries.readers.files.unpack import Budget
from geo.errors import FileFormatError
from geo.messages import Message

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_TYPE, _DATA_SIZE = 1, 3  # fields of BlobHeader
_RAW, _RAW_SIZE, _ZLIB, _LZ4 = 1, 2, 3, 6  # fields of Blob
_WORDS: Final = 1  # field of PrimitiveBlock, and of the table of words in it
_MAX_BLOB_BYTES: Final = 32 << 20
"""Most bytes of a blob, packed or not, by the definition of the format."""

_MAX_PARTS: Final = 10_000
"""Most fields of a message; writers put a handful of groups into a block."""

_MAX_WORDS: Final = 100_000
"""Most words of a table that has empty ones beside the first; a block has 8,000 objects."""

Content = bytes | mmap.mmap


class _Field(NamedTuple):
    """A field of a message: its number, its value or where its bytes begin, and their length."""

    number: int
    value: int
    length: int


class _Blob(NamedTuple):
    """A blob: its kind, the field with what it holds, and what that unpacks to."""

    kind: bytes
    data: _Field
    size: int


def check_blobs(path: Path) -> None:
    """Raise `FileFormatError` if a PBF file unpacks to too much, is damaged, or has such words."""
    budget = Budget(path.name, path.stat().st_size)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        try:
            blobs = list(_blobs(content))
            for blob in blobs:
                budget.spend(blob.size)
            for blob in blobs:
                if blob.kind == b"OSMData":
                    _check_words(_unpacked(content, blob), path.name)
        except (LookupError, zlib.error, pa.ArrowException, OSError) as error:
            not_whole = isinstance(error, LookupError)
            reason = Message("osm.blob_not_whole") if not_whole else str(error)
            raise FileFormatError("osm.damaged", name=path.name, reason=reason) from error


def _blobs(content: mmap.mmap) -> Iterator[_Blob]:
    place = 0
    while place < len(content):
        header = place + 4
        start = header + int.from_bytes(content[place:header], "big")
        fields = _each_once(content, header, start)
        kind, place = fields[_TYPE], start + fields[_DATA_SIZE].value
        blob = _each_once(content, start, place)
        ways = blob.keys() - {_RAW_SIZE}
        if len(ways) != 1 or not ways <= {_RAW, _ZLIB, _LZ4}:
            raise IndexError
        data = blob[ways.pop()]
        size = data.length if data.number == _RAW else blob[_RAW_SIZE].value
        if max(size, data.length) > _MAX_BLOB_BYTES:
            raise IndexError
        yield _Blob(content[kind.value : kind.value + kind.length], data, size)


def _unpacked(content: mmap.mmap, blob: _Blob) -> bytes:
    data = content[blob.data.value : blob.data.value + blob.data.length]
    if blob.data.number == _ZLIB:
        return zlib.decompressobj().decompress(data, blob.size + 1)
    if blob.data.number == _LZ4:
        return bytes(pa.decompress(data, blob.size, "lz4_raw", asbytes=True))
    return data


def _check_words(block: bytes, what: str) -> None:
    for table in _fields(block, 0, len(block)):
        words = block[table.value : table.value + table.length] if table.number == _WORDS else b""
        if b"\0" not in words.removeprefix(b"\n\0"):  # the first word is always empty
            continue
        for word in _fields(words, 0, len(words), most=_MAX_WORDS):
            if b"\0" in words[word.value : word.value + word.length]:
                reason = Message("osm.zero_byte")
                raise FileFormatError("osm.damaged", name=what, reason=reason)


def _each_once(content: mmap.mmap, start: int, end: int) -> dict[int, _Field]:
    """Return the fields of a message by number; of two alike nobody knows which is meant."""
    fields = list(_fields(content, start, end))
    by_number = {field.number: field for field in fields}
    if len(by_number) < len(fields):
        raise IndexError
    return by_number


def _fields(content: Content, place: int, end: int, *, most: int = _MAX_PARTS) -> Iterator[_Field]:
    """Give the fields of a message."""
    if end > len(content):
        raise IndexError
    for _ in range(most):
        if place >= end:
            return
        key, place = _varint(content, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(content, place)
            yield _Field(key >> 3, value, 0)
            continue
        if kind == _BYTES:
            length, place = _varint(content, place)
        elif kind in {_FIXED64, _FIXED32}:
            length = 8 if kind == _FIXED64 else 4
        else:
            raise IndexError
        if place + length > end:
            raise IndexError
        yield _Field(key >> 3, place, length)
        place += length
    raise IndexError


def _varint(content: Content, place: int) -> tuple[int, int]:
    """Return the number at a place, and the place behind it."""
    value = shift = 0
    while True:
        byte = content[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a number
            return value, place
        if shift > 63:  # noqa: PLR2004 - more than 64 bits
            raise IndexError
