"""Every word of the maps, in zh and in en, from `maps/text`."""

import json
import re
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from geo.errors import InputError
from geo.messages import LANGUAGES

if TYPE_CHECKING:
    from geo.model.layers import District


_FORMS: Final = re.compile(r"\{(\w+)\?([^|{}]*)\|([^{}]*)\}")
"""A word that depends on a number: ``{name?what follows 1|what follows any other}``."""

_TEXT: Final = Path(__file__).parent.parent / "text"


@cache
def words(lang: str) -> MappingProxyType[str, str]:
    """Return key -> text in `lang`; a text may hold ``{names}``, which :func:`say` fills in.

    Raises
    ------
    InputError
        If `lang` is not one of :data:`LANGUAGES`.
    """
    if lang not in LANGUAGES:
        raise InputError("drawing.language", got=lang, known=list(LANGUAGES))
    return MappingProxyType(json.loads((_TEXT / f"{lang}.json").read_text(encoding="utf-8")))


def say(lang: str, key: str, **values: object) -> str:
    """Return the text of `key` in `lang` with its ``{names}`` filled in.

    ``{n?household|households}`` is the first word if `n` is shown as 1, else the second.

    Examples
    --------
    >>> say("en", "unit.minutes", n=15)
    '15 min'
    >>> say("en", "gaps.area", n=1), say("en", "gaps.area", n="1,001")
    ('Area of 1 building', 'Area of 1,001 buildings')
    """

    def chosen(form: re.Match[str]) -> str:
        return form[2] if str(values[form[1]]) == "1" else form[3]

    text = _FORMS.sub(chosen, words(lang)[key])
    return text.format(**values)


def noted(district: "District", lang: str) -> str:
    """Return the note of a district, in `lang` if it is translated."""
    return (lang == "zh" and district.note_zh) or district.note or district.note_zh
