"""The page to sign in, in place of a problem document, wherever a browser is refused there.

It stands outside all other middleware, since any of them may refuse: a limit, the host check, the
database that does not answer, a fault.
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.formats.problems import MEDIA_TYPE
from api.http.scope import language_asked
from maps.sign_in import SignInFault, sign_in_html

_PATH: Final = "/sign-in"
_RETURN: Final = "/sign-in/return"
_ENTITY: Final = ("content-type", "content-length", "content-encoding")
"""Headers that describe the body that is replaced."""

_FAULTS: Final[Mapping[int, SignInFault]] = {
    401: SignInFault.WRONG,
    403: SignInFault.FOREIGN,
    404: SignInFault.NO_ISSUER,
    421: SignInFault.HOST,
    429: SignInFault.TOO_OFTEN,
    503: SignInFault.UNAVAILABLE,
    507: SignInFault.FULL,
}
_RETURNED: Final[Mapping[int, SignInFault]] = {
    401: SignInFault.NOT_BEGUN,
    403: SignInFault.NO_ROLE,
}
"""What those statuses mean of who comes back from the issuer."""

_SERVER: Final = 500


def fault_of(path: str, status: int) -> SignInFault:
    """Return why signing in was refused.

    Examples
    --------
    >>> fault_of("/sign-in", 413), fault_of("/sign-in/return", 403)
    (<SignInFault.FORM: 'sign_in.form'>, <SignInFault.NO_ROLE: 'sign_in.no_role'>)
    """
    known = {**_FAULTS, **(_RETURNED if path == _RETURN else {})}
    return known.get(status, SignInFault.FAULT if status >= _SERVER else SignInFault.FORM)


class SignInFaultMiddleware:
    """Answer a browser that is refused at the sign-in with the page that says why.

    Status and headers stay as they were.

    Parameters
    ----------
    app : ASGI application
    issuer : bool
        Whether an issuer vouches for people.
    """

    def __init__(self, app: ASGIApp, *, issuer: bool) -> None:
        self._app = app
        self._issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if not _is_asked_by_a_browser(scope):
            await self._app(scope, receive, send)
            return
        path, replaced = _path(scope), False

        async def send_page(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                replaced = Headers(raw=message["headers"]).get("content-type") == MEDIA_TYPE
                if replaced:
                    await self._page(path, scope, message)(scope, receive, send)
            if not replaced:
                await send(message)

        await self._app(scope, receive, send_page)

    def _page(self, path: str, scope: Scope, start: Message) -> HTMLResponse:
        headers = MutableHeaders(raw=list(start["headers"]))
        for name in _ENTITY:
            del headers[name]
        fault = fault_of(path, start["status"])
        root = "../" if path != _PATH else ""
        lang = language_asked(scope)
        headers["Content-Language"] = lang
        text = sign_in_html(lang, issuer=self._issuer, fault=fault, root=root)
        return HTMLResponse(text, start["status"], dict(headers))


def _path(scope: Scope) -> str:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path


def _is_asked_by_a_browser(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in ("GET", "POST"):
        return False
    path = _path(scope)
    is_there = path in (_PATH, f"{_PATH}/issuer", _RETURN)
    return is_there and "text/html" in Headers(scope=scope).get("accept", "")
