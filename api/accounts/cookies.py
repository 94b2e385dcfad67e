"""Cookies of a session, and of a sign-in that is under way."""

from typing import Final, Literal

from fastapi import Request, Response

from api.identity.credentials import COOKIE, cookie_name, is_secure, read_cookie
from api.identity.oidc.issuer import Attempt

_ATTEMPT: Final = "lifecircle-attempt"
_ATTEMPT_S: Final = 600
_HOUR_S: Final = 3_600
_PARTS: Final = 3


def set_session(request: Request, response: Response, token: str, *, hours: float) -> None:
    """Sign the browser in."""
    _set(request, response, COOKIE, token, seconds=round(hours * _HOUR_S), site="strict")


def drop_session(request: Request, response: Response) -> None:
    """Sign the browser out."""
    _set(request, response, COOKIE, "", seconds=0, site="strict")


def session_token(request: Request) -> str:
    """Return the token of the browser's session; empty if it has none."""
    return read_cookie(request.headers, cookie_name(COOKIE, secure=is_secure(request.scope)))


def set_attempt(request: Request, response: Response, attempt: Attempt | None) -> None:
    """Keep an attempt in the browser while it is at the issuer's; None drops it."""
    value = "" if attempt is None else f"{attempt.state}.{attempt.nonce}.{attempt.verifier}"
    seconds = 0 if attempt is None else _ATTEMPT_S
    _set(
        request, response, _ATTEMPT, value, seconds=seconds, site="lax"
    )  # it comes back from there


def read_attempt(request: Request) -> Attempt | None:
    """Return the attempt that this browser began; None if it began none."""
    name = cookie_name(_ATTEMPT, secure=is_secure(request.scope))
    parts = read_cookie(request.headers, name).split(".")
    return Attempt(*parts) if len(parts) == _PARTS else None


def _set(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int,
    site: Literal["lax", "strict"],
) -> None:
    secure = is_secure(request.scope)
    response.set_cookie(
        cookie_name(name, secure=secure),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite=site,
    )
