"""Middleware that says who asks, and keeps the unknown and the foreign out.

It stands before caches and limits: what it notes in the scope (:mod:`api.http.callers.state`) is
part of what they go by. Roles are checked where the route is known
(:mod:`api.http.callers.role_rules`).
"""

import re
from typing import Final

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import RoleError, SignInError, TooManyError
from api.formats.problems import MEDIA_TYPE, kind_of, problem_body, public_message
from api.http.callers.client_rates import ClientRates
from api.http.callers.foreign_pages import names_its_origin
from api.http.callers.role_rules import PUBLIC_PATHS
from api.http.callers.state import note_caller
from api.http.middleware import HEADERS
from api.identity.authenticator import Authenticator
from api.identity.caller import UNKNOWN, Caller, Known
from api.identity.credentials import credential_of
from boundaries.store.interface import backend_of
from boundaries.store.tables.records import UnknownDistrictError
from geo.errors import LifecircleError, UnavailableError

CHALLENGE: Final = 'Bearer realm="Lifecircle"'
"""What a 401 asks for; a browser shows no window of its own for it."""

_UNASKED: Final = ("/healthz", "/readyz")
_FILES: Final = ("/static/", "/vendor/", "/api-static/")
"""Nobody is identified for these: they are the same for all and never wait for the database."""

_DISTRICT: Final = re.compile(r"/districts/([^/]+)")
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_THREADS: Final = 4
"""Look-ups at a time; they have threads of their own, which no computation takes."""


class IdentificationMiddleware:
    """Note the caller of each request, or refuse it; who is refused is counted by address."""

    def __init__(self, app: ASGIApp, *, authenticator: Authenticator, rates: ClientRates) -> None:
        self._app = app
        self._rates = rates
        self._authenticator = authenticator
        self._limiter: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path in _UNASKED or path.startswith(_FILES):
            note_caller(scope, UNKNOWN, None)
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._caller(scope)
            note_caller(scope, caller, _district(path))
            _check(caller, path, scope)
        except LifecircleError as error:
            await _refusal(self._rates.over(scope) or error, scope)(scope, receive, send)
            return
        await self._app(scope, receive, send if caller.known is Known.DEMO else _private(send))

    async def _caller(self, scope: Scope) -> Caller:
        credential = credential_of(scope)
        caller = self._authenticator.remembered(credential)
        if caller is not None:
            return caller
        if self._limiter is None:  # made here, where the loop runs
            self._limiter = CapacityLimiter(_THREADS)
        return await to_thread.run_sync(
            self._authenticator.caller, credential, limiter=self._limiter
        )


def _check(caller: Caller, path: str, scope: Scope) -> None:
    """Refuse the unknown, who may not know of a district, and changes on behalf of others."""
    if caller.known is Known.UNKNOWN and path not in PUBLIC_PATHS:
        raise SignInError("callers.unknown")
    district = _district(path)
    if caller.known is not Known.UNKNOWN and district is not None and not caller.sees(district):
        raise UnknownDistrictError.among(district, caller.roles.districts or ())
    by_cookie = caller.known is Known.SESSION and scope["method"] not in _SAFE
    if by_cookie and not names_its_origin(scope):
        raise RoleError("callers.foreign_request")


def _district(path: str) -> str | None:
    named = _DISTRICT.match(path)
    return None if named is None else named[1]


def _refusal(error: LifecircleError, scope: Scope) -> Response:
    kind, store = kind_of(error), scope["app"].state.service.snapshots.store
    detail = public_message(error, backend_of(store).place)
    headers = {**HEADERS, "Cache-Control": "no-store", "Vary": "Cookie, Authorization"}
    if isinstance(error, SignInError):
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = "5"
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(error.retry_after_s)
    body = orjson.dumps(problem_body(kind, detail))
    return Response(body, kind.status, headers, MEDIA_TYPE)


def _private(send: Send) -> Send:
    """Return a sending side that lets no shared cache keep what is for one caller."""

    async def send_private(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.add_vary_header("Cookie, Authorization")
            kept = headers.get("cache-control", "no-cache")
            if kept == "no-cache":
                headers["Cache-Control"] = "private, no-cache"
        await send(message)

    return send_private
