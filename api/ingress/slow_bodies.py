"""Bodies that come too slowly are refused (408): a slow sender must not hold a request for ever."""

from time import monotonic

import anyio
from fastapi import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from geo.messages import Message


class SlowBodyMiddleware:
    """Give the body of a request a deadline for each part, and one that grows with its bytes.

    Parameters
    ----------
    app : ASGI application
    wait_s : float
        Seconds between two parts, and the head start of the whole.
    bytes_per_s : float
        The least rate of the whole.
    """

    def __init__(self, app: ASGIApp, *, wait_s: float, bytes_per_s: float) -> None:
        self.app = app
        self._wait_s = wait_s
        self._bytes_per_s = bytes_per_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, self._wait_s, self._bytes_per_s)
        await self.app(scope, body.receive, send)


class _Body:
    """The body of one request; its time begins when it is first asked for."""

    def __init__(self, receive: Receive, wait_s: float, bytes_per_s: float) -> None:
        self._receive = receive
        self._wait_s = wait_s
        self._bytes_per_s = bytes_per_s
        self._began = 0.0
        self._size = 0
        self._over = False

    async def receive(self) -> Event:
        """Return the next message.

        Raises
        ------
        HTTPException
            With 408, if it does not come in time.
        """
        if self._over:
            return await self._receive()  # tells when the client has gone
        self._began = self._began or monotonic()
        try:
            with anyio.fail_after(self._left_s()):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, self._fault(), {"Connection": "close"}) from None
        self._size += len(message.get("body", b""))
        self._over = not message.get("more_body", False)
        return message

    def _left_s(self) -> float:
        due = self._began + self._wait_s + self._size / self._bytes_per_s
        return max(0.0, min(self._wait_s, due - monotonic()))

    def _fault(self) -> Message:
        got = {"size": self._size, "seconds": monotonic() - self._began}
        wanted = {"pause_s": self._wait_s, "rate": self._bytes_per_s}
        return Message("http.slow_body", {**got, **wanted})
