"""Loading a file: one transaction, the same file twice changes nothing, a report that says all."""

import hashlib
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely
from shapely import Point

from boundaries.import_report import ImportReport, told_counts
from boundaries.imports.import_files import load_layer, load_osm
from boundaries.imports.merge_with_stored import joined_district, joined_layers
from boundaries.imports.optimistic_update import UNCHANGED
from boundaries.standards.household_estimate import ESTIMATED_NOTE, ESTIMATED_NOTE_ZH
from boundaries.store.geopackage.store import GeoPackageStore
from boundaries.store.open import open_store
from boundaries.store.tables.records import RevisionError
from geo.crs import metric_epsg
from geo.errors import (
    ConflictError,
    CrsError,
    EmptyError,
    FileFormatError,
    NotFoundError,
    SchemaError,
)
from geo.model.layers import conform_layer
from tests.reports import told
from tests.scenes import (
    EPSG,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_WEST,
    lonlat,
    square,
    tiny_district,
    tiny_store,
    xy,
)
from tests.shared import SHARED, needs_shared

CODE = "371602"
DISTRICT, LAYERS = tiny_district()


@pytest.fixture
def store(tmp_path):
    return tiny_store(tmp_path / "town.gpkg")


@pytest.fixture
def houses(tmp_path):
    path = tmp_path / "houses.geojson"
    frame = gpd.GeoDataFrame(
        {"户数": [5, 7, None]}, geometry=[Point(xy(i, 5)) for i in (1, 2, 3)], crs=EPSG
    )
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    return path


def test_a_file_takes_the_place_of_the_layer(store, houses):
    report = load_layer(store, CODE, "buildings", houses).report
    account = report.layers["buildings"]
    assert (account.read, account.accepted) == (3, 2)
    assert told(account.rejected) == [("row 3", "no households")]
    assert sorted(store.layers(CODE).buildings["households"]) == [5, 7]
    assert store.district(CODE).revision == 2
    (record,) = store.imports(CODE)
    assert record.report == report
    assert record.sha256 == hashlib.sha256(houses.read_bytes()).hexdigest()
    assert record.revision == 2
    assert store.counts(CODE)["service_points"] == 5


def test_the_same_file_twice_changes_nothing(store, houses, tmp_path):
    load_layer(store, CODE, "buildings", houses)
    before = (tmp_path / "town.gpkg").read_bytes()
    report = load_layer(store, CODE, "buildings", houses).report
    assert report.layers["buildings"].notes[UNCHANGED] == 1
    assert store.district(CODE).revision == 2
    assert (tmp_path / "town.gpkg").read_bytes() == before


def test_the_same_file_restores_what_was_edited_since(store, houses):
    load_layer(store, CODE, "buildings", houses)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE buildings SET households = 99")
    edited = store.district(CODE).revision
    report = load_layer(store, CODE, "buildings", houses).report
    assert UNCHANGED not in report.layers["buildings"].notes
    assert sorted(store.layers(CODE).buildings["households"]) == [5, 7]
    assert store.district(CODE).revision == edited + 1


def test_a_dry_run_checks_and_stores_nothing(store, houses, tmp_path):
    before = (tmp_path / "town.gpkg").read_bytes()
    report = load_layer(store, CODE, "buildings", houses, dry_run=True).report
    assert report.layers["buildings"].accepted == 2
    assert (tmp_path / "town.gpkg").read_bytes() == before


def test_new_grids_take_workers_away(store, tmp_path):
    path = tmp_path / "grids.gpkg"
    small = LAYERS.grids[LAYERS.grids["code"].isin([NORTH_WEST, SOUTH_WEST])]
    small[["code", "geometry"]].to_file(path)
    with pytest.raises(ConflictError, match="lie in no grid"):
        load_layer(store, CODE, "grids", path, dry_run=True)
    assert store.counts(CODE)["grids"] == 7
    report = load_layer(store, CODE, "grids", path, faulty=True).report
    log = str(store.changes(CODE)[0].what)
    assert log.startswith("import of grids from grids.gpkg; newly at fault, 1: 80000.00 m2 of")
    assert any("newly at fault, gap" in note for note in told_counts(report.layers["grids"].notes))
    assert told(report.layers["workers"].rejected) == [
        (f"W2 in {NORTH_EAST}", "the grid is gone"),
        ("W2 in 371602001001202", "the grid is gone"),
    ]
    assert store.counts(CODE)["grids"] == 4  # two small ones, their medium and large
    assert store.layers(CODE).workers["worker_code"].tolist() == ["W1", "W1"]


def test_service_points_from_a_table(store, tmp_path):
    path = tmp_path / "points.csv"
    x, y = xy(50, 50)
    path.write_text(f"名称,类别,x,y\n社区食堂,餐饮服务,{x},{y}\n", encoding="gbk")
    load_layer(store, CODE, "service_points", path, crs=EPSG)
    assert store.layers(CODE).service_points["category"].tolist() == ["catering"]


def test_a_boundary_makes_the_district(tmp_path):
    store, path = open_store(tmp_path / "new.gpkg", create=True), tmp_path / "edge.geojson"
    frame = gpd.GeoDataFrame({"name": ["试点区"]}, geometry=[square(0, 0, 400, 400)], crs=EPSG)
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    load_layer(store, "new-1", "boundary", path, name_en="Pilot")
    made = store.district("new-1")
    assert (made.name_zh, made.name_en, made.epsg, made.revision) == ("试点区", "Pilot", 4548, 1)
    assert made.epsg == metric_epsg(118, 37.38)
    again = load_layer(store, "new-1", "boundary", path)
    assert (again.report.layers["boundary"].notes[UNCHANGED], again.revision) == (1, 1)
    assert store.district("new-1").revision == 1


def test_a_boundary_of_a_stored_district_is_replaced(store, tmp_path):
    path = tmp_path / "edge.geojson"
    frame = gpd.GeoDataFrame(geometry=[square(0, 0, 800, 400)], crs=EPSG)
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    load_layer(store, CODE, "boundary", path)
    there = store.district(CODE)
    assert (there.name_zh, there.revision) == ("试点区", 2)
    assert there.boundary.bounds[2] > DISTRICT.boundary.bounds[2]
    assert store.counts(CODE)["buildings"] == 6


def test_a_new_district_without_a_name_is_called_by_its_code(tmp_path):
    store, path = open_store(tmp_path / "new.gpkg", create=True), tmp_path / "edge.geojson"
    frame = gpd.GeoDataFrame(geometry=[square(0, 0, 400, 400)], crs=EPSG)
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    with pytest.raises(SchemaError, match="other signs than letters"):
        load_layer(store, "新 区", "boundary", path, name_zh="新区")
    assert store.districts() == []
    assert load_layer(store, "new", "boundary", path).revision == 1
    assert (store.district("new").name_zh, store.district("new").name_en) == ("new", "new")


def test_a_layer_needs_its_district(store, houses):
    with pytest.raises(NotFoundError, match=r"no district 999 .*\(371602\)"):
        load_layer(store, "999", "buildings", houses)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("in.geojson", b"{", FileFormatError),
        ("in.csv", b"lon,lat,households\n", EmptyError),
        ("in.csv", b"lon,lat,households\n0,0,1\n", EmptyError),
        ("in.csv", b"x,y,households\n1,1,1\n", CrsError),
        ("in.csv", b"lon,lat,colour\n118,37.38,red\n", SchemaError),
        ("in.xyz", b"", FileFormatError),
    ],
)
def test_a_wrong_file_leaves_the_store_as_it_was(store, tmp_path, name, content, error):
    before = (tmp_path / "town.gpkg").read_bytes()
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(error):
        load_layer(store, CODE, "buildings", path)
    assert (tmp_path / "town.gpkg").read_bytes() == before


@needs_shared
def test_the_real_outline_makes_bincheng(tmp_path):
    path = SHARED / "data" / "binzhou-boundary" / "bincheng_371602_epsg4490.geojson"
    store = open_store(tmp_path / "new.gpkg", create=True)
    load_layer(store, CODE, "boundary", path, crs=4490)
    made = store.district(CODE)
    assert (made.name_zh, made.epsg) == ("滨城区", 4548)


# --- somebody else changes the district while a file is read --------------------------------------

OSM = """<?xml version="1.0"?>
<osm version="0.6">
  <node id="1" lat="37.3800" lon="118.0000"/>
  <node id="2" lat="37.3800" lon="118.0050"/>
  <node id="3" lat="37.3830" lon="118.0050"/>
  <node id="4" lat="37.3802" lon="118.0010"><tag k="amenity" v="restaurant"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
</osm>
"""


class Busy(GeoPackageStore):
    """A store in which somebody else works: an edit is committed after each of the first reads."""

    edits = ()

    def snapshot(self, code, *, as_of=None):
        found = super().snapshot(code, as_of=as_of)
        if self.edits:
            edit, *self.edits = self.edits
            with self.engine.begin() as connection:
                connection.exec_driver_sql(edit)
        return found


@pytest.fixture
def busy(store, tmp_path):
    return Busy.open(tmp_path / "town.gpkg")


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "corner.osm"
    path.write_text(OSM)
    return path


def test_an_edit_while_an_extract_is_read_is_kept(busy, extract):
    busy.edits = ["UPDATE service_points SET name = 'new name' WHERE point_id = 'p1'"]
    done = load_osm(busy, CODE, extract)
    district, layers = busy.snapshot(CODE)
    assert (done.revision, district.revision) == (3, 3)
    named = layers.service_points.set_index("point_id")["name"]
    assert named["p1"] == "new name"
    assert len(named) == 6
    assert len(busy.imports(CODE)) == 1


def test_an_edit_while_rows_are_added_is_kept(busy, tmp_path):
    path = tmp_path / "points.csv"
    x, y = xy(50, 50)
    path.write_text(f"point_id,名称,类别,x,y\nn1,社区食堂,餐饮服务,{x},{y}\n")
    busy.edits = ["DELETE FROM service_points WHERE point_id = 'p1'"]
    done = load_layer(busy, CODE, "service_points", path, crs=EPSG, add=True)
    assert told_counts(done.report.layers["service_points"].notes)["rows in the layer now"] == 5
    there = busy.layers(CODE).service_points["point_id"]
    assert there.tolist() == ["n1", "p2", "p3", "p4", "p5"]


OLD_NOTE_ZH = "户数按建筑占地与层数估算，并非实数。"


@pytest.mark.parametrize("told_zh", [ESTIMATED_NOTE_ZH, OLD_NOTE_ZH])
def test_an_edit_while_a_note_goes_stale_is_kept(busy, houses, told_zh):
    noted = replace(DISTRICT, note=f"Ours. {ESTIMATED_NOTE}", note_zh=f"我们的。{told_zh}")
    busy.replace(noted, LAYERS)
    busy.edits = ["UPDATE service_points SET name = 'new name' WHERE point_id = 'p1'"]
    load_layer(busy, CODE, "buildings", houses)
    district, layers = busy.snapshot(CODE)
    assert (district.note, district.note_zh) == ("Ours.", "我们的。")
    assert layers.service_points["name"].tolist()[0] == "new name"
    assert sorted(layers.buildings["households"]) == [5, 7]


def test_a_district_that_never_rests_is_left_as_it_is(busy, extract):
    busy.edits = ["UPDATE grids SET name_en = name_en || '!'"] * 4
    with pytest.raises(RevisionError, match="try again"):
        load_osm(busy, CODE, extract)
    assert busy.imports(CODE) == []
    assert busy.layers(CODE).service_points["point_id"].tolist() == ["p1", "p2", "p3", "p4", "p5"]


def test_an_extract_again_repeats_no_note_and_no_credit(store, extract):
    load_osm(store, CODE, extract)
    first = store.district(CODE)
    assert load_osm(store, CODE, extract).revision == first.revision
    assert first.credits == ("hand-made", "© OpenStreetMap contributors (ODbL 1.0)")
    assert (first.note, first.note_zh) == (DISTRICT.note, DISTRICT.note_zh)
    old, new = (replace(DISTRICT, note_zh=note) for note in (OLD_NOTE_ZH, ESTIMATED_NOTE_ZH))
    assert joined_district(new, old).note_zh == ESTIMATED_NOTE_ZH


def test_open_grounds_of_ones_own_stay_beside_those_of_an_extract():
    areas = shapely.buffer(LAYERS.buildings.geometry.to_numpy()[:2], 1e-4)
    told = {"ground_id": ["g1", "way/9"], "kind": ["park", "field"], "name": ""}
    grounds = conform_layer("open_grounds", gpd.GeoDataFrame(told, geometry=areas, crs=4326))
    report = ImportReport("extract.osm")
    joined = joined_layers(LAYERS, replace(LAYERS, open_grounds=grounds), report)
    assert list(joined.open_grounds["ground_id"]) == ["g1"]
    assert told_counts(report.layer("open_grounds").notes) == {"given ones kept": 1}


def test_a_path_is_made_only_when_something_is_written(tmp_path, extract):
    path = tmp_path / "new.gpkg"
    assert load_osm(path, "corner", extract, dry_run=True).revision is None
    assert not path.exists()
    assert load_osm(path, "corner", extract).revision == 1
    assert open_store(path).district("corner").name_zh == "corner"


def doors_csv(path, *rows):
    """Write entrances: building, point, kind, access, x, y."""
    lines = [
        ",".join([*map(str, row[:4]), *map(str, lonlat(*row[4:]))]) for row in rows
    ]  # fmt: skip
    path.write_text("\n".join(["building_id,point_id,kind,access,lon,lat", *lines]), "utf-8")
    return path


def test_entrances_are_stored_with_what_they_lead_into(store, tmp_path):
    doors = doors_csv(
        tmp_path / "doors.csv",
        ("b1", "", "main", "private", 50, 210), ("", "p1", "", "", 195, 390),
    )  # fmt: skip
    load_layer(store, CODE, "entrances", doors)
    found = store.layers(CODE).entrances
    columns = ["building_id", "point_id", "kind", "access"]
    assert found[columns].to_numpy(object).tolist() == [
        ["b1", None, "main", "private"], [None, "p1", "yes", "open"],
    ]  # fmt: skip
    assert found["entrance_id"].is_unique


def test_an_entrance_into_nowhere_is_refused_and_an_unknown_word_is_told(store, tmp_path):
    doors = doors_csv(
        tmp_path / "doors.csv", ("", "", "main", "open", 50, 210), ("zz", "", "", "", 9, 9),
        *(("b1", "", "portal", "open", 50 + x, 210) for x in range(3)),
    )  # fmt: skip
    account = load_layer(store, CODE, "entrances", doors, accept_losses=True).report
    account = account.layers["entrances"]
    assert [row for row, _ in told(account.rejected)] == ["row 1"]
    stray = "lead into a building_id that is not stored, such as zz, and do not count"
    assert told_counts(account.notes)[stray] == 1
    assert set(store.layers(CODE).entrances["kind"]) == {"yes"}
    assert sum(account.repaired.values()) == 3


def test_loaded_entrances_stay_when_others_are_added(store, tmp_path):
    one = doors_csv(tmp_path / "one.csv", ("b1", "", "yes", "open", 50, 210))
    two = doors_csv(tmp_path / "two.csv", ("b2", "", "yes", "open", 110, 280))
    load_layer(store, CODE, "entrances", one)
    load_layer(store, CODE, "entrances", two, add=True)
    assert set(store.layers(CODE).entrances["building_id"]) == {"b1", "b2"}
    load_layer(store, CODE, "entrances", two)
    assert set(store.layers(CODE).entrances["building_id"]) == {"b2"}
