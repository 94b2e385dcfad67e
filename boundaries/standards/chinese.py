"""The Chinese of what standards and tables say in English: sources, rules, notes, units."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from boundaries.standards.catalogue import standard_document

_DOCUMENT: Final = "chinese"


def in_language(text: str, lang: str) -> str:
    """Return a text of a standard or a table in a language; as it stands where nobody wrote it.

    Examples
    --------
    >>> in_language("Local standard of Shinan district, Qingdao, Shandong (2009)", "zh")
    '山东省青岛市市南区地方标准（2009）'
    >>> in_language("District plan 2026, table 3", "zh")
    'District plan 2026, table 3'
    """
    return _chinese().get(text, text) if lang == "zh" else text


@cache
def _chinese() -> Mapping[str, str]:
    return standard_document(_DOCUMENT)
