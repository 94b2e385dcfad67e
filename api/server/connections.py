"""Connections with limits: a deadline for heads, and a bound on connections that ask nothing.

A connection *waits* while no request of it is being answered: it is new, between two requests, or
in the middle of a head. Waiting is free for a client, so it is bounded: the head of a request has a
deadline that its bytes do not move, and where there are too many connections those that have
waited longest are closed. Who sends a whole request is answered, however many wait.
"""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import h11
import orjson
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.formats.problems import MEDIA_TYPE, SLOW, UNREADABLE, Kind, problem_body
from api.server.open_files import raise_open_files
from api.settings import Settings
from geo.messages import Message

_SPARE_FILES: Final = 256
"""Open files of a process that are no connections: database, layers, mapped networks."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of the connections of one process.

    Attributes
    ----------
    head_s : float
        Seconds within which the head of a request must arrive.
    write_s : float
        Seconds after which a client that takes nothing of its answer is cut off.
    connections : int
        At a time.
    per_address : int
        At a time of one address, unless it is that of a proxy.
    proxies : str
        Addresses and networks of proxies.
    """

    head_s: float
    write_s: float
    connections: int
    per_address: int
    proxies: str

    @classmethod
    def of(cls, settings: Settings) -> "ConnectionLimits":
        """Return the limits of the settings, as far as the system allows that many open files."""
        files = raise_open_files(settings.connections + _SPARE_FILES)
        connections = max(1, min(settings.connections, files - _SPARE_FILES))
        if connections < settings.connections:
            _log.warning("The system allows %d open files: %d connections.", files, connections)
        return cls(
            head_s=settings.head_timeout_s,
            write_s=settings.body_timeout_s,
            connections=connections,
            per_address=settings.connections_per_address,
            proxies=settings.forwarded_allow_ips,
        )


class Connections:
    """The connections of one process; uvicorn calls it for the protocol of each."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._proxies = ProxyHeadersMiddleware(_nothing, limits.proxies).trusted_hosts
        self._open: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}
        """In the order in which they began to wait."""
        self._by_address: Counter[str] = Counter()

    def __reduce__(self) -> tuple[type["Connections"], tuple[ConnectionLimits]]:
        """Be made anew in a worker process."""
        return Connections, (self.limits,)

    def __call__(self, **given: Any) -> "Connection":  # noqa: ANN401 - what uvicorn gives a protocol
        """Return the protocol of a new connection."""
        return Connection(self, **given)

    def enter(self, connection: "Connection") -> bool:
        """Take a new connection, closing another one for it; return whether there is room."""
        self._open.add(connection)
        self._by_address[connection.address] += 1
        if self._crowded(connection.address) and not self._close_one(connection.address):
            return False
        return len(self._open) <= self.limits.connections or self._close_one()

    def leave(self, connection: "Connection") -> None:
        """Forget a connection."""
        self._waiting.pop(connection, None)
        if connection in self._open:
            self._open.remove(connection)
            self._by_address[connection.address] -= 1
            if not self._by_address[connection.address]:
                del self._by_address[connection.address]

    def mark(self, connection: "Connection", *, waits: bool) -> None:
        """Note whether a connection waits; one that waits already keeps its place."""
        if not waits:
            self._waiting.pop(connection, None)
        elif connection in self._open:
            self._waiting.setdefault(connection)

    def _crowded(self, address: str) -> bool:
        return self._by_address[address] > self.limits.per_address and address not in self._proxies

    def _close_one(self, address: str | None = None) -> bool:
        """Close the connection that has waited longest, of one address or of all."""
        for connection in self._waiting:
            if address in (None, connection.address):
                self.leave(connection)
                connection.transport.close()
                return True
        return False


class _Deadline:
    """A call that is due later, unless it is stopped before."""

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None

    @property
    def runs(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._handle is not None

    def start(self, handle: asyncio.TimerHandle) -> None:
        """Have it run, in place of an earlier one."""
        self.stop()
        self._handle = handle

    def stop(self) -> None:
        """Have it never run."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class Connection(H11Protocol):
    """uvicorn's protocol with the limits above, and problems in its own answers."""

    def __init__(self, connections: Connections, **given: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(**given)
        self._connections = connections
        self._head_deadline = _Deadline()
        self._write_deadline = _Deadline()

    @property
    def address(self) -> str:
        """Address of the client; empty where it has none."""
        return self.client[0] if self.client else ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head, unless there are too many connections."""
        super().connection_made(transport)
        if self._connections.enter(self):
            self._settle()
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End every deadline."""
        super().connection_lost(exc)
        self._connections.leave(self)
        self._head_deadline.stop()
        self._write_deadline.stop()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data)
        self._settle()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._settle()

    def _settle(self) -> None:
        """Mark whether the connection waits, and keep its deadline while it does.

        Between two requests uvicorn's own deadline counts until the first byte.
        """
        waits = self.cycle is None or self.cycle.response_complete
        self._connections.mark(self, waits=waits)
        if not waits:
            self._head_deadline.stop()
        elif not self._head_deadline.runs and self.timeout_keep_alive_task is None:
            limit = self._connections.limits.head_s
            self._head_deadline.start(self.loop.call_later(limit, self._give_up_head))

    def _give_up_head(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            limit = self._connections.limits.head_s
            self._refuse(SLOW, Message("http.slow_head", {"limit_s": limit}))
        self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - in English only
        """Answer what is no HTTP."""
        self._refuse(UNREADABLE, Message("http.not_http"))
        self.transport.close()

    def _refuse(self, kind: Kind, detail: Message) -> None:
        content = orjson.dumps(problem_body(kind, detail))
        headers = [
            ("content-type", MEDIA_TYPE),
            ("content-length", str(len(content))),
            ("cache-control", "no-store"),
            ("connection", "close"),
        ]
        response = h11.Response(status_code=kind.status, headers=headers)
        for event in (response, h11.Data(data=content), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")

    def pause_writing(self) -> None:
        """Watch whether the client takes its answer."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._write_deadline.stop()

    def _watch_writing(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        limit = self._connections.limits.write_s
        self._write_deadline.start(self.loop.call_later(limit, self._check_writing, waiting))

    def _check_writing(self, before: int) -> None:
        if self.transport.get_write_buffer_size() < before:
            self._watch_writing()
        else:
            self.transport.abort()


async def _nothing(*_: object) -> None:
    """Stand for an application; only the proxies of the middleware are asked."""
