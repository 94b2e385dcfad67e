"""Shapefiles, plain or zipped: their parts, checked against one another, in a folder of our own."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries.import_report import LayerReport
from boundaries.readers.encoding import detect, whole_characters
from boundaries.readers.files.crs_text import check_names_no_file
from boundaries.readers.files.formats import SHAPEFILE, FileReader, unreadable
from boundaries.readers.files.gdal import read_by_gdal
from boundaries.readers.files.limits import MAX_PRJ_BYTES
from boundaries.readers.files.source import Source
from boundaries.readers.files.table_size import check_table_size
from boundaries.readers.files.zip_archive import unpack_shapefile
from geo.errors import FileFormatError
from geo.messages import Message

_LATIN: Final = "ISO-8859-1"
"""Maps every byte to one character and back, so text read with it is the raw bytes."""

_HEADER_BYTES: Final = 100
_DBF_HEADER_BYTES: Final = 32
_WORD_BYTES: Final = 2  # of the 16-bit words in which a shapefile counts


def read_shapefile(path: Path, layer: str, report: LayerReport) -> Source:
    """Read a shapefile: the ``.shp`` and, beside it, the files that belong to it."""
    del layer
    with TemporaryDirectory() as folder:
        _link_parts(path, Path(folder))
        return _read(Path(folder), path.name, report)


def read_zip(path: Path, layer: str, report: LayerReport) -> Source:
    """Read the one shapefile of an archive, in whatever folder and under whatever name it lies."""
    del layer
    with TemporaryDirectory() as folder:
        unpack_shapefile(path, Path(folder))
        return _read(Path(folder), path.name, report)


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


def _read(folder: Path, what: str, report: LayerReport) -> Source:
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
    raw = read_by_gdal(shp, FileReader.SHAPEFILE, what=what, report=report, encoding=_LATIN)
    return raw._replace(frame=_decoded(raw.frame, what, report))


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


def _decoded(raw: gpd.GeoDataFrame, what: str, report: LayerReport) -> gpd.GeoDataFrame:
    """Give a shapefile read as Latin-1 its true text, whatever its ``.cpg`` claims."""
    texts = [name for name in raw.columns if name != "geometry" and _is_text(raw[name])]
    names = [whole_characters(name.encode(_LATIN)) for name in raw.columns if name != "geometry"]
    values = [value.encode(_LATIN) for name in texts for value in raw[name].dropna()]
    encoding = detect([*names, *values], what=what)
    if encoding != "utf-8":
        report.note(Message("files.text_in_encoding", {"encoding": encoding}))
    for name in texts:
        raw[name] = pd.Series(
            [
                value.encode(_LATIN).decode(encoding) if isinstance(value, str) else None
                for value in raw[name]
            ],
            index=raw.index,
            dtype=object,
        )
    return raw.rename(
        columns={
            name: name.encode(_LATIN).decode(encoding, errors="ignore")
            for name in raw.columns
            if name != "geometry"
        }
    )


def _is_text(values: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(values) or values.dtype == object)
