"""Errors of the service and the command line, beside those of :mod:`geo.errors`."""

from collections.abc import Mapping
from typing import Any, Final

from geo.errors import ConflictError, InputError, LifecircleError, UnavailableError
from geo.messages import Message


class PreconditionRequiredError(LifecircleError):
    """A change names no version that it is based on (HTTP 428)."""


class PreconditionFailedError(ConflictError):
    """A change is based on a version that is no longer current (HTTP 412).

    Parameters
    ----------
    message : str or Message
    current : dict
        The present state and what changed it; it becomes part of the problem body.
    **parameters
        Of the sentence.
    """

    def __init__(
        self, message: str | Message, /, *, current: Mapping[str, Any], **parameters: object
    ) -> None:
        super().__init__(message, **parameters)
        self.current = current


_SHOWN: Final = 80
"""Characters of a wrong value that a message repeats."""


class ParameterError(InputError):
    """One parameter of a request is wrong.

    Parameters
    ----------
    name : str
        Of the parameter.
    message : str or Message
    **parameters
        Of its sentence.
    """

    def __init__(self, name: str, message: str | Message, /, **parameters: object) -> None:
        super().__init__(message, **parameters)
        self.name = name


class TooLargeError(InputError):
    """The request is larger than the service accepts."""


class UnprocessableError(InputError):
    """A value cannot be stored (HTTP 422).

    Parameters
    ----------
    faults : dict of str to str or Message
        By name of the member or property, one sentence each.
    """

    def __init__(self, faults: Mapping[str, str | Message]) -> None:
        super().__init__("errors.faults", faults=list(faults.values()))
        self.faults = faults


class TooManyError(LifecircleError):
    """There are more requests, jobs or bytes than the service takes at a time (HTTP 429).

    Parameters
    ----------
    message : str or Message
    retry_after_s : int
        When to try again, seconds.
    **parameters
        Of the sentence.
    """

    def __init__(
        self, message: str | Message, /, *, retry_after_s: int, **parameters: object
    ) -> None:
        super().__init__(message, **parameters)
        self.retry_after_s = retry_after_s


class BusyError(UnavailableError):
    """Too much is being computed already (HTTP 503)."""


class ClientGoneError(LifecircleError):
    """Nobody waits for the answer any more (HTTP 499, seen in the log only)."""


class ReadOnlyError(LifecircleError):
    """The service takes no changes."""


class SignInError(LifecircleError):
    """The service does not know who asks (HTTP 401)."""


class RoleError(LifecircleError):
    """Who asks is known and may not do it (HTTP 403)."""


class NotModifiedError(LifecircleError):
    """The caller already has this answer (not a fault: HTTP 304).

    Parameters
    ----------
    etag : str
        Of the answer.
    """

    def __init__(self, etag: str) -> None:
        super().__init__("not modified")
        self.etag = etag


def shown(value: object) -> str:
    """Return the text of an input value for a message, truncated if it is long."""
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
