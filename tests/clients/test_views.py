"""The views that QGIS draws: GDAL reads those of the file, SQL those of the server."""

import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import psycopg
import pyogrio
import pytest
import sqlalchemy as sa

from boundaries.store.interface import backend_of
from boundaries.store.open import open_store
from boundaries.store.tables import record_tables
from boundaries.store.tables.views import VIEWS
from tests.scenes import tiny_district

CODE = "371602"
WEST = "3716020010011"
COVERED = {"all": 2, "medical": 6, "elderly": 2, "shopping": 7}


def fill(store, run="r1", extra=0):
    """Store a run in which the west grid has 7 households."""
    if not store.districts():
        store.replace(*tiny_district())
    row = {"run": run, "district": CODE, "revision": 1, "kind": "coverage",
           "at": "2026-05-01T08:00:00+00:00", "ingredients": "{}", "sha256": ""}  # fmt: skip
    rows = [
        {"run": run, "code": WEST, "category": name, "households": 7, "covered": n + extra,
         "coverage": (n + extra) / 7}
        for name, n in COVERED.items()
    ]  # fmt: skip
    with backend_of(store).noting() as connection:
        connection.execute(sa.insert(record_tables.runs), row)
        connection.execute(sa.insert(record_tables.grid_coverage), rows)


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "town.gpkg"
    fill(open_store(made, create=True))
    return made


@pytest.fixture
def database(postgis):
    url = postgis.new_database()
    store = open_store(url, create=True)
    fill(store)
    yield store
    store.close()
    postgis.drop(url)


def ask(store, query):
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_gdal_reads_the_coverage_of_every_grid(path):
    info = pyogrio.read_info(path, layer="v_grid_coverage")
    assert info["crs"] == "EPSG:4326"
    assert (info["geometry_name"], info["fid_column"]) == ("geom", "OGC_FID")
    frame = pyogrio.read_dataframe(path, layer="v_grid_coverage").set_index("code")
    assert len(frame) == 7
    west = frame.loc[WEST]
    assert (west["households"], west["covered"], west["level"]) == (7, 2, "medium")
    assert west["coverage"] == pytest.approx(2 / 7)
    assert (west["worst_category"], west["worst_coverage"]) == ("elderly", pytest.approx(2 / 7))
    assert (west["run"], west["revision"], west["district_revision"]) == ("r1", 1, 1)
    assert frame["coverage"].notna().sum() == 1
    ours = tiny_district()[1].grids.set_index("code").geometry
    assert west.geometry.equals(ours[WEST])


def test_the_newest_run_counts(path):
    fill(open_store(path), run="r2", extra=0)
    fill(open_store(path), run="r3", extra=-1)
    frame = pyogrio.read_dataframe(path, layer="v_grid_coverage").set_index("code")
    assert len(frame) == 7
    assert (frame.loc[WEST, "run"], frame.loc[WEST, "covered"]) == ("r3", 1)


def test_gdal_reads_the_gaps(path):
    frame = pyogrio.read_dataframe(path, layer="v_gaps").set_index("category")
    assert frame["households_without"].to_dict() == {"medical": 1, "elderly": 5}
    assert set(frame.geom_type) == {"MultiPolygon"}


def test_gdal_reads_points_and_log(path):
    points = pyogrio.read_dataframe(path, layer="v_service_points")
    assert points["point_id"].tolist() == ["p1", "p2", "p3", "p4", "p5"]
    assert set(points["district_name_zh"]) == {tiny_district()[0].name_zh}
    log = pyogrio.read_dataframe(path, layer="v_changes")
    assert log["what"].tolist() == ["辖区已存储 / district stored"]
    assert log["revision"].tolist() == [1]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE changes SET what = 'edited in another program'")
        connection.commit()
    log = pyogrio.read_dataframe(path, layer="v_changes")
    assert log["what"].tolist() == ["在其他软件中编辑 / edited in another program"]


def test_gdal_filters_a_view_by_place(path):
    west = pyogrio.read_dataframe(path, layer="v_service_points", bbox=(118, 37, 118.0, 38))
    assert len(west) < 5


def test_the_style_colours_the_coverage(path):
    frame = pyogrio.read_dataframe(path, layer="layer_styles")
    styles = frame.set_index("f_table_name")
    assert set(styles.index) == {view.name for view in VIEWS if view.style}
    for view in VIEWS:
        if view.style:
            _check_style(styles.loc[view.name, "styleQML"], view.style)
    assert set(styles["f_geometry_column"]) == {"geom"}
    assert set(styles["f_table_schema"]) == {""}
    assert styles["useAsDefault"].astype(bool).all()


def _check_style(qml, column):
    root = ET.fromstring(qml)  # noqa: S314 (our own)
    renderer = root.find("renderer-v2")
    assert renderer.get("attr") == column
    bounds = [(float(r.get("lower")), float(r.get("upper"))) for r in renderer.find("ranges")]
    assert bounds[0][0] == 0
    assert bounds[-1][1] == 1
    assert [low for low, _ in bounds[1:]] == [high for _, high in bounds[:-1]]
    symbols = {symbol.get("name") for symbol in renderer.find("symbols")}
    assert symbols == {r.get("symbol") for r in renderer.find("ranges")}


def test_nothing_is_written_through_a_view_of_the_file(path):
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.OperationalError, match="it is a view"),
    ):
        connection.execute("DELETE FROM v_gaps")


def test_sql_reads_the_views_of_the_server(database):
    row = ask(
        database,
        "SELECT households, covered, round(coverage::numeric, 3)::float, worst_category, "
        "GeometryType(geom), ST_SRID(geom) FROM v_grid_coverage WHERE covered IS NOT NULL",
    )
    assert row == [(7, 2, 0.286, "elderly", "MULTIPOLYGON", 4326)]
    assert ask(database, "SELECT count(*), count(DISTINCT fid) FROM v_grid_coverage") == [(7, 7)]
    gaps = ask(database, "SELECT category, households_without FROM v_gaps ORDER BY 1")
    assert gaps == [("elderly", 5), ("medical", 1)]
    assert ask(database, "SELECT count(*) FROM v_service_points") == [(5,)]
    assert ask(database, "SELECT what FROM v_changes") == [("辖区已存储 / district stored",)]
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE changes SET what = 'edited in another program'"))
    told = ask(database, "SELECT what FROM v_changes")
    assert told == [("在其他软件中编辑 / edited in another program",)]


def test_the_server_tells_what_a_view_is(database):
    for view in VIEWS:
        told = ask(database, f"SELECT obj_description('{view.name}'::regclass)")
        assert told == [(view.about,)]
    columns = ask(
        database,
        "SELECT attname FROM pg_attribute WHERE attrelid = 'v_grid_coverage'::regclass "
        "AND col_description(attrelid, attnum) IS NOT NULL",
    )
    assert {name for (name,) in columns} == set(VIEWS[0].columns)
    listed = "SELECT f_table_name, srid, type FROM geometry_columns WHERE f_table_name LIKE 'v\\_%'"
    assert sorted(ask(database, listed)) == [
        ("v_gaps", 4326, "GEOMETRY"),
        ("v_grid_coverage", 4326, "GEOMETRY"),
        ("v_organisations", 4326, "GEOMETRY"),
        ("v_service_points", 4326, "POINT"),
    ]


def test_qgis_finds_its_default_style_in_the_server(database):
    """The question that QGIS asks."""
    found = ask(
        database,
        "SELECT styleqml::text, stylename FROM layer_styles WHERE f_table_catalog = "
        "current_database() AND f_table_schema = 'public' AND f_table_name = 'v_grid_coverage' "
        "AND f_geometry_column = 'geom' ORDER BY CASE WHEN useasdefault THEN 1 ELSE 2 END, "
        "update_time DESC LIMIT 1",
    )
    _check_style(found[0][0], "coverage")


def test_nothing_is_written_through_a_view_of_the_server(database):
    with (
        pytest.raises(sa.exc.DBAPIError) as caught,
        database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM v_gaps")
    assert isinstance(caught.value.orig, psycopg.Error)


def test_styles_that_people_made_stay(database):
    from boundaries.store.postgis import views

    with database.writing_all() as connection:
        connection.exec_driver_sql(
            "INSERT INTO layer_styles (f_table_schema, f_table_name, stylename) "
            "VALUES ('public', 'v_gaps', 'mine')"
        )
        views.drop_views(connection)
        views.make_views(connection)
    names = ask(database, "SELECT stylename FROM layer_styles ORDER BY 1")
    assert names == [("Lifecircle",), ("Lifecircle",), ("mine",)]
