"""Beats as features and as a roster, with what no worker looks after."""

import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.beats import schemas
from api.settings import read_settings
from boundaries.store.open import open_store
from boundaries.store.tables.records import Commit
from tests.api.serving import serving
from tests.scenes import LARGE, NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, tiny_district

PATH = "/districts/371602/beats"


def answer(client: httpx.Client, **query: object) -> dict:
    found = client.get(PATH, params=query)
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "application/geo+json"
    schemas.BeatCollection.model_validate(found.json())
    return found.json()


@pytest.fixture(scope="module")
def staffed(tiny_db: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of the district after the worker of the south-east has left."""
    path = tmp_path_factory.mktemp("beats") / "tiny.gpkg"
    shutil.copy(tiny_db, path)
    store = open_store(path)
    workers = tiny_district()[1].workers
    left = workers[workers["grid_code"] != SOUTH_EAST].reset_index(drop=True)
    store.replace_layer("371602", "workers", left, commit=Commit("a worker left", "test"))
    store.close()
    with serving(create_app(read_settings(db=str(path)))) as client:
        yield client


def test_each_worker_has_the_small_grids_and_households_stored(client):
    found = {f["id"]: f["properties"] for f in answer(client)["features"]}
    assert {w: (p["grids"], p["buildings"], p["households"]) for w, p in found.items()} == {
        "W1": (2, 3, 7),
        "W2": (2, 3, 24),
    }
    assert found["W1"]["grid_codes"] == [NORTH_WEST, SOUTH_WEST]
    assert found["W1"]["large_codes"] == [LARGE]
    assert {p["status"] for p in found.values()} == {"light"}


def test_the_headline_adds_up_to_the_district(staffed):
    about = answer(staffed)["lifecircle"]
    assert (about["workers"], about["light"], about["met"], about["heavy"]) == (2, 2, 0, 0)
    assert (about["aim"], about["low"], about["high"]) == (100, 80, 120)
    assert about["unassigned"]["grids"] == 1
    assert about["unassigned"]["named"][0]["code"] == SOUTH_EAST
    total = about["households"] + about["unassigned"]["households"]
    assert total + about["outside"]["households"] == 31
    assert about["unassigned"]["households"] == 16


def test_the_roster_ends_with_those_who_have_no_worker(staffed):
    found = staffed.get(PATH, params={"f": "csv"})
    assert found.headers["content-disposition"] == 'attachment; filename="beats-371602.csv"'
    rows = list(csv.DictReader(io.StringIO(found.text)))
    assert [(r["worker_code"], r["households"], r["status"]) for r in rows] == [
        ("W1", "7", "light"),
        ("W2", "8", "light"),
        ("", "16", "missing"),
    ]
    assert rows[0]["grid_codes"] == f"{NORTH_WEST} {SOUTH_WEST}"
    assert rows[1]["grid_codes"] == NORTH_EAST
    assert rows[2]["grid_codes"] == SOUTH_EAST
    assert sum(int(r["households"]) for r in rows) == 31


def test_the_beats_of_an_earlier_revision(staffed):
    before = answer(staffed, as_of=1)
    assert before["lifecircle"]["as_of"] == 1
    assert before["lifecircle"]["unassigned"]["grids"] == 0
    assert [f["properties"]["households"] for f in before["features"]] == [7, 24]


def test_the_outline_is_the_ground_and_holds_its_label(client):
    feature = answer(client)["features"][0]
    assert feature["geometry"]["type"] == "Polygon"
    ring = feature["geometry"]["coordinates"][0]
    west, east = min(x for x, _ in ring), max(x for x, _ in ring)
    assert west < feature["properties"]["lon"] < east


def test_it_is_asked_for_again_by_its_tag(client):
    tag = client.get(PATH).headers["etag"]
    assert client.get(PATH, headers={"If-None-Match": tag}).status_code == 304


def test_without_workers_everybody_is_unassigned(tmp_path):
    path = tmp_path / "none.gpkg"
    district, layers = tiny_district()
    store = open_store(path, create=True)
    store.replace(district, replace(layers, workers=layers.workers.iloc[:0]))
    store.close()
    with serving(create_app(read_settings(db=str(path)))) as client:
        found = answer(client)
        assert found["features"] == []
        assert found["lifecircle"]["unassigned"]["households"] == 31
        assert len(found["lifecircle"]["unassigned"]["named"]) == 4
        rows = list(csv.DictReader(io.StringIO(client.get(PATH, params={"f": "csv"}).text)))
        assert [r["status"] for r in rows] == ["missing"] * 4


def test_a_wrong_question_is_told(client):
    assert client.get(PATH, params={"f": "shp"}).status_code == 400
    assert client.get("/districts/nowhere/beats").status_code == 404
