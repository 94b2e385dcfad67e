"""Schemas of an explanation."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, FloorsNote, HoursAt
from api.http.schemas import LINE, Meta, Shape, StatusName, WalkMeta


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


class DoorShape(Shape):
    """Where a walk enters or leaves a place."""

    entrance_id: str | None = Field(description="Null: none is mapped, the place itself counts.")
    kind: str | None = Field(description="Of the entrance: main, staircase, gate ...")
    lon: float
    lat: float
    leg_m: float | None = Field(description="Access leg; null where unlinked.")
    edge_id: int | None = Field(description="Edge that the leg leads to.")
    level: int | None = Field(description="Of that edge; 0 is the ground.")
    gate_id: str | None = Field(description="Gate that the leg passes.")

    EXAMPLE: ClassVar[Json] = {
        "entrance_id": "e1",
        "kind": "main",
        "lon": 118.002,
        "lat": 37.38,
        "leg_m": 10.0,
        "edge_id": 12,
        "level": 0,
        "gate_id": None,
    }


class Doors(Shape):
    """The doors at both ends of a walk."""

    begin: DoorShape = Field(alias="from")
    to: DoorShape


class BuildingFloors(Shape):
    """A building by floor; households are spread evenly over its storeys."""

    storeys: int | None = Field(description="Null where they are unknown: then one.")
    lift: bool = Field(description="Has a lift, or is held to have one.")
    lift_known: bool
    households: float
    beyond: float = Field(description="Households on floors from which it is too far.")
    from_floor: int | None = Field(description="The lowest such floor; null for none.")
    top_floor: int | None = Field(description="That somebody lives on.")
    down_s: float | None = Field(description="From there to the door; null where there is no way.")
    lift_gains: float = Field(description="Households that a lift would bring within reach.")


class BarrierBetween(Shape):
    """The first barrier between a place and the nearest way."""

    barrier_id: str
    kind: str
    name: str


class LinkRemedyShape(Shape):
    """One edit that links a place; the district was linked anew with it."""

    kind: Literal["open_gate", "gate", "bridge", "footpath"]
    edit: dict[str, Any] = Field(description="To be sent in the edits of a scenario.")
    length_m: float
    households: float = Field(description="Of the district that it links and that were not.")


class LinkShape(Shape):
    """How a place meets the walk network."""

    place: Literal["building", "point"]
    place_id: str
    reason: Literal["", "no_network", "too_far", "blocked"] = Field(
        description="Why it is unlinked; empty where it is linked."
    )
    standing: Literal["ground", "island", "raised", "none"] = Field(
        description="What it is linked to: a way on the ground, a tiny island, a deck or tunnel."
    )
    door: DoorShape
    nearest_edge_id: int | None = Field(description="Of an unlinked place, the nearest way at all.")
    nearest_m: float | None
    barrier: BarrierBetween | None
    link_remedy: LinkRemedyShape | None

    EXAMPLE: ClassVar[Json] = {
        "place": "building",
        "place_id": "b1",
        "reason": "blocked",
        "standing": "none",
        "door": {**DoorShape.EXAMPLE, "leg_m": None, "edge_id": None, "level": None},
        "nearest_edge_id": 12,
        "nearest_m": 31.2,
        "barrier": {"barrier_id": "w1", "kind": "wall", "name": ""},
        "link_remedy": {
            "kind": "gate",
            "edit": {"op": "open_gate", "gate_id": "g1"},
            "length_m": 31.2,
            "households": 40.0,
        },
    }


class LinkAnswer(LinkShape, WalkMeta, AtMoment):
    """How a building or a service point meets the walk network."""

    sentence_zh: str
    sentence_en: str

    EXAMPLE: ClassVar[Json] = {
        **WalkMeta.EXAMPLE,
        **LinkShape.EXAMPLE,
        "hours_at": None,
        "sentence_zh": "围墙、河流或铁路把这栋楼同附近的步行道路隔开；……",
        "sentence_en": "A wall, river or railway cuts this building off from the walkable ways "
        "near it; ...",
    }


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


class ExplanationAnswer(Meta, AtMoment, FloorsNote):
    """Why a building is covered by a category or not."""

    building_id: str
    category: str
    status: StatusName
    cause: Literal[
        "covered", "unlinked", "no_point", "too_far", "closed_gate", "closed_hours", "floors",
        "barrier", "detour",
    ]  # fmt: skip
    subject: str = Field(
        description="The gate or barrier in the way, what is closed at the hour, the lowest floor "
        "that is too far, or why the building is unlinked; else empty."
    )
    time_s: float | None = Field(description="From the door; null when unreached within two hours.")
    point_id: str | None
    point_name: str | None
    straight_m: float | None = Field(
        description="Straight line to the nearest linked point of the category; null without one."
    )
    split: WalkSplit | None
    doors: Doors | None = Field(description="Null without a walk.")
    by_floor: BuildingFloors | None = Field(description="Null unless floors count.")
    link: LinkShape | None = Field(description="Of an unlinked building: why, and what would link.")
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
        "doors": {
            "from": DoorShape.EXAMPLE,
            "to": {**DoorShape.EXAMPLE, "entrance_id": None, "kind": None},
        },
        "by_floor": None,
        "link": None,
        "floors": None,
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
