"""A district's own bands and names for its grids, by the command line and over HTTP."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from tests.api.serving import serving
from tests.scenes import tiny_store

CODE = "371602"
PATH = f"/districts/{CODE}/settings/grids"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.gpkg"
    tiny_store(path)
    return path


def run(db: Path, *words: object) -> Result:
    arguments = ["--db", str(db), *map(str, words)]
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def shown(db: Path) -> dict[str, object]:
    answer: dict[str, object] = json.loads(run(db, "grids", "settings", CODE, "--json").output)
    return answer


def out_of_band(db: Path) -> list[str]:
    with serving(create_app(read_settings(db=str(db), editable=True))) as client:
        faults = client.get(f"/districts/{CODE}/grids/check").json()["faults"]
    return [fault["codes"][0] for fault in faults if fault["rule"] == "band"]


def test_the_command_sets_shows_and_clears(db: Path):
    assert shown(db)["set"] == {}
    run(db, "grids", "settings", CODE, "--band", 20, 40, "--weight", "cut=1")
    run(db, "grids", "settings", CODE, "--weight", "shape=4", "--split-names", "{name}#{n}")
    answer = shown(db)
    assert answer["revision"] == 3
    assert answer["set"] == {
        "band": [20, 40], "weights": {"cut": 1.0, "shape": 4.0}, "split_names": "{name}#{n}",
    }  # fmt: skip
    table = run(db, "grids", "settings", CODE).output
    assert "20 40" in table
    assert "weights shape" in table
    run(db, "grids", "settings", CODE, "--clear", "--beat", 60, 90)
    assert shown(db)["set"] == {"beat": [60, 90]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--band", "50", "30"], "wanted 1 <= low <= aim <= high"),
        (["--weight", "cut"], "wanted a name with its number"),
        (["--split-names", "{place}"], "for names of new parts"),
    ],
)
def test_the_command_refuses_what_cannot_be(db: Path, words: list[str], told: str):
    answer = run(db, "grids", "settings", CODE, *words)
    assert answer.exit_code == 2
    assert told in " ".join(answer.output.split())
    assert shown(db)["revision"] == 1


def test_over_http_they_are_set_and_the_check_goes_by_them(db: Path):
    before = out_of_band(db)
    with serving(create_app(read_settings(db=str(db), editable=True))) as client:
        assert client.get(PATH).json()["set"] == {}
        answer = client.put(PATH, json={"band": [1, 1000], "beat": [1, 2000]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["rules"]["band"] == [1, 1000]
        beats = client.get(f"/districts/{CODE}/beats").json()["lifecircle"]
        assert (beats["low"], beats["high"]) == (1, 2000)
        refused: httpx.Response = client.put(PATH, json={"band": [5, 2]})
        assert refused.status_code == 400
        assert "wanted 1 <= low <= aim <= high" in refused.json()["detail"]
        assert client.put(PATH, json={"bands": [5, 2]}).status_code == 400
        log = client.get(f"/districts/{CODE}/changes").json()["changes"]
        assert log[0]["what"] == "settings of the grids"
    assert before
    assert out_of_band(db) == []


def test_an_unknown_district_is_told(db: Path):
    assert run(db, "grids", "settings", "999999").exit_code == 2
    with serving(create_app(read_settings(db=str(db), editable=True))) as client:
        assert client.get("/districts/999999/settings/grids").status_code == 404
        assert client.put("/districts/999999/settings/grids", json={}).status_code == 404
