"""Schema of an answer about lifts."""

from typing import ClassVar

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, FloorsNote, Judged
from api.http.schemas import Shape, Tiered


class LiftRow(Shape):
    """A building without a lift, or of which that is unknown."""

    building_id: str
    lon: float
    lat: float
    storeys: int
    lift: bool | None = Field(description="Null where it is unknown.")
    residents_60plus: int
    gained_60plus: int = Field(description="Those of them who would be in reach, and are not.")
    households: int
    gained_households: int

    EXAMPLE: ClassVar[Json] = {
        "building_id": "b1",
        "lon": 118.002,
        "lat": 37.38,
        "storeys": 6,
        "lift": None,
        "residents_60plus": 14,
        "gained_60plus": 6,
        "households": 24,
        "gained_households": 8,
    }


class LiftsAnswer(Tiered, AtMoment, Judged, FloorsNote):
    """Where a lift would bring most people within reach."""

    category: str = Field(description="Of the standard, or `all` that are judged.")
    rows: list[LiftRow] = Field(description="Most people first.")
    rows_cut: int = Field(description="Further buildings where somebody gains.")
    gained_60plus: int = Field(description="Over all buildings.")
    gained_households: int

    EXAMPLE: ClassVar[Json] = {
        **Tiered.EXAMPLE,
        "category": "all",
        "rows": [LiftRow.EXAMPLE],
        "rows_cut": 0,
        "gained_60plus": 6,
        "gained_households": 8,
        **FloorsNote.EXAMPLE,
        **Judged.EXAMPLE,
        "hours_at": None,
    }
