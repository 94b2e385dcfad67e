"""Answers per second of one process at 16 connections, beside tipg on the same PostGIS rows.

tipg serves tables, so what Lifecircle computes is written into tables of the same database first:
both then answer the same features. Each server runs alone for its turn, and turns alternate.

Run: ``python -m benchmarks.serving``; with the folder of another checkout as argument that one is
measured in the same run as well.
"""

import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
import sqlalchemy as sa
from geoalchemy2 import Geometry

from benchmarks.load import Load, load
from benchmarks.measuring import Table
from boundaries.demo import bincheng
from boundaries.store.open import open_store
from tests import guardian
from tests.postgis import Cluster, cluster

HOUSEHOLDS, CONNECTIONS, SECONDS, TURNS = 20_000, 16, 2.0, 5
TIPG = "tipg==1.6.1"
HERE = Path(__file__).resolve().parents[1]
GZIP = "Accept-Encoding: gzip"
_STORE = """
import sys
from boundaries.demo import bincheng
from boundaries.store.open import open_store
store = open_store(sys.argv[1], create=True)
store.replace(*bincheng(households=int(sys.argv[2]), street=None))
"""


def questions(code: str) -> dict[str, str]:
    """Return what is asked of Lifecircle, by the name of the peer's table."""
    of = f"/districts/{code}"
    return {
        "coverage": f"{of}/coverage?by=small",
        "grids": f"{of}/grids?level=small",
        "buildings": f"{of}/buildings",
        "points": f"{of}/service-points",
    }


@contextmanager
def process(command: list[str], port: int, *, cwd: Path, **more: str) -> Iterator[int]:
    """Run a server while the context lasts; wait until it answers."""
    environment = {**os.environ, **more}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # a line per request
    server = subprocess.Popen(command, cwd=cwd, env=environment, **quiet)
    try:
        while server.poll() is None:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{' '.join(command)} ended at once")
        yield port
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def lifecircle(tree: Path, address: str) -> AbstractContextManager[int]:
    """Return a context that runs Lifecircle of a checkout."""
    port = free_port()
    command = [sys.executable, "-m", "api.cli.main", "serve", "--db", address, "--port", str(port)]
    return process(command, port, cwd=tree, LIFECIRCLE_REQUESTS_PER_MINUTE="0")


def install_tipg(folder: Path) -> Path | None:
    """Return a Python with tipg in an environment of its own; None where it cannot be had."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", TIPG, "uvicorn"]
    ran = subprocess.run([*pip, "--disable-pip-version-check"], capture_output=True, check=False)
    return None if ran.returncode else folder / "bin" / "python"


def tipg(python: Path, server: Cluster, database: str) -> AbstractContextManager[int]:
    """Return a context that runs tipg on a database of the cluster."""
    port = free_port()
    command = [str(python), "-m", "uvicorn", "tipg.main:app", "--port", str(port)]
    command += ["--log-level", "warning"]
    host = str(server.folder).replace("/", "%2F")
    return process(
        command, port, cwd=server.folder,
        DATABASE_URL=f"postgresql://{server.account}@{host}/{database}",
        TIPG_DB_SCHEMAS='["peer"]', TIPG_DB_ONLY_SPATIAL_TABLES="0",
        TIPG_MAX_FEATURES_PER_QUERY="1000000", TIPG_CATALOG_TTL="0",
    )  # fmt: skip


def get(port: int, path: str) -> dict[str, Any]:
    """Return one JSON answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    request.add_header("Accept-Encoding", "gzip")
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (loopback)
        body = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
    result: dict[str, Any] = json.loads(gzip.decompress(body) if packed else body)
    return result


def rows_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the features of an answer as rows with their geometry; a table has none."""
    if "features" in answer:
        return [{**each["properties"], "geometry": each["geometry"]} for each in answer["features"]]
    return [{**row, "geometry": None} for row in answer["rows"]]


def write_peer(engine: sa.Engine, name: str, rows: list[dict[str, Any]]) -> None:
    """Write rows into a table of the peer's, what is nested as JSON."""
    frame = pd.DataFrame([{k: v for k, v in row.items() if k != "geometry"} for row in rows])
    nested = [c for c in frame if frame[c].map(lambda v: isinstance(v, dict | list)).any()]
    types = dict.fromkeys(nested, sa.dialects.postgresql.JSONB())
    frame.insert(0, "gid", range(1, len(frame) + 1))
    if rows[0]["geometry"] is not None:
        shapes = shapely.from_geojson([json.dumps(row["geometry"]) for row in rows])
        frame["geom"] = [f"SRID=4326;{shape.wkt}" for shape in shapes]
        types["geom"] = Geometry("GEOMETRY", srid=4326)
    frame.to_sql(name, engine, schema="peer", index=False, dtype=types)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'ALTER TABLE peer."{name}" ADD PRIMARY KEY (gid)')


def same(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    """Return whether two answers tell the same of the same features, to a tenth of a millimetre."""

    def plain(row: dict[str, Any]) -> str:
        kept = {k: v for k, v in row.items() if k not in ("geometry", "gid")}
        shape = row["geometry"]
        if shape is not None:
            near = shapely.set_precision(shapely.from_geojson(json.dumps(shape)), 1e-9)
            shape = shapely.to_wkt(shapely.normalize(near), rounding_precision=7)
        return json.dumps([kept, shape], sort_keys=True)

    return sorted(map(plain, ours)) == sorted(map(plain, theirs))


def measured(
    servers: dict[str, tuple[Any, dict[str, str], tuple[str, ...]]],
) -> dict[tuple[str, str], Load]:
    """Return the load of each server and question with the median rate of all turns."""
    taken: dict[tuple[str, str], list[Load]] = {}
    for _ in range(TURNS):
        for server, (port, paths, headers) in servers.items():
            for name, path in paths.items():
                given = load(port, path, connections=CONNECTIONS, seconds=SECONDS, headers=headers)
                taken.setdefault((server, name), []).append(given)
    return {
        key: sorted(loads, key=lambda each: each.per_s)[len(loads) // 2]
        for key, loads in taken.items()
    }


def tables(*others: Path) -> list[Table]:
    """Return the table."""
    guardian.begin()  # stops the database server however this ends
    district, layers = bincheng(households=HOUSEHOLDS, street=None)
    table = Table(
        "Answers per second",
        f"One process of each, {CONNECTIONS} connections that stay open, gzip accepted; median of "
        f"{TURNS} turns of {SECONDS:g} s. A town of {HOUSEHOLDS:,} households in PostGIS: "
        f"{len(layers.buildings):,} buildings, {len(layers.service_points):,} points. Lifecircle "
        "gives bytes that it keeps, after asking the database whether the district has changed; "
        "tipg reads tables that hold the very features of these answers.",
        [
            "answer",
            "features",
            "kB sent",
            "Lifecircle per s",
            "304 per s",
            f"{TIPG} per s",
            "ratio",
        ],
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(cluster())
        address = server.new_database()
        store = open_store(address, create=True)
        store.replace(district, layers)
        store.close()
        paths = questions(district.code)
        port = stack.enter_context(lifecircle(HERE, address))
        ours = {name: rows_of(get(port, path)) for name, path in paths.items()}
        seen = {name: etag(port, path) for name, path in paths.items()}
        servers: dict[str, Any] = {"ours": (port, paths, (GZIP,))}
        for name, path in paths.items():
            servers[f"304 {name}"] = (port, {name: path}, (GZIP, f"If-None-Match: {seen[name]}"))
        for other in others:
            of_other = server.new_database()
            command = [sys.executable, "-c", _STORE, of_other, str(HOUSEHOLDS)]
            subprocess.run(command, cwd=other, check=True)
            was = stack.enter_context(lifecircle(other, of_other))
            for path in paths.values():
                get(was, path)  # warm
            servers[str(other)] = (was, paths, (GZIP,))
        python = install_tipg(folder / "tipg")
        if python is None:
            table.notes.append(f"{TIPG} cannot be installed here and was not measured.")
        else:
            engine = sa.create_engine(address)
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE SCHEMA peer")
            for name, rows in ours.items():
                write_peer(engine, name, rows)
            engine.dispose()
            database = address.split("/")[3].split("?")[0]
            peer = stack.enter_context(tipg(python, server, database))
            asked = {
                name: f"/collections/peer.{name}/items?f=geojson&limit={len(rows)}"
                for name, rows in ours.items()
            }
            for name, path in asked.items():
                if not same(ours[name], rows_of(get(peer, path))):
                    table.notes.append(f"{name}: the two answers differ.")
            servers["tipg"] = (peer, asked, (GZIP,))
        figures = measured(servers)
    for name, rows in ours.items():
        mine, known = figures["ours", name], figures[f"304 {name}", name]
        theirs = figures.get(("tipg", name))
        table.rows.append(
            [
                name,
                f"{len(rows):,}",
                f"{mine.size / 1e3:.0f}",
                f"{mine.per_s:,.0f}",
                f"{known.per_s:,.0f}",
                "-" if theirs is None else f"{theirs.per_s:,.1f}",
                "-" if theirs is None else f"{mine.per_s / theirs.per_s:.0f}x",
            ]
        )
        for other in others:
            was = figures[str(other), name]
            table.notes.append(
                f"{other.name}: {name} {was.per_s:,.1f} per s, so {mine.per_s / was.per_s:.0f}x."
            )
    return [table]


def etag(port: int, path: str) -> str:
    """Return the entity tag of an answer."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return str(answer.headers["ETag"])


if __name__ == "__main__":
    for each in tables(*(Path(argument).resolve() for argument in sys.argv[1:])):
        print(each.markdown())
