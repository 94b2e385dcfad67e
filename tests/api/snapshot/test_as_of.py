"""Answers as of a revision or a day, through HTTP and on the command line."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.assignments.schemas import AssignmentsAnswer
from api.cli.main import app
from api.coverage.schemas import CoverageAnswer
from api.gaps.schemas import GapsAnswer
from api.settings import read_settings
from api.snapshot.cache import Snapshots
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from boundaries.store.tables.records import Commit
from geo.errors import NotFoundError
from tests.api.serving import serving
from tests.scenes import NORTH_EAST, lonlat, tiny_district

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
FIRST, SECOND = date(2025, 1, 1), date(2026, 1, 1)
"""The district is as the scene from the first day on; from the second on much of it is gone."""


@pytest.fixture(scope="module")
def db(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("past") / "past.gpkg"
    store = open_store(path, create=True)
    store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=FIRST))
    points = LAYERS.service_points
    later = replace(
        LAYERS,
        grids=LAYERS.grids[LAYERS.grids["code"] != NORTH_EAST],
        buildings=LAYERS.buildings.iloc[1:],
        service_points=points[points["category"] != "elderly"],
        workers=LAYERS.workers[LAYERS.workers["grid_code"] != NORTH_EAST],
    )
    store.replace(DISTRICT, later, commit=Commit(valid_from=SECOND))
    return path


@pytest.fixture(scope="module")
def client(db):
    with serving(create_app(read_settings(db=str(db)))) as made:
        yield made


def ask(client: httpx.Client, path: str, **asked: object) -> dict:
    answer = client.get(f"/districts/{CODE}{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("as_of", ["1", "2025-01-01", "2025-12-31"])
def test_coverage_is_that_of_then(client, as_of):
    then = ask(client, "/coverage", minutes=5, by="district", as_of=as_of)
    CoverageAnswer.model_validate(then)
    assert then["as_of"] == (1 if as_of == "1" else as_of)
    assert (then["revision"], then["total"]["households"]) == (1, 31)
    assert then["total"]["categories"]["elderly"]["covered"] == 28
    now = ask(client, "/coverage", minutes=5, by="district")
    assert "as_of" not in now
    assert (now["revision"], now["total"]["households"]) == (2, 30)
    assert now["total"]["categories"]["elderly"]["covered"] == 0


@pytest.mark.parametrize("as_of", ["2", "2026-01-01", "2026-06-30"])
def test_the_newest_state_is_the_same_by_any_name(client, as_of):
    named = ask(client, "/gaps", as_of=as_of)
    GapsAnswer.model_validate(named)
    assert named.pop("as_of") == (2 if as_of == "2" else as_of)
    assert named == ask(client, "/gaps")


@pytest.mark.parametrize(
    ("path", "then", "now"),
    [("/grids", 4, 3), ("/buildings", 6, 5), ("/service-points", 5, 4), ("/gates", 1, 1)],
)
def test_layers_are_those_of_then(client, path, then, now):
    found = ask(client, path, as_of="2025-06-01")
    assert (len(found["features"]), found["lifecircle"]["as_of"]) == (then, "2025-06-01")
    assert len(ask(client, path)["features"]) == now


def test_every_answer_about_a_district_takes_as_of(client):
    lon, lat = lonlat(50, 200)
    end = ",".join(map(str, lonlat(150, 200)))
    walk = ask(client, "/walk", **{"from": f"{lon},{lat}", "to": end, "as_of": 1})
    assert walk["as_of"] == 1
    why = ask(client, "/explain", building="b1", category="elderly", as_of=1)
    assert (why["as_of"], why["revision"]) == (1, 1)
    shapes = ask(client, "/isochrones", lon=lon, lat=lat, as_of=1)
    assert shapes["lifecircle"]["as_of"] == 1
    for path in ("", "/access?category=elderly", "/equity", "/nearest?category=elderly"):
        separator = "&" if "?" in path else "?"
        answer = client.get(f"/districts/{CODE}{path}{separator}as_of=1").json()
        assert (answer["as_of"], answer["revision"]) == (1, 1)
    assert client.get(f"/districts/{CODE}/map.html?as_of=1").status_code == 200
    table = client.get(f"/districts/{CODE}/coverage?f=csv&as_of=2025-02-01")
    assert "-as-of-2025-02-01.csv" in table.headers["content-disposition"]


def test_posted_questions_take_as_of(client):
    lon, lat = lonlat(310, 280)  # in the grid that is gone
    points = {"points": [{"id": 1, "lon": lon, "lat": lat}]}
    asked = f"/districts/{CODE}/assignments"
    then = client.post(f"{asked}?as_of=2025-06-01", json=points).json()
    AssignmentsAnswer.model_validate(then)
    assert (then["items"][0]["small"], then["as_of"]) == (NORTH_EAST, "2025-06-01")
    assert client.post(asked, json=points).json()["items"][0]["small"] is None
    edits = {"edits": [{"op": "close_point", "point_id": "p5"}]}
    tried = client.post(f"/districts/{CODE}/scenarios?as_of=1&minutes=5", json=edits).json()
    (lost,) = (row["lost"] for row in tried["total"] if row["category"] == "elderly")
    assert (tried["as_of"], lost) == (1, 28)


@pytest.mark.parametrize(
    ("as_of", "status", "words"),
    [
        ("yesterday", 400, "wanted a revision (12) or a day (2026-03-01)"),
        ("2026-02-30", 400, "wanted a revision"),
        ("", 400, "wanted a revision"),
        ("-1", 400, "wanted a revision"),
        ("2026-1-1", 400, "wanted a revision"),
        ("9" * 30, 400, "wanted a revision"),
        ("3", 404, "not stored as of 3"),
        ("0", 404, "not stored as of 0"),
        ("2024-12-31", 404, "not stored as of 2024-12-31"),
        ("2999-01-01", 400, "still to come"),
    ],
)
def test_a_moment_that_is_none_is_said(client, as_of, status, words):
    answer = client.get(f"/districts/{CODE}/coverage", params={"as_of": as_of})
    assert answer.status_code == status
    assert words in answer.json()["detail"]


def test_the_etag_is_of_the_moment(client):
    url = f"/districts/{CODE}/coverage?as_of=1"
    tag = client.get(url).headers["etag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"/districts/{CODE}/coverage").headers["etag"] != tag


def test_days_between_two_changes_share_one_snapshot(db):
    snapshots = Snapshots(open_store(db), load_standard())
    then = snapshots.current(CODE, date(2025, 2, 1))
    assert snapshots.current(CODE, date(2025, 12, 31)) is then
    now = snapshots.current(CODE)
    assert snapshots.current(CODE, 2) is snapshots.current(CODE, date(2026, 2, 1)) is now
    assert snapshots.current(CODE, 1).layers.buildings.equals(then.layers.buildings)


def test_what_is_told_later_of_a_day_is_seen(db, tmp_path):
    path = tmp_path / "own.gpkg"
    path.write_bytes(db.read_bytes())
    store = open_store(path)
    snapshots = Snapshots(store, load_standard())
    before = snapshots.current(CODE, date(2025, 2, 1))
    closed = LAYERS.gates.assign(access="closed")
    store.edit(CODE, "gates", put=closed, commit=Commit(valid_from=date(2025, 1, 15)))
    after = snapshots.current(CODE, date(2025, 2, 1))
    assert (before.district.revision, after.district.revision) == (1, 3)
    assert after.layers.gates["access"].tolist() == ["closed"]
    assert snapshots.current(CODE, date(2025, 1, 10)).layers.gates["access"].tolist() == ["private"]
    store.delete(CODE)
    with pytest.raises(NotFoundError):
        snapshots.current(CODE, date(2025, 2, 1))


def run(db: Path, *words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*map(str, words), "--db", str(db)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["coverage", CODE],
        ["gaps", CODE],
        ["nearest", CODE, "--category", "elderly"],
        ["explain", CODE, "b1", "elderly"],
        ["walk", CODE, "118.0000,37.3800", "118.0010,37.3800"],
        ["isochrone", CODE, "118.0005,37.3802"],
        ["access", CODE, "--category", "elderly"],
        ["equity", CODE],
        ["network", CODE],
    ],
)
def test_commands_take_as_of(db, words):
    code, out, err = run(db, *words, "--as-of", "2025-03-01", "--json")
    assert code == 0, err
    answer = json.loads(out)
    answer = answer.get("lifecircle", answer)
    assert (answer["as_of"], answer["revision"]) == ("2025-03-01", 1)


def test_commands_say_as_of_in_words_and_files(db, tmp_path):
    out = tmp_path / "coverage.csv"
    code, _, err = run(db, "coverage", CODE, "--as-of", "1", "--out", out)
    assert code == 0
    assert "As of 1: revision 1." in err
    assert "as of 1\n" in out.with_name("coverage.csv.txt").read_text()
    code, _, err = run(db, "map", CODE, "--as-of", "1", "--out", tmp_path / "map.html")
    assert code == 0
    code, _, err = run(db, "coverage", CODE, "--as-of", "soon")
    assert code == 2
    assert "Got --as-of='soon'; wanted a revision (12) or a day (2026-03-01)." in err
