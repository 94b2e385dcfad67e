"""The glossary: what each term of the page means, in both languages; `maps/text/glossary.json`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

GROUPS: Final = ("measure", "walk", "grid", "people", "data")
"""Chapters of the glossary, in their order."""

_FILE: Final = Path(__file__).parent.parent / "text" / "glossary.json"


@dataclass(frozen=True, slots=True)
class Telling:
    """An entry in one language: the term, what it means, whose it is, which figure it is."""

    term: str
    means: str
    source: str
    shown: str


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    """A term in both languages; `id` is its anchor on the glossary's page."""

    id: str
    group: str
    zh: Telling
    en: Telling


@cache
def entries() -> tuple[GlossaryEntry, ...]:
    """Return every entry, in the order of the file.

    Examples
    --------
    >>> [each.zh.term for each in entries() if each.id == "beat"]
    ['责任片区']
    """
    records = json.loads(_FILE.read_text("utf-8"))
    return tuple(
        GlossaryEntry(each["id"], each["group"], Telling(**each["zh"]), Telling(**each["en"]))
        for each in records
    )


def telling(entry: GlossaryEntry, lang: str) -> Telling:
    """Return an entry in one of :data:`geo.messages.LANGUAGES`."""
    return entry.zh if lang == "zh" else entry.en
