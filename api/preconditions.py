"""What a caller must have seen before it changes something: If-Match and If-None-Match (RFC 9110).

The ETag of a feature is the revision since which it is as it is, that of a district its revision.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Header

from geo.errors import ConflictError, InputError, LifecircleError

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,18})"', re.ASCII)


class PreconditionRequiredError(LifecircleError):
    """A change does not say what its caller has seen."""


class PreconditionFailedError(ConflictError):
    """Something is not as the caller has seen it.

    Parameters
    ----------
    message : str
    told : dict
        What is there now, and what changed it; it goes into the answer.
    """

    def __init__(self, message: str, told: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.told = told


@dataclass(frozen=True, slots=True)
class Seen:
    """What a caller has seen.

    Attributes
    ----------
    is_new : bool
        Nothing: what it makes must not be there (``If-None-Match: *``).
    anything : bool
        Whatever is there (``If-Match: *``).
    revisions : frozenset of int
        One of these.
    """

    is_new: bool = False
    anything: bool = False
    revisions: frozenset[int] = frozenset()

    def fits(self, now: int | None) -> bool:
        """Return whether what is there now, None for nothing, is what the caller has seen."""
        if self.is_new:
            return now is None
        return now is not None and (self.anything or now in self.revisions)


def tag(revision: int) -> str:
    """Return the ETag of what is as it is since a revision."""
    return f'"{revision}"'


def read_tags(text: str) -> Seen:
    """Return what If-Match names.

    Raises
    ------
    InputError
        If it names no ETag of ours.

    Examples
    --------
    >>> sorted(read_tags('"7", W/"12"').revisions)
    [7, 12]
    """
    if text.strip() == "*":
        return Seen(anything=True)
    found = [_TAG.fullmatch(part.strip()) for part in text.split(",")]
    if not all(found):
        raise InputError(
            f'Got If-Match: {text[:80]}; wanted the ETag of what was seen, for instance "7".'
        )
    return Seen(revisions=frozenset(int(each.group(1)) for each in found if each))


def _seen(
    if_match: Annotated[
        str | None,
        Header(description="ETag of what was seen and is to be changed.", examples=['"7"']),
    ] = None,
) -> Seen:
    if if_match is None:
        raise PreconditionRequiredError(
            "The request does not say what it changes; wanted If-Match with the ETag that was "
            "seen. Ask for it first."
        )
    return read_tags(if_match)


def _seen_or_new(
    if_match: Annotated[
        str | None,
        Header(description="ETag of what is to be replaced.", examples=['"7"']),
    ] = None,
    if_none_match: Annotated[
        str | None,
        Header(description="`*` where it is to be made: it must not be there.", examples=["*"]),
    ] = None,
) -> Seen:
    if if_none_match is not None and if_match is None:
        if if_none_match.strip() == "*":
            return Seen(is_new=True)
        raise InputError(f"Got If-None-Match: {if_none_match[:80]}; wanted * to make something.")
    if if_match is None or if_none_match is not None:
        raise PreconditionRequiredError(
            "The request does not say whether it makes or replaces; wanted If-None-Match: * to "
            "make, or If-Match with the ETag that was seen to replace."
        )
    return read_tags(if_match)


HasSeen = Annotated[Seen, Depends(_seen)]
"""What If-Match says; `PreconditionRequiredError` where it is missing."""

HasSeenOrNew = Annotated[Seen, Depends(_seen_or_new)]
"""The same, or that there must be nothing yet."""
