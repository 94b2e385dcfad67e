"""The past of a district through HTTP and on the command line: log, imports, undo, editions."""

import getpass
import hashlib
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.editions.schemas import EditionAnswer, EditionIn, EditionsAnswer
from api.features.schemas import CHANGED, FeatureAnswer, Gone, VersionsAnswer
from api.history.schemas import LineageAnswer, LogAnswer
from api.http.schemas import FeatureCollection, Problem
from api.imports.schemas import ImportsAnswer, UndoAnswer
from api.settings import read_settings
from boundaries.import_report import ImportReport
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.tables.records import Commit
from geo.messages import Message
from tests.api.serving import serving
from tests.scenes import NORTH_EAST, SOUTH_EAST, lonlat, square, stored, tiny_district
from tests.stores import copied_store

CODE = "371602"
DISTRICT, LAYERS = tiny_district()
URL = f"/districts/{CODE}"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a store: the scene, a gate closed by zhang, then an import of points."""
    path = tmp_path / "own.gpkg"
    copied_store(path, "history", fill).close()
    return path


def fill(store: Store) -> None:
    store.replace(DISTRICT, LAYERS, commit=Commit(valid_from=date(2025, 1, 1)))
    closed = LAYERS.gates.assign(access="closed")
    store.edit(CODE, "gates", put=closed, commit=Commit(actor="zhang"))
    report = ImportReport("points.csv")
    report.layer("service_points").read = 3
    report.layer("service_points").reject("row 2", Message("reading.no_category"))
    commit = Commit("import of points", "li", date(2026, 1, 1), report, "ab12")
    store.replace_layer(CODE, "service_points", LAYERS.service_points.iloc[:2], commit=commit)


@pytest.fixture
def client(db):
    with serving(create_app(read_settings(db=str(db), editable=True))) as made:
        yield made


def run(db: Path, *words: object, **env: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*map(str, words), "--db", str(db)], env=env)
    return done.exit_code, done.stdout, done.stderr


def test_the_log(client, db):
    body = client.get(f"{URL}/changes").json()
    LogAnswer.model_validate(body)
    assert [(row["revision"], row["actor"]) for row in body["changes"]] == [
        (3, "li"), (2, "zhang"), (1, ""),
    ]  # fmt: skip
    gate = body["changes"][1]
    assert gate["before"] == {"gates": {"g1": {"access": "private"}}}
    assert gate["after"] == {"gates": {"g1": {"access": "closed"}}}
    page = client.get(f"{URL}/changes", params={"limit": 1, "before": 3}).json()
    assert [row["revision"] for row in page["changes"]] == [2]
    assert client.get(f"{URL}/changes?after=3").json()["changes"] == []
    code, out, _ = run(db, "log", CODE, "--json")
    assert (code, json.loads(out)) == (0, body)
    code, out, _ = run(db, "log", CODE)
    assert code == 0
    assert "zhang" in out
    assert "gates: 1 changed" in out


def test_the_log_outlives_its_district(client, db):
    open_store(db).delete(CODE)
    assert client.get(f"{URL}/changes").json()["changes"][0]["revision"] == 4
    assert client.get(f"{URL}/imports").status_code == 404
    assert client.get("/districts/nowhere/changes").status_code == 404
    assert run(db, "log", CODE)[0] == 0
    assert run(db, "log", "nowhere")[0] == 2


def test_an_answer_of_the_past_is_sent_once(client):
    for path in ("changes", "imports", "lineage", "editions", "gates/g1/versions"):
        tag = client.get(f"{URL}/{path}").headers["etag"]
        again = client.get(f"{URL}/{path}", headers={"If-None-Match": tag})
        assert again.status_code == 304, path


def test_imports_with_their_reports(client, db):
    body = client.get(f"{URL}/imports").json()
    ImportsAnswer.model_validate(body)
    (row,) = body["imports"]
    assert (row["revision"], row["source"], row["sha256"]) == (3, "points.csv", "ab12")
    assert row["undone"] is None
    assert row["layers"]["service_points"]["rejected"] == [
        {"row": "row 2", "reason": "no category"}
    ]
    code, out, _ = run(db, "imports", CODE, "--json")
    assert (code, json.loads(out)) == (0, body)
    assert "points.csv" in run(db, "imports", CODE)[1]


def test_the_last_import_is_undone(client, db):
    stale = client.post(f"{URL}/undo", headers={"If-Match": '"2"'})
    Problem.model_validate(stale.json())
    assert stale.status_code == 412
    assert stale.json()["now"] == {"etag": '"3"', "revision": 3}
    assert [change["actor"] for change in stale.json()["changes"]] == ["li"]
    assert client.post(f"{URL}/undo").status_code == 428
    done = client.post(f"{URL}/undo", headers={"If-Match": '"3"'})
    UndoAnswer.model_validate(done.json())
    body = done.json()
    assert (body["revision"], body["undone"], body["preview"]) == (4, 3, False)
    assert body["counts"] == {"service_points": {"added": 3, "changed": 0, "removed": 0}}
    assert open_store(db).counts(CODE)["service_points"] == 5
    assert client.get(f"{URL}/imports").json()["imports"][0]["undone"] == 4
    again = client.post(f"{URL}/undo?revision=3", headers={"If-Match": '"4"'})
    assert again.status_code == 400
    assert "was undone by revision 4" in again.json()["detail"]


def test_an_undo_is_previewed(client, db):
    shown = client.post(f"{URL}/undo?preview=true")
    UndoAnswer.model_validate(shown.json())
    body = shown.json()
    assert (body["preview"], body["revision"], body["undone"]) == (True, 3, 3)
    assert open_store(db).district(CODE).revision == 3
    code, out, err = run(db, "undo", CODE, "--preview", "--revision", "3")
    assert (code, "Undo of revision 3" in out, "Nothing was changed" in err) == (0, True, True)


def test_undo_on_the_command_line(db):
    code, out, _ = run(db, "undo", CODE, LIFECIRCLE_ACTOR="wang")
    assert code == 0
    assert "Revision 3 is undone: district 371602 is at revision 4." in out
    assert open_store(db).changes(CODE)[0].actor == "wang"
    code, _, err = run(db, "undo", CODE, "--revision", "3")
    assert code == 2
    assert "Got nothing to undo" in err


def test_a_load_is_told_with_its_actor_and_day(db, tmp_path):
    path = tmp_path / "points.csv"
    lon, lat = lonlat(100, 205)
    path.write_text(f"point_id,category,name,lon,lat\nn1,catering,新店,{lon},{lat}\n")
    words = ["load", "points", path, "--district", CODE, "--add", "--valid-from", "2026-02-01"]
    assert run(db, *words, "--dry-run")[0] == 0
    assert open_store(db).district(CODE).revision == 3
    code, _, err = run(db, *words)
    assert code == 0, err
    newest = open_store(db).changes(CODE)[0]
    assert (newest.actor, newest.valid_from) == (getpass.getuser(), date(2026, 2, 1))
    assert str(newest.what) == "import of service_points from points.csv"
    record = open_store(db).imports(CODE)[-1]
    assert record.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert run(db, *words)[0] == 0
    assert open_store(db).district(CODE).revision == 4
    assert open_store(db).snapshot(CODE, as_of=date(2026, 1, 31))[1].service_points.shape[0] == 2
    code, _, err = run(db, *words[:-1], "soon")
    assert code == 2
    assert "Got --valid-from='soon'; wanted a day" in err


def test_lineage(client, db):
    halves = stored(
        [square(200, 0, 250, 200), square(250, 0, 400, 200)],
        code=[SOUTH_EAST[:-1] + "3", SOUTH_EAST[:-1] + "4"], level="small",
        parent_code=SOUTH_EAST[:-2], name_zh="新", name_en="New", origin="given",
    )  # fmt: skip
    store = open_store(db)
    rest = LAYERS.grids[LAYERS.grids["code"] != SOUTH_EAST]
    store.replace_layer(CODE, "grids", pd.concat([rest, halves]))
    body = client.get(f"{URL}/lineage", params={"grid": SOUTH_EAST}).json()
    LineageAnswer.model_validate(body)
    assert [(row["kind"], row["new_code"][-3:], row["share"]) for row in body["rows"]] == [
        ("split", "203", 0.25), ("split", "204", 0.75),
    ]  # fmt: skip
    assert client.get(f"{URL}/lineage", params={"grid": NORTH_EAST}).json()["rows"] == []
    code, out, _ = run(db, "lineage", CODE, "--grid", SOUTH_EAST, "--json")
    assert (code, json.loads(out)) == (0, body)
    assert "split" in run(db, "lineage", CODE)[1]


def test_an_edition_is_drafted_published_and_read(client, db):
    url = f"{URL}/editions/2026 方案"
    draft = client.put(url, json={"dated": "2026-03-01", "note": "for talks"})
    assert draft.status_code == 200, draft.text
    TypeAdapter(EditionAnswer).validate_python(draft.json())
    assert (draft.json()["state"], draft.json()["revision"]) == ("draft", 3)
    done = client.post(f"{url}/publish")
    assert done.json()["state"] == "published"
    again = client.put(url, json={"dated": "2026-03-02"})
    assert again.status_code == 409
    assert "never changes" in again.json()["detail"]
    open_store(db).edit(CODE, "grids", remove=[NORTH_EAST])
    assert len(client.get(f"{URL}/grids").json()["features"]) == 3
    grids = client.get(f"{URL}/grids", params={"edition": "2026 方案"}).json()
    FeatureCollection.model_validate(grids)
    assert len(grids["features"]) == 4
    assert grids["lifecircle"]["revision"] == 3
    assert grids["lifecircle"]["edition"]["sha256"] == draft.json()["sha256"]
    assert client.get(url).json() == done.json()
    listed = client.get(f"{URL}/editions").json()
    EditionsAnswer.model_validate(listed)
    assert [edition["name"] for edition in listed["editions"]] == ["2026 方案"]


def test_what_is_wrong_with_an_edition_is_said(client):
    url = f"{URL}/editions/plan"
    assert client.get(url).status_code == 404
    assert client.post(f"{url}/publish").status_code == 404
    assert client.get(f"{URL}/grids?edition=plan").status_code == 404
    for body in ({}, {"dated": 3}, {"dated": "2026-03-01", "x": 1}, []):
        answer = client.put(url, json=body)
        assert answer.status_code == 422, body
        Problem.model_validate(answer.json())
    assert client.put(url, json={"dated": "soon"}).status_code == 400
    assert client.put(url, content=b"{").status_code == 400
    client.put(url, json={"dated": "2026-03-01"})
    both = client.get(f"{URL}/grids?edition=plan&as_of=1")
    assert (both.status_code, both.json()["errors"][0]["name"]) == (400, "as_of")


def test_editions_on_the_command_line(db):
    code, out, err = run(db, "editions", CODE, "save", "plan", "--dated", "2026-03-01", "--json")
    assert code == 0, err
    assert json.loads(out)["state"] == "draft"
    code, out, _ = run(db, "editions", CODE, "publish", "plan")
    assert code == 0
    assert "published" in out
    code, out, _ = run(db, "editions", CODE, "--json")
    (edition,) = json.loads(out)["editions"]
    assert (edition["actor"], edition["dated"]) == (getpass.getuser(), "2026-03-01")
    assert "plan" in run(db, "editions", CODE)[1]
    for words in (
        ["save", "plan", "--dated", "2026-03-01"],
        ["save", "other"],
        ["save"],
        ["publish", "none"],
        ["burn", "plan"],
    ):
        assert run(db, "editions", CODE, *words)[0] == 2, words


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (FeatureAnswer, FeatureAnswer.EXAMPLE),
        (FeatureAnswer, CHANGED),
        (VersionsAnswer, VersionsAnswer.EXAMPLE),
        (Gone, Gone.EXAMPLE),
        (LogAnswer, LogAnswer.EXAMPLE),
        (ImportsAnswer, ImportsAnswer.EXAMPLE),
        (UndoAnswer, UndoAnswer.EXAMPLE),
        (LineageAnswer, LineageAnswer.EXAMPLE),
        (EditionAnswer, EditionAnswer.EXAMPLE),
        (EditionsAnswer, EditionsAnswer.EXAMPLE),
        (EditionIn, EditionIn.EXAMPLE),
    ],
)
def test_examples_have_the_declared_shape(model, example):
    TypeAdapter(model).validate_python(example)


def test_lineage_comes_in_pages_of_whole_revisions(client):
    whole = client.get(f"{URL}/lineage").json()
    assert whole["next_after"] is None
    rows, after = [], 0
    while after is not None:
        page = client.get(f"{URL}/lineage", params={"limit": 1, "after": after}).json()
        rows += page["rows"]
        after = page["next_after"]
    assert rows == whole["rows"]
