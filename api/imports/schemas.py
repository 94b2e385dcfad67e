"""Schemas of imports and of undoing one."""

from typing import Any, ClassVar

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape


class ImportRow(Shape):
    """One import."""

    revision: int
    source: str
    sha256: str = Field(description="Of the file; empty if there was none.")
    imported_at: str
    undone: int | None = Field(description="Revision that undid it.")
    layers: dict[str, dict[str, Any]] = Field(
        description="Per layer: read, accepted, repaired, rejected with row and reason, notes."
    )


class ImportsAnswer(Shape):
    """The imports of a district, newest first."""

    district: str
    imports: list[ImportRow]

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "imports": [
            {
                "revision": 6,
                "source": "points.csv",
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "imported_at": "2026-03-01T08:30:00+00:00",
                "undone": None,
                "layers": {
                    "service_points": {
                        "read": 120,
                        "accepted": 119,
                        "repaired": {},
                        "rejected": [{"row": "17", "reason": "no category"}],
                        "notes": {"rows replaced": 98},
                        "named": {},
                    }
                },
            }
        ],
    }


class UndoAnswer(Shape):
    """The last import was undone."""

    district: str
    revision: int = Field(description="0 where the import had made the district: it is gone.")
    undone: int = Field(description="Revision of the import.")
    source: str

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 7,
        "undone": 6,
        "source": "points.csv",
    }
