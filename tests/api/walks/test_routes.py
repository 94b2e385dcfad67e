"""One walk."""

import httpx
import pytest

from api.walks.schemas import WalkAnswer
from tests.scenes import lonlat


def place(x: float, y: float) -> str:
    return ",".join(str(value) for value in lonlat(x, y))


URL = "/districts/371602/walk"


def test_from_b3_to_p4(client: httpx.Client):
    answer = client.get(
        URL, params={"from": place(150, 190), "to": place(205, 100), "profile": "adult"}
    )
    body = answer.json()
    WalkAnswer.model_validate(body)
    assert body["metres"] == pytest.approx(150, abs=0.01)
    assert body["total_m"] == pytest.approx(165, abs=0.01)
    assert (body["leg_from_m"], body["leg_to_m"]) == pytest.approx((10, 5), abs=0.01)
    assert body["seconds"] == pytest.approx(132, abs=0.011)
    path = body["geometry"]["coordinates"]
    assert path[0] == pytest.approx(lonlat(150, 190), abs=1e-6)
    assert path[-1] == pytest.approx(lonlat(205, 100), abs=1e-6)


def test_too_far_from_any_way_is_404(client: httpx.Client):
    answer = client.get(URL, params={"from": "117.9,37.3", "to": place(205, 100)})
    assert answer.status_code == 404
    assert "too far" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("", "lon,lat"),
        ("118.0", "lon,lat"),
        ("118.0,37.38,5", "lon,lat"),
        ("a,b", "lon,lat"),
        ("nan,37", "finite"),
        ("inf,37", "finite"),
        ("37.38,118.0", "swapped"),
        ("200,37", "off the map"),
    ],
)
def test_a_place_that_is_none(client: httpx.Client, start, words):
    answer = client.get(URL, params={"from": start, "to": place(205, 100)})
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert answer.json()["errors"][0]["name"] == "from"


def test_a_missing_place_is_named(client: httpx.Client):
    answer = client.get(URL, params={"from": place(150, 190)})
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"where": "query", "name": "to", "message": "The parameter to is missing; wanted a value."}
    ]
