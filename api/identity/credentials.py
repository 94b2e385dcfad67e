"""Credentials of a request: the cookie of a session, or a bearer token."""

from http.cookies import CookieError, SimpleCookie
from typing import Final, NamedTuple

from starlette.datastructures import Headers
from starlette.types import Scope

from api.identity.caller import Known
from boundaries.store.accounts.keys import MARK

COOKIE: Final = "lifecircle"
SAFE_PREFIX: Final = "__Host-"
"""A browser takes a cookie of such a name only over https, from this host, for all its paths."""

_LONGEST: Final = 8_192
"""Characters of a token; longer ones are no tokens of anybody's."""


class Credential(NamedTuple):
    """What a request shows to say who makes it."""

    kind: Known
    text: str


def cookie_name(name: str, *, secure: bool) -> str:
    """Return the name of a cookie, which differs between http and https."""
    return f"{SAFE_PREFIX}{name}" if secure else name


def is_secure(scope: Scope) -> bool:
    """Return whether the browser speaks https, to us or to the proxy before us."""
    return bool(scope.get("scheme") == "https")


def credential_of(scope: Scope) -> Credential | None:
    """Return what a request shows; None if it shows nothing. A header counts before a cookie."""
    headers = Headers(scope=scope)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        kind = Known.KEY if token.strip().startswith(f"{MARK}_") else Known.TOKEN
        return Credential(kind, token.strip()[:_LONGEST])
    session = read_cookie(headers, cookie_name(COOKIE, secure=is_secure(scope)))
    return Credential(Known.SESSION, session) if session else None


def read_cookie(headers: Headers, name: str) -> str:
    """Return the value of a cookie; empty if it is not there, or there twice."""
    found = []
    for part in "; ".join(headers.getlist("cookie")).split(";"):
        if part.strip().startswith(f"{name}="):
            try:
                found += [morsel.value for morsel in SimpleCookie(part).values()]
            except CookieError:
                continue
    return found[0][:_LONGEST] if len(found) == 1 else ""
