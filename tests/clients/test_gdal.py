"""GDAL, and so QGIS, opens the store itself: reads it, filters by its index, edits it."""

import sqlite3
from contextlib import closing

import geopandas as gpd
import pyogrio
import pytest
import shapely

from boundaries.admin.check import faults_of
from boundaries.store.open import open_store
from boundaries.store.tables import layer_tables
from boundaries.store.tables.views import VIEWS
from tests.scenes import lonlat, tiny_district, tiny_store

CODE = "371602"
KINDS = {"MULTIPOLYGON": "MultiPolygon", "POINT": "Point", "": None}


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "town.gpkg"
    tiny_store(made)
    return made


def ask(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, values).fetchall()


def index_of(path, layer):
    return [row[0] for row in ask(path, f"SELECT id FROM rtree_{layer}_geom ORDER BY 1")]  # noqa: S608


def new_gate(x, y) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"district": [CODE], "gate_id": ["g2"], "access": ["open"], "name": [""], "node": [0]},
        geometry=[shapely.Point(lonlat(x, y))],
        crs=4326,
    )


def test_layers_are_listed_with_their_types(path):
    now = {
        "districts": "MultiPolygon",
        "grids": "MultiPolygon",
        "buildings": "Unknown",
        "barriers": "Unknown",
        "service_points": "Point",
        "gates": "Point",
        "entrances": "Point",
        "open_grounds": "MultiPolygon",
        "walk_edges": "LineString",
        "workers": None,
        "organisations": None,
    }
    past = {f"past_{name}": kind for name, kind in now.items()}
    records = dict.fromkeys(set(layer_tables.metadata.tables) - set(now) - set(past))
    views = {view.name: KINDS[view.kind] for view in VIEWS}
    styles = {"layer_styles": None}
    assert dict(pyogrio.list_layers(path)) == now | past | records | views | styles


@pytest.mark.parametrize(
    ("layer", "kinds", "count"),
    [
        ("districts", {"MultiPolygon"}, 1),
        ("grids", {"MultiPolygon"}, 7),
        ("buildings", {"Polygon", "Point"}, 6),
        ("service_points", {"Point"}, 5),
        ("walk_edges", {"LineString"}, 11),
        ("barriers", {"LineString"}, 1),
        ("gates", {"Point"}, 1),
    ],
)
def test_layers_are_read_as_they_were_written(path, layer, kinds, count):
    info = pyogrio.read_info(path, layer=layer)
    assert info["crs"] == "EPSG:4326"
    assert (info["fid_column"], info["geometry_name"]) == ("fid", "geom")
    assert info["capabilities"]["fast_spatial_filter"]
    frame = pyogrio.read_dataframe(path, layer=layer)
    assert len(frame) == count
    assert set(frame.geom_type) == kinds
    assert info["total_bounds"] == tuple(frame.total_bounds)
    if layer != "districts":
        ours = getattr(tiny_district()[1], layer)
        if kinds == {"MultiPolygon"}:
            assert (frame.count_geometries() == 1).all()
            frame.geometry = frame.geometry.explode().reset_index(drop=True)
        assert frame.geometry.geom_equals_exact(ours.geometry, 0).all()
        own = ours.columns.drop("geometry", errors="ignore")
        assert frame.columns.tolist() == ["district", *own, "since", "valid_from", "geometry"]


def test_booleans_and_numbers_keep_their_types(path):
    frame = pyogrio.read_dataframe(path, layer="walk_edges")
    assert frame["private"].dtype == bool
    assert frame["private"].sum() == 1
    assert frame["length_m"].sum() == pytest.approx(1200, abs=1e-6)


def test_a_box_finds_what_lies_in_it(path):
    box = (*lonlat(280, 100), *lonlat(420, 300))
    found = pyogrio.read_dataframe(path, layer="buildings", bbox=box)
    assert found["building_id"].tolist() == ["b4", "b5", "b6"]


def test_a_box_is_answered_by_the_index(path):
    """Boxes taken out of the index, and only of the index, are not found any more."""
    box = (*lonlat(280, 100), *lonlat(420, 300))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM rtree_buildings_geom WHERE id IN (4, 5)")
        connection.commit()
    found = pyogrio.read_dataframe(path, layer="buildings", bbox=box)
    assert found["building_id"].tolist() == ["b6"]
    plan = ask(
        path,
        "EXPLAIN QUERY PLAN SELECT * FROM buildings WHERE fid IN (SELECT id FROM "
        "rtree_buildings_geom WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)",
        box[0],
        box[2],
        box[1],
        box[3],
    )
    assert any("VIRTUAL TABLE INDEX" in row[3] for row in plan)


def test_a_row_added_by_gdal_is_indexed_and_makes_a_revision(path):
    pyogrio.write_dataframe(new_gate(10, 200), path, layer="gates", append=True)
    assert index_of(path, "gates") == [1, 2]
    store = open_store(path)
    assert store.layers(CODE).gates["gate_id"].tolist() == ["g1", "g2"]
    assert store.district(CODE).revision == 2
    found = pyogrio.read_dataframe(path, layer="gates", bbox=(*lonlat(0, 190), *lonlat(20, 210)))
    assert found["gate_id"].tolist() == ["g2"]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "SELECT rtreecheck('rtree_gates_geom')") == [("ok",)]
    assert store.snapshot(CODE, as_of=1)[1].gates["gate_id"].tolist() == ["g1"]
    change = store.changes(CODE)[0]
    assert str(change.what) == "edited in another program"
    assert change.counts == {"gates": {"added": 1, "changed": 0, "removed": 0}}
    assert change.after["gates"]["g2"]["access"] == "open"
    assert faults_of(store) == []


def test_our_next_write_takes_over_what_gdal_left(path):
    pyogrio.write_dataframe(new_gate(10, 200), path, layer="gates", append=True)
    store, (_, layers) = open_store(path), tiny_district()
    assert store.replace_layer(CODE, "gates", layers.gates) == 3
    assert index_of(path, "gates") == [1]
    assert pyogrio.read_info(path, layer="gates")["features"] == 1


def test_a_service_point_added_without_lon_and_lat_gets_them(path):
    added = gpd.GeoDataFrame(
        {
            "district": [CODE],
            "point_id": ["p6"],
            "category": ["medical"],
            "name": [""],
            "sub": [""],
            "origin": ["given"],
        },
        geometry=[shapely.Point(118.002, 37.38)],
        crs=4326,
    )
    pyogrio.write_dataframe(added, path, layer="service_points", append=True)
    point = open_store(path).layers(CODE).service_points.iloc[5]
    assert (point["lon"], point["lat"]) == (118.002, 37.38)


def test_a_moved_building_gets_a_new_demand_point(path):
    """What QGIS does when a footprint is moved: the triggers of the file do the rest."""
    store = open_store(path)
    blob = ask(path, "SELECT geom FROM buildings WHERE fid = 3")[0][0]
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE buildings SET geom = ? WHERE fid = 1", (blob,))
    frame = store.layers(CODE).buildings
    assert frame.loc[0, ["lon", "lat"]].tolist() == frame.loc[2, ["lon", "lat"]].tolist()
    boxes = ask(path, "SELECT minx, maxx, miny, maxy FROM rtree_buildings_geom WHERE id IN (1, 3)")
    assert boxes[0] == boxes[1]
    assert store.district(CODE).revision > 1


def test_gdal_refuses_what_the_tables_refuse(path):
    wrong = new_gate(10, 200).assign(access="maybe")
    with pytest.raises(
        pyogrio.errors.FeatureError, match="access: wanted one of open, private, closed"
    ):
        pyogrio.write_dataframe(wrong, path, layer="gates", append=True)
    assert open_store(path).counts(CODE)["gates"] == 1
