"""Grids and beats drawn through the command line and as a job."""

import json
from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point
from typer.testing import CliRunner, Result

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from boundaries.demo import bincheng
from boundaries.store.open import open_store
from geo.grids.assign import members
from geo.grids.checks.faults import GridFault, Rule
from geo.messages import Message
from geo.model.layers import District, Layers
from tests.api.serving import serving
from tests.api.until import over, until
from tests.stores import copied_store

CODE = "371602"


@cache
def town() -> tuple[District, Layers]:
    """Return a synthetic town of about 2,000 households."""
    return bincheng(households=2_000)


def households() -> int:
    return int(town()[1].buildings["households"].sum())


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Path of a store with the town."""
    path = tmp_path / "town.gpkg"
    copied_store(path, "town of 2,000", lambda store: store.replace(*town())).close()
    return path


def run(db: Path, *words: object) -> Result:
    arguments = ["--db", str(db), *(str(word) for word in words)]
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_a_dry_run_stores_nothing_and_writes_what_was_drawn(db: Path, tmp_path: Path):
    grids, roster = tmp_path / "grids.gpkg", tmp_path / "roster.csv"
    answer = run(db, "partition", CODE, "--out", grids, "--roster", roster)
    assert answer.exit_code == 0, answer.output
    assert "Nothing was stored; --save does it." in answer.output
    assert "Synthetic data: buildings, households and service points are not real." in answer.output
    assert open_store(db).district(CODE).revision == 1
    drawn = gpd.read_file(grids)
    assert drawn.loc[drawn["level"] == "small", "households"].sum() == households()
    assert set(drawn["level"]) == {"large", "medium", "small"}
    workers = pd.read_csv(roster)
    assert workers["households"].sum() == households()
    assert "SYNTHETIC DATA" in roster.with_name("roster.csv.txt").read_text("utf-8")


def test_what_is_saved_is_what_was_told(db: Path):
    told = json.loads(run(db, "partition", CODE, "--save", "--json").stdout)
    assert (told["revision"], told["based_on"], told["households"]) == (2, 1, households())
    assert told["in_band"] + told["out_of_band"] + told["empty"] == told["grids"]["small"]
    assert told["faults"]["count"] == told["out_of_band"] + told["beats_out_of_band"]
    layers = open_store(db).layers(CODE)
    assert layers.grids["level"].value_counts().to_dict() == told["grids"]
    assert layers.workers["worker_code"].nunique() == told["workers"] == len(told["roster"])
    assert set(layers.grids["origin"]) == {"drawn"}
    again = json.loads(run(db, "partition", CODE, "--save", "--json").stdout)
    assert again["revision"] == 2, "the same seed draws the same grids"


def test_a_plan_that_the_check_faults_is_not_stored(db: Path, monkeypatch: pytest.MonkeyPatch):
    text = Message("grid_faults.gap", {"size": 12.0})
    fault = GridFault(Rule.GAP, (), Point(0, 0), 12.0, text, Message("grid_repairs.add_grids"))
    monkeypatch.setattr("geo.partition.pipeline.own_faults", lambda *_, **__: (fault,))
    told = json.loads(run(db, "partition", CODE, "--json").stdout)
    assert told["check"]["count"] == 1
    assert told["check"]["named"][0]["rule"] == "gap"
    answer = run(db, "partition", CODE, "--save")
    assert answer.exit_code != 0
    assert "1 faults by the rules of the grid check" in answer.output
    assert open_store(db).district(CODE).revision == 1


def test_grids_to_keep_stay(db: Path):
    run(db, "partition", CODE, "--save")
    before = open_store(db).layers(CODE).grids.set_index("code")
    kept = before.index[before["level"] == "small"][0]
    answer = run(db, "partition", CODE, "--seed", 2, "--keep", kept, "--save")
    assert answer.exit_code == 0, answer.output
    after = open_store(db).layers(CODE).grids.set_index("code")
    moved = before.geometry[kept].hausdorff_distance(after.geometry[kept])
    assert moved < 1e-8  # degrees: a millimetre


def test_only_what_left_its_band_is_drawn_anew(db: Path):
    run(db, "partition", CODE, "--save")
    store = open_store(db)
    layers = store.layers(CODE)
    quiet = json.loads(run(db, "partition", CODE, "--update", "--json").stdout)
    assert (quiet["changed"], quiet["revision"]) == ([], None)
    fullest = layers.buildings.nlargest(1, "households").assign(households=90)
    store.edit(CODE, "buildings", put=fullest)
    told = json.loads(run(db, "partition", CODE, "--update", "--save", "--json").stdout)
    assert len(told["changed"]) <= 3
    assert told["left"], "90 households of one building are in no band"
    layers = store.layers(CODE)
    own = members(layers.to_metric(store.district(CODE).epsg))["small"]
    lived = layers.buildings["households"] > 0
    pair = own[lived].groupby(own).filter(lambda rows: len(rows) == 2).iloc[:2]
    two = layers.buildings.loc[own.index[own == pair.iloc[0]]]
    store.edit(CODE, "buildings", put=two[two["households"] > 0].assign(households=45))
    told = json.loads(run(db, "partition", CODE, "--update", "--save", "--json").stdout)
    after = store.layers(CODE)
    assert set(after.workers["grid_code"]) <= set(after.grids["code"])
    assert sum(row["change"] == "added" for row in told["changed"]) >= 1


def test_given_codes_are_not_given_again(db: Path):
    run(db, "partition", CODE, "--save")
    store = open_store(db)
    given = store.layers(CODE).grids.assign(origin="given")
    store.replace_layer(CODE, "grids", given)
    run(db, "partition", CODE, "--seed", 5, "--save")
    drawn = set(store.layers(CODE).grids["code"])
    assert drawn.isdisjoint(given["code"])
    run(db, "partition", CODE, "--seed", 6, "--save")
    assert set(store.layers(CODE).grids["code"]).isdisjoint(given["code"])


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["partition", "nowhere"], "Got district 'nowhere'"),
        (["partition", CODE, "--keep", "371602999"], "Got '371602999' among the grids to keep"),
        (["partition", CODE, "--out", "grids.txt"], "Got --out grids.txt"),
        (["partition", CODE, "--update", "--roster", "r.csv"], "Got --update with --roster"),
    ],
)
def test_wrong_words_are_one_sentence(db: Path, words: list[str], fault: str):
    answer = run(db, *words)
    assert answer.exit_code == 2
    assert fault in answer.output
    assert open_store(db).district(CODE).revision == 1


def test_a_job_draws_and_saves(db: Path):
    service = create_app(read_settings(db=str(db), editable=True))
    with serving(service, minding_jobs=True) as client:
        answer = client.post(f"/districts/{CODE}/partitions", json={"seed": 3, "save": True})
        assert answer.status_code == 202, answer.text
        done = until(client, answer.json()["job"], over)
        assert done["state"] == "done", done
        assert (done["progress"], done["result"]["revision"]) == (1.0, 2)
        assert client.get(f"/districts/{CODE}").json()["revision"] == 2
        wrong = client.post(f"/districts/{CODE}/partitions", json={"keep": ["x"]}).json()["job"]
        failed = until(client, wrong, over)
        assert failed["state"] == "failed"
        assert "Got 'x' among the grids to keep" in failed["error"]["detail"]
        assert client.post(f"/districts/{CODE}/partitions", json={"seed": "a"}).status_code == 400
        assert client.post("/districts/nowhere/partitions", json={}).status_code == 404


def test_a_service_that_only_answers_draws_nothing(db: Path):
    with serving(create_app(read_settings(db=str(db)))) as client:
        answer = client.post(f"/districts/{CODE}/partitions", json={})
    assert answer.status_code == 403
    assert open_store(db).district(CODE).revision == 1


def test_bands_are_asked_for_once_or_set_by_the_district(db: Path):
    wide = json.loads(run(db, "partition", CODE, "--band", 60, 100, "--beat", 120, 200,
                          "--json").stdout)  # fmt: skip
    narrow = json.loads(run(db, "partition", CODE, "--json").stdout)
    assert wide["grids"]["small"] < narrow["grids"]["small"]
    assert wide["workers"] < narrow["workers"]
    run(db, "grids", "settings", CODE, "--band", 60, 100, "--beat", 120, 200)
    assert json.loads(run(db, "partition", CODE, "--json").stdout)["grids"] == wide["grids"]
