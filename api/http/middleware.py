"""What every answer gets: HEAD wherever there is GET, and headers that protect the browser."""

from datetime import datetime
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.snapshot.last_known import Freshness, current

PAGE_CSP: Final = (
    "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'self'"
)
"""No script but our own files: neither inline nor from another host."""

INLINE_CSP: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
"""For the folium file, which carries its own scripts and may load nothing at all."""

HEADERS: Final = {
    "Content-Security-Policy": PAGE_CSP,
    "Cache-Control": "no-cache",  # ask each time; files and answers have an ETag
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


_OK: Final = 200
_NOT_MODIFIED: Final = 304


class HeadMiddleware:
    """Answer HEAD as GET without the body; FastAPI's routes know only what is declared."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, send_head)


class AnyVersionMiddleware:
    """Answer ``If-None-Match: *`` of whatever is there with 304 (RFC 9110, 13.1.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        if not is_get or Headers(scope=scope).get("if-none-match", "").strip() != "*":
            await self.app(scope, receive, send)
            return
        exists = False

        async def send_status(message: Message) -> None:
            nonlocal exists
            if message["type"] == "http.response.start" and message["status"] == _OK:
                exists = True
                message = {**message, "status": _NOT_MODIFIED}
                headers = MutableHeaders(scope=message)
                for name in ("content-length", "content-type"):
                    del headers[name]
            elif exists and message.get("more_body"):
                return
            elif exists:
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        await self.app(scope, receive, send_status)


class HeadersMiddleware:
    """Add the headers above wherever a route has not set its own.

    An answer whose revision could not be compared with the database says so in ``Warning``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        freshness = Freshness()
        current.set(freshness)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if freshness.checked_at is not None:
                    headers["Warning"] = _warning(freshness.checked_at)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _warning(checked_at: datetime) -> str:
    moment = checked_at.isoformat(timespec="seconds")
    return f'110 lifecircle "The database does not answer; as of {moment}"'
