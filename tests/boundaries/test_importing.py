"""Loading a file: one transaction, the same file twice changes nothing, a report that says all."""

import hashlib

import geopandas as gpd
import pytest
from shapely import Point

from boundaries.importing import UNCHANGED, load_layer
from boundaries.store import open_store
from geo.crs import metric_epsg
from geo.errors import (
    CrsError,
    EmptyError,
    FileFormatError,
    InputError,
    NotFoundError,
    SchemaError,
)
from tests.scenes import EPSG, NORTH_EAST, NORTH_WEST, SOUTH_WEST, square, tiny_district, xy
from tests.shared import SHARED, needs_shared

CODE = "371602"
DISTRICT, LAYERS = tiny_district()


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "town.gpkg", create=True)
    made.replace(DISTRICT, LAYERS)
    return made


@pytest.fixture
def houses(tmp_path):
    path = tmp_path / "houses.geojson"
    frame = gpd.GeoDataFrame(
        {"户数": [5, 7, None]}, geometry=[Point(xy(i, 5)) for i in (1, 2, 3)], crs=EPSG
    )
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    return path


def test_a_file_takes_the_place_of_the_layer(store, houses):
    report = load_layer(store, CODE, "buildings", houses)
    account = report.layers["buildings"]
    assert (account.read, account.accepted) == (3, 2)
    assert account.rejected == [("row 3", "no households")]
    assert store.layers(CODE).buildings["households"].tolist() == [5, 7]
    assert store.district(CODE).revision == 2
    (record,) = store.imports(CODE)
    assert record.report == report
    assert record.sha256 == hashlib.sha256(houses.read_bytes()).hexdigest()
    assert record.revision == 2
    assert store.counts(CODE)["service_points"] == 5


def test_the_same_file_twice_changes_nothing(store, houses, tmp_path):
    load_layer(store, CODE, "buildings", houses)
    before = (tmp_path / "town.gpkg").read_bytes()
    report = load_layer(store, CODE, "buildings", houses)
    assert report.layers["buildings"].notes[UNCHANGED] == 1
    assert store.district(CODE).revision == 2
    assert (tmp_path / "town.gpkg").read_bytes() == before


def test_the_same_file_restores_what_was_edited_since(store, houses):
    load_layer(store, CODE, "buildings", houses)
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE buildings SET households = 99")
    edited = store.district(CODE).revision
    report = load_layer(store, CODE, "buildings", houses)
    assert UNCHANGED not in report.layers["buildings"].notes
    assert store.layers(CODE).buildings["households"].tolist() == [5, 7]
    assert store.district(CODE).revision == edited + 1


def test_a_dry_run_checks_and_stores_nothing(store, houses, tmp_path):
    before = (tmp_path / "town.gpkg").read_bytes()
    report = load_layer(store, CODE, "buildings", houses, dry_run=True)
    assert report.layers["buildings"].accepted == 2
    assert (tmp_path / "town.gpkg").read_bytes() == before


def test_new_grids_take_workers_away(store, tmp_path):
    path = tmp_path / "grids.gpkg"
    small = LAYERS.grids[LAYERS.grids["code"].isin([NORTH_WEST, SOUTH_WEST])]
    small[["code", "geometry"]].to_file(path)
    report = load_layer(store, CODE, "grids", path)
    assert report.layers["workers"].rejected == [
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
    assert load_layer(store, "new-1", "boundary", path).layers["boundary"].notes[UNCHANGED] == 1
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


def test_a_new_district_needs_a_name(tmp_path):
    store, path = open_store(tmp_path / "new.gpkg", create=True), tmp_path / "edge.geojson"
    frame = gpd.GeoDataFrame(geometry=[square(0, 0, 400, 400)], crs=EPSG)
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    with pytest.raises(InputError, match=r"district new is new .* wanted a name"):
        load_layer(store, "new", "boundary", path)
    with pytest.raises(SchemaError, match="other signs than letters"):
        load_layer(store, "新 区", "boundary", path, name_zh="新区")
    assert store.districts() == []


def test_a_layer_needs_its_district(store, houses):
    with pytest.raises(NotFoundError, match=r"Got district '999'.*\(371602\)"):
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
