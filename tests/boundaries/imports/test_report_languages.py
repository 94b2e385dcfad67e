"""Reports of imports in Chinese: all that readers say, but for names, values and codes."""

import geopandas as gpd
import pytest
from shapely import LineString, MultiPoint, Point, Polygon

from boundaries.import_report import ImportReport
from boundaries.imports.import_files import load_layer
from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from boundaries.store.history.change_log import what_of
from boundaries.store.rows.message_text import message_as_text
from boundaries.store.tables.records import report_from_json, report_to_json
from geo.errors import LifecircleError
from geo.messages import Message, speaking
from tests.boundaries.readers.osm.osm_scene import write_scene
from tests.messages.catalogue import english_in
from tests.scenes import EPSG, lonlat, tiny_district, tiny_store, xy

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
BOW = Polygon([xy(0, 0), xy(20, 20), xy(20, 0), xy(0, 20)])
BUILDINGS = {
    "id": ["a", "a", "b", "c", "d", "e", "f", "g", "h", "i"],
    "户数": [5, 5, None, "many", 7, 7, 7, 7, 7, 7],
    "residents": ["x"] * 10,
    "用途": ["住宅", "住宅", "", "", "castle", "", "", "", "", ""],
    "colour": ["red"] * 10,
}
SHAPES = [
    Point(xy(1, 1)), Point(xy(2, 2)), Point(xy(3, 3)), Point(xy(4, 4)), BOW,
    LineString([xy(0, 0), xy(9, 9)]), None, Point(0, 0), Point(xy(900_000, 0)),
    MultiPoint([xy(5, 5)]),
]  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return tiny_store(tmp_path / "town.gpkg")


def osm_report(path):
    """Return the report of a scene where much is wrong."""
    nodes = {n: (40 * n, 0) for n in range(1, 9)}
    nodes |= {20: (0, 50), 21: (300, 50), 30: (60, -60), 31: (60, 60)}
    nodes |= {8: (320, 0, {"shop": "bakery", "disused": "yes"}), 40: (9, 9, {"barrier": "gate"})}
    ways = [
        (10, [1, 2, 3], {"highway": "footway"}),
        (11, [4, 5], {"highway": "hovercraft"}),
        (12, [5, 6], {"highway": "primary", "foot": "no"}),
        (13, [6, 7], {"highway": "motorway"}),
        (14, [7, 99], {"highway": "path"}),
        (15, [20, 21], {"highway": "residential"}),
        (16, [30, 31], {"barrier": "wall"}),
        (17, [1, 2, 20], {"building": "yes"}),
        (18, [2, 3, 20, 2], {"building": "apartments"}),
        (19, [98, 97], {"shop": "supermarket"}),
        (22, [30, 31], {"waterway": "river", "tunnel": "culvert"}),
    ]
    write_scene(path, nodes, ways)
    return read_osm(path, code=CODE, standard=load_standard())[2]


ALL = {"dry_run": True, "accept_losses": True}


def reports(store, tmp_path):
    houses = tmp_path / "houses.geojson"
    gpd.GeoDataFrame(BUILDINGS, geometry=SHAPES, crs=EPSG).to_file(houses, driver="GeoJSON")
    yield load_layer(store, CODE, "buildings", houses, **ALL).report
    grids = tmp_path / "grids.csv"
    ring = "POLYGON((118 37.3, 118.001 37.3, 118.001 37.301, 118 37.3))"
    codes = [f"{CODE}001001101", "12", "", f"{CODE}001002201"]
    rows = "\n".join(f'{code},"{ring}"' for code in codes)
    grids.write_text(f"code,wkt\n{rows}\n")
    yield load_layer(store, CODE, "grids", grids, crs="EPSG:4326", faulty=True, **ALL).report
    points = tmp_path / "points.csv"
    (lon, lat), bad = lonlat(50, 50), "capacity,lon,lat,category"
    points.write_text(f"{bad}\n-1,{lon},{lat},catering\n1,{lon},{lat},weapons\n1,{lat},{lon},\n")
    yield load_layer(store, CODE, "service_points", points, crs="EPSG:4326", **ALL).report
    yield osm_report(tmp_path / "town.osm")


def texts(report):
    """Return all that a report says, in the language spoken at present."""
    told = []
    for account in report.told()["layers"].values():
        told += [*account["repaired"], *account["notes"], *account["named"].values()]
        told += [each[what] for each in account["rejected"] for what in ("row", "reason")]
    return told


def test_a_report_holds_no_english_sentence_in_chinese(store, tmp_path):
    for report in reports(store, tmp_path):
        assert [text for text in texts(report) if english_in(text)]
        with speaking("zh"):
            assert [text for text in texts(report) if english_in(text)] == []


def test_a_stored_report_is_told_in_either_language(store, tmp_path):
    for report in reports(store, tmp_path):
        again = report_from_json(report_to_json(report))
        assert again == report
        assert again.told() == report.told()


def test_an_older_report_of_texts_is_read():
    account = {
        "read": 2,
        "accepted": 1,
        "repaired": {"doubled nodes": 3},
        "rejected": [["row 2", "no geometry"]],
        "notes": {"edges": 4},
        "named": {"way/1": "cut"},
    }
    report = ImportReport.from_json({"source": "a.osm", "layers": {"walk_edges": account}})
    with speaking("zh"):
        told = report.told()["layers"]["walk_edges"]
    rejected = [{"row": "row 2", "reason": "no geometry"}]
    assert told == {**account, "rejected": rejected, "understood": []}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "x\n1\n", "请改列名"),
        ("a.geojson", "PK\x03\x04", "而是zip 压缩包的文件头"),
        ("a.doc", "x", "扩展名应为"),
        ("a.csv", "", "是空文件"),
    ],
)
def test_why_a_file_cannot_be_read(store, tmp_path, name, content, says):
    path = tmp_path / name
    path.write_text(content)
    with speaking("zh"), pytest.raises(LifecircleError, match=says) as caught:
        load_layer(store, CODE, "buildings", path)
    with speaking("zh"):
        assert english_in(str(caught.value)) == []


def test_the_log_keeps_what_an_import_was_in_both_languages(store, tmp_path):
    houses = tmp_path / "houses.geojson"
    gpd.GeoDataFrame({"户数": [5]}, geometry=[Point(xy(1, 1))], crs=EPSG).to_file(houses)
    load_layer(store, CODE, "buildings", houses)
    what = store.changes(CODE)[0].what
    assert what.text("en") == "import of buildings from houses.geojson"
    assert what.text("zh") == "从 houses.geojson 导入 楼栋"
    assert "从 houses.geojson 导入 楼栋 / import of buildings" in message_as_text(what)


@pytest.mark.parametrize("text", ["moved a gate", "", '{"code": 5', '{"code": "no.such", "x": 1}'])
def test_what_somebody_wrote_into_the_log_stays_as_it_is(text):
    assert what_of(message_as_text(text)) == Message(text)


def test_a_report_of_a_later_program_is_read_and_told_by_its_codes():
    report = ImportReport("grids.geojson")
    report.layer("grids").note(Message("reading.no_geometry"))
    later = report_to_json(report).replace("reading.no_geometry", "later.sentence")
    assert list(report_from_json(later).told()["layers"]["grids"]["notes"]) == ["later.sentence"]
