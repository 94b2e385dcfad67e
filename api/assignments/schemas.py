"""Schemas of the assignment of points."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import AS_OF, Shape


class PointIn(Shape):
    """A point to assign."""

    id: Any = Field(description="Echoed in the answer.")
    lon: float = Field(description="Degrees, EPSG:4326.")
    lat: float = Field(description="Degrees, EPSG:4326.")


class PointsIn(Shape):
    """A batch of points."""

    points: list[PointIn]

    EXAMPLE: ClassVar[Json] = {
        "points": [{"id": "a", "lon": 118.002, "lat": 37.38}, {"id": 2, "lon": 0, "lat": 0}]
    }


class Assignment(Shape):
    """Where one point lies."""

    id: Any
    large: str | None
    medium: str | None
    small: str | None
    status: Literal["inside", "on_border", "outside", "invalid"]
    reason: str = Field(description="Reason code where outside or invalid.")
    nearest: str | None = Field(description="Nearest grid of a point outside.")
    distance_m: float | None = Field(description="Metres to it.")


class AssignmentCounts(Shape):
    """Items per status."""

    inside: int
    on_border: int
    outside: int
    invalid: int


class AssignmentsAnswer(Shape):
    """A batch, item by item, in the order given."""

    district: str
    revision: int
    as_of: int | str | None = Field(default=None, description=AS_OF)
    synthetic: bool
    items: list[Assignment]
    counts: AssignmentCounts

    EXAMPLE: ClassVar[Json] = {
        "district": "371602",
        "revision": 3,
        "synthetic": True,
        "items": [
            {
                "id": "a",
                "large": "371602001001",
                "medium": "3716020010011",
                "small": "371602001001101",
                "status": "inside",
                "reason": "",
                "nearest": None,
                "distance_m": None,
            },
            {
                "id": 2,
                "large": None,
                "medium": None,
                "small": None,
                "status": "outside",
                "reason": "in_no_grid",
                "nearest": "371602001001101",
                "distance_m": 12345678.9,
            },
        ],
        "counts": {"inside": 1, "on_border": 0, "outside": 1, "invalid": 0},
    }
