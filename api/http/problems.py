"""Exception handlers: every exception becomes a response of :mod:`api.formats.problems`."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, cast

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.errors import (
    NotModifiedError,
    ParameterError,
    PreconditionFailedError,
    UnprocessableError,
    shown,
)
from api.formats.problems import (
    FAULT,
    FAULT_DETAIL,
    KINDS,
    MEDIA_TYPE,
    Kind,
    kind_of,
    problem_body,
)
from api.http.middleware import HEADERS
from geo.errors import InputError, LifecircleError, UnavailableError

RETRY_AFTER_S: Final = "5"
"""When to ask again where the database does not answer, seconds."""


def problem(
    kind: Kind,
    detail: str,
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
    """Register a handler for every exception."""
    app.add_exception_handler(NotModifiedError, _on_not_modified)
    app.add_exception_handler(LifecircleError, _on_lifecircle_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_fault)


def _on_not_modified(_: Request, error: Exception) -> Response:
    etag = cast("NotModifiedError", error).etag
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-cache"})


def _on_lifecircle_error(_: Request, error: Exception) -> Response:
    known = cast("LifecircleError", error)
    errors = []
    if isinstance(known, ParameterError):
        errors = [{"where": "query", "name": known.name, "message": str(known)}]
    if isinstance(known, UnprocessableError):
        errors = [{"where": "body", "name": n, "message": m} for n, m in known.faults.items()]
    more = known.current if isinstance(known, PreconditionFailedError) else {}
    if known.edit is not None:
        more = {"edit": known.edit}
    headers = {"Retry-After": RETRY_AFTER_S} if isinstance(known, UnavailableError) else {}
    return problem(kind_of(known), str(known), errors=errors, more=more, headers=headers)


def _on_validation_error(_: Request, error: Exception) -> Response:
    faults = [
        {
            "where": str(fault["loc"][0]),
            "name": ".".join(str(part) for part in fault["loc"][1:]),
            "message": _sentence(fault),
        }
        for fault in cast("RequestValidationError", error).errors()
    ]
    detail = " ".join(fault["message"] for fault in faults)
    return problem(KINDS[InputError], detail, errors=faults)


def _sentence(fault: Mapping[str, Any]) -> str:
    name = fault["loc"][-1]
    if fault["type"] == "missing":
        return f"The parameter {name} is missing; wanted a value."
    wanted = str(fault["msg"])
    for words in ("Input should be ", "String should have ", "a "):
        wanted = wanted.removeprefix(words)
    return f"Got {name}={shown(fault['input'])}; wanted {wanted}."


def _on_http_exception(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    status = HTTPStatus(raised.status_code)
    detail = str(raised.detail)
    if status == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {request.url.path}. See /docs for what there is."
    elif status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (raised.headers or {}).get("Allow", "another method")
        detail = f"Got {request.method} {request.url.path}; wanted {allowed}."
    slug = status.phrase.lower().replace(" ", "-")
    return problem(Kind(status.value, slug, status.phrase), detail, headers=raised.headers)


def _on_fault(_: Request, __: Exception) -> Response:
    # This response is made outside of our middleware, which adds these headers to all others.
    return problem(FAULT, FAULT_DETAIL, headers=HEADERS)
