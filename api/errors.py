"""Errors of the service and the command line, beside those of :mod:`geo.errors`."""

from collections.abc import Mapping
from typing import Any, Final

from geo.errors import ConflictError, InputError, LifecircleError


class PreconditionRequiredError(LifecircleError):
    """A change names no version that it is based on (HTTP 428)."""


class PreconditionFailedError(ConflictError):
    """A change is based on a version that is no longer current (HTTP 412).

    Parameters
    ----------
    message : str
    current : dict
        The present state and what changed it; it becomes part of the problem body.
    """

    def __init__(self, message: str, current: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.current = current


_SHOWN: Final = 80
"""Characters of a wrong value that a message repeats."""


class ParameterError(InputError):
    """One parameter of a request is wrong.

    Parameters
    ----------
    name : str
        Of the parameter.
    message : str
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class TooLargeError(InputError):
    """The request is larger than the service accepts."""


class UnprocessableError(InputError):
    """A value cannot be stored (HTTP 422).

    Parameters
    ----------
    faults : dict of str to str
        By name of the member or property, one sentence each.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = faults


class ReadOnlyError(LifecircleError):
    """The service takes no changes."""


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
