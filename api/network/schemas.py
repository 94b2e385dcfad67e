"""Shapes of the walk network examined, for the API document."""

from typing import ClassVar

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape, WalkMeta


class Component(Shape):
    """A part of the walk network that no way joins to another."""

    component: int = Field(description="0 is the main network, the longest.")
    walkable_m: float
    edges: int
    buildings: int
    households: int
    share: float | None = Field(description="Of all linked households; null without any.")


class Islands(Shape):
    """All components but the main network."""

    walkable_m: float
    edges: int
    buildings: int
    households: int
    share: float | None


class Unlinked(Shape):
    """Buildings that meet no walkable way."""

    buildings: int
    households: int


class Mended(Shape):
    """What the import of the walk edges did to them."""

    source: str
    revision: int
    repaired: dict[str, int]
    notes: dict[str, int]
    named: dict[str, str] = Field(description="Way and place, and what was done there.")


class NetworkAnswer(WalkMeta):
    """The walk network of a profile, examined."""

    nodes: int
    edges: int
    walkable_m: float
    components: int
    islands: Islands
    unlinked: Unlinked
    rows: list[Component] = Field(description="Longest first.")
    rows_cut: int = Field(description="Components that are not listed.")
    mended: Mended | None = Field(description="Null where no import brought walk edges.")

    EXAMPLE: ClassVar[Json] = {
        **WalkMeta.EXAMPLE,
        "nodes": 2804,
        "edges": 4120,
        "walkable_m": 310_420.5,
        "components": 2,
        "islands": {
            "walkable_m": 120.0,
            "edges": 3,
            "buildings": 1,
            "households": 12,
            "share": 0.0003,
        },
        "unlinked": {"buildings": 0, "households": 0},
        "rows": [
            {
                "component": 1,
                "walkable_m": 120.0,
                "edges": 3,
                "buildings": 1,
                "households": 12,
                "share": 0.0003,
            }
        ],
        "rows_cut": 0,
        "mended": {
            "source": "town.osm.pbf",
            "revision": 1,
            "repaired": {"dead ends joined to the way beside them": 1},
            "notes": {},
            "named": {"way/12 at 118.002000, 37.380000": "joined over 0.80 m"},
        },
    }
