"""The commands scenario and explain: figures by hand, files, and errors in one sentence."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from tests.scenes import SOUTH_WEST, lonlat

CODE = "371602"
LON, LAT = lonlat(200, 0)
EDITS = {
    "edits": [{"op": "add_point", "point_id": "fix", "category": "repair", "lon": LON, "lat": LAT}]
}
Run = Callable[..., Result]
FOUR = ("--minutes", 4, "--profile", "adult")


@pytest.fixture
def run(tiny_db: Path) -> Run:
    """Return a function that runs the command line on the hand-made district."""

    def invoke(*words: object, given: str | bytes | None = None) -> Result:
        arguments = ["--db", str(tiny_db), *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, input=given, catch_exceptions=False)

    return invoke


@pytest.fixture
def edits(tmp_path: Path) -> Path:
    path = tmp_path / "edits.json"
    path.write_text(json.dumps(EDITS), "utf-8")
    return path


def test_scenario_prints_winners_and_losers(run: Run, edits: Path):
    result = run("scenario", CODE, edits, *FOUR)
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert any(
        f"{SOUTH_WEST} │ South-west │ repair │ 0 │ 4 │ 4 │ 0 │ 0.0 % │ 100.0 %" in x for x in lines
    )
    assert any("repair │ 0 │ 4 │ 4 │ 0 │ 0.0 % │ 12.9 %" in x for x in lines)
    assert any("b3 │ 4 │ repair │ - │ 3.5 │ beyond -> covered │ fix" in x for x in lines)
    assert "Edits: 1; walking times that differ: 6. Nothing was stored." in result.stdout


def test_scenario_as_json_is_what_the_service_answers(run: Run, edits: Path, client: httpx.Client):
    result = run("scenario", CODE, edits, *FOUR, "--by", "medium", "--json")
    url = f"/districts/{CODE}/scenarios?minutes=4&profile=adult&by=medium"
    assert json.loads(result.stdout) == client.post(url, json=EDITS).json()


def test_scenario_reads_standard_input_and_a_byte_order_mark(run: Run):
    text = b"\xef\xbb\xbf" + json.dumps(EDITS).encode()
    result = run("scenario", CODE, "-", *FOUR, "--json", given=text)
    assert json.loads(result.stdout)["changed"] == 6


def test_scenario_writes_files(run: Run, edits: Path, tmp_path: Path):
    table, whole = tmp_path / "x.csv", tmp_path / "x.json"
    assert run("scenario", CODE, edits, *FOUR, "--out", table).exit_code == 0
    with table.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["code"], row["category"], row["gained"]) == (SOUTH_WEST, "repair", "4.0")
    assert row["origin"] == "given"
    assert "hand-made" in (tmp_path / "x.csv.txt").read_text("utf-8")
    assert run("scenario", CODE, edits, *FOUR, "--out", whole).exit_code == 0
    assert json.loads(whole.read_text("utf-8"))["total"][1]["gained"] == 4


def test_a_scenario_that_changes_nothing_has_a_table_with_no_rows(run: Run, tmp_path: Path):
    out = tmp_path / "x.csv"
    assert run("scenario", CODE, "-", "--out", out, given='{"edits": []}').exit_code == 0
    assert out.read_text("utf-8").startswith("code,name_zh,name_en,category,before,")
    assert run("scenario", CODE, "-", given='{"edits": []}').exit_code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ("\xff", "is not JSON"),
        ("[]", "has no list of edits"),
        ('{"edits": [{"op": "dance"}]}', "Edit 1: Got edit 'dance'; wanted"),
        ('{"edits": [{"op": "close_point", "point_id": "zz"}]}', "Edit 1: There is no service"),
        ('{"edits": [' + ",".join(['{"op": "close_point", "point_id": "p1"}'] * 101) + "]}", "100"),
    ],
)
def test_bad_files_are_one_sentence_and_exit_code_2(run: Run, tmp_path: Path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text, "latin-1")
    result = run("scenario", CODE, path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none", "EDITS"), "none"),
        ((CODE, "nowhere.json"), "no file nowhere.json"),
        ((CODE, "EDITS", "--minutes", 0), "1 to 120"),
        ((CODE, "EDITS", "--profile", "runner"), "adult"),
        ((CODE, "EDITS", "--out", "x.xls"), "ends in .csv, .json"),
        ((CODE, "EDITS", "--out", "no/where/x.csv"), "no folder"),
    ],
)
def test_bad_options_are_one_sentence_and_exit_code_2(run: Run, edits: Path, words, told):
    result = run("scenario", *(edits if word == "EDITS" else word for word in words))
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_explain_prints_the_sentence_and_the_split(run: Run):
    result = run("explain", CODE, "b4", "medical", *FOUR)
    assert result.exit_code == 0
    chinese = run("explain", CODE, "b4", "medical", *FOUR, "--lang", "zh").stdout
    assert (
        "到卫生服务站要走 345 米（4.6 分钟）；东院围墙挡路，"
        "在此增设出入口（通道 141 米）可让 8 户进入 4 分钟圈。"
    ) in chinese
    assert "a gate here (141 m of path) brings 8 households within 4 minutes." in result.stdout
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert any("to the street │ 10 │ 0.13" in line for line in lines)
    assert any("along the network │ 330 │ 4.4" in line for line in lines)
    assert any("to the door │ 5 │ 0.07" in line for line in lines)
    [edit] = [line.removeprefix("edit: ") for line in lines if line.startswith("edit: ")]
    again = run("scenario", CODE, "-", *FOUR, "--json", given=f'{{"edits": [{edit}]}}')
    assert {row["category"]: row["gained"] for row in json.loads(again.stdout)["total"]}[
        "medical"
    ] == 8


def test_explain_as_json_is_what_the_service_answers(run: Run, client: httpx.Client):
    result = run("explain", CODE, "b4", "medical", *FOUR, "--no-remedy", "--json")
    url = f"/districts/{CODE}/explain?building=b4&category=medical&profile=adult&minutes=4"
    assert json.loads(result.stdout) == client.get(f"{url}&remedy=false").json()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((CODE, "zz", "medical"), "There is no building 'zz'"),
        ((CODE, "b1", "food"), "wanted one of catering"),
        ((CODE, "b1", "medical", "--minutes", 121), "1 to 120"),
        (("none", "b1", "medical"), "none"),
    ],
)
def test_bad_questions_are_one_sentence_and_exit_code_2(run: Run, words, told):
    result = run("explain", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_explain_without_a_walk_prints_the_sentence(run: Run):
    result = run("explain", CODE, "b3", "repair")
    assert "There is no service point (repairs) on the walk network." in result.stdout
    assert "The walk" not in result.stdout
