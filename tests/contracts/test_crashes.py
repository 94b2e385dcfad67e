"""Whoever is killed, and whenever: what was committed is whole, and nothing else is there.

A writer goes from state to state of a district; state i is known in advance. It is killed, or the
database server is, at random moments. Then the district must be in the last state that the writer
was told is committed, or in the one it was just committing, and every earlier revision must be the
state of its number.
"""

import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from boundaries.imports.import_files import load_layer
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.rows.validate import checked_layers
from boundaries.store.tables.records import Commit
from geo.errors import LifecircleError
from geo.model.layers import Layers
from tests.contracts.forking import FORK
from tests.contracts.test_store import assert_layers_equal
from tests.scenes import tiny_district
from tests.waiting import PATIENCE_S

CODE = "371602"
MOMENTS = int(os.environ.get("LIFECIRCLE_KILLS", "6"))
"""Random moments at which somebody is killed, per store and kind of death."""

CHANGES = 2_000
DISTRICT, LAYERS = tiny_district()


def state(number: int) -> Layers:
    """Return the layers of revision `number`, which starts at 1."""
    last = {turn: number - (number - turn) % 4 for turn in range(4)}
    points = LAYERS.service_points.copy()
    points.loc[0, "name"] = f"point {last[1]}"
    gates = LAYERS.gates.assign(name=f"gate {last[3]}")
    barriers = LAYERS.barriers.assign(name=f"barrier {last[3]}")
    return replace(
        LAYERS,
        buildings=LAYERS.buildings.assign(households=10 + last[0], name=f"house {last[2]}"),
        service_points=points,
        gates=gates,
        barriers=barriers,
    )


def advance(store: Store, number: int, folder: Path) -> None:
    """Bring a district from state ``number - 1`` to state `number`, each time in another way."""
    layers = state(number)
    if number % 4 == 0:
        store.replace_layer(CODE, "buildings", layers.buildings)
    elif number % 4 == 1:
        store.edit(CODE, "service_points", put=layers.service_points.iloc[:1])
    elif number % 4 == 2:
        path = folder / "houses.geojson"
        layers.buildings.to_file(path, driver="GeoJSON")
        load_layer(store, CODE, "buildings", path)
    else:
        store.replace(DISTRICT, layers, commit=Commit(f"state {number}"))


def write(address: str, folder: str, first: int) -> None:
    """Go on from state to state, and note each one that is committed."""
    log = os.open(Path(folder) / "committed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    store = open_store(address)
    for number in range(first, CHANGES):
        try:
            advance(store, number, Path(folder))
        except LifecircleError:  # the server is gone, and says so in one sentence
            return
        os.write(log, f"{number}\n".encode())


def check(store: Store, folder: Path, moment: random.Random) -> int:
    """Check that a store is whole; return the revision it is at."""
    told = (folder / "committed").read_text().split()
    known = int(told[-1]) if told else 1
    district, layers = store.snapshot(CODE)
    assert district.revision in {known, known + 1}, "a committed change is lost, or one is made up"
    assert_layers_equal(checked_layers(layers), state(district.revision))
    log = [record.revision for record in store.changes(CODE)]
    assert log == list(range(district.revision, 0, -1))
    earlier = moment.randint(1, district.revision)
    assert_layers_equal(store.snapshot(CODE, as_of=earlier)[1], state(earlier))
    imports = [record.revision for record in store.imports(CODE)]
    assert imports == [number for number in range(2, district.revision + 1) if number % 4 == 2]
    return district.revision


def begin(address: str) -> None:
    store = open_store(address, create=True)
    store.replace(DISTRICT, state(1))
    store.close()


def writer(address: str, folder: Path, first: int) -> multiprocessing.Process:
    """Start a writer and wait for its first commit."""
    before = len((folder / "committed").read_text().split())
    process = FORK.Process(target=write, args=(address, str(folder), first), daemon=True)
    process.start()
    while len((folder / "committed").read_text().split()) == before:
        assert process.is_alive(), "the writer stopped by itself"
        time.sleep(0.005)
    return process


@pytest.mark.slow
def test_a_writer_may_be_killed_at_any_moment(address, tmp_path):
    moment = random.Random(4)  # noqa: S311 - moments, not secrets
    (tmp_path / "committed").touch()
    begin(address)
    revision = 1
    for _ in range(MOMENTS):
        process = writer(address, tmp_path, revision + 1)
        time.sleep(moment.uniform(0, 0.25))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        store = open_store(address)
        revision = check(store, tmp_path, moment)
        store.close()
        (tmp_path / "committed").write_text(f"{revision}\n")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_server_may_be_killed_at_any_moment(tmp_path, own_postgis):
    moment = random.Random(5)  # noqa: S311 - moments, not secrets
    (tmp_path / "committed").touch()
    address = own_postgis.new_database()
    begin(address)
    revision = 1
    for _ in range(MOMENTS):
        process = writer(address, tmp_path, revision + 1)
        time.sleep(moment.uniform(0, 0.25))
        own_postgis.kill()
        process.join(PATIENCE_S)
        assert not process.is_alive(), "a writer waits for a server that is gone"
        own_postgis.start()
        store = open_store(address)
        revision = check(store, tmp_path, moment)
        store.close()
        (tmp_path / "committed").write_text(f"{revision}\n")


def test_a_server_that_is_gone_is_one_clear_error(own_postgis):
    address = own_postgis.new_database()
    begin(address)
    store = open_store(address)
    assert store.district(CODE).revision == 1
    own_postgis.kill()
    with pytest.raises(LifecircleError, match=r"Cannot reach postgresql\+psycopg://.*server runs"):
        store.district(CODE)
    own_postgis.start()
    assert store.district(CODE).revision == 1
    store.close()
