"""Schema of a walk."""

from typing import Any, ClassVar

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, HoursAt
from api.http.schemas import LINE, WalkMeta


class WalkAnswer(WalkMeta, AtMoment):
    """The shortest walk."""

    metres: float = Field(description="Along the network, between the two access legs.")
    total_m: float = Field(description="On foot, access legs included.")
    seconds: float = Field(description="For everything, access legs included.")
    crossings_s: float = Field(description="Of these, waits at crossings.")
    climb_m: float = Field(description="Metres climbed; descents are not taken off.")
    leg_from_m: float
    leg_to_m: float
    geometry: dict[str, Any]

    EXAMPLE: ClassVar[Json] = {
        **WalkMeta.EXAMPLE,
        "hours_at": HoursAt.EXAMPLE,
        "metres": 412.5,
        "total_m": 427.5,
        "seconds": 342.0,
        "crossings_s": 0.0,
        "climb_m": 1.5,
        "leg_from_m": 10.0,
        "leg_to_m": 5.0,
        "geometry": LINE,
    }
