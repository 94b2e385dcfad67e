"""The log tells one line of every request, and no secret."""

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.logs import OURS, LogLines, configure, get_logger, teller
from api.settings import read_settings
from boundaries.store.open import secrets_of
from geo.errors import InputError
from tests.api.serving import serving
from tests.waiting import wait_until

DISTRICT = "/districts/371602"
HUSH = "hush-hush-7f3a"


class Log(io.StringIO):
    """What was logged, line by line."""

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def line(self, **wanted: object) -> dict:
        """Return the one line with some values, once it is there."""

        def matching() -> list[dict]:
            return [each for each in self.lines() if each.items() >= wanted.items()]

        wait_until(matching, f"no line has {wanted}")
        assert len(matching()) == 1
        return matching()[0]


@contextmanager
def logging_to(stream: io.TextIOBase, log_format: str = "json", **more: object) -> Iterator[None]:
    root = logging.getLogger()
    level = root.level
    configure(log_format, stream=stream, **more)
    try:
        yield
    finally:
        root.setLevel(level)
        for name in OURS:
            logging.getLogger(name).setLevel(logging.NOTSET)
        for lines in [each for each in root.handlers if isinstance(each, LogLines)]:
            root.removeHandler(lines)
            lines.close()


@pytest.fixture
def log() -> Iterator[Log]:
    stream = Log()
    with logging_to(stream):
        yield stream


@pytest.fixture
def client(tiny_db: Path, log: Log) -> Iterator[httpx.Client]:
    with serving(create_app(read_settings(db=str(tiny_db), editable=True))) as made:
        yield made


def test_a_request_is_one_line(client: httpx.Client, log: Log):
    answer = client.get(f"{DISTRICT}/coverage?minutes=7", headers={"X-Request-ID": "a.b-c_1"})
    assert answer.headers["x-request-id"] == "a.b-c_1"
    line = log.line(request_id="a.b-c_1")
    assert line.pop("ms") >= 0
    assert line.pop("sent") > 0
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request", "level": "info", "logger": "lifecircle.request", "actor": "",
        "method": "GET", "route": "/districts/{code}/coverage", "path": f"{DISTRICT}/coverage",
        "client": "127.0.0.1", "status": 200, "received": 0, "request_id": "a.b-c_1",
    }  # fmt: skip


@pytest.mark.parametrize("given", ["", "two words", "a" * 65, "x\ty", "ü", '"}{', "../../etc"])
def test_an_id_that_could_be_anything_is_not_taken(client: httpx.Client, log: Log, given: str):
    answer = client.get("/healthz", headers={"X-Request-ID": given.encode()})
    made = answer.headers["x-request-id"]
    assert made != given
    assert len(made) == 16
    assert log.line(request_id=made)["route"] == "/healthz"


def test_no_secret_of_a_request_is_logged(client: httpx.Client, log: Log):
    headers = {
        "Authorization": f"Bearer {HUSH}", "Cookie": f"session={HUSH}", "X-API-Key": HUSH,
        "Proxy-Authorization": HUSH, "X-CSRF-Token": HUSH, "User-Agent": HUSH,
        "Referer": f"http://x/?token={HUSH}", "X-Request-ID": f"{HUSH} no id",
    }  # fmt: skip
    asked = [
        client.get(f"{DISTRICT}?key={HUSH}&token={HUSH}", headers=headers),
        client.post(f"{DISTRICT}/scenarios", json={"password": HUSH}, headers=headers),
        client.put(f"{DISTRICT}/gates/g1?token={HUSH}", content=HUSH, headers=headers),
        client.get(f"/?password={HUSH}", headers=headers),
        client.request("BREW", f"/docs?{HUSH}", headers=headers),
    ]
    for answer in asked:
        log.line(request_id=answer.headers["x-request-id"])
    assert HUSH not in log.getvalue()


def test_lines_cannot_be_forged(client: httpx.Client, log: Log):
    answer = client.get('/districts/x%0A{"event":"forged"}%1B[2J')
    line = log.line(request_id=answer.headers["x-request-id"])
    assert line["path"].startswith("/districts/x%0A")
    assert line["path"].isprintable()
    assert not any(each["event"] == "forged" for each in log.lines())


def test_a_fault_is_in_the_log_under_the_id_of_its_answer(client, log, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("inner matters")

    monkeypatch.setattr("api.coverage.routes.coverage", fail)
    answer = client.get(f"{DISTRICT}/coverage")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.json()
    assert "inner matters" not in answer.text
    fault = log.line(request_id=body["request_id"], event="fault")
    assert "ZeroDivisionError: inner matters" in fault["exception"]
    assert log.line(request_id=body["request_id"], event="request")["status"] == 500
    assert body["request_id"] == answer.headers["x-request-id"]


def test_every_problem_carries_its_id(client: httpx.Client):
    for url in ("/nothing", f"{DISTRICT}?x=1", "/districts/none"):
        answer = client.get(url)
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_what_an_answer_does_not_tell_the_log_does(log: Log, postgis):
    from tests.scenes import tiny_store

    address = postgis.new_database()
    store = tiny_store(address)
    store.close()
    app = create_app(read_settings(db=address))
    with serving(app) as client:
        app.state.service.snapshots.store.close()
        postgis.drop(address)
        answer = client.get(f"{DISTRICT}/service-points/p1")
    assert answer.status_code == 503
    line = log.line(request_id=answer.json()["request_id"], logger="api.formats.problems")
    assert "There is no database postgresql" in line["event"]


def test_the_password_of_the_database_is_never_logged(tmp_path: Path):
    log = Log()
    address = "postgresql+psycopg://me:a%40b%2Fc%3A%25d@127.0.0.1:1/none"
    with logging_to(log, secrets=secrets_of(address)):
        get_logger("any").warning("tried", address=address, words=["a@b/c:%d"])
        logging.getLogger("driver").error("cannot connect as %s", "me:a@b/c:%d")
        logging.getLogger("driver").error("failed", exc_info=OSError(address))
        wait_until(lambda: len(log.lines()) == 3, "a line is missing")
    assert "a@b" not in log.getvalue()
    assert "a%40b" not in log.getvalue()
    assert log.getvalue().count("***") >= 4


def test_text_lines_stay_lines(tiny_db: Path):
    log = io.StringIO()
    with logging_to(log, "text"), serving(create_app(read_settings(db=str(tiny_db)))) as client:
        client.get("/healthz", headers={"X-Request-ID": "one"})
        logging.getLogger("x").warning("two\nlines")
        wait_until(lambda: log.getvalue().count("\n") == 2, "a line is missing")
    # The line of a request may come after its answer.
    first, second = sorted(log.getvalue().splitlines(), key=lambda line: "two" in line)
    assert {"status=200", "request_id=one", "route=/healthz"} <= set(first.split())
    assert "two\\nlines" in second


def test_a_pipe_that_nobody_reads_never_stops_the_service(tiny_db: Path):
    read, write = os.pipe()
    with os.fdopen(write, "w", encoding="utf-8") as pipe:
        with (
            logging_to(pipe),
            serving(create_app(read_settings(db=str(tiny_db)))) as client,
        ):
            logging.getLogger("x").warning("a" * 1_000_000)
            for _ in range(20):
                assert client.get("/healthz").status_code == 200
        reader = threading.Thread(target=lambda: drain(read))
        reader.start()
    reader.join()


def drain(handle: int) -> None:
    while os.read(handle, 65_536):
        pass
    os.close(handle)


def test_lines_are_json_where_nobody_looks(monkeypatch: pytest.MonkeyPatch):
    said: list[str] = []
    monkeypatch.setattr("sys.stderr", io.StringIO())
    teller("auto", said.append)("goes to the log")
    assert said == []
    teller("text", said.append)("is said")
    assert said == ["is said"]
    with pytest.raises(InputError, match="LIFECIRCLE_LOG_FORMAT"):
        configure("xml")
