"""Schemas of the change log and the lineage of grid codes."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import ChangeBy, Shape


class LogRow(ChangeBy):
    """One change of a district."""

    valid_from: str = Field(description="Day as of which it is true.")
    counts: dict[str, dict[Literal["added", "changed", "removed"], int]]
    before: dict[str, Any] = Field(
        description="Per layer and key the values that changed; empty where there are many."
    )
    after: dict[str, Any]


class LogAnswer(Shape):
    """The log of a district, newest first."""

    district: str
    changes: list[LogRow]

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "changes": [
            {
                **ChangeBy.EXAMPLE,
                "valid_from": "2026-03-01",
                "counts": {"service_points": {"added": 0, "changed": 1, "removed": 0}},
                "before": {"service_points": {"p1": {"name": "食堂"}}},
                "after": {"service_points": {"p1": {"name": "社区食堂"}}},
            }
        ],
    }


class LineageRow(Shape):
    """Which grid came from which."""

    revision: int
    valid_from: str
    level: Literal["large", "medium", "small"]
    kind: Literal["split", "merge", "move"]
    old_code: str
    new_code: str
    share: float = Field(description="Of the old grid's area, 0..1.")


class LineageAnswer(Shape):
    """Which grid came from which, oldest first."""

    district: str
    grid: str | None
    rows: list[LineageRow]
    next_after: int | None = Field(
        description="`after` of the next page; null where there is none."
    )

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "grid": "371602001001202",
        "rows": [
            {
                "revision": 5,
                "valid_from": "2026-02-01",
                "level": "small",
                "kind": "split",
                "old_code": "371602001001202",
                "new_code": "371602001001203",
                "share": 0.25,
            }
        ],
        "next_after": None,
    }
