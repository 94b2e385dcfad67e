"""Outages of a real service on loopback: how light requests fare, and whether anything is lost.

    python scripts/outages.py [NAME ...]      all, or those named: heavy uploads connections locked
                                              disk postgresql clock

Each starts a service of its own with a made-up town, disturbs it for some seconds, and prints one
line: light requests (a liveness probe and the list of districts) idle and meanwhile, what other
requests were answered, the memory before and after, and what the integrity check says.
"""

import os
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from boundaries.admin.check import faults_of  # noqa: E402 - from this tree
from boundaries.demo import bincheng  # noqa: E402
from boundaries.store.open import open_store  # noqa: E402

HOUSEHOLDS = 8_000
LIGHT = ("/healthz", "/districts")
HEAVY, UPLOADS, CONNECTIONS = 60, 5, 1_500
UPLOAD_BYTES = 100_000_000
PATIENCE_S = 120.0
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"


@dataclass
class Service:
    """A running service and its client."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    db: str
    code: str

    def memory_mb(self) -> float:
        """Return the resident memory of the service and its children."""
        pids, total = [self.process.pid], 0
        while pids:
            pid = pids.pop()
            with suppress(OSError):
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4_096
                pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return total / 1e6

    def light_ms(self, seconds: float) -> list[float]:
        """Return how long light requests take, one after the other."""
        taken, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            for path in LIGHT:
                begun = time.perf_counter()
                with suppress(httpx.HTTPError):
                    self.client.get(path)
                taken.append(1_000 * (time.perf_counter() - begun))
            time.sleep(0.02)
        return taken

    def rename(self, name: str) -> int:
        """Change the first gate as the page does; return the status."""
        place = f"/districts/{self.code}/gates"
        with suppress(httpx.HTTPError):
            gates = self.client.get(place)
            if gates.status_code != httpx.codes.OK:
                return gates.status_code
            key = gates.json()["features"][0]["id"]
            there = self.client.get(f"{place}/{key}")
            if there.status_code != httpx.codes.OK:
                return there.status_code
            feature = there.json()
            properties = {k: feature["properties"][k] for k in ("access", "opening_hours")}
            body = {"type": "Feature", "geometry": feature["geometry"],
                    "properties": {**properties, "name": name}}  # fmt: skip
            headers = {"If-Match": there.headers["ETag"]}
            return self.client.put(f"{place}/{key}", json=body, headers=headers).status_code
        return 0


@dataclass
class Figures:
    """What a disturbance did."""

    name: str
    idle: list[float]
    meanwhile: list[float] = field(default_factory=list)
    answers: Counter[object] = field(default_factory=Counter)
    before_mb: float = 0.0
    after_mb: float = 0.0
    kept: str = ""

    def print(self) -> None:
        """Print one line."""
        one, other = (statistics.quantiles(x, n=20)[-1] if len(x) > 1 else 0.0
                      for x in (self.idle, self.meanwhile))  # fmt: skip
        answers = ", ".join(f"{n} x {what}" for what, n in sorted(self.answers.items(), key=str))
        print(
            f"{self.name:12} light p95 idle {one:7.1f} ms, meanwhile {other:7.1f} ms"
            f" (x{other / one if one else 0:.1f}), worst {max(self.meanwhile, default=0):7.1f} ms;"
            f" {self.before_mb:.0f} -> {self.after_mb:.0f} MB; answers: {answers or '-'};"
            f" {self.kept}",
            flush=True,
        )


def free_port() -> int:
    """Return a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def service(db: str, folder: Path, code: str, **more: str) -> Iterator[Service]:
    """Run a service until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "api.cli.main", "serve", "--db", db, "--port", str(port),
               "--editable"]  # fmt: skip
    environment = {**os.environ, "LIFECIRCLE_SPOOL": str(folder / "spool"),
                   "LIFECIRCLE_CACHE": "", **more}  # fmt: skip
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=HERE, env=environment, stdout=log, stderr=log)
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, trust_env=False, timeout=PATIENCE_S) as client:
        try:
            end = time.monotonic() + PATIENCE_S
            while time.monotonic() < end:
                with suppress(httpx.HTTPError):
                    if client.get("/healthz").status_code == httpx.codes.OK:
                        break
                time.sleep(0.1)
            client.get(f"/districts/{code}/coverage", params={"by": "district"})
            yield Service(process, client, db, code)
        finally:
            process.terminate()
            process.wait()


def at_once(jobs: list[Callable[[], object]], done: Counter[object]) -> list[threading.Thread]:
    """Run each job in a thread of its own and count what it returns."""
    threads = [threading.Thread(target=lambda j=job: done.update([j()])) for job in jobs]
    for thread in threads:
        thread.start()
    return threads


def status_of(running: Service, path: str, **values: object) -> object:
    """Return the status of one request of its own connection."""
    try:
        with httpx.Client(base_url=running.client.base_url, trust_env=False, timeout=300) as own:
            return own.request(str(values.pop("method", "GET")), path, **values).status_code
    except httpx.HTTPError as error:
        return type(error).__name__


def disturbed(
    name: str, running: Service, jobs: list[Callable[[], object]], *, seconds: float = 20
) -> Figures:
    """Measure light requests idle and while `jobs` run, but no longer than `seconds`."""
    figures = Figures(name, running.light_ms(3), before_mb=running.memory_mb())
    threads = at_once(jobs, figures.answers)
    end = time.monotonic() + seconds
    while any(thread.is_alive() for thread in threads) and time.monotonic() < end:
        figures.meanwhile += running.light_ms(0.5)
    for thread in threads:
        thread.join()
    time.sleep(2)
    figures.after_mb = running.memory_mb()
    figures.kept = integrity(running)
    return figures


def integrity(running: Service) -> str:
    """Return what the integrity check says."""
    store = open_store(running.db)
    faults = faults_of(store)
    store.close()
    return "nothing lost" if not faults else f"FAULTS {faults[:2]}"


def heavy(folder: Path, db: Path, code: str) -> Figures:
    """Ask 60 different questions at once."""
    with service(str(db), folder, code) as running:
        jobs = [
            lambda i=i: (
                status_of(
                    running, f"/districts/{code}/coverage?by=building&minutes={5 + i / 7:.2f}"
                )
                if i % 2
                else status_of(
                    running, f"/districts/{code}/access?category=medical&minutes={5 + i}"
                )
            )
            for i in range(HEAVY)
        ]
        return disturbed("heavy", running, jobs, seconds=60)


def uploads(folder: Path, db: Path, code: str) -> Figures:
    """Send five files of 100 MB at once."""
    big = folder / "big.geojson"
    with big.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[' + b" " * UPLOAD_BYTES + b"]}")

    def send() -> object:
        with big.open("rb") as file:
            return status_of(
                running,
                f"/districts/{code}/imports?layer=buildings&filename=big.geojson",
                method="POST",
                content=file,
                headers={"Content-Type": "application/octet-stream"},
            )

    with service(str(db), folder, code) as running:
        return disturbed("uploads", running, [send] * UPLOADS, seconds=60)


def connections(folder: Path, db: Path, code: str) -> Figures:
    """Open 1,500 connections that send half a head and then nothing."""
    with service(str(db), folder, code) as running:
        where = (running.client.base_url.host, running.client.base_url.port)
        idle, before = running.light_ms(3), running.memory_mb()
        sockets = [socket.create_connection(where) for _ in range(CONNECTIONS)]
        for each in sockets:
            each.sendall(b"GET /districts HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        figures = Figures("connections", idle, running.light_ms(8), before_mb=before)
        end = time.monotonic() + PATIENCE_S
        for each in sockets:
            each.settimeout(max(end - time.monotonic(), 0.01))
            try:
                answer = each.recv(64).split(b"\r\n")[0].decode().strip() or "closed"
            except OSError as error:
                answer = type(error).__name__
            figures.answers[answer] += 1
            each.close()
        time.sleep(2)
        figures.after_mb, figures.kept = running.memory_mb(), integrity(running)
        return figures


def locked(folder: Path, db: Path, code: str) -> Figures:
    """Hold the file locked by another program for ten seconds."""
    with service(str(db), folder, code) as running:
        idle, before = running.light_ms(3), running.memory_mb()
        other = sqlite3.connect(db, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        figures = Figures("locked", idle, before_mb=before)
        threads = at_once(
            [lambda p=p: status_of(running, p) for p in
             ("/healthz", "/districts", f"/districts/{code}",
              f"/districts/{code}/coverage?by=district", f"/districts/{code}/changes")],
            figures.answers,
        )  # fmt: skip
        end = time.monotonic() + 10
        while time.monotonic() < end:
            begun = time.perf_counter()
            running.client.get("/healthz")
            figures.meanwhile.append(1_000 * (time.perf_counter() - begun))
            time.sleep(0.05)
        other.execute("ROLLBACK")
        other.close()
        for thread in threads:
            thread.join()
        figures.answers[f"edit afterwards {running.rename('after')}"] += 1
        figures.after_mb, figures.kept = running.memory_mb(), integrity(running)
        return figures


def disk(folder: Path, db: Path, code: str) -> Figures:
    """Fill the disk of the file while people edit."""
    place = folder / "disk"
    place.mkdir()
    room = db.stat().st_size * 2 + 8_000_000
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", place], check=True)
    try:
        shutil.copy(db, place / "town.gpkg")
        with service(str(place / "town.gpkg"), folder, code) as running:
            idle, before = running.light_ms(3), running.memory_mb()
            figures = Figures("disk", idle, before_mb=before)
            with (place / "filler").open("wb", buffering=0) as file, suppress(OSError):
                while True:
                    file.write(bytes(4_096))
            for i in range(5):
                figures.answers[f"edit meanwhile {running.rename(f'lost {i}')}"] += 1
            figures.meanwhile = running.light_ms(3)
            (place / "filler").unlink()
            figures.answers[f"edit afterwards {running.rename('after')}"] += 1
            figures.after_mb, figures.kept = running.memory_mb(), integrity(running)
            return figures
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def postgresql(folder: Path, db: Path, code: str) -> Figures:
    """Stop PostgreSQL under the service, and start it again."""
    from boundaries.admin.copy import copy_store  # noqa: PLC0415 - of this one
    from tests import guardian  # noqa: PLC0415
    from tests.postgis import cluster  # noqa: PLC0415

    guardian.begin()
    with cluster() as server:
        url = server.new_database()
        target = open_store(url, create=True)
        copy_store(open_store(str(db)), target)
        with service(url, folder, code) as running:
            idle, before = running.light_ms(3), running.memory_mb()
            figures = Figures("postgresql", idle, before_mb=before)
            figures.answers[f"edit before {running.rename('before')}"] += 1
            server.run("pg_ctl", "stop", "-s", "-m", "fast", "-D", str(server.folder / "data"))
            for path in ("/healthz", "/districts", f"/districts/{code}/changes"):
                figures.answers[f"{path.split('/')[-1]} meanwhile {status_of(running, path)}"] += 1
            figures.answers[f"edit meanwhile {running.rename('lost')}"] += 1
            figures.meanwhile = running.light_ms(3)
            server.start()
            figures.answers[f"edit afterwards {running.rename('after')}"] += 1
            figures.after_mb, figures.kept = running.memory_mb(), integrity(running)
        target.close()
        return figures


def clock(folder: Path, db: Path, code: str) -> Figures:
    """Set the clock of the service back by two days, and forward again."""
    hands = folder / "clock"
    hands.write_text("+0d")
    faked = {
        "LD_PRELOAD": FAKETIME,
        "FAKETIME_TIMESTAMP_FILE": str(hands),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with service(str(db), folder, code, **faked) as running:
        idle, before = running.light_ms(3), running.memory_mb()
        figures = Figures("clock", idle, before_mb=before)
        for moment in ("+0d", "-2d", "+0d"):
            hands.write_text(moment)
            time.sleep(2)  # it is read once a second
            figures.answers[f"edit at {moment}: {running.rename(moment)}"] += 1
            figures.meanwhile += running.light_ms(1)
        log = running.client.get(f"/districts/{code}/changes").json()["changes"]
        times = [row["at"] for row in log]
        ordered = times == sorted(times, reverse=True)
        figures.after_mb = running.memory_mb()
        figures.kept = f"{integrity(running)}, log {'in' if ordered else 'OUT OF'} order"
        return figures


OUTAGES: dict[str, Callable[[Path, Path, str], Figures]] = {
    each.__name__: each for each in (heavy, uploads, connections, locked, disk, postgresql, clock)
}


def main() -> None:
    """Run the outages that are named, or all."""
    names = sys.argv[1:] or list(OUTAGES)
    with tempfile.TemporaryDirectory(prefix="outages-") as place:
        folder = Path(place)
        folder.chmod(0o755)  # the server of the database runs under an account of its own
        made = folder / "made.gpkg"
        district, layers = bincheng(households=HOUSEHOLDS, street=None)
        open_store(made, create=True).replace(district, layers)
        for name in names:
            own = folder / name
            own.mkdir()
            db = own / "town.gpkg"
            shutil.copy(made, db)
            OUTAGES[name](own, db, district.code).print()


if __name__ == "__main__":
    main()
