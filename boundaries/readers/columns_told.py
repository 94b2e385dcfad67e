"""What the user says that a file calls our columns: ``households=常住户``."""

from collections.abc import Iterable

from boundaries.readers.aliases import COLUMN_ALIASES
from geo.errors import InputError


def columns_told(texts: Iterable[str]) -> dict[str, str]:
    """Return columns of ours, and what the file calls them.

    Raises
    ------
    InputError
        If a text is not ``NAME=COLUMN``, or names no column that a file can bring.

    Examples
    --------
    >>> columns_told(["households=常住户"])
    {'households': '常住户'}
    """
    told = {}
    known = sorted({name for layer in COLUMN_ALIASES.values() for name in layer})
    for text in texts:
        ours, _, theirs = (each.strip() for each in text.partition("="))
        if ours not in known or not theirs:
            raise InputError("reading.no_such_column", text=text, known=known)
        told[ours] = theirs
    return told
