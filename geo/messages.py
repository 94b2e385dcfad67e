"""Messages: a code with parameters, whose sentence stands in a catalogue in Chinese and English.

The catalogue of a package is its folder ``sentences``: one JSON file for each topic, with the
sentences of that topic in every language side by side. The code ``network.no_streets`` is the entry
``no_streets`` of a file ``network.json``. Nothing but these files is read here.

A sentence holds its parameters as ``{name}``, with the format specifications of Python and some
more: ``{n:household|households}`` writes a count with its noun, ``{share:percent}`` a share as per
cent. Lists are separated by commas; ``{faults:sentences}`` puts one sentence after the other,
``{faults:clauses}`` semicolons between, ``{codes:and}`` an "and" before the last, ``{kinds:or}``
an "or"; ``{names:once}`` tells names of one thing, each once, all but the first in brackets.
"""

import json
import math
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, Self

LANGUAGES: Final = ("zh", "en")
"""Languages that every sentence is written in."""

DEFAULT_LANGUAGE: Final = "en"
"""Of those who name none, such as Python code that catches an error."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
"""Characters that end lines, steer terminals or turn the direction of text."""

_CODE: Final = re.compile(r"[a-z_]+\.[a-z0-9_]+")
_BETWEEN: Final = {
    "": {"zh": "、", "en": ", "},
    "clauses": {"zh": "；", "en": "; "},
    "sentences": {"zh": "", "en": " "},
}
"""What separates the values of a list, by its format specification."""

_LAST: Final = {"and": {"zh": "和", "en": " and "}, "or": {"zh": " 或 ", "en": " or "}}
"""What stands before the last value of a list, by its format specification."""

_BRACKETS: Final = {"zh": ("（", "）"), "en": (" (", ")")}

_language: Final = ContextVar("language", default=DEFAULT_LANGUAGE)
_packages: Final = ["geo"]
_TOPICS: Final = 256
"""Topics kept in memory, more than there are: a text may look like a code of any topic."""


def language() -> str:
    """Return the language that messages are told in at present."""
    return _language.get()


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Tell messages in `lang` meanwhile.

    Examples
    --------
    >>> with speaking("zh"):
    ...     language()
    'zh'
    """
    before = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(before)


def add_sentences(package: str) -> None:
    """Let messages be found in the catalogue of one more package."""
    if package not in _packages:
        _packages.append(package)


@lru_cache(maxsize=_TOPICS)
def sentences(topic: str) -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of one topic, in every language; empty if no package has it."""
    for package in _packages:
        file = files(package) / "sentences" / f"{topic}.json"
        if file.is_file():
            known: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
            return known
    return {}


def percent(share: float, lang: str) -> str:
    """Return a share (0..1) as per cent with one decimal.

    A half is rounded up. Only everyone is 100.0 % and only no one is 0.0 %: what would round to
    either is held back one step. NaN, a share of nobody, is a dash. Chinese sets no space before
    the sign.

    Examples
    --------
    >>> percent(0.99999, "en"), percent(1.0, "zh"), percent(float("nan"), "en")
    ('99.9 %', '100.0%', '–')
    """
    if math.isnan(share):
        return "–"
    per_mille = math.floor(share * 1000 + 0.5)
    if 0 < share < 1:
        per_mille = min(max(per_mille, 1), 999)
    return f"{per_mille / 10:.1f}%" if lang == "zh" else f"{per_mille / 10:.1f} %"


def tenths_up(time_s: float) -> float:
    """Return a walking time in minutes, rounded up to tenths: 15.04 is not within 15.0.

    Examples
    --------
    >>> tenths_up(900.0), tenths_up(902.4)
    (15.0, 15.1)
    """
    return math.ceil(round(time_s / 6, 6)) / 10


class _Formatter(string.Formatter):
    """Fills parameters into a sentence of one language."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> Any:  # noqa: ANN401 - any parameter
        if isinstance(value, Message):
            return value.text(self._lang)
        if isinstance(value, list | tuple):
            return self._listed(value, format_spec)
        if format_spec == "percent":
            return percent(value, self._lang)
        if "|" in format_spec:
            return f"{value:,} {format_spec.split('|')[value != 1]}"
        return super().format_field(value, format_spec)

    def _listed(self, values: Sequence[Any], format_spec: str) -> str:
        """Return a list; `format_spec` says how it is joined, else how each value is told."""
        if format_spec == "once":
            return self._once(values)
        joins = format_spec in _BETWEEN or format_spec in _LAST
        told = [str(self.format_field(value, "" if joins else format_spec)) for value in values]
        between = _BETWEEN.get(format_spec, _BETWEEN[""])[self._lang]
        if format_spec not in _LAST or len(told) < 2:  # noqa: PLR2004 - nothing before the last
            return between.join(told)
        return between.join(told[:-1]) + _LAST[format_spec][self._lang] + told[-1]

    def _once(self, values: Sequence[Any]) -> str:
        """Return the names of one thing, the first of them with the others in brackets."""
        first, *others = dict.fromkeys(str(self.format_field(value, "")) for value in values)
        if not others:
            return first
        left, right = _BRACKETS[self._lang]
        return f"{first}{left}{self._listed(others, '')}{right}"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told: a code of the catalogue, and the parameters of its sentence.

    Parameters
    ----------
    code : str
        ``topic.name``; what is no code is a text of its own, in whatever language it came, such as
        a library's.
    parameters : dict
        Numbers, texts, messages, and lists of those.

    Examples
    --------
    >>> Message("errors.edit_of_list", {"n": 2, "fault": "There is no grid 7."}).text("en")
    'Edit 2: There is no grid 7.'
    """

    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_code(self) -> bool:
        """Whether the sentence stands in the catalogue; a text such as ``points.csv`` has none."""
        if not _CODE.fullmatch(self.code):
            return False
        topic, name = self.code.split(".")
        return name in sentences(topic)

    def text(self, lang: str | None = None) -> str:
        """Return the sentence in `lang`, or in the language spoken at present, on one line.

        Raises
        ------
        KeyError
            If the message lacks a parameter of the sentence.
        """
        if not self.is_code:
            return _CONTROL.sub(" ", self.code)
        topic, name = self.code.split(".")
        lang = lang or language()
        sentence = sentences(topic)[name][lang]
        return _CONTROL.sub(" ", _Formatter(lang).vformat(sentence, (), self.parameters))

    def __str__(self) -> str:
        """Return the sentence in the language spoken at present."""
        return self.text()

    def __hash__(self) -> int:
        """Return what equal messages have in common, so that they can be counted."""
        alike = ((n, v) for n, v in self.parameters.items() if not isinstance(v, list | tuple))
        return hash((self.code, frozenset(alike)))

    def as_json(self) -> str | dict[str, Any]:
        """Return what :meth:`from_json` makes the same message of."""
        if not self.is_code:
            return self.code
        told = {name: _plain(value) for name, value in self.parameters.items()}
        return {"code": self.code, "parameters": told}

    @classmethod
    def from_json(cls, stored: str | Mapping[str, Any]) -> Self:
        """Return the message that was stored; a bare text is one of no language.

        Raises
        ------
        LookupError
            If the catalogue lacks the code, such as one of a later program.
        """
        if isinstance(stored, str):
            return cls(stored)
        parameters = {n: _meant(v) for n, v in stored.get("parameters", {}).items()}
        message = cls(str(stored["code"]), parameters)
        if not message.is_code:
            raise LookupError(message.code)
        return message


def _plain(value: Any) -> Any:  # noqa: ANN401 - any parameter
    if isinstance(value, Message):
        return {"message": value.as_json()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return value.item() if hasattr(value, "item") else str(value)


def _meant(value: Any) -> Any:  # noqa: ANN401 - any parameter
    if isinstance(value, Mapping):
        return Message.from_json(value["message"])
    return [_meant(v) for v in value] if isinstance(value, list) else value
