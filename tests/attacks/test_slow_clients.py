"""Clients that send or take slowly, or not at all, hold nothing for ever."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.server.connections import ConnectionLimits
from api.server.open_files import raise_open_files
from api.settings import read_settings
from tests.api.serving import PLAIN, serving, serving_by
from tests.waiting import PATIENCE_S, wait_until

SOON_S = 0.3
NEVER_S = 3_600
DOCUMENT = "/openapi.json"
ASKED = 100
"""Answers that are more than the system keeps for one connection."""

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
BODY = (
    b"POST /districts/371602/assignments HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
)


@contextmanager
def service(db: Path, **settings: object) -> Iterator[httpx.Client]:
    """Serve with deadlines that never come, but for those that are named."""
    deadlines = {"head_timeout_s": NEVER_S, "body_timeout_s": NEVER_S, "body_bytes_per_s": 1e-9}
    with serving(create_app(read_settings(db=str(db), **{**deadlines, **settings}))) as client:
        yield client


def connect(client: httpx.Client) -> socket.socket:
    raw = socket.create_connection((client.base_url.host, client.base_url.port))
    raw.settimeout(PATIENCE_S)
    return raw


def rest(raw: socket.socket) -> bytes:
    """Return all that comes until the service closes the connection."""
    parts = []
    try:
        while part := raw.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def whole(raw: socket.socket) -> bytes:
    """Return one answer, which ends with a brace."""
    answer = b""
    while not answer.endswith(b"}"):
        part = raw.recv(65_536)
        assert part, answer
        answer += part
    return answer


def trickle(raw: socket.socket, stop: threading.Event) -> None:
    """Send a byte again and again, each well within any deadline."""
    try:
        while not stop.wait(SOON_S / 10):
            raw.sendall(b"x")
    except OSError:
        pass


@pytest.mark.parametrize("sent", [b"", b"G", HEAD, HEAD + b"X-Long: "], ids=len)
def test_a_head_that_does_not_come_is_given_up(tiny_db: Path, sent: bytes):
    with service(tiny_db, head_timeout_s=SOON_S) as client, connect(client) as raw:
        raw.sendall(sent)
        answer = rest(raw)
        assert answer.startswith(b"HTTP/1.1 408") == bool(sent)
        assert (b"application/problem+json" in answer) == bool(sent)


@pytest.mark.parametrize("first", [b"", HEAD + b"\r\n"], ids=["new", "kept alive"])
def test_bytes_one_by_one_do_not_move_the_deadline_of_a_head(tiny_db: Path, first: bytes):
    """As slowloris does, at once or after a whole request."""
    stop = threading.Event()
    with service(tiny_db, head_timeout_s=SOON_S) as client, connect(client) as raw:
        if first:
            raw.sendall(first)
            assert whole(raw).startswith(b"HTTP/1.1 200")
        sender = threading.Thread(target=trickle, args=(raw, stop))
        raw.sendall(b"GET /")
        sender.start()
        assert b" 408 " in rest(raw)[:20]
        stop.set()
        sender.join()


def test_a_body_that_stops_is_given_up(tiny_db: Path):
    with service(tiny_db, body_timeout_s=SOON_S) as client, connect(client) as raw:
        raw.sendall(BODY + b'{"points":')
        answer = rest(raw)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"10 bytes in" in answer
        assert client.get("/healthz").status_code == 200


def test_a_body_below_the_least_rate_is_given_up(tiny_db: Path):
    stop = threading.Event()
    limits = {"body_timeout_s": 2 * SOON_S, "body_bytes_per_s": 1e6}
    with service(tiny_db, **limits) as client, connect(client) as raw:
        raw.sendall(BODY)
        sender = threading.Thread(target=trickle, args=(raw, stop))
        sender.start()
        assert rest(raw).startswith(b"HTTP/1.1 408")
        stop.set()
        sender.join()


def test_a_body_after_the_answer_is_given_up(tiny_db: Path):
    """A route that reads no body has answered long before; the rest holds nothing."""
    stop = threading.Event()
    head = HEAD + b"Content-Length: 100000\r\n\r\n"
    with service(tiny_db, head_timeout_s=SOON_S) as client, connect(client) as raw:
        raw.sendall(head)
        sender = threading.Thread(target=trickle, args=(raw, stop))
        sender.start()
        answer = rest(raw)
        stop.set()
        sender.join()
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.count(b"HTTP/1.1") == 1


def test_a_client_that_takes_nothing_of_its_answer_is_cut_off(tiny_db: Path):
    """It would keep the answer in memory for ever."""
    app = create_app(read_settings(db=str(tiny_db), body_timeout_s=SOON_S))
    with serving_by(app) as (server, client), socket.socket() as raw:
        whole = ASKED * len(client.get(DOCUMENT).content)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.settimeout(PATIENCE_S)
        raw.connect((client.base_url.host, client.base_url.port))
        port = raw.getsockname()[1]

        def is_open() -> bool:
            return any(each.client[1] == port for each in list(server.server_state.connections))

        wait_until(is_open, "the connection is never taken")
        raw.sendall(ASKED * f"GET {DOCUMENT} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        wait_until(lambda: not is_open(), "the connection stays")
        assert len(rest(raw)) < whole


def fresh_client(client: httpx.Client) -> httpx.Client:
    """Return a client with connections of its own; the machine may be slow, the service not."""
    return httpx.Client(base_url=client.base_url, trust_env=False, timeout=PATIENCE_S, verify=PLAIN)


def test_many_half_open_connections_leave_light_requests_answered(tiny_db: Path):
    raise_open_files(4_000)
    with service(tiny_db, connections=100) as client, ExitStack() as stack:
        for number in range(1_500):
            raw = stack.enter_context(connect(client))
            raw.sendall(HEAD[: number % len(HEAD)])
        for _ in range(5):
            with fresh_client(client) as fresh:
                assert fresh.get("/healthz").status_code == 200
                assert fresh.get("/districts/371602").status_code == 200


def test_one_address_has_no_more_than_its_share(tiny_db: Path):
    limits = {"connections_per_address": 3, "forwarded_allow_ips": "192.0.2.1"}
    with service(tiny_db, **limits) as client, ExitStack() as stack:
        held = [stack.enter_context(connect(client)) for _ in range(3)]
        for raw in held:
            raw.sendall(b"GET /")
        with fresh_client(client) as fresh:
            assert fresh.get("/healthz").status_code == 200
        assert rest(held[0]) == b""  # the one that had waited longest made room
        held[2].sendall(b"healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert held[2].recv(65_536).startswith(b"HTTP/1.1 200")


def test_a_proxy_has_as_many_as_there_are(tiny_db: Path):
    with service(tiny_db, connections_per_address=3) as client, ExitStack() as stack:
        held = [stack.enter_context(connect(client)) for _ in range(20)]
        for raw in held:
            raw.sendall(HEAD + b"\r\n")
            assert whole(raw).startswith(b"HTTP/1.1 200")


def test_what_is_no_http_is_a_problem(tiny_db: Path):
    with service(tiny_db) as client, connect(client) as raw:
        raw.sendall(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
        answer = rest(raw)
        assert answer.startswith(b"HTTP/1.1 400")
        assert b"urn:lifecircle:problem:unreadable" in answer


def test_an_endless_head_is_refused(tiny_db: Path):
    with service(tiny_db) as client, connect(client) as raw:
        try:
            for _ in range(100):
                raw.sendall(b"X-Long: " + b"a" * 10_000)
        except OSError:
            pass
        assert rest(raw)[:12] in {b"HTTP/1.1 400", b""}
        wait_until(lambda: client.get("/healthz").status_code == 200, "the service goes on")


def test_there_are_no_more_connections_than_open_files():
    allowed = raise_open_files(1)
    limits = ConnectionLimits.of(read_settings(connections=10_000_000))
    assert limits.connections <= max(raise_open_files(1), allowed)
