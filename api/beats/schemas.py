"""The answer about beats, as the API document has it."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import SQUARE, Outside, Provenance, Shape


class Beat(Shape):
    """What one service worker looks after."""

    worker_code: str = Field(description="Of the post, never of a person.")
    post_name: str | None = Field(description="Name of the post.")
    phone: str | None = Field(description="Number of its office.")
    large_codes: list[str]
    grid_codes: list[str] = Field(description="Its small grids.")
    grids: int
    buildings: int
    households: int = Field(description="Of the buildings in its small grids.")
    status: Literal["met", "light", "heavy"] = Field(
        description="Whether the households are in the band, fewer or more."
    )
    parts: int = Field(description="Polygons of the outline; more than one is a beat in pieces.")
    lon: float = Field(description="A place inside the outline, for a label.")
    lat: float


class BeatFeature(Shape):
    """A beat with its outline, which is a picture."""

    type: Literal["Feature"]
    id: str
    properties: Beat
    geometry: dict[str, Any]


class UnassignedGrid(Shape):
    """A small grid in which somebody lives and that no worker looks after."""

    code: str
    large_code: str | None
    name_zh: str
    name_en: str
    buildings: int
    households: int


class Unassigned(Shape):
    """All of them."""

    grids: int
    households: int
    named: list[UnassignedGrid]


class BeatsMeta(Provenance):
    """Provenance and the headline."""

    aim: int = Field(description="Households that a worker is meant for.")
    low: float = Field(description="Least households of a beat in the band.")
    high: float = Field(description="Most of them.")
    workers: int
    households: int = Field(description="In all beats.")
    light: int = Field(description="Beats with fewer households than the band.")
    met: int = Field(description="Beats in the band.")
    heavy: int = Field(description="Beats with more.")
    unassigned: Unassigned
    outside: Outside


class BeatCollection(Shape):
    """GeoJSON, EPSG:4326 in lon, lat order; by worker code."""

    type: Literal["FeatureCollection"]
    features: list[BeatFeature]
    lifecircle: BeatsMeta

    EXAMPLE: ClassVar[Json] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": "371602001001W01",
                "properties": {
                    "worker_code": "371602001001W01",
                    "post_name": "滨河一片区",
                    "phone": "0543-3180000",
                    "large_codes": ["371602001001"],
                    "grid_codes": ["371602001001101", "371602001001102"],
                    "grids": 2,
                    "buildings": 6,
                    "households": 96,
                    "status": "met",
                    "parts": 1,
                    "lon": 118.002,
                    "lat": 37.382,
                },
                "geometry": SQUARE,
            }
        ],
        "lifecircle": {
            **Provenance.EXAMPLE,
            "aim": 100,
            "low": 80,
            "high": 120,
            "workers": 1,
            "households": 96,
            "light": 0,
            "met": 1,
            "heavy": 0,
            "unassigned": {
                "grids": 1,
                "households": 34,
                "named": [
                    {
                        "code": "371602001001103",
                        "large_code": "371602001001",
                        "name_zh": "",
                        "name_en": "",
                        "buildings": 2,
                        "households": 34,
                    }
                ],
            },
            "outside": {"buildings": 0, "households": 0},
        },
    }
