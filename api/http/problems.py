"""From exceptions to HTTP: one table, one shape (RFC 9457, application/problem+json)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.errors import (
    NotModifiedError,
    ParameterError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ReadOnlyError,
    TooLargeError,
    UnprocessableError,
    shown,
)
from api.http.middleware import HEADERS
from geo.errors import (
    ConflictError,
    CrsError,
    EmptyError,
    FileFormatError,
    InputError,
    LifecircleError,
    NotFoundError,
    SchemaError,
    UnavailableError,
)

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """How one class of exceptions is answered."""

    status: int
    slug: str
    title: str


KINDS: Final[Mapping[type[LifecircleError], Kind]] = {
    TooLargeError: Kind(413, "too-large", "The request is too large"),
    UnprocessableError: Kind(422, "unprocessable", "What is to be stored cannot be"),
    PreconditionRequiredError: Kind(428, "precondition-required", "The ETag is missing"),
    PreconditionFailedError: Kind(412, "stale", "It is not as it was seen"),
    ReadOnlyError: Kind(403, "read-only", "The service takes no changes"),
    CrsError: Kind(400, "crs", "The coordinate reference system does not fit"),
    FileFormatError: Kind(400, "file-format", "The file cannot be read"),
    SchemaError: Kind(400, "schema", "The table does not fit"),
    InputError: Kind(400, "input", "The request is wrong"),
    NotFoundError: Kind(404, "not-found", "There is no such thing"),
    ConflictError: Kind(409, "conflict", "The request contradicts what is stored"),
    EmptyError: Kind(422, "empty", "There is nothing to compute on"),
    UnavailableError: Kind(503, "unavailable", "The database does not answer"),
    LifecircleError: Kind(400, "refused", "The request is refused"),
}
"""Every exception of the tree in :mod:`geo.errors` and its answer; the nearest ancestor counts."""

RETRY_AFTER_S: Final = "5"
"""When to ask again where the database does not answer, seconds."""

JOB_DIED: Final = Kind(500, "job-died", "The process of the job ended")
_FAULT: Final = Kind(500, "fault", "Lifecircle has a fault")
_FAULT_DETAIL: Final = (
    "This is a fault of Lifecircle, not of the request; the server's log says more."
)


def kind_of(error: LifecircleError) -> Kind:
    """Return how `error` is answered."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def problem(
    kind: Kind,
    detail: str,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    told: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer for one problem; problems are never stored by caches."""
    return Response(
        orjson.dumps({**problem_body(kind, detail, errors=errors), **(told or {})}),
        status_code=kind.status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), "Cache-Control": "no-store"},
    )


def problem_body(
    kind: Kind, detail: str, *, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return what one problem says, as ``application/problem+json`` has it."""
    body: dict[str, Any] = {
        "type": f"urn:lifecircle:problem:{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    # A lone surrogate in an echoed value must not turn a 4xx into a 500.
    spoken: dict[str, Any] = _speakable(body)
    return spoken


def _speakable(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(k): _speakable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_speakable(v) for v in value]
    return value


def install_handlers(app: FastAPI) -> None:
    """Let `app` answer every exception by the table above."""
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
    told = known.told if isinstance(known, PreconditionFailedError) else {}
    if known.edit is not None:
        told = {"edit": known.edit}
    headers = {"Retry-After": RETRY_AFTER_S} if isinstance(known, UnavailableError) else {}
    return problem(kind_of(known), str(known), errors=errors, told=told, headers=headers)


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


def fault_body() -> dict[str, Any]:
    """Return what is said of a fault of our own."""
    return problem_body(_FAULT, _FAULT_DETAIL)


def _on_fault(_: Request, __: Exception) -> Response:
    # The answer to a fault is made outside of our middleware.
    return problem(_FAULT, _FAULT_DETAIL, headers=HEADERS)
