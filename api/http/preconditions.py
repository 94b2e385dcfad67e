"""Preconditions of changes: If-Match and If-None-Match (RFC 9110).

The ETag of a feature is the revision of its last change, that of a district its revision.
"""

from typing import Annotated

from fastapi import Depends, Header

from api.errors import PreconditionRequiredError
from api.http.etags import Seen, read_tags
from geo.errors import InputError


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
