"""What the program says of itself (help, API document), in the language of who reads.

Such a text has no parameters. In English it stands beside what it describes, as a docstring or a
description; its Chinese stands in ``api/sentences``, under the English text. Each file is one kind.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from geo.messages import language

HELP: Final = "help"
"""Help of commands and their options."""

API: Final = "api_document"
"""Summaries and descriptions of the API document."""

_TOLD: Final = ("summary", "description")
_VARIABLE: Final = re.compile(r" \[env: (?P<name>\w+), default: (?P<default>.*)\]$")
_SECTION: Final = re.compile(r"\n\n?[A-Z][a-z]+\n-+\n")


@cache
def chinese(kind: str) -> Mapping[str, str]:
    """Return the Chinese of every text of one kind, by the English text on one line."""
    text = (files("api") / "sentences" / f"{kind}.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def on_one_line(text: str) -> str:
    """Return a text without its line breaks, as it stands in the catalogue."""
    return " ".join(text.split())


def first_sentence(text: str) -> str:
    """Return what a text begins with, up to the first full stop of Chinese."""
    head, stop, _ = text.partition("。")
    return head + stop


def without_sections(text: str) -> str:
    """Return a docstring without its sections, such as ``Attributes``, which only Python has."""
    return _SECTION.split(text)[0].strip()


def told(text: str, kind: str) -> str:
    """Return a text in the language spoken at present; the English where the catalogue lacks it."""
    if language() != "zh":
        return text
    named = _VARIABLE.search(text)
    if named:
        variable = f" [环境变量：{named['name']}，默认：{named['default'] or '无'}]"
        return told(text[: named.start()], kind) + variable
    return chinese(kind).get(on_one_line(text), text)


def told_document(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Return an API document with what it tells in the language spoken at present.

    Sections of docstrings are left out.
    """
    if isinstance(node, Mapping):
        return {
            name: told(without_sections(value), API)
            if name in _TOLD and isinstance(value, str)
            else told_document(value)
            for name, value in node.items()
        }
    return [told_document(each) for each in node] if isinstance(node, list) else node
