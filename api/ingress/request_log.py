"""One line and one count for every request, and an id by which both sides find it again."""

from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import request_id
from api.formats.problems import FAULT, FAULT_DETAIL
from api.http.middleware import HEADERS
from api.http.problems import problem
from api.ingress.metrics import Metrics
from api.ingress.route_templates import RouteTemplates
from api.logs import get_logger

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_OTHER: Final = "OTHER"
_GONE: Final = 499
"""Status in log and metrics of a request whose client left, as nginx has it."""

_log = get_logger("lifecircle.request")


class RequestLogMiddleware:
    """Log and count every request; answer a fault with the id that the log has it under.

    No header, query or body is logged, since those may hold secrets.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    templates : RouteTemplates
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, templates: RouteTemplates) -> None:
        self.app = app
        self._metrics = metrics
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Exchange(scope, receive, send)
        token = request_id.current.set(seen.id)
        self._metrics.begin()
        try:
            await self._answer(seen)
        finally:
            route, figures = self._templates.of(seen.own_path), seen.figures()
            self._metrics.end(seen.method, route, **figures)
            _log.info(
                "request", actor=seen.actor, method=seen.method, route=route, path=seen.path,
                client=seen.client, **_rounded(figures), **seen.made,
            )  # fmt: skip
            request_id.current.reset(token)

    async def _answer(self, seen: "_Exchange") -> None:
        try:
            await self.app(seen.scope, seen.receive, seen.send)
        except Exception:
            _log.exception("fault", path=seen.path)
            if seen.status is not None:
                raise  # the answer has begun: the server cuts it off
            fault = problem(FAULT, FAULT_DETAIL, headers=HEADERS)
            await fault(seen.scope, seen.receive, seen.send)


class _Exchange:
    """One request while it passes."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self._receive, self._send = scope, receive, send
        self.id = request_id.request_id(Headers(scope=scope).get(request_id.HEADER, ""))
        self.status: int | None = None
        self._under: str = scope.get("root_path", "")  # a mount adds its own later
        self.made: dict[str, str] = {}
        self._began = perf_counter()
        self._received = self._sent = 0
        scope.setdefault("state", {})

    async def receive(self) -> Message:
        """Pass a message on to the application."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        """Pass a message on to the client."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[request_id.HEADER] = self.id
            if self.status == HTTPStatus.ACCEPTED:
                self.made = {"job": headers.get("location", "").rpartition("/")[2]}
        self._sent += len(message.get("body", b""))
        await self._send(message)

    @property
    def method(self) -> str:
        """The method; what is none of HTTP's counts as one."""
        method: str = self.scope["method"]
        return method if method in _METHODS else _OTHER

    @property
    def path(self) -> str:
        """The path as it was sent: percent-encoded, so no control character is in it."""
        raw: bytes = self.scope.get("raw_path") or self.scope["path"].encode()
        return raw.decode("ascii", "backslashreplace")

    @property
    def own_path(self) -> str:
        """The path without what a proxy has it under."""
        return self.path.removeprefix(self._under)

    @property
    def actor(self) -> str:
        """Name of the account; empty if it is unknown."""
        return str(self.scope["state"].get("actor", ""))

    @property
    def client(self) -> str:
        """Address of the client, the proxy's left out."""
        return str((self.scope.get("client") or ("",))[0])

    def figures(self) -> dict[str, Any]:
        """Return status, seconds and bytes."""
        return {
            "status": self.status or _GONE,
            "seconds": perf_counter() - self._began,
            "received": self._received,
            "sent": self._sent,
        }


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in figures.items() if name != "seconds"}
    return {**rest, "ms": round(1_000 * figures["seconds"], 1)}
