"""Names in the form in which they are compared, whoever wrote them."""

import re
import unicodedata
from typing import Final

_BRACKETS: Final = re.compile(r"\(.*?\)|\[.*?\]")


def plain(text: str) -> str:
    """Return a name without blanks, brackets with units, case or full-width forms.

    Examples
    --------
    >>> plain(" 户数(户) "), plain("Ｎame_ZH")
    ('户数', 'name_zh')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", "", _BRACKETS.sub("", folded))
