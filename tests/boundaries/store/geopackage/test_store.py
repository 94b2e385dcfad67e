"""The GeoPackage file itself: valid, safe from crashes, refusing what is not ours."""

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import sqlalchemy as sa
from geopandas.testing import assert_geodataframe_equal

from boundaries.store.geopackage import store as geopackage
from boundaries.store.geopackage.connection import writing
from boundaries.store.open import open_store
from boundaries.store.tables import layer_tables
from boundaries.store.tables.geometry_type import encode
from boundaries.store.tables.views import VIEWS
from geo.errors import ConflictError, FileFormatError, InputError, NotFoundError, SchemaError
from geo.model.layer_columns import COLUMNS, TABLES
from geo.model.layers import Layers
from tests.scenes import lonlat, stored, tiny_district, tiny_store

CODE = "371602"
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "town.gpkg"


@pytest.fixture
def store(path):
    return tiny_store(path)


def ask(path, statement, *values):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, values).fetchall()


def many_edges(n: int) -> Layers:
    _, layers = tiny_district()
    rng = np.random.default_rng(7)
    start = rng.random((n, 2)) * [0.2, 0.1] + [118, 37.3]
    lines = shapely.linestrings(np.stack([start, start + 0.001], axis=1))
    edges = pd.concat([layers.walk_edges.iloc[[0]]] * n, ignore_index=True)
    edges = gpd.GeoDataFrame(edges.drop(columns="geometry"), geometry=lines, crs=4326)
    return replace(layers, walk_edges=edges.assign(edge_id=np.arange(n)))


# --- the file is a GeoPackage -------------------------------------------------------------------


def test_marks_of_the_format(store, path):
    assert ask(path, "PRAGMA application_id") == [(0x47504B47,)]
    assert ask(path, "PRAGMA user_version") == [(10400,)]
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]
    assert ask(path, "SELECT srs_id FROM gpkg_spatial_ref_sys ORDER BY 1") == [
        (-1,),
        (0,),
        (4326,),
        (4490,),
    ]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "PRAGMA foreign_key_check") == []


def test_every_table_is_registered(store, path):
    listed = dict(ask(path, "SELECT table_name, data_type FROM gpkg_contents"))
    now = {"districts", *layer_tables.GEOMETRY_KINDS}
    spatial = now | {f"past_{name}" for name in now} | {v.name for v in VIEWS if v.kind}
    names = [*layer_tables.metadata.tables, *(view.name for view in VIEWS), "layer_styles"]
    assert listed == {name: "features" if name in spatial else "attributes" for name in names}
    indexed = ask(path, "SELECT table_name FROM gpkg_extensions")
    assert {row[0] for row in indexed} == now
    types = dict(ask(path, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    assert types["gates"] == types["service_points"] == "POINT"
    assert types["walk_edges"] == "LINESTRING"
    assert types["grids"] == types["districts"] == types["past_grids"] == "MULTIPOLYGON"
    assert types["buildings"] == types["barriers"] == "GEOMETRY"


@pytest.mark.parametrize("layer", COLUMNS)
def test_columns_are_those_of_the_layers(store, path, layer):
    names = [row[1] for row in ask(path, f"PRAGMA table_info({layer})")]
    geometry = [] if layer in TABLES else ["geom"]
    assert names == ["fid", "district", *COLUMNS[layer], *geometry, "since", "valid_from"]


def test_contents_hold_the_exact_extent(store, path):
    _, layers = tiny_district()
    for layer in layer_tables.GEOMETRY_KINDS:
        row = ask(
            path, "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", layer
        )[0]
        frame = getattr(layers, layer)
        assert row == (tuple(frame.total_bounds) if len(frame) else (None,) * 4)
    far = stored(
        [shapely.Point(588_000, 4_138_000)], gate_id=["g9"], access="open", name="", node=0
    )
    district, _ = tiny_district()
    store.replace(replace(district, code="second"), Layers(gates=far))
    row = ask(path, "SELECT min_x, max_x FROM gpkg_contents WHERE table_name = 'gates'")[0]
    assert row == (far.total_bounds[0], layers.gates.total_bounds[2])
    store.delete("second")
    store.delete(CODE)
    assert ask(path, "SELECT min_x FROM gpkg_contents WHERE table_name = 'gates'") == [(None,)]


@pytest.mark.parametrize("layer", [*layer_tables.GEOMETRY_KINDS, "districts"])
def test_the_index_has_every_row_once(store, path, layer):
    store.replace_layer(CODE, "buildings", tiny_district()[1].buildings.iloc[1:4])
    fids = ask(path, f"SELECT fid FROM {layer} ORDER BY 1")  # noqa: S608 (our names)
    assert ask(path, f"SELECT id FROM rtree_{layer}_geom ORDER BY 1") == fids  # noqa: S608
    assert ask(path, "SELECT rtreecheck(?)", f"rtree_{layer}_geom") == [("ok",)]


def test_the_index_survives_changes_of_one_of_two_districts(store, path):
    district, layers = tiny_district()
    store.replace(replace(district, code="second"), layers)
    store.replace_layer("second", "buildings", layers.buildings.iloc[:2])
    fids = [row[0] for row in ask(path, "SELECT fid FROM buildings ORDER BY 1")]
    assert fids == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [r[0] for r in ask(path, "SELECT id FROM rtree_buildings_geom ORDER BY 1")] == fids


def test_single_rows_written_by_sql_keep_the_index(store, path):
    lon, lat = lonlat(10, 10)
    with store.engine.connect() as connection:
        point = shapely.Point(lon, lat)
        insert = layer_tables.layers["gates"].insert()
        connection.execute(
            insert,
            {
                "district": CODE,
                "gate_id": "g2",
                "access": "open",
                "name": "",
                "node": 0,
                "geom": point,
            },
        )
        connection.commit()
    inside = "SELECT id FROM rtree_gates_geom WHERE minx < ? AND maxx > ?"
    assert ask(path, inside, lon + 1e-5, lon - 1e-5) == [(2,)]
    assert store.layers(CODE).gates.geometry.iloc[1] == point
    assert store.district(CODE).revision == 2


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE buildings SET households = -1", "CHECK"),
        ("UPDATE grids SET level = 'tiny'", "CHECK"),
        ("UPDATE gates SET access = 'maybe'", "CHECK"),
        ("UPDATE buildings SET building_id = 'b1'", "UNIQUE"),
        ("UPDATE buildings SET district = 'nowhere'", "FOREIGN KEY"),
        ("UPDATE workers SET grid_code = 'x' WHERE fid = 1", "FOREIGN KEY"),
    ],
)
def test_the_tables_guard_themselves(store, path, statement, fault):
    """Also where a program has set the triggers aside that speak first."""
    with store.engine.begin() as connection:
        for (name,) in ask(
            path, "SELECT name FROM sqlite_master WHERE name LIKE 'rules\\_%' ESCAPE '\\'"
        ):
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    with (
        pytest.raises(sa.exc.IntegrityError, match=fault),
        store.engine.begin() as connection,  # the last check waits for the commit
    ):
        connection.exec_driver_sql(statement)


# --- all or nothing -----------------------------------------------------------------------------


def test_a_failure_in_the_middle_leaves_the_file_as_it_was(store, path, monkeypatch):
    before = path.read_bytes()
    district, layers = tiny_district()
    real = geopackage.insert_rows

    def breaks_at_gates(connection, table, columns, rows):
        if table.name == "gates":
            rows = [(*row[:1], "no such access", *row[2:]) for row in rows]
        real(connection, table, columns, rows)

    monkeypatch.setattr(geopackage, "insert_rows", breaks_at_gates)
    changed = replace(
        layers, buildings=layers.buildings.iloc[:2], gates=layers.gates.assign(node=3)
    )
    with pytest.raises(SchemaError, match=r"refused the data \(CHECK.*Nothing was changed"):
        store.replace(district, changed)
    assert path.read_bytes() == before


def test_a_bad_frame_leaves_the_file_as_it_was(store, path):
    before = path.read_bytes()
    district, layers = tiny_district()
    with pytest.raises(SchemaError, match="missing columns"):
        store.replace(district, replace(layers, gates=layers.gates.drop(columns="node")))
    assert path.read_bytes() == before


_WRITER = """
import sys
from boundaries.store.open import open_store
from tests.boundaries.store.geopackage.test_store import many_edges, tiny_district
from boundaries.store.geopackage import store as geopackage
store, layers = open_store(sys.argv[1]), many_edges(20_000)
real = geopackage.refresh_contents
def slow(connection, names):
    real(connection, names)
    if sys.argv[2] == "spill":
        connection.exec_driver_sql("PRAGMA cache_spill = ON")
        connection.exec_driver_sql("PRAGMA cache_size = 10")
        connection.exec_driver_sql("UPDATE walk_edges SET name = 'x'")
    print("written, not committed", flush=True)
    sys.stdin.read()
geopackage.refresh_contents = slow
store.replace(tiny_district()[0], layers)
"""


@pytest.mark.parametrize("how", ["memory", "spill"])
def test_a_killed_writer_leaves_the_revision_before(store, path, how):
    before = store.layers(CODE).walk_edges
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    with writer:
        assert writer.stdout.readline() == "written, not committed\n"
        os.kill(writer.pid, signal.SIGKILL)
    again = open_store(path)
    assert again.district(CODE).revision == 1
    assert again.layers(CODE).walk_edges.equals(before)
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert again.replace(tiny_district()[0], many_edges(50)) == 2


def test_readers_see_whole_revisions_while_a_writer_works(store):
    district, _ = tiny_district()
    versions = [many_edges(n) for n in (100, 300)]
    done = threading.Event()
    faults: list[BaseException] = []

    def write():
        try:
            for i in range(6):
                store.replace(district, versions[i % 2])
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            faults.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        there, layers = store.snapshot(CODE)
        seen.add((there.revision, len(layers.walk_edges)))
    writer.join()
    assert faults == []
    assert seen <= {(1, 11), *((r, 100 if r % 2 == 0 else 300) for r in range(2, 8))}
    assert store.district(CODE).revision == 7


def test_two_writers_take_turns(store):
    district, _ = tiny_district()
    other = replace(district, code="other")
    faults: list[BaseException] = []

    def write(target, sizes):
        try:
            for n in sizes:
                store.replace(target, many_edges(n))
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            faults.append(error)

    threads = [
        threading.Thread(target=write, args=(district, (50, 60, 70))),
        threading.Thread(target=write, args=(other, (20, 30, 40))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [(d.code, d.revision) for d in store.districts()] == [(CODE, 4), ("other", 3)]


# --- what is not ours ---------------------------------------------------------------------------


def test_no_file_is_not_found_and_not_made(path):
    with pytest.raises(NotFoundError, match=r"`lifecircle demo` or `lifecircle load`"):
        open_store(path)
    assert not path.exists()


def test_opening_for_creation_keeps_what_is_there(store, path):
    assert open_store(path, create=True).counts(CODE)["buildings"] == 6
    assert open_store(f"sqlite:///{path}").counts(CODE)["buildings"] == 6


def test_an_interrupted_creation_is_finished(path):
    path.touch()
    assert open_store(path, create=True).districts() == []


@pytest.mark.parametrize("create", [True, False])
def test_another_file_is_refused_and_kept(path, create):
    path.write_text("code,name\n1,2\n")
    with pytest.raises(FileFormatError, match="is not a GeoPackage"):
        open_store(path, create=create)
    assert path.read_text() == "code,name\n1,2\n"


@pytest.mark.parametrize("create", [True, False])
def test_a_sqlite_file_that_is_no_geopackage_is_refused(path, create):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE districts (code)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match="SQLite file but no GeoPackage"):
        open_store(path, create=create)
    assert path.read_bytes() == before


@pytest.mark.parametrize("create", [True, False])
def test_a_foreign_geopackage_is_refused(path, create):
    tiny_district()[1].grids.to_file(path, layer="grids")
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match="GeoPackage without the tables of Lifecircle"):
        open_store(path, create=create)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(store, path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.commit()
    with pytest.raises(ConflictError, match=r"newer Lifecircle \(schema 99\)"):
        open_store(path)


MOVED = ("lon", "lat", "geometry")


def test_a_file_of_an_older_schema_is_brought_up_to_date(tmp_path):
    """The file was made by a Lifecircle of schema 2; its buildings have been moved since then."""
    path = tmp_path / "old.gpkg"
    packed = Path(__file__).parents[1] / "schema_2.gpkg.gz"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    upgraded = open_store(path)
    district, layers = tiny_district()
    assert upgraded.snapshot(CODE)[0] == replace(district, revision=1)
    buildings = upgraded.layers(CODE).buildings
    assert_geodataframe_equal(
        buildings, layers.buildings.assign(**{name: buildings[name] for name in MOVED})
    )
    assert_geodataframe_equal(upgraded.layers(CODE).walk_edges, layers.walk_edges)
    version = f"{layer_tables.SCHEMA_VERSION:04}"
    assert ask(path, "SELECT version_num FROM alembic_version") == [(version,)]
    assert ask(path, "SELECT name FROM sqlite_master WHERE name = 'settings'") == []
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert upgraded.replace(district, replace(layers, buildings=buildings)) == 1


def test_a_truncated_file_is_one_clear_error(store, path):
    path.write_bytes(path.read_bytes()[:8192])
    with pytest.raises(FileFormatError, match="is damaged"):
        open_store(path)


@pytest.mark.parametrize("where", ["missing/town.gpkg", "file/town.gpkg"])
def test_a_path_that_cannot_be_written_is_one_clear_error(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"Cannot (write|read)"):
        open_store(tmp_path / where, create=True)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="is a folder"):
        open_store(tmp_path, create=True)


def test_another_kind_of_address_is_refused():
    with pytest.raises(InputError, match="Got a mysql address"):
        open_store("mysql://host/db")


def test_a_locked_file_is_one_clear_error(store, path, monkeypatch):
    impatient = open_store(path)
    brief = partial(writing, impatient.engine, path, wait_s=0.1)
    monkeypatch.setattr(impatient, "writing", lambda _: brief())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConflictError, match="changed by another program"):
            impatient.delete(CODE)
    assert store.counts(CODE)["grids"] == 7


# --- size ---------------------------------------------------------------------------------------


def test_a_large_layer_comes_back_whole(path):
    store, layers = open_store(path, create=True), many_edges(20_000)
    store.replace(tiny_district()[0], layers)
    assert len(store.layers(CODE).walk_edges) == 20_000


def test_a_foreign_point_without_an_envelope_is_read(store, path):
    blob = encode([shapely.Point(118, 37.38)])[0]
    bare = blob[:3] + b"\x01" + blob[4:8] + blob[40:]
    with store.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE gates SET geom = ?", (bare,))
        connection.commit()
    assert store.layers(CODE).gates.geometry.iloc[0] == shapely.Point(118, 37.38)
    (west, east) = ask(path, "SELECT minx, maxx FROM rtree_gates_geom")[0]
    assert west <= 118 <= east
