"""Limit of the body of every request: of what it says it has before it is read, then of what comes.

A body is never read whole before it is counted, whoever reads it: a route, FastAPI or a dependency.
"""

from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from api.errors import TooLargeError
from api.formats.problems import kind_of
from api.http.problems import problem
from api.settings import Settings
from geo.messages import Message


class _BodyTooLargeError(TooLargeError, HTTPException):
    """An `HTTPException`, since FastAPI hands on no other error of reading a body."""

    def __init__(self, message: Message) -> None:
        TooLargeError.__init__(self, message)
        self.status_code, self.detail, self.headers = 413, message, None  # type: ignore[assignment]


class _Limit(NamedTuple):
    bytes: int
    fault: str

    def error(self) -> TooLargeError:
        return _BodyTooLargeError(Message(self.fault, {"most": self.bytes}))


class BodyLimitMiddleware:
    """Refuse bodies that are too large with 413.

    Parameters
    ----------
    app : ASGI application
    settings : Settings
        ``max_import_bytes`` is for the files of imports, ``max_body_bytes`` for all else.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._usual = _Limit(settings.max_body_bytes, "http.body_too_large")
        self._import = _Limit(settings.max_import_bytes, "http.file_too_large")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._import if scope["path"].endswith("/imports") else self._usual
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit.bytes:
            error = limit.error()
            await problem(kind_of(error), error.message)(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: _Limit) -> Receive:
    """Return `receive` that raises `TooLargeError` after so many bytes."""
    size = 0

    async def counted() -> Event:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit.bytes:
            raise limit.error()
        return message

    return counted
