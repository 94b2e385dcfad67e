"""The week of a district: 168 times what a single time tells."""

import json
from dataclasses import replace

import httpx
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.coverage.answers import coverage
from api.parameters import CoverageQuestion
from api.settings import read_settings
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from api.week.answers import HOUR_NAMES, hours_text, week, week_table
from api.week.schemas import WeekAnswer
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from geo.accessibility.coverage import nearest_times
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import AddPoint, CloseStreet
from tests.api.serving import serving
from tests.oracles.edited import edited_layers
from tests.scenes import lonlat, tiny_district

QUESTION = CoverageQuestion(minutes=5)
MOMENTS = [f"{name[:2]} {name[2:]}:00" for name in HOUR_NAMES]


def timed_district():
    """Return the hand-made district with hours of a gate, a way and three points."""
    district, layers = tiny_district()
    points, edges = layers.service_points.copy(), layers.walk_edges.copy()
    points["opening_hours"] = ["Mo-Fr 08:00-18:00", "24/7", None, "07:30-12:00; We off", "x"]
    edges.loc[3, "opening_hours"] = "no @ (20:00-07:00)"
    gates = layers.gates.assign(opening_hours="06:00-22:00")
    return district, replace(layers, service_points=points, walk_edges=edges, gates=gates)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(*timed_district(), load_standard())


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("week") / "timed.gpkg"
    open_store(path, create=True).replace(*timed_district())
    return path


def test_a_week_equals_168_single_answers(snapshot):
    found = week(snapshot, QUESTION, by="small")
    codes = [row["code"] for row in found["rows"]]
    for hour, moment in enumerate(MOMENTS):
        asked, _ = as_asked(snapshot, replace(QUESTION, at=moment))
        single = asked.coverage("small", QUESTION).set_index("code").loc[codes]
        for category, strip in found["total"].items():
            cells = [row["covered"][category][hour] for row in found["rows"]]
            assert single[f"covered_{category}"].tolist() == cells, (moment, category)
            assert sum(cells) <= strip["covered"][hour]
    assert found["networks"] == 3  # both open, the way closed, both closed
    assert found["searches"] < 168


def test_the_total_and_the_hours_of_a_building_are_those_of_single_answers(snapshot):
    total = week(snapshot, QUESTION, by="building")["total"]["catering"]["covered"]
    hours = week(snapshot, QUESTION, by="building")["rows"][0]["hours"]
    for moment in ("Mo 07:00", "Mo 08:00", "We 08:00", "Su 23:00"):
        single = coverage(snapshot, replace(QUESTION, at=moment), by="building")
        hour = MOMENTS.index(moment)
        assert single["total"]["categories"]["catering"]["covered"] == total[hour]
        assert (single["rows"][0]["categories"]["catering"]["status"] == "covered") == (
            moment == "Mo 08:00"
        )
    assert hours["catering"] == "Mo-Tu 08-12; Th-Su 08-12"
    assert (hours["medical"], hours["elderly"]) == ("24/7", "")


@pytest.mark.parametrize("by", ["building", "small", "district"])
def test_an_answer_has_the_shape_of_its_schema(snapshot, by):
    WeekAnswer.model_validate(week(snapshot, QUESTION, by=by))


def test_hours_in_words():
    nothing = np.zeros(168, np.bool_)
    assert (hours_text(nothing), hours_text(~nothing)) == ("", "24/7")
    twice = nothing.copy()
    twice[[0, 5, 6, 24 * 6 + 23]] = True
    assert hours_text(twice) == "Mo 00-01,05-07; Su 23-24"


def test_what_is_known_and_what_changes_within_an_hour(snapshot):
    hours = week(snapshot, QUESTION, by="district")["hours"]
    points = hours["service_points"]
    assert (points["rows"], points["with_hours"], points["unreadable"]) == (5, 4, 1)
    assert points["unreadable_ids"] == ["p5"]
    assert [HOUR_NAMES[n] for n in np.flatnonzero(points["changing"])] == [
        "Mo07", "Tu07", "Th07", "Fr07", "Sa07", "Su07",
    ]  # fmt: skip
    assert hours["gates"]["closed"][:7] == [1] * 6 + [0]
    assert hours["walk_edges"]["closed"][19:21] == [0, 1]


def test_figures_and_sentences(snapshot):
    found = week(snapshot, QUESTION, by="district")
    everything = found["total"]["elderly"]
    assert everything["best"] == {"hour": "Mo06", "households": 28.0}
    assert everything["worst"] == {"hour": "Mo00", "households": 20.0}
    assert everything["weekdays"] == {"from": 6, "to": 22}
    assert (everything["always"], everything["not_at_night"]) == (20.0, 8.0)
    told = (
        "Elderly care: none at night (22:00 to 6:00) within 5 minutes for 8 households that have "
        "it by day."
    )
    assert told in found["sentences_en"]
    assert len(found["sentences_zh"]) == len(found["sentences_en"])


def test_a_holiday_counts_in_its_week():
    district, layers = tiny_district()
    gates = layers.gates.assign(opening_hours="24/7; PH off")
    snapshot = Snapshot(district, replace(layers, gates=gates), load_standard())
    closed = week(snapshot, QUESTION, week="2026-W01")["hours"]["gates"]["closed"]
    assert np.flatnonzero(closed)[0] == 3 * 24  # 1 January 2026 is a Thursday
    assert sum(week(snapshot, QUESTION)["hours"]["gates"]["closed"]) == 0


def test_the_table_has_the_same_figures(snapshot):
    table = week_table(snapshot, QUESTION, week=None, by="small")
    strips = week(snapshot, QUESTION, by="small")["rows"]
    row = table[(table["code"] == strips[0]["code"]) & (table["category"] == "shopping")]
    assert row[list(HOUR_NAMES)].to_numpy()[0].tolist() == strips[0]["covered"]["shopping"]
    assert set(week_table(snapshot, QUESTION, week=None, by="building")) == {
        "building_id", "households", "category", "hours",
    }  # fmt: skip


def test_over_http_and_the_command_line(db, tmp_path):
    with serving(create_app(read_settings(db=str(db)))) as client:
        answer = client.get("/districts/371602/week", params={"minutes": 5, "by": "large"})
        assert answer.status_code == 200, answer.text
        table = client.get("/districts/371602/week", params={"by": "large", "f": "csv"})
        assert table.text.splitlines()[0].endswith("Su22,Su23")
        assert refused(client, week="2026-49") == refused(client, week="2026-W54") == 400
        assert refused(client, at="Tu 12:00") == 400
    out = tmp_path / "week.csv"
    arguments = ["week", "371602", "--minutes", "5", "--by", "large", "--db", str(db)]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert json.loads(done.stdout)["total"] == answer.json()["total"]
    done = CliRunner().invoke(app, [*arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "Elderly care: 28 of 31 households at best (Mo 06:00)" in done.stdout
    assert len(pd.read_csv(out)) == len(answer.json()["rows"]) * 11
    done = CliRunner().invoke(app, [*arguments, "--week", "next"])
    assert done.exit_code == 2
    assert "wanted an ISO week such as 2026-W49" in done.stderr


def refused(client: httpx.Client, **query: str) -> int:
    return client.get("/districts/371602/week", params=query).status_code


@pytest.mark.parametrize("moment", ["Tu 03:00", "Tu 10:00", "Sa 21:00"])
def test_edits_at_an_hour_are_those_of_a_full_run(snapshot, moment):
    asked, _ = as_asked(snapshot, replace(QUESTION, at=moment))
    engine = asked.what_if("standard")
    edits = [CloseStreet(6), AddPoint("new", "medical", *lonlat(60, 190))]
    after = engine.times(engine.scenario(edits)).time_s
    layers = edited_layers(engine.resolver, edits)
    network = compile_network(layers, asked.profile("standard"))
    full = nearest_times(snap_layers(layers, network, engine.categories)).time_s
    np.testing.assert_array_equal(after, full)
