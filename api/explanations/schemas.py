"""Schemas of an explanation."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, HoursAt
from api.http.schemas import LINE, Meta, Shape, StatusName


class WalkSplit(Shape):
    """The walk taken apart."""

    leg_from_s: float
    network_s: float = Field(description="Without the waits at crossings.")
    crossings_s: float = Field(description="Waits at crossings.")
    leg_to_s: float
    metres: float = Field(description="Along the network, between the two access legs.")
    climb_m: float = Field(description="Metres climbed; descents are not taken off.")
    leg_from_m: float
    leg_to_m: float


class RemedyShape(Shape):
    """One edit that covers the building, verified by a re-run of the district."""

    kind: Literal["open_gate", "gate", "bridge", "footpath"]
    edit: dict[str, Any] = Field(description="To be sent in the edits of a scenario.")
    length_m: float = Field(description="Of what is to be built; 0 for a gate that is there.")
    time_s: float = Field(description="Walking time of the building with it.")
    households: float = Field(description="That it newly covers for the category.")


class ClosedHours(Shape):
    """A gate, way or service point that is closed at the hour."""

    layer: Literal["gates", "walk_edges", "service_points"]
    id: str
    name: str
    opening_hours: str


class ExplanationAnswer(Meta, AtMoment):
    """Why a building is covered by a category or not."""

    building_id: str
    category: str
    status: StatusName
    cause: Literal[
        "covered", "unlinked", "no_point", "too_far", "closed_gate", "closed_hours", "barrier",
        "detour",
    ]  # fmt: skip
    subject: str = Field(
        description="The gate or barrier in the way, what is closed at the hour, or why the "
        "building is unlinked; else empty."
    )
    time_s: float | None = Field(description="Null when unreached within two hours.")
    point_id: str | None
    point_name: str | None
    straight_m: float | None = Field(
        description="Straight line to the nearest linked point of the category; null without one."
    )
    split: WalkSplit | None
    geometry: dict[str, Any] | None = Field(description="GeoJSON LineString, EPSG:4326.")
    remedy: RemedyShape | None
    closed_hours: list[ClosedHours] = Field(
        description="On the walk that is quicker when everything is open; empty without a time."
    )
    sentence_zh: str
    sentence_en: str

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "hours_at": HoursAt.EXAMPLE,
        "building_id": "b1",
        "category": "catering",
        "status": "beyond",
        "cause": "closed_gate",
        "subject": "g1",
        "time_s": 947.2,
        "point_id": "p1",
        "point_name": "社区食堂",
        "straight_m": 310.0,
        "split": {
            "leg_from_s": 8.0,
            "network_s": 935.2,
            "crossings_s": 0.0,
            "leg_to_s": 4.0,
            "metres": 1169.0,
            "climb_m": 0.0,
            "leg_from_m": 10.0,
            "leg_to_m": 5.0,
        },
        "geometry": LINE,
        "remedy": {
            "kind": "open_gate",
            "edit": {"op": "open_gate", "gate_id": "g1"},
            "length_m": 0.0,
            "time_s": 260.0,
            "households": 412.0,
        },
        "closed_hours": [
            {"layer": "gates", "id": "g1", "name": "南门", "opening_hours": "06:00-22:00"}
        ],
        "sentence_zh": "到社区食堂要走 1,184 米（15.8 分钟）；闭合的南门挡路，"
        "打开它可让 412 户进入 15 分钟圈。",
        "sentence_en": "It is 1,184 m (15.8 min) on foot to 社区食堂; "
        "the closed gate 南门 is in the way; opening it brings 412 households within 15 minutes.",
    }
