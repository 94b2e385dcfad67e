"""Large uploads at once: what they leave in memory and database, and how long others wait.

A service of its own on loopback, one file of a town as its database. Light requests are asked in
turn, first while it idles, then while the files come and while their jobs run.

Run: ``python -m benchmarks.uploads``.
"""

import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.measuring import Table
from boundaries.demo import bincheng
from boundaries.store.open import open_store

CODE = "371602"
STREET = "371602001"
FILES, FILE_BYTES, PART_BYTES = 5, 100_000_000, 1_000_000
IDLE_S, PATIENCE_S = 5.0, 600.0
SAME_MB = 1.0
LIGHT = ("/healthz", "/districts", f"/districts/{CODE}/coverage", "/jobs")
LIVE = {"queued", "running"}


ENVIRONMENT = {
    "PATH": "/usr/bin",
    "LIFECIRCLE_CACHE": "",
    "LIFECIRCLE_REQUESTS_PER_MINUTE": "0",  # one client asks for all
    "LIFECIRCLE_CHANGES_PER_MINUTE": "0",
}


@contextmanager
def service(db: Path, spool: Path) -> Iterator[tuple[int, str]]:
    """Run a service that takes changes; yield its number and its address."""
    words = ["serve", "--db", str(db), "--port", "0", "--editable"]
    command = [sys.executable, "-m", "api.cli.main", *words]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENVIRONMENT, "LIFECIRCLE_SPOOL": str(spool)},
    ) as process:
        lines = (re.search(r"http://[\d.]+:\d+", line) for line in process.stderr or ())
        address = next(match.group() for match in lines if match)
        try:
            yield process.pid, address
        finally:
            process.terminate()


def megabytes(pid: int) -> float:
    """Return the memory that a process has to itself."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(re.search(r"RssAnon:\s+(\d+)", text)[1]) / 1024


def settle(pid: int) -> None:
    """Wait until the memory of a process stays as it is: a service warms up on the side."""
    before = 0.0
    while abs(megabytes(pid) - before) > SAME_MB:
        before = megabytes(pid)
        time.sleep(IDLE_S)


def content() -> Iterator[bytes]:
    """Yield a file that is no table."""
    for _ in range(FILE_BYTES // PART_BYTES):
        yield b"\0" * PART_BYTES


def upload(address: str, number: int) -> str:
    """Send a file; return its job."""
    query = f"layer=service_points&filename=points{number}.csv"
    url = f"{address}/districts/{CODE}/imports?{query}"
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        answer = client.post(url, content=content())
    answer.raise_for_status()
    return answer.json()["job"]


def light(client: httpx.Client) -> dict[str, float]:
    """Ask each light question once; return the milliseconds that each took."""
    taken = {}
    for path in LIGHT:
        began = time.perf_counter()
        client.get(path).raise_for_status()
        taken[path] = 1e3 * (time.perf_counter() - began)
    return taken


def over(client: httpx.Client) -> bool:
    """Return whether no job waits or runs."""
    return not any(job["state"] in LIVE for job in client.get("/jobs").json()["jobs"])


def tables() -> list[Table]:
    """Return the two tables."""
    waits: dict[str, list[dict[str, float]]] = {"idle": [], "files come": [], "jobs run": []}
    held: list[list[str]] = []
    with TemporaryDirectory() as folder:
        db, spool = Path(folder, "town.gpkg"), Path(folder, "spool")
        store = open_store(db, create=True)
        store.replace(*bincheng(households=8_000, street=STREET))
        store.close()
        with (
            service(db, spool) as (pid, address),
            httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
            ThreadPoolExecutor(FILES) as senders,
        ):
            light(client)
            settle(pid)

            def note(when: str) -> None:
                spooled = sum(p.stat().st_size for p in spool.rglob("*") if p.is_file())
                figures = megabytes(pid), db.stat().st_size / 1e6, spooled / 1e6
                held.append([when, *(f"{figure:,.1f}" for figure in figures)])

            end = time.perf_counter() + IDLE_S
            while time.perf_counter() < end:
                waits["idle"].append(light(client))
            note("before")
            sent = [senders.submit(upload, address, number) for number in range(FILES)]
            while not all(each.done() for each in sent):
                waits["files come"].append(light(client))
            for each in sent:
                each.result()
            note("all files are there")
            while not over(client):
                waits["jobs run"].append(light(client))
            note("all jobs are over")
    files = f"{FILES} files of {FILE_BYTES // 1_000_000} MB at once"
    memory = Table(
        "What large uploads leave",
        f"{files} to one service over a file of 8,000 households; they are no tables, and their "
        "jobs fail. Memory of the service alone, without its jobs' processes.",
        ["when", "memory of the service, MB", "database, MB", "spool folder, MB"],
        held,
    )
    delay = Table(
        "Light requests beside large uploads",
        f"{files}; meanwhile one client asks light questions in turn on the same two cores.",
        ["request", *(f"{when}, ms median / most" for when in waits)],
        [
            [path, *(
                f"{statistics.median(each[path] for each in found):.1f} / "
                f"{max(each[path] for each in found):.1f}" if found else "-"
                for found in waits.values()
            )]
            for path in LIGHT
        ],
    )  # fmt: skip
    return [memory, delay]


if __name__ == "__main__":
    print(*(table.markdown() for table in tables()), sep="\n")
