"""Walk edges of a part of the district."""

import httpx
import pytest
import shapely

from api.errors import ParameterError
from api.http.schemas import FeatureCollection
from api.layers.schemas import WALK_EDGES
from api.layers.walk_edges import walk_edges
from tests.scenes import lonlat

URL = "/districts/371602/walk-edges"


def box(x0: float, y0: float, x1: float, y1: float) -> str:
    return ",".join(str(value) for value in (*lonlat(x0, y0), *lonlat(x1, y1)))


def test_edges_that_meet_the_box(client: httpx.Client):
    # around node 2: edges 1 and 2 pass, the private lane 7 begins
    answer = client.get(URL, params={"bbox": box(90, 190, 110, 210)})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    FeatureCollection.model_validate(body)
    assert [f["id"] for f in body["features"]] == ["1", "2", "7"]
    lane = body["features"][2]
    assert lane["properties"] == {
        "edge_id": 7, "kind": "service", "name": "", "private": True, "bridge": False
    }  # fmt: skip
    assert list(lane["properties"]) == ["edge_id", "kind", "name", "private", "bridge"]
    assert lane["geometry"]["type"] == "LineString"
    assert lane["geometry"]["coordinates"][0] == pytest.approx(lonlat(100, 200), abs=1e-6)
    assert body["lifecircle"]["credits"] == ["hand-made"]
    example = WALK_EDGES
    FeatureCollection.model_validate(example)
    assert list(lane["properties"]) == list(example["features"][0]["properties"])
    assert list(body["lifecircle"]) == list(example["lifecircle"])


def test_everything_and_nothing(client: httpx.Client):
    whole = client.get(URL, params={"bbox": box(-50, -50, 550, 450)}).json()
    assert [f["properties"]["edge_id"] for f in whole["features"]] == list(range(1, 12))
    assert client.get(URL, params={"bbox": "0,0,1,1"}).json()["features"] == []
    closed = {"edits": [{"op": "close_street", "edge_id": f["properties"]["edge_id"]}
                        for f in whole["features"]]}  # fmt: skip
    assert client.post("/districts/371602/scenarios", json=closed).status_code == 200


def test_it_is_not_sent_twice(client: httpx.Client):
    first = client.get(URL, params={"bbox": "118,37.3,118.1,37.4"})
    again = client.get(
        URL,
        params={"bbox": "118,37.3,118.1,37.4"},
        headers={"If-None-Match": first.headers["etag"]},
    )
    assert again.status_code == 304


def test_too_many_are_refused_not_cut(tiny_snapshot):
    whole = shapely.box(117, 37, 119, 38)
    assert len(walk_edges(tiny_snapshot, whole, limit=11)["features"]) == 11
    with pytest.raises(ParameterError, match=r"meets 11 walk edges; wanted at most 10\."):
        walk_edges(tiny_snapshot, whole, limit=10)


@pytest.mark.parametrize(
    "bbox",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "2,0,1,1", "0,2,1,1",
     "-181,0,1,1", "0,0,1,91", "1e999,0,1,1"],
)  # fmt: skip
def test_a_box_that_is_none(client: httpx.Client, bbox):
    answer = client.get(URL, params={"bbox": bbox})
    assert answer.status_code == 400
    assert "west,south,east,north" in answer.json()["detail"]
    assert answer.json()["errors"][0]["name"] == "bbox"


def test_a_missing_box_is_named(client: httpx.Client):
    answer = client.get(URL)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["name"] == "bbox"
