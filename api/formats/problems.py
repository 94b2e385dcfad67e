"""Problem bodies (RFC 9457): from exceptions to ``application/problem+json``, in one table."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from api.errors import (
    PreconditionFailedError,
    PreconditionRequiredError,
    ReadOnlyError,
    TooLargeError,
    UnprocessableError,
)
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
    """Status, type and title of the problems that one class of exceptions becomes."""

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
"""Problem kind of every exception in :mod:`geo.errors`; the nearest ancestor counts."""

JOB_DIED: Final = Kind(500, "job-died", "The process of the job ended")
FAULT: Final = Kind(500, "fault", "Lifecircle has a fault")
FAULT_DETAIL: Final = (
    "This is a fault of Lifecircle, not of the request; the server's log says more."
)


def kind_of(error: LifecircleError) -> Kind:
    """Return the problem kind of `error`."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def problem_body(
    kind: Kind, detail: str, *, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the members of one ``application/problem+json`` document."""
    body: dict[str, Any] = {
        "type": f"urn:lifecircle:problem:{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    # A lone surrogate in an echoed value must not turn a 4xx into a 500.
    encodable: dict[str, Any] = _encodable(body)
    return encodable


def _encodable(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(k): _encodable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(v) for v in value]
    return value


def fault_body() -> dict[str, Any]:
    """Return the problem body of a fault of Lifecircle itself."""
    return problem_body(FAULT, FAULT_DETAIL)
