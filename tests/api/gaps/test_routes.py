"""Gaps: who is left out."""

import httpx
import pytest

from api.gaps.schemas import GapsAnswer
from tests.scenes import NORTH_WEST, WEST

URL = "/districts/371602/gaps"


def ask(client: httpx.Client, **query: object) -> dict:
    answer = client.get(URL, params={"profile": "adult", **query})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    GapsAnswer.model_validate(body)
    return body


@pytest.mark.parametrize(("level", "code", "households"), [("small", NORTH_WEST, 3)])
def test_two_buildings_lack_elderly_care_at_five_minutes(
    client: httpx.Client, level, code, households
):
    body = ask(client, minutes=5, category="elderly", level=level)
    (row,) = body["rows"]
    assert row["code"] == code
    assert (row["households"], row["beyond"], row["unlinked"]) == (households, 3, 0)
    assert (row["buildings"], row["coverage"], row["rank"]) == (2, 0, 1)
    (area,) = body["areas"]  # b1 and b2 are 92 m apart
    assert (area["households"], area["buildings"]) == (3, 2)
    west, south, east, north = area["bbox"]
    assert west < east
    assert south < north


def test_medium_grid_of_the_gap(client: httpx.Client):
    (row,) = ask(client, minutes=5, category="elderly", level="medium")["rows"]
    assert row["code"] == WEST
    assert row["coverage"] == pytest.approx(4 / 7)


def test_nobody_lacks_catering_at_fifteen_minutes(client: httpx.Client):
    body = ask(client, category="catering")
    assert body["rows"] == body["areas"] == []


def test_all_categories_and_all(client: httpx.Client):
    body = ask(client)
    assert body["category"] is None
    assert body["rows"] == body["areas"] == []  # six categories have no point: none lacks them
    assert body["judged"] == ["catering", "medical", "elderly", "shopping"]
    body = ask(client, minutes=4.5)
    assert {row["category"] for row in body["rows"]} == {"all", "medical", "elderly"}
    unknown = ask(client, category="repair")
    assert [row["households"] for row in unknown["rows"]] == [16, 8, 4, 3]
    assert unknown["without_points"][:2] == ["household", "repair"]
