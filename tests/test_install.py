"""What installs the service: containers, locks, the systemd unit, the nginx example."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from psycopg import sql

from api.settings import read_settings, settings_table
from boundaries.store.open import open_store
from geo.errors import InputError, UnavailableError
from tests.postgis import Cluster, cluster
from tests.scenes import tiny_store
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "examples"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PASSWORDS = ["plain", "@/:%#?&=+ $&\\\"'", "密码 ü", "%40", "a@b:c/d"]


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[Cluster, str]]:
    """Return a server that asks the account `own` for its password, and its database."""
    with cluster() as server:
        address = server.new_database()
        store = tiny_store(address)
        store.close()
        rules = server.folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all own scram-sha-256\n{rules.read_text()}")
        with server.connect() as connection:
            connection.execute("CREATE ROLE own LOGIN SUPERUSER")
            connection.execute("SELECT pg_reload_conf()")
        own = address.replace("postgres@", "own@")
        wait_until(lambda: refused(own), "the server asks for no password")
        yield server, own


def refused(address: str) -> bool:
    """Return whether a server refuses the account of an address."""
    try:
        open_store(address).close()
    except UnavailableError:
        return True
    return False


@pytest.mark.parametrize("password", PASSWORDS)
def test_any_password_opens_the_database(guarded, tmp_path, monkeypatch, password: str):
    """As `compose.yaml` hands it on: a file, and an address without it."""
    server, address = guarded
    with server.connect() as connection:
        connection.execute(sql.SQL("ALTER ROLE own PASSWORD {}").format(sql.Literal(password)))
    file = tmp_path / "db_password"
    monkeypatch.setenv("PGPASSWORD", "another")
    with pytest.raises(UnavailableError, match="wrong or missing password"):
        open_store(address)
    file.write_text(f"{password}\n", "utf-8")
    settings = read_settings(db=address, db_password_file=str(file))
    store = open_store(settings.db)
    assert [district.code for district in store.districts()] == ["371602"]
    store.close()


def test_a_password_file_that_is_not_there_is_one_sentence(tmp_path: Path):
    with pytest.raises(InputError, match="LIFECIRCLE_DB_PASSWORD_FILE"):
        read_settings(db_password_file=str(tmp_path / "none"))


def test_no_password_is_part_of_an_address_or_an_environment():
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert re.findall(r"\$\{LIFECIRCLE_DB_PASSWORD[^}]*\}", text) == []
    assert COMPOSE["secrets"] == {"db_password": {"environment": "LIFECIRCLE_DB_PASSWORD"}}
    for service in COMPOSE["services"].values():
        assert service["secrets"] == ["db_password"]
        assert not any("PASSWORD" in name and not name.endswith("_FILE")
                       for name in service["environment"])  # fmt: skip


def test_the_containers_name_settings_that_there_are():
    known = {row.variable for row in settings_table()}
    named = {name for service in COMPOSE["services"].values() for name in service["environment"]}
    named |= set(re.findall(r"\b(LIFECIRCLE_\w+)=", DOCKERFILE))
    named |= set(re.findall(r"\b(LIFECIRCLE_\w+)=", (EXAMPLES / "lifecircle.service").read_text()))
    assert {name for name in named if name.startswith("LIFECIRCLE_")} <= known


def test_health_is_asked_of_readyz_and_kernels_have_a_volume():
    service = COMPOSE["services"]["service"]
    assert "/readyz" in " ".join(service["healthcheck"]["test"])
    assert "/readyz" in DOCKERFILE
    kept = dict(volume.split(":")[:2] for volume in service["volumes"] if volume[0] != "$")["kept"]
    assert f"NUMBA_CACHE_DIR={kept}/" in DOCKERFILE
    assert f"LIFECIRCLE_CACHE={kept}/" in DOCKERFILE
    assert {"data", "kept"} == set(COMPOSE["volumes"])


def test_every_package_of_the_image_is_pinned_by_hash():
    for name in ("requirements.lock", "requirements-build.lock"):
        assert re.search(rf"--require-hashes --requirement /?{re.escape(name)}\b", DOCKERFILE)
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text  # no registry is named
        entries = re.split(r"\n(?=[a-z0-9])", text.strip())
        for entry in entries:
            assert re.match(r"[a-z0-9.\-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_lock_holds_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.match(r"[\w.-]+", each)[0].lower() for each in project["dependencies"]}
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert wanted <= set(locked)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_takes_the_unit(tmp_path: Path):
    unit = tmp_path / "lifecircle.service"
    text = (EXAMPLES / "lifecircle.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/lifecircle/bin/lifecircle", "/bin/true"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "lifecircle.service" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx here")
def test_nginx_takes_the_example(tmp_path: Path):
    key, certificate = tmp_path / "key.pem", tmp_path / "fullchain.pem"
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout {key} -out {certificate}"
    subprocess.run(make.split(), capture_output=True, check=True)
    text = (EXAMPLES / "lifecircle.nginx.conf").read_text("utf-8")
    text = text.replace("/etc/ssl/lifecircle", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n", "utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-e", str(tmp_path / "log"), "-c", str(whole)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
