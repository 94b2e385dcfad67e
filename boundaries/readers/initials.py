"""Names of columns as the first letters of their pinyin: HS for 户数, WGBM for 网格编码."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final

from boundaries.plain_names import plain

_FEWEST: Final = 2  # letters: one may be anything
_FIRST_OF: Final = {
    0xB0A1: "a", 0xB0C5: "b", 0xB2C1: "c", 0xB4EE: "d", 0xB6EA: "e", 0xB7A2: "f", 0xB8C1: "g",
    0xB9FE: "h", 0xBBF7: "j", 0xBFA6: "k", 0xC0AC: "l", 0xC2E8: "m", 0xC4C3: "n", 0xC5B6: "o",
    0xC5BE: "p", 0xC6DA: "q", 0xC8BB: "r", 0xC8F6: "s", 0xCBFA: "t", 0xCDDA: "w", 0xCEF4: "x",
    0xD1B9: "y", 0xD4D1: "z",
}  # fmt: skip
"""First code per letter in GB2312, whose frequent characters stand in the order of pinyin."""

_STARTS: Final = tuple(_FIRST_OF)
_END: Final = 0xD7FA


def initials(name: str) -> str:
    """Return the first letters of a Chinese name; empty if it has other than frequent characters.

    Examples
    --------
    >>> initials("网格编码"), initials("户数"), initials("id")
    ('wgbm', 'hs', '')
    """
    letters = ""
    for character in plain(name):
        raw = character.encode("gb2312", errors="ignore")
        code = int.from_bytes(raw, "big")
        if len(raw) != 2 or not _STARTS[0] <= code < _END:  # noqa: PLR2004 - bytes of a character
            return ""
        letters += _FIRST_OF[_STARTS[bisect_right(_STARTS, code) - 1]]
    return letters


def of_initials(columns: Iterable[str], names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Return the columns that are first letters of names of one column of ours: ``{theirs: ours}``.

    Letters that stand for names of two columns of ours say nothing, and neither do two columns of
    one meaning.

    Examples
    --------
    >>> of_initials(["HS", "X"], {"households": ["户数"], "name": ["名称"]})
    {'HS': 'households'}
    """
    meant: dict[str, set[str]] = {}
    for ours, others in names.items():
        for name in others:
            if len(letters := initials(name)) >= _FEWEST:
                meant.setdefault(letters, set()).add(ours)
    found = {column: meant.get(plain(column), set()) for column in columns}
    sure = {column: next(iter(ours)) for column, ours in found.items() if len(ours) == 1}
    return {column: ours for column, ours in sure.items() if list(sure.values()).count(ours) == 1}
