"""Shapefiles, plain or zipped: their parts, checked against one another, in a folder of our own."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import detect, encoding_named, without_cut_end
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import SHAPEFILE, FileReader, unreadable
from boundaries.readers.files.gdal import read_by_gdal
from boundaries.readers.files.gdal_layers import read_unpacked_geodatabase
from boundaries.readers.files.limits import MAX_PRJ_BYTES, check_table_size
from boundaries.readers.files.source import FileHints, Source
from boundaries.readers.files.zip_archive import unpack_geodatabase, unpack_shapefile
from geo.errors import FileFormatError, InputError
from geo.messages import Message

_LATIN: Final = "ISO-8859-1"
"""Maps every byte to one character and back, so text read with it is the raw bytes."""

_HEADER_BYTES: Final = 100
_DBF_HEADER_BYTES: Final = 32
_LDID_AT: Final = 29
_WIDTH_AT: Final = 16
_DBF_END: Final = 0x0D
_MAX_CPG_BYTES: Final = 64
_CODE_PAGES: Final = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5hkscs", 0x78: "big5hkscs"}
"""Encodings that the language byte of a DBF names; those of the West are written by default."""

_WORD_BYTES: Final = 2  # of the 16-bit words in which a shapefile counts


def read_shapefile(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read a shapefile: the ``.shp`` and, beside it, the files that belong to it."""
    del layer
    with TemporaryDirectory() as folder:
        _link_parts(path, Path(folder))
        return _read(Path(folder), path.name, report, hints)


def read_zip(path: Path, layer: str, report: LayerReport, hints: FileHints) -> Source:
    """Read the one shapefile of an archive, in whatever folder and under whatever name it lies.

    Where there is a file geodatabase, that is read.
    """
    with TemporaryDirectory(suffix=".gdb") as folder:
        if unpack_geodatabase(path, Path(folder)):
            return read_unpacked_geodatabase(Path(folder), layer, report, hints, what=path.name)
    if hints.part is not None:
        raise InputError("files.has_no_parts", what=path.name, part=hints.part)
    with TemporaryDirectory() as folder:
        unpack_shapefile(path, Path(folder))
        return _read(Path(folder), path.name, report, hints)


def _link_parts(path: Path, folder: Path) -> None:
    """Link the files that belong to a ``.shp`` into `folder`, as ``in.*``."""
    wanted = (*SHAPEFILE.required, *SHAPEFILE.allowed)
    stem = path.stem.lower()
    for part in sorted(path.parent.iterdir()):
        suffix = part.suffix.lower()
        if suffix in wanted and part.stem.lower() == stem:
            target = folder / f"in{suffix}"
            if part.stem == path.stem or not target.exists():
                target.unlink(missing_ok=True)
                target.symlink_to(part.absolute())


def _read(folder: Path, what: str, report: LayerReport, hints: FileHints) -> Source:
    """Check the parts ``in.*`` of `folder` and read them."""
    lacking = [suffix for suffix in SHAPEFILE.required if not (folder / f"in{suffix}").exists()]
    if lacking:
        raise FileFormatError(
            "files.shapefile_parts", what=what, lacking=lacking, wanted=SHAPEFILE.required
        )
    shp = folder / "in.shp"
    with shp.open("rb") as file:
        if not file.read(_HEADER_BYTES).startswith(SHAPEFILE.begins):
            raise unreadable(what, Message("files.shp_begins_otherwise"))
    _check_records(shp, what)
    _check_projection(folder / "in.prj", what)
    declared = hints.encoding or _declared_encoding(folder)
    (folder / "in.cpg").unlink(missing_ok=True)  # else GDAL decodes, and loses what it cannot
    raw = read_by_gdal(shp, FileReader.SHAPEFILE, what=what, report=report, encoding=_LATIN)
    return _decoded(raw, _dbf_widths(shp.with_suffix(".dbf")), declared, what, report)


def _check_records(shp: Path, what: str) -> None:
    """Raise if records lie over one another, so that a small file would be read many times.

    The index gives place and length of each record; the record repeats its length.
    """
    index = np.fromfile(shp.with_suffix(".shx"), ">i4")[_HEADER_BYTES // 4 :]
    index = index[: len(index) // 2 * 2].reshape(-1, 2).astype(np.int64)
    check_table_size(len(index), _columns(shp.with_suffix(".dbf")), what=what)
    words = np.fromfile(shp, ">u2")
    start, length = index[index[:, 0] * _WORD_BYTES >= _HEADER_BYTES].T
    inside = start + 4 <= len(words)
    start, length = start[inside], length[inside]
    repeated = (words[start + 2].astype(np.int64) << 16) | words[start + 3]
    order = np.argsort(start)
    end = (start + 4 + np.maximum(length, repeated))[order]
    if (end[:-1] > start[order][1:]).any():
        raise unreadable(what, Message("files.shp_records_overlap"))


def _columns(dbf: Path) -> int:
    with dbf.open("rb") as file:
        header = file.read(_DBF_HEADER_BYTES)
    return int.from_bytes(header[8:10], "little") // _DBF_HEADER_BYTES


def _check_projection(prj: Path, what: str) -> None:
    if not prj.exists():
        return
    if prj.stat().st_size > MAX_PRJ_BYTES:
        raise unreadable(what, Message("files.prj_too_long", {"kib": MAX_PRJ_BYTES >> 10}))
    check_names_no_file(prj.read_bytes().decode("utf-8", "replace"), what=what)


def _declared_encoding(folder: Path) -> str | None:
    """Return the encoding that the ``.cpg`` or the head of the ``.dbf`` names."""
    cpg = folder / "in.cpg"
    if cpg.exists():
        with cpg.open("rb") as file:
            named = encoding_named(file.read(_MAX_CPG_BYTES).decode("ascii", "replace"))
        if named is not None:
            return named
    with (folder / "in.dbf").open("rb") as file:
        head = file.read(_DBF_HEADER_BYTES)
    return _CODE_PAGES.get(head[_LDID_AT]) if len(head) > _LDID_AT else None


def _dbf_widths(dbf: Path) -> list[int]:
    """Return the width of each column, bytes."""
    with dbf.open("rb") as file:
        head = file.read(_DBF_HEADER_BYTES)
        columns = file.read(int.from_bytes(head[8:10], "little") - _DBF_HEADER_BYTES)
    widths = []
    for start in range(0, len(columns), _DBF_HEADER_BYTES):
        column = columns[start : start + _DBF_HEADER_BYTES]
        if len(column) < _DBF_HEADER_BYTES or column[0] == _DBF_END:
            break
        widths.append(column[_WIDTH_AT])
    return widths


def _decoded(
    raw: Source, widths: list[int], declared: str | None, what: str, report: LayerReport
) -> Source:
    """Give a shapefile read as Latin-1 its true text.

    A value that fills its column may have lost the end of its last character.
    """
    columns = [name for name in raw.frame.columns if name != "geometry"]
    bytes_of = {
        name: [v.encode(_LATIN) if isinstance(v, str) else None for v in raw.frame[name]]
        for name in columns
        if _is_text(raw.frame[name])
    }
    width_of = dict(zip(columns, widths, strict=False))
    names = {name: name.encode(_LATIN) for name in columns}
    encoding = _encoding(names.values(), bytes_of, width_of, declared, what)
    sure = "declared" if encoding == declared else "likely"
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    if not all(value.isascii() for value in names.values()) or declared:
        said = Message("files.text_in_encoding", {"encoding": encoding})
        report.understand("encoding", said, sure)
    frame, cut = raw.frame, np.zeros(len(raw.frame), dtype=bool)
    for name, values in bytes_of.items():
        whole = [_whole(value, width_of.get(name), encoding) for value in values]
        cut |= np.array([a != b for a, b in zip(whole, values, strict=True)], dtype=bool)
        texts = [None if value is None else value.decode(encoding) for value in whole]
        frame[name] = pd.Series(texts, index=frame.index, dtype=object)
    frame = frame.rename(
        columns={
            name: raw_name.decode(encoding, errors="ignore") for name, raw_name in names.items()
        }
    )
    return raw._replace(frame=frame, named={Message("files.value_cut"): cut})


def _encoding(
    names: Iterable[bytes],
    bytes_of: Mapping[str, list[bytes | None]],
    width_of: Mapping[str, int],
    declared: str | None,
    what: str,
) -> str:
    """Return the encoding in which names and values read, but for what was cut off at their end."""
    order = [each for each in dict.fromkeys((declared, "utf-8", "gb18030")) if each]
    for attempt in order:
        parts = [without_cut_end(name, attempt) for name in names]
        for name, values in bytes_of.items():
            known = [value for value in values if value is not None]
            parts += [_whole(value, width_of.get(name), attempt) or b"" for value in known]
        try:
            found = detect(parts, what=what, declared=declared)
        except FileFormatError:
            if attempt == order[-1]:
                raise
            continue
        if found == attempt:
            return found
    return found


def _whole(value: bytes | None, width: int | None, encoding: str) -> bytes | None:
    """Return a value without a character that the width of its column has cut."""
    if value is None or width is None or len(value) < width:
        return value
    return without_cut_end(value, encoding)


def _is_text(values: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(values) or values.dtype == object)
