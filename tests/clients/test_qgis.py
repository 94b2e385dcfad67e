"""QGIS itself edits both stores: it picks the right kinds, and what it shows is told in words."""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from boundaries.admin.check import faults_of
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from tests.contracts.conftest import address, store
from tests.scenes import EAST, LARGE, SOUTH_EAST, WEST, tiny_district

__all__ = ["address", "store"]  # fixtures

CODE: Final = "371602"
SESSION: Final = Path(__file__).parent / "qgis_session.py"
PYTHON: Final = "/usr/bin/python3"
HAS_QGIS: Final = Path("/usr/lib/python3/dist-packages/qgis/core").is_dir()
pytestmark = pytest.mark.skipif(
    not HAS_QGIS, reason="QGIS is not installed (on Debian the package python3-qgis)"
)
WORDS: Final = {
    "a large grid": "first delete them",
    "a new code of a medium grid": "grids inside this grid",
    "a level": "first give the worker another grid",
    "no level": "level: wanted one of large",
    "no parent": "starts with parent_code|no such grid one level up",
    "no shape": "shape: wanted a Polygon or MultiPolygon",
    "a code twice": "code: another row has this value",
    "no district": "district that is there",
    "a wrong gate": "access: wanted one of open",
    "a worker of no grid": "small grid that is there",
    "fewer than none": "households: wanted a number from 0 on",
    "another district": "code of a district cannot be changed",
}
WORKS: Final = {"a small grid with a worker", "a new code", "a polygon", "a curve", "a gate",
                "a building"}  # fmt: skip


def qgis(place: str, *more: str) -> dict[str, Any]:
    """Run a session of QGIS on a store; return what it printed."""
    if place.startswith("postgresql"):
        url = sa.make_url(place)
        place = f"dbname='{url.database}' host={url.query['host']} user='{url.username}'"
    run = subprocess.run(
        [PYTHON, str(SESSION), place, *more], capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    told: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return told


@pytest.fixture
def filled(store: Store, address: str) -> str:
    store.replace(*tiny_district())
    return address


def test_a_session_in_qgis(filled: str):
    answer = qgis(filled)
    kinds = answer["kinds"]
    assert (kinds["grids"], kinds["districts"]) == ("MultiPolygon", "MultiPolygon")
    assert (kinds["gates"], kinds["service_points"]) == ("Point", "Point")
    assert kinds["walk_edges"] == "LineString"
    told = answer["told"]
    assert {what for what, said in told.items() if not said} == WORKS | (
        {"a bow-tie"} if filled.endswith(".gpkg") else set()
    )
    for what, words in WORDS.items():
        assert any(word in told[what] for word in words.split("|")), (what, told[what])
        assert "constraint" not in told[what]
    if not filled.endswith(".gpkg"):
        assert "is invalid" in told["a bow-tie"]
    check_what_is_stored(filled)


def check_what_is_stored(address: str) -> None:
    after = open_store(address)
    layers = after.layers(CODE)
    assert set(layers.grids["code"]) == {
        LARGE, WEST, EAST, f"{WEST}50", f"{WEST}51", f"{WEST}77", f"{EAST}01", SOUTH_EAST,
    }  # fmt: skip
    assert set(layers.grids.geom_type) == {"Polygon"}
    assert set(layers.workers["grid_code"]) == {f"{WEST}77", f"{EAST}01", SOUTH_EAST}
    assert layers.gates.set_index("gate_id").loc["q", ["name", "node"]].tolist() == ["", 0]
    named = [
        fault for fault in faults_of(after) if f"grids {WEST}52: its shape is invalid" in str(fault)
    ]
    assert len(named) == len(faults_of(after)) == int(address.endswith(".gpkg"))
    after.close()


def test_qgis_deletes_a_district(filled: str):
    assert qgis(filled, "district")["told"] == {"the district": ""}
    after = open_store(filled)
    assert after.districts() == []
    assert faults_of(after) == []
    after.close()
