"""Names in the form in which they are compared, whoever wrote them."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]")
_BLANKS: Final = re.compile(r"\s+")


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Return a name without blanks, brackets with units, case or full-width forms.

    Examples
    --------
    >>> plain(" 户数(户) "), plain("Ｎame_ZH")
    ('户数', 'name_zh')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _BLANKS.sub("", _BRACKETS.sub("", folded))
