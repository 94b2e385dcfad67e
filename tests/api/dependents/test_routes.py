"""Who depends on a service point: figures worked out from the scene.

Walks to catering in metres, p4 and p1: b1 265 and 360, b2 295 and 390, b3 165 and 260, b4 and b5
295 and 390, b6 305 and 400 (no households).
"""

import csv
import io
import json
from pathlib import Path

import httpx
from typer.testing import CliRunner

from api.cli.main import app
from api.dependents.schemas import DependentsAnswer

URL = "/districts/371602/dependents"
HOUSEHOLDS = 31


def ask(client: httpx.Client, **query: object) -> dict:
    answer = client.get(URL, params={"category": "catering", "profile": "adult", **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    DependentsAnswer.model_validate(body)
    return body


def test_whoever_has_a_second_point_depends_on_none(client):
    near = ask(client, minutes=5)  # 375 m: p1 for b1 and b3 only, 5 households
    figures = [(row["point_id"], row["reached"], row["dependents"]) for row in near["rows"]]
    assert figures == [("p4", HOUSEHOLDS, HOUSEHOLDS - 5), ("p1", 5, 0)]
    assert near["choices"] == [
        {
            "category": "catering",
            "households_0": 0,
            "households_1": HOUSEHOLDS - 5,
            "households_2": 5,
            "households_3": 0,
        }
    ]
    far = ask(client, minutes=15)
    assert [row["dependents"] for row in far["rows"]] == [0, 0]


def test_every_category_is_told_unless_one_is_asked_for(client):
    body = client.get(URL).json()
    assert {row["category"] for row in body["choices"]} >= set(body["judged"])
    assert [row["rank"] for row in body["rows"]] == list(range(1, len(body["rows"]) + 1))
    wrong = client.get(URL, params={"category": "nothing"})
    assert wrong.status_code == 400


def test_the_table_is_a_file_too(client):
    answer = client.get(URL, params={"minutes": 5, "profile": "adult", "f": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    first = next(row for row in rows if row["point_id"] == "p4")
    assert float(first["dependents"]) == HOUSEHOLDS - 5


def test_the_command(tiny_db: Path, client, tmp_path):
    def run(*words: str):
        command = ["--db", str(tiny_db), "dependents", "371602", "--minutes", "5"]
        return CliRunner().invoke(app, [*command, "--profile", "adult", *words])

    as_json = run("--category", "catering", "--json")
    assert json.loads(as_json.stdout) == ask(client, minutes=5)
    assert "p4" in run().stdout
    out = tmp_path / "dependents.csv"
    assert run("--out", str(out)).exit_code == 0
    assert out.read_text("utf-8-sig").startswith("rank,point_id,name,category")


def test_the_example_has_the_declared_shape():
    DependentsAnswer.model_validate(DependentsAnswer.EXAMPLE)
