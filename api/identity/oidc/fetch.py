"""JSON documents of an issuer, fetched within limits; a redirect is never followed."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from geo.errors import InputError, UnavailableError

_TIMEOUT_S: Final = 5.0
_MOST_BYTES: Final = 1_000_000
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


class _NoRedirect(HTTPRedirectHandler):
    """Take a redirect as an answer that is no JSON."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


_OPENER: Final = build_opener(_NoRedirect)


def check_address(url: str, *, name: str) -> str:
    """Return an address that may be asked: https, or http on this machine.

    Raises
    ------
    InputError
        If it is another one.
    """
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOCAL
    if not (parts.scheme == "https" or is_local) or not parts.hostname or parts.username:
        raise InputError("issuer.address", name=name, got=url[:200])
    return url


def fetch_json(
    url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return a JSON object, asked for by GET, or by POST with a form.

    Raises
    ------
    UnavailableError
        If it does not come, or is none.
    """
    check_address(url, name="the address of the issuer")
    body = None if form is None else urlencode(form).encode()
    request = Request(url, data=body, headers={"Accept": "application/json", **(headers or {})})  # noqa: S310 - checked above
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as answer:
            value = json.loads(answer.read(_MOST_BYTES))
    except HTTPError as error:
        error.close()
        raise UnavailableError("issuer.status", got=error.code) from error
    except (OSError, HTTPException, ValueError) as error:
        raise UnavailableError("issuer.silent") from error
    if not isinstance(value, dict):
        raise UnavailableError("issuer.no_json")
    return value
