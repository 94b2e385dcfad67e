"""Supply access and equity through HTTP and the command line: figures worked out from the scene.

Walks to elderly care in metres: b1 420, b2 450, b3 320, b4 and b5 250, b6 80 (no households). At
1.25 m/s, 5 minutes are 375 m: the one point is shared by b3, b4 and b5, 28 of 31 households.
"""

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import httpx
import pytest
from typer.testing import CliRunner, Result

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from api.supply import schemas
from api.supply.schemas import AccessAnswer, EquityAnswer
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, tiny_district

CODE = "371602"
ACCESS = f"/districts/{CODE}/access"
EQUITY = f"/districts/{CODE}/equity"
Run = Callable[..., Result]
SECONDS = {"b1": 336, "b2": 360, "b3": 256, "b4": 200, "b5": 200}
HOUSEHOLDS = {"b1": 1, "b2": 2, "b3": 4, "b4": 8, "b5": 16}


@pytest.fixture
def run(tiny_db: Path) -> Run:
    """Return a function that runs the command line on the hand-made district."""

    def invoke(*words: object) -> Result:
        arguments = ["--db", str(tiny_db), *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def ask(client: httpx.Client, url: str, **query: object) -> dict:
    answer = client.get(url, params={"profile": "adult", **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (AccessAnswer if url == ACCESS else EquityAnswer).model_validate(body)
    return body


def test_one_point_is_shared_by_who_reaches_it(client: httpx.Client):
    body = ask(client, ACCESS, category="elderly", minutes=5, by="building")
    scores = {row["building_id"]: row["score"] for row in body["rows"]}
    share = pytest.approx(1 / 28)
    assert scores == {"b1": 0, "b2": 0, "b3": share, "b4": share, "b5": share, "b6": share}
    assert [row["points"] for row in body["rows"]] == [0, 0, 1, 1, 1, 1]
    assert [row["status"] for row in body["rows"]][1:3] == ["beyond", "covered"]
    assert body["supply"] == {
        "points": 1, "capacity": "1 per point", "reached": 1, "idle": 0, "unlinked": 0,
    }  # fmt: skip
    assert (body["method"], body["decay"]["name"], body["metres"]) == ("2sfca", "step", 375)
    assert body["decay"]["parameters"] == {"threshold_s": 300}
    assert body["unit"] == "service points per unit of demand"


def test_by_grid_and_in_the_district(client: httpx.Client):
    body = ask(client, ACCESS, category="elderly", minutes=5)
    means = {row["code"]: row["mean"] for row in body["rows"]}
    share = pytest.approx(1 / 28)
    assert means == {NORTH_WEST: 0, SOUTH_WEST: share, NORTH_EAST: share, SOUTH_EAST: share}
    total = body["total"]
    assert (total["code"], total["level"], total["weight"]) == (CODE, "district", 31)
    assert total["mean"] == pytest.approx(1 / 31)
    assert total["gini"] == pytest.approx(3 / 31)  # those who have nothing
    assert body["rows"][0]["reason"] == "all_zero"
    assert body["outside"] == {"buildings": 0, "households": 0}


@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
@pytest.mark.parametrize("group", ["households", "residents", "residents_60plus"])
def test_what_is_shared_is_what_is_reached(client: httpx.Client, method, group):
    query = {"category": "catering", "minutes": 5, "by": "building", "group": group}
    body = ask(client, ACCESS, method=method, **query)
    shared = sum(row["score"] * row["demand"] for row in body["rows"])
    assert shared == pytest.approx(body["supply"]["reached"], rel=1e-9)
    assert body["supply"]["reached"] == 2


def test_gravity_and_a_decay_of_ones_own(client: httpx.Client):
    query = {"category": "elderly", "minutes": 5, "by": "building", "method": "gravity"}
    body = ask(client, ACCESS, decay="linear", **query)
    scores = [row["score"] for row in body["rows"]]
    assert scores == pytest.approx([0, 0, 44 / 300, 100 / 300, 100 / 300, 236 / 300], abs=1e-3)
    assert body["unit"] == "service points"
    zones = ask(client, ACCESS, decay="zones", **query)["decay"]
    assert zones["parameters"]["weights"] == [1, 0.68, 0.22]


def test_csv(client: httpx.Client):
    answer = client.get(ACCESS, params={"category": "elderly", "by": "building", "f": "csv"})
    assert "access-371602-building-elderly-2sfca-15min-standard.csv" in str(answer.headers)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == [
        "building_id", "lon", "lat", "households", "demand", "score", "points", "status",
    ]  # fmt: skip
    assert float(rows[0]["score"]) == pytest.approx(1 / 31)


def test_time_is_spread_over_households(client: httpx.Client):
    body = ask(client, EQUITY, category="elderly")
    mean = sum(SECONDS[b] * h for b, h in HOUSEHOLDS.items()) / 31
    (total,) = body["totals"]
    assert total["mean"] == pytest.approx(mean, abs=0.02)
    assert [total[p] for p in ("p10", "p50", "p90")] == pytest.approx([200, 200, 256], abs=0.02)
    pairs = [
        (abs(SECONDS[a] - SECONDS[b]), HOUSEHOLDS[a] * HOUSEHOLDS[b])
        for a in SECONDS
        for b in SECONDS
    ]
    gini = sum(gap * w for gap, w in pairs) / (2 * 31**2 * mean)
    assert total["gini"] == pytest.approx(gini, abs=1e-4)
    assert total["theil_between"] + total["theil_within"] == pytest.approx(total["theil"])
    assert body["minutes"] is None
    assert body["unit"] == "seconds"
    assert {row["code"]: row["gini"] for row in body["rows"]}[SOUTH_EAST] == 0


def test_equity_of_every_category_and_what_has_no_answer(client: httpx.Client):
    body = ask(client, EQUITY, by="district")
    totals = {row["category"]: row for row in body["totals"]}
    assert len(totals) == 10
    assert totals["repair"]["reason"] == "no_weight"
    assert totals["repair"]["excluded"] == 31
    assert totals["repair"]["mean"] is None
    assert totals["catering"]["theil_between"] is None
    assert [row["category"] for row in body["rows"]] == list(totals)


def test_equity_of_access_is_that_of_its_scores(client: httpx.Client):
    body = ask(client, EQUITY, category="elderly", measure="access", minutes=5)
    access = ask(client, ACCESS, category="elderly", minutes=5)
    own = [{k: v for k, v in row.items() if k != "category"} for row in body["rows"]]
    assert own == access["rows"]
    (total,) = body["totals"]
    assert total["theil"] == pytest.approx(math.log(31 / 28))
    assert (body["method"], body["minutes"], body["metres"]) == ("2sfca", 5, 375)
    old = ask(client, EQUITY, category="elderly", measure="access", weight="residents_60plus")
    assert old["totals"][0]["weight"] == 31


@pytest.mark.parametrize(
    ("url", "query", "status", "told"),
    [
        (ACCESS, {}, 400, "category"),
        (ACCESS, {"category": "food"}, 400, "catering"),
        (ACCESS, {"category": "elderly", "method": "huff"}, 400, "2sfca"),
        (ACCESS, {"category": "elderly", "decay": "inverse"}, 400, "gaussian"),
        (ACCESS, {"category": "elderly", "group": "children"}, 400, "residents_60plus"),
        (
            ACCESS,
            {"category": "elderly", "group": "residents_under15"},
            422,
            "has no residents_under",
        ),
        (EQUITY, {"weight": "residents_under15"}, 422, "has no residents_under15"),
        (ACCESS, {"category": "elderly", "minutes": 0}, 400, "minutes"),
        (ACCESS, {"category": "elderly", "profile": "runner"}, 400, "adult"),
        (ACCESS, {"category": "elderly", "weight": "households"}, 400, "weight"),
        (EQUITY, {"by": "building"}, 400, "district"),
        (EQUITY, {"minutes": 5}, 400, "measure access"),
        (EQUITY, {"method": "2sfca"}, 400, "measure access"),
        (EQUITY, {"category": "food"}, 400, "catering"),
        ("/districts/nowhere/equity", {}, 404, "371602"),
    ],
)
def test_bad_questions_are_told(client: httpx.Client, url, query, status, told):
    answer = client.get(url, params=query)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]


@pytest.mark.parametrize("url", [f"{ACCESS}?category=elderly", EQUITY])
def test_etag_then_304(client: httpx.Client, url):
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_examples_have_the_declared_shape_and_the_members_of_an_answer(client: httpx.Client):
    AccessAnswer.model_validate(schemas.AccessAnswer.EXAMPLE)
    EquityAnswer.model_validate(schemas.EquityAnswer.EXAMPLE)
    access = ask(client, ACCESS, category="elderly")
    assert list(access) == list(schemas.AccessAnswer.EXAMPLE)
    equity = ask(client, EQUITY, category="elderly", measure="access")
    assert set(equity) == set(schemas.EquityAnswer.EXAMPLE)


def test_the_command_answers_as_the_service_does(run: Run, client: httpx.Client):
    words = (
        "access",
        CODE,
        "--category",
        "elderly",
        "--minutes",
        5,
        "--profile",
        "adult",
        "--by",
        "small",
        "--json",
    )
    assert json.loads(run(*words).stdout) == ask(client, ACCESS, category="elderly", minutes=5)
    words = ("equity", CODE, "--by", "small", "--profile", "adult", "--json")
    assert json.loads(run(*words).stdout) == ask(client, EQUITY)


def test_what_the_commands_print(run: Run):
    shown = run(
        "access", CODE, "--category", "elderly", "--minutes", 5, "--profile", "adult"
    ).stdout
    assert "elderly: 1 service points (1 per point), 2sfca, step decay to 5 min (375 m" in shown
    assert "32.26" in shown  # 1,000 / 31 per thousand households
    for by in ("building", "small"):
        assert run("access", CODE, "--category", "medical", "--by", by).exit_code == 0
    shown = run("equity", CODE, "--category", "elderly", "--by", "small").stdout
    assert "between grids" in shown
    words = ("--measure", "access", "--method", "gravity", "--minutes", 10)
    assert "points" in run("equity", CODE, *words).stdout


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg", ".parquet"])
@pytest.mark.parametrize(("by", "rows"), [("building", 6), ("small", 4), ("district", 1)])
def test_files(run: Run, tmp_path: Path, suffix, by, rows):
    out = tmp_path / f"x{suffix}"
    result = run("access", CODE, "--category", "elderly", "--by", by, "--out", out)
    assert result.exit_code == 0
    if suffix == ".csv":
        assert len(out.read_text("utf-8-sig").splitlines()) == rows + 1
        return
    frame = gpd.read_parquet(out) if suffix == ".parquet" else gpd.read_file(out)
    assert len(frame) == rows
    column = "score" if by == "building" else "mean"
    assert frame[column].to_numpy() == pytest.approx(1 / 31)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["access", CODE, "--category", "food"], "catering"),
        (["access", CODE, "--category", "elderly", "--minutes", "0"], "1 to 120"),
        (["access", CODE, "--category", "elderly", "--out", "x.xls"], ".parquet"),
        (["equity", CODE, "--minutes", "5"], "measure access"),
        (["equity", "nowhere"], "371602"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_2(run: Run, words, told):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def beds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of the scene with 30 places in p1, 1 in p4, and a child per household."""
    district, layers = tiny_district()
    points = layers.service_points.assign(capacity=[30.0, 1.0, 1.0, 1.0, 1.0])
    buildings = layers.buildings.assign(residents_under15=layers.buildings["households"])
    path = tmp_path_factory.mktemp("beds") / "beds.gpkg"
    stored = replace(layers, service_points=points, buildings=buildings)
    open_store(path, create=True).replace(district, stored)
    with serving(create_app(read_settings(db=str(path)))) as made:
        yield made


@pytest.mark.parametrize("group", ["households", "residents_under15"])
@pytest.mark.parametrize("method", ["2sfca", "e2sfca", "3sfca"])
def test_capacities_are_shared_as_they_were_loaded(beds: httpx.Client, method, group):
    body = ask(beds, ACCESS, category="catering", by="building", method=method, group=group)
    shared = sum(row["score"] * row["demand"] for row in body["rows"])
    assert shared == pytest.approx(31, rel=1e-9)  # 30 of p1 and 1 of p4
    assert body["supply"]["capacity"] == "as loaded, 1 to 30 per point"
    assert body["unit"] == "capacity per unit of demand"
    assert ask(beds, ACCESS, category="medical")["supply"]["capacity"] == "1 per point"


def test_equity_says_how_capacity_came(beds: httpx.Client):
    query = {"measure": "access", "weight": "residents_under15", "by": "district"}
    every = ask(beds, EQUITY, **query)
    assert (every["capacity"], every["unit"]) == (
        "as loaded, 1 to 30 per point", "capacity per unit of demand",
    )  # fmt: skip
    one = ask(beds, EQUITY, category="medical", **query)
    assert (one["capacity"], one["unit"]) == ("1 per point", "service points per unit of demand")
    assert ask(beds, EQUITY, by="district")["capacity"] is None
