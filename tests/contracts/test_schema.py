"""A store made anew and one brought up from its first schema are the same."""

import gzip
import re
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from boundaries.migrations.versions.v13_kinds import kind_of_before
from boundaries.store.geopackage import schema as geopackage_schema
from boundaries.store.geopackage.connection import make_engine as make_file_engine
from boundaries.store.geopackage.connection import writing
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import open_store
from boundaries.store.postgis.connection import make_engine
from boundaries.store.tables import layer_tables, schema_version
from geo.errors import ConflictError, InputError, NotFoundError
from tests.scenes import tiny_district

CODE = "371602"
STYLES = "layer_styles"
"""QGIS's own table, of types that SQLAlchemy does not know."""
SCHEMA_2 = Path(__file__).parents[1] / "boundaries/store/schema_2.gpkg.gz"


def test_the_number_of_the_schema_is_that_of_the_newest_script():
    config = Config()
    config.set_main_option("script_location", "boundaries:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == f"{layer_tables.SCHEMA_VERSION:04}"
    numbers = [script.revision for script in scripts.walk_revisions()]
    assert numbers == [f"{n:04}" for n in range(layer_tables.SCHEMA_VERSION, 0, -1)]


def first_schema(connection: sa.Connection) -> None:
    """Make the tables as the first script had them."""
    schema_version.run_scripts(connection, None, to="0001")


def old_file(path: Path) -> str:
    """Make an empty store of schema 1 in a file."""
    with writing(make_file_engine(path, create=True), path) as connection:
        geopackage_schema.create_core(connection)
        first_schema(connection)
    return str(path)


def old_database(url: str) -> str:
    engine = make_engine(url)
    with engine.begin() as connection:
        first_schema(connection)
    engine.dispose()
    return url


@pytest.fixture
def old(address: str) -> str:
    """Address of an empty store of schema 1."""
    return old_database(address) if address.startswith("postgresql") else old_file(Path(address))


@pytest.fixture
def fresh(address: str, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    """Address of an empty store that is made anew beside the other."""
    if not address.startswith("postgresql"):
        open_store(tmp_path / "fresh.gpkg", create=True).close()
        yield str(tmp_path / "fresh.gpkg")
        return
    server = request.getfixturevalue("postgis")
    url = server.new_database()
    open_store(url, create=True).close()
    yield url
    server.drop(url)


def description(address: str) -> dict[str, Any]:
    """Return all that a store is made of, but the order of columns."""
    store = open_store(address)
    with store.engine.connect() as connection:
        looking = sa.inspect(connection)
        found = {
            name: _table(looking, name) for name in looking.get_table_names() if name != STYLES
        }
        others = _of_file if not address.startswith("postgresql") else _of_server
        found |= others(connection)
    store.close()
    return found


def _table(looking: sa.Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            c["name"]: (str(c["type"]), c["nullable"], _plain(c["default"]), c.get("comment"))
            for c in looking.get_columns(name)
        },
        "key": looking.get_pk_constraint(name),
        "checks": {c["name"]: _plain(c["sqltext"]) for c in looking.get_check_constraints(name)},
        "uniques": {
            c["name"]: sorted(c["column_names"]) for c in looking.get_unique_constraints(name)
        },
        "references": {c["name"]: _reference(c) for c in looking.get_foreign_keys(name)},
        "indices": {
            c["name"]: (c["column_names"], bool(c["unique"])) for c in looking.get_indexes(name)
        },
    }


def _reference(found: dict[str, Any]) -> tuple[Any, ...]:
    there = found["referred_table"], *found["referred_columns"]
    return (*found["constrained_columns"], *there, tuple(sorted(found["options"].items())))


def _plain(text: str | None) -> str | None:
    return None if text is None else re.sub(r"\s+", " ", text).strip("()'")


def _of_file(connection: sa.Connection) -> dict[str, Any]:
    run = connection.exec_driver_sql
    made = (
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view', 'index') "
        "OR name = 'layer_styles'"
    )
    return {
        "made": sorted(tuple(row) for row in run(made)),
        "autoincrement": sorted(
            row[0] for row in run("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        ),
        "virtual": sorted(
            row[0] for row in run("SELECT name FROM sqlite_master WHERE sql LIKE '%VIRTUAL%'")
        ),
        "contents": sorted(
            tuple(row)
            for row in run("SELECT table_name, data_type, description, srs_id FROM gpkg_contents")
        ),
        "shapes": sorted(tuple(row) for row in run("SELECT * FROM gpkg_geometry_columns")),
        "extensions": sorted(tuple(row) for row in run("SELECT * FROM gpkg_extensions")),
        "styles": sorted(
            tuple(row) for row in run('SELECT f_table_name, "styleQML" FROM layer_styles')
        ),
    }


def _of_server(connection: sa.Connection) -> dict[str, Any]:
    def ask(query: str) -> list[Any]:
        return sorted(tuple(map(str, row)) for row in connection.exec_driver_sql(query))

    return {
        "indices": ask("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"),
        "constraints": ask(
            "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), condeferrable, "
            "condeferred FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        ),
        "triggers": ask(
            "SELECT tgrelid::regclass, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE NOT tgisinternal"
        ),
        "functions": ask(
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc "
            "WHERE starts_with(proname, 'lifecircle')"
        ),
        "views": ask("SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'"),
        "comments": ask(
            "SELECT objoid::regclass, objsubid, description FROM pg_description "
            "WHERE classoid = 'pg_class'::regclass AND starts_with(objoid::regclass::text, 'v_')"
        ),
        "shapes": ask("SELECT f_table_name, type, srid, coord_dimension FROM geometry_columns"),
        "sequences": ask("SELECT sequencename, data_type FROM pg_sequences"),
        "styles": ask("SELECT f_table_name, styleqml FROM layer_styles"),
        "style columns": ask(
            "SELECT column_name, data_type, column_default, is_nullable "
            "FROM information_schema.columns WHERE table_name = 'layer_styles'"
        ),
    }


def test_a_migrated_store_and_a_fresh_one_are_the_same(old, fresh):
    open_store(old, upgrade=True).close()
    migrated, made = description(old), description(fresh)
    assert migrated.keys() == made.keys()
    for name in made:
        assert migrated[name] == made[name], name
    assert set(layer_tables.metadata.tables) < made.keys()


def test_a_migrated_store_keeps_a_district(old):
    store = open_store(old, upgrade=True)
    district, layers = tiny_district()
    assert store.replace(district, layers) == 1
    assert store.layers(CODE).gates.equals(layers.gates)
    store.close()


def test_a_real_file_of_schema_2_becomes_what_a_fresh_one_is(tmp_path):
    path = tmp_path / "old.gpkg"
    path.write_bytes(gzip.decompress(SCHEMA_2.read_bytes()))
    open_store(path).close()
    open_store(tmp_path / "fresh.gpkg", create=True).close()
    assert description(str(path)) == description(str(tmp_path / "fresh.gpkg"))
    with closing(sqlite3.connect(path)) as connection:
        for check in ("integrity_check", "foreign_key_check"):
            assert connection.execute(f"PRAGMA {check}").fetchall() in ([("ok",)], [])


def test_changes_of_other_programs_in_an_old_log_are_marked(old):
    engine = (
        make_engine(old)
        if old.startswith("postgresql")
        else make_file_engine(Path(old), create=False)
    )
    logged = ("Import", "edited in another program", "deleted in another program")
    with engine.begin() as connection:
        schema_version.run_scripts(connection, 1, to="0005")
        for revision, what in enumerate(logged):
            connection.exec_driver_sql(
                "INSERT INTO changes (district, revision, at, valid_from, what) "  # noqa: S608
                f"VALUES ('{CODE}', {revision}, '', '2026-01-01', '{what}')"
            )
    engine.dispose()
    store = open_store(old, upgrade=True)
    with store.engine.connect() as connection:
        query = 'SELECT "foreign" FROM changes ORDER BY revision'
        marks = connection.exec_driver_sql(query).scalars()
        assert [bool(mark) for mark in marks] == [False, True, True]
    store.close()


def test_a_job_whose_file_lay_in_the_database_is_told_to_be_sent_again(old):
    engine = (
        make_engine(old)
        if old.startswith("postgresql")
        else make_file_engine(Path(old), create=False)
    )
    jobs = [("waits", "queued", b"PK"), ("runs", "running", b"PK"), ("draws", "queued", None)]
    with engine.begin() as connection:
        schema_version.run_scripts(connection, 1, to="0008")
        for job, state, content in [*jobs, ("done", "done", None)]:
            connection.execute(
                sa.text(
                    "INSERT INTO jobs (job, kind, state, content, created_at) "
                    "VALUES (:job, 'import', :state, :content, '2026-05-01T08:00:00+00:00')"
                ),
                {"job": job, "state": state, "content": content},
            )
    engine.dispose()
    store = open_store(old, upgrade=True)
    found = {job.job: job for job in JobTable(store, "").jobs()}
    assert {name: str(job.state) for name, job in found.items()} == {
        "waits": "interrupted", "runs": "interrupted", "draws": "queued", "done": "done"
    }  # fmt: skip
    assert "send the file again" in str(found["waits"].message)
    assert found["waits"].finished_at
    store.close()


def test_what_people_added_to_a_file_stays(tmp_path):
    path = tmp_path / "old.gpkg"
    path.write_bytes(gzip.decompress(SCHEMA_2.read_bytes()))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE mine (fid INTEGER PRIMARY KEY, word TEXT)")
        connection.execute("CREATE VIEW my_view AS SELECT fid AS OGC_FID, geom FROM grids")
        for name, kind in (("mine", "attributes"), ("my_view", "features")):
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
                "VALUES (?, ?, ?, 4326)",
                (name, kind, name),
            )
        shape = "('my_view', 'geom', 'GEOMETRY', 4326, 0, 0)"
        connection.execute(f"INSERT INTO gpkg_geometry_columns VALUES {shape}")  # noqa: S608
    open_store(path).close()
    layers = dict(pyogrio.list_layers(path))
    assert layers["mine"] is None
    assert layers["my_view"] == "MultiPolygon"
    assert len(pyogrio.read_dataframe(path, layer="my_view")) == 7


def test_a_database_is_not_upgraded_unasked(postgis):
    url = old_database(postgis.new_database())
    with pytest.raises(ConflictError, match=r"schema 1\); wanted schema .*lifecircle db upgrade"):
        open_store(url)
    with pytest.raises(ConflictError, match="lifecircle db upgrade"):
        open_store(url, create=True)
    open_store(url, upgrade=True).close()
    open_store(url).close()
    postgis.drop(url)


def test_a_newer_schema_is_refused(store, address):
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(ConflictError, match=r"newer Lifecircle \(schema 99\)"):
        open_store(address, upgrade=True)


def test_several_may_upgrade_at_once(old):
    faults: list[BaseException] = []

    def upgrade() -> None:
        try:
            open_store(old, upgrade=True).close()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            faults.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    store = open_store(old)
    assert store.districts() == []
    store.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(old):
    engine = (
        make_engine(old)
        if old.startswith("postgresql")
        else make_file_engine(Path(old), create=False)
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE runs (fid INTEGER)")  # schema 4 makes it
    with pytest.raises(InputError, match="runs"):
        open_store(old, upgrade=True)
    with engine.connect() as connection:
        assert schema_version.stored_version(connection) == 1
        assert "since" not in {c["name"] for c in sa.inspect(connection).get_columns("gates")}
    engine.dispose()


def test_tables_of_somebody_else_are_left_alone(postgis):
    url = postgis.new_database()
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE grids (code text)")
    engine.dispose()
    with pytest.raises(ConflictError, match=r"tables grids that Lifecircle did not make"):
        open_store(url, create=True)
    postgis.drop(url)


def test_a_database_without_tables_is_not_found(postgis):
    url = postgis.new_database()
    with pytest.raises(NotFoundError, match=r"no tables of Lifecircle.*`lifecircle db upgrade`"):
        open_store(url)
    postgis.drop(url)


BEFORE_KINDS = [  # category, sub and name before schema 13, then category and kind
    ("public", "amenity=toilets", "", "amenity", "toilets"),
    ("post_fin", "快递驿站", "", "post", "parcel_point"),
    ("edu_culture", "", "中海公园", "amenity", "park"),
    ("edu_culture", "自己的词", "", "education", "自己的词"),
    ("medical", "amenity=doctors", "", "medical", "clinic"),
    ("public", "公共厕所", "北门公共厕所", "amenity", "toilets"),
    ("public", "便民服务站", "", "public", "service_station"),
    ("public", "", "无名", "public", ""),
    ("post_fin", "amenity=atm", "", "amenity", "atm"),
    ("post_fin", "", "", "post", ""),
    ("edu_culture", "leisure=park", "", "amenity", "park"),
    ("edu_culture", "amenity=library", "", "leisure", "library"),
    ("edu_culture", "小学", "", "education", "primary_school"),
    ("medical", "healthcare=laboratory", "", "amenity", "other_health"),
    ("household", "shop=yes", "好月嫂家政", "household", "domestic_help"),
    ("elderly", "office=company", "某托老所", "elderly", "day_care"),
    ("catering", "自己的词", "", "catering", "自己的词"),
]


@pytest.mark.parametrize("point", BEFORE_KINDS)
def test_a_point_of_before_goes_to_the_category_whose_need_it_meets(point):
    assert kind_of_before(*point[:3]) == point[3:]


def test_points_of_a_file_from_before_have_kinds(tmp_path):
    path = tmp_path / "old.gpkg"
    path.write_bytes(gzip.decompress(SCHEMA_2.read_bytes()))
    engine = make_file_engine(path, create=False)
    with engine.begin() as connection:
        ids = connection.exec_driver_sql("SELECT point_id FROM service_points").scalars().all()
        for point_id, (category, sub, name, *_) in zip(sorted(ids), BEFORE_KINDS, strict=False):
            connection.exec_driver_sql(
                "UPDATE service_points SET category = ?, sub = ?, name = ? WHERE point_id = ?",
                (category, sub, name, point_id),
            )
    engine.dispose()
    store = open_store(path)
    (district,) = store.districts()
    points = store.layers(district.code).service_points.sort_values("point_id")
    told = list(points[["category", "sub"]].itertuples(index=False, name=None))
    assert told == [point[3:] for point in BEFORE_KINDS[: len(ids)]]
    assert len(told) == 5
    store.close()
