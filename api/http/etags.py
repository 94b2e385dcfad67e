"""Entity tags: made, read and compared (RFC 9110, sections 8.8.3 and 13.1)."""

import re
from dataclasses import dataclass
from typing import Final

from geo.errors import InputError

_REVISION_TAG: Final = re.compile(r'(W/)?"(0|[1-9]\d{0,17})"', re.ASCII)
TAGS_PATTERN: Final = (
    r'^(?:\*|(?:W/)?"(?:0|[1-9][0-9]{0,17})"(?:, (?:W/)?"(?:0|[1-9][0-9]{0,17})")*)$'
)
"""What If-Match looks like, for the API document."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The precondition of a change: the version that the caller has seen.

    Attributes
    ----------
    is_new : bool
        Nothing: what it makes must not exist yet (``If-None-Match: *``).
    anything : bool
        Whatever exists now (``If-Match: *``).
    revisions : frozenset of int
        One of these.
    """

    is_new: bool = False
    anything: bool = False
    revisions: frozenset[int] = frozenset()

    def fits(self, now: int | None) -> bool:
        """Return whether the current revision, None if nothing exists, meets the precondition."""
        if self.is_new:
            return now is None
        return now is not None and (self.anything or now in self.revisions)


def tag(revision: int) -> str:
    """Return the ETag of something unchanged since a revision."""
    return f'"{revision}"'


def read_tags(text: str) -> Seen:
    """Return what If-Match names.

    If-Match compares strongly: a weak tag is read, and matches nothing.

    Raises
    ------
    InputError
        If it names something that is no ETag of ours.

    Examples
    --------
    >>> sorted(read_tags('"7", W/"12"').revisions)
    [7]
    """
    if text.strip() == "*":
        return Seen(anything=True)
    parts = [part.strip() for part in text.split(",")]
    result = [_REVISION_TAG.fullmatch(part) for part in parts if part]
    if not result or not all(result):
        raise InputError("preconditions.no_tag", got=text[:80])
    return Seen(revisions=frozenset(int(each[2]) for each in result if each and not each[1]))


def names_tag(text: str, etag: str) -> bool:
    """Return whether If-None-Match names `etag`; it compares weakly.

    Examples
    --------
    >>> names_tag('"a", W/"b"', '"b"'), names_tag('"b"', 'W/"b"'), names_tag('"a"', '"b"')
    (True, True, False)
    """
    return etag.removeprefix("W/") in {tag.strip().removeprefix("W/") for tag in text.split(",")}
