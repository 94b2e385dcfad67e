"""``at``: gates that are closed by their opening hours, through the service and the commands."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.parameters import CoverageQuestion
from api.settings import read_settings
from api.snapshot.as_asked import as_asked
from api.snapshot.district import VARIANTS, Snapshot
from api.snapshot.variants import with_closed
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from geo.model.layers import District, Layers
from geo.network.closures import Closures
from tests.api.serving import serving
from tests.scenes import lonlat, tiny_district

DAY, NIGHT = "Tu 12:00", "2026-11-24T22:00"


def timed_district(hours: str = "06:00-22:00") -> tuple[District, Layers]:
    """Return the hand-made district; b4 (8 households) is reached by the gate alone."""
    district, layers = tiny_district()
    return district, replace(layers, gates=layers.gates.assign(opening_hours=hours))


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hours") / "timed.gpkg"
    open_store(path, create=True).replace(*timed_district())
    return path


@pytest.fixture(scope="module")
def timed(db: Path) -> Iterator[httpx.Client]:
    with serving(create_app(read_settings(db=str(db)))) as made:
        yield made


def ask(client: httpx.Client, path: str, **query: object) -> dict:
    answer = client.get(f"/districts/371602/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def covered(answer: dict) -> float:
    return answer["total"]["categories"]["catering"]["covered"]


def test_coverage_by_day_by_night_and_without_a_time(timed):
    whole = ask(timed, "coverage")
    day = ask(timed, "coverage", at=DAY)
    night = ask(timed, "coverage", at=NIGHT)
    assert whole["hours_at"] is None
    at = day["hours_at"]
    assert (at["at"], at["weekday"], at["assumed"]) == ("2026-03-03T12:00", "Tu", "open")
    assert at["gates"] == {
        "rows": 1, "with_hours": 1, "closed": 0, "unreadable": 0, "closed_ids": [],
        "unreadable_ids": [],
    }  # fmt: skip
    assert (at["walk_edges"]["rows"], at["walk_edges"]["with_hours"]) == (11, 0)
    assert night["hours_at"]["gates"]["closed_ids"] == ["g1"]
    assert night["hours_at"]["weekday"] == "Tu"
    assert {**day, "hours_at": None} == whole
    assert covered(day) == 31
    assert covered(night) == 31 - 8


def test_gaps_by_night(timed):
    rows = ask(timed, "gaps", at=NIGHT, category="catering")["rows"]
    assert [(row["code"], row["households"]) for row in rows] == [("371602001001201", 8)]
    assert ask(timed, "gaps", at=DAY, category="catering")["rows"] == []


def test_why_by_night_it_is_the_gate(timed):
    found = ask(timed, "explain", building="b4", category="catering", at=NIGHT)
    assert (found["cause"], found["subject"]) == ("closed_gate", "g1")
    assert found["remedy"]["edit"] == {"op": "open_gate", "gate_id": "g1"}
    assert found["remedy"]["households"] == 8
    assert found["hours_at"]["gates"]["closed_ids"] == ["g1"]
    assert ask(timed, "explain", building="b4", category="catering")["cause"] == "covered"


def test_a_walk_by_night(timed):
    lon, lat = lonlat(310, 280)
    there = {"from": f"{lon},{lat}", "to": "{},{}".format(*lonlat(150, 190))}
    assert ask(timed, "walk", **there, at=DAY)["hours_at"]["gates"]["closed_ids"] == []
    refused = timed.get("/districts/371602/walk", params={**there, "at": NIGHT})
    assert refused.status_code == 404


def test_isochrones_by_night(timed):
    lon, lat = lonlat(300, 205)
    day, night = (
        ask(timed, "isochrones", lon=lon, lat=lat, minutes="15", at=at) for at in (DAY, NIGHT)
    )
    assert day["lifecircle"]["hours_at"]["gates"]["closed_ids"] == []
    assert night["lifecircle"]["hours_at"]["gates"]["closed_ids"] == ["g1"]
    households = [each["features"][0]["properties"]["households"] for each in (day, night)]
    assert households == [31, 23]


def test_a_scenario_by_night(timed):
    edits = {"edits": [{"op": "open_gate", "gate_id": "g1"}]}
    path = "/districts/371602/scenarios"
    night = timed.post(path, json=edits, params={"at": NIGHT, "by": "district"}).json()
    gained = {row["category"]: row["gained"] for row in night["total"]}
    assert gained["catering"] == 8
    assert night["hours_at"]["gates"]["closed_ids"] == ["g1"]
    assert timed.post(path, json=edits).status_code == 409  # it is open already


@pytest.mark.parametrize("path", ["coverage", "gaps"])
def test_a_time_that_is_none(timed, path):
    refused = timed.get(f"/districts/371602/{path}", params={"at": "tonight"})
    assert refused.status_code == 400
    assert "2026-11-24T22:00" in refused.json()["detail"]


def test_csv_by_night(timed):
    query = {"by": "building", "f": "csv", "at": NIGHT}
    lines = timed.get("/districts/371602/coverage", params=query).text.splitlines()
    b4 = [line for line in lines if line.startswith("b4,") and ",catering," in line]
    assert b4[0].endswith(",,,beyond")


def test_the_snapshot_is_the_same_where_no_gate_closes():
    snapshot = Snapshot(*timed_district(), load_standard())
    assert as_asked(snapshot, CoverageQuestion())[0] is snapshot
    assert as_asked(snapshot, CoverageQuestion(at=DAY))[0] is snapshot
    night, _ = as_asked(snapshot, CoverageQuestion(at=NIGHT))
    assert night is not snapshot
    same, _ = as_asked(snapshot, CoverageQuestion(at="Mo 03:00"))
    assert same is night  # the same gates are closed
    assert night.members is snapshot.members
    before = snapshot.held_bytes()
    night.network("adult")
    assert snapshot.held_bytes() > before


def test_only_a_few_variants_are_kept():
    snapshot = Snapshot(*timed_district(), load_standard())
    sets = [Closures(frozenset({f"none-{number}"})) for number in range(VARIANTS + 1)]
    made = [with_closed(snapshot, each) for each in sets]
    assert with_closed(snapshot, sets[-1]) is made[-1]
    assert with_closed(snapshot, sets[0]) is not made[0]


def test_many_at_once_share_one_variant():
    snapshot = Snapshot(*timed_district(), load_standard())
    found: list[Snapshot] = []
    gates = Closures(frozenset({"g1"}))
    threads = [
        threading.Thread(target=lambda: found.append(with_closed(snapshot, gates)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in found}) == 1


def run(db: Path, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*arguments, "--db", str(db)])
    return done.exit_code, done.stdout, done.stderr


def test_the_commands_take_a_time(db, tmp_path):
    edits = tmp_path / "edits.json"
    edits.write_text('{"edits": [{"op": "open_gate", "gate_id": "g1"}]}')
    lon, lat = lonlat(300, 205)
    place = f"{lon},{lat}"
    for command in (
        ("coverage", "371602"),
        ("gaps", "371602"),
        ("walk", "371602", place, "{},{}".format(*lonlat(150, 190))),
        ("explain", "371602", "b4", "catering"),
        ("scenario", "371602", str(edits)),
        ("isochrone", "371602", place),
    ):
        code, out, _ = run(db, *command, "--at", NIGHT, "--json")
        assert code == 0, command
        told = json.loads(out)
        assert told.get("lifecircle", told)["hours_at"]["gates"]["closed_ids"] == ["g1"], command


def test_the_command_says_what_is_closed_and_what_cannot_be_read(db, tmp_path):
    code, _, told = run(db, "coverage", "371602", "--at", NIGHT)
    assert code == 0
    assert "gates 1 closed of 1 with hours, 1 in all" in told
    other = tmp_path / "unread.gpkg"
    open_store(other, create=True).replace(*timed_district("六点到十点"))
    _, _, told = run(other, "coverage", "371602", "--at", NIGHT)
    assert "Opening hours of gates that cannot be read, 1: g1;" in told
    code, _, told = run(db, "coverage", "371602", "--at", "tonight")
    assert code == 2
    assert told.startswith("lifecircle: Got at='tonight'; wanted a local time")


def test_a_file_says_the_time(db, tmp_path):
    out = tmp_path / "night.csv"
    assert run(db, "coverage", "371602", "--at", NIGHT, "--out", str(out))[0] == 0
    assert "gates 1 closed of 1 with hours" in (tmp_path / "night.csv.txt").read_text()
