"""Coverage runs: whatever happens to the district, a run gives the same bytes again."""

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import fields, replace
from hashlib import sha256

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from api.cli.main import app
from api.parameters import CoverageQuestion
from api.runs.answers import canonical, compute, grid_shares, make_run, rerun
from api.snapshot.district import Snapshot
from boundaries.standards.catalogue import load_standard
from boundaries.standards.json import standard_from_json, standard_to_json
from boundaries.store.interface import backend_of
from boundaries.store.runs import WHOLE, GridShare, RunTable
from boundaries.store.tables.record_tables import grid_coverage, runs
from geo.accessibility.coverage import nearest_times
from geo.errors import NotFoundError, SchemaError
from geo.messages import Message
from geo.model.layers import Layers
from geo.routing.snapped_district import snap_layers
from tests.api.cli.test_serve import COMMAND
from tests.contracts.test_running_jobs import minded, over, until
from tests.scenes import NORTH_WEST

CODE = "371602"
FIVE = CoverageQuestion(5.0, "adult")


@pytest.fixture
def filled(town):
    return town


def keep(store, question: CoverageQuestion = FIVE):
    snapshot = Snapshot(*store.snapshot(CODE), load_standard())
    made_from, result = compute(snapshot, question)
    run = make_run(made_from, result, actor="Li")
    return run, result, RunTable(store).keep(run, result.shares)


def test_a_run_holds_what_the_service_answers(filled):
    run, result, new = keep(filled)
    assert new
    table = RunTable(filled)
    assert table.run(run.run) == run
    assert table.runs(CODE) == [run]
    assert table.shares(run.run) == result.shares
    assert table.shares(run.run, code=WHOLE)[0] == GridShare(WHOLE, "all", 31, 28)
    snapshot = Snapshot(*filled.snapshot(CODE), load_standard())
    small = snapshot.coverage("small", FIVE).set_index("code")
    kept = {s.code: s for s in result.shares if s.category == "catering"}
    assert kept[NORTH_WEST].covered == small.loc[NORTH_WEST, "covered_catering"]
    with pytest.raises(NotFoundError, match=r"'none'.*lifecircle runs"):
        table.run("none")


def test_the_same_run_is_kept_once(filled):
    first, _, _ = keep(filled)
    second, _, new = keep(filled)
    assert (second.run, new) == (first.run, False)
    assert len(RunTable(filled).runs(CODE)) == 1
    other, _, new = keep(filled, replace(FIVE, minutes=10.0))
    assert new
    assert [run.run for run in RunTable(filled).runs(CODE)] == [other.run, first.run]


def test_runs_go_with_their_district(filled):
    run, _, _ = keep(filled)
    filled.delete(CODE)
    with pytest.raises(NotFoundError):
        RunTable(filled).run(run.run)
    with backend_of(filled).reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(grid_coverage)) == 0


def test_a_run_gives_the_same_bytes_after_the_district_was_changed(filled):
    questions = [
        FIVE,
        replace(FIVE, profile="wheelchair", own_points=True),
        replace(FIVE, minutes=12.5, at="2026-03-03T22:00"),
    ]
    kept = [keep(filled, question)[0] for question in questions]
    layers = filled.layers(CODE)
    filled.replace_layer(CODE, "service_points", layers.service_points.iloc[:2])
    filled.replace_layer(CODE, "barriers", layers.barriers.iloc[:0])
    filled.edit(CODE, "buildings", remove=["b1"])
    now, _, _ = keep(filled)
    assert now.sha256 != kept[0].sha256
    for run in [*kept, now]:
        found = rerun(filled, run.run)
        assert (found.same, found.differs) == (True, [])


def test_neither_threads_nor_the_order_of_rows_change_a_byte(filled):
    _, result, _ = keep(filled)
    layers = filled.layers(CODE)
    mixed = {
        f.name: getattr(layers, f.name).sample(frac=1, random_state=7).reset_index(drop=True)
        for f in fields(Layers)
    }
    snapshot = Snapshot(filled.district(CODE), Layers(**mixed), load_standard())
    times = nearest_times(
        snap_layers(
            snapshot.metric,
            snapshot.network(FIVE.profile),
            [category.id for category in snapshot.standard.categories],
        ),
        threads=3,
    )
    shares = grid_shares(snapshot, FIVE)
    assert canonical(times, snapshot.layers, shares, minutes=5.0) == result.content
    assert sha256(result.content).hexdigest() == result.sha256
    lines = result.content.decode().splitlines()
    assert lines[0] == "lifecircle coverage 1"
    assert len(lines) == 1 + 6 * 10 + len(result.shares)


def test_another_process_gives_the_same_bytes(filled, address):
    run, _, _ = keep(filled)
    filled.replace_layer(CODE, "barriers", filled.layers(CODE).barriers.iloc[:0])
    words = [*COMMAND, "--db", address, "rerun", run.run]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert f"same bytes, sha256 {run.sha256}" in done.stdout


@pytest.fixture
def command(filled, address) -> Callable[..., Result]:
    def invoke(*words: object) -> Result:
        return CliRunner().invoke(app, ["--db", address, *(str(word) for word in words)])

    return invoke


def test_the_command_line_keeps_lists_and_runs_again(filled, command):
    done = command("coverage", CODE, "--minutes", 5, "--profile", "adult", "--keep")
    (name,) = re.findall(r"Kept as run ([0-9a-f]{12});", done.stderr)
    (row,) = json.loads(command("runs", CODE, "--json").stdout)["runs"]
    assert (row["run"], row["revision"]) == (name, 1)
    assert row["sha256"] == keep(filled)[0].sha256
    assert "content" not in row["ingredients"]["standard"]
    again = command("rerun", name, "--json")
    told = json.loads(again.stdout)
    assert (told["run"], told["same"], told["sha256"]) == (name, True, row["sha256"])
    lost = command("rerun", "nothing")
    assert lost.exit_code == 2
    assert "lifecircle runs CODE" in lost.stderr


def change(store, **values: object) -> None:
    with backend_of(store).noting() as connection:
        connection.execute(sa.update(runs).values(**values))


def test_what_differs_is_named(filled, address):
    run, _, _ = keep(filled)
    made_from = json.loads(json.dumps(run.ingredients))
    made_from["code"] = "another"
    made_from["data"]["gates"] = "another"
    made_from["parameters"]["minutes"] = 6.0
    change(filled, ingredients=json.dumps(made_from))
    found = rerun(filled, run.run)
    assert not found.same
    assert re.match(r"code: [\w.]+ \(another\) then, ", str(found.differs[0]))
    assert str(found.differs[1]) == "gates as of revision 1 are not what they were then"
    assert re.match(r"\d+ sums, the first of them: .*then, .*now", str(found.differs[2]))
    result = CliRunner().invoke(app, ["--db", address, "rerun", run.run])
    assert result.exit_code == 1
    assert "not the same bytes" in result.stdout
    assert "(another) then" in result.stdout
    made_from = {**run.ingredients, "network": "another", "code": run.ingredients["code"]}
    change(filled, ingredients=json.dumps(made_from))
    assert str(rerun(filled, run.run).differs[0]).startswith("walk network: another then, ")
    change(filled, ingredients=json.dumps(run.ingredients), sha256="0" * 64)
    assert rerun(filled, run.run).differs == [Message("runs.times_differ")]


def test_a_run_of_another_lifecircle_is_refused_in_one_sentence(filled):
    run, _, _ = keep(filled)
    change(filled, ingredients=json.dumps({**run.ingredients, "parameters": {"horse": 3}}))
    with pytest.raises(SchemaError, match="does not know"):
        rerun(filled, run.run)


def test_a_standard_survives_as_json():
    standard = load_standard()
    text = json.dumps(standard_to_json(standard))
    again = standard_from_json(json.loads(text))
    assert again.profiles == standard.profiles
    assert again.categories == standard.categories
    assert (again.id, again.version, again.minutes) == (
        standard.id, standard.version, standard.minutes
    )  # fmt: skip
    with pytest.raises(SchemaError, match="does not fit"):
        standard_from_json({**json.loads(text), "colour": "red"})


def test_the_service_keeps_runs_by_a_job(filled, address):
    with minded(address) as (_, client):
        answer = client.post(
            f"/districts/{CODE}/runs?minutes=5&profile=adult", headers={"X-Forwarded-User": "Li"}
        )
        assert answer.status_code == 202
        done = until(client, answer.json()["job"], over)
        assert done["state"] == "done", done
        name = done["result"]["run"]
        (row,) = client.get(f"/districts/{CODE}/runs").json()["runs"]
        assert (row["run"], row["actor"]) == (name, "Li")
        assert row["sha256"] == keep(filled)[0].sha256
        whole = client.get(f"/runs/{name}")
        assert whole.json()["ingredients"]["standard"]["content"]["id"] == "bincheng-2026"
        assert len(whole.json()["rows"]) == 8 * 11
        tag = {"If-None-Match": whole.headers["etag"]}
        assert client.get(f"/runs/{name}", headers=tag).status_code == 304
        some = client.get(f"/runs/{name}?grid={NORTH_WEST}").json()["rows"]
        assert {each["code"] for each in some} == {NORTH_WEST}
        wrong = client.post(f"/districts/{CODE}/runs?profile=runner")
        assert (wrong.status_code, wrong.json()["errors"][0]["name"]) == (400, "profile")
        assert client.get("/runs/none").status_code == 404
        assert client.get("/districts/none/runs").status_code == 404
