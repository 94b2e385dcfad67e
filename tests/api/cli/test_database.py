"""``lifecircle db``, ``backup`` and ``restore``; every command with the address of a server."""

import json

import psycopg
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from boundaries.store.open import open_store
from boundaries.store.tables.layer_tables import SCHEMA_VERSION
from tests.api.serving import serving
from tests.scenes import tiny_district, tiny_store

CODE = "371602"
HIDDEN = "a-secret"


@pytest.fixture(params=["file", "server"])
def address(request, tmp_path):
    """Address of a store with the hand-made district; that of the server bears a password."""
    if request.param == "file":
        url = str(tmp_path / "town.gpkg")
    else:
        server = request.getfixturevalue("postgis")
        url = server.new_database().replace("@", f":{HIDDEN}@")
    store = tiny_store(url)
    store.close()
    yield url
    if request.param == "server":
        server.drop(url)


@pytest.fixture
def server_address(postgis):
    url = postgis.new_database()
    yield url
    postgis.drop(url)


def run(*words, address=None, code=0):
    env = {} if address is None else {"LIFECIRCLE_DB": address}
    done = CliRunner().invoke(app, [str(word) for word in words], env=env)
    assert done.exit_code == code, done.output
    assert HIDDEN not in done.output
    return done


@pytest.mark.parametrize(
    "words",
    [
        ("districts",),
        ("coverage", CODE, "--json"),
        ("gaps", CODE, "--category", "medical"),
        ("explain", CODE, "b1", "medical"),
        ("network", CODE),
        ("doctor",),
        ("db", "check"),
        ("db", "upgrade"),
        ("settings",),
    ],
)
def test_commands_work_with_either_store_and_tell_no_password(address, words):
    run(*words, address=address)


def test_the_address_may_be_an_option(address):
    assert CODE in run("--db", address, "districts").output
    assert CODE in run("districts", "--db", address).output


def test_load_into_either_store(address, tmp_path):
    path = tmp_path / "points.geojson"
    tiny_district()[1].service_points.iloc[:2].to_file(path)
    done = run("load", "points", path, "--district", CODE, address=address)
    assert "is at revision 2 in" in done.output
    store = open_store(address)
    assert store.counts(CODE)["service_points"] == 2
    store.close()


def test_doctor_names_the_server_and_what_is_there(address):
    found = json.loads(run("doctor", "--json", address=address).stdout)["findings"]
    (text,) = (f["text"] for f in found if f["name"] == "database")
    assert "districts: 371602; 7 grids, 6 buildings, 5 service_points" in text
    assert f"schema {SCHEMA_VERSION}" in text
    assert ("PostGIS 3." in text) == address.startswith("postgresql")
    assert ("***" in text) == address.startswith("postgresql")


def test_doctor_tells_of_a_server_that_is_down():
    gone = f"postgresql+psycopg://me:{HIDDEN}@127.0.0.1:1/none"
    done = run("doctor", address=gone, code=1)
    assert "WRONG database: Cannot reach postgresql+psycopg://me:***@127.0.0.1:1/none" in (
        done.output
    )
    assert "Cannot reach" in run("coverage", CODE, address=gone, code=2).output


def test_the_service_answers_from_either_store_and_sees_what_strangers_do(address):
    app_ = create_app(read_settings(db=address))
    store = app_.state.service.snapshots.store
    with serving(app_) as client:
        assert client.get(f"/districts/{CODE}/coverage").status_code == 200
        with store.engine.begin() as connection:
            connection.execute(sa.text("UPDATE gates SET access = 'closed'"))
        told = client.get(f"/districts/{CODE}/coverage").json()
        assert told["revision"] == 2
        assert HIDDEN not in client.get("/openapi.json").text
    store.close()


def test_upgrade_makes_the_tables(server_address, tmp_path):
    assert "no tables of Lifecircle" in run("districts", address=server_address, code=2).output
    assert f"is at schema {SCHEMA_VERSION}" in run("db", "upgrade", address=server_address).output
    assert "none" in run("districts", address=server_address).output
    run("db", "upgrade", "--db", tmp_path / "new.gpkg")
    run("db", "check", "--db", tmp_path / "new.gpkg")


def test_copy_from_one_store_to_another(address, tmp_path):
    there = tmp_path / "copy.gpkg"
    rows = json.loads(run("db", "copy", address, there, "--json").stdout)["rows"]
    assert (rows["grids"], rows["buildings"], rows["changes"]) == (7, 6, 1)
    assert "not empty (371602)" in run("db", "copy", address, there, code=2).output
    run("db", "copy", address, there, "--replace")


def test_backup_and_restore(address, tmp_path):
    path = tmp_path / "backup.gpkg"
    assert "checked" in run("backup", path, address=address).output
    assert "there already" in run("backup", path, address=address, code=2).output
    assert "not empty" in run("restore", path, address=address, code=2).output
    run("load", "points", _one_point(tmp_path), "--district", CODE, address=address)
    run("restore", path, "--replace", address=address)
    store = open_store(address)
    assert store.counts(CODE)["service_points"] == 5
    assert store.district(CODE).revision == 3  # 2 was another state
    store.close()
    assert "no file" in run("restore", tmp_path / "none", address=address, code=2).output


def _one_point(folder):
    path = folder / "one.geojson"
    tiny_district()[1].service_points.iloc[:1].to_file(path)
    return path


def test_check_tells_what_is_wrong(address):
    store = open_store(address)
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE changes SET revision = 9"))
    store.close()
    done = run("db", "check", "--json", address=address, code=1)
    assert json.loads(done.stdout)["faults"] == ["district 371602 is at revision 1, the log at 9"]


def test_a_reader_reads_everything_and_writes_nothing(server_address, tmp_path):
    store = tiny_store(server_address)
    store.close()
    done = run("db", "reader", "clerk_2", address=server_address)
    assert "\\password clerk_2" in done.output
    assert "password" not in run("db", "reader", "clerk_2", address=server_address).output
    url = sa.make_url(server_address)
    where = {"host": url.query["host"], "user": "clerk_2", "dbname": url.database}
    with psycopg.connect(**where, autocommit=True) as connection:
        for name in ("grids", "past_grids", "changes", "v_grid_coverage", "layer_styles"):
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
        for statement in (
            "UPDATE grids SET name_en = 'x'",
            "DELETE FROM changes",
            "INSERT INTO jobs (job, kind, state, created_at) VALUES ('a', 'b', 'done', 'c')",
            "CREATE TABLE mine (a int)",
            "SELECT setval('grids_fid_seq', 1)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    reading = server_address.replace("postgres@", "clerk_2@")
    assert CODE in run("coverage", CODE, address=reading).output
    path = tmp_path / "points.geojson"
    tiny_district()[1].service_points.iloc[:1].to_file(path)
    done = run("load", "points", path, "--district", CODE, address=reading, code=2)
    assert "may not do that (permission denied" in done.output


def test_a_file_has_no_accounts(tmp_path):
    open_store(tmp_path / "a.gpkg", create=True)
    done = run("db", "reader", "clerk", "--db", tmp_path / "a.gpkg", code=2)
    assert "The database is a file, which has no accounts" in done.output


@pytest.mark.parametrize("role", ["Robert'); DROP", "UPPER", ""])
def test_a_wrong_name_of_a_role_is_refused(server_address, role):
    open_store(server_address, create=True).close()
    done = run("db", "reader", role, address=server_address, code=2)
    assert "wanted a name of small letters" in done.output
