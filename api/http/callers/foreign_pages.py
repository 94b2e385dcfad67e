"""Requests that a browser sends on behalf of another site (CSRF)."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope


def is_foreign(scope: Scope) -> bool:
    """Return whether a browser says that a page of another site makes the request.

    Otherwise any web page that is open in a browser could change data of a service on the
    same machine.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def names_its_origin(scope: Scope) -> bool:
    """Return whether the request says that a page of this service makes it.

    A cookie goes with a request whoever caused it, so silence is not enough.
    """
    headers = Headers(scope=scope)
    says = "sec-fetch-site" in headers or "origin" in headers
    return says and not is_foreign(scope)
