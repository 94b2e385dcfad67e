"""Shapes of what answers say besides their figures: floors, hours, links, judged categories."""

from typing import ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape


class UnknownStoreys(Shape):
    """Lived-in buildings of unknown storeys, whose dwellings count at the door."""

    buildings: int
    households: int
    named: list[str] = Field(description="The first of them.")


class Lifts(Shape):
    """Lived-in buildings of several storeys by what is known of their lift."""

    known: int = Field(description="There is one.")
    none: int = Field(description="There is none.")
    held: int = Field(description="Unknown; held to have one for its storeys.")
    held_none: int = Field(description="Unknown; held to have none.")


class FloorsCounted(Shape):
    """How dwellings count by floor."""

    spread: Literal["even"] = Field(
        description="Households are spread evenly over the storeys: nobody counts them by floor."
    )
    buildings: int = Field(description="Lived-in buildings of known storeys.")
    unknown: UnknownStoreys
    lifts: Lifts


class FloorsNote(Shape):
    """What an answer says of floors."""

    floors: FloorsCounted | None = Field(description="Null where dwellings do not count by floor.")

    EXAMPLE: ClassVar[Json] = {
        "floors": {
            "spread": "even",
            "buildings": 812,
            "unknown": {"buildings": 1, "households": 40, "named": ["b7"]},
            "lifts": {"known": 0, "none": 0, "held": 96, "held_none": 640},
        }
    }


class LayerHoursAt(Shape):
    """Opening hours of one layer at a moment."""

    rows: int = Field(description="Rows of the layer.")
    with_hours: int = Field(description="Rows that have opening hours.")
    closed: int = Field(description="Rows that count as closed because of them.")
    unreadable: int = Field(description="Rows whose hours cannot be read; they count as open.")
    closed_ids: list[str] = Field(description="The first 100 that are closed.")
    unreadable_ids: list[str] = Field(description="The first 100 that cannot be read.")

    EXAMPLE: ClassVar[Json] = {
        "rows": 40,
        "with_hours": 12,
        "closed": 1,
        "unreadable": 0,
        "closed_ids": ["g1"],
        "unreadable_ids": [],
    }


class HoursAt(Shape):
    """What is open and closed at a moment, by opening hours."""

    at: str = Field(description="Local time of the district.")
    weekday: Literal["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    assumed: Literal["open"] = Field(description="What counts for rows without opening hours.")
    gates: LayerHoursAt
    walk_edges: LayerHoursAt
    service_points: LayerHoursAt

    EXAMPLE: ClassVar[Json] = {
        "at": "2026-11-24T22:00",
        "weekday": "Tu",
        "assumed": "open",
        "gates": LayerHoursAt.EXAMPLE,
        "walk_edges": {**LayerHoursAt.EXAMPLE, "closed": 0, "closed_ids": []},
        "service_points": {**LayerHoursAt.EXAMPLE, "closed_ids": ["p1"]},
    }


class AtMoment(Shape):
    """An answer that may be about one moment."""

    hours_at: HoursAt | None = Field(description="Null where no time was asked for.")


class UnlinkedPointRow(Shape):
    """A service point that meets no walkable way."""

    point_id: str
    name: str
    category: str
    reason: Literal["no_network", "too_far", "blocked"]


class UnlinkedPoints(Shape):
    """Service points that nobody reaches because they meet no walkable way."""

    points: int
    named: list[UnlinkedPointRow] = Field(description="The first 20.")

    EXAMPLE: ClassVar[Json] = {
        "points": 1,
        "named": [
            {"point_id": "p9", "name": "山顶诊所", "category": "medical", "reason": "too_far"}
        ],
    }


class NearestWay(Shape):
    """The walkable way nearest to a building, on whatever level, and what lies before it."""

    edge_id: int
    kind: str
    level: int
    metres: float = Field(description="Straight from the building.")
    barrier_id: str | None = Field(description="The first barrier between; null for none.")


class UnlinkedBuildingRow(Shape):
    """A lived-in building that meets no walkable way, and what would link it."""

    building_id: str
    name: str
    households: float
    reason: Literal["no_network", "too_far", "blocked"]
    way: NearestWay | None = Field(description="Null where there is no way at all.")


class UnlinkedBuildings(Shape):
    """Lived-in buildings that meet no walkable way; their households reach nothing."""

    buildings: int
    households: float
    named: list[UnlinkedBuildingRow] = Field(description="The first 20.")

    EXAMPLE: ClassVar[Json] = {
        "buildings": 1,
        "households": 8.0,
        "named": [
            {
                "building_id": "b9", "name": "9号楼", "households": 8.0, "reason": "blocked",
                "way": {
                    "edge_id": 12, "kind": "footway", "level": 0, "metres": 31.5,
                    "barrier_id": "w1",
                },
            }
        ],
    }  # fmt: skip


class Judged(Shape):
    """An answer about "all" categories."""

    unlinked_points: UnlinkedPoints
    unlinked_buildings: UnlinkedBuildings
    judged: list[str] = Field(
        description="Categories that `all` stands for: those of which the data has a service point."
    )
    without_points: list[str] = Field(
        description="The other categories. Nobody reaches them; the data may simply not have them."
    )

    EXAMPLE: ClassVar[Json] = {
        "unlinked_points": UnlinkedPoints.EXAMPLE,
        "unlinked_buildings": UnlinkedBuildings.EXAMPLE,
        "judged": ["catering"],
        "without_points": [],
    }
