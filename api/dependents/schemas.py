"""Schemas of the households that depend on one service point."""

from typing import ClassVar

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, Judged
from api.http.schemas import Shape, Tiered


class DependentsRow(Shape):
    """Who depends on one service point; most dependents first."""

    rank: int
    point_id: str
    name: str
    category: str
    lon: float
    lat: float
    reached: float = Field(description="Households within the threshold.")
    dependents: float = Field(
        description="Those of them that would lose the category if this point closed."
    )
    dependents_all: float = Field(
        description="Those that have all judged categories now, and would not then."
    )
    reason: str = Field(description="Why the point is not linked; empty if it is.")


class ChoiceRow(Shape):
    """Households by how many points of a category they have within the threshold."""

    category: str
    households_0: float
    households_1: float
    households_2: float
    households_3: float = Field(description="Three and more.")


class DependentsAnswer(Tiered, AtMoment, Judged):
    """Who would lose a category if one service point closed."""

    category: str | None
    households: float
    rows: list[DependentsRow]
    choices: list[ChoiceRow]

    EXAMPLE: ClassVar[Json] = {
        **Tiered.EXAMPLE,
        **Judged.EXAMPLE,
        "hours_at": None,
        "category": "catering",
        "households": 40.0,
        "rows": [
            {
                "rank": 1,
                "point_id": "p1",
                "name": "社区食堂",
                "category": "catering",
                "lon": 118.002,
                "lat": 37.38,
                "reached": 28.0,
                "dependents": 16.0,
                "dependents_all": 12.0,
                "reason": "",
            }
        ],
        "choices": [
            {
                "category": "catering",
                "households_0": 12.0,
                "households_1": 16.0,
                "households_2": 12.0,
                "households_3": 0.0,
            }
        ],
    }
