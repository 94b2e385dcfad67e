"""What the layers of the service tell one another of a request, in the state of its ASGI scope."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from starlette.types import Scope

from boundaries.store.tables.records import Mark
from geo.messages import DEFAULT_LANGUAGE, LANGUAGES

DISTRICT_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What can be the code of a district in a path."""

EVERYTHING: Final = "admin"
"""Audience of a service without accounts: nothing is kept from anybody."""

_LONGEST_HEADER: Final = 500
_WEIGHT: Final = re.compile(r"1(\.0{1,3})?|0(\.\d{1,3})?")
_AUDIENCE: Final = "audience"
_MARKS: Final = "marks"
_TAG: Final = "entity_tag"


def audience(scope: Scope) -> str:
    """Return whom an answer is for; it may hold less for one than for another."""
    return str(_state(scope).get(_AUDIENCE, EVERYTHING))


def language_asked(scope: Scope) -> str:
    """Return the language of an answer: what the query names, else what the header likes best.

    Parameters
    ----------
    scope : ASGI scope

    Examples
    --------
    >>> language_asked({"headers": [(b"accept-language", b"fr, zh-CN;q=0.9, en;q=0.8")]})
    'zh'
    """
    query: bytes = scope.get("query_string", b"")
    named = parse_qs(query.decode("latin-1")).get("lang", [""])[-1]
    if named in LANGUAGES:
        return named
    header = dict(scope.get("headers", ())).get(b"accept-language", b"").decode("latin-1")
    liked = sorted(_likings(header), key=lambda liking: -liking[1])
    return next((lang for lang, _ in liked), DEFAULT_LANGUAGE)


def _likings(header: str) -> Iterator[tuple[str, float]]:
    """Yield the languages of ours that an ``Accept-Language`` names, with their weights."""
    for choice in header[:_LONGEST_HEADER].split(","):
        tag, _, weight = choice.strip().partition(";q=")
        lang = tag.strip().lower().partition("-")[0]
        if lang in LANGUAGES and (weight == "" or _WEIGHT.fullmatch(weight)):
            yield lang, float(weight or 1)


def note_marks(scope: Scope, marks: Mapping[str, Mark]) -> None:
    """Note the marks that districts had when the request came."""
    _state(scope)[_MARKS] = marks


def noted_mark(scope: Scope, code: str) -> Mark | None:
    """Return the mark of a district that was noted."""
    marks: Mapping[str, Mark] = _state(scope).get(_MARKS, {})
    return marks.get(code)


def note_tag(scope: Scope, etag: str) -> None:
    """Note the entity tag that fixes the answer, so that it may be kept."""
    _state(scope)[_TAG] = etag


def noted_tag(scope: Scope) -> str | None:
    """Return the entity tag that fixes the answer; None if none does."""
    etag: str | None = _state(scope).get(_TAG)
    return etag


def _state(scope: Scope) -> dict[str, Any]:
    state: dict[str, Any] = scope.setdefault("state", {})
    return state
