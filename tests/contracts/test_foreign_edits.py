"""What other programs write into a store is a revision, told in the log, and kept in the past."""

import json
import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
import shapely
import sqlalchemy as sa

from boundaries.admin.check import faults_of
from boundaries.store.interface import Store
from boundaries.store.tables.geometry_type import encode, encode_ewkb
from geo.errors import NotFoundError
from geo.model.layers import Layers
from tests.scenes import SOUTH_EAST, SOUTH_WEST, lonlat, tiny_district

CODE = "371602"
EDITED = "edited in another program"


class Stranger:
    """A program that knows nothing of Lifecircle and writes SQL."""

    def __init__(self, address: str) -> None:
        self.is_file = not address.startswith("postgresql")
        self.address = address
        self.actor = "" if self.is_file else sa.make_url(address).username

    @contextmanager
    def open(self) -> Iterator[Any]:
        if self.is_file:
            with closing(sqlite3.connect(self.address)) as connection, connection:
                connection.execute("PRAGMA foreign_keys = ON")
                for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
                    connection.create_function(name, 1, _FUNCTIONS[name])
                yield connection
            return
        url = sa.make_url(self.address)
        where = {"host": url.query["host"], "user": url.username, "dbname": url.database}
        with psycopg.connect(**where) as connection:
            yield connection

    def run(self, *statements: str, shape: shapely.Geometry | None = None) -> None:
        """Run statements in one transaction; ``?`` stands for the shape."""
        with self.open() as connection:
            for statement in statements:
                if "?" in statement:
                    code = encode if self.is_file else encode_ewkb
                    mark = statement if self.is_file else statement.replace("?", "%s")
                    connection.execute(mark, (code([shape])[0],))
                else:
                    connection.execute(statement)


def _bounds(i):
    return lambda blob: shapely.from_wkb(blob[40:]).bounds[i]


_FUNCTIONS = {
    "ST_IsEmpty": lambda blob: False,
    "ST_MinX": _bounds(0),
    "ST_MinY": _bounds(1),
    "ST_MaxX": _bounds(2),
    "ST_MaxY": _bounds(3),
}


@pytest.fixture
def store(town) -> Store:
    return town


@pytest.fixture
def stranger(address, store) -> Stranger:
    return Stranger(address)


def marks(store) -> list[bool]:
    """Return which changes of the log are marked as those of other programs, oldest first."""
    with store.engine.connect() as connection:
        query = 'SELECT "foreign" FROM changes ORDER BY revision'
        return [bool(mark) for mark in connection.exec_driver_sql(query).scalars()]


def today() -> date:
    return datetime.now(UTC).date()


def test_a_changed_row_is_a_revision_and_stands_in_the_past(store, stranger):
    before = store.layers(CODE).gates
    stranger.run("UPDATE gates SET access = 'closed' WHERE gate_id = 'g1'")
    assert store.district(CODE).revision == 2
    assert store.layers(CODE).gates["access"].tolist() == ["closed"]
    assert store.snapshot(CODE, as_of=1)[1].gates.equals(before)
    new, old = store.versions(CODE, "gates", "g1")
    assert (new.since, new.until, new.valid_from) == (2, None, today())
    assert (old.since, old.until, old.valid_to) == (1, 2, today())
    change = store.changes(CODE)[0]
    assert (change.revision, str(change.what), change.actor) == (2, EDITED, stranger.actor)
    assert marks(store) == [False, True]
    assert change.counts == {"gates": {"added": 0, "changed": 1, "removed": 0}}
    assert change.before == {"gates": {"g1": {"access": before["access"][0]}}}
    assert change.after == {"gates": {"g1": {"access": "closed"}}}
    assert change.valid_from == today()


def test_an_added_row_bears_its_revision(store, stranger):
    stranger.run(
        "INSERT INTO gates (district, gate_id, access, name, node, geom) "
        "SELECT code, 'g2', 'open', 'north ''A''', 0, ? FROM districts",
        shape=shapely.Point(lonlat(10, 10)),
    )
    assert store.district(CODE).revision == 2
    assert store.snapshot(CODE, as_of=1)[1].gates["gate_id"].tolist() == ["g1"]
    assert store.snapshot(CODE)[1].gates["gate_id"].tolist() == ["g1", "g2"]
    (version,) = store.versions(CODE, "gates", "g2")
    assert (version.since, version.valid_from) == (2, today())
    change = store.changes(CODE)[0]
    assert change.counts == {"gates": {"added": 1, "changed": 0, "removed": 0}}
    assert change.before == {}
    told = change.after["gates"]["g2"]
    assert (told["access"], told["name"], told["node"]) == ("open", "north 'A'", 0)


def test_a_removed_row_stands_in_the_past(store, stranger):
    before = store.layers(CODE)
    stranger.run("DELETE FROM barriers", "DELETE FROM workers WHERE worker_code = 'W2'")
    assert store.layers(CODE).barriers.empty
    made = store.district(CODE).revision
    assert made == (4 if stranger.is_file else 2)  # a file knows rows, a server transactions
    was = store.snapshot(CODE, as_of=1)[1]
    assert was.barriers.equals(before.barriers)
    assert was.workers.equals(before.workers)
    removed = [c.counts.get("workers", {}).get("removed", 0) for c in store.changes(CODE)]
    assert sum(removed) == 2
    assert store.changes(CODE)[-2].before["barriers"].keys() == {"w1"}


def test_flags_and_missing_values_are_told_as_json_has_them(store, stranger):
    stranger.run("UPDATE walk_edges SET private = NOT private WHERE edge_id = 1")
    change = store.changes(CODE)[0]
    assert change.before == {"walk_edges": {"1": {"private": False}}}
    assert change.after == {"walk_edges": {"1": {"private": True}}}


def test_a_moved_building_gets_a_demand_point_inside_it(store, stranger):
    before = store.layers(CODE).buildings
    shape = before.geometry.iloc[2]
    stranger.run("UPDATE buildings SET geom = ? WHERE building_id = 'b1'", shape=shape)
    after = store.layers(CODE).buildings
    assert after.geometry.iloc[0].equals(shape)
    assert after.loc[0, ["lon", "lat"]].tolist() == after.loc[2, ["lon", "lat"]].tolist()
    assert store.district(CODE).revision == 2
    assert store.snapshot(CODE, as_of=1)[1].buildings.equals(before)


def test_what_stays_as_it_is_makes_no_revision(store, stranger):
    stranger.run("UPDATE gates SET access = access", "DELETE FROM gates WHERE gate_id = 'none'")
    assert store.district(CODE).revision == 1
    assert len(store.changes(CODE)) == 1


def test_a_change_rolled_back_leaves_nothing(store, stranger):
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error)):
        stranger.run("UPDATE gates SET access = 'closed'", "UPDATE gates SET access = 'maybe'")
    assert store.district(CODE).revision == 1
    assert len(store.versions(CODE, "gates", "g1")) == 1


def test_a_changed_district_keeps_its_old_name_and_boundary(store, stranger):
    there = store.district(CODE)
    stranger.run(
        "UPDATE districts SET name_en = 'New', geom = ?", shape=there.boundary.buffer(0.01)
    )
    now = store.district(CODE)
    assert (now.revision, now.name_en) == (2, "New")
    was, _ = store.snapshot(CODE, as_of=1)
    assert (was.name_en, was.boundary) == (there.name_en, there.boundary)
    assert str(store.changes(CODE)[0].what) == EDITED


def test_the_code_of_a_district_cannot_be_changed(store, stranger):
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="code of a district"):
        stranger.run("UPDATE districts SET code = 'other'")
    assert store.district(CODE).revision == 1


def test_a_deleted_district_is_told_and_leaves_no_orphan(store, stranger):
    stranger.run("UPDATE gates SET access = 'closed'")
    stranger.run("DELETE FROM districts")
    with pytest.raises(NotFoundError):
        store.district(CODE)
    change = store.changes(CODE)[0]
    assert (change.revision, str(change.what)) == (3, "deleted in another program")
    assert marks(store) == [False, True, True]
    with stranger.open() as connection:
        for table in ("gates", "past_gates", "buildings", "imports"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert store.replace(*tiny_district()) == 4


def test_a_district_that_is_added_has_a_revision(store, stranger):
    boundary = store.district(CODE).boundary
    stranger.run(
        "INSERT INTO districts (code, name_zh, name_en, epsg, origin, geom) "
        "VALUES ('new', '新', 'New', 4548, 'given', ?)",
        shape=boundary,
    )
    assert store.district("new").revision == 1
    assert str(store.changes("new")[0].what) == EDITED
    assert store.snapshot("new", as_of=1)[1].gates.empty


def test_our_next_write_follows_theirs(store, stranger):
    _, layers = tiny_district()
    stranger.run("UPDATE gates SET access = 'closed'")
    assert store.replace_layer(CODE, "gates", layers.gates) == 3
    since = [(v.since, v.until) for v in store.versions(CODE, "gates", "g1")]
    assert since == [(3, None), (2, 3), (1, 2)]
    assert [c.revision for c in store.changes(CODE)] == [3, 2, 1]
    assert marks(store) == [False, True, False]


def test_a_row_that_moves_to_another_district_is_gone_from_the_first(store, stranger):
    district, _ = tiny_district()
    store.replace(replace(district, code="other"), Layers())
    stranger.run("UPDATE gates SET district = 'other'")
    assert store.layers(CODE).gates.empty
    assert store.layers("other").gates["gate_id"].tolist() == ["g1"]
    assert [store.district(code).revision for code in (CODE, "other")] == [2, 2]
    assert store.snapshot(CODE, as_of=1)[1].gates["gate_id"].tolist() == ["g1"]
    assert store.snapshot("other", as_of=1)[1].gates.empty
    assert store.changes(CODE)[0].counts["gates"]["removed"] == 1
    assert store.changes("other")[0].counts["gates"]["added"] == 1


class TestOnAServer:
    """A server knows transactions and accounts."""

    @pytest.fixture
    def address(self, postgis):
        url = postgis.new_database()
        yield url
        postgis.drop(url)

    def test_one_transaction_is_one_revision(self, store, stranger):
        stranger.run(
            "UPDATE buildings SET households = households + 1 WHERE building_id = 'b1'",
            "UPDATE buildings SET households = households + 1, name = 'x' WHERE building_id = 'b1'",
            "UPDATE buildings SET households = households + 1 WHERE building_id = 'b2'",
            "DELETE FROM gates",
            "UPDATE districts SET note = 'seen'",
        )
        assert store.district(CODE).revision == 2
        (change, _) = store.changes(CODE)
        assert change.counts == {
            "buildings": {"added": 0, "changed": 3, "removed": 0},
            "gates": {"added": 0, "changed": 0, "removed": 1},
        }
        assert change.before["buildings"] == {
            "b1": {"households": 1, "name": "1号楼"},
            "b2": {"households": 2},
        }
        assert change.after["buildings"] == {
            "b1": {"households": 3, "name": "x"},
            "b2": {"households": 3},
        }
        assert change.before["gates"]["g1"]["geom"].startswith("POINT(")
        assert len(store.versions(CODE, "buildings", "b1")) == 2
        was = store.snapshot(CODE, as_of=1)[1].buildings
        assert was["households"].tolist() == [1, 2, 4, 8, 16, 0]

    def test_many_rows_are_counted_and_kept(self, store, stranger):
        stranger.run(
            "INSERT INTO gates (district, gate_id, access, name, node, geom) SELECT district, "
            "'n' || i, access, name, node, geom FROM gates, generate_series(1, 5000) i"
        )
        stranger.run("UPDATE gates SET name = 'all'")
        assert store.district(CODE).revision == 3
        (change, *_) = store.changes(CODE)
        assert change.counts["gates"]["changed"] == 5001
        assert change.before == change.after == {}
        assert len(store.snapshot(CODE, as_of=2)[1].gates) == 5001

    def test_strangers_and_we_write_at_once_and_nothing_is_lost(self, store, stranger):
        each = 12

        def theirs(building: str) -> int:
            edit = "UPDATE buildings SET households = households + 1 WHERE building_id = "
            for _ in range(each):
                stranger.run(f"{edit}'{building}'")
            return each

        def ours() -> int:
            gates = store.layers(CODE).gates
            for n in range(each):
                store.replace_layer(CODE, "gates", gates.assign(name=str(n)))
            return each

        with ThreadPoolExecutor() as pool:
            done = [pool.submit(theirs, "b1"), pool.submit(theirs, "b1"), pool.submit(ours)]
            total = sum(job.result() for job in done)
        assert store.district(CODE).revision == 1 + total
        assert [c.revision for c in store.changes(CODE)] == list(range(1 + total, 0, -1))
        now = store.layers(CODE)
        assert now.buildings["households"].tolist() == [1 + 2 * each, 2, 4, 8, 16, 0]
        assert now.gates["name"].tolist() == [str(each - 1)]
        assert len(store.versions(CODE, "buildings", "b1")) == 1 + 2 * each
        assert faults_of(store) == []

    def test_a_savepoint_rolled_back_leaves_no_trace(self, store, stranger):
        stranger.run(
            "SAVEPOINT a",
            "UPDATE gates SET access = 'closed'",
            "ROLLBACK TO SAVEPOINT a",
            "UPDATE gates SET name = 'kept'",
        )
        (change, _) = store.changes(CODE)
        assert (change.revision, change.after) == (2, {"gates": {"g1": {"name": "kept"}}})

    def test_an_account_that_may_write_one_layer_only(self, store, stranger):
        clerk = f"clerk_{os.getpid()}"  # accounts belong to the server, which others use too
        stranger.run(f"CREATE ROLE {clerk} LOGIN", f"GRANT SELECT, UPDATE ON gates TO {clerk}")
        url = sa.make_url(stranger.address)
        where = {"host": url.query["host"], "user": clerk, "dbname": url.database}
        with psycopg.connect(**where) as connection:
            connection.execute("UPDATE gates SET access = 'closed'")
        assert store.changes(CODE)[0].actor == clerk
        assert len(store.versions(CODE, "gates", "g1")) == 2
        with psycopg.connect(**where) as connection, pytest.raises(psycopg.Error):
            connection.execute("UPDATE changes SET actor = 'nobody'")
        stranger.run(f"DROP OWNED BY {clerk}", f"DROP ROLE {clerk}")

    def test_nobody_empties_a_table_at_one_stroke(self, store, stranger):
        with pytest.raises(psycopg.Error, match="use DELETE"):
            stranger.run("TRUNCATE gates")
        assert store.counts(CODE)["gates"] == 1

    def test_a_wrong_shape_is_refused(self, store, stranger):
        bowtie = shapely.Polygon([(118, 37), (118.1, 37.1), (118.1, 37), (118, 37.1)])
        with pytest.raises(psycopg.Error, match=r"图形无效.*is invalid"):
            stranger.run("UPDATE buildings SET geom = ?", shape=bowtie)


def test_the_log_is_json(store, stranger):
    stranger.run("UPDATE gates SET name = 'a \"b\" \\ \u00e9'")
    with stranger.open() as connection:
        rows = connection.execute("SELECT counts, before, after FROM changes").fetchall()
    assert all(isinstance(json.loads(text), dict) for row in rows for text in row)
    assert store.changes(CODE)[0].after["gates"]["g1"]["name"] == 'a "b" \\ \u00e9'


def test_columns_that_may_be_unknown_are_told_and_checked(store, stranger):
    stranger.run(
        "UPDATE service_points SET member = true, fee_class = 'free', floor_area_m2 = 12.5 "
        "WHERE point_id = 'p1'"
    )
    stranger.run("UPDATE service_points SET member = NULL WHERE point_id = 'p1'")
    unknown, known = store.changes(CODE, after=1)
    assert known.before["service_points"]["p1"] == {
        "member": None, "fee_class": None, "floor_area_m2": None,
    }  # fmt: skip
    assert known.after["service_points"]["p1"] == {
        "member": True, "fee_class": "free", "floor_area_m2": 12.5,
    }  # fmt: skip
    assert unknown.before["service_points"]["p1"] == {"member": True}
    assert unknown.after["service_points"]["p1"] == {"member": None}
    was = store.snapshot(CODE, as_of=2)[1].service_points.set_index("point_id").loc["p1"]
    assert (was["member"], was["fee_class"], was["floor_area_m2"]) == (True, "free", 12.5)
    for wrong in ("fee_class = 'cheap'", "scope = 'city'", "floor_area_m2 = -1"):
        with pytest.raises((sqlite3.IntegrityError, psycopg.errors.CheckViolation)):
            stranger.run(f"UPDATE service_points SET {wrong}")  # noqa: S608


def test_a_plan_that_another_program_spoils_is_told_at_once(store, stranger):
    grids = store.layers(CODE).grids.set_index("code").geometry
    west, east = grids[SOUTH_WEST], grids[SOUTH_EAST]
    half = west.intersection(shapely.box(*lonlat(-9, -9), *lonlat(150, 500)))
    stranger.run(f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_WEST}'", shape=half)  # noqa: S608
    told = str(store.changes(CODE)[0].what)
    assert told.startswith("edited in another program; newly at fault, ")
    assert "m2 of the district lie in no grid" in told
    assert str(store.changes(CODE, limit=1)[0].what) == told
    # What is put right in the same go is no fault of the go.
    stranger.run(f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_WEST}'", shape=west)  # noqa: S608
    assert str(store.changes(CODE)[0].what) == EDITED
    stranger.run(f"UPDATE grids SET name_en = 'x' WHERE code = '{SOUTH_EAST}'")  # noqa: S608
    assert str(store.changes(CODE)[0].what) == EDITED
    assert east.equals(store.layers(CODE).grids.set_index("code").geometry[SOUTH_EAST])
