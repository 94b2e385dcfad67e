"""Disks fill up, servers stop, clocks are set back: nothing is lost, and the answer is honest."""

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.settings import read_settings
from boundaries.admin.check import faults_of
from boundaries.store.history import change_log
from boundaries.store.open import open_store
from boundaries.store.sql import commit
from geo.errors import StorageFullError, UnavailableError
from tests.api.serving import serving
from tests.contracts.conftest import address, own_postgis, store
from tests.contracts.forking import FORK
from tests.contracts.test_foreign_edits import Stranger
from tests.scenes import tiny_district, tiny_store
from tests.stores import empty_store

__all__ = ["address", "own_postgis", "store"]  # fixtures

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
ROOM_KIB = 3_000


# --- PostgreSQL stops ---------------------------------------------------------------------------


def test_a_server_stops_and_starts_under_the_service(own_postgis):
    address = own_postgis.new_database()
    made = open_store(address, create=True)
    made.replace(DISTRICT, LAYERS)
    app = create_app(read_settings(db=address, editable=True))
    with serving(app) as client, closing(app.state.service.snapshots.store):
        assert client.get(f"/districts/{CODE}").status_code == 200
        edit(client, "before").raise_for_status()
        own_postgis.run(
            "pg_ctl", "stop", "-s", "-m", "fast", "-D", str(own_postgis.folder / "data")
        )
        for answer in (client.get("/districts"), edit(client, "lost"),
                       client.get(f"/districts/{CODE}/changes")):  # fmt: skip
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            for secret in (str(own_postgis.folder), own_postgis.account, "test_", "postgresql+"):
                assert secret not in answer.text
        own_postgis.start()
        assert client.get("/districts").status_code == 200
        edit(client, "after").raise_for_status()
        assert gate_names(made) == ["after"]
        assert [record.revision for record in made.changes(CODE)] == [3, 2, 1]
    made.close()


def test_connections_that_are_all_in_use_are_no_fault_of_the_request(postgis, monkeypatch):
    monkeypatch.setattr("boundaries.store.postgis.connection.POOL_SIZE", 1)
    monkeypatch.setattr("boundaries.store.postgis.connection.POOL_OVERFLOW", 0)
    url = postgis.new_database()
    made = empty_store(url)
    monkeypatch.setattr(made.engine.pool, "_timeout", 0.05)
    with made.reading(), pytest.raises(UnavailableError, match=r"All \d+ connections .* in use"):
        made.districts()
    assert made.districts() == []
    made.close()
    postgis.drop(url)


def edit(client: httpx.Client, name: str) -> httpx.Response:
    """Give the gate of the district a name."""
    place = f"/districts/{CODE}/gates/g1"
    there = client.get(place)
    if there.status_code != 200:
        return there
    feature: dict[str, Any] = there.json()
    feature["properties"] = {
        key: value for key, value in feature["properties"].items() if key in ("access", "name")
    } | {"name": name}
    body = {key: feature[key] for key in ("type", "geometry", "properties")}
    return client.put(place, json=body, headers={"If-Match": there.headers["ETag"]})


def gate_names(made) -> list[str]:
    return made.layers(CODE).gates["name"].tolist()


# --- a disk without room ------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of its own with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_KIB}k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(options, check=False, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Leave no room on a disk for a while."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4_096))
    yield
    filler.unlink()


def test_a_full_disk_changes_nothing_and_says_so(disk):
    made = tiny_store(disk / "town.gpkg")
    settings = read_settings(db=str(disk / "town.gpkg"), editable=True)
    with serving(create_app(settings)) as client:
        with filled(disk):
            with pytest.raises(StorageFullError, match="no room to write"):
                made.replace_layer(CODE, "gates", LAYERS.gates.assign(name="lost"))
            answer = edit(client, "lost")
            assert answer.status_code == 507
            assert answer.json()["type"] == "urn:lifecircle:problem:storage-full"
            assert client.get(f"/districts/{CODE}").status_code == 200
            assert (gate_names(made), made.district(CODE).revision) == (["南门"], 1)
        assert edit(client, "after").status_code == 200
    assert (gate_names(made), made.district(CODE).revision) == (["after"], 2)
    assert faults_of(made) == []
    assert sorted(path.name for path in disk.iterdir()) == ["town.gpkg"]


def _replace_with_little_room(path: str, rows: int) -> None:
    """Replace a district by a larger one where files may not grow by much."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    room = Path(path).stat().st_size + 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    walls = LAYERS.barriers.iloc[[0] * rows].assign(barrier_id=[f"w{i}" for i in range(rows)])
    try:
        open_store(path).replace_layer(CODE, "barriers", walls.reset_index(drop=True))
    except (StorageFullError, UnavailableError):
        os._exit(7)
    os._exit(0)


def test_a_file_that_may_not_grow_stays_as_it_was(tmp_path):
    made = tiny_store(tmp_path / "town.gpkg")
    process = FORK.Process(target=_replace_with_little_room, args=(str(made.path), 3_000))
    process.start()
    process.join()
    assert process.exitcode == 7
    assert made.district(CODE).revision == 1
    assert made.layers(CODE).barriers.equals(LAYERS.barriers)
    assert faults_of(made) == []


# --- a clock that is set back -------------------------------------------------------------------


class _Yesterday(datetime):
    """A clock two days behind."""

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) - timedelta(days=2)


def test_a_clock_set_back_leaves_the_history_in_order(store, address, monkeypatch):
    store.replace(DISTRICT, LAYERS)
    today = datetime.now(UTC).date()
    with monkeypatch.context() as patch:
        patch.setattr(change_log, "datetime", _Yesterday)
        patch.setattr(commit, "datetime", _Yesterday)
        store.replace_layer(CODE, "gates", LAYERS.gates.assign(name="early"))
    Stranger(address).run("UPDATE gates SET access = 'closed'")
    store.replace_layer(CODE, "gates", LAYERS.gates.assign(name="now"))
    log = store.changes(CODE)
    assert [record.revision for record in log] == [4, 3, 2, 1]
    times = [record.at for record in log]
    assert times == sorted(times, reverse=True)
    names = [store.snapshot(CODE, as_of=n)[1].gates["name"].tolist() for n in (1, 2, 3, 4)]
    assert names == [["南门"], ["early"], ["early"], ["now"]]
    assert store.snapshot(CODE, as_of=today)[1].gates["name"].tolist() == ["now"]
    assert faults_of(store) == []
