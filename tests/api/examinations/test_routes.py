"""A district by requirements of standards, through HTTP and the command line."""

import csv
import io
from pathlib import Path

import httpx
from typer.testing import CliRunner

from api.cli.main import app
from api.examinations.schemas import ExaminationAnswer
from boundaries.standards.catalogue import load_standard
from boundaries.standards.requirements import requirements_of
from geo.accessibility.examination import ShortfallCause

URL = "/districts/371602/examination"


def test_every_requirement_has_its_figures_or_its_reason(client):
    answer = client.get(URL)
    assert answer.status_code == 200, answer.text
    body = ExaminationAnswer.model_validate(answer.json())
    wanted = requirements_of(load_standard())
    assert [row.id for row in body.rows] == [each.id for each in wanted]
    assert sum(body.counts.values()) == len(wanted) >= 40
    for row in body.rows:
        if row.causes is None:
            assert row.status != "examined" or row.floor_area is not None
            continue
        causes = row.causes.model_dump()
        assert set(causes) == set(map(str, ShortfallCause))
        assert sum(causes.values()) == row.difference == row.straight - row.walk + row.beyond
    assert {row.standard for row in body.rows} == {each.id for each in body.standards}


def test_its_own_categories_are_those_of_coverage(client):
    rows = client.get(URL).json()["rows"]
    totals = client.get("/districts/371602/coverage", params={"by": "district", "tier": "standard"})
    covered = totals.json()["rows"][0]["categories"]
    own = {row["category"]: row["walk"] for row in rows if row["category"] and row["walk"]}
    assert own
    assert own == {name: covered[name]["covered"] for name in own}


def test_a_slower_walker_gets_to_less(client):
    def walks(**query: object) -> float:
        rows = client.get(URL, params=query).json()["rows"]
        return sum(row["walk"] or 0 for row in rows if row["category"])

    assert walks(profile="elderly") < walks()
    assert client.get(URL, params={"profile": "nobody"}).status_code == 400


def test_a_table_for_files(client: httpx.Client, tiny_db: Path, tmp_path: Path):
    text = client.get(URL, params={"f": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    out = tmp_path / "examined.csv"
    told = CliRunner().invoke(app, ["--db", str(tiny_db), "examine", "371602", "--out", str(out)])
    assert told.exit_code == 0, told.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [row["id"] for row in rows]
