"""Problem bodies (RFC 9457): from exceptions to ``application/problem+json``, in one table."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from api.errors import (
    BusyError,
    ClientGoneError,
    PreconditionFailedError,
    PreconditionRequiredError,
    ReadOnlyError,
    RoleError,
    SignInError,
    TooLargeError,
    TooManyError,
    UnprocessableError,
)
from api.request_id import current as current_request
from boundaries.store.postgis.address import is_address
from geo.errors import (
    ConflictError,
    CrsError,
    EmptyError,
    FileFormatError,
    InputError,
    LifecircleError,
    NotFoundError,
    SchemaError,
    StorageFullError,
    UnavailableError,
)
from geo.messages import DEFAULT_LANGUAGE, Message

MEDIA_TYPE: Final = "application/problem+json"
_log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """Status and type of the problems that one class of exceptions becomes, and their title.

    Attributes
    ----------
    status : int
    slug : str
        Last part of the type.
    title : str
        Code of the catalogue.
    """

    status: int
    slug: str
    title: str


KINDS: Final[Mapping[type[LifecircleError], Kind]] = {
    TooLargeError: Kind(413, "too-large", "problem.too_large"),
    TooManyError: Kind(429, "too-many", "problem.too_many"),
    UnprocessableError: Kind(422, "unprocessable", "problem.unprocessable"),
    PreconditionRequiredError: Kind(428, "precondition-required", "problem.precondition_required"),
    PreconditionFailedError: Kind(412, "stale", "problem.stale"),
    ReadOnlyError: Kind(403, "read-only", "problem.read_only"),
    SignInError: Kind(401, "sign-in", "problem.sign_in"),
    RoleError: Kind(403, "role", "problem.role"),
    CrsError: Kind(400, "crs", "problem.crs"),
    FileFormatError: Kind(400, "file-format", "problem.file_format"),
    SchemaError: Kind(400, "schema", "problem.schema"),
    InputError: Kind(400, "input", "problem.input"),
    NotFoundError: Kind(404, "not-found", "problem.not_found"),
    ConflictError: Kind(409, "conflict", "problem.conflict"),
    EmptyError: Kind(422, "empty", "problem.empty"),
    BusyError: Kind(503, "busy", "problem.busy"),
    ClientGoneError: Kind(499, "client-gone", "problem.client_gone"),
    StorageFullError: Kind(507, "storage-full", "problem.storage_full"),
    UnavailableError: Kind(503, "unavailable", "problem.unavailable"),
    LifecircleError: Kind(400, "refused", "problem.refused"),
}
"""Problem kind of every exception in :mod:`geo.errors`; the nearest ancestor counts."""

MISDIRECTED: Final = Kind(421, "misdirected", "problem.misdirected")
METHOD: Final = Kind(405, "method-not-allowed", "problem.method")
SLOW: Final = Kind(408, "slow", "problem.slow")
UNREADABLE: Final = Kind(400, "unreadable", "problem.unreadable")
NOT_READY: Final = Kind(503, "not-ready", "problem.not_ready")
JOB_DIED: Final = Kind(500, "job-died", "problem.job_died")
JOB_LIMIT: Final = Kind(422, "job-limit", "problem.job_limit")
FAULT: Final = Kind(500, "fault", "problem.fault")
FAULT_DETAIL: Final = Message("problem.fault_detail")


_TYPE: Final = "urn:lifecircle:problem:"
_TITLES: Final = {
    f"{_TYPE}{kind.slug}": kind.title for kind in (*KINDS.values(), JOB_DIED, JOB_LIMIT, FAULT)
}
"""Title of each problem that is kept, by its type."""


def kind_of(error: LifecircleError) -> Kind:
    """Return the problem kind of `error`."""
    return next(KINDS[cls] for cls in type(error).__mro__ if cls in KINDS)


def public_message(error: LifecircleError, place: str) -> Message:
    """Return what an error tells those who are not to know where things are stored.

    The whole message then goes to the log, under the id of the request.

    Parameters
    ----------
    error : LifecircleError
    place : str
        Path or address of the database.

    Examples
    --------
    >>> error = InputError("Cannot write /srv/own/city.gpkg.")
    >>> str(public_message(error, "/srv/own/city.gpkg"))
    'Cannot write city.gpkg.'
    """
    told = error.public or without_place(error.message, place)
    if told.text(DEFAULT_LANGUAGE) != error.message.text(DEFAULT_LANGUAGE):
        _log.warning("%s", error.message.text(DEFAULT_LANGUAGE))
    return told


def without_place(message: Message, place: str) -> Message:
    """Return a message that names the database, not where it is."""
    if is_address(place):
        return _replaced(message, {place: Message("problem.the_database")})
    path = Path(place)
    return _replaced(message, {str(path.absolute()): path.name, place: path.name})


def without(message: Message, *texts: str) -> Message:
    """Return a message without some texts, wherever in it they stand."""
    return _replaced(message, dict.fromkeys(texts, ""))


def _replaced(message: Message, others: Mapping[str, str | Message]) -> Message:
    """Return a message with other texts in place of some, in its parameters too."""
    if not message.is_code:
        return Message(_replaced_in(message.code, others))
    parameters = {n: _replaced_value(v, others) for n, v in message.parameters.items()}
    return Message(message.code, parameters)


def _replaced_value(value: Any, others: Mapping[str, str | Message]) -> Any:  # noqa: ANN401 - any
    if isinstance(value, Message):
        return _replaced(value, others)
    if isinstance(value, list | tuple):
        return [_replaced_value(each, others) for each in value]
    if isinstance(value, str | Path | Exception):
        return others.get(str(value)) or _replaced_in(str(value), others)
    return value


def _replaced_in(text: str, others: Mapping[str, str | Message]) -> str:
    for old, new in others.items():
        text = text.replace(old, str(new))
    return text


def problem_body(
    kind: Kind, detail: Message, *, errors: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return the members of one ``application/problem+json`` document."""
    body: dict[str, Any] = {
        "type": f"{_TYPE}{kind.slug}",
        "title": Message(kind.title).text(),
        "status": kind.status,
        "detail": detail.text(),
    }
    if detail.is_code:  # for those who read it by program
        body["code"] = detail.code
    if errors:
        body["errors"] = list(errors)
    if current_request.get():
        body["request_id"] = current_request.get()
    # A lone surrogate in an echoed value must not turn a 4xx into a 500.
    encodable: dict[str, Any] = _encodable(body)
    return encodable


def stored_problem(kind: Kind, detail: Message) -> dict[str, Any]:
    """Return a problem to be kept: its text is for who reads no code, the rest tells it anew."""
    told = detail.as_json()
    more = {} if isinstance(told, str) else {"parameters": told["parameters"]}
    stored: dict[str, Any] = _encodable({**problem_body(kind, detail), **more})
    return stored


def told_problem(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a problem that was kept, in the language spoken.

    One that an earlier program kept, or that names no code of ours, is told as it was.
    """
    told = {name: value for name, value in stored.items() if name != "parameters"}
    title = _TITLES.get(str(stored.get("type")))
    if title is not None:
        told["title"] = Message(title).text()
    told["detail"] = kept_message(stored).text()
    return told


def kept_message(stored: Mapping[str, Any]) -> Message:
    """Return the message of a problem that was kept; what cannot be told anew is told as it was."""
    if "parameters" in stored:
        with suppress(LookupError, TypeError, ValueError, AttributeError):  # of a later program
            message = Message.from_json(stored)
            message.text()
            return message
    return Message(str(stored.get("detail", "")))


def _encodable(value: Any) -> Any:  # noqa: ANN401 - JSON is any of six types
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {str(k): _encodable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(v) for v in value]
    return value


def fault_body() -> dict[str, Any]:
    """Return the problem of a fault of Lifecircle itself, to be kept."""
    return stored_problem(FAULT, FAULT_DETAIL)
