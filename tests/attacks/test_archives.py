"""Archives: bombs, links, names that lead out, and members that are no files of a shapefile."""

import bz2
import gzip
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from boundaries.readers.files import limits
from boundaries.readers.files.unpack import Budget
from boundaries.readers.osm import read_osm
from boundaries.readers.vector import read_layer
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from geo.errors import FileFormatError, LifecircleError
from tests.attacks import hostile_files as hostile
from tests.attacks.canary import SECRET, Canary
from tests.attacks.hostile_files import MEBI, Make, link, raw, with_parts
from tests.boundaries.readers.layers.test_workers import workbook
from tests.scenes import tiny_district, tiny_store

DISTRICT, _ = tiny_district()
CODE = DISTRICT.code


@pytest.fixture
def folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder for the file; temporary files go into another one, ``unpacked``."""
    unpacked = folder.with_name("unpacked")
    unpacked.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(unpacked))
    return folder


def member(name: str, **changed: int) -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo(name)
    info.filename = name  # as it is, also where the library would mend it
    for attribute, value in changed.items():
        setattr(info, attribute, value)
    return info, b"content"


ARCHIVES: dict[str, tuple[Make, str]] = {
    "out-of-the-archive": (with_parts(member("../../evil.shp")), "'../../evil.shp', which leads"),
    "out-by-a-folder": (with_parts(member("a/../../evil.dbf")), "leads out of the archive"),
    "out-by-backslash": (with_parts(member("..\\evil.dbf")), "leads out of the archive"),
    "absolute": (with_parts(member("/etc/evil.dbf")), "'/etc/evil.dbf', which leads out"),
    "of-a-drive": (with_parts(member("C:\\evil.dbf")), "leads out of the archive"),
    "name-with-a-newline": (with_parts(member("evil\n.dbf")), "leads out of the archive"),
    "link": (
        lambda folder, bird: with_parts(link("other.shp", str(bird.path)))(folder, bird),
        "'other.shp', which is a link or a device",
    ),
    "link-in-place-of-a-part": (
        lambda folder, bird: hostile.archive(
            *(part for part in hostile.parts(folder, bird) if part[0] != "in.dbf"),
            link("in.dbf", str(bird.path)),
        )(folder, bird),
        "'in.dbf', which is a link or a device",
    ),
    "device": (
        with_parts(member("null.dbf", create_system=3, external_attr=0o020666 << 16)),
        "is a link or a device",
    ),
    "encrypted": (hostile.encrypted, "which is encrypted"),
    "packed-by-lzma": (
        with_parts(member("x.txt", compress_type=zipfile.ZIP_LZMA)),
        "is not packed by deflate",
    ),
    "twice": (with_parts(("IN.SHP", b"x")), "'IN.SHP' twice; wanted every file once"),
    "archive-inside": (with_parts(("more.zip", b"PK\x03\x04")), "which is an archive itself"),
    "gzip-inside": (with_parts(("in.shp.gz", b"\x1f\x8b")), "which is an archive itself"),
    "no-shapefile": (hostile.archive(("readme.txt", b"hello")), "in.zip holds 0 layers ()"),
    "two-shapefiles": (with_parts(("two.shp", b"x")), "in.zip holds 2 layers (in.shp, two.shp)"),
    "empty-archive": (raw("in.zip", b"PK\x05\x06" + bytes(18)), "does not begin as a zip archive"),
    "cut-short": (
        lambda folder, bird: raw("cut.zip", with_parts()(folder, bird).read_bytes()[:-30])(
            folder, bird
        ),
        "File is not a zip file",
    ),
    "long-listing": (hostile.long_listing, "lists more members than 1 MiB of names"),
    "bomb": (
        hostile.zip_bomb("in.dbf", 1_900, 1_900 * MEBI),
        "unpacks to more than 100 times as many; wanted data, which packs 5 to 60 times",
    ),
    "bomb-beyond-the-limit": (
        hostile.zip_bomb("in.dbf", 2_100, 2_100 * MEBI),
        "in.zip unpacks to more than 2 GiB",
    ),
    "bomb-that-declares-little": (hostile.zip_bomb("in.dbf", 1_900, 9), "cannot be read as what"),
    "renamed-table": (hostile.archive(("xl/workbook.xml", b"<x/>")), "in.zip holds 0 layers"),
}  # fmt: skip


@pytest.mark.parametrize("case", ARCHIVES)
def test_a_hostile_archive_is_refused_in_one_sentence(folder: Path, bird: Canary, case: str):
    make, words = ARCHIVES[case]
    path = make(folder, bird)
    elsewhere = sorted(folder.parent.rglob("*"))
    with pytest.raises(FileFormatError) as caught:
        read_layer(path, "buildings", district=DISTRICT)
    said = str(caught.value)
    assert words in said
    assert "\n" not in said
    assert SECRET not in said
    assert bird.untouched()
    assert sorted(folder.parent.rglob("*")) == elsewhere


@pytest.mark.parametrize("ending", ["ods", "tar.gz", "tgz", "7z", "rar", "xz"])
def test_other_archives_are_refused_unread(folder: Path, bird: Canary, ending: str):
    path = hostile.zip_bomb("in.dbf", 1_900, 1_900 * MEBI)(folder, bird)
    path = path.rename(folder / f"in.{ending}")
    bird.watch(path)
    with pytest.raises(FileFormatError, match=rf"Got in\.{ending}; wanted a file that ends in"):
        read_layer(path, "buildings", district=DISTRICT)
    assert bird.untouched()


def test_a_workbook_that_unpacks_to_too_much_is_refused(folder: Path, bird: Canary):
    path = hostile.zip_bomb("in.dbf", 1_900, 1_900 * MEBI)(folder, bird)
    path = path.rename(folder / "in.xlsx")
    with pytest.raises(FileFormatError, match="unpacks to more than 100 times as many"):
        read_layer(path, "buildings", district=DISTRICT)


def test_room_is_made_for_no_more_cells_than_there_may_be(tmp_path: Path):
    """A cell in the last row and column would make room for 17,000,000,000."""
    path = workbook(tmp_path / "in.xlsx", {"a": [["户数"], ["1"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(b"</sheetData>", last))
    with pytest.raises(FileFormatError, match=r"16,384 columns"):
        read_layer(path, "buildings", district=DISTRICT)


SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
MARKUP = {
    "many-columns": ("<table><tr><td colspan=9999999>x</table>", "has 1,001 columns"),
    "entities": (
        f'<!DOCTYPE a [<!ENTITY b "bbb">]><Workbook xmlns="{SPREADSHEET}"/>',
        "it has a DOCTYPE",
    ),
    "no-table": ("<html><script>document.write('<table>')</script></html>", "no table in it"),
    "far-row": (
        f'<s:Workbook xmlns:s="{SPREADSHEET}"><s:Worksheet><s:Row><s:Cell s:Index="9999999"/>',
        "columns; wanted at most 1,000",
    ),
}


@pytest.mark.parametrize("case", MARKUP)
def test_hostile_markup_is_refused_in_one_sentence(folder: Path, case: str):
    content, words = MARKUP[case]
    path = folder / "in.xls"
    path.write_text(content)
    with pytest.raises(FileFormatError, match=words):
        read_layer(path, "buildings", district=DISTRICT)


def test_what_a_mac_and_a_careless_hand_pack_is_read(folder: Path, bird: Canary):
    """Parts in capitals, in a folder, with a page of notes and the extras of a Mac."""
    parts = [(f"数据/{name.upper()}", content) for name, content in hostile.parts(folder, bird)]
    extras = [("__MACOSX/数据/._IN.SHP", b"mac"), ("数据/说明.pdf", b"%PDF")]
    path = hostile.archive(*parts, *extras)(folder, bird)
    assert len(read_layer(path, "buildings", district=DISTRICT)[0]) == 2


# --- packed extracts -----------------------------------------------------------------------------

OSM = b"<osm version='0.6'>"
EXTRACTS: dict[str, tuple[Make, str]] = {
    "gzip-bomb": (
        raw("in.osm.gz", lambda: hostile.gzip_bomb(1_900)),
        "more than 100 times as many",
    ),
    "bzip2-bomb": (
        raw("in.osm.bz2", lambda: bz2.compress(OSM) + bz2.compress(bytes(16 * MEBI)) * 120),
        "more than 100 times as many",
    ),
    "many-streams": (
        raw("in.osm.gz", lambda: gzip.compress(OSM) + gzip.compress(bytes(MEBI)) * 100),
        "more than 100 times as many",
    ),
    "gzip-in-gzip": (raw("in.osm.gz", gzip.compress(gzip.compress(OSM))), "is not OpenStreetMap"),
    "bzip2-as-gzip": (raw("in.osm.gz", bz2.compress(OSM)), "in gzip does, but as bzip2"),
    "gzip-as-bzip2": (raw("in.osm.bz2", gzip.compress(OSM)), "in bzip2 does, but as gzip"),
    "gzip-as-xml": (raw("in.osm", gzip.compress(OSM)), "OpenStreetMap XML does, but as gzip"),
    "gzip-cut-short": (
        raw("in.osm.gz", lambda: gzip.compress(OSM + bytes(range(256)) * 99)[:-9]),
        "in.osm.gz does not unpack",
    ),
    "rubbish-behind": (raw("in.osm.gz", gzip.compress(OSM) + b"rubbish"), "does not unpack"),
}


@pytest.mark.parametrize("case", EXTRACTS)
def test_a_hostile_extract_is_refused_in_one_sentence(folder: Path, bird: Canary, case: str):
    make, words = EXTRACTS[case]
    path = make(folder, bird)
    with pytest.raises(LifecircleError) as caught:
        read_osm(path, code=CODE, standard=load_standard())
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list((folder.parent / "unpacked").iterdir()) == []


def test_a_bomb_is_stopped_while_it_unpacks(folder: Path, bird: Canary, tmp_path: Path):
    """No more is written than the limit, and hardly any of it is held in memory."""
    path = raw("in.osm.gz", lambda: hostile.gzip_bomb(1_900))(folder, bird)
    allowed = max(limits.RATIO_FREE_BYTES, limits.MAX_RATIO * path.stat().st_size)
    assert path.stat().st_size < 2_000_000
    spent: list[int] = []
    spend = Budget.spend
    tracemalloc.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Budget, "spend", lambda *words: (spent.append(words[1]), spend(*words)))
            with pytest.raises(FileFormatError):
                read_osm(path, code=CODE, standard=load_standard())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert allowed < sum(spent) <= allowed + MEBI
    assert list((tmp_path / "unpacked").iterdir()) == []
    assert peak < 20 * MEBI


def test_the_command_line_refuses_a_bomb(folder: Path, bird: Canary, tmp_path: Path):
    db = tmp_path / "own.gpkg"
    tiny_store(db)
    path = hostile.zip_bomb("in.dbf", 1_900, 1_900 * MEBI)(folder, bird)
    words = ["--db", str(db), "load", "buildings", str(path), "--district", CODE]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 2
    assert "unpacks to more than 100 times as many" in result.stderr
    assert open_store(db).district(CODE).revision == 1
