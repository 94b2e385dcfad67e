"""``serve`` and ``demo`` as processes of their own."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import read_settings
from boundaries.store.open import open_store
from tests.api.serving import serving
from tests.contracts.forking import service
from tests.scenes import tiny_store
from tests.waiting import PATIENCE_S

COMMAND = [sys.executable, "-m", "api.cli.main"]
HOUSEHOLDS = 1_000


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a command that serves; yield it with its address."""
    process = subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        told = []
        for line in process.stderr:
            told.append(line)
            address = re.search(r"http://[\d.]+:\d+/", line)
            if address:
                yield process, address.group()
                return
        pytest.fail("".join(told))
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_serve_answers_until_it_is_interrupted(tiny_db: Path):
    with running("serve", "--db", str(tiny_db), "--port", "0") as (process, address):
        with httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client:
            assert client.get("/healthz").json()["status"] == "ok"
            assert client.get("/districts").json()["districts"][0]["code"] == "371602"
            assert client.get("/").headers["content-type"] == "text/html; charset=utf-8"
        assert address.startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) in {0, 130, -signal.SIGINT}


def test_a_port_that_is_taken_is_one_sentence(tiny_db: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(app, ["serve", "--db", str(tiny_db), "--port", port])
    assert result.exit_code == 2
    assert f"127.0.0.1:{port}" in result.stderr


def test_serve_without_a_database_says_how_to_make_one(tmp_path: Path):
    result = CliRunner().invoke(app, ["serve", "--db", str(tmp_path / "no.gpkg"), "--port", "0"])
    assert result.exit_code == 2
    assert "lifecircle demo" in result.stderr


def test_a_proxy_may_serve_it_under_a_path(tiny_db: Path):
    service = create_app(read_settings(db=str(tiny_db)))
    with serving(service, root_path="/gis") as client:  # the proxy takes /gis away
        assert client.get("/districts/371602").status_code == 200
        assert client.get("/static/mark.svg").status_code == 200
        assert client.get("/districts?x=1").status_code == 400
        assert client.get("/districts/371602/coverage?minutes=5").status_code == 200
        assert client.get("/openapi.json").json()["servers"] == [{"url": "/gis"}]


@pytest.fixture(scope="module")
def demo_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the database of a demo with a small town."""
    db = tmp_path_factory.mktemp("demo") / "demo.gpkg"
    words = ["demo", "--no-serve", "--households", str(HOUSEHOLDS), "--db", str(db), "--json"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    told = {row["district"]: row for row in json.loads(result.stdout)["districts"]}
    assert told["371602"]["synthetic"] is True
    assert told["371602"]["households"] == pytest.approx(HOUSEHOLDS, rel=0.25)
    return db


def test_the_demo_loads_both_districts(demo_db: Path):
    codes = {district.code: district for district in open_store(demo_db).districts()}
    assert codes["371602"].origin == "synthetic"
    if "helsinki" not in codes:
        pytest.skip("the demo extra with the Helsinki extract is not installed")
    grids = open_store(demo_db).layers("helsinki").grids
    assert set(grids["origin"]) == {"drawn"}
    assert set(grids["level"]) == {"large", "medium", "small"}


def test_the_second_demo_uses_what_is_there(demo_db: Path, monkeypatch: pytest.MonkeyPatch):
    before = demo_db.read_bytes()
    for maker in ("boundaries.demo.bincheng", "boundaries.imports.import_files.load_osm"):
        monkeypatch.setattr(maker, None)  # nothing can be made anew
    done = CliRunner().invoke(app, ["demo", "--no-serve", "--db", str(demo_db)])
    assert done.exit_code == 0, done.output
    assert "synthetic" in done.output
    assert demo_db.read_bytes() == before


def test_every_synthetic_answer_is_labelled(demo_db: Path):
    with serving(create_app(read_settings(db=str(demo_db)))) as client:
        base = "/districts/371602"
        assert client.get(base).json()["synthetic"] is True
        assert client.get(f"{base}/coverage").json()["synthetic"] is True
        assert client.get(f"{base}/gaps").json()["synthetic"] is True
        for layer in ("grids", "service-points", "buildings", "barriers", "gates"):
            found = client.get(f"{base}/{layer}").json()
            assert found["lifecircle"]["synthetic"] is True
            for feature in found["features"][:1]:
                one = f"{base}/{layer}/{feature['id']}"
                assert client.get(one).json()["lifecircle"]["synthetic"] is True
                assert client.get(f"{one}/versions").json()["synthetic"] is True


def test_the_demo_serves_what_it_computed(demo_db: Path):
    with (
        running("demo", "--db", str(demo_db), "--port", "0") as (_, address),
        httpx.Client(base_url=address, trust_env=False, timeout=PATIENCE_S) as client,
    ):
        answer = client.get("/districts/371602/coverage").json()
        total = answer["total"]
        assert total["households"] == pytest.approx(HOUSEHOLDS, rel=0.25)
        assert sum(row["households"] for row in answer["rows"]) == pytest.approx(
            total["households"] - answer["outside"]["households"], abs=1e-9
        )
        missing = client.delete("/districts/371602/gates/none")
        assert missing.status_code == 428  # the demo on loopback takes changes


def test_serve_takes_changes_where_it_is_told_to(tmp_path: Path):
    db = tmp_path / "own.gpkg"
    tiny_store(db)
    for word, status in (("--editable", 200), ("--read-only", 403)):
        with service("--db", str(db), "--port", "0", word) as (_, address):
            one = f"{address}districts/371602/gates/g1"
            told = {"properties": {"name": word}}
            answer = httpx.patch(
                one, json=told, headers={"If-Match": "*"}, trust_env=False, timeout=PATIENCE_S
            )
            assert answer.status_code == status, answer.text
    assert open_store(db).layers("371602").gates["name"].item() == "--editable"
