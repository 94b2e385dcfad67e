"""Every way of writing a grid passes one gate, and an edit is saved as it was previewed."""

from pathlib import Path

import httpx
import pytest
from shapely import box
from shapely.geometry import mapping
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from boundaries.store.open import open_store
from geo.crs import project_geometry
from tests.api.serving import serving
from tests.scenes import (
    EPSG,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    lonlat,
    tiny_store,
    xy,
)

CODE = "371602"
EDITS = f"/districts/{CODE}/grids/edits"
THROUGH_SOUTH_WEST = [list(lonlat(100, -10)), list(lonlat(100, 210))]
THROUGH_SOUTH_EAST = [list(lonlat(350, -10)), list(lonlat(350, 210))]
SPLIT_WEST = {"op": "split", "code": SOUTH_WEST, "line": THROUGH_SOUTH_WEST}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "own.gpkg"
    tiny_store(path)
    return path


@pytest.fixture
def own(db: Path):
    with serving(create_app(read_settings(db=str(db), editable=True))) as made:
        yield made


def seen(revision: int) -> dict[str, str]:
    return {"If-Match": f'"{revision}"'}


def square(west: float, south: float, east: float, north: float) -> dict:
    return mapping(project_geometry(box(*xy(west, south), *xy(east, north)), EPSG, 4326))


def patched(own: httpx.Client, code: str, geometry: dict) -> httpx.Response:
    url = f"/districts/{CODE}/grids/{code}"
    etag = own.get(url).headers["ETag"]
    return own.patch(url, json={"geometry": geometry}, headers={"If-Match": etag})


@pytest.mark.parametrize(
    ("code", "geometry", "says"),
    [
        (SOUTH_WEST, square(0, 0, 150, 200), "lie in no grid"),
        (SOUTH_WEST, square(0, 0, 250, 200), "lie in both"),
        (SOUTH_WEST, square(-50, 0, 200, 200), "lie outside the district"),
        (WEST, square(0, 0, 150, 400), "the union of the grids in it differ"),
    ],
)
def test_a_patch_that_spoils_the_plan_is_refused(own, db, code, geometry, says):
    answer = patched(own, code, geometry)
    assert answer.status_code == 409, answer.text
    assert says in answer.json()["detail"]
    assert open_store(db).district(CODE).revision == 1


def test_a_put_beside_the_plan_is_refused_and_names_may_change(own, db):
    url = f"/districts/{CODE}/grids/{WEST}03"
    feature = own.get(f"/districts/{CODE}/grids/{SOUTH_WEST}").json()
    feature["properties"] |= {"code": f"{WEST}03"}
    feature["id"] = f"{WEST}03"
    twin = own.put(url, json=feature, headers={"If-None-Match": "*"})
    assert (twin.status_code, "lie in both" in twin.json()["detail"]) == (409, True)
    named = own.patch(
        f"/districts/{CODE}/grids/{SOUTH_WEST}",
        json={"properties": {"name_zh": "南院"}},
        headers=seen(1),
    )
    assert named.status_code == 200, named.text


def test_parents_follow_a_grid_that_fills_a_gap(own, db):
    store = open_store(db)
    store.edit(CODE, "workers", remove=[SOUTH_WEST])
    store.edit(CODE, "grids", remove=[SOUTH_WEST])
    feature = {"type": "Feature", "geometry": square(0, 0, 200, 200), "properties": {
        "level": "small", "parent_code": WEST, "name_zh": "新", "name_en": "new",
        "origin": "given"}}  # fmt: skip
    half = {**feature, "geometry": square(0, 0, 100, 200)}
    url = f"/districts/{CODE}/grids/{WEST}05"
    # Ground that was in no grid may stay so; the parents were of all the ground, and follow.
    made = own.put(url, json=half, headers={"If-None-Match": "*"})
    assert made.status_code == 201, made.text
    found = own.get(f"/districts/{CODE}/grids/check").json()["faults"]
    assert [fault["rule"] for fault in found if fault["grave"]] == ["gap"]


# --- an edit and its preview ----------------------------------------------------------------------


def test_an_edit_needs_its_preview_and_others_elsewhere_do_not_matter(own, db):
    assert own.post(EDITS, json=SPLIT_WEST).status_code == 428
    preview = own.post(EDITS + "?preview=true", json=SPLIT_WEST).json()
    assert preview["revision"] == 1
    url = f"/districts/{CODE}/grids/{NORTH_EAST}"
    named = own.patch(url, json={"properties": {"name_zh": "别处"}}, headers=seen(1))
    assert named.status_code == 200
    east = {"op": "split", "code": NORTH_EAST, "line": [list(lonlat(350, 190)),
            list(lonlat(350, 410))]}  # fmt: skip
    assert own.post(EDITS, json=east, headers=seen(2)).status_code == 200
    done = own.post(EDITS, json={"op": "merge", "codes": [NORTH_WEST, SOUTH_WEST]}, headers=seen(3))
    assert done.status_code == 200, done.text


def test_what_touches_the_edit_is_a_412_that_says_what_changed(own, db):
    url = f"/districts/{CODE}/grids/{NORTH_WEST}"
    assert own.patch(url, json={"properties": {"name_zh": "甲"}}, headers=seen(1)).is_success
    late = own.post(EDITS, json=SPLIT_WEST, headers=seen(1))
    assert late.status_code == 412, late.text
    body = late.json()
    assert body["now"] == {"etag": '"2"', "revision": 2}
    assert [change["revision"] for change in body["changes"]] == [2]
    assert body["grids"] == [NORTH_WEST]
    assert "preview it again" in body["detail"]
    assert own.post(EDITS, json=SPLIT_WEST, headers=seen(9)).status_code == 412
    assert own.post(EDITS, json=SPLIT_WEST, headers=seen(2)).status_code == 200


def test_a_new_number_taken_meanwhile_is_told(own, db):
    assert own.post(EDITS, json=SPLIT_WEST, headers=seen(1)).json()["given"] == [f"{WEST}03"]
    north = {"op": "split", "code": NORTH_WEST, "line": [list(lonlat(20, 190)),
             list(lonlat(20, 410))]}  # fmt: skip
    assert own.post(EDITS, json=north, headers=seen(1)).status_code == 412


def test_the_command_line_ties_an_edit_to_its_preview(own, db):
    words = ["--db", str(db), "grids", "merge", CODE, NORTH_WEST, SOUTH_WEST]
    shown = CliRunner().invoke(app, words)
    assert "--previewed 1" in shown.stderr
    url = f"/districts/{CODE}/grids/{NORTH_WEST}"
    assert own.patch(url, json={"properties": {"name_zh": "甲"}}, headers=seen(1)).is_success
    late = CliRunner().invoke(app, [*words, "--save", "--previewed", "1"])
    assert (late.exit_code, "has changed since the preview" in late.stderr) == (2, True)
    assert CliRunner().invoke(app, [*words, "--save", "--previewed", "2"]).exit_code == 0


def test_an_edit_tells_the_band(own, db):
    split = own.post(EDITS + "?preview=true", json=SPLIT_WEST).json()
    band = [fault for fault in split["faults"] if fault["rule"] == "band"]
    assert [(fault["codes"], fault["size"], fault["grave"]) for fault in band] == [
        ([f"{WEST}03"], 0.0, False)
    ]
    retired = own.post(EDITS + "?preview=true", json={"op": "retire", "code": SOUTH_EAST}).json()
    (fault,) = [fault for fault in retired["faults"] if fault["rule"] == "band"]
    assert fault["text"] == f"{NORTH_EAST} has 24 households; wanted 30 to 50."
