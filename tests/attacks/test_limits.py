"""What is too much at a time is refused with what to do: bodies, uploads, jobs, requests."""

import errno
import os
import re
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from http.client import HTTPResponse
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.http.callers import client_rates
from api.jobs import uploads
from api.jobs.runner import Jobs
from api.jobs.spool import Spool
from api.settings import read_settings
from boundaries.store.accounts.accounts import AccountTable
from boundaries.store.accounts.roles import parse_roles
from boundaries.store.jobs.job_table import JobTable
from boundaries.store.open import open_store
from geo.errors import UnavailableError
from tests.api.cli.test_serve import running
from tests.api.serving import serving
from tests.api.until import over, until
from tests.contracts.forking import FORK
from tests.contracts.test_running_jobs import CODE, FILE, minded
from tests.scenes import tiny_store
from tests.stores import empty_store
from tests.waiting import PATIENCE_S, wait_until

IMPORTS = f"/districts/{CODE}/imports?layer=service_points&filename=points.csv"
SMALL, LARGE = 2_000, 5_000
"""Bytes that the service takes in a body, and in the file of an import."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("limits") / "store.gpkg"
    tiny_store(path).close()
    return str(path)


@contextmanager
def limited(db: str, **settings: object) -> Iterator[httpx.Client]:
    """Serve a store with some settings; its jobs are not minded before one is submitted."""
    app = create_app(read_settings(db=db, editable=True, **settings))
    try:
        with serving(app) as client:
            yield client
    finally:
        app.state.jobs.stop()
        app.state.jobs.table.store.close()


@pytest.fixture(scope="module")
def small(db: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """Return a client of a service that takes small bodies, and its spool folder."""
    spool = tmp_path_factory.mktemp("limits") / "spool"
    settings = {"max_body_bytes": SMALL, "max_import_bytes": LARGE, "spool": str(spool)}
    with limited(db, **settings) as client:
        yield client, spool


def files(spool: Path) -> list[Path]:
    """Return the uploads below a spool folder."""
    return list(spool.glob("*/*/upload/*"))


def raw(client: httpx.Client, head: str, body: bytes = b"", *, answered: bool = True) -> bytes:
    """Send a request as it stands, then hang up; return the answer."""
    url = client.base_url
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_S) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        if not answered:
            return b""
        answer = HTTPResponse(connection)
        answer.begin()
        return f"{answer.status} {answer.headers}\n{answer.read().decode()}".encode()


def chunks(size: int) -> Iterator[bytes]:
    """Yield a body without a Content-Length."""
    for _ in range(size // 500):
        yield b" " * 500


# --- bodies --------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(small):
    client, spool = small
    for path, limit in ((IMPORTS, LARGE), (f"/districts/{CODE}/grids/edits", SMALL)):
        for length in (limit + 1, 10**15):
            answer = raw(client, f"POST {path} HTTP/1.1\nHost: localhost\nContent-Length: {length}")
            assert answer.startswith(b"413 "), answer
            assert b"application/problem+json" in answer
            assert f"larger than {limit} bytes".encode() in answer
    assert files(spool) == []


def test_every_operation_refuses_a_large_body_of_either_kind(small):
    """No route reads a body without a limit, also where FastAPI reads it."""
    client, spool = small
    document = client.get("/openapi.json").json()
    places = {"code": CODE, "layer": "gates", "key": "g1", "name": "2026", "job": "x", "run": "x"}
    with_body = [
        (method, path, next(iter(operation["requestBody"]["content"])))
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation
    ]
    assert len(with_body) >= 8
    for method, path, kind in with_body:
        assert "413" in document["paths"][path][method]["responses"], path
        url = path.format_map(places) + (IMPORTS[IMPORTS.index("?") :] if "imports" in path else "")
        seen = {"If-None-Match": "*"} if method == "put" else {"If-Match": '"1"'}
        headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin", **seen}
        for content in (b" " * 10_000, chunks(10_000)):
            answer = client.request(method, url, content=content, headers=headers)
            assert answer.status_code == 413, (method, path, answer.text)
            assert answer.json()["type"] == "urn:lifecircle:problem:too-large"
    assert files(spool) == []


def test_a_body_at_the_limit_is_taken(small):
    client, spool = small
    answer = client.post(IMPORTS, content=b"x" * LARGE)
    assert answer.status_code == 202
    upload = answer.json()["upload"]
    assert upload == {
        "filename": "points.csv", "bytes": LARGE, "sha256": sha256(b"x" * LARGE).hexdigest()
    }  # fmt: skip
    client.delete(answer.headers["location"])
    wait_until(lambda: not files(spool), "a file is left")


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "9" * 5_000])
def test_a_length_that_is_none_gets_no_more_than_a_refusal(small, length):
    client, spool = small
    head = f"POST {IMPORTS} HTTP/1.1\nHost: localhost\nContent-Length: {length}"
    assert re.match(rb"4\d\d ", raw(client, head))
    assert files(spool) == []


# --- uploads -------------------------------------------------------------------------------------


def test_an_upload_that_breaks_off_leaves_no_file(small):
    client, spool = small
    before = len(client.get("/jobs").json()["jobs"])
    head = f"POST {IMPORTS} HTTP/1.1\nHost: localhost\n"
    raw(client, head + "Content-Length: 4000", b"x" * 100, answered=False)
    raw(client, head + "Transfer-Encoding: chunked", b"64\r\n" + b"x" * 100, answered=False)
    wait_until(lambda: not files(spool), "a file is left")
    assert len(client.get("/jobs").json()["jobs"]) == before


def test_a_service_that_is_killed_within_an_upload_leaves_no_file(db, tmp_path):
    spool = tmp_path / "spool"
    words = ("--db", db, "--port", "0", "--editable")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIFECIRCLE_SPOOL", str(spool))
        with (
            running("serve", *words) as (process, address),
            httpx.Client(base_url=address, timeout=PATIENCE_S) as client,
        ):
            url = client.base_url
            with socket.create_connection((url.host, url.port)) as connection:
                head = f"POST {IMPORTS} HTTP/1.1\r\nHost: {url.host}:{url.port}\r\n"
                connection.sendall(head.encode() + b"Content-Length: 9000000\r\n\r\n")
                connection.sendall(b"x" * 2_000_000)
                wait_until(lambda: [p for p in files(spool) if p.stat().st_size], "nothing comes")
                process.kill()
                process.wait()
        assert files(spool)
        again = Spool(spool, LARGE)
        again.open()
        assert files(spool) == []
        again.close()


def test_the_database_holds_no_bytes_of_an_upload(tmp_path):
    path, spool = tmp_path / "store.gpkg", tmp_path / "spool"
    tiny_store(path).close()
    before = path.stat().st_size
    rubbish = os.urandom(3_000_000)
    with minded(str(path), spool=str(spool)) as (_, client):
        for _ in range(3):
            job = client.post(IMPORTS, content=rubbish).json()["job"]
            assert until(client, job, over)["state"] == "failed"
        wait_until(lambda: not files(spool), "a file is left")
    assert path.stat().st_size - before < 100_000
    assert rubbish[:50] not in path.read_bytes()


def test_a_waiting_job_that_is_cancelled_leaves_no_file(db, tmp_path):
    spool = tmp_path / "spool"
    with minded(db, spool=str(spool), job_limits="import.wall_s=100") as (app, client):
        blocked = app.state.jobs._settings.jobs
        app.state.jobs._handlers = {}  # nobody claims it
        job = client.post(IMPORTS, content=FILE.encode()).json()["job"]
        assert (blocked, len(files(spool))) == (1, 1)
        assert client.delete(f"/jobs/{job}").json()["state"] == "cancelled"
        wait_until(lambda: not files(spool), "a file is left")


def test_the_spool_folder_is_private_and_refused_where_it_is_not(tmp_path):
    spool = Spool(tmp_path / "spool", LARGE)
    path = spool.upload_path("job", "店.csv")
    for folder in (tmp_path / "spool", path.parent, path.parents[1], path.parents[2]):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    spool.close()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_text("")
    for wrong in ("link", "file", "file/below"):
        with pytest.raises(UnavailableError, match="LIFECIRCLE_SPOOL"):
            Spool(tmp_path / wrong, LARGE).open()


def _hold(root: str, said: object) -> None:
    Spool(Path(root), LARGE).upload_path("job", "x.csv").write_text("x")
    said.send("ready")
    signal.pause()


def test_what_a_dead_service_left_is_removed_and_what_a_living_one_holds_stays(tmp_path):
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=_hold, args=(str(tmp_path), theirs))
    process.start()
    ours.recv()
    Spool(tmp_path, LARGE).open()
    assert len(files(tmp_path)) == 1
    process.kill()
    process.join()
    Spool(tmp_path, LARGE).open()
    assert files(tmp_path) == []


def test_a_spool_folder_that_somebody_tidied_up_is_made_again(tmp_path):
    spool = Spool(tmp_path / "spool", LARGE)
    spool.upload_path("one", "x.csv").write_text("x")
    shutil.rmtree(tmp_path / "spool")
    assert spool.jobs() == set()
    spool.upload_path("two", "x.csv").write_text("x")
    assert spool.jobs() == {"two"}
    Spool(tmp_path / "spool", LARGE).open()
    assert len(files(tmp_path / "spool")) == 1
    spool.close()


def test_a_waiting_job_whose_file_was_tidied_up_is_told_so(db, tmp_path):
    spool = tmp_path / "spool"
    with minded(db, spool=str(spool)) as (app, client):
        app.state.jobs._handlers = {}  # nobody claims it
        job = client.post(IMPORTS, content=FILE.encode()).json()["job"]
        while spool.exists():  # the service tidies it at the same time
            shutil.rmtree(spool, ignore_errors=True)
        app.state.jobs._due["heartbeat"] = 0.0
        found = until(client, job, over)
    assert (found["state"], "send it again" in found["message"]) == ("interrupted", True)


def test_a_job_runs_where_its_file_is(postgis, tmp_path):
    """Two services share a database; only those that share the spool folder share the job."""
    address = postgis.new_database()
    tiny_store(address).close()
    here, there = str(tmp_path / "here"), str(tmp_path / "there")
    with minded(address, spool=here) as (one, client), minded(address, spool=there) as (two, _):
        one.state.jobs._handlers = {}  # it takes files and does nothing
        job = client.post(IMPORTS, content=FILE.encode()).json()["job"]
        two.state.jobs._wake()
        wait_until(lambda: two.state.jobs.spool._own, "it never looks for work")
        assert two.state.jobs.table.waiting(spool=two.state.jobs.spool.id) is None
        assert client.get(f"/jobs/{job}").json()["state"] == "queued"
        with minded(address, spool=here) as (_, third):
            found = until(third, job, over)
            assert (found["state"], found["result"]["revision"]) == ("done", 2)
    postgis.drop(address)


def test_a_full_disk_is_told_and_leaves_no_file(small, monkeypatch):
    client, spool = small

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(uploads, "_append", full)
    answer = client.post(IMPORTS, content=b"x" * 100)
    assert (answer.status_code, answer.headers["retry-after"]) == (507, "5")
    assert "There is no room left to store it" in answer.json()["detail"]
    assert str(spool) not in answer.text
    assert files(spool) == []


# --- queue and spool -----------------------------------------------------------------------------


def test_a_full_queue_refuses_every_kind_of_job_before_its_file_is_read(db, tmp_path):
    with (
        limited(db, queue=2, spool=str(tmp_path / "spool")) as client,
        closing(open_store(db)) as store,
    ):
        table = JobTable(store, "")
        waiting = [table.submit("of-another-version", {}).job for _ in range(2)]
        answers = [
            raw(client, f"POST {IMPORTS} HTTP/1.1\nHost: localhost\nContent-Length: 4000"),
            raw(client, f"POST /districts/{CODE}/runs HTTP/1.1\nHost: localhost"),
        ]
        for answer in answers:
            assert answer.startswith(b"429 ")
            assert b"retry-after: 30" in answer.lower()
            assert b"2 jobs waiting" in answer
        table.cancel(waiting[0])
        assert client.post(f"/districts/{CODE}/runs").status_code == 202
        table.cancel(waiting[1])


def test_a_full_spool_folder_refuses_uploads(db, tmp_path):
    with limited(db, spool=str(tmp_path / "spool"), spool_bytes=50_000) as client:
        head = f"POST {IMPORTS} HTTP/1.1\nHost: localhost\nContent-Length: 60000"
        answer = raw(client, head)
        assert answer.startswith(b"429 ")
        assert b"within 50,000" in answer
    assert files(tmp_path) == []


def test_an_upload_that_does_not_say_its_length_fills_the_spool_folder_no_further(
    db, tmp_path, monkeypatch
):
    monkeypatch.setattr(uploads, "_PART_BYTES", 1_000)
    spool = tmp_path / "spool"
    part = b"2710\r\n" + b"x" * 10_000 + b"\r\n"
    with limited(db, spool=str(spool), spool_bytes=50_000) as client:
        with beginning(client, "Transfer-Encoding: chunked") as connection:
            for n in range(1, 5):
                connection.sendall(part)
                wait_until(lambda: written(spool) > n * 10_000 - 1_000, "a part is not written")  # noqa: B023
            connection.sendall(part)  # the body goes on; nobody waits for its end
            answer = HTTPResponse(connection)
            answer.begin()
            assert (answer.status, answer.headers["Retry-After"]) == (429, "30")
            assert b"within 50,000" in answer.read()
        wait_until(lambda: not files(spool), "a file is left")
        assert client.post(IMPORTS, content=b"x" * 30_000).status_code == 202


def test_uploads_that_come_together_do_not_fill_the_spool_folder_further(db, tmp_path, monkeypatch):
    monkeypatch.setattr(Jobs, "_claim", lambda _: None)
    spool, body = tmp_path / "spool", b"x" * 30_000
    with limited(db, spool=str(spool), spool_bytes=50_000) as client:
        with beginning(client, "Content-Length: 30000") as connection:
            wait_until(lambda: files(spool), "it never begins")
            assert client.post(IMPORTS, content=body).status_code == 202
            connection.sendall(body)
            answer = HTTPResponse(connection)
            answer.begin()
            assert answer.status == 429
        wait_until(lambda: len(files(spool)) == 1, "a file is left")


@contextmanager
def beginning(client: httpx.Client, length: str) -> Iterator[socket.socket]:
    """Send the head of an upload; yield its connection."""
    url = client.base_url
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_S) as connection:
        head = f"POST {IMPORTS} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n"
        connection.sendall(head.encode())
        yield connection


def written(spool: Path) -> int:
    """Return the bytes of all uploads below a spool folder."""
    return sum(path.stat().st_size for path in files(spool))


# --- rates ---------------------------------------------------------------------------------------


def ask(client: httpx.Client, address: str, path: str = "/districts", method: str = "GET") -> int:
    """Ask for a client of an address, as a proxy on loopback does; return the status."""
    return client.request(method, path, headers={"X-Forwarded-For": address}).status_code


@pytest.fixture(scope="module")
def rated(db: str) -> Iterator[httpx.Client]:
    with limited(db, requests_per_minute=5, changes_per_minute=2) as client:
        yield client


def test_a_client_over_its_rate_is_told_when_to_try_again(rated):
    assert [ask(rated, "192.0.2.1") for _ in range(7)] == [200] * 5 + [429] * 2
    answer = rated.get("/districts", headers={"X-Forwarded-For": "192.0.2.1"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "5 requests of one client in a minute" in answer.json()["detail"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ask(rated, "192.0.2.2") == 200


def test_changes_have_a_rate_of_their_own(rated):
    job = "/jobs/nothing"
    assert [ask(rated, "192.0.2.3", job, "DELETE") for _ in range(3)] == [404, 404, 429]
    assert ask(rated, "192.0.2.3", method="HEAD") == 200


def test_what_is_refused_costs_nothing_and_reading_on_is_not_punished(rated):
    assert [ask(rated, "192.0.2.4", "/jobs/x", "DELETE") for _ in range(2)] == [404] * 2
    assert [ask(rated, "192.0.2.4") for _ in range(3)] == [200] * 3


def test_health_is_answered_whoever_asks_too_much(rated):
    assert [ask(rated, "192.0.2.5", "/healthz") for _ in range(9)] == [200] * 9


def test_a_network_of_ipv6_is_one_client(rated):
    statuses = [ask(rated, f"2001:db8::{n}") for n in range(1, 7)]
    assert statuses == [200] * 5 + [429]
    assert ask(rated, "2001:db8:0:1::1") == 200


def test_who_is_no_trusted_proxy_cannot_choose_an_address(db):
    """The first address is what the client says of itself, the last what the proxy saw."""
    with limited(db, requests_per_minute=2) as client:
        found = [ask(client, f"198.51.100.{n}, 192.0.2.1") for n in range(3)]
    assert found == [200, 200, 429]


def test_an_account_is_one_client_wherever_it_is():
    scope = {"client": ("192.0.2.1", 1), "state": {"actor": "李雷"}}
    assert client_rates.client(scope) == client_rates.client({**scope, "client": ("192.0.2.2", 1)})
    assert client_rates.client({**scope, "state": {"actor": ""}}) == "192.0.2.1"
    assert client_rates.client({"client": None}) == ""


def _count(rates: client_rates.ClientRates, address: str, times: int) -> list[bool]:
    scope = {"path": "/districts", "method": "GET", "client": (address, 1)}
    return [rates.over(scope) is None for _ in range(times)]


def test_who_is_refused_is_counted_as_well(tmp_path):
    """Else keys could be guessed as fast as the database answers."""
    path = str(tmp_path / "kept.gpkg")
    store = empty_store(path)
    AccountTable(store).add("anna", "correct horse battery", parse_roles(["viewer"]))
    store.close()
    with limited(path, requests_per_minute=3) as client:
        found = [
            client.get("/districts", headers={"Authorization": f"Bearer lck_{n}"}).status_code
            for n in range(5)
        ]
    assert found == [401, 401, 401, 429, 429]


def test_a_clock_that_is_set_back_locks_nobody_out():
    rates = client_rates.ClientRates(read_settings(requests_per_minute=3))
    assert _count(rates, "192.0.2.1", 4) == [True, True, True, False]
    rates._latest += 3_600
    assert _count(rates, "192.0.2.1", 1) == [True]


def test_many_clients_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(client_rates, "_MOST_CLIENTS", 10)
    rates = client_rates.ClientRates(read_settings(requests_per_minute=3))
    for n in range(100):
        assert _count(rates, f"192.0.2.{n}", 1) == [True]
    assert len(rates._storage.events) <= 11


def test_no_rate_where_the_settings_say_so(db):
    with limited(db, requests_per_minute=0, changes_per_minute=0) as client:
        assert {ask(client, "192.0.2.1") for _ in range(20)} == {200}


def test_every_operation_documents_that_there_may_be_too_much(rated):
    document = rated.get("/openapi.json", headers={"X-Forwarded-For": "192.0.2.9"}).json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if path in client_rates.UNCOUNTED:
                continue
            told = operation["responses"]["429"]
            assert list(told["content"]) == ["application/problem+json"], (method, path)
            assert told["headers"]["Retry-After"]["schema"]["type"] == "integer"
