"""Middleware that refuses what is over the rate of a client."""

from starlette.types import ASGIApp, Receive, Scope, Send

from api.formats.problems import kind_of
from api.http.callers.client_rates import ClientRates
from api.http.middleware import HEADERS
from api.http.problems import problem


class RateLimitMiddleware:
    """Refuse what is over the rate of a client with 429 and ``Retry-After``."""

    def __init__(self, app: ASGIApp, rates: ClientRates) -> None:
        self.app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        error = self._rates.over(scope) if scope["type"] == "http" else None
        if error is None:
            await self.app(scope, receive, send)
            return
        headers = {**HEADERS, "Retry-After": str(error.retry_after_s)}
        await problem(kind_of(error), error.message, headers=headers)(scope, receive, send)
