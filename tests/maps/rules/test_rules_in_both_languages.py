"""Rules that stand in Python and in the page's JavaScript, held against one table of cases.

``cases.json`` has what is given and what is expected; ``page_rules.mjs`` answers the same cases by
the page's own modules.
"""

import json
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from api.errors import ParameterError
from api.formats.csv import harmless
from api.http.query_parameters import Minutes
from api.parameters import parse_as_of
from api.snapshot.profiles import profile_detail
from geo.accessibility.coverage import Times, building_table, coverage_table, status
from geo.accessibility.gaps import ALL, lacking
from geo.messages import LANGUAGES, percent, tenths_up
from geo.model.standard import Profile, SlopeRule
from geo.routing.walking_time import threshold_s
from maps.assets import static_dir
from maps.classify import COVERAGE_EDGES, classify
from maps.folium.beats import LOAD_MARKS
from maps.folium.layers import uncovered
from maps.style import style
from maps.words.catalogue import say, words
from maps.words.walker import walker_words
from tests.scenes import tiny_district

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases.json").read_text("utf-8"))
TENTHS = range(10, 1_201)
"""Every threshold of 1.0 to 120.0 minutes, in tenths of a minute."""


def profile(rules: dict) -> Profile:
    given = {**rules, "avoid": frozenset(rules.get("avoid", ()))}
    given["slope"] = SlopeRule(rules.get("slope", "level"))
    return Profile("p", "某人", "Somebody", 1.25, **given)


def times(rows: list[list[float | None] | str], *, judged: tuple[str, ...] = ("c0", "c1")) -> Times:
    """Return the times of buildings to two categories; ``unlinked`` instead of the two."""
    linked = [row != "unlinked" for row in rows]
    seconds = [row if row != "unlinked" else [None, None] for row in rows]
    array = np.array(seconds, np.float64).reshape(-1, 2)
    return Times(
        categories=("c0", "c1"),
        time_s=array,
        point=np.where(np.isnan(array), -1, 0),
        reason=np.array(["" if each else "no_network" for each in linked], object),
        point_reason=np.array([""], object),
        judged=np.isin(["c0", "c1"], judged),
    )


def layers_of(households: list[int]):
    """Return layers with as many buildings, of so many households."""
    _, layers = tiny_district()
    n = len(households)
    homes = layers.buildings.iloc[np.zeros(n, int)].reset_index(drop=True)
    homes = homes.assign(building_id=[f"b{i}" for i in range(n)], households=households)
    return replace(layers, buildings=gpd.GeoDataFrame(homes, crs=4326))


def district_row(found: Times, households: list[int]) -> dict:
    """Return what coverage counts of the whole district."""
    layers = layers_of(households)
    members = pd.DataFrame(
        {level: [None] * len(households) for level in ("large", "medium", "small")}
    )
    row = coverage_table(found, layers, minutes=15, by="district", members=members).iloc[0]
    mean = float(row["count_mean"])
    return {
        "households": sum(households),
        "count": [float(row[f"count_{k}"]) for k in range(3)],
        "count_mean": None if math.isnan(mean) else mean,
        "unlinked": float(row["unlinked"]),
    }


def counted(case: dict, when: str) -> dict:
    homes = case["buildings"]
    return district_row(
        times([each[when] for each in homes]), [each["households"] for each in homes]
    )


def boundary(tenths: int) -> list[float]:
    """Return published times around a threshold: one hundredth below, on it, one above."""
    return [(tenths * 600 + step) / 100 for step in (-1, 0, 1)]


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request) -> dict:
    """Return the answers of the page in one language."""
    node = shutil.which("node")
    assert node, "no node on this machine; `make dev` installs it"
    cases = {
        **CASES,
        "status": [{**c, "threshold_s": threshold_s(c["minutes"])} for c in CASES["status"]],
        "recount": [{**c, "row": counted(c, "before")} for c in CASES["recount"]],
        "walker": [{"profile": profile_detail(profile(c["rules"]))} for c in CASES["walker"]],
    }
    asked = {
        "data": {
            "lang": request.param,
            "style": style(),
            "words": {lang: dict(words(lang)) for lang in LANGUAGES},
        },
        "js": (static_dir() / "js").as_uri(),
        "cases": cases,
        "thresholds": [
            {"threshold_s": threshold_s(tenths / 10), "times": boundary(tenths)}
            for tenths in TENTHS
        ],
    }
    done = subprocess.run(
        [node, str(HERE / "page_rules.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return {"lang": request.param, **json.loads(done.stdout)}


def test_every_threshold_in_tenths_of_a_minute_is_inclusive_for_service_and_page(page):
    expected = ["covered", "covered", "beyond"]
    for tenths, shown in zip(TENTHS, page["thresholds"], strict=True):
        found = times([[each, None] for each in boundary(tenths)])
        assert status(found, tenths / 10)[:, 0].tolist() == expected, tenths
        assert shown == expected, tenths
    assert len(page["thresholds"]) == 1_191


def test_status(page):
    expected = [case["is"] for case in CASES["status"]]
    assert page["status"] == expected
    for case in CASES["status"]:
        row = [case["time_s"], None] if case["linked"] else "unlinked"
        assert status(times([row]), case["minutes"])[0, 0] == case["is"]


def test_status_of_a_building_over_all_categories(page):
    assert page["building"] == [case["all"] for case in CASES["building"]]
    for case in CASES["building"]:
        judged = tuple(case.get("judged", ("c0", "c1")))
        found = times([case["times"] if case["linked"] else "unlinked"], judged=judged)
        table = building_table(found, layers_of([3]), minutes=15)
        squares = uncovered(table, without=found.without_points())
        assert (squares["status"].tolist() or [None])[0] == case["square"]
        assert case["square"] == (None if case["all"] == "covered" else case["all"])
        assert lacking(found, 15, ALL).tolist() == [case["square"] is not None]


@pytest.mark.parametrize("number", range(len(CASES["recount"])))
def test_recounting_for_a_scenario_is_what_coverage_counts(page, number):
    case = CASES["recount"][number]
    expected = {name: case[name] for name in ("count", "count_mean", "unlinked")}
    after = counted(case, "after")
    assert {name: after[name] for name in expected} == expected
    assert page["recount"][number] == expected


def test_classes_of_coverage(page):
    shares, expected = zip(*CASES["coverage_class"], strict=True)
    assert page["coverage_class"] == list(expected)
    values = [math.nan if share is None else share for share in shares]
    assert classify(values, edges=COVERAGE_EDGES).tolist() == list(expected)


def test_shares_in_per_cent(page):
    lang = page["lang"]
    shares, *told = zip(*CASES["percent"], strict=True)
    expected = list(told[("zh", "en").index(lang)])
    assert page["percent"] == expected
    assert [percent(math.nan if each is None else each, lang) for each in shares] == expected


def test_minutes_are_rounded_up_to_a_tenth(page):
    seconds, expected = zip(*CASES["minutes"], strict=True)
    assert page["minutes"] == list(expected)
    assert [f"{tenths_up(each):.1f}" for each in seconds] == list(expected)


def test_what_a_threshold_may_be(page):
    texts, expected = zip(*CASES["threshold"], strict=True)
    assert page["threshold"] == list(expected)
    query = TypeAdapter(Minutes)

    def is_threshold(text: str) -> bool:
        try:
            query.validate_python(text)
        except ValidationError:
            return False
        return True

    assert [is_threshold(text) for text in texts] == list(expected)


def test_what_a_past_may_be(page):
    texts, expected = zip(*CASES["as_of"], strict=True)
    assert page["as_of"] == list(expected)

    def is_past(text: str) -> bool:
        try:
            parse_as_of(text)
        except ParameterError:
            return False
        return True

    assert [is_past(text) for text in texts] == list(expected)


def test_rules_of_a_walker(page):
    lang = page["lang"]
    assert page["walker"] == [case[lang] for case in CASES["walker"]]
    for case in CASES["walker"]:
        speed, _, rules = walker_words(profile(case["rules"]), lang).partition(
            words(lang)["walker.separator"]
        )
        assert speed == words(lang)["walker.speed"].format(n="1.25")
        assert rules == case[lang]


def test_one_is_singular(page):
    lang = page["lang"]
    expected = [case[lang] for case in CASES["said"]]
    assert page["said"] == expected
    assert [say(lang, case["key"], **case["values"]) for case in CASES["said"]] == expected


def test_marks_of_loads(page):
    assert CASES["load_marks"] == LOAD_MARKS
    assert {name: page["load_marks"][name] for name in LOAD_MARKS} == LOAD_MARKS


def test_cells_that_a_spreadsheet_would_run(page):
    texts, expected = zip(*CASES["harmless"], strict=True)
    assert page["harmless"] == list(expected)
    assert [harmless(text) for text in texts] == list(expected)
