"""Shapes of the nearest points by building, for the API document."""

from typing import ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, FloorsNote
from api.http.schemas import Meta, Shape


class NearPoint(Shape):
    """One of a building's nearest points."""

    rank: int = Field(description="1 is the nearest; of equal times the lowest id is first.")
    time_s: float = Field(description="From the door.")
    point_id: str
    covered: int | None = Field(
        None, description="By floor alone: households of the building within the threshold of it."
    )


class NearestRow(Shape):
    """A building's nearest points within the threshold."""

    building_id: str
    lon: float
    lat: float
    households: int
    status: Literal["covered", "beyond", "unlinked"]
    points: list[NearPoint] = Field(description="Nearest first, at most k.")


class Choice(Shape):
    """Households that have at least `rank` points within the threshold."""

    rank: int
    households: float
    share: float | None = Field(description="Of `households`; null where there are none.")


class NearestAnswer(Meta, AtMoment, FloorsNote):
    """The k nearest points of a category, by building."""

    category: str
    k: int
    households: float = Field(description="Of the buildings asked about.")
    choices: list[Choice]
    rows: list[NearestRow]

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "hours_at": None,
        "floors": None,
        "category": "catering",
        "k": 2,
        "households": 40.0,
        "choices": [
            {"rank": 1, "households": 28.0, "share": 0.7},
            {"rank": 2, "households": 12.0, "share": 0.3},
        ],
        "rows": [
            {
                "building_id": "b1",
                "lon": 118.002,
                "lat": 37.38,
                "households": 12,
                "status": "covered",
                "points": [
                    {"rank": 1, "time_s": 240.0, "point_id": "p1"},
                    {"rank": 2, "time_s": 618.4, "point_id": "p7"},
                ],
            }
        ],
    }
