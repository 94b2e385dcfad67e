"""Coverage through HTTP: the figures worked out on paper from the scene.

Walks in metres: b1 265 to catering, 315 medical, 420 elderly; b2 295, 345, 450; b3 165, 215, 320;
b4 and b5 295, 345, 250; b6 305, 355, 80; shopping is nearer than 225 m for all (p3 ties between two
edges). At 1.25 m/s, 5 minutes are 375 m; only elderly care from b1 and b2 (3 of 31 households) is
farther.
"""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.coverage.schemas import CoverageAnswer
from api.snapshot.district import Snapshot
from api.snapshot.variants import with_own_points
from tests.scenes import NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST

URL = "/districts/371602/coverage"

METRES = {
    "b1": (265, 315, 420),
    "b2": (295, 345, 450),
    "b3": (165, 215, 320),
    "b4": (295, 345, 250),
    "b5": (295, 345, 250),
    "b6": (305, 355, 80),
}
TIMED = ("catering", "medical", "elderly")
REACHABLE = ("catering", "medical", "shopping", "elderly")


def ask(client: httpx.Client, **query: object) -> dict:
    answer = client.get(URL, params={"profile": "adult", **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    CoverageAnswer.model_validate(body)
    return body


def test_every_building_has_its_exact_walk(client: httpx.Client):
    rows = ask(client, by="building", minutes=5)["rows"]
    times = {row["building_id"]: [row["categories"][c]["time_s"] for c in TIMED] for row in rows}
    assert times == {
        building: pytest.approx([metres / 1.25 for metres in walks], abs=0.011)
        for building, walks in METRES.items()
    }
    b1 = rows[0]
    assert b1["categories"]["catering"]["point_id"] == "p4"
    assert b1["categories"]["elderly"]["status"] == "beyond"
    assert b1["categories"]["repair"] == {"time_s": None, "point_id": None, "status": "beyond"}
    assert [row["reached"] for row in rows] == [3, 3, 4, 4, 4, 4]


def test_small_grids_at_five_minutes(client: httpx.Client):
    body = ask(client, minutes=5)
    elderly = {row["code"]: row["categories"]["elderly"] for row in body["rows"]}
    assert elderly == {
        NORTH_WEST: {"covered": 0, "coverage": 0},
        SOUTH_WEST: {"covered": 4, "coverage": 1},
        NORTH_EAST: {"covered": 8, "coverage": 1},
        SOUTH_EAST: {"covered": 16, "coverage": 1},
    }
    total = body["total"]
    assert (total["households"], total["households_estimated"]) == (31, 0)
    assert body["households_known"]["counted"] == 31
    assert total["code"] == "371602"
    assert total["categories"]["elderly"]["coverage"] == pytest.approx(28 / 31)
    assert total["count"] == [0, 0, 0, 3, 28, 0, 0, 0, 0, 0, 0]
    assert total["count_mean"] == pytest.approx(121 / 31)
    assert total["coverage_all"] == pytest.approx(28 / 31)  # of the four that can be judged
    assert body["judged"] == [c for c in total["categories"] if c in REACHABLE]
    assert body["outside"] == {"buildings": 0, "households": 0}
    assert (body["minutes"], body["metres"], body["by"]) == (5, 375, "small")
    assert body["without_points"] == [
        category for category in total["categories"] if category not in REACHABLE
    ]
    assert len(body["without_points"]) == 6


@pytest.mark.parametrize(
    ("minutes", "covered"),
    [
        (3.9, (5, 4, 31, 24)),  # 234 s: 236 s is beyond
        (4, (31, 4, 31, 24)),
        (4.6, (31, 31, 31, 28)),  # 276.0 s exactly: inclusive
        (4.59, (31, 5, 31, 28)),
        (15, (31, 31, 31, 31)),
    ],
)
def test_threshold_is_inclusive(client: httpx.Client, minutes, covered):
    total = ask(client, minutes=minutes, by="district")["total"]
    assert tuple(total["categories"][c]["covered"] for c in REACHABLE) == covered


@pytest.mark.parametrize("by", ["small", "medium", "large", "district"])
def test_levels_sum_to_the_total(client: httpx.Client, by):
    body = ask(client, minutes=4, by=by)
    for category, share in body["total"]["categories"].items():
        summed = sum(row["categories"][category]["covered"] for row in body["rows"])
        assert summed == pytest.approx(share["covered"], abs=1e-9)


def test_a_slower_walker(client: httpx.Client):
    body = ask(client, minutes=5, profile="elderly", by="district")  # 240 m
    covered = {c: body["total"]["categories"][c]["covered"] for c in REACHABLE}
    assert covered == {
        "catering": 4,
        "medical": 4,
        "shopping": 15,
        "elderly": 0,
    }  # b5: 80 m of steps
    assert body["profile"] == {
        "id": "elderly", "zh": "老年人", "en": "Older person", "speed_m_s": 0.8, "steps_pace": 2,
        "slope": "tobler", "climb_pace": 0, "max_slope": None, "crossing_s": 10, "avoid": [],
        "at_crossings": False, "of_district": False, "own_speed": False,
    }  # fmt: skip
    assert body["metres"] == 240


def test_csv_by_building_has_exactly_these_columns(client: httpx.Client):
    answer = client.get(URL, params={"by": "building", "f": "csv", "profile": "adult"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(rows[0]) == [
        "building_id", "lon", "lat", "households", "category", "time_s", "point_id", "status",
    ]  # fmt: skip
    assert len(rows) == 60
    assert (rows[0]["time_s"], rows[0]["status"]) == ("212.0", "covered")
    assert (rows[1]["time_s"], rows[1]["point_id"], rows[1]["status"]) == ("", "", "beyond")


def test_csv_by_grid_opens_in_excel(client: httpx.Client):
    answer = client.get(URL, params={"f": "csv"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8-sig")
    assert "西北网格" in text
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["judged"], row["without_points"].split()[:2]) == ("4", ["household", "repair"])


def test_own_points_only(client: httpx.Client):
    """The one point of elderly care lies outside the boundary: it is judged all the same."""
    url = "/districts/371602/coverage"
    everyone = client.get(url, params={"by": "building"}).json()
    own = client.get(url, params={"by": "building", "own_points": True}).json()
    assert (everyone["own_points"], everyone["points"]) == (False, 5)
    assert (own["own_points"], own["points"]) == (True, 4)
    assert own["without_points"] == everyone["without_points"]
    assert "elderly" in own["judged"]
    assert (own["total"]["covered_all"], everyone["total"]["covered_all"]) == (0, 31)
    assert own["total"]["categories"]["elderly"]["covered"] == 0
    for before, after in zip(everyone["rows"], own["rows"], strict=True):
        before["categories"].pop("elderly")
        assert after["categories"].pop("elderly")["status"] == "beyond"
        assert before["categories"] == after["categories"]
    rows = client.get(url, params={"by": "district", "own_points": True, "f": "csv"})
    assert "15min-standard-own-points.csv" in rows.headers["content-disposition"]
    assert client.get(url, params={"own_points": "perhaps"}).status_code == 400


def test_own_points_share_the_network(tiny_snapshot: Snapshot):
    own = with_own_points(tiny_snapshot)
    assert own is with_own_points(tiny_snapshot)
    assert own.network("adult") is tiny_snapshot.network("adult")
    assert own.layers.service_points["point_id"].tolist() == ["p1", "p2", "p3", "p4"]


def test_the_command_with_own_points(tiny_db: Path, client: httpx.Client, tmp_path: Path):
    def run(*words: str):
        return CliRunner().invoke(app, ["--db", str(tiny_db), "coverage", "371602", *words])

    told = json.loads(run("--own-points", "--by", "small", "--json").stdout)
    asked = client.get("/districts/371602/coverage", params={"own_points": True}).json()
    assert told == asked
    out = tmp_path / "own.csv"
    done = run("--own-points", "--out", str(out))
    assert "Only service points inside the district count" in done.stderr
    assert "service points inside the district only" in (tmp_path / "own.csv.txt").read_text()


def test_an_answer_names_its_walk_network(client: httpx.Client, tiny_snapshot: Snapshot):
    adult, pram = ask(client), ask(client, profile="pram")
    assert adult["network"] == tiny_snapshot.network_hash("adult") != pram["network"]
    assert ask(client, own_points=True)["network"] == adult["network"]
    layers = tiny_snapshot.layers
    other = replace(layers, barriers=layers.barriers.iloc[:0])
    changed = Snapshot(tiny_snapshot.district, other, tiny_snapshot.standard)
    assert changed.network_hash("adult") != adult["network"]
    fewer = replace(layers, service_points=layers.service_points.iloc[:1])
    same = Snapshot(tiny_snapshot.district, fewer, tiny_snapshot.standard)
    assert same.network_hash("adult") == adult["network"]
