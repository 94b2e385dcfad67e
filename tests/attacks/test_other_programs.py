"""Other programs write into a store: what cannot stand is refused in words, or named when read."""

# ruff: noqa: S608 - the statements of a stranger are made of our own codes

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest
import shapely
import sqlalchemy as sa

from api.app import create_app
from api.settings import read_settings
from boundaries.admin.backup import backup_store
from boundaries.admin.check import faults_of
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.tables.geometry_type import blob_bounds, encode
from tests.api.serving import serving
from tests.contracts.conftest import address
from tests.contracts.test_foreign_edits import Stranger
from tests.scenes import (
    EAST,
    LARGE,
    NORTH_WEST,
    SOUTH_WEST,
    WEST,
    lonlat,
    tiny_district,
    tiny_store,
)
from tests.stores import copied_store

__all__ = ["address"]  # a fixture

CODE = "371602"


def side(i: int) -> Callable[[bytes], float | None]:
    """Return a side of the box as GDAL has it: nothing of what it cannot read."""

    def of(blob: bytes) -> float | None:
        with suppress(Exception):
            bounds = blob_bounds(blob)
            return None if bounds is None else bounds[i]
        return None

    return of


FUNCTIONS = {
    "ST_IsEmpty": lambda blob: side(0)(blob) is None,
    **{name: side(i) for i, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"))},
}
REFUSALS = (sqlite3.IntegrityError, psycopg.Error)
SQUARE = shapely.box(*lonlat(10, 10), *lonlat(40, 40))
BOWTIE = shapely.Polygon([lonlat(10, 10), lonlat(40, 40), lonlat(40, 10), lonlat(10, 40)])
GRID = "INSERT INTO grids (district, code, level, parent_code, geom) VALUES ({}, ?)"
GATE = "INSERT INTO gates (district, gate_id, access, geom) VALUES ({}, ?)"
BUILDING = "INSERT INTO buildings (district, building_id, households, geom) VALUES ({}, ?)"


@pytest.fixture
def store(address) -> Iterator[Store]:
    made = tiny_store(address)
    yield made
    made.close()


@pytest.fixture
def stranger(address, store) -> Stranger:
    return Stranger(address)


@contextmanager
def unchanged(address: str) -> Iterator[tuple[Store, Stranger]]:
    """Make a store that many may share: whatever they write is refused and rolled back."""
    made = tiny_store(address)
    yield made, Stranger(address)
    assert made.district(CODE).revision == 1
    assert faults_of(made) == []
    made.close()


@pytest.fixture(scope="module")
def file_unchanged(tmp_path_factory) -> Iterator[tuple[Store, Stranger]]:
    with unchanged(str(tmp_path_factory.mktemp("unchanged") / "store.gpkg")) as made:
        yield made


@pytest.fixture(scope="module")
def server_unchanged(postgis) -> Iterator[tuple[Store, Stranger]]:
    address = postgis.new_database()
    with unchanged(address) as made:
        yield made
    postgis.drop(address)


@pytest.mark.parametrize("kept_in", ["file_unchanged", "server_unchanged"])
@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"DELETE FROM grids WHERE code = '{LARGE}'", "first delete them"),
        (f"UPDATE grids SET code = '{LARGE}9' WHERE code = '{WEST}'", "grids inside this grid"),
        (f"UPDATE grids SET parent_code = NULL, level = 'large' WHERE code = '{WEST}'", "inside"),
        (f"UPDATE grids SET level = 'tiny' WHERE code = '{WEST}'", "level: wanted one of large"),
        (f"UPDATE grids SET code = NULL WHERE code = '{WEST}'", "code: wanted text"),
        (f"UPDATE grids SET level = 'medium', parent_code = '{LARGE}' WHERE code = '{NORTH_WEST}'",
         "first give the worker another grid"),
        (GRID.format(f"'{CODE}', '{LARGE}901', 'small', '{LARGE}9'"), "no such grid one level up"),
        (GRID.format(f"'{CODE}', '{LARGE}901', 'small', '{LARGE}'"), "no such grid one level up"),
        (GRID.format(f"'{CODE}', 'X1', 'small', '{WEST}'"), "starts with parent_code"),
        (GRID.format(f"'{CODE}', 'X1', 'large', '{WEST}'"), "a large grid has no grid around it"),
        (GRID.format(f"'{CODE}', 'X1', 'medium', NULL"), "the grid one level up"),
        (GRID.format(f"'{CODE}', '{WEST}', 'medium', '{LARGE}'"), "another row has this value"),
        (GATE.format("'nowhere', 'g9', 'open'"), "district that is there"),
        (GATE.format("NULL, 'g9', 'open'"), "district that is there"),
        (GATE.format(f"'{CODE}', 'g9', 'maybe'"), "access: wanted one of open, private, closed"),
        (GATE.format(f"'{CODE}', 'g1', 'open'"), "gate_id: another row has this value"),
        (GATE.format(f"'{CODE}', NULL, 'open'"), "gate_id: wanted text"),
        (BUILDING.format(f"'{CODE}', 'b9', -1"), "households: wanted a number from 0 on"),
        (BUILDING.format(f"'{CODE}', 'b9', NULL"), "households: wanted a number from 0 on"),
        (f"INSERT INTO workers (district, worker_code, grid_code) VALUES ('{CODE}', 'W', 'X')",
         "a small grid that is there"),
        (f"UPDATE workers SET grid_code = '{LARGE}' WHERE grid_code = '{NORTH_WEST}'",
         "a small grid that is there"),
        ("UPDATE districts SET code = 'other'", "code of a district cannot be changed"),
        ("UPDATE districts SET origin = 'x'", "origin: wanted one of given"),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_refused_in_words(request, kept_in, statement, says):
    store, stranger = request.getfixturevalue(kept_in)
    shape = shapely.Point(lonlat(10, 10)) if "gates" in statement else SQUARE
    with pytest.raises(REFUSALS, match=says) as refusal:
        stranger.run(statement, shape=shape)
    assert "constraint" not in str(refusal.value)
    assert store.district(CODE).revision == 1


def test_text_for_a_number_is_refused(store, stranger):
    with pytest.raises(REFUSALS, match=r"households: wanted a number|invalid input syntax"):
        stranger.run("UPDATE buildings SET households = 'many' WHERE building_id = 'b1'")
    assert store.layers(CODE).buildings["households"].tolist() == [1, 2, 4, 8, 16, 0]


def test_a_deleted_grid_takes_its_workers_along(store, stranger):
    stranger.run(f"DELETE FROM grids WHERE code = '{NORTH_WEST}'")
    layers = store.layers(CODE)
    assert NORTH_WEST not in set(layers.grids["code"]) | set(layers.workers["grid_code"])
    was = store.snapshot(CODE, as_of=1)[1]
    assert NORTH_WEST in set(was.workers["grid_code"])
    assert faults_of(store) == []


def test_workers_and_organisations_follow_a_new_code(store, stranger):
    stranger.run(
        "INSERT INTO organisations (district, link_id, name, grid_code) "
        f"VALUES ('{CODE}', 'o1', 'branch', '{NORTH_WEST}')"
    )
    stranger.run(f"UPDATE grids SET code = '{WEST}77' WHERE code = '{NORTH_WEST}'")
    layers = store.layers(CODE)
    assert set(layers.workers["grid_code"]) & {NORTH_WEST, f"{WEST}77"} == {f"{WEST}77"}
    assert layers.organisations["grid_code"].tolist() == [f"{WEST}77"]
    assert faults_of(store) == []


def test_an_organisation_outlives_its_grid_and_is_named(store, stranger):
    stranger.run(
        "INSERT INTO organisations (district, link_id, name, grid_code, point_id) "
        f"VALUES ('{CODE}', 'o1', 'branch', '{NORTH_WEST}', 'p1')"
    )
    stranger.run(f"DELETE FROM grids WHERE code = '{NORTH_WEST}'",
                 "DELETE FROM service_points WHERE point_id = 'p1'")  # fmt: skip
    assert len(store.layers(CODE).organisations) == 1
    assert [str(fault) for fault in faults_of(store)] == [
        f"{CODE}: organisations o1: grid_code is {NORTH_WEST}; wanted one of the grids",
        f"{CODE}: organisations o1: point_id is p1; wanted one of the service_points",
    ]


def test_a_plan_is_deleted_from_the_inside_out(store, stranger):
    for level in ("small", "medium", "large"):
        stranger.run(f"DELETE FROM grids WHERE level = '{level}'")
    assert store.layers(CODE).grids.empty
    assert store.layers(CODE).workers.empty
    assert faults_of(store) == []


def test_a_district_is_deleted_with_everything(store, stranger):
    stranger.run("DELETE FROM districts")
    assert store.districts() == []
    assert faults_of(store) == []


def test_what_is_left_empty_gets_its_default(store, stranger):
    """QGIS writes NULL for every field that nobody filled in."""
    stranger.run(
        "INSERT INTO gates (district, gate_id, access, name, node, opening_hours, since, "
        f"valid_from, geom) VALUES ('{CODE}', 'g9', 'open', NULL, NULL, NULL, NULL, NULL, ?)",
        shape=shapely.Point(lonlat(10, 10)),
    )
    gate = store.layers(CODE).gates.set_index("gate_id").loc["g9"]
    assert (gate["name"], gate["node"], gate["opening_hours"]) == ("", 0, "")
    assert store.versions(CODE, "gates", "g9")[0].since == 2


CURVES = {  # no two equal shapes one after the other, for each is to be a revision
    "GEOMETRYCOLLECTION(POLYGON((118 37.38,118.001 37.38,118.001 37.381,118 37.38)))": "Polygon",
    "CURVEPOLYGON(CIRCULARSTRING(118 37.38,118.001 37.381,118.002 37.38,118.001 37.379,118 37.38))":
        "Polygon",
    "POLYGON((118 37.38,118.001 37.38,118.001 37.381,118 37.38))": "Polygon",
    "MULTISURFACE(CURVEPOLYGON(CIRCULARSTRING(118 37.38,118.001 37.381,118.002 37.38,"
    "118.001 37.379,118 37.38)),((118.01 37.38,118.02 37.38,118.02 37.39,118.01 37.38)))":
        "MultiPolygon",
    "MULTIPOLYGON(((118 37.38,118.001 37.38,118.001 37.381,118 37.38)))": "Polygon",
}  # fmt: skip
LINES = {
    "CIRCULARSTRING(118 37.38,118.001 37.381,118.002 37.38)": "LineString",
    "COMPOUNDCURVE(CIRCULARSTRING(118 37.38,118.001 37.381,118.002 37.38),(118.002 37.38,118.01 "
    "37.38))": "LineString",
    "MULTICURVE((118 37.38,118.01 37.38),CIRCULARSTRING(118 37.37,118.001 37.371,118.002 37.37))":
        "MultiLineString",
}  # fmt: skip
WRONG = {
    "TIN(((118 37.38,118.001 37.38,118.001 37.381,118 37.38)))": "TIN",
    "POLYHEDRALSURFACE(((118 37.38,118.001 37.38,118.001 37.381,118 37.38)))": "POLYHEDRALSURFACE",
    "TRIANGLE((118 37.38,118.001 37.38,118.001 37.381,118 37.38))": "TRIANGLE",
    "GEOMETRYCOLLECTION(POINT(118 37.38),LINESTRING(118 37.38,119 37.38))": "GEOMETRYCOLLECTION",
    "MULTIPOINT(118 37.38,118.1 37.38)": "MULTIPOINT",
    "POLYGON EMPTY": "EMPTY",
    "CURVEPOLYGON EMPTY": "EMPTY",
    "POLYGON((588500 4139000,588600 4139000,588600 4139100,588500 4139000))": "degrees",
    "POLYGON((118 37.38,118.001 37.381,118.001 37.38,118 37.381,118 37.38))": "is invalid",
    "POLYGON Z((118 37.38 1,118.001 37.38 1,118.001 37.381 1,118 37.38 1))": "has Z dimension",
    "SRID=3857;POLYGON((118 37.38,118.001 37.38,118.001 37.381,118 37.38))": "does not match",
}


class TestOnAServer:
    """PostGIS takes any type: what has straight lines near enough is stored, the rest refused."""

    @pytest.fixture
    def address(self, postgis):
        url = postgis.new_database()
        yield url
        postgis.drop(url)

    def write(self, stranger: Stranger, table: str, text: str) -> None:
        plain = text if text.startswith("SRID") else f"SRID=4326;{text}"
        key = {
            "grids": f"code = '{SOUTH_WEST}'", "barriers": "barrier_id = 'w1'",
            "districts": f"code = '{CODE}'", "buildings": "building_id = 'b1'",
        }[table]  # fmt: skip
        stranger.run(f"UPDATE {table} SET geom = '{plain}' WHERE {key}")

    @pytest.mark.parametrize("table", ["grids", "buildings", "districts"])
    def test_surfaces_become_polygons(self, store, stranger, table):
        for revision, text in enumerate(CURVES, 2):
            self.becomes_polygons(store, stranger, table, text)
            assert store.district(CODE).revision == revision, text
        assert faults_of(store) == []

    def becomes_polygons(self, store: Store, stranger: Stranger, table: str, text: str) -> None:
        self.write(stranger, table, text)
        kinds = stored_kinds(store, table)
        assert kinds <= ({"MULTIPOLYGON"} if table != "buildings" else {"POLYGON", "MULTIPOLYGON",
                                                                        "POINT"})  # fmt: skip
        district, layers = store.snapshot(CODE)
        if table == "districts":
            shape = district.boundary
        else:
            key = {"grids": "code", "buildings": "building_id"}[table]
            of = {"grids": SOUTH_WEST, "buildings": "b1"}[table]
            shape = getattr(layers, table).set_index(key).geometry[of]
        if "CURVE" in text:
            circle = shapely.Point(118.001, 37.38).buffer(0.001, quad_segs=1000)
            middle = shapely.Point(118.001, 37.38)
            (part,) = [part for part in shapely.get_parts(shape) if part.contains(middle)]
            assert shapely.hausdorff_distance(part.exterior, circle.exterior) < 1.1e-7
        assert shape.geom_type == ("MultiPolygon" if table == "buildings" and
                                   text.startswith("MULTI") else CURVES[text])  # fmt: skip

    @pytest.mark.parametrize("text", LINES)
    def test_curves_become_lines(self, store, stranger, text):
        self.write(stranger, "barriers", text)
        assert set(store.layers(CODE).barriers.geom_type) == {LINES[text]}
        assert (
            store.changes(CODE)[0].after["barriers"]["w1"]["geom"].startswith(LINES[text].upper())
        )

    @pytest.mark.parametrize("text", WRONG)
    @pytest.mark.parametrize("table", ["grids", "districts"])
    def test_other_shapes_are_refused_in_words(self, server_unchanged, table, text):
        store, stranger = server_unchanged
        with pytest.raises(psycopg.Error, match=WRONG[text]) as refusal:
            self.write(stranger, table, text)
        assert "constraint" not in str(refusal.value)
        assert store.district(CODE).revision == 1

    def test_qgis_finds_the_kind_of_each_layer(self, store, stranger):
        with stranger.open() as connection:
            rows = connection.execute(
                "SELECT f_table_name, type, srid FROM geometry_columns WHERE f_table_name !~ '^v_'"
            ).fetchall()
        kinds = {name: (kind, srid) for name, kind, srid in rows}
        for name in ("districts", "grids", "past_districts", "past_grids"):
            assert kinds[name] == ("MULTIPOLYGON", 4326)
        assert kinds["buildings"] == kinds["barriers"] == ("GEOMETRY", 4326)
        assert kinds["gates"] == kinds["service_points"] == ("POINT", 4326)
        assert kinds["walk_edges"] == ("LINESTRING", 4326)

    def test_a_plan_may_be_written_in_any_order(self, store, stranger):
        stranger.run("DELETE FROM grids")
        assert store.layers(CODE).grids.empty
        small = GRID.format(f"'{CODE}', 'A101', 'small', 'A1'").replace("?", f"'{SQUARE.wkt}'")
        medium = small.replace("'A101', 'small', 'A1'", "'A1', 'medium', 'A'")
        large = small.replace("'A101', 'small', 'A1'", "'A', 'large', NULL")
        with pytest.raises(psycopg.Error, match="add and save that one first"):
            stranger.run(small, medium, large)
        stranger.run("SET CONSTRAINTS ALL DEFERRED", small, medium, large)
        assert store.layers(CODE).grids["code"].tolist() == ["A", "A1", "A101"]
        stranger.run(
            "UPDATE grids SET code = replace(code, 'A', 'B'), parent_code = "
            "replace(parent_code, 'A', 'B')"
        )
        assert store.layers(CODE).grids["parent_code"].tolist() == [None, "B", "B1"]
        assert faults_of(store) == []


def stored_kinds(store, table: str) -> set[str]:
    with store.engine.connect() as connection:
        return set(connection.scalars(sa.text(f"SELECT GeometryType(geom) FROM {table}")))


_UNUSABLE = [
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'", encode([BOWTIE])[0],
     "buildings b3: its shape is invalid (Self-intersection"),
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'",
     encode([shapely.Point(float("nan"), 37.38)])[0], "buildings b3: a coordinate"),
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'",
     encode([shapely.Point(588500, 4139000)])[0], "buildings b3: a coordinate"),
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'",
     encode([shapely.Polygon()])[0], "buildings b3: its shape is empty"),
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'", b"no geometry at all",
     "buildings b3: Got a geometry that is not GeoPackage binary"),
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'",
     encode([SQUARE])[0].replace(b"\xe6\x10\x00\x00", b"\x11\x0f\x00\x00", 1),
     "buildings b3: Got a geometry in EPSG:3857"),
    ("UPDATE buildings SET geom = ? WHERE building_id = 'b3'",
     encode([shapely.LineString([(118, 37), (118.1, 37)])])[0],
     "buildings b3: its shape is a LineString; wanted a Point, Polygon or MultiPolygon"),
    ("UPDATE buildings SET households = ? WHERE building_id = 'b3'", "many",
     "buildings b3: households is 'many'; wanted a number from 0 on"),
    ("UPDATE buildings SET households = ? WHERE building_id = 'b3'", 1.5,
     "buildings b3: households is 1.5"),
    ("UPDATE buildings SET households = ? WHERE building_id = 'b3'", -4,
     "buildings b3: households is -4"),
    ("UPDATE buildings SET use = ? WHERE building_id = 'b3'", "castle",
     "buildings b3: use is 'castle'; wanted one of residential"),
    ("UPDATE service_points SET capacity = ? WHERE point_id = 'p1'", float("inf"),
     "service_points p1: capacity is inf"),
    ("UPDATE walk_edges SET private = ? WHERE edge_id = 1", 7,
     "walk_edges 1: private is 7"),
    (f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_WEST}'", encode([BOWTIE])[0],
     f"grids {SOUTH_WEST}: its shape is invalid"),
    (f"UPDATE grids SET parent_code = ? WHERE code = '{SOUTH_WEST}'", "nobody",
     f"grids {SOUTH_WEST}: parent_code is nobody; wanted the medium grid around it"),
    (f"UPDATE grids SET level = ? WHERE code = '{EAST}'", "small", f"grids {EAST}: "),
]  # fmt: skip
UNUSABLE = {f"d{number}": each for number, each in enumerate(_UNUSABLE)}
"""A district each: what another program writes, the value, and how the row is named."""


def a_district_each(store: Store) -> None:
    """Store the hand-made district once for each of these rows."""
    district, layers = tiny_district()
    for code in UNUSABLE:
        store.replace(replace(district, code=code), layers)


class TestInAFile:
    """A file has nobody who looks at shapes; a program may even set the triggers aside."""

    @pytest.fixture
    def address(self, tmp_path):
        return str(tmp_path / "store.gpkg")

    def write(self, path: str, *statements: tuple[str, tuple[Any, ...]], guarded: bool) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            for name, function in FUNCTIONS.items():
                connection.create_function(name, 1, function)
            if not guarded:
                names = connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'rules_*'"
                )
                for (name,) in names.fetchall():
                    connection.execute(f'DROP TRIGGER "{name}"')
                connection.execute("PRAGMA ignore_check_constraints = ON")
            for statement, values in statements:
                connection.execute(statement, values)

    def test_a_row_that_cannot_be_used_is_set_aside_and_named(self, address):
        store = copied_store(address, "a_district_each", a_district_each)
        whole = store.layers("d0")
        written = [
            (f"{statement} AND district = '{code}'", (value,))
            for code, (statement, value, _) in UNUSABLE.items()
        ]
        self.write(address, *written, guarded=False)
        faults = [str(fault) for fault in faults_of(store)]
        with serving(create_app(read_settings(db=address))) as client:
            for code, (statement, _, named) in UNUSABLE.items():
                assert any(named in each and each.startswith(f"{code}: ") for each in faults), named
                table = statement.split()[1]
                lost = len(getattr(whole, table)) - len(getattr(store.layers(code), table))
                assert lost == (3 if named == f"grids {EAST}: " else 1)
                self.is_told_by_the_service(client, code, lost, named)
                assert store.lineage(code) is not None
                assert store.snapshot(code, as_of=1)[1].buildings.equals(whole.buildings)
        store.close()

    def is_told_by_the_service(
        self, client: httpx.Client, code: str, lost: int, named: str
    ) -> None:
        answer = client.get(f"/districts/{code}/coverage", params={"by": "building"})
        assert answer.status_code == 200
        told = answer.json()["set_aside"]
        assert told["rows"] == lost
        row = told["named"][0]
        assert named in f"{row['layer']} {row['key']}: {row['fault']}"
        for path in ("grids", "service-points", "lineage", "changes", "grids/check", "beats"):
            assert client.get(f"/districts/{code}/{path}").status_code < 500, (named, path)

    def test_the_sums_are_those_of_the_rows_that_are_left(self, store, stranger, address):
        set_bowtie = "UPDATE buildings SET geom = ? WHERE building_id = 'b3'"
        with serving(create_app(read_settings(db=address))) as client:
            before = client.get(f"/districts/{CODE}/coverage", params={"by": "district"}).json()
            assert before["rows"][0]["households"] == 31
            assert "set_aside" not in before
            self.write(address, (set_bowtie, (encode([BOWTIE])[0],)), guarded=True)
            told = client.get(f"/districts/{CODE}/coverage", params={"by": "district"}).json()
        assert told["rows"][0]["households"] == 31 - 4
        assert told["set_aside"]["named"][0]["key"] == "b3"
        b3 = tiny_district()[1].buildings.iloc[2:3]
        store.edit(CODE, "buildings", put=b3)
        assert store.layers(CODE).buildings["households"].sum() == 31
        assert faults_of(store) == []

    def test_a_bowtie_stands_in_no_way_of_a_backup(self, store, stranger, address, tmp_path):
        set_bowtie = f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_WEST}'"
        self.write(address, (set_bowtie, (encode([BOWTIE])[0],)), guarded=True)
        backup_store(store, tmp_path / "backup.gpkg")
        assert faults_of(open_store(tmp_path / "backup.gpkg")) == faults_of(store) != []

    def test_curves_and_tins_are_refused_in_words(self, store, stranger, address):
        curve = bytes.fromhex("010a00000000000000")
        tin = bytes.fromhex("011000000000000000")
        for body in (curve, tin):
            blob = b"GP\x00\x03" + (4326).to_bytes(4, "little") + bytes(32) + body
            with pytest.raises(sqlite3.IntegrityError, match="of straight lines"):
                self.write(
                    address, ("UPDATE buildings SET geom = ?", (blob,)), guarded=True
                )  # fmt: skip

    def test_a_height_is_left_out(self, store, stranger, address):
        header = b"GP\x00\x01" + (4326).to_bytes(4, "little")
        blob = header + shapely.to_wkb(shapely.force_3d(SQUARE, 7.0), flavor="iso")
        set_shape = "UPDATE buildings SET geom = ? WHERE building_id = 'b3'"
        self.write(address, (set_shape, (blob,)), guarded=True)
        shape = store.layers(CODE).buildings.set_index("building_id").geometry["b3"]
        assert shape.equals(SQUARE)
        assert not shape.has_z

    def test_a_program_without_the_standards_functions_writes_nothing(self, store, address):
        with (
            closing(sqlite3.connect(address)) as connection,
            pytest.raises(sqlite3.OperationalError, match="no such function: ST_IsEmpty"),
        ):
            connection.execute("UPDATE gates SET name = 'x'")
        assert store.district(CODE).revision == 1

    @pytest.mark.parametrize("enforced", ["ON", "OFF"])
    def test_rules_hold_with_and_without_foreign_keys(self, store, stranger, address, enforced):
        with closing(sqlite3.connect(address)) as connection:
            connection.execute(f"PRAGMA foreign_keys = {enforced}")
            for name, function in FUNCTIONS.items():
                connection.create_function(name, 1, function)
            with pytest.raises(sqlite3.IntegrityError, match="small grid that is there"):
                connection.execute("UPDATE workers SET grid_code = 'nowhere'")
        assert faults_of(store) == []
