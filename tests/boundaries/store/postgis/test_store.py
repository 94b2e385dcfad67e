"""What goes wrong with a server is one sentence: what it is, what is wanted, what to do."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from boundaries.store.open import open_store, place_of
from boundaries.store.postgis.address import is_address, shown
from geo.errors import ConflictError, InputError, NotFoundError, SchemaError, UnavailableError
from tests.scenes import tiny_district
from tests.waiting import PATIENCE_S, wait_until

CODE = "371602"
GUEST = f"guest_{os.getpid()}"  # accounts belong to the server, which others use too


@pytest.fixture
def url(postgis):
    made = postgis.new_database()
    yield made
    postgis.drop(made)


@pytest.fixture
def store(url):
    made = open_store(url, create=True)
    yield made
    made.close()


@pytest.fixture
def role(postgis):
    """Return the name of an account that may do little and has a password."""
    with postgis.connect() as connection:
        connection.execute(f"CREATE ROLE {GUEST} LOGIN PASSWORD 'right'")
    yield GUEST
    with postgis.connect() as connection:
        connection.execute(f"DROP ROLE {GUEST}")


def as_role(url, role):
    return url.replace("postgres@", f"{role}@")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql+psycopg://me:secret@host:5432/db", "postgresql+psycopg://me:***@host:5432/db"),
        ("postgresql+psycopg://me@host/db?password=secret", "postgresql+psycopg://me@host/db"),
        ("postgresql+psycopg://me:secret@host:port/db", "host:port/db"),
        ("town.gpkg", "town.gpkg"),
    ],
)
def test_an_address_is_shown_without_its_password(address, told):
    assert place_of(address) == told
    assert "secret" not in place_of(address)


def test_what_is_an_address():
    assert is_address("postgres://host/db")
    assert is_address("postgresql://host/db")
    assert not is_address("postgis.gpkg")
    assert shown("postgres://me:x@host/db") == "postgres://me:***@host/db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_the_scheme_is_understood(url, scheme):
    made = open_store(url.replace("postgresql+psycopg", scheme), create=True)
    assert made.districts() == []
    made.close()


def test_an_address_that_cannot_be_read():
    with pytest.raises(InputError, match=r"Got the database address 'host:port/db', which cannot"):
        open_store("postgresql+psycopg://me:secret@host:port/db")


def test_a_driver_that_is_not_there():
    with pytest.raises(InputError, match=r"postgresql\+pg8000.*wanted postgresql\+psycopg://"):
        open_store("postgresql+pg8000://host/db")


def test_a_server_that_is_down():
    with pytest.raises(
        UnavailableError, match=r"Cannot reach .*@127\.0\.0\.1:1/db .*that the server run"
    ):
        open_store("postgresql+psycopg://me:secret@127.0.0.1:1/db")


def test_a_socket_that_is_not_there(tmp_path):
    with pytest.raises(UnavailableError, match="Cannot reach"):
        open_store(f"postgresql+psycopg://me@/db?host={tmp_path}")


def test_a_wrong_password(postgis, url, role):
    rules = postgis.folder / "data/pg_hba.conf"
    before = rules.read_text()
    try:
        rules.write_text(f"local all {role} scram-sha-256\n{before}")
        _reload(postgis)
        wrong = url.replace("postgres@", f"{role}:wrong@")
        with pytest.raises(
            UnavailableError, match=rf"refused the account of .*{role}:\*\*\*@.*~/.pgpass"
        ):
            open_store(wrong)
        with pytest.raises(UnavailableError, match="wrong or missing password"):
            open_store(as_role(url, role))
        with pytest.raises(NotFoundError, match="no tables"):
            open_store(url.replace("postgres@", f"{role}:right@"))
    finally:
        rules.write_text(before)
        _reload(postgis)


def _reload(postgis):
    with postgis.connect() as connection:
        connection.execute("SELECT pg_reload_conf()")
    postgis.run("pg_ctl", "reload", "-s", "-D", str(Path(postgis.folder) / "data"))


def test_a_database_that_is_not_there(postgis):
    with pytest.raises(UnavailableError, match=r"There is no database .*/nowhere.*createdb"):
        open_store(postgis.url("nowhere"))


def test_a_database_without_postgis(postgis, role):
    name = f"plain_{os.getpid()}"
    with postgis.connect() as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        connection.execute(f"GRANT ALL ON DATABASE {name} TO {role}")
    with postgis.connect(name) as connection:
        connection.execute(f"GRANT ALL ON SCHEMA public TO {role}")
    plain = postgis.url(name)
    with pytest.raises(InputError, match=r"has no PostGIS; wanted .*CREATE EXTENSION postgis"):
        open_store(as_role(plain, role), create=True)
    with pytest.raises(NotFoundError, match="no tables"):
        open_store(plain)
    made = open_store(plain, create=True)  # a superuser may install it
    assert made.districts() == []
    made.close()
    postgis.drop(plain)


def test_a_postgis_that_is_too_old(postgis, store, url):
    """Its version stands in a table, and says here what it does not say."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE pg_extension SET extversion = '3.2.1' WHERE extname = 'postgis'"
        )
    with pytest.raises(InputError, match=r"has PostGIS 3\.2\.1; wanted version 3\.3 or newer"):
        open_store(url)


@pytest.mark.parametrize(("version", "refused"), [("3.2.9", True), ("3.3.0", False)])
def test_postgis_is_new_enough_from_3_3_on(store, url, version, refused):
    with store.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE pg_extension SET extversion = :version WHERE extname = 'postgis'"),
            {"version": version},
        )
    with pytest.raises(InputError, match="has PostGIS") if refused else nullcontext():
        open_store(url).close()


def test_an_account_that_may_not_make_tables(url, role):
    with pytest.raises(InputError, match=r"may not do that \(permission denied for schema public"):
        open_store(as_role(url, role), create=True)


def test_a_server_that_goes_away_is_told_and_found_again(store, postgis, url):
    store.replace(*tiny_district())
    name = sa.make_url(url).database
    with postgis.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
    assert store.district(CODE).revision == 1  # the pool looks before it lends
    with pytest.raises(UnavailableError, match=r"Cannot reach .*terminating connection"):
        _killed_while_writing(store, postgis, name)
    assert store.district(CODE).revision == 1


def _killed_while_writing(store, postgis, name):
    with store.writing(CODE) as connection, postgis.connect() as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        connection.exec_driver_sql("UPDATE districts SET revision = 2")


def test_who_waits_too_long_is_told(store, url, monkeypatch):
    store.replace(*tiny_district())
    monkeypatch.setattr("boundaries.store.postgis.store._WAIT_S", 0.2)
    with store.writing(CODE), pytest.raises(ConflictError, match=r"stayed locked for 0\.2 s"):
        store.delete(CODE)


def test_of_two_that_wait_for_each_other_one_is_told(store, url):
    """Ours has the district and wants the row; theirs has the row and waits for the district."""
    store.replace(*tiny_district())
    begun = threading.Event()
    with ThreadPoolExecutor() as pool:
        theirs = pool.submit(_closes_the_gate, url, begun)
        ours = pool.submit(_renames_the_gate, store, begun)
        faults = [each.exception() for each in (theirs, ours)]
    assert sum(fault is not None for fault in faults) == 1
    assert isinstance(faults[0], psycopg.errors.DeadlockDetected | None)
    assert isinstance(faults[1], ConflictError | None)
    gate = store.layers(CODE).gates.iloc[0]
    assert (gate["access"] == "closed") == (faults[0] is None)
    assert (gate["name"] == "ours") == (faults[1] is None)


def _closes_the_gate(url, begun):
    where = sa.make_url(url)
    account = {"host": where.query["host"], "user": where.username, "dbname": where.database}
    with psycopg.connect(**account) as connection:
        assert begun.wait(PATIENCE_S)  # until ours has the district
        connection.execute("UPDATE gates SET access = 'closed'")


def _renames_the_gate(store, begun):
    with store.writing(CODE) as connection:
        begun.set()
        _wait_for_lock(store)
        connection.exec_driver_sql("UPDATE gates SET name = 'ours'")


def _wait_for_lock(store):
    name = store.engine.url.database
    query = """
        SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE locktype = 'advisory' AND NOT granted AND datname = %(name)s
    """

    def somebody_waits() -> bool:
        with store.engine.connect() as connection:
            return connection.exec_driver_sql(query, {"name": name}).scalar() > 0

    wait_until(somebody_waits, "theirs does not wait for the district")


def test_a_value_that_does_not_fit_is_told(store):
    district, layers = tiny_district()
    wrong = replace(layers, gates=layers.gates.assign(name="a\0b"))
    with pytest.raises(SchemaError, match="refused the data"):
        store.replace(district, wrong)
    assert store.districts() == []
