"""Layers as GeoJSON."""

import httpx
import pytest

from api.http.schemas import FeatureCollection
from tests.scenes import EAST, LARGE, NORTH_EAST, NORTH_WEST, SOUTH_EAST, SOUTH_WEST, WEST, lonlat

BASE = "/districts/371602"


def features(client: httpx.Client, path: str) -> dict[str, dict]:
    answer = client.get(BASE + path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    FeatureCollection.model_validate(body)
    assert body["lifecircle"]["credits"] == ["hand-made"]
    return {feature["id"]: feature for feature in body["features"]}


def test_small_grids_carry_households_and_worker(client: httpx.Client):
    found = features(client, "/grids")
    told = {
        code: (
            f["properties"]["households"],
            f["properties"]["buildings"],
            f["properties"]["worker"],
        )
        for code, f in found.items()
    }
    assert told == {
        NORTH_WEST: (3, 2, "W1"),
        SOUTH_WEST: (4, 1, "W1"),
        NORTH_EAST: (8, 1, "W2"),
        SOUTH_EAST: (16, 2, "W2"),
    }
    assert found[NORTH_WEST]["properties"]["parent_code"] == WEST


@pytest.mark.parametrize(
    ("level", "households"), [("medium", {WEST: 7, EAST: 24}), ("large", {LARGE: 31})]
)
def test_parents_hold_the_sum(client: httpx.Client, level, households):
    found = features(client, f"/grids?level={level}")
    assert {c: f["properties"]["households"] for c, f in found.items()} == households
    assert all(f["properties"]["worker"] is None for f in found.values())


def test_large_grids_have_no_parent(client: httpx.Client):
    assert features(client, "/grids?level=large")[LARGE]["properties"]["parent_code"] is None


def test_service_points_say_whether_they_are_in_the_district(client: httpx.Client):
    found = features(client, "/service-points")
    assert {k: f["properties"]["in_district"] for k, f in found.items()} == {
        "p1": True,
        "p2": True,
        "p3": True,
        "p4": True,
        "p5": False,
    }
    assert all(f["properties"]["linked"] and not f["properties"]["reason"] for f in found.values())
    assert found["p1"]["geometry"]["coordinates"] == pytest.approx(lonlat(190, 390), abs=1e-7)


def test_service_points_of_one_category(client: httpx.Client):
    assert set(features(client, "/service-points?category=catering")) == {"p1", "p4"}
    assert features(client, "/service-points?category=repair") == {}


def test_buildings_are_points_with_their_grid(client: httpx.Client):
    found = features(client, "/buildings")
    assert len(found) == 6
    b1 = found["b1"]
    assert b1["geometry"]["type"] == "Point"
    assert b1["geometry"]["coordinates"] == pytest.approx(lonlat(50, 214), abs=1e-6)
    assert b1["properties"] == {
        "building_id": "b1",
        "name": "1号楼",
        "use": "residential",
        "households": 1,
        "households_source": "counted",
        "small": NORTH_WEST,
    }


def test_barriers_and_gates(client: httpx.Client):
    assert features(client, "/barriers")["w1"]["properties"]["kind"] == "wall"
    assert features(client, "/gates")["g1"]["properties"] == {
        "gate_id": "g1",
        "access": "private",
        "name": "南门",
        "opening_hours": "",
    }
