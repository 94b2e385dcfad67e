"""Jobs of a running service: what becomes of them, also when something is killed."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app as cli
from api.jobs.processes import process
from api.settings import read_settings
from boundaries.store.interface import Store
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import open_store
from tests.api.cli.test_serve import COMMAND
from tests.api.serving import serving
from tests.api.until import over, until
from tests.contracts.forking import ForkedJob, service
from tests.guardian import alive
from tests.postgis import cluster
from tests.scenes import lonlat, tiny_store
from tests.waiting import PATIENCE_S, wait_until

CODE = "371602"
KILLS = int(os.environ.get("LIFECIRCLE_KILLS", "2"))
"""Moments at which a service is killed while a job writes; 50 take some minutes."""

LAST_S = 1.6
"""The latest of these moments but one, seconds; at the very last the job is done."""

HEAD = "point_id,category,name,lon,lat\n"
FILE = HEAD + "n1,catering,新店,{},{}\nn2,weapons,武器店,118.0,37.38\n".format(*lonlat(100, 205))
LONG = HEAD + "".join(
    f"n{n},catering,店{n},{lon + n % 500 * 1e-6:.6f},{lat:.6f}\n"
    for n, (lon, lat) in enumerate([lonlat(100, 205)] * 40_000)
)
"""A file that is read for some seconds."""


@pytest.fixture
def filled(address: str) -> str:
    """Address of a store with the hand-made district, of revision 1."""
    store = tiny_store(address)
    store.close()
    return address


@contextmanager
def minded(address: str, **settings: object) -> Iterator[tuple[FastAPI, httpx.Client]]:
    """Serve a store and mind its jobs.

    Their processes are forked, which spares what a process that is spawned imports; the services
    that are processes of their own spawn them.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "start_child", ForkedJob)
        app = create_app(
            read_settings(db=address, editable=True, actor_header="X-Forwarded-User", **settings)
        )
        try:
            with serving(app, minding_jobs=True) as client:
                yield app, client
        finally:
            app.state.jobs.table.store.close()


def post(client: httpx.Client, content: str, **query: object) -> dict:
    asked = {"layer": "service_points", "filename": "points.csv", **query}
    answer = client.post(
        f"/districts/{CODE}/imports",
        params=asked,
        content=content.encode(),
        headers={"X-Forwarded-User": "李雷".encode()},
    )
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/jobs/{answer.json()['job']}"
    assert answer.headers["retry-after"] == "1"
    return answer.json()


def reading(found: dict) -> bool:
    return found["message"] == "reading" or over(found)


def revision(address: str) -> int:
    store = open_store(address)
    try:
        return store.district(CODE).revision
    finally:
        store.close()


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def all_ended(pids: list[int]) -> None:
    wait_until(lambda: not any(map(alive, pids)), "a job outlives its service")


def test_an_import_is_true_from_its_day(filled: str):
    with minded(filled) as (_, client):
        job = post(client, FILE, add=True, valid_from="2026-01-05")["job"]
        assert until(client, job, over)["state"] == "done"
        newest = client.get(f"/districts/{CODE}/changes").json()["changes"][0]
        assert (newest["actor"], newest["valid_from"]) == ("李雷", "2026-01-05")


def test_an_import_from_first_to_last(filled: str):
    with minded(filled) as (_, client):
        made = post(client, FILE, crs="EPSG:4326")
        assert (made["state"], made["progress"], made["result"]) == ("queued", 0.0, None)
        done = until(client, made["job"], over)
        assert (done["state"], done["progress"], done["error"]) == ("done", 1.0, None)
        account = done["result"]["layers"]["service_points"]
        assert (done["result"]["revision"], account["read"], account["accepted"]) == (2, 2, 1)
        assert "weapons" in account["rejected"][0]["reason"]
        assert "retry-after" not in client.get(f"/jobs/{made['job']}").headers
        again = until(client, post(client, FILE, crs="EPSG:4326")["job"], over)
        assert (again["state"], again["result"]["revision"]) == ("done", 2)
        dry = until(client, post(client, FILE, crs="EPSG:4326", dry_run=True)["job"], over)
        assert (dry["state"], dry["result"]["revision"]) == ("done", None)
        listed = client.get("/jobs").json()["jobs"]
        assert [job["job"] for job in listed] == [dry["job"], again["job"], made["job"]]
        assert client.get("/jobs?district=none").json() == {"jobs": []}
        points = client.get(f"/districts/{CODE}/service-points").json()
        assert [feature["id"] for feature in points["features"]] == ["n1"]
    store: Store = open_store(filled)
    assert [change.actor for change in store.changes(CODE)] == ["李雷", ""]
    assert len(store.imports(CODE)) == 1
    store.close()


def test_a_wrong_file_fails_with_the_sentence_of_the_command_line(filled: str, tmp_path: Path):
    path = tmp_path / "points.csv"
    path.write_text("a,b\n1,2\n")
    words = ["--db", filled, "load", "points", str(path), "--district", CODE]
    ran = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    said = ran.stderr.partition("lifecircle: ")[2].strip()
    with minded(filled) as (_, client):
        failed = until(client, post(client, path.read_text())["job"], over)
        lost = until(client, post(client, "{", filename="x.geojson", layer="grids")["job"], over)
    assert failed["state"] == lost["state"] == "failed"
    assert failed["error"]["detail"] == failed["message"] == said
    assert failed["error"]["status"] == 400
    assert "x.geojson" in lost["error"]["detail"]
    assert revision(filled) == 1


def test_a_job_that_is_cancelled_changes_nothing(filled: str):
    with minded(filled) as (app, client):
        job = post(client, LONG, crs="EPSG:4326")["job"]
        until(client, job, reading)
        waiting = post(client, FILE, crs="EPSG:4326")["job"]
        for name in (waiting, job):
            answer = client.delete(f"/jobs/{name}")
            assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
        wait_until(lambda: not app.state.jobs._running, "a cancelled job runs on")
        assert client.get(f"/jobs/{job}").json()["state"] == "cancelled"
        assert client.delete(f"/jobs/{job}").status_code == 200
        done = until(client, post(client, FILE, crs="EPSG:4326")["job"], over)
        assert done["result"]["revision"] == 2
        assert client.delete(f"/jobs/{done['job']}").status_code == 409
        assert client.delete("/jobs/nothing").status_code == 404


def test_another_program_cancels(filled: str):
    with minded(filled) as (_, client):
        job = post(client, LONG, crs="EPSG:4326")["job"]
        until(client, job, reading)
        result = CliRunner().invoke(cli, ["--db", filled, "jobs", job, "--cancel"])
        assert "state: cancelled" in result.stdout, result.stderr
        assert client.get(f"/jobs/{job}").json()["state"] == "cancelled"
    assert revision(filled) == 1


def test_a_killed_process_of_a_job_is_told_as_failed(filled: str):
    with minded(filled) as (app, client):
        job = post(client, LONG, crs="EPSG:4326")["job"]
        until(client, job, reading)
        os.kill(app.state.jobs._running[job].child.pid, signal.SIGKILL)
        found = until(client, job, over)
    assert found["state"] == "failed"
    assert "by signal 9" in found["error"]["detail"]
    assert revision(filled) == 1


def test_a_job_that_was_claimed_and_never_begun_is_told_as_interrupted(filled: str):
    with minded(filled) as (app, client):
        table = app.state.jobs.table
        app.state.jobs.stop()
        job = table.submit("import", {}).job
        assert table.claim(job)
        app.state.jobs.start()
        assert until(client, job, over)["state"] == "interrupted"


def test_a_service_that_stops_tells_its_jobs_as_interrupted(filled: str):
    with minded(filled) as (app, client):
        names = [post(client, LONG, crs="EPSG:4326")["job"] for _ in range(2)]
        until(client, names[0], reading)
        app.state.jobs.stop()
        assert {client.get(f"/jobs/{name}").json()["state"] for name in names} == {"interrupted"}
    assert revision(filled) == 1


def test_a_service_that_is_told_to_stop_says_so_at_once(filled: str):
    with (
        service("--db", filled, "--port", "0", "--editable") as (process, address),
        httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
    ):
        name = post(client, LONG, crs="EPSG:4326")["job"]
        until(client, name, reading)
        process.terminate()
        process.join(PATIENCE_S)
        assert not process.is_alive()
    store = open_store(filled)
    assert JobTable(store, "").job(name).state == "interrupted"
    store.close()


def test_after_kill_9_of_the_service_nothing_runs_and_nothing_is_said_to(filled: str):
    with (
        service("--db", filled, "--port", "0", "--editable") as (process, address),
        httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
    ):
        names = [post(client, LONG, crs="EPSG:4326")["job"] for _ in range(2)]
        until(client, names[0], reading)
        theirs = children(process.pid)
        assert theirs
        process.kill()
        process.join()
    all_ended(theirs)
    with minded(filled) as (_, client):
        found = [client.get(f"/jobs/{name}").json() for name in names]
        assert [job["state"] for job in found] == ["interrupted"] * 2
        assert "stopped before" in found[0]["message"]
        done = until(client, post(client, FILE, crs="EPSG:4326")["job"], over)
        assert done["result"]["revision"] == 2


def test_two_services_share_the_jobs_and_none_runs_twice(filled: str):
    with minded(filled) as (_, one), minded(filled) as (_, two):
        names = [post(client, FILE, crs="EPSG:4326")["job"] for client in (one, two) for _ in "ab"]
        found = [until(one, name, over) for name in names]
        assert [two.get(f"/jobs/{name}").json() for name in names] == found
    assert [job["state"] for job in found] == ["done"] * 4
    assert {job["result"]["revision"] for job in found} == {2}


def test_a_database_that_crashes_is_told_of_once_it_is_back():
    with cluster() as server:
        address = server.new_database()
        store = tiny_store(address)
        store.close()
        with minded(address) as (app, client):
            job = post(client, LONG, crs="EPSG:4326")["job"]
            until(client, job, reading)
            server.stop()
            run = app.state.jobs._running[job]
            wait_until(lambda: run.outcome is not None, "a job does not end without its database")
            gone = client.get(f"/jobs/{job}")
            assert (gone.status_code, gone.headers["Retry-After"]) == (503, "5")
            server.start()
            found = until(client, job, over)
            assert found["state"] == "failed"
            assert "The database does not answer" in found["error"]["detail"]
            assert client.get(f"/districts/{CODE}").json()["revision"] == 1


def test_changes_are_taken_only_where_the_settings_say_so(filled: str):
    app = create_app(read_settings(db=filled))
    with serving(app) as client:
        answers = [
            client.post(f"/districts/{CODE}/imports?layer=grids&filename=x.csv", content=b"1"),
            client.post(f"/districts/{CODE}/runs"),
            client.delete("/jobs/x"),
        ]
        assert [answer.status_code for answer in answers] == [403] * 3
        assert "LIFECIRCLE_EDITABLE" in answers[0].json()["detail"]
        assert client.get("/jobs").json() == {"jobs": []}
    app.state.jobs.table.store.close()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"filename": "../x.csv"}, "filename"),
        ({"filename": ".."}, "filename"),
        ({"filename": "店" * 80 + ".csv"}, "filename"),
        ({"layer": "walls"}, "layer"),
        ({"layer": "boundary", "add": True}, "add"),
        ({"layer": "osm", "crs": "EPSG:4326"}, "crs"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_an_import_is_said_at_once(tiny_app: httpx.Client, query, name):
    asked = {"layer": "service_points", "filename": "x.csv", **query}
    answer = tiny_app.post(f"/districts/{CODE}/imports", params=asked, content=b"1")
    assert (answer.status_code, answer.json()["errors"][0]["name"]) == (400, name)


def test_a_file_that_is_empty_or_too_large_is_refused_at_once(tiny_app: httpx.Client):
    url = f"/districts/{CODE}/imports?layer=grids&filename=x.csv"
    assert "is empty" in tiny_app.post(url).json()["detail"]
    form = tiny_app.post(url, files={"file": b"1"})
    assert (form.status_code, "--data-binary" in form.json()["detail"]) == (400, True)
    large = tiny_app.post(url, content=b"x" * 1_001)
    assert large.status_code == 413
    assert "lifecircle load" in large.json()["detail"]
    assert tiny_app.get("/jobs").json() == {"jobs": []}


@pytest.fixture(scope="module")
def tiny_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a service that takes small files."""
    path = tmp_path_factory.mktemp("jobs") / "tiny.gpkg"
    tiny_store(path)
    with minded(str(path), max_import_bytes=1_000) as (_, client):
        yield client


@pytest.mark.slow
def test_whenever_the_service_is_killed_a_job_is_done_if_and_only_if_its_work_is_stored(
    filled: str,
):
    states = []
    for number, late_s in enumerate(LAST_S * ((n + 0.5) / KILLS) ** 2 for n in range(KILLS)):
        before = revision(filled)
        with (
            service("--db", filled, "--port", "0", "--editable") as (process, address),
            httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
        ):
            job = post(client, some_points(number), crs="EPSG:4326")["job"]
            until(client, job, lambda found: found["message"] == "writing" or over(found))
            if number == KILLS - 1:
                until(client, job, over)
            else:
                time.sleep(late_s)
            theirs = children(process.pid)
            process.kill()
            process.join()
        all_ended(theirs)
        result = CliRunner().invoke(cli, ["--db", filled, "jobs", job, "--json"])
        found = json.loads(result.stdout)
        states.append(found["state"])
        assert found["state"] in {"done", "interrupted"}
        assert revision(filled) == before + (found["state"] == "done")
        assert (found["result"] is not None) == (found["state"] == "done")
    assert states[-1] == "done"


def some_points(number: int) -> str:
    """Return a file that is written for some tenths of a second, different for each number."""
    lon, lat = lonlat(100, 205)
    rows = (f"n{n},catering,{number},{lon + n % 500 * 1e-6:.6f},{lat:.6f}" for n in range(8_000))
    return HEAD + "\n".join(rows) + "\n"
