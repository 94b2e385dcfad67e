"""Scenarios through HTTP: figures worked out on the hand-made district of tests/scenes.py."""

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.parameters import CoverageQuestion
from api.scenarios.answers import read_edits, scenario
from api.scenarios.schemas import ScenarioAnswer, ScenarioIn
from api.settings import read_settings
from boundaries.store.open import open_store
from geo.scenario.edits import OPERATIONS
from tests.api.serving import serving
from tests.scenes import EAST, NORTH_EAST, SOUTH_EAST, SOUTH_WEST, WEST, lonlat, tiny_district

URL = "/districts/371602/scenarios"


def at(x: float, y: float) -> dict[str, float]:
    lon, lat = lonlat(x, y)
    return {"lon": lon, "lat": lat}


REPAIR = {"op": "add_point", "point_id": "fix", "category": "repair", **at(200, 0)}


def ask(client: httpx.Client, *edits: object, **params: object) -> dict:
    answer = client.post(
        URL, json={"edits": edits}, params={"minutes": 4, "profile": "adult", **params}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    ScenarioAnswer.model_validate(body)
    return body


def test_a_new_point_names_who_gains(client: httpx.Client):
    # 4 minutes are 300 m: b3 by 10 + 50 + 200 m, every other building by 360 m or more
    body = ask(client, REPAIR)
    assert (body["minutes"], body["metres"], body["by"]) == (4, 300, "small")
    assert body["edits"] == [{**REPAIR, "name": "", "capacity": 1.0}]
    assert body["changes"] == [
        {
            "code": SOUTH_WEST, "name_zh": "西南网格", "name_en": "South-west",
            "category": "repair", "before": 0, "after": 4, "change": 4, "gained": 4, "lost": 0,
            "coverage_before": 0, "coverage_after": 1,
        }
    ]  # fmt: skip
    whole, repair = body["total"]
    assert (whole["category"], whole["before"], whole["after"], whole["change"]) == ("all", 0, 0, 0)
    assert (whole["code"], whole["name_zh"]) == ("371602", "试点区")
    assert (repair["category"], repair["gained"], repair["lost"]) == ("repair", 4, 0)
    assert repair["coverage_after"] == pytest.approx(4 / 31)
    [b3] = body["buildings"]
    assert (b3["building_id"], b3["households"], b3["category"]) == ("b3", 4, "repair")
    assert (b3["before_s"], b3["before_point"], b3["status_before"]) == (None, None, "beyond")
    assert (b3["after_s"], b3["after_point"], b3["status_after"]) == (208, "fix", "covered")
    assert (body["buildings_cut"], body["changed"]) == (0, 6)  # unreached until now, all six


def test_closing_the_only_point_names_who_loses(client: httpx.Client):
    body = ask(client, {"op": "close_point", "point_id": "p5"})
    lost = {row["code"]: row["lost"] for row in body["changes"]}
    assert lost == {NORTH_EAST: 8, SOUTH_EAST: 16}
    assert [row["lost"] for row in body["total"]] == [0, 24]
    told = [(b["building_id"], b["before_s"], b["after_s"]) for b in body["buildings"]]
    assert told == [("b5", 200, None), ("b4", 200, None), ("b6", 64, None)]  # most households first
    assert {b["after_point"] for b in body["buildings"]} == {None}


def test_edits_are_applied_in_order(client: httpx.Client):
    body = ask(client, REPAIR, {"op": "close_point", "point_id": "fix"})
    assert (body["changes"], body["buildings"], body["changed"]) == ([], [], 0)
    assert [row["category"] for row in body["total"]] == ["all"]
    assert ask(client)["changed"] == 0


def test_a_closed_street_and_a_closed_gate(client: httpx.Client):
    # without edge 6 b3 walks 10 + 50 + 190 + 10 m to p1, and p4 is entered from edge 8 over a leg
    # of 95 m, 20 m from b5; b4 is cut off behind its gate
    body = ask(
        client,
        {"op": "close_street", "edge_id": 6},
        {"op": "close_gate", "gate_id": "g1"},
        minutes=3,
        by="medium",
    )
    catering = {
        (b["building_id"], b["status_after"]): b["after_s"]
        for b in body["buildings"]
        if b["category"] == "catering"
    }
    assert catering == {("b5", "covered"): 100, ("b3", "beyond"): 208}
    rows = [row for row in body["changes"] if row["category"] == "catering"]
    told = [(row["code"], row["before"], row["after"], row["gained"], row["lost"]) for row in rows]
    assert told == [(WEST, 4, 0, 0, 4), (EAST, 0, 16, 16, 0)]
    [b4] = [b for b in body["buildings"] if b["building_id"] == "b4"]
    assert (b4["category"], b4["before_point"], b4["after_s"]) == ("shopping", "p3", None)


def test_households_change_shares_alone(client: httpx.Client):
    body = ask(
        client, {"op": "set_households", "building_id": "b1", "households": 5}, by="district"
    )
    elderly = next(row for row in body["changes"] if row["category"] == "elderly")
    assert (elderly["before"], elderly["after"], elderly["gained"]) == (24, 24, 0)
    assert elderly["coverage_after"] == pytest.approx(24 / 35)
    assert body["changed"] == 0
    assert body["changes"] == [row for row in body["total"] if row["category"] != "all"]


def test_nothing_is_stored(client: httpx.Client):
    url = "/districts/371602/coverage?minutes=4"
    before = client.get(url)
    ask(client, REPAIR, {"op": "close_street", "edge_id": 3})
    after = client.get(url)
    assert after.content == before.content
    assert after.headers["etag"] == before.headers["etag"]


def test_what_is_not_listed_is_counted(tiny_snapshot):
    edits = read_edits(b'{"edits": [{"op": "close_point", "point_id": "p5"}]}', limit=1)
    body = scenario(tiny_snapshot, CoverageQuestion(4, "adult"), edits, by="small", shown=1)
    assert [b["building_id"] for b in body["buildings"]] == ["b5"]
    assert body["buildings_cut"] == 2


BAD = [
    ("{", 400, None, "not JSON"),
    ("[]", 400, None, "no list of edits"),
    ('{"edits": {}}', 400, None, "no list of edits"),
    ('{"edits": [], "minutes": 5}', 400, None, "more than the list"),
    ('{"edits": [5]}', 400, 0, "Edit 1: not an object"),
    ([REPAIR, {"op": "dance"}], 400, 1, "Edit 2: Got edit 'dance'; wanted"),
    ([REPAIR, {"op": "close_point"}], 400, 1, "Edit 2: close_point: point_id is missing"),
    (
        [{"op": "close_point", "point_id": "p1", "x": 1}],
        400,
        0,
        "Edit 1: close_point: unknown member",
    ),
    (
        [{**REPAIR, "category": "food"}],
        400,
        0,
        "Edit 1: Got category 'food'; wanted one of catering",
    ),
    ([{**REPAIR, "lon": -62, "lat": -37}], 400, 0, "near the district"),
    ([{"op": "add_street", "path": [[118, 37], [118.1, 37]]}], 400, 0, "Edit 1: The start"),
    (
        [REPAIR, {"op": "close_point", "point_id": "zz"}],
        404,
        1,
        "Edit 2: There is no service point",
    ),
    ([{"op": "close_street", "edge_id": 2**63 - 1}], 404, 0, "Edit 1: There is no walk edge"),
    ([{"op": "set_households", "building_id": "x", "households": 1}], 404, 0, "no building 'x'"),
    ([REPAIR, REPAIR], 409, 1, "Edit 2: There is a service point 'fix' already"),
    ([{"op": "open_gate", "gate_id": "g1"}], 409, 0, "Edit 1: Gate 'g1' is not closed already"),
    ([REPAIR] * 101, 413, None, "101 edits; wanted at most 100"),
]


@pytest.mark.parametrize(("edits", "status", "edit", "words"), BAD)
def test_bad_edits_are_problems_that_name_the_edit(
    client: httpx.Client, edits, status, edit, words
):
    content = edits if isinstance(edits, str) else json.dumps({"edits": edits})
    answer = client.post(URL, content=content)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    assert answer.json().get("edit") == edit


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ("minutes=0", 400, "minutes"),
        ("by=building", 400, "by"),
        ("profile=runner", 400, "adult, elderly"),
        ("remedy=true", 400, "minutes, profile, tier, crossings, by"),
    ],
)
def test_bad_parameters_are_problems(client: httpx.Client, params, status, words):
    answer = client.post(f"{URL}?{params}", json={"edits": []})
    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


def test_other_districts_methods_and_sizes(client: httpx.Client, tiny_db: Path):
    assert client.post("/districts/none/scenarios", json={"edits": []}).status_code == 404
    assert client.get(URL).status_code == 405
    with serving(create_app(read_settings(db=str(tiny_db), max_body_bytes=50))) as small:
        assert small.post(URL, json={"edits": [REPAIR]}).status_code == 413


def test_a_district_without_grids_or_buildings_is_422(tmp_path: Path):
    db = tmp_path / "empty.gpkg"
    district, layers = tiny_district()
    store = open_store(db, create=True)
    store.replace(district, layers)
    store.replace_layer("371602", "grids", layers.grids.iloc[:0])
    with serving(create_app(read_settings(db=str(db)))) as client:
        answer = client.post(URL, json={"edits": [REPAIR]})
        assert (answer.status_code, "no small grids" in answer.text) == (422, True)
        assert ask(client, REPAIR, by="district")["changed"] == 6
        store.replace_layer("371602", "buildings", layers.buildings.iloc[:0])
        answer = client.post(f"{URL}?by=district", json={"edits": []})
        assert (answer.status_code, "no buildings" in answer.text) == (422, True)
        answer = client.get("/districts/371602/explain?building=b1&category=repair")
        assert answer.status_code == 422


def test_the_document_describes_every_edit(client: httpx.Client):
    ScenarioIn.model_validate(ScenarioIn.EXAMPLE)
    ScenarioAnswer.model_validate(ScenarioAnswer.EXAMPLE)
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    items = schemas["ScenarioIn"]["properties"]["edits"]["items"]
    assert set(items["discriminator"]["mapping"]) == set(OPERATIONS)
    for where in items["discriminator"]["mapping"].values():
        assert schemas[where.rsplit("/", 1)[1]]["description"]


MEMBERS = st.sampled_from([
    "op", "point_id", "category", "lon", "lat", "path", "edge_id", "gate_id", "building_id",
    "households", "kind", "bridge", "name",
])  # fmt: skip
VALUES = (
    st.sampled_from([*OPERATIONS, "p1", "g1", "b1", "catering", 118.0, 37.38, 1, True, None])
    | st.text(max_size=3)
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(st.lists(st.sampled_from([118.0, 118.001, 37.38, 37.3805, -1e308]), max_size=3))
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(MEMBERS, VALUES, max_size=6), max_size=3))
def test_no_body_yields_a_500(client: httpx.Client, edits):
    answer = client.post(URL, json={"edits": edits})
    assert answer.status_code in {200, 400, 404, 409}, answer.text


def test_a_point_that_nobody_can_reach_is_told(client: httpx.Client):
    lon, lat = lonlat(900, 900)  # 583 m from the next street
    far = {"op": "add_point", "point_id": "far", "category": "repair", "lon": lon, "lat": lat}
    body = ask(client, REPAIR, far)
    assert body["unlinked"] == [{"point_id": "far", "reason": "too_far"}]
    gone = {"op": "close_point", "point_id": "far"}
    assert ask(client, far, gone)["unlinked"] == []
