"""Opening hours as a reader says them, from the text that OpenStreetMap has."""

import re
from typing import Final

from maps.words.catalogue import say

_DAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY: Final = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|off|closed)\b")
_SPAN: Final = re.compile(r"\b(Mo|Tu|We|Th|Fr|Sa|Su)\s*-\s*(Mo|Tu|We|Th|Fr|Sa|Su)\b")
_WHOLE_DAY: Final = re.compile(r"^(24/7|(Mo-Su\s+)?00:00-24:00)$")


def hours_words(text: str, lang: str) -> str:
    """Return opening hours in words; what is not understood stays as it is.

    Examples
    --------
    >>> hours_words("Mo-Su 06:30-20:00", "zh"), hours_words("Mo-Fr 08:00-17:00; Sa off", "zh")
    ('每天 06:30-20:00', '周一至周五 08:00-17:00；周六 休息')
    >>> hours_words("24/7", "en"), hours_words("Mo-Fr 08:00-17:00", "en")
    ('24 hours', 'Mon to Fri 08:00-17:00')
    """
    text = " ".join(text.split())
    if _WHOLE_DAY.match(text):
        return say(lang, "open.always")
    text = _SPAN.sub(lambda span: _span(span[1], span[2], lang), text)
    text = _DAY.sub(lambda day: say(lang, f"open.{day[1].lower()}"), text)
    return text.replace("; ", "；").replace(";", "；") if lang == "zh" else text


def _span(first: str, last: str, lang: str) -> str:
    if (first, last) == (_DAYS[0], _DAYS[-1]):
        return say(lang, "open.daily")
    ends = {"first": say(lang, f"open.{first.lower()}"), "last": say(lang, f"open.{last.lower()}")}
    return say(lang, "open.span", **ends)
