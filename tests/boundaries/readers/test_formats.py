"""The declared formats: no two are alike, and the documents say what is declared."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from boundaries.readers.files import limits
from boundaries.readers.files.formats import (
    GDAL_DRIVERS,
    GEODATABASE,
    LAYER_FORMATS,
    OSM_FORMATS,
    POINT_FORMATS,
    FileReader,
    agreed_format,
)
from geo.errors import EmptyError, FileFormatError
from tests.source_index import ROOT

FORMATS = dict.fromkeys((*LAYER_FORMATS, *OSM_FORMATS, *POINT_FORMATS))
PAGES = [ROOT / "docs" / folder / "reference" / "files.md" for folder in ("", "zh")]


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_the_documents_name_every_ending_and_limit(page: Path):
    text = page.read_text("utf-8")
    assert [s for each in FORMATS for s in each.suffixes if f"`{s}`" not in text] == []
    said = dict(re.findall(r"\| ([\d,]+)[^|]* \| `(MAX_\w+)`", text))
    said = {name: int(value.replace(",", "")) for value, name in said.items()}
    assert said == {
        "MAX_UNPACKED_BYTES": limits.MAX_UNPACKED_BYTES >> 30,
        "MAX_RATIO": limits.MAX_RATIO,
        "MAX_LISTING_BYTES": limits.MAX_LISTING_BYTES >> 20,
        "MAX_COLUMNS": limits.MAX_COLUMNS,
        "MAX_CELLS": limits.MAX_CELLS,
        "MAX_HEADER_CHARS": limits.MAX_HEADER_CHARS,
        "MAX_PRJ_BYTES": limits.MAX_PRJ_BYTES >> 10,
    }
    assert f"{limits.RATIO_FREE_BYTES >> 20} MiB" in text


def test_no_two_drivers_of_gdal_accept_the_same_first_bytes():
    marks = {each.reader: each.begins for each in LAYER_FORMATS if each.suffixes != (".zip",)}
    marks = {reader: begins for reader, begins in marks.items() if reader in GDAL_DRIVERS}
    assert marks.keys() | {FileReader.ESRI_JSON} == GDAL_DRIVERS  # that is told by the document
    for one, other in combinations((mark for begins in marks.values() for mark in begins), 2):
        assert not one.startswith(other)
        assert not other.startswith(one)


def test_a_folder_is_a_geodatabase_by_what_is_in_it(tmp_path: Path):
    folder = tmp_path / "a.GDB"
    folder.mkdir()
    with pytest.raises(EmptyError):
        agreed_format(folder, LAYER_FORMATS)
    (folder / "x.vrt").touch()
    with pytest.raises(FileFormatError, match=r"it has no a00000001.gdbtable in it"):
        agreed_format(folder, LAYER_FORMATS)
    (folder / "A00000001.gdbtable").touch()
    assert agreed_format(folder, LAYER_FORMATS) is GEODATABASE
    (tmp_path / "b.gdb").touch()
    with pytest.raises(FileFormatError, match="wanted a file that ends in"):
        agreed_format(tmp_path / "b.gdb", LAYER_FORMATS)


FILES = [each for each in FORMATS if each is not GEODATABASE]


@pytest.mark.parametrize("known", FILES, ids=lambda known: known.kind)
@pytest.mark.parametrize("ending", [str.lower, str.upper])
def test_ending_and_first_bytes_must_agree(tmp_path: Path, known, ending):
    path = tmp_path / f"in{ending(known.suffixes[0])}"
    start = b"\xef\xbb\xbf \n" if known.text else bytes(known.skip)
    path.write_bytes(start + (known.begins or (b"a,b\n",))[0] + b" and more")
    assert agreed_format(path, [known]) is known
    path.write_bytes(b"")
    with pytest.raises(EmptyError, match=r"is empty \(0 bytes\)"):
        agreed_format(path, [known])
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(FileFormatError, match="but as PDF"):
        agreed_format(path, [known])
    with pytest.raises(FileFormatError, match="wanted a file that ends in"):
        agreed_format(path.rename(tmp_path / "in.doc"), [known])
