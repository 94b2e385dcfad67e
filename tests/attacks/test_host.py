"""A page whose name was made to resolve to this machine reaches nothing (DNS rebinding)."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.ingress.hosts import Hosts, parse_host
from api.settings import read_settings
from geo.errors import InputError
from tests.api.serving import serving
from tests.scenes import tiny_store

REFUSED = 421
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - named, not listened on
GATE = "/districts/371602/gates/g1"


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of an editable service that has one public name, behind a proxy."""
    db = tmp_path_factory.mktemp("host") / "own.gpkg"
    tiny_store(db)
    settings = read_settings(db=str(db), editable=True, hosts="map.example.org")
    with serving(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example",
     "127.0.0.1@evil.example", "evil.example#localhost", "a b", "", EVERY_ADDRESS, "192.0.2.7",
     "xmap.example.org", "map.example.org.evil", "[::2]", "map.example.org:80:80"],
)  # fmt: skip
def test_a_rebound_page_neither_reads_nor_changes(editable: httpx.Client, host: str):
    for method, path in (("GET", "/districts"), ("DELETE", GATE), ("GET", "/healthz")):
        answer = editable.request(
            method, path, headers={"Host": host, "Origin": f"http://{host}", "If-Match": "*"}
        )
        assert answer.status_code == REFUSED, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "LIFECIRCLE_HOSTS" in answer.json()["detail"]
    assert editable.get(GATE).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:9999", "127.0.0.1", "127.1.2.3:1", "[::1]:8000", "map.example.org",
     "Map.Example.ORG.:443"],
)  # fmt: skip
def test_its_own_names_are_answered(editable: httpx.Client, host: str):
    assert editable.get("/healthz", headers={"Host": host}).status_code == 200


def test_a_forwarded_host_makes_nothing_possible(editable: httpx.Client):
    """The page of a rebound name can send any X-Forwarded-* itself."""
    for told in ({"Host": "evil.example", "X-Forwarded-Host": "localhost"},
                 {"Host": "localhost", "X-Forwarded-Host": "evil.example"},
                 {"Host": "localhost", "X-Forwarded-Host": "localhost, evil.example"}):  # fmt: skip
        assert editable.get("/districts", headers=told).status_code == REFUSED
    told = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "map.example.org"}
    assert editable.get("/districts", headers=told).status_code == 200


def test_a_forwarded_host_of_others_than_proxies_counts_for_nothing(tiny_db: Path):
    settings = read_settings(db=str(tiny_db), forwarded_allow_ips="192.0.2.0/24")
    with serving(create_app(settings)) as client:
        told = {"X-Forwarded-Host": "evil.example"}
        assert client.get("/healthz", headers=told).status_code == 200


def test_a_page_behind_a_proxy_may_change_what_its_own_host_serves(editable: httpx.Client):
    """Browsers without Sec-Fetch-Site are judged by their origin."""
    told = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "map.example.org", "If-Match": "*"}
    own = {**told, "Origin": "https://map.example.org"}
    foreign = {**told, "Origin": "https://evil.example"}
    body = {"properties": {"name": "door"}}
    assert editable.patch(GATE, json=body, headers=own).status_code == 200
    assert editable.patch(GATE, json=body, headers=foreign).status_code == 403


def test_a_request_without_a_host_is_refused(editable: httpx.Client):
    url = editable.base_url
    for version, status in ((b"1.0", b"421"), (b"1.1", b"400")):
        with socket.create_connection((url.host, url.port)) as raw:
            raw.sendall(b"GET /districts HTTP/" + version + b"\r\n\r\n")
            assert raw.recv(12).endswith(status)


def test_two_hosts_are_refused(editable: httpx.Client):
    url = editable.base_url
    with socket.create_connection((url.host, url.port)) as raw:
        raw.sendall(b"GET /districts HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
        assert raw.recv(12).endswith(b"400")


def test_an_address_it_listens_on_is_its_own():
    one, every = Hosts("", "192.0.2.7"), Hosts("", EVERY_ADDRESS)
    named = [parse_host(text) for text in ("192.0.2.7:8000", "localhost", "192.0.2.8", "a.example")]
    assert [one.allows(host, "192.0.2.7") for host in named] == [True, True, False, False]
    assert [every.allows(host, "192.0.2.8") for host in named] == [False, True, True, False]
    six = parse_host("[2001:db8:0::7]")
    assert Hosts("", "2001:db8::7").allows(six)
    assert not Hosts("", "2001:db8::8").allows(six)


def test_the_setting_knows_ports_and_names_below():
    hosts = Hosts("a.example:8443, *.b.example ,[2001:db8::1]:80", "127.0.0.1")
    told = {"a.example:8443": True, "a.example": False, "a.example:80": False, "b.example": False,
            "x.b.example": True, "y.x.b.example:9": True, "xb.example": False,
            "[2001:db8::1]:80": True, "[2001:db8::1]": False}  # fmt: skip
    assert {text: hosts.allows(parse_host(text)) for text in told} == told


@pytest.mark.parametrize("setting", ["*", "a b", "http://a.example", "a.example,*.*.b", "a/b"])
def test_a_wrong_setting_is_one_sentence(setting: str):
    with pytest.raises(InputError, match="LIFECIRCLE_HOSTS"):
        Hosts(setting, "127.0.0.1")
