"""The grid plan through HTTP and on the command line: checked, edited, repaired, staffed."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from shapely import LineString, Polygon, box
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.completeness.schemas import CompletenessAnswer
from api.grid_plans.answers import find_faults
from api.grid_plans.schemas import CheckAnswer, EditAnswer, RepairAnswer
from api.settings import read_settings
from api.snapshot.cache import Snapshots
from boundaries.standards.catalogue import load_standard
from boundaries.store.open import open_store
from boundaries.store.tables.geometry_type import encode
from geo.crs import project_geometry
from geo.grids.checks.faults import GridFault
from geo.grids.checks.plan_check import check_grids
from geo.model.vocabulary import Origin
from tests.api.serving import serving
from tests.scenes import (
    EAST,
    EPSG,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
    tiny_district,
    tiny_store,
    xy,
)

CODE = "371602"
CONFLICT = "urn:lifecircle:problem:conflict"
EDITS = f"/districts/{CODE}/grids/edits"
LINE = [list(lonlat(100, -10)), list(lonlat(100, 210))]  # through the south-west
MERGE = {"op": "merge", "codes": [NORTH_WEST, SOUTH_WEST]}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "own.gpkg"
    tiny_store(path)
    return path


@pytest.fixture
def own(db: Path):
    with serving(create_app(read_settings(db=str(db), editable=True))) as made:
        made.headers["If-Match"] = "*"  # whatever is there
        yield made


@pytest.fixture
def run(db: Path):
    def invoke(*words):
        arguments = ["--db", str(db), "grids", *(str(word) for word in words)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return invoke


def faults(client: httpx.Client) -> list[dict]:
    answer = client.get(f"/districts/{CODE}/grids/check")
    assert answer.status_code == 200
    CheckAnswer.model_validate(answer.json())
    return [fault for fault in answer.json()["faults"] if fault["grave"]]


def without_a_grid(db: Path) -> None:
    store = open_store(db)
    store.edit(CODE, "workers", remove=[SOUTH_EAST])
    store.edit(CODE, "grids", remove=[SOUTH_EAST])


def test_the_hand_made_plan_is_clean(client: httpx.Client):
    assert faults(client) == []
    body = client.get(f"/districts/{CODE}/grids/check").json()
    assert body["scheme"] == "cn15"
    counts = dict(body["counts"])
    assert counts.pop("band") == 4  # 3, 4, 8 and 16 households, 30 to 50 wanted
    assert set(counts.values()) == {0}
    band = body["faults"][0]
    assert (band["text"], band["grave"], band["size"]) == (
        f"{NORTH_WEST} has 3 households; wanted 30 to 50.", False, 3.0
    )  # fmt: skip


def test_a_missing_grid_is_a_fault_with_its_place(db: Path, own: httpx.Client):
    without_a_grid(db)
    (fault,) = faults(own)
    assert (fault["rule"], fault["unit"], fault["grave"]) == ("gap", "m2", True)
    assert fault["size"] == pytest.approx(40_000, abs=1)
    (west, south), (east, north) = lonlat(200, 0), lonlat(400, 200)
    assert west < fault["lon"] < east
    assert south < fault["lat"] < north


def test_synthetic_data_that_fills_a_part_of_a_real_outline_is_no_fault(tmp_path: Path):
    district, layers = tiny_district()
    outline = project_geometry(box(*xy(-600, -600), *xy(1400, 1400)), EPSG, 4326)
    path = tmp_path / "part.gpkg"
    store = open_store(path, create=True)
    real = replace(district, boundary=outline)
    store.replace(real, layers)
    store.replace(replace(real, code="made", origin=Origin.SYNTHETIC), layers)
    store.close()
    with serving(create_app(read_settings(db=str(path)))) as made:
        told = {code: made.get(f"/districts/{code}/grids/check").json() for code in (CODE, "made")}
    assert [fault["rule"] for fault in told[CODE]["faults"] if fault["grave"]] == ["gap"]
    assert told[CODE]["unfilled_m2"] == 0
    assert [fault for fault in told["made"]["faults"] if fault["rule"] == "gap"] == []
    assert told["made"]["unfilled_m2"] == pytest.approx(2000**2 - 400**2, abs=50)
    shown = CliRunner().invoke(app, ["--db", str(path), "grids", "check", "made"])
    assert "Beyond the grids lie 3.8 km2 of the outline" in shown.stdout
    assert "That is no fault." in shown.stdout


def test_faults_are_told_in_the_language_asked_for(db: Path, own: httpx.Client):
    without_a_grid(db)
    check = f"/districts/{CODE}/grids/check"
    told = [
        own.get(check, headers={"Accept-Language": lang}).json()["faults"][0]
        for lang in ("en", "zh", "en")
    ]
    assert told[0] == told[2]
    assert told[0]["text"].endswith("m2 of the district lie in no grid; around it are "
                                    f"{', '.join(told[0]['codes'])}.")  # fmt: skip
    assert told[1]["text"].startswith("辖区内有 ")
    assert told[1]["repair"] == "请把这一块划给其中一个网格，或新增网格。"


def test_a_preview_changes_nothing_and_says_everything(client: httpx.Client, tiny_db: Path):
    answer = client.post(EDITS + "?preview=true", json=MERGE)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    EditAnswer.model_validate(body)
    assert (body["preview"], body["revision"]) == (True, 1)
    assert (body["given"], body["retired"]) == ([], [SOUTH_WEST])
    assert body["lineage"] == [
        {"level": "small", "kind": "merge", "old_code": SOUTH_WEST, "new_code": NORTH_WEST,
         "share": pytest.approx(1)}
    ]  # fmt: skip
    effect = {row["code"]: row for row in body["effect"]}
    assert effect[NORTH_WEST]["households_before"] == 3
    assert effect[NORTH_WEST]["households_after"] == 7
    assert effect[NORTH_WEST]["covered_after"] == 0  # nobody reaches all ten categories
    assert [feature["id"] for feature in body["grids"]["features"]] == [NORTH_WEST]
    assert open_store(tiny_db).district(CODE).revision == 1


def test_edits_are_stored_with_lineage_and_stay_seamless(db: Path, own: httpx.Client):
    body = own.post(EDITS, json={"op": "split", "code": SOUTH_WEST, "line": LINE}).json()
    assert (body["preview"], body["revision"]) == (False, 2)
    assert body["given"] == [WEST + "03"]
    assert faults(own) == []
    store = open_store(db)
    assert [row.kind for row in store.lineage(CODE)] == ["split"]
    # Only what changed was written: the other grids are as they were.
    assert store.changes(CODE)[0].counts["grids"] == {"added": 1, "changed": 2, "removed": 0}
    body = own.post(EDITS, json={"op": "merge", "codes": [SOUTH_WEST, WEST + "03"]}).json()
    assert (body["revision"], body["retired"]) == (3, [WEST + "03"])
    body = own.post(EDITS, json={"op": "split", "code": SOUTH_WEST, "line": LINE}).json()
    assert body["given"] == [WEST + "04"]  # 03 was used and is never used again
    move = [list(lonlat(50, -10)), list(lonlat(50, 210))]
    edit = {"op": "border", "first": SOUTH_WEST, "second": WEST + "04", "line": move}
    assert own.post(EDITS, json=edit).json()["lineage"][0]["kind"] == "move"
    assert faults(own) == []


def test_transfer_add_and_retire(db: Path, own: httpx.Client):
    assert own.post(EDITS, json={"op": "retire", "code": NORTH_EAST}).json()["retired"] == [
        NORTH_EAST
    ]
    answer = own.post(EDITS, json={"op": "transfer", "building_id": "b5", "to": SOUTH_WEST})
    assert answer.status_code == 200, answer.text
    effect = {row["code"]: row for row in answer.json()["effect"]}
    assert effect[SOUTH_WEST]["households_after"] == 4 + 16
    assert [fault["rule"] for fault in faults(own)] == []
    without = open_store(db)
    without.edit(CODE, "workers", remove=[NORTH_WEST])
    without.edit(CODE, "grids", remove=[NORTH_WEST])
    outline = [list(lonlat(*at)) for at in ((0, 200), (200, 200), (200, 400), (0, 400))]
    body = own.post(EDITS, json={"op": "add", "outline": outline, "parent": WEST}).json()
    assert len(body["given"]) == 1
    assert faults(own) == []


@pytest.mark.parametrize(
    ("edit", "status", "says"),
    [
        ({"op": "merge", "codes": [NORTH_WEST]}, 400, "two grids or more"),
        ({"op": "merge", "codes": ["x", NORTH_WEST]}, 404, "no grid x"),
        ({"op": "merge", "codes": [NORTH_WEST, SOUTH_EAST]}, 409, "share no border"),
        ({"op": "split", "code": SOUTH_WEST, "line": [[0, 0], [1, 1]]}, 400, "does not cut"),
        ({"op": "split", "code": SOUTH_WEST, "line": [[500, 0], [1, 1]]}, 400, "off the map"),
        ({"op": "paint"}, 400, "op"),
        ({}, 400, "op"),
    ],
)
def test_what_is_refused(client: httpx.Client, edit, status, says):
    answer = client.post(EDITS + "?preview=true", json=edit)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_a_line_through_a_building_is_refused(client: httpx.Client):
    line = [list(lonlat(150, -10)), list(lonlat(150, 210))]
    answer = client.post(
        EDITS + "?preview=true", json={"op": "split", "code": SOUTH_WEST, "line": line}
    )
    assert answer.status_code == 409
    assert "Building b3 would be cut" in answer.json()["detail"]


# --- a wall between the two grids in the east, b4 north of it, b5 and b6 south of it --------------

ACROSS = {"op": "merge", "codes": [NORTH_EAST, SOUTH_EAST]}
PARTED = f"The wall 中墙 parts the buildings of {NORTH_EAST}: 2 and 1."


def with_a_wall(db: Path) -> None:
    store = open_store(db)
    drawn = project_geometry(LineString([xy(190, 200), xy(410, 200)]), EPSG, 4326)
    walls = store.layers(CODE).barriers.assign(name="中墙")
    store.replace_layer(CODE, "barriers", walls.set_geometry([drawn], crs=4326))


def test_a_barrier_that_an_edit_would_cross_is_shown_and_refused(db: Path, own: httpx.Client):
    with_a_wall(db)
    shown = own.post(EDITS + "?preview=true", json=ACROSS)
    assert shown.status_code == 200
    EditAnswer.model_validate(shown.json())
    (fault,) = [fault for fault in shown.json()["faults"] if fault["grave"]]
    assert (fault["rule"], fault["codes"], fault["text"]) == ("barrier", [NORTH_EAST], PARTED)
    assert (fault["unit"], fault["size"]) == ("m", pytest.approx(200, abs=0.2))
    assert (fault["lon"], fault["lat"]) == pytest.approx(lonlat(300, 200), abs=1e-5)
    assert fault["repair"] == "Merge grids that lie on one side of it."
    refused = own.post(EDITS, json=ACROSS)
    assert (refused.status_code, refused.json()["type"]) == (409, CONFLICT)
    assert refused.json()["detail"] == (
        f"{PARTED} That is at {fault['lon']}, {fault['lat']}, for 199.9 m. Merge grids that lie "
        "on one side of it. Nothing was changed; where people can pass, accept it by --accept "
        'barrier, through HTTP "accept": ["barrier"].'
    )
    assert open_store(db).district(CODE).revision == 2
    assert faults(own) == []


def test_a_barrier_that_is_accepted_is_named_in_the_log(db: Path, own: httpx.Client):
    with_a_wall(db)
    done = own.post(EDITS, json={**ACROSS, "accept": ["barrier"]})
    assert (done.status_code, done.json()["revision"]) == (200, 3)
    assert [f["text"] for f in done.json()["faults"] if f["grave"]] == [PARTED]
    assert str(open_store(db).changes(CODE)[0].what) == f"grids: merge; accepted: {PARTED}"
    assert [fault["text"] for fault in faults(own)] == [PARTED]
    # Where nothing is to be accepted, nothing is said to be; what was so before does not count.
    line = [list(lonlat(350, -10)), list(lonlat(350, 410))]
    cut = own.post(EDITS, json={"op": "split", "code": NORTH_EAST, "line": line,
                                "accept": ["barrier"]})  # fmt: skip
    assert [f for f in cut.json()["faults"] if f["grave"]] == []
    assert str(open_store(db).changes(CODE)[0].what) == "grids: split"
    for wrong in (["gap"], "barrier", [1]):
        assert own.post(EDITS, json={**ACROSS, "accept": wrong}).status_code == 400


def test_the_command_line_shows_refuses_and_accepts_a_barrier(run, db: Path):
    with_a_wall(db)
    words = ("merge", CODE, NORTH_EAST, SOUTH_EAST)
    shown = run(*words)
    assert (shown.exit_code, "Faults that it causes" in shown.stdout) == (0, True)
    assert "parts the buildings of" in shown.stdout
    assert "--save stores it only with --accept barrier" in shown.stderr
    assert "--save stores it.\n" in run(*words, "--accept", "barrier").stderr
    assert [
        f["text"] for f in json.loads(run(*words, "--json").stdout)["faults"] if f["grave"]
    ] == [PARTED]
    refused = run(*words, "--save")
    assert (refused.exit_code, PARTED in refused.stderr) == (2, True)
    assert open_store(db).district(CODE).revision == 2
    assert run(*words, "--save", "--accept", "gap").exit_code == 2
    done = run(*words, "--save", "--accept", "barrier")
    assert (done.exit_code, "Stored as revision 3" in done.stderr) == (0, True)
    assert str(open_store(db).changes(CODE)[0].what) == f"grids: merge; accepted: {PARTED}"
    assert run("check", CODE).exit_code == 1


def test_a_service_that_only_answers_previews_and_saves_nothing(client: httpx.Client):
    assert client.post(EDITS, json=MERGE).status_code == 403


def test_a_sliver_is_closed_and_its_ground_told(db: Path, own: httpx.Client):
    store = open_store(db)
    grids = store.layers(CODE).grids
    at = grids.index[grids["code"] == SOUTH_WEST][0]
    narrow = project_geometry(box(*xy(0, 0), *xy(199.9, 200)), EPSG, 4326)
    grids.loc[at, "geometry"] = narrow
    store.replace_layer(CODE, "grids", grids)
    shown = own.post(f"/districts/{CODE}/grids/repair?preview=true").json()
    assert (shown["preview"], shown["revision"]) == (True, 2)
    assert shown["mended"]
    assert sum(row["gained_m2"] for row in shown["areas"]) == pytest.approx(20, abs=0.1)
    assert store.district(CODE).revision == 2
    done = own.post(f"/districts/{CODE}/grids/repair").json()
    assert (done["preview"], done["revision"], done["left"]) == (False, 3, [])
    assert [row for row in faults(own) if row["rule"] == "gap"] == []


def with_a_code_again(db: Path) -> None:
    """Let the north-east end, and another program give its code to a corner of its heir."""
    store = open_store(db)
    there = store.layers(CODE).grids.set_index("code").geometry
    whole = there[NORTH_EAST].union(there[SOUTH_EAST])
    step = [(300, 0), (300, 100), (400, 100)]
    corner, rest = (
        project_geometry(Polygon([xy(*at) for at in ring]), EPSG, 4326)
        for ring in ([*step, (400, 0)], [(200, 0), *step, (400, 400), (200, 400), (200, 200)])
    )
    heir = store.layers(CODE).grids.set_index("code", drop=False).loc[[SOUTH_EAST]]
    store.edit(CODE, "grids", put=heir.set_geometry([whole], crs=4326), remove=[NORTH_EAST])
    with closing(sqlite3.connect(db)) as file, file:
        for name in ("IsEmpty", "MinX", "MinY", "MaxX", "MaxY"):
            file.create_function(f"ST_{name}", 1, lambda blob: float(not blob))
        put = f"UPDATE grids SET geom = ? WHERE code = '{SOUTH_EAST}'"  # noqa: S608
        file.execute(put, (encode([rest])[0],))
        columns = "level, parent_code, name_zh, name_en, origin"
        make = (
            f"INSERT INTO grids (district, code, {columns}, geom) SELECT district, '{NORTH_EAST}', "  # noqa: S608
            f"{columns}, ? FROM grids WHERE code = '{SOUTH_EAST}'"
        )
        file.execute(make, (encode([corner])[0],))
        hire = "INSERT INTO workers (district, worker_code, grid_code) VALUES (?, 'W3', ?)"
        file.execute(hire, (CODE, NORTH_EAST))


def test_a_code_given_again_is_a_fault_that_repair_mends(db: Path, own: httpx.Client, run):
    with_a_code_again(db)
    (fault,) = faults(own)
    assert (fault["rule"], fault["codes"], fault["size"]) == ("retired", [NORTH_EAST], 1)
    assert fault["repair"] == f"Give it {EAST}03, which no grid ever bore."
    (west, south), (east, north) = lonlat(300, 0), lonlat(400, 100)
    assert west < fault["lon"] < east
    assert south < fault["lat"] < north
    early = own.get(f"/districts/{CODE}/grids/check", params={"as_of": 2}).json()
    assert (early["revision"], early["as_of"], early["counts"]["retired"]) == (2, 2, 0)
    assert run("check", CODE, "--as-of", "2").exit_code == 0
    assert run("check", CODE).exit_code == 1
    shown = own.post(f"/districts/{CODE}/grids/repair?preview=true").json()
    RepairAnswer.model_validate(shown)
    assert shown["renumbered"] == [{"old_code": NORTH_EAST, "new_code": EAST + "03"}]
    assert (shown["areas"], shown["left"]) == ([], [])
    assert EAST + "03" in run("repair", CODE).stdout
    assert run("repair", CODE, "--save").exit_code == 0
    store = open_store(db)
    layers = store.layers(CODE)
    assert NORTH_EAST not in layers.grids["code"].tolist()
    who = dict(zip(layers.workers["grid_code"], layers.workers["worker_code"], strict=True))
    assert who[EAST + "03"] == "W3", "who worked there works there"
    assert faults(own) == []
    told = [(row.kind, row.old_code, row.new_code) for row in store.lineage(CODE)]
    assert told[-1] == ("merge", NORTH_EAST, EAST + "03")


def test_checks_as_of_a_revision_or_a_day_and_edits_of_now_only(db: Path, own: httpx.Client, run):
    without_a_grid(db)  # revisions 2 and 3
    url = f"/districts/{CODE}/grids"
    for name in ("check", "completeness"):
        answer = own.get(f"{url}/{name}", params={"as_of": 1})
        assert (answer.status_code, answer.json()["as_of"]) == (200, 1)
        assert answer.json()["revision"] == 1
        assert own.get(f"{url}/{name}", params={"as_of": 9}).status_code == 404
        assert own.get(f"{url}/{name}", params={"as_of": "2026-02-30"}).status_code == 400
    assert own.get(f"{url}/check", params={"as_of": 1}).json()["counts"]["gap"] == 0
    assert own.get(f"{url}/check").json()["counts"]["gap"] == 1
    assert run("check", CODE, "--as-of", "1").exit_code == 0
    body = json.loads(run("check", CODE, "--as-of", "3", "--json").stdout)
    assert (body["as_of"], body["revision"], body["counts"]["gap"]) == (3, 3, 1)
    day = datetime.now(UTC).date().isoformat()
    assert json.loads(run("check", CODE, "--as-of", day, "--json").stdout)["as_of"] == day
    assert "As of 1: revision 1." in run("check", CODE, "--as-of", "1").stderr
    body = json.loads(run("complete", CODE, "--as-of", "1", "--json").stdout)
    assert (body["as_of"], body["revision"]) == (1, 1)
    wrong = run("check", CODE, "--as-of", "spring")
    assert (wrong.exit_code, "--as-of" in wrong.stderr) == (2, True)
    for path, sent in (("edits", MERGE), ("repair", None)):
        refused = own.post(f"{url}/{path}?as_of=1", json=sent)
        assert (refused.status_code, "'as_of'" in refused.json()["detail"]) == (400, True)
    for words in (("repair", CODE), ("merge", CODE, NORTH_WEST, SOUTH_WEST),
                  ("transfer", CODE, "b3", NORTH_WEST), ("retire", CODE, NORTH_WEST)):  # fmt: skip
        refused = run(*words, "--as-of", "1")
        assert (refused.exit_code, "--as-of" in refused.stderr) == (2, True)
    assert open_store(db).district(CODE).revision == 3


def test_completeness(client: httpx.Client):
    body = client.get(f"/districts/{CODE}/grids/completeness").json()
    CompletenessAnswer.model_validate(body)
    met = {(row["rule"], row["level"]): (row["met"], row["of"]) for row in body["summary"]}
    assert met["branch", "medium"] == (0, 2)
    assert met["load", "beat"] == (0, 2)
    assert met["worker", "small"] == (4, 4)


def test_the_command_line_checks_and_edits(run, db: Path):
    assert run("check", CODE).exit_code == 0
    shown = run("merge", CODE, NORTH_WEST, SOUTH_WEST)
    assert (shown.exit_code, "Nothing was changed" in shown.stderr) == (0, True)
    assert open_store(db).district(CODE).revision == 1
    done = run("merge", CODE, NORTH_WEST, SOUTH_WEST, "--save")
    assert "Stored as revision 2" in done.stderr
    assert SOUTH_WEST not in open_store(db).layers(CODE).grids["code"].tolist()
    line = " ".join(f"{lon},{lat}" for lon, lat in (lonlat(-10, 100), lonlat(210, 100)))
    body = json.loads(run("split", CODE, NORTH_WEST, "--line", line, "--json").stdout)
    assert body["given"] == [WEST + "03"]
    wrong = run("split", CODE, NORTH_WEST, "--line", "here")
    assert (wrong.exit_code, "longitude,latitude" in wrong.stderr) == (2, True)
    without_a_grid(db)
    failed = run("check", CODE)
    assert (failed.exit_code, "gap" in failed.stdout) == (1, True)


def test_repair_shows_first_and_stores_when_told(run, db: Path):
    store = open_store(db)
    grids = store.layers(CODE).grids
    row = grids.index[grids["code"] == SOUTH_EAST][0]
    narrow = project_geometry(box(*xy(200.5, 0), *xy(400, 200)), EPSG, 4326)
    grids.loc[[row], "geometry"] = [narrow]
    store.replace_layer(CODE, "grids", grids)
    assert run("check", CODE).exit_code == 1
    shown = run("repair", CODE)
    assert "Nothing was changed" in shown.stderr
    assert open_store(db).district(CODE).revision == 2
    assert run("repair", CODE, "--save").exit_code == 0
    assert run("check", CODE).exit_code == 0
    changed = open_store(db).changes(CODE)[0].counts["grids"]
    assert changed["changed"] <= 2


def test_completeness_with_a_table_of_organisations(run, tmp_path: Path):
    table = tmp_path / "o.csv"
    table.write_text(f"grid_code,role,name\n{WEST},branch,one\n{EAST},branch,two\n")
    body = json.loads(run("complete", CODE, "--organisations", table, "--json").stdout)
    met = {row["rule"]: (row["met"], row["of"]) for row in body["summary"]}
    assert met["branch"] == (2, 2)
    assert "Not met" in run("complete", CODE).stdout


def test_the_faults_of_a_revision_are_found_once_for_whoever_asks(
    tiny_db: Path, monkeypatch: pytest.MonkeyPatch
):
    seen: list[list[str]] = []

    def check(*grids: object, **given: Any) -> list[GridFault]:
        seen.append(list(given["buildings"].columns))
        return check_grids(*grids, **given)

    monkeypatch.setattr("api.grid_plans.answers.check_grids", check)
    store = open_store(tiny_db)
    snapshots = Snapshots(store, load_standard())
    of_planner, of_viewer = snapshots.current(CODE), snapshots.protected(CODE)
    told = [find_faults(of_viewer, store), find_faults(of_planner, store)]
    told += [find_faults(of_planner, store, as_of=1)]
    assert told[1] == told[2]
    grave = [[fault for fault in each if fault.grave] for each in told]
    assert grave[0] == grave[1]
    assert seen == [["building_id", "geometry"]] * 2  # no count could be told
    store.close()
