"""Shapefiles, plain or zipped: their parts, checked against one another, in a folder of our own."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from boundaries.import_report import LayerReport
from boundaries.readers.byte_text import LATIN, decoded
from boundaries.readers.encoding import encoding_named
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import SHAPEFILE, FileReader, unreadable
from boundaries.readers.files.gdal import read_by_gdal
from boundaries.readers.files.limits import MAX_PRJ_BYTES, check_table_size
from boundaries.readers.files.source import FileHints, Source
from geo.errors import FileFormatError
from geo.messages import Message

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
        return read_unpacked_shapefile(Path(folder), path.name, report, hints)


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


def read_unpacked_shapefile(
    folder: Path, what: str, report: LayerReport, hints: FileHints
) -> Source:
    """Check the parts ``in.*`` of a folder of our own and read them."""
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
    raw = read_by_gdal(shp, FileReader.SHAPEFILE, what=what, report=report, encoding=LATIN)
    frame, cut = decoded(
        raw.frame, _dbf_widths(shp.with_suffix(".dbf")), declared, what=what, report=report
    )
    return raw._replace(frame=frame, named={Message("files.value_cut"): cut})


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
