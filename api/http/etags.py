"""Entity tags: made, read and compared."""

import re
from dataclasses import dataclass
from typing import Final

from geo.errors import InputError

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,18})"', re.ASCII)


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
