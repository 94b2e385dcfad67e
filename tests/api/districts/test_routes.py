"""Districts as they stand in the list, and one in full."""

import httpx
import pytest

from api.districts.schemas import DistrictDetail, Districts
from api.health.schemas import Health

CODE = "371602"


def test_the_list_holds_the_district_with_its_counts(client: httpx.Client):
    body = client.get("/districts").json()
    Districts.model_validate(body)
    (district,) = body["districts"]
    assert district["code"] == CODE
    assert district["revision"] == 1
    assert district["epsg"] == 4548
    assert district["synthetic"] is False
    assert district["credits"] == ["hand-made"]
    assert (district["note"], district["note_zh"]) == ("A scene for tests.", "测试用的小场景。")
    assert district["counts"] == {
        "large": 1,
        "medium": 2,
        "small": 4,
        "buildings": 6,
        "households": 31,
        "service_points": 5,
        "walk_edges": 11,
        "barriers": 1,
        "gates": 1,
        "open_grounds": 0,
        "entrances": 0,
        "workers": 2,
    }


def test_one_district_has_its_boundary_and_standard(client: httpx.Client):
    body = client.get(f"/districts/{CODE}").json()
    DistrictDetail.model_validate(body)
    west, south, east, north = body["bbox"]
    ring = body["boundary"]["coordinates"][0]
    assert min(x for x, _ in ring) == pytest.approx(west, abs=1e-6)
    assert max(y for _, y in ring) == pytest.approx(north, abs=1e-6)
    assert (south, east) < (north, west + 1)
    standard = body["standard"]
    assert standard["minutes"] == [5, 10, 15]
    assert len(standard["categories"]) == 10
    speeds = {profile["id"]: profile["speed_m_s"] for profile in standard["profiles"]}
    assert (speeds["adult"], speeds["standard"]) == (1.25, 1000 / 900)
    assert speeds["elderly"] == 0.8
    assert all(category["source"] for category in standard["categories"])


def test_an_unknown_district_is_404_and_names_those_there_are(client: httpx.Client):
    answer = client.get("/districts/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert CODE in answer.json()["detail"]


def test_health(client: httpx.Client):
    body = client.get("/healthz").json()
    assert body["status"] == "ok"
    Health.model_validate(body)
