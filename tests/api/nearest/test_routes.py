"""The k nearest service points: figures worked out from the scene.

Walks to catering in metres, p4 by node 3 (100 + 5) and p1 by node 3 (190 + 10): b1 265 and 360,
b2 295 and 390, b3 165 and 260, b4 and b5 295 and 390, b6 305 and 400 (no households).
"""

import csv
import io
import json
from pathlib import Path

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.nearest.answers import nearest_table
from api.nearest.schemas import NearestAnswer
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot

URL = "/districts/371602/nearest"
METRES = {
    "b1": (265, 360), "b2": (295, 390), "b3": (165, 260), "b4": (295, 390), "b5": (295, 390),
    "b6": (305, 400),
}  # fmt: skip


def ask(client: httpx.Client, **query: object) -> dict:
    answer = client.get(URL, params={"category": "catering", "profile": "adult", **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    NearestAnswer.model_validate(body)
    return body


def test_the_first_and_the_second(client):
    rows = ask(client)["rows"]
    assert [row["building_id"] for row in rows] == list(METRES)
    for row in rows:
        seconds = [point["time_s"] for point in row["points"]]
        assert seconds == pytest.approx([m / 1.25 for m in METRES[row["building_id"]]], abs=0.02)
        assert [point["point_id"] for point in row["points"]] == ["p4", "p1"]
        assert [point["rank"] for point in row["points"]] == [1, 2]
        assert row["status"] == "covered"


def test_how_many_there_are_to_choose_from(client):
    body = ask(client, minutes=5, k=3)  # 375 m: the second one for b1 and b3
    assert body["households"] == 31
    assert body["choices"] == [
        {"rank": 1, "households": 31, "share": 1},
        {"rank": 2, "households": 5, "share": 5 / 31},
        {"rank": 3, "households": 0, "share": 0},
    ]
    assert [len(row["points"]) for row in body["rows"]] == [2, 1, 2, 1, 1, 1]
    assert body["k"] == 3


def test_one_building_and_the_csv(client):
    (row,) = ask(client, building_id="b3", k=1)["rows"]
    assert row["points"] == [{"rank": 1, "time_s": 132.0, "point_id": "p4"}]
    answer = client.get(
        URL, params={"category": "catering", "profile": "adult", "k": 3, "f": "csv"}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == [
        "building_id", "lon", "lat", "households", "rank", "time_s", "point_id", "status",
    ]  # fmt: skip
    assert len(rows) == 18
    assert (rows[2]["rank"], rows[2]["time_s"], rows[2]["status"]) == ("3", "", "beyond")


@pytest.mark.parametrize("category", ["catering", "medical", "shopping", "elderly", "repair"])
def test_the_first_is_that_of_the_coverage(tiny_snapshot: Snapshot, category):
    times = tiny_snapshot.times("adult")
    found = nearest_table(tiny_snapshot, CoverageQuestion(120, "adult"), category, k=1)
    np.testing.assert_array_equal(found["time_s"], times.time_s[:, times.column(category)])


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ({"k": 0}, 400, "k"),
        ({"k": 21}, 400, "k"),
        ({"category": "bakery"}, 400, "wanted one of"),
        ({"category": "edu_culture"}, 400, "its id is education or leisure. Wanted one of"),
        ({"category": "药店"}, 400, "its id is medical"),
        ({"profile": "老年人"}, 400, "its id is elderly"),
        ({"category": "amenity"}, 400, "counts in none; wanted one of"),
        ({"building_id": "nowhere"}, 404, "There is no building 'nowhere'"),
        ({"profile": "runner"}, 400, "runner"),
    ],
)
def test_bad_input(client, query, status, told):
    answer = client.get(URL, params={"category": "catering", "profile": "adult", **query})
    assert answer.status_code == status
    assert told in answer.text


def test_the_command(tiny_db: Path, client, tmp_path):
    def run(*words: str):
        return CliRunner().invoke(
            app, ["--db", str(tiny_db), "nearest", "371602", "--profile", "adult", *words]
        )

    as_json = run("--category", "catering", "--json")
    assert json.loads(as_json.stdout) == ask(client)
    shown = run("--category", "catering", "--minutes", "5").stdout
    assert "p4 2.2 min, p1 3.5 min" in shown
    assert "16.1 %" in shown  # 5 of 31 households have two to choose from
    out = tmp_path / "near.csv"
    assert run("--category", "catering", "--out", str(out)).exit_code == 0
    assert len(out.read_text("utf-8").splitlines()) == 13
    assert "hand-made" in (tmp_path / "near.csv.txt").read_text("utf-8")
    wrong = run("--category", "catering", "--k", "99")
    assert wrong.exit_code == 2
    assert "Got k=99; wanted 1 to 20 nearest points." in wrong.stderr


def test_the_example_has_the_declared_shape():
    NearestAnswer.model_validate(NearestAnswer.EXAMPLE)
