"""Each category by its own minutes: coverage, gaps, scenarios, explanations, files and runs agree.

At 1.25 m/s: catering counts within 2.2 minutes (165 m: only b3), medical within 5 (375 m: all), and
shopping and elderly care within 15.
"""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from api.coverage.answers import coverage
from api.coverage.schemas import CoverageAnswer
from api.errors import ParameterError
from api.explanations.answers import explanation
from api.folium_map.answers import folium_html
from api.formats.json import dumps
from api.gaps.answers import gaps
from api.gaps.schemas import GapsAnswer
from api.nearest.answers import nearest_answer, nearest_table
from api.parameters import CoverageQuestion
from api.scenarios.answers import read_edits, scenario
from api.scenarios.schemas import ScenarioAnswer
from api.snapshot.district import Snapshot
from api.snapshot.paces import paces
from boundaries.standards.catalogue import load_standard
from geo.errors import InputError
from tests.scenes import tiny_district

CODE = "371602"
URL = f"/districts/{CODE}"
OWN = {"catering": 2.2, "medical": 5.0}
QUESTION = CoverageQuestion(profile="adult", tier="standard")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """Return the hand-made district by a standard whose categories differ in their minutes."""
    shipped = load_standard()
    categories = [replace(c, time_min=OWN.get(c.id, 15.0)) for c in shipped.categories]
    return Snapshot(*tiny_district(), replace(shipped, categories=tuple(categories)))


def test_each_category_counts_as_it_does_alone_within_its_minutes(snapshot: Snapshot):
    whole = coverage(snapshot, QUESTION, by="small")
    CoverageAnswer.model_validate(whole)
    assert (whole["tier"], whole["minutes"], whole["metres"]) == ("standard", None, None)
    for category, threshold in whole["thresholds"].items():
        alone = CoverageQuestion(threshold["minutes"], "adult")
        told = coverage(snapshot, alone, by="small")
        for row, other in zip(whole["rows"], told["rows"], strict=True):
            assert row["categories"][category] == other["categories"][category]
        assert threshold["metres"] == pytest.approx(75 * threshold["minutes"])
    assert whole["total"]["covered_all"] == 4  # b3 alone reaches catering
    assert whole["total"]["categories"]["catering"]["covered"] == 4


def test_gaps_are_what_coverage_leaves(snapshot: Snapshot):
    told, whole = (
        gaps(snapshot, QUESTION, level="large", category=None),
        coverage(snapshot, QUESTION, by="large"),
    )
    GapsAnswer.model_validate(json.loads(dumps(told)))
    lacking = {row["category"]: row["households"] for row in told["rows"]}
    total = whole["total"]
    assert lacking.pop("all") == total["households"] - total["covered_all"]
    for category, households in lacking.items():
        assert households == total["households"] - total["categories"][category]["covered"]
    assert told["thresholds"] == whole["thresholds"]


def test_statuses_of_buildings_follow_their_category(snapshot: Snapshot):
    for row in coverage(snapshot, QUESTION, by="building")["rows"]:
        for category, reach in row["categories"].items():
            limit_s = 60 * OWN.get(category, 15.0)
            near = reach["time_s"] is not None and reach["time_s"] <= limit_s
            assert reach["status"] == ("covered" if near else "beyond")


def test_a_scenario_counts_by_the_same_thresholds(snapshot: Snapshot):
    edits = read_edits(b'{"edits": [{"op": "close_point", "point_id": "p4"}]}', limit=1)
    told = scenario(snapshot, QUESTION, edits, by="district")
    ScenarioAnswer.model_validate(told)
    catering = next(row for row in told["total"] if row["category"] == "catering")
    assert (catering["before"], catering["after"]) == (4, 0)
    assert {row["building_id"] for row in told["buildings"]} == {"b3"}


def test_an_explanation_and_the_nearest_points_are_of_one_category(snapshot: Snapshot):
    why = explanation(snapshot, QUESTION, building="b1", category="catering", remedy=False)
    assert (why["minutes"], why["status"]) == (2.2, "beyond")
    why = explanation(snapshot, QUESTION, building="b1", category="medical", remedy=False)
    assert (why["minutes"], why["status"]) == (5, "covered")
    table = nearest_table(snapshot, QUESTION, "catering", k=1)
    told = nearest_answer(snapshot, QUESTION, table, category="catering")
    assert told["minutes"] == 2.2
    assert [bool(row["points"]) for row in told["rows"]] == [
        False, False, True, False, False, False,
    ]  # fmt: skip


def test_the_paces_stretch_every_threshold(snapshot: Snapshot):
    shares = {row["pace_m"]: row["covered_all"] for row in paces(snapshot, QUESTION)}
    assert shares == {800.0: 0, 1000.0: 0, 1125.0: 4}


def test_the_folium_file_names_the_minutes_of_each_category(snapshot: Snapshot):
    html = folium_html(snapshot, QUESTION, lang="en")
    assert "15-minute life circle (2.2–15 min on foot)" in html
    assert "Each category by its own minutes: Catering 2.2" in html
    assert "that is 165–1,125 m" in html
    assert "All, if 15 minutes are 800 m: 0.0 %, 1,000 m: 0.0 %, 1,125 m: 12.9 %" in html
    assert "by its own minutes" not in folium_html(snapshot, CoverageQuestion(5), lang="en")


def test_one_threshold_for_all_is_told_of_each_category_as_well(snapshot: Snapshot):
    told = coverage(snapshot, CoverageQuestion(5), by="district")
    assert (told["tier"], told["minutes"]) == (None, 5)
    assert {each["minutes"] for each in told["thresholds"].values()} == {5}


def test_a_tier_and_a_threshold_for_all_are_one_too_many():
    with pytest.raises(ParameterError, match="Got minutes 5 and tier standard; wanted one"):
        CoverageQuestion(5, tier="standard")
    with pytest.raises(ParameterError, match="Got tier 't15'; wanted standard"):
        CoverageQuestion(tier="t15")


def test_thresholds_that_do_not_fit_the_categories(snapshot: Snapshot):
    times = snapshot.times("adult")
    with pytest.raises(InputError, match="Got 2 thresholds; wanted one for each category"):
        times.covered((5.0, 10.0))
    np.testing.assert_array_equal(times.covered(7.0), times.covered((7.0,) * len(times.categories)))


def test_http_takes_a_tier(client):
    whole = client.get(f"{URL}/coverage", params={"tier": "standard", "by": "district"})
    assert whole.status_code == 200, whole.text
    own = {c.id: c.time_min for c in load_standard().categories}
    assert {c: each["minutes"] for c, each in whole.json()["thresholds"].items()} == own
    for path in ("gaps", "map.html", "explain?building=b1&category=medical"):
        mark = "&" if "?" in path else "?"
        assert client.get(f"{URL}/{path}{mark}tier=standard").status_code == 200
    assert client.get(f"{URL}/coverage?tier=t15").status_code == 400
    both = client.get(f"{URL}/coverage?tier=standard&minutes=5")
    assert (both.status_code, both.json()["errors"][0]["name"]) == (400, "tier")
    table = client.get(f"{URL}/coverage?tier=standard&f=csv&by=building")
    assert "tier-standard" in table.headers["content-disposition"]
    told = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert {row["status"] for row in told} <= {"covered", "beyond", "unlinked"}


def test_the_command_line_takes_a_tier(tiny_db: Path, client, tmp_path: Path):
    def run(*words: str):
        return CliRunner().invoke(app, ["--db", str(tiny_db), *words])

    answer = run("coverage", CODE, "--tier", "standard", "--json")
    told = client.get(f"{URL}/coverage?tier=standard&by=district").json()
    assert json.loads(answer.stdout) == told
    shown = run("coverage", CODE, "--tier", "standard").stdout
    assert "the 5-15 min of each category on foot (333.3-1,000 m" in shown
    assert "Households not within the 5-15 min" in run("gaps", CODE, "--tier", "standard").stdout
    out = tmp_path / "x.csv"
    run("coverage", CODE, "--tier", "standard", "--out", str(out))
    assert "threshold of each category: catering 8 min" in (tmp_path / "x.csv.txt").read_text()
    wrong = run("coverage", CODE, "--tier", "standard", "--minutes", "5")
    assert wrong.exit_code == 2
    assert "wanted one of them" in wrong.stderr


def test_a_radius_is_never_longer_than_the_walk_within_the_minutes():
    """A straight line within which nobody could be told near would contradict its own minutes."""
    standard = load_standard()
    for category in standard.categories:
        assert category.radius_m <= standard.profiles[0].metres(category.time_min), category.id
