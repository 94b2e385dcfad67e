"""Assignments: item by item."""

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.assignments.schemas import AssignmentsAnswer
from api.settings import read_settings
from tests.api.serving import serving
from tests.scenes import EAST, LARGE, NORTH_WEST, SOUTH_EAST, WEST, lonlat

URL = "/districts/371602/assignments"


def point(name: object, x: float, y: float) -> dict:
    lon, lat = lonlat(x, y)
    return {"id": name, "lon": lon, "lat": lat}


def ask(client: httpx.Client, points: list) -> dict:
    answer = client.post(URL, json={"points": points})
    assert answer.status_code == 200, answer.text
    AssignmentsAnswer.model_validate(answer.json())
    return answer.json()


def test_codes_of_all_three_levels(client: httpx.Client):
    body = ask(client, [point("a", 100, 300), point(7, 300, 100), point(None, 300, -50)])
    assert body["items"] == [
        {
            "id": "a",
            "large": LARGE,
            "medium": WEST,
            "small": NORTH_WEST,
            "status": "inside",
            "reason": "",
            "nearest": None,
            "distance_m": None,
        },
        {
            "id": 7,
            "large": LARGE,
            "medium": EAST,
            "small": SOUTH_EAST,
            "status": "inside",
            "reason": "",
            "nearest": None,
            "distance_m": None,
        },
        {
            "id": None,
            "large": None,
            "medium": None,
            "small": None,
            "status": "outside",
            "reason": "in_no_grid",
            "nearest": SOUTH_EAST,
            "distance_m": 50.0,
        },
    ]
    assert body["counts"] == {"inside": 2, "on_border": 0, "outside": 1, "invalid": 0}
    assert body["revision"] == 1


def test_one_bad_item_never_spoils_the_others(client: httpx.Client):
    good = point("good", 100, 300)
    bad = [
        ({"id": 1, "lon": "118", "lat": 37}, "not_a_number"),
        ({"id": 2, "lat": 37}, "not_a_number"),
        ({"id": 3, "lon": None, "lat": True}, "not_a_number"),
        ({"id": 4, "lon": 37.38, "lat": 118.0}, "lon_and_lat_swapped"),
        ({"id": 5, "lon": 1e300, "lat": -1e300}, "off_the_map"),
        ("point", "not_an_object"),
        (None, "not_an_object"),
        ([118, 37], "not_an_object"),
    ]
    body = ask(client, [good, *(item for item, _ in bad), good])
    assert [item["reason"] for item in body["items"]] == ["", *(reason for _, reason in bad), ""]
    assert [item["id"] for item in body["items"]] == [
        "good",
        1,
        2,
        3,
        4,
        5,
        None,
        None,
        None,
        "good",
    ]
    assert body["counts"] == {"inside": 2, "on_border": 0, "outside": 0, "invalid": 8}


def test_a_border_point_belongs_to_one_grid_and_always_the_same(client: httpx.Client):
    border = point("b", 200, 300)
    first = ask(client, [border])["items"][0]
    assert first["small"] is not None
    again = ask(client, [point("x", 10, 10), border, border])["items"]
    assert again[1] == again[2] == first


def test_no_points_is_an_empty_answer(client: httpx.Client):
    assert ask(client, [])["items"] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"points": 3}', b'{"pts": []}', b"\xff\xfe", b"NaN"]
)
def test_a_body_of_another_shape_is_400(client: httpx.Client, body):
    answer = client.post(URL, content=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "points" in answer.json()["detail"]


def test_limits(tiny_db: Path):
    settings = read_settings(db=str(tiny_db), max_points_per_batch=3, max_body_bytes=1_000)
    with serving(create_app(settings)) as client:
        assert client.post(URL, json={"points": [point(1, 1, 1)] * 3}).status_code == 200
        many = client.post(URL, json={"points": [1] * 4})
        assert (many.status_code, many.json()["status"]) == (413, 413)
        assert "at most 3" in many.json()["detail"]
        large = client.post(URL, content=b" " * 1_001)
        assert large.status_code == 413
        assert "1000 bytes" in large.json()["detail"]

        def parts():
            for _ in range(100):
                yield b" " * 100

        assert client.post(URL, content=parts()).status_code == 413


def test_an_unknown_district_is_404(client: httpx.Client):
    answer = client.post("/districts/nowhere/assignments", json={"points": []})
    assert answer.status_code == 404
