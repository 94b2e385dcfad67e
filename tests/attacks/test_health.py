"""Light answers come whatever else runs; what the service cannot do, it says."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.http.computations import HEAVY, TurnRoute
from api.settings import read_settings
from boundaries.store.accounts.connection import account_reading
from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import open_store
from boundaries.store.tables.record_tables import JobState
from geo.errors import UnavailableError
from tests.api.serving import PLAIN, serving, serving_by
from tests.scenes import tiny_store
from tests.stores import empty_store
from tests.waiting import PATIENCE_S, wait_until

CODE = "371602"
DISTRICT = f"/districts/{CODE}"
COVERAGE = f"{DISTRICT}/coverage?minutes={{}}"
POINT = f"{DISTRICT}/service-points/p1"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a database of its own: it will be locked."""
    path = tmp_path / "folder-of-its-own" / "city.gpkg"
    path.parent.mkdir()
    store = tiny_store(path)
    store.close()
    return path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock a file as a program does that commits: nobody reads."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


class Stuck:
    """Computations that do not end before they are let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        self.go = threading.Event()
        monkeypatch.setattr("api.coverage.routes.coverage", self._compute)

    def _compute(self, *_: object, **__: object) -> dict:
        self.begun += 1
        assert self.go.wait(PATIENCE_S)
        return {}


@contextmanager
def asking(client: httpx.Client, url: str, times: int) -> Iterator[list[httpx.Response]]:
    """Ask many questions at once; the answers are there at the end of the block."""
    answers: list[httpx.Response] = []

    limits = httpx.Limits(max_connections=times)
    others = httpx.Client(
        base_url=client.base_url, trust_env=False, timeout=PATIENCE_S, limits=limits, verify=PLAIN
    )

    def ask(number: int) -> None:
        answers.append(others.get(url.format(number)))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, times + 1)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        for thread in threads:
            thread.join(PATIENCE_S)
        others.close()


def test_light_answers_come_while_sixty_heavy_ones_run(db: Path, monkeypatch: pytest.MonkeyPatch):
    stuck = Stuck(monkeypatch)
    app = create_app(read_settings(db=str(db), computations=3, computations_waiting=100))
    with serving(app) as client:
        with asking(client, COVERAGE, 60) as answers:
            try:
                turns = app.state.computations
                wait_until(lambda: turns.waiting == 57, "nobody waits in line")
                light = ("/healthz", "/readyz", "/metrics", "/districts", DISTRICT, POINT, "/jobs",
                         "/static/mark.svg", "/", f"{DISTRICT}/changes")  # fmt: skip
                statuses = {url: client.get(url, timeout=PATIENCE_S).status_code for url in light}
                assert statuses == dict.fromkeys(light, 200)
                assert (stuck.begun, turns.running, turns.waiting) == (3, 3, 57)
            finally:
                stuck.go.set()
        assert [answer.status_code for answer in answers] == [200] * 60


def test_beyond_the_line_the_service_says_that_it_is_busy(db: Path, monkeypatch):
    stuck = Stuck(monkeypatch)
    app = create_app(read_settings(db=str(db), computations=1, computations_waiting=2))
    with serving(app) as client, asking(client, COVERAGE, 3) as answers:
        try:
            wait_until(lambda: app.state.computations.waiting == 2, "nobody waits in line")
            refused = client.get(f"{DISTRICT}/gaps")
        finally:
            stuck.go.set()
        assert (refused.status_code, refused.json()["type"]) == (503, "urn:lifecircle:problem:busy")
        assert refused.headers["retry-after"] == "5"
    assert [answer.status_code for answer in answers] == [200] * 3


def test_who_has_what_it_asks_for_waits_for_nobody(db: Path, monkeypatch: pytest.MonkeyPatch):
    app = create_app(read_settings(db=str(db), computations=1, computations_waiting=0))
    with serving(app) as client:
        etag = client.get(f"{DISTRICT}/coverage").headers["etag"]
        client.get(f"{DISTRICT}/gates")
        stuck = Stuck(monkeypatch)
        with asking(client, COVERAGE, 1):
            try:
                wait_until(lambda: stuck.begun == 1, "nothing is computed")
                known = client.get(f"{DISTRICT}/coverage", headers={"If-None-Match": etag})
                kept = client.get(f"{DISTRICT}/gates")
            finally:
                stuck.go.set()
        assert (known.status_code, kept.status_code) == (304, 200)


def test_a_client_that_has_gone_leaves_the_line(db: Path, monkeypatch: pytest.MonkeyPatch):
    stuck = Stuck(monkeypatch)
    app = create_app(read_settings(db=str(db), computations=1))
    turns = app.state.computations
    with serving_by(app) as (server, client), asking(client, COVERAGE, 1):
        try:
            wait_until(lambda: stuck.begun == 1, "nothing is computed")
            for method in ("GET", "POST"):
                path = "/coverage?minutes=99" if method == "GET" else "/scenarios"
                with pytest.raises(httpx.ReadTimeout):
                    httpx.request(
                        method, f"{client.base_url}{DISTRICT}{path}", trust_env=False, timeout=0.2
                    )
            wait_until(lambda: turns.waiting == 0, "the line keeps who has gone")
            wait_until(lambda: len(server.server_state.tasks) == 1, "its request goes on")
        finally:
            stuck.go.set()
    assert stuck.begun == 1


def test_every_heavy_path_is_that_of_a_route_that_takes_turns(db: Path):
    app = create_app(read_settings(db=str(db)))
    document = app.openapi()["paths"]
    assert document.keys() >= HEAVY
    from api import app as module

    routers = [each.router for each in vars(module).values() if hasattr(each, "router")]
    routes = [route for router in routers for route in router.routes]
    assert {r.path for r in routes if isinstance(r, TurnRoute)} >= HEAVY
    assert [r.path for r in routes if r.path in HEAVY and not isinstance(r, TurnRoute)] == []


def test_districts_in_memory_answer_while_the_file_is_locked(db: Path):
    settings = read_settings(db=str(db), lock_wait_s=0.1)
    with serving(create_app(settings)) as client:
        asked = ("/districts", DISTRICT, f"{DISTRICT}/coverage", f"{DISTRICT}/gates")
        before = {url: client.get(url) for url in asked}
        assert not any("warning" in answer.headers for answer in before.values())
        with locked(db):
            for url, answer in before.items():
                again = client.get(url)
                assert (again.status_code, again.content) == (200, answer.content)
                assert "warning" not in again.headers  # its header tells that nothing was committed
                tag = {"If-None-Match": answer.headers["etag"]}
                assert client.get(url, headers=tag).status_code == 304
            for url in (POINT, f"{DISTRICT}/changes", f"{DISTRICT}/coverage?as_of=1", "/jobs"):
                refused = client.get(url)
                assert refused.status_code == 503, (url, refused.text)
                assert refused.headers["retry-after"] == "5"
                assert "city.gpkg is locked" in refused.json()["detail"]
                assert "folder-of-its-own" not in refused.text
            ready = client.get("/readyz")
            wait_until(lambda: client.get("/readyz").status_code == 503, "it is ready still")
            assert client.get("/readyz").json()["missing"] == "database"
            assert ready.status_code in {200, 503}
            assert client.get("/healthz").status_code == 200
        wait_until(lambda: client.get(POINT).status_code == 200, "it stays away")
        wait_until(lambda: client.get("/readyz").status_code == 200, "it is never ready again")


def test_many_readers_of_a_locked_file_do_not_wait_for_one_another(db: Path):
    """Each would hold a thread; there are forty."""
    settings = read_settings(db=str(db), lock_wait_s=0.5)
    with serving(create_app(settings)) as client, locked(db):
        with asking(client, POINT, 100) as answers:
            assert client.get("/healthz").status_code == 200
        assert [answer.status_code for answer in answers] == [503] * 100


def test_an_account_that_is_looked_up_briefly_spoils_nobodys_patience(db: Path):
    store = open_store(db, read_wait_s=PATIENCE_S)
    with ThreadPoolExecutor(1) as threads:
        with locked(db):
            with pytest.raises(UnavailableError), account_reading(store) as connection:
                connection.exec_driver_sql("SELECT count(*) FROM accounts").scalar()
            answer = threads.submit(store.counts, CODE)
            time.sleep(0.3)
            assert not answer.done()
        assert answer.result()["gates"] == 1
    store.close()


def test_a_caller_nobody_knows_yet_waits_for_a_commit(db: Path):
    store = open_store(db)
    key = KeyTable(store).add("new", parse_roles(["planner"]), days=1).text
    store.close()
    settings = read_settings(db=str(db), lock_wait_s=PATIENCE_S)
    with serving(create_app(settings)) as client:
        asked = partial(httpx.get, f"{client.base_url}/jobs", trust_env=False, timeout=PATIENCE_S)
        with ThreadPoolExecutor(1) as threads:
            with locked(db):
                answer = threads.submit(asked, headers={"Authorization": f"Bearer {key}"})
                time.sleep(0.5)
                assert not answer.done()
            assert answer.result().status_code == 200


def test_a_job_that_is_waited_for_is_told_while_the_file_is_locked(db: Path):
    app = create_app(read_settings(db=str(db), lock_wait_s=0.1))
    with serving(app) as client:
        jobs = app.state.jobs
        other = JobTable(jobs.table.store, jobs.table.service)
        name = other.submit("none", {}, district=CODE).job
        assert other.claim(name)
        before = client.get(f"/jobs/{name}")
        assert (before.json()["state"], "warning" in before.headers) == ("running", False)
        with locked(db):
            told = client.get(f"/jobs/{name}")
            assert (told.status_code, told.json()) == (200, before.json())
            assert "The database does not answer; as of" in told.headers["warning"]
            assert told.headers["retry-after"] == "1"
            assert client.get("/jobs/unknown").status_code == 503
        assert other.finish(name, JobState.FAILED, message="no")
        after = client.get(f"/jobs/{name}")
        assert (after.json()["state"], "warning" in after.headers) == ("failed", False)


def test_a_change_of_a_locked_file_is_refused_and_nothing_is_lost(db: Path):
    settings = read_settings(db=str(db), lock_wait_s=0.1, editable=True)
    with serving(create_app(settings)) as client:
        body = {"properties": {"name": "other"}}
        with locked(db):
            refused = client.patch(POINT, json=body, headers={"If-Match": "*"})
        assert refused.status_code == 503
        assert client.patch(POINT, json=body, headers={"If-Match": "*"}).status_code == 200


def test_an_empty_database_is_alive_and_not_ready(tmp_path: Path):
    empty_store(tmp_path / "empty.gpkg").close()
    with serving(create_app(read_settings(db=str(tmp_path / "empty.gpkg")))) as client:
        assert client.get("/healthz").status_code == 200
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["missing"]) == (503, "data")
        assert "lifecircle load" in ready.json()["detail"]


def test_a_newer_schema_is_not_ready(db: Path):
    with serving(create_app(read_settings(db=str(db)))) as client:
        assert client.get("/readyz").json() == {"status": "ready"}  # and no more, to anybody
        with closing(sqlite3.connect(db, isolation_level=None)) as other:
            other.execute("UPDATE alembic_version SET version_num = '999'")
        wait_until(lambda: client.get("/readyz").status_code == 503, "it stays ready")
        told = client.get("/readyz").json()
        assert (told["missing"], "999" in told["detail"]) == ("schema", False)


def test_a_database_server_that_is_gone_tells_nobody_where_it_was(postgis):
    address = postgis.new_database()
    store = tiny_store(address)
    store.close()
    app = create_app(read_settings(db=address))
    with serving(app) as client:
        assert client.get("/readyz").status_code == 200
        assert client.get(f"{DISTRICT}/coverage").status_code == 200
        app.state.service.snapshots.store.close()
        postgis.drop(address)
        for url in (POINT, "/jobs", f"{DISTRICT}/lineage", f"{DISTRICT}/coverage?as_of=1"):
            refused = client.get(url)
            assert refused.status_code == 503, (url, refused.text)
            assert refused.headers["retry-after"] == "5"
            for secret in secrets_of(address):
                assert secret not in refused.text, refused.text
        answer = client.get(f"{DISTRICT}/coverage")
        assert answer.status_code == 200
        assert "The database does not answer" in answer.headers["warning"]


def test_what_was_known_long_ago_does_not_count(postgis):
    address = postgis.new_database()
    store = tiny_store(address)
    store.close()
    app = create_app(read_settings(db=address, last_known_s=0.0))
    with serving(app) as client:
        assert client.get(f"{DISTRICT}/coverage").status_code == 200
        app.state.service.snapshots.store.close()
        postgis.drop(address)
        assert client.get(f"{DISTRICT}/coverage").status_code == 503
        assert client.get("/districts").status_code == 503


def secrets_of(address: str) -> list[str]:
    """Return what nobody is to read: account, host, port and name of a database."""
    from sqlalchemy import make_url

    url = make_url(address)
    parts = [url.username, url.password, url.host, url.database, str(url.port or "")]
    return [part for part in parts if part] + ["postgresql", "psycopg"]


def test_metrics_count_by_route_template_only(db: Path):
    with serving(create_app(read_settings(db=str(db)))) as client:
        for url in (DISTRICT, f"{DISTRICT}?x=1", "/districts/none", "/static/mark.svg", "/no/1",
                    "/no/2", POINT):  # fmt: skip
            client.get(url)
        client.head(DISTRICT)
        client.request("BREW", "/")
        text = client.get("/metrics").text
        counted = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                   for line in text.splitlines() if line.startswith("lifecircle_")}  # fmt: skip
        one = 'lifecircle_requests_total{method="%s",route="%s",status="%s"}'
        assert counted[one % ("GET", "/districts/{code}", 200)] == 1
        assert counted[one % ("GET", "/districts/{code}", 400)] == 1
        assert counted[one % ("GET", "/districts/{code}", 404)] == 1
        assert counted[one % ("HEAD", "/districts/{code}", 200)] == 1
        assert counted[one % ("GET", "/static/{file}", 200)] == 1
        assert counted[one % ("GET", "none", 404)] == 2
        assert counted[one % ("GET", "/districts/{code}/{layer}/{key}", 200)] == 1
        assert counted[one % ("OTHER", "/", 405)] == 1
        assert counted["lifecircle_snapshots_held"] == 1
        assert counted["lifecircle_requests_running"] == 1  # the one that asks
        assert "p1" not in text
