"""A speed of one's own: through the service and the commands, as a walker of that speed has it."""

import json
from pathlib import Path

import httpx
import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.main import app
from tests.scenes import lonlat

CODE = "371602"
START, END = lonlat(10, 0), lonlat(250, 0)


def ask(client: httpx.Client, path: str, **query: object) -> dict:
    answer = client.get(f"/districts/{CODE}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_building(answer: dict, category: str) -> list[float]:
    return [row["categories"][category]["time_s"] for row in answer["rows"]]


def test_times_are_inverse_to_the_speed(client):
    adult = ask(client, "coverage", by="building", profile="adult")
    slow = ask(client, "coverage", by="building", profile="adult", speed="0.625 m/s")
    twice = [2 * seconds for seconds in by_building(adult, "catering")]
    assert by_building(slow, "catering") == pytest.approx(twice, abs=0.011)
    assert (slow["profile"]["speed_m_s"], slow["profile"]["own_speed"]) == (0.625, True)
    assert slow["network"] != adult["network"]
    assert (
        ask(client, "coverage", by="building", profile="adult", speed="4.5 km/h")["rows"]
        == (adult["rows"])
    )


def test_half_minutes_are_a_threshold_of_their_own(client):
    # b3 walks 165 m: 148.5 s at 1.111 m/s, within 2.5 minutes and not within 2
    shares = [
        ask(client, "coverage", minutes=m)["total"]["categories"]["catering"]["covered"]
        for m in (2, 2.5)
    ]
    assert shares[0] == 0 < shares[1]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("gaps", {"level": "small"}),
        ("nearest", {"category": "catering"}),
        ("isochrones", {"lon": START[0], "lat": START[1]}),
        ("network", {}),
        ("access", {"category": "catering"}),
        ("equity", {}),
        ("service-points", {}),
        ("grids/completeness", {}),
        ("explain", {"building": "b1", "category": "catering"}),
    ],
)
def test_every_question_about_a_walker_takes_it(client, path, query):
    answer = ask(client, path, **query, speed="1 m/s")
    profile = answer.get("lifecircle", answer)["profile"]
    assert (profile["id"], profile["speed_m_s"], profile["own_speed"]) == ("standard", 1.0, True)


def test_a_speed_without_its_unit_is_refused(client):
    answer = client.get(f"/districts/{CODE}/coverage", params={"speed": "4"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["name"] == "speed"


def test_commands_say_own(tiny_db: Path):
    def run(*words: str) -> Result:
        result = CliRunner().invoke(app, ["--db", str(tiny_db), *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    assert "1.1 m/s, own" in run("coverage", CODE, "--speed", "1.1 m/s").output
    assert "1.1 m/s, own" in run("gaps", CODE, "--speed", "1.1 m/s").output
    start, end = (f"{lon!r},{lat!r}" for lon, lat in (START, END))
    walked = json.loads(run("walk", CODE, start, end, "--speed", "1 m/s", "--json").stdout)
    assert walked["seconds"] == pytest.approx(walked["total_m"], abs=0.01)
    kept = run("coverage", CODE, "--speed", "1.1 m/s", "--keep").output
    (row,) = json.loads(run("runs", CODE, "--json").stdout)["runs"]
    assert row["run"] in kept
    assert row["ingredients"]["parameters"]["speed"] == 1.1
    assert json.loads(run("rerun", row["run"], "--json").stdout)["same"]
