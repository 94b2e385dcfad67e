"""Exception handlers: every exception becomes a response of :mod:`api.formats.problems`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.errors import (
    NotModifiedError,
    ParameterError,
    PreconditionFailedError,
    SignInError,
    TooManyError,
    UnprocessableError,
)
from api.formats.problems import (
    KINDS,
    MEDIA_TYPE,
    METHOD,
    SLOW,
    Kind,
    kind_of,
    problem_body,
    public_message,
)
from api.http.callers.identification import CHALLENGE
from api.http.callers.state import caller_of
from api.identity.caller import Caller
from api.validation import fault_of
from boundaries.store.interface import backend_of
from boundaries.store.tables.records import UnknownDistrictError
from geo.errors import InputError, LifecircleError, NotFoundError, UnavailableError
from geo.messages import Message

RETRY_AFTER_S: Final = "5"
"""When to ask again where the database does not answer, seconds."""


def problem(
    kind: Kind,
    detail: Message,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the response for one problem; caches never store it."""
    return Response(
        orjson.dumps({**problem_body(kind, detail, errors=errors), **(more or {})}),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), "Cache-Control": "no-store"},
    )


def install_handlers(app: FastAPI) -> None:
    """Register a handler for every exception but faults: those the request log answers."""
    app.add_exception_handler(NotModifiedError, _on_not_modified)
    app.add_exception_handler(LifecircleError, _on_lifecircle_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def _on_not_modified(_: Request, error: Exception) -> Response:
    etag = cast("NotModifiedError", error).etag
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-cache"})


def _on_lifecircle_error(request: Request, error: Exception) -> Response:
    known = _without_hidden_districts(cast("LifecircleError", error), caller_of(request.scope))
    detail = public_message(known, backend_of(request.app.state.service.snapshots.store).place)
    errors = []
    if isinstance(known, ParameterError):
        errors = [{"where": "query", "name": known.name, "message": str(known)}]
    if isinstance(known, UnprocessableError):
        errors = [{"where": "body", "name": n, "message": str(m)} for n, m in known.faults.items()]
    more: dict[str, Any] = {}
    if isinstance(known, PreconditionFailedError):
        more |= known.current
    if known.edit is not None:
        more |= {"edit": known.edit}
    headers = {"Retry-After": RETRY_AFTER_S} if isinstance(known, UnavailableError) else {}
    if isinstance(known, SignInError):
        headers = {"WWW-Authenticate": CHALLENGE}
    if isinstance(known, TooManyError):
        headers = {"Retry-After": str(known.retry_after_s)}
    return problem(kind_of(known), detail, errors=errors, more=more, headers=headers)


def _without_hidden_districts(error: LifecircleError, caller: Caller) -> LifecircleError:
    """Return the error as a caller may see it: naming no district that is not to be known of."""
    visible = caller.roles.districts
    if isinstance(error, UnknownDistrictError) and visible is not None:
        return UnknownDistrictError.among(error.code, visible)
    return error


def _on_validation_error(_: Request, error: Exception) -> Response:
    told, faults = [], []
    for fault in cast("RequestValidationError", error).errors():
        told.append(fault_of(fault))
        name = ".".join(str(part) for part in fault["loc"][1:])
        faults.append({"where": str(fault["loc"][0]), "name": name, "message": str(told[-1])})
    return problem(KINDS[InputError], Message("errors.faults", {"faults": told}), errors=faults)


def _on_http_exception(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    status = HTTPStatus(raised.status_code)
    path, headers = request.url.path, raised.headers
    if status == HTTPStatus.NOT_FOUND:
        detail = Message("http.no_path", {"path": path})
        return problem(KINDS[NotFoundError], detail, headers=headers)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = _methods(request)
        headers = {"Allow": ", ".join(allowed)}
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
        got = {"method": request.method, "path": path, "allowed": allowed}
        return problem(METHOD, Message("http.no_method", got), headers=headers)
    words: object = raised.detail  # of a library, unless it is a message of ours
    if isinstance(words, Message):
        return problem(SLOW, words, headers=headers)
    kind = Kind(status.value, status.phrase.lower().replace(" ", "-"), "problem.refused")
    return problem(kind, Message("http.refused", {"status": status.value}), headers=headers)


def _methods(request: Request) -> list[str]:
    """Return all methods that a path answers to, whichever route has them."""
    known = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] == Match.FULL
            for route in request.app.routes
        )
    ]
    known = known or ["GET"]  # of files, whose folder has taken its part of the path
    return [*known, *(["HEAD"] if "GET" in known else []), "OPTIONS"]
