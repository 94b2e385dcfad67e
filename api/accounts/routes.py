"""Signing in and out, who asks, and the own password."""

import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.accounts.cookies import (
    drop_session,
    read_attempt,
    session_token,
    set_attempt,
    set_session,
)
from api.accounts.schemas import Me, PasswordChange
from api.accounts.sign_in import SignInGate, read_form
from api.errors import RoleError, SignInError
from api.formats.aliases import Json
from api.http.callers.state import caller_of
from api.http.dependencies import ServiceDep, answer_uncached
from api.http.openapi import problems, responses
from api.http.query_parameters import LanguageName
from api.identity.authenticator import Authenticator
from api.identity.caller import Caller
from api.identity.oidc.issuer import Attempt, Issuer
from api.parameters import Language
from geo.errors import NotFoundError
from geo.messages import language
from maps.sign_in import sign_in_html

router = APIRouter(tags=["accounts"])

_FORM: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["name", "password"],
                "properties": {
                    "name": {"type": "string"},
                    "password": {"type": "string", "format": "password"},
                },
            },
            "example": {"name": "anna", "password": "correct horse battery"},
        }
    },
}
_PAGE: Final = "<!doctype html>..."


async def _authenticator(request: Request) -> Authenticator:
    authenticator: Authenticator = request.app.state.authenticator
    return authenticator


async def _gate(request: Request) -> SignInGate:
    gate: SignInGate = request.app.state.gate
    return gate


async def _caller(request: Request) -> Caller:
    return caller_of(request.scope)


async def _issuer(authenticator: Annotated[Authenticator, Depends(_authenticator)]) -> Issuer:
    if authenticator.issuer is None:
        raise NotFoundError("sign_in.no_issuer")
    return authenticator.issuer


def _redirects(description: str, *statuses: int) -> dict[str, Any]:
    """Return what is said of a route that leads to another page, or has one of these problems."""
    return {
        "status_code": 303,
        "response_class": Response,
        "responses": {303: {"description": description}, **problems(*statuses)},
    }


Knowing = Annotated[Authenticator, Depends(_authenticator)]
Guarding = Annotated[SignInGate, Depends(_gate)]
Asking = Annotated[Caller, Depends(_caller)]
Vouching = Annotated[Issuer, Depends(_issuer)]


@router.get("/me", summary="Show who is signed in", response_model=Me, responses=responses(Me, 400))
async def get_me(service: ServiceDep, knowing: Knowing, caller: Asking) -> Response:
    """Return the caller's name and roles; a page offers only what they allow."""
    return answer_uncached(_me(caller, editable=service.settings.editable, knowing=knowing))


def _me(caller: Caller, *, editable: bool, knowing: Authenticator) -> Json:
    return {
        "name": caller.name,
        "known": caller.known,
        "roles": dict(caller.roles.by_district),
        "editable": editable,
        "own_password": caller.account is not None,
        "issuer": knowing.issuer is not None,
    }


@router.get(
    "/sign-in",
    summary="Open the sign-in page",
    response_class=HTMLResponse,
    responses=responses(_PAGE, 400, media_type="text/html"),
)
async def get_sign_in(knowing: Knowing, lang: LanguageName) -> Response:
    """Ask for name and password, or offer single sign-on where it is set up."""
    text = sign_in_html(str(lang), issuer=knowing.issuer is not None)
    headers = {"Cache-Control": "no-store", "Content-Language": str(lang)}
    return HTMLResponse(text, headers=headers)


@router.post(
    "/sign-in",
    summary="Sign in",
    **_redirects("Signed in: the page, with a cookie.", 400, 401, 403, 413, 429),
    openapi_extra={"requestBody": _FORM},
)
async def post_sign_in(
    request: Request,
    service: ServiceDep,
    knowing: Knowing,
    gate: Guarding,
    lang: LanguageName,
) -> Response:
    """Check name and password, set the session cookie and lead to the page.

    Attempts are counted by name and by address. A browser that is refused gets the page again,
    which says why; other clients get a problem.
    """
    name, password = await read_form(request)
    hours = service.settings.session_hours
    token = await gate.sign_in(request, knowing, name, password, hours=hours)
    return _welcome(request, token, lang, hours=hours)


@router.get(
    "/sign-in/issuer",
    summary="Sign in by single sign-on",
    **_redirects("The identity provider's page.", 400, 404, 503),
)
def get_issuer(request: Request, issuer: Vouching) -> Response:
    """Redirect to the identity provider (OpenID Connect, code with PKCE)."""
    attempt = Attempt.new()
    url = issuer.sign_in_url(attempt, redirect_uri=_return_uri(request))
    answer = RedirectResponse(url, 303, {"Cache-Control": "no-store"})
    set_attempt(request, answer, attempt)
    return answer


@router.get(
    "/sign-in/return",
    summary="Return from the identity provider",
    **_redirects("Signed in: the page, with a cookie.", 400, 401, 403, 404, 503),
)
def get_return(
    request: Request,
    service: ServiceDep,
    knowing: Knowing,
    issuer: Vouching,
    *,
    code: Annotated[
        str,
        Query(
            max_length=4_096,
            description="Code of the identity provider.",
            examples=["SplxlOBeZQQYbYS6WxSbIA"],
        ),
    ] = "",
    state: Annotated[
        str, Query(max_length=200, description="State, as it was sent.", examples=["af0ifjsldkj"])
    ] = "",
) -> Response:
    """Exchange the provider's code for who signed in; the answer sets the session cookie."""
    attempt = read_attempt(request)
    if attempt is None or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise SignInError("sign_in.not_begun")
    if not code:
        raise SignInError("sign_in.nobody")
    caller = issuer.redeem(code, attempt, redirect_uri=_return_uri(request))
    if not caller.roles.by_district:
        raise RoleError("sign_in.no_role", name=caller.name)
    hours = service.settings.session_hours
    token = knowing.sessions.begin(caller.name, hours=hours, roles=caller.roles)
    answer = _welcome(request, token, Language(language()), hours=hours)
    set_attempt(request, answer, None)
    return answer


def _return_uri(request: Request) -> str:
    """Return the address that the issuer sends people back to; it must be registered there."""
    return f"{str(request.base_url).rstrip('/')}/sign-in/return"


def _welcome(request: Request, token: str, lang: Language, *, hours: float) -> Response:
    """Lead to the page, signed in; nowhere else, whatever was asked for."""
    page = f"{request.scope.get('root_path', '')}/?lang={lang}"
    answer = RedirectResponse(page, 303, {"Cache-Control": "no-store"})
    set_session(request, answer, token, hours=hours)
    return answer


@router.post(
    "/sign-out",
    summary="Sign out",
    status_code=204,
    response_class=Response,
    responses={204: {"description": "Signed out."}},
)
def post_sign_out(request: Request, knowing: Knowing) -> Response:
    """End the session; its cookie is no longer valid."""
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    token = session_token(request)
    if token:
        knowing.sessions.end(token)
        knowing.forget()
    drop_session(request, answer)
    return answer


@router.post(
    "/me/password",
    summary="Change your password",
    response_model=Me,
    responses=responses(Me, 400, 401, 403, 429),
)
async def post_password(
    request: Request,
    service: ServiceDep,
    knowing: Knowing,
    gate: Guarding,
    caller: Asking,
    *,
    change: Annotated[PasswordChange, Body(examples=[PasswordChange.EXAMPLE])],
) -> Response:
    """Set the new password if the current one is right; the account's other sessions end."""
    if caller.account is None:
        raise RoleError("sign_in.no_password")
    hours = service.settings.session_hours
    token = await gate.change_password(request, knowing, caller.account, change, hours=hours)
    answer = answer_uncached(_me(caller, editable=service.settings.editable, knowing=knowing))
    set_session(request, answer, token, hours=hours)
    return answer
