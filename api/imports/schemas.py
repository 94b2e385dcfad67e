"""Schemas of imports and of undoing one."""

from typing import Any, ClassVar, Literal

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
    """A change was undone, or would be."""

    district: str
    revision: int = Field(
        description="After the undo; 0 where the change had made the district: it is gone. "
        "That of the district as it is for a preview."
    )
    preview: bool = Field(description="True: nothing was changed.")
    undone: int = Field(description="Revision that is undone.")
    at: str = Field(description="When that was made, UTC.")
    actor: str
    what: str = Field(description="What it did.")
    counts: dict[str, dict[Literal["added", "changed", "removed"], int]] = Field(
        description="Per layer, rows that the undo adds, changes and removes."
    )
    keys: dict[str, list[str]] = Field(description="Their keys, up to a hundred of each layer.")
    changes_district: list[str] = Field(
        description="Columns of the district that it puts back; `geom` is the boundary."
    )
    deletes_district: bool
    faults: list[str] = Field(
        description="What it newly puts at fault in the grid plan; stored only where it undoes the "
        "newest change."
    )

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 7,
        "preview": False,
        "undone": 6,
        "at": "2026-03-01T08:00:00+00:00",
        "actor": "li",
        "what": "grids: merge",
        "counts": {"grids": {"added": 1, "changed": 1, "removed": 0}},
        "keys": {"grids": ["371602001001101", "371602001001102"]},
        "changes_district": [],
        "deletes_district": False,
        "faults": [],
    }
