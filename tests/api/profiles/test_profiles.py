"""A district's own walkers: stored, told as its own, validated as those of a standard."""

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from tests.api.serving import serving

CODE = "371602"
PUPIL = {"zh": "学童", "en": "Pupil", "speed_m_s": 1.0, "source": "Counted, May 2026"}


@pytest.fixture
def db(tiny_db: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(tiny_db, tmp_path / "own.gpkg"))


@pytest.fixture
def service(db: Path):
    with serving(create_app(read_settings(db=str(db), editable=True))) as client:
        yield client


def put(client: httpx.Client, profiles: object) -> httpx.Response:
    return client.put(f"/districts/{CODE}/profiles", json={"profiles": profiles})


def test_its_own_walker_answers_and_is_told_as_its_own(service):
    before = service.get(f"/districts/{CODE}/coverage").json()
    stored = put(service, {"pupil": PUPIL})
    assert stored.status_code == 200, stored.text
    assert [each["id"] for each in stored.json()["profiles"] if each["of_district"]] == ["pupil"]
    answer = service.get(f"/districts/{CODE}/coverage", params={"profile": "pupil"}).json()
    assert (answer["profile"]["of_district"], answer["profile"]["speed_m_s"]) == (True, 1.0)
    assert answer["standard"]["fingerprint"] != before["standard"]["fingerprint"]
    faster = {"pupil": {**PUPIL, "speed_m_s": 2.0}}
    assert put(service, faster).json()["own"] == faster
    quick = service.get(f"/districts/{CODE}/coverage", params={"profile": "pupil"}).json()
    assert (quick["profile"]["speed_m_s"], quick["metres"]) == (2.0, 1800.0)
    put(service, {})
    gone = service.get(f"/districts/{CODE}/coverage", params={"profile": "pupil"})
    assert gone.status_code == 400


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({"pupil": {**PUPIL, "speed_m_s": 0}}, "speed_m_s"),
        ({"pupil": {k: v for k, v in PUPIL.items() if k != "source"}}, "source"),
        ({"adult": PUPIL}, "the standard has a walker of this id"),
        ({"A b": PUPIL}, "its id is not"),
        ({"pupil": {**PUPIL, "crossing_s": {"value": 5}}}, "crossing_s"),
        ({"pupil": 1}, "pupil"),
        ([], "profiles"),
    ],
)
def test_faults_are_named(service, entries, fault):
    answer = put(service, entries)
    assert answer.status_code == 422
    assert fault in answer.text


def test_by_command(db: Path, tmp_path: Path):
    file = tmp_path / "own.yaml"
    file.write_text(json.dumps({"profiles": {"pupil": PUPIL}}), "utf-8")

    def run(*words: object) -> str:
        called = CliRunner().invoke(app, ["--db", str(db), *map(str, words)])
        assert called.exit_code == 0, called.output
        return called.output

    def told(output: str) -> dict[str, Any]:
        """Read the answer, which stands between notices."""
        return json.loads(output[output.index("{") : output.rindex("}") + 1])

    run("profiles", CODE, file)
    assert "the district's own walker" in run("coverage", CODE, "--profile", "pupil")
    run("coverage", CODE, "--profile", "pupil", "--keep")
    (row,) = told(run("runs", CODE, "--json"))["runs"]
    assert told(run("rerun", row["run"], "--json"))["same"]
