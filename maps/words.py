"""Every word of the maps, in zh and in en, from `maps/text`."""

import json
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geo.errors import InputError

LANGUAGES: Final = ("zh", "en")
"""Languages of the maps; zh is written first, en is equally complete."""

_TEXT: Final = Path(__file__).parent / "text"


@cache
def words(lang: str) -> MappingProxyType[str, str]:
    """Return key -> text in `lang`; a text may hold ``{names}`` to be filled in.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise InputError(f"Got language {lang!r}; wanted one of {', '.join(LANGUAGES)}.")
    return MappingProxyType(json.loads((_TEXT / f"{lang}.json").read_text(encoding="utf-8")))


def say(lang: str, key: str, **values: object) -> str:
    """Return the text of `key` in `lang` with its ``{names}`` filled in.

    Examples
    --------
    >>> say("en", "unit.minutes", n=15)
    '15 min'
    """
    return words(lang)[key].format(**values)
