"""Several processes on one address, as ``serve --workers`` runs them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.api.until import over, until
from tests.scenes import tiny_store
from tests.waiting import PATIENCE_S, wait_until

COMMAND = [sys.executable, "-m", "api.cli.main", "serve", "--port", "0", "--workers", "2"]
REQUESTS = re.compile(r'^lifecircle_requests_total\{.*route="/healthz".*\} (\S+)$', re.MULTILINE)


@contextmanager
def workers(db: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """Run the service; yield its parent process and a client that keeps no connection."""
    with log.open("wb") as lines:
        process = subprocess.Popen([*COMMAND, "--db", str(db), "--editable"], stderr=lines)
    try:
        wait_until(lambda: b"http://" in log.read_bytes(), "it never says where it is")
        address = re.search(r"http://[\d.]+:\d+/", log.read_text("utf-8"))
        assert address
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(
            base_url=address.group(), trust_env=False, timeout=PATIENCE_S, limits=limits
        ) as client:
            yield process, client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def children(pid: int) -> set[int]:
    """Return the processes that answer: those below `pid` that hold its listening socket."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    named: dict[int, bytes] = {}
    for each in found:
        with suppress(OSError):  # it has just ended
            named[int(each)] = Path(f"/proc/{each}/cmdline").read_bytes()
    return {each for each, line in named.items() if b"spawn_main" in line}


def test_two_workers_answer_one_runs_the_jobs_and_a_dead_one_is_replaced(tmp_path: Path):
    db, log = tmp_path / "own.gpkg", tmp_path / "log"
    tiny_store(db)
    with workers(db, log) as (process, client):
        wait_until(lambda: len(children(process.pid)) == 2, "there are not two")
        pids = children(process.pid)
        wait_until(lambda: log.read_bytes().count(b"The engine is warm") == 2, "it stays cold")

        for _ in range(20):
            assert client.get("/healthz").status_code == 200
        counted = REQUESTS.search(client.get("/metrics").text)  # of both, whoever answers
        assert counted
        assert float(counted[1]) == 20

        asked = client.post("/districts/371602/runs", json={"minutes": 15})
        assert asked.status_code == 202, asked.text
        assert until(client, asked.json()["job"], over)["state"] == "done"

        victim = max(pids)
        os.kill(victim, signal.SIGKILL)
        wait_until(
            lambda: len(children(process.pid) - {victim}) == 2, "the dead one is not replaced"
        )
        for _ in range(20):  # the rest goes on meanwhile
            assert client.get("/healthz").status_code == 200
        again = client.post("/districts/371602/runs", json={"minutes": 10})
        assert until(client, again.json()["job"], over)["state"] == "done"
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) in {0, -signal.SIGTERM}
    assert b"Traceback" not in log.read_bytes(), log.read_text("utf-8")


def test_workers_without_a_database_say_how_to_make_one_once(tmp_path: Path):
    command = [*COMMAND, "--db", str(tmp_path / "no.gpkg")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert done.stderr.count("lifecircle demo") == 1
    assert "Traceback" not in done.stderr
