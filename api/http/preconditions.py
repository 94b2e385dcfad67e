"""Preconditions of changes: If-Match and If-None-Match (RFC 9110).

The ETag of a feature is the revision of its last change, that of a district its revision.
"""

from typing import Annotated

from fastapi import Depends, Header

from api.errors import PreconditionRequiredError
from api.http.etags import TAGS_PATTERN, Seen, read_tags
from geo.errors import InputError


def _seen(
    if_match: Annotated[
        str | None,
        Header(
            description="ETag of what was seen and is to be changed.",
            examples=['"7"'],
            json_schema_extra={"pattern": TAGS_PATTERN},
        ),
    ] = None,
) -> Seen:
    if if_match is None:
        raise PreconditionRequiredError("preconditions.no_version")
    return read_tags(if_match)


def _seen_or_new(
    if_match: Annotated[
        str | None,
        Header(
            description="ETag of what is to be replaced.",
            examples=['"7"'],
            json_schema_extra={"pattern": TAGS_PATTERN},
        ),
    ] = None,
    if_none_match: Annotated[
        str | None,
        Header(
            description="`*` where it is to be made: it must not be there.",
            examples=["*"],
            json_schema_extra={"pattern": r"^\*$"},
        ),
    ] = None,
) -> Seen:
    if if_none_match is not None and if_match is None:
        if if_none_match.strip() == "*":
            return Seen(is_new=True)
        raise InputError("preconditions.not_star", got=if_none_match[:80])
    if if_match is None or if_none_match is not None:
        raise PreconditionRequiredError("preconditions.makes_or_replaces")
    return read_tags(if_match)


def _may_seen(
    if_match: Annotated[
        str | None,
        Header(
            description="Revision that was previewed; needed to save.",
            examples=['"7"'],
            json_schema_extra={"pattern": TAGS_PATTERN},
        ),
    ] = None,
) -> Seen | None:
    return None if if_match is None else read_tags(if_match)


MaySeen = Annotated[Seen | None, Depends(_may_seen)]
"""What If-Match says, None where it is missing: a preview needs none."""

HasSeen = Annotated[Seen, Depends(_seen)]
"""What If-Match says; `PreconditionRequiredError` where it is missing."""

HasSeenOrNew = Annotated[Seen, Depends(_seen_or_new)]
"""The same, or that there must be nothing yet."""
