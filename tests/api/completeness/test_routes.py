"""What each grid has and lacks, through HTTP and on the command line: hubs and stations on foot.

On the scene of ``tests/scenes.py``, at 1.25 m/s: p4 is the hub, p2 (inside) and p5 (a neighbour's)
are stations. b3 walks 215 m to p2, 172 s; b1 315 m, 252 s; b2 345 m, 276 s; b4 and b5 250 m to p5,
200 s. p2 is 260 m from p4, 208 s.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.completeness.schemas import CompletenessAnswer
from api.settings import read_settings
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.scenes import (
    EAST,
    LARGE,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
    tiny_district,
)

CODE = "371602"
WHERE = f"/districts/{CODE}/grids/completeness"
TERMS = {"p4": "南苑便民服务中心", "p2": "北苑便民服务站", "p5": "东邻党群服务站"}


@pytest.fixture(scope="module")
def named_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database in which p4 is a hub by its name, p2 and p5 are stations."""
    district, layers = tiny_district()
    points = layers.service_points
    named = [TERMS.get(key, name) for key, name in zip(points.point_id, points.name, strict=True)]
    path = tmp_path_factory.mktemp("named") / "named.gpkg"
    own = replace(layers, service_points=points.assign(name=named))
    open_store(path, create=True).replace(district, own)
    return path


@pytest.fixture(scope="module")
def named(named_db: Path) -> Iterator[httpx.Client]:
    with serving(create_app(read_settings(db=str(named_db)))) as made:
        yield made


@pytest.fixture
def complete(tiny_db: Path):
    def invoke(*words):
        arguments = ["--db", str(tiny_db), "grids", "complete", CODE, *map(str, words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def ask(client: httpx.Client, query: str = "?") -> dict:
    walker = "" if "profile=" in query else "&profile=adult"
    answer = client.get(WHERE + query + walker)
    assert answer.status_code == 200, answer.text
    CompletenessAnswer.model_validate(answer.json())
    return answer.json()


def rows(body: dict, rule: str) -> dict[str, tuple[str, float | None]]:
    return {
        row["code"]: (row["status"], row["value"]) for row in body["rows"] if row["rule"] == rule
    }


def test_walks_to_stations_and_hubs(named: httpx.Client):
    body = ask(named, "?minutes=4.2")  # 252 s, that of b1: inclusive
    assert rows(body, "hub") == {"p2": ("met", 208.0)}  # p5 is a neighbour's
    assert rows(body, "catchment") == {
        NORTH_WEST: ("partly", 1 / 3), SOUTH_WEST: ("met", 1.0), NORTH_EAST: ("met", 1.0),
        SOUTH_EAST: ("met", 1.0),
    }  # fmt: skip
    stations = {row["place_id"]: row for row in body["stations"]["stations"]}
    assert {key: row["time_s"] for key, row in stations.items()} == {"p2": 208.0, "p5": 292.0}
    assert {key: row["households"] for key, row in stations.items()} == {"p2": 5, "p5": 24}
    assert {key: row["grid_code"] for key, row in stations.items()} == {
        "p2": NORTH_WEST, "p5": None,
    }  # fmt: skip
    assert stations["p5"]["status"] == "beyond"
    counts = body["stations"]["counts"]
    assert (counts["hubs"], counts["stations"], counts["own_stations_met"]) == (1, 2, 1)
    assert (counts["grids"], counts["grids_met"]) == (4, 3)
    assert (counts["households"], counts["households_within"]) == (31, 29)


def test_one_second_less_and_the_building_at_the_threshold_is_beyond(named: httpx.Client):
    body = ask(named, "?minutes=4.19")
    assert rows(body, "catchment")[NORTH_WEST] == ("missing", 0.0)
    assert rows(ask(named, "?minutes=3"), "hub") == {"p2": ("missing", 208.0)}


def test_every_grid_with_its_households_and_what_it_lacks(named: httpx.Client):
    grids = ask(named, "?minutes=4.2")["grids"]
    assert [(row["code"], row["households"], row["within"], row["beyond"]) for row in grids] == [
        (LARGE, 31, 29, 2), (WEST, 7, 5, 2), (EAST, 24, 24, 0), (NORTH_WEST, 3, 1, 2),
        (SOUTH_WEST, 4, 4, 0), (NORTH_EAST, 8, 8, 0), (SOUTH_EAST, 16, 16, 0),
    ]  # fmt: skip
    lacks = {row["code"]: row["lacks"] for row in grids}
    assert lacks[LARGE] == ["general_branch", "window"]  # the station p2 is no window as well
    assert lacks[NORTH_WEST] == ["group", "residents_group", "catchment"]
    assert grids[3]["farthest_s"] == 276.0
    assert grids[0]["name_zh"] == "试点社区"


def test_the_answer_names_what_made_it(named: httpx.Client):
    body = ask(named)
    assert (body["minutes"], body["metres"], body["profile"]["id"]) == (15, 1125.0, "adult")
    assert body["stations"]["default_minutes"] == 15
    assert body["stations"]["verified"] == "unverified"
    assert len(body["network"]) == 16
    slow = ask(named, "?profile=elderly&minutes=15")
    assert slow["network"] != body["network"]
    assert rows(slow, "hub")["p2"][1] > 208 * 1.25 / 0.8 - 1


def test_sentences_in_both_languages(named: httpx.Client):
    told = ask(named, "?minutes=4.2")["stations"]
    assert told["sentence_en"] == (
        "Hubs: 1, stations: 2. Of the stations in the district's grids (1), 1 has a hub within "
        "4.2 minutes. 3 of 4 small grids with households lie wholly in the catchment of a "
        "station; 29 of 31 households reach one within 4.2 minutes."
    )
    assert told["sentence_zh"].startswith("共有 1 个中心、2 个站点；")


def test_a_district_without_hubs_and_stations_says_so(client: httpx.Client):
    body = ask(client)
    told = body["stations"]
    assert (told["hubs"], told["stations"], told["counts"]["grids_met"]) == ([], [], 0)
    assert "no hub and no station" in told["sentence_en"]
    assert "既没有中心也没有站点" in told["sentence_zh"]
    assert {status for status, _ in rows(body, "catchment").values()} == {"missing"}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?profile=bird", "strict, adult, elderly"),
        ("?minutes=0", "minutes"),
        ("?hub=1", "known here"),
    ],
)
def test_what_is_refused(client: httpx.Client, query, says):
    answer = client.get(WHERE + query)
    assert answer.status_code == 400
    assert says in answer.text


def test_a_table_names_hubs_and_stations(complete, tmp_path: Path):
    table = tmp_path / "o.csv"
    here, far = lonlat(195, 350), lonlat(200, 900)
    table.write_text(
        "role,name,grid_code,point_id,lon,lat\n"
        f"branch,one,{WEST},,,\n"
        "branch,two,elsewhere,,,\n"
        "hub,any,,p4,,\n"
        f"station,north,,,{here[0]},{here[1]}\n"
        "站点,日间照料中心,,,,\n"
        f"station,unknown,{SOUTH_EAST},,,\n"
        f"station,off,,,{far[0]},{far[1]}\n",
        encoding="utf-8",
    )
    done = complete("--organisations", table, "--minutes", "4.2", "--profile", "adult", "--json")
    body = json.loads(done.stdout)
    assert rows(body, "branch") == {WEST: ("met", 1.0), EAST: ("missing", 0.0)}
    assert rows(body, "hub") == {"row-4": ("met", 208.0)}
    assert rows(body, "catchment")[NORTH_WEST] == ("partly", 1 / 3)
    assert [(row["name"], row["grid_code"], row["reason"]) for row in body["unplaced"]] == [
        ("two", "elsewhere", "no_grid"), ("unknown", SOUTH_EAST, "no_place"),
    ]  # fmt: skip
    unlinked = body["stations"]["unlinked"]
    assert [(row["what"], row["name"], row["reason"]) for row in unlinked] == [
        ("station", "off", "too_far")
    ]
    assert body["stations"]["counts"]["unlinked_stations"] == 1
    shown = complete("--organisations", table, "--minutes", "4.2", "--profile", "adult").stdout
    assert "no coordinates, and no service point of this name" in shown
    assert "too far from the walk network" in shown
    assert "Within 4.2 minutes on foot: Adult, 315 m; walk network" in shown


def test_who_is_told_twice_counts_once(complete, tmp_path: Path):
    table = tmp_path / "o.csv"
    table.write_text(
        f"role,name,grid_code,point_id\nbranch,one,{WEST},\n支部,one,{WEST},\n"
        "hub,a,,p4\nhub,b,,p4\nstation,a,,p4\n",
        encoding="utf-8",
    )
    body = json.loads(complete("--organisations", table, "--json").stdout)
    assert rows(body, "branch")[WEST] == ("met", 1.0)
    assert rows(body, "hub") == {"p4": ("met", 0.0)}  # it stands in its hub
    assert [row["place_id"] for row in body["stations"]["hubs"]] == ["p4"]


def test_a_district_without_streets_or_grids(tmp_path: Path):
    district, layers = tiny_district()
    for number, layer in enumerate(("walk_edges", "grids", "buildings")):
        path = tmp_path / f"{number}.gpkg"
        empty = getattr(layers, layer).iloc[:0]
        own = replace(layers, **{layer: empty}, workers=layers.workers.iloc[:0])
        open_store(path, create=True).replace(district, own)
        with serving(create_app(read_settings(db=str(path)))) as client:
            body = ask(client)
        counts = body["stations"]["counts"]
        if layer == "walk_edges":
            assert (counts["unlinked_buildings"], counts["unlinked_households"]) == (6, 31)
            assert set(rows(body, "catchment").values()) == {("unlinked", 0.0)}
            assert {row["reason"] for row in body["stations"]["unlinked"]} == {"no_network"}
        else:
            assert (counts["grids"], rows(body, "catchment")) == (0, {})
        if layer == "grids":
            assert body["outside"] == {"buildings": 6, "households": 31}


def test_the_command_line_speaks_both_languages(complete):
    zh, en = complete("--lang", "zh").stdout, complete().stdout
    assert "“一中心多站点”处处不符合" in zh
    assert "站点服务范围" in zh
    assert "catchment of a station" in en
    assert "Not met" in en


def test_what_the_command_line_refuses(complete, tmp_path: Path):
    done = complete("--minutes", "0")
    assert (done.exit_code, "from 1 to 120" in done.stderr) == (2, True)
    done = complete("--organisations", tmp_path / "none.csv")
    assert (done.exit_code, "There is no file" in done.stderr) == (2, True)
