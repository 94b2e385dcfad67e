"""Explanations through HTTP: walks of the hand-made district taken apart by hand."""

import math
from dataclasses import replace
from pathlib import Path

import httpx
import pandas as pd
import pytest
from shapely import LineString, Point
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.explanations.answers import explanation
from api.explanations.schemas import ExplanationAnswer, LinkAnswer
from api.parameters import CoverageQuestion
from api.settings import read_settings
from api.snapshot.district import Snapshot
from boundaries.store.open import open_store
from geo.model.layers import Layers
from tests.api.serving import serving
from tests.scenes import lonlat, stored, tiny_district, tiny_layers, xy

URL = "/districts/371602/explain"


def ask(client: httpx.Client, building: str, category: str, **params: object) -> dict:
    answer = client.get(
        URL, params={"building": building, "category": category, "profile": "adult", **params}
    )
    assert answer.status_code == 200, answer.text
    body = answer.json()
    ExplanationAnswer.model_validate(body)
    return body


def closed_layers() -> Layers:
    """The gate closed (edges 9 and 10 end at it apart), and a way round of 540 m from node 10."""
    layers = tiny_layers()
    edges = layers.walk_edges.copy()
    edges.loc[edges["edge_id"] == 10, "u"] = -1
    bends = [(300, 300), (300, 420), (500, 420), (500, 200)]
    round_ = edges[edges["edge_id"] == 1].assign(edge_id=12, u=10, v=12, length_m=540.0)
    line = stored([LineString([xy(x, y) for x, y in bends])]).geometry
    edges = pd.concat([edges, round_.set_geometry(line.set_axis(round_.index))])
    gates = layers.gates.assign(access="closed")
    return replace(layers, walk_edges=edges, gates=gates).conformed()


def test_a_covered_building_is_taken_apart(client: httpx.Client):
    # b3 to p4: 10 + 50 + 100 + 5 m at 1.25 m/s
    body = ask(client, "b3", "catering", minutes=5)
    assert (body["status"], body["cause"], body["subject"]) == ("covered", "covered", "")
    assert (body["time_s"], body["point_id"], body["point_name"]) == (132, "p4", "早餐店")
    assert body["split"] == {
        "leg_from_s": 8, "network_s": 120, "crossings_s": 0, "leg_to_s": 4,
        "metres": 150, "climb_m": 0, "leg_from_m": 10, "leg_to_m": 5,
    }  # fmt: skip
    assert body["straight_m"] == pytest.approx((47**2 + 82**2) ** 0.5, abs=0.05)
    path = body["geometry"]["coordinates"]
    assert body["geometry"]["type"] == "LineString"
    assert path[0] == pytest.approx(lonlat(150, 190), abs=1e-6)
    assert path[-1] == pytest.approx(lonlat(205, 100), abs=1e-6)
    assert body["remedy"] is None
    assert body["sentence_zh"] == "到早餐店要走 165 米（2.2 分钟）；在 5 分钟圈内。"
    assert (
        body["sentence_en"] == "It is 165 m (2.2 min) on foot to 早餐店; that is within 5 minutes."
    )


def test_a_wall_is_named_and_its_remedy_can_be_posted(client: httpx.Client):
    # b4 walks 10 + 80 + 100 + 150 + 5 m round the wall; a gate between nodes 10 and 6 is 141.42 m
    body = ask(client, "b4", "medical", minutes=4)
    assert (body["status"], body["cause"], body["subject"]) == ("beyond", "barrier", "w1")
    assert body["time_s"] == 276
    remedy = body["remedy"]
    assert (remedy["kind"], remedy["length_m"], remedy["households"]) == ("gate", 141.42, 8)
    assert remedy["time_s"] == pytest.approx((10 + 20 + 141.42 + 50 + 5) / 1.25, abs=0.02)
    assert remedy["edit"]["path"][0] == pytest.approx(lonlat(300, 300), abs=1e-6)
    assert body["sentence_zh"] == (
        "到卫生服务站要走 345 米（4.6 分钟）；东院围墙挡路，"
        "在此增设出入口（通道 141 米）可让 8 户进入 4 分钟圈。"
    )
    edits = {"edits": [remedy["edit"]]}
    tried = client.post(
        "/districts/371602/scenarios?minutes=4&by=district&profile=adult", json=edits
    ).json()
    medical = next(row for row in tried["changes"] if row["category"] == "medical")
    assert medical["gained"] == remedy["households"]
    [b4] = [b for b in tried["buildings"] if (b["category"], b["building_id"]) == ("medical", "b4")]
    assert b4["after_s"] == remedy["time_s"]


def test_a_closed_gate_is_named_and_opening_it_helps(tmp_path: Path):
    # b4 to p4 round by node 12: 10 + 20 + 540 + 100 + 100 + 100 + 100 + 5 m; by the gate 295 m
    db = tmp_path / "closed.gpkg"
    open_store(db, create=True).replace(tiny_district()[0], closed_layers())
    with serving(create_app(read_settings(db=str(db)))) as client:
        body = ask(client, "b4", "catering", minutes=5)
        assert (body["cause"], body["subject"], body["time_s"]) == ("closed_gate", "g1", 780)
        assert body["remedy"] == {
            "kind": "open_gate", "edit": {"op": "open_gate", "gate_id": "g1"},
            "length_m": 0, "time_s": 236, "households": 8,
        }  # fmt: skip
        assert body["sentence_zh"] == (
            "到早餐店要走 975 米（13.0 分钟）；关闭的南门挡路，打开它可让 8 户进入 5 分钟圈。"
        )
        assert body["sentence_en"] == (
            "It is 975 m (13.0 min) on foot to 早餐店; 南门 is closed and in the way; "
            "opening it brings 8 households within 5 minutes."
        )
        quick = ask(client, "b4", "catering", minutes=5, remedy="false")
        assert (quick["cause"], quick["remedy"]) == ("barrier", None)
        assert quick["sentence_zh"].endswith("；东院围墙挡路。")


def test_too_far_and_round_about(client: httpx.Client):
    # b1 to p5: 420 m on foot, 392.51 m from a corner; 5 minutes are 375 m, 5.4 minutes 405 m
    far = ask(client, "b1", "elderly", minutes=5)
    assert (far["cause"], far["time_s"], far["straight_m"]) == ("too_far", 336, 392.51)
    assert far["sentence_zh"].endswith("；直线距离就有 393 米，超过 5 分钟能走的 375 米。")
    near = ask(client, "b1", "elderly", minutes=5.4)
    assert (near["cause"], near["remedy"]) == ("detour", None)
    assert "没有找到" in near["sentence_zh"]
    assert "没有找到" not in ask(client, "b1", "elderly", minutes=5.4, remedy=False)["sentence_zh"]


def test_waits_at_crossings_are_a_part_of_their_own(tiny_snapshot: Snapshot):
    layers = tiny_layers()
    edges = layers.walk_edges.assign(crossing=layers.walk_edges["edge_id"] == 2, climb_m=1.0)
    edges.loc[edges["edge_id"] != 6, "climb_m"] = 0.0
    busy = replace(layers, walk_edges=edges)
    moved = Snapshot(tiny_snapshot.district, busy, tiny_snapshot.standard)
    body = explanation(moved, CoverageQuestion(5, "elderly"), building="b3", category="catering")
    split = body["split"]
    # half of edge 2 with half of the wait; a rise of one in two hundred on half of edge 6
    uphill_s = 100 * math.exp(3.5 * 0.005) / 0.8
    assert split["crossings_s"] == 5
    assert split["network_s"] == pytest.approx(50 / 0.8 + uphill_s, abs=0.02)
    assert split["climb_m"] == 0.5
    parts = ("leg_from_s", "network_s", "crossings_s", "leg_to_s")
    assert sum(split[part] for part in parts) == pytest.approx(body["time_s"], abs=1e-6)


def test_no_point_has_no_walk(client: httpx.Client):
    body = ask(client, "b3", "repair")
    assert (body["status"], body["cause"]) == ("beyond", "no_point")
    for name in ("time_s", "point_id", "point_name", "straight_m", "split", "geometry", "remedy"):
        assert body[name] is None, name
    assert body["sentence_en"] == "There is no service point (repairs) on the walk network."


def test_an_unlinked_building_says_why(tiny_snapshot: Snapshot):
    layers = tiny_layers()
    far = layers.buildings.assign(lon=lonlat(50, 900)[0], lat=lonlat(50, 900)[1])
    moved = Snapshot(tiny_snapshot.district, replace(layers, buildings=far), tiny_snapshot.standard)
    body = explanation(moved, CoverageQuestion(5, "adult"), building="b1", category="catering")
    assert (body["status"], body["cause"], body["subject"]) == ("unlinked", "unlinked", "too_far")
    assert body["sentence_zh"] == (
        "这栋楼 200 米内无步行道路数据，无法计算；最近的步行道路在 522 米外，"
        "修一条 522 米的步行道可接入，使 31 户接入路网。"
    )
    found = body["link"]["link_remedy"]
    assert (found["kind"], found["households"], body["remedy"]) == ("footpath", 31, None)
    later = explanation(moved, CoverageQuestion(10, "adult"), building="b1", category="catering")
    assert later["remedy"]["edit"] == found["edit"]


def test_the_link_of_a_place_over_http_and_the_command_line(client: httpx.Client, tmp_path: Path):
    answer = client.get("/districts/371602/link", params={"point": "p4"}).json()
    LinkAnswer.model_validate(answer)
    assert (answer["standing"], answer["door"]["edge_id"], answer["door"]["leg_m"]) == (
        "ground", 6, 5,
    )  # fmt: skip
    assert answer["sentence_zh"] == "这个服务点接入 5 米外的地面道路。"
    for params, status in (
        ({}, 400),
        ({"point": "p4", "building": "b1"}, 400),
        ({"building": "x"}, 404),
    ):
        assert client.get("/districts/371602/link", params=params).status_code == status
    db = tmp_path / "tiny.gpkg"
    open_store(db, create=True).replace(*tiny_district())
    told = CliRunner().invoke(app, ["link", "371602", "--building", "b4", "--db", str(db)])
    assert told.exit_code == 0, told.output
    assert "This building is tied to a way on the ground, 10 m away." in told.stdout
    assert "door: no entrance mapped, the place itself at 118.0" in told.stdout


def test_the_entrance_used_is_named(tiny_snapshot: Snapshot):
    layers = tiny_layers()
    row = {"entrance_id": ["e1"], "building_id": ["b3"], "point_id": [None], "kind": ["staircase"]}
    door = stored([Point(xy(150, 195))], **row, access=["open"], name=["2单元"])
    entered = replace(layers, entrances=door)
    at = Snapshot(tiny_snapshot.district, entered, tiny_snapshot.standard)
    doors = explanation(at, CoverageQuestion(5, "adult"), building="b3", category="catering")[
        "doors"
    ]
    begin, end = doors["from"], doors["to"]
    assert (begin["entrance_id"], begin["kind"], begin["leg_m"]) == ("e1", "staircase", 5)
    assert (begin["lon"], begin["lat"]) == pytest.approx(lonlat(150, 195), abs=1e-6)
    assert (end["entrance_id"], end["kind"], end["leg_m"]) == (None, None, 5)


def test_by_floor_it_says_from_which_floor_it_is_too_far(client: httpx.Client):
    # b3 to p4 takes 206.25 s from the door at 0.8 m/s, b4 to it 368.75 s
    near = ask(client, "b3", "catering", minutes=4, profile="elderly", floors=True)
    assert (near["cause"], near["subject"], near["status"]) == ("floors", "4", "beyond")
    by_floor = near["by_floor"]
    assert (by_floor["from_floor"], by_floor["beyond"], by_floor["top_floor"]) == (4, 2, 6)
    cells = client.get(
        "/districts/371602/coverage",
        params={"by": "building", "minutes": 4, "profile": "elderly", "floors": True},
    ).json()["rows"]
    (row,) = [row for row in cells if row["building_id"] == "b3"]
    assert row["households"] - row["categories"]["catering"]["covered"] == by_floor["beyond"]
    assert "4 层及以上（2 户）" in near["sentence_zh"]
    far = ask(client, "b4", "catering", minutes=4, profile="elderly", floors=True)
    assert far["cause"] != "floors"
    assert far["by_floor"]["beyond"] == 8
    assert ask(client, "b3", "catering")["by_floor"] is None


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ("building=zz&category=catering", 404, "no building 'zz'"),
        ("building=b1&category=food", 400, "wanted one of catering"),
        ("building=b1&category=all", 400, "wanted one of catering"),
        ("building=b1", 400, "category"),
        ("category=catering", 400, "building"),
        ("building=b1&category=catering&remedy=perhaps", 400, "remedy"),
        ("building=b1&category=catering&minutes=121", 400, "minutes"),
        ("building=b1&category=catering&profile=runner", 400, "adult, elderly"),
        ("building=" + "b" * 201 + "&category=catering", 400, "building"),
        ("building=%00&category=catering", 404, "no building"),
    ],
)
def test_bad_questions_are_problems(client: httpx.Client, params, status, words):
    answer = client.get(f"{URL}?{params}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]


def test_an_answer_that_is_known_is_not_sent_again(client: httpx.Client):
    url = f"{URL}?building=b3&category=catering"
    etag = client.get(url).headers["etag"]
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_example_has_the_declared_shape():
    ExplanationAnswer.model_validate(ExplanationAnswer.EXAMPLE)
