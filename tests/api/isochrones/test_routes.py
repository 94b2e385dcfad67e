"""Isochrones through HTTP and the command line, on the hand-made district.

Walks from b3 at (150, 190) in metres, legs included: b1 10 + 100 + 10 = 120, b2 10 + 50 + 80 + 10 =
150, b4 10 + 150 + 50 + 30 + 10 = 250, b5 10 + 150 + 80 + 10 = 250, b6 10 + 240 + 10 = 260.
"""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import shapely
from typer.testing import CliRunner, Result

from api.cli.main import app
from api.http.schemas import FeatureCollection
from api.isochrones.schemas import ISOCHRONES
from tests.scenes import lonlat

CODE = "371602"
URL = f"/districts/{CODE}/isochrones"
LON, LAT = lonlat(150, 190)
Run = Callable[..., Result]


@pytest.fixture
def run(tiny_db: Path) -> Run:
    """Return a function that runs the command line on the hand-made district."""

    def invoke(*words: object) -> Result:
        arguments = ["--db", str(tiny_db), *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def test_nested_pictures_with_exact_counts(client: httpx.Client):
    answer = client.get(
        URL, params={"lon": LON, "lat": LAT, "minutes": "1.6,2,4", "profile": "adult"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    FeatureCollection.model_validate(body)
    properties = [feature["properties"] for feature in body["features"]]
    assert [feature["id"] for feature in body["features"]] == ["1.6", "2", "4"]
    # 1.6 minutes are exactly the 120 m to b1, 2 are the 150 m to b2; households tell who is counted
    assert [told["metres"] for told in properties] == [120, 150, 300]
    assert [told["households"] for told in properties] == [4 + 1, 4 + 1 + 2, 31]
    assert [told["buildings"] for told in properties] == [2, 3, 6]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in body["features"]]
    for told, shape in zip(properties, shapes, strict=True):
        assert told["agreement"] >= 0.99
        assert told["sampled"] > 100
        assert told["label"] == "picture; counts are per building"
        assert shape.is_valid
        assert all(part.exterior.is_ccw for part in shape.geoms)
        assert shape.contains(shapely.Point(LON, LAT))
    assert shapes[2].area > shapes[1].area > shapes[0].area
    example = ISOCHRONES
    FeatureCollection.model_validate(example)
    assert list(properties[0]) == list(example["features"][0]["properties"])
    assert list(body["lifecircle"]) == list(example["lifecircle"])
    assert body["lifecircle"]["direction"] == "from"


def test_both_directions_agree_where_all_streets_are_two_way(client: httpx.Client):
    query = {"lon": LON, "lat": LAT, "minutes": 3}
    there, back = (
        client.get(URL, params={**query, "direction": direction}).json()["features"][0]
        for direction in ("from", "to")
    )
    assert there == back


def test_the_default_is_the_circles_of_the_standard_and_it_is_not_sent_twice(client: httpx.Client):
    query = {"lon": LON, "lat": LAT}
    first = client.get(URL, params=query)
    assert [feature["id"] for feature in first.json()["features"]] == ["5", "10", "15"]
    again = client.get(URL, params=query, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"minutes": "0"}, 400, "from 1 to 120"),
        ({"minutes": "5,,10"}, 400, "5,10,15"),
        ({"minutes": "5,5"}, 400, "different"),
        ({"minutes": "nan"}, 400, "from 1 to 120"),
        ({"minutes": "1,2,3,4,5,6,7"}, 400, "one to 6"),
        ({"lon": "nan"}, 400, "finite"),
        ({"lon": LAT, "lat": LON}, 400, "swapped"),
        ({"lon": "here"}, 400, "number"),
        ({"lon": 117.9}, 404, "too far"),
        ({"profile": "runner"}, 400, "adult"),
        ({"direction": "up"}, 400, "from"),
        ({"pace": 3}, 400, "known here"),
        ({"speed": 3}, 400, "1.1 m/s or 4 km/h"),
    ],
)
def test_wrong_questions_are_told(client: httpx.Client, changed, status, words):
    answer = client.get(URL, params={"lon": LON, "lat": LAT, **changed})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.text


def test_the_command_prints_counts_and_writes_what_the_service_answers(
    run: Run, client: httpx.Client, tmp_path: Path
):
    out = tmp_path / "walk.geojson"
    result = run(
        "isochrone", CODE, f"{LON},{LAT}", "--minutes", "2,4", "--profile", "adult", "--out", out
    )
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert any("2 │ 150 │ 7 │ 3 │" in line for line in lines)
    assert any("4 │ 300 │ 31 │ 6 │" in line for line in lines)
    answer = client.get(
        URL, params={"lon": LON, "lat": LAT, "minutes": "2,4", "profile": "adult"}
    ).json()
    assert json.loads(out.read_text("utf-8")) == answer
    assert [path.name for path in tmp_path.iterdir()] == ["walk.geojson"]
    printed = run(
        "isochrone", CODE, f"{LON},{LAT}", "--minutes", "2,4", "--profile", "adult", "--json"
    )
    assert json.loads(printed.stdout) == answer


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nowhere", f"{LON},{LAT}"], "371602"),
        ([CODE, "118"], "lon,lat"),
        ([CODE, "-3.7038,40.4168"], "too far"),
        ([CODE, f"{LON},{LAT}", "--minutes", "0"], "--minutes"),
        ([CODE, f"{LON},{LAT}", "--out", "x.kml"], ".geojson"),
        ([CODE, f"{LON},{LAT}", "--out", "/no/such/folder/x.geojson"], "folder"),
        ([CODE, f"{LON},{LAT}", "--profile", "runner"], "adult"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_2(run: Run, words, told):
    result = run("isochrone", *words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
