"""Schemas of editions."""

from dataclasses import dataclass
from typing import ClassVar, Final

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape
from boundaries.store.tables.records import Edition

_EDITION: Final[Json] = {
    "name": "2026 方案",
    "state": "published",
    "revision": 7,
    "dated": "2026-03-01",
    "at": "2026-03-02T08:30:00+00:00",
    "actor": "planning office",
    "note": "",
    "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionAnswer(Edition):
    """One edition of a district."""

    district: str

    EXAMPLE: ClassVar[Json] = {"district": "371602", **_EDITION}


class EditionsAnswer(Shape):
    """The editions of a grid plan, by the day they bear."""

    district: str
    editions: list[Edition]

    EXAMPLE: ClassVar[Json] = {"district": "371602", "editions": [_EDITION]}


class EditionIn(Shape):
    """What a draft is to bear."""

    dated: str = Field(description="Day, for instance 2026-03-01.")
    note: str = Field(default="", max_length=1_000)

    EXAMPLE: ClassVar[Json] = {"dated": "2026-03-01", "note": ""}
