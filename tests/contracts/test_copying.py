"""A store moves to another and back, into a backup and out of it, and nothing is lost."""

import gzip
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from boundaries.admin.backup import backup_store, restore_store
from boundaries.admin.check import faults_of
from boundaries.admin.copy import copy_store
from boundaries.store.geopackage.store import GeoPackageStore
from boundaries.store.open import open_store
from boundaries.store.tables import layer_tables
from boundaries.store.tables.records import Commit
from geo.errors import ConflictError, FileFormatError, InputError, NotFoundError, SchemaError
from geo.model.layers import Layers
from tests.contracts.whole_store import CODE, contents, fill
from tests.scenes import tiny_district
from tests.stores import copied_store, empty_store

SCHEMA_2 = Path(__file__).parents[1] / "boundaries/store/schema_2.gpkg.gz"


@pytest.fixture
def full(address):
    made = copied_store(address, "full", fill)
    yield made
    made.close()


@pytest.fixture
def file(tmp_path) -> GeoPackageStore:
    return empty_store(tmp_path / "other.gpkg")


@pytest.fixture
def full_file(tmp_path) -> GeoPackageStore:
    return copied_store(tmp_path / "full.gpkg", "full", fill)


@pytest.fixture
def database(postgis):
    url = postgis.new_database()
    made = empty_store(url)
    yield made
    made.close()
    postgis.drop(url)


def test_every_table_is_filled(full):
    empty = {name for name, rows in contents(full).items() if not rows}
    assert empty == set()


def test_from_a_file_to_a_server_and_back(full_file, database, tmp_path):
    file = full_file
    counts = copy_store(file, database)
    assert counts == {name: len(rows) for name, rows in contents(file).items() if name in counts}
    again = empty_store(tmp_path / "again.gpkg")
    assert copy_store(database, again) == counts
    assert contents(again) == contents(file)
    assert faults_of(again) == faults_of(database) == []
    with closing(sqlite3.connect(again.path)) as connection:
        (extent,) = connection.execute(
            "SELECT min_x, max_x FROM gpkg_contents WHERE table_name = 'grids'"
        )
    bounds = again.layers(CODE).grids.total_bounds
    assert extent == (bounds[0], bounds[2])


def test_a_copy_goes_on_where_the_store_stood(full, file, database):
    copy_store(full, file)
    copy_store(full, database)
    for store in (file, database):
        before = store.district(CODE).revision
        assert store.replace_layer(CODE, "buildings", tiny_district()[1].buildings) == before + 1
        assert store.replace(*_other("gone")) == 3  # that district was made and deleted before
    keys = [[row[:3] for row in contents(store)["buildings"]] for store in (file, database)]
    assert keys[0] == keys[1]  # fid, district and key


def _other(code):
    district, _ = tiny_district()
    return replace(district, code=code), Layers()


def test_a_store_that_holds_something_is_left_alone(full, file):
    file.replace(*tiny_district())
    before = contents(file)
    with pytest.raises(ConflictError, match=r"not empty \(371602\).*--replace"):
        copy_store(full, file)
    assert contents(file) == before


def test_a_store_is_not_copied_into_itself(full, address):
    same = open_store(address)
    with pytest.raises(InputError, match="twice"):
        copy_store(full, same)
    same.close()


def test_a_value_that_does_not_fit_stops_the_copy(full_file, database):
    with closing(sqlite3.connect(full_file.path)) as connection, connection:
        connection.execute("UPDATE runs SET revision = 'many'")
    with pytest.raises(SchemaError, match=r"A value in runs .*Nothing was changed"):
        copy_store(full_file, database)
    assert not any(contents(database)[name] for name in layer_tables.metadata.tables)


def test_a_copy_that_fails_leaves_what_was_there(full, file):
    district, layers = tiny_district()
    file.replace(replace(district, note="another state"), layers)
    with closing(sqlite3.connect(file.path)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(
            "INSERT INTO jobs (job, kind, state, progress, created_at) VALUES ('j', '', 'x', 7, '')"
        )
    before = contents(full)
    with pytest.raises(SchemaError, match=r"refused the data .*Nothing was changed"):
        copy_store(file, full, replace=True)
    assert {**contents(full), "last fids": None} == {**before, "last fids": None}


def test_what_is_replaced_is_never_taken_for_what_was_there(full, file):
    district, layers = tiny_district()
    for n in range(1, 14):
        file.replace(district, replace(layers, buildings=layers.buildings.iloc[: n % 6]))
    file.replace(replace(district, code="only"), layers)
    copy_store(full, file, replace=True, actor="post 9")
    was = full.district(CODE).revision
    assert was < 13
    assert file.district(CODE) == replace(full.district(CODE), revision=14)
    change = file.changes(CODE)[0]
    assert (change.revision, change.actor) == (14, "post 9")
    assert file.replace(*_other("only")) == 3
    assert faults_of(file) == []


def test_a_backup_is_the_store(full, tmp_path):
    path = tmp_path / "backup.gpkg"
    size = backup_store(full, path)
    assert size == path.stat().st_size
    saved = GeoPackageStore.open(path)
    assert {n: len(r) for n, r in contents(saved).items()} == {
        n: len(r) for n, r in contents(full).items()
    }
    assert saved.changes(CODE) == full.changes(CODE)
    assert [p.name for p in tmp_path.iterdir() if "part" in p.name] == []


def test_a_backup_is_put_back(full, address, tmp_path):
    path = tmp_path / "backup.gpkg"
    before = contents(full)
    backup_store(full, path)
    full.replace_layer(CODE, "buildings", tiny_district()[1].buildings, commit=Commit("a mistake"))
    with pytest.raises(ConflictError, match="not empty"):
        restore_store(path, address)
    made = full.district(CODE).revision
    restore_store(path, address, replace=True)
    after = contents(full)
    assert full.district(CODE).revision == made + 1
    for name in set(before) - {"districts", "changes", "last fids"}:
        assert after[name] == before[name], name
    assert after["changes"][:-1] == before["changes"]
    assert faults_of(full) == []


def test_a_backup_into_an_empty_store_is_the_same(full, tmp_path, request):
    path, there = tmp_path / "backup.gpkg", tmp_path / "new.gpkg"
    backup_store(full, path)
    restore_store(path, str(there))
    assert contents(GeoPackageStore.open(there)) == contents(GeoPackageStore.open(path))


def test_a_store_put_back_unchanged_keeps_its_revisions(full, address, tmp_path):
    before = contents(full)
    backup_store(full, tmp_path / "backup.gpkg")
    restore_store(tmp_path / "backup.gpkg", address, replace=True)
    assert contents(full) == before


def test_a_backup_made_while_others_write_is_whole(town, tmp_path):
    _, layers = tiny_district()
    done, faults = threading.Event(), []

    def write():
        try:
            n = 0
            while not done.is_set():
                n += 1
                town.replace_layer(CODE, "buildings", layers.buildings.iloc[: 1 + n % 5])
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            faults.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            backup_store(town, tmp_path / f"{n}.gpkg")
    finally:
        done.set()
        writer.join()
    assert faults == []
    for n in range(3):
        saved = GeoPackageStore.open(tmp_path / f"{n}.gpkg")
        assert faults_of(saved) == []
        revision = saved.district(CODE).revision
        assert saved.counts(CODE)["buildings"] == (6 if revision == 1 else 1 + (revision - 1) % 5)


def test_a_backup_never_overwrites_unasked(full, address, tmp_path):
    path = tmp_path / "backup.gpkg"
    path.write_text("mine")
    with pytest.raises(ConflictError, match=r"there already.*--replace"):
        backup_store(full, path)
    assert path.read_text() == "mine"
    backup_store(full, path, replace=True)
    assert GeoPackageStore.open(path).district(CODE)
    if isinstance(full, GeoPackageStore):
        with pytest.raises(ConflictError, match="the store itself"):
            backup_store(full, full.path, replace=True)


def test_a_place_that_cannot_be_written_is_one_sentence(full, tmp_path):
    with pytest.raises(InputError, match=r"Cannot (write|copy)"):
        backup_store(full, tmp_path / "missing" / "backup.gpkg")


def test_a_backup_of_an_older_lifecircle_is_put_back_and_left_as_it_is(address, tmp_path):
    path = tmp_path / "old.gpkg"
    path.write_bytes(gzip.decompress(SCHEMA_2.read_bytes()))
    before = path.read_bytes()
    restore_store(path, address)
    assert path.read_bytes() == before
    store = open_store(address)
    assert store.layers(CODE).gates.equals(tiny_district()[1].gates)
    store.close()


def test_a_damaged_backup_is_refused(full_file, address, tmp_path):
    path = tmp_path / "damaged.gpkg"
    backup_store(full_file, path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE past_buildings SET until = 0")
    with pytest.raises(FileFormatError, match=r"is damaged: .*end before they begin"):
        restore_store(path, address)
    with pytest.raises(NotFoundError, match="no file"):
        restore_store(tmp_path / "none.gpkg", address)


def test_a_whole_store_has_no_faults_and_a_broken_one_is_told(full):
    assert faults_of(full) == []
    with full.engine.begin() as connection:
        if not isinstance(full, GeoPackageStore):
            connection.exec_driver_sql("SET LOCAL lifecircle.own = 'yes'")
        connection.execute(sa.update(layer_tables.districts).values(revision=99))
        connection.execute(sa.update(layer_tables.past["buildings"]).values(until=1000))
    told = " ".join(map(str, faults_of(full)))
    assert "at revision 99, the log at" in told
    assert "features of buildings have two states at the same revision" in told
