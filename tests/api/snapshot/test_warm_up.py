"""The engine warmed up in the background."""

from pathlib import Path

from api.settings import read_settings
from api.snapshot.cache import Snapshots
from api.snapshot.open import open_snapshots
from api.snapshot.warm_up import warm_up
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from geo.model.layers import Layers
from tests.api.cli.test_serve import running
from tests.scenes import tiny_district


def test_it_says_so_when_it_is_done(tiny_db: Path):
    told: list[str] = []
    snapshots = open_snapshots(read_settings(db=str(tiny_db), cache=""))
    thread = warm_up(snapshots, told.append)
    # A request meanwhile is answered, with the same things.
    times = snapshots.current("371602").times("standard")
    thread.join()
    (line,) = told
    assert line.startswith("The engine is warm (")
    assert snapshots.current("371602").times("standard") is times


def test_nothing_to_warm_up_with(tmp_path: Path):
    told: list[str] = []
    store = open_store(tmp_path / "empty.gpkg", create=True)
    warm_up(Snapshots(store, load_standard()), told.append).join()
    store.replace(tiny_district()[0], Layers())
    warm_up(Snapshots(store, load_standard()), told.append).join()
    assert told == []


def test_a_district_that_cannot_answer_is_told(tmp_path: Path):
    told: list[str] = []
    district, layers = tiny_district()
    store = open_store(tmp_path / "no-streets.gpkg", create=True)
    store.replace(district, Layers(buildings=layers.buildings))
    warm_up(Snapshots(store, load_standard()), told.append).join()
    assert told[0].startswith("The engine is warm (")  # without streets there is little to it


def test_the_service_starts_it(tiny_db: Path):
    with running("serve", "--db", str(tiny_db), "--port", "0") as (process, _):
        told = iter(process.stderr.readline, "")  # a library may warn before
        assert any("The engine is warm (" in line for line in told)
