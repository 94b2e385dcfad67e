"""Every word of the maps, in zh and in en, from `maps/text`."""

import json
import math
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from geo.errors import InputError

if TYPE_CHECKING:
    from geo.model.layers import District

LANGUAGES: Final = ("zh", "en")
"""Languages of the maps; zh is written first, en is equally complete."""

_TEXT: Final = Path(__file__).parent.parent / "text"


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


def noted(district: "District", lang: str) -> str:
    """Return the note of a district, in `lang` if it is translated."""
    return (lang == "zh" and district.note_zh) or district.note or district.note_zh


def percent(share: float) -> str:
    """Return a share (0..1) as per cent with one decimal.

    Only everyone is 100.0 % and only no one is 0.0 %: what would round to either is held back one
    step. NaN, a share of nobody, is a dash.

    Examples
    --------
    >>> percent(0.99999), percent(1.0), percent(0.00001), percent(float("nan"))
    ('99.9 %', '100.0 %', '0.1 %', '–')
    """
    if math.isnan(share):
        return "–"
    per_mille = round(share * 1000)
    if 0 < share < 1:
        per_mille = min(max(per_mille, 1), 999)
    return f"{per_mille / 10:.1f} %"
