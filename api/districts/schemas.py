"""Schemas of districts."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import (
    AS_OF,
    BBOX,
    SET_ASIDE,
    SQUARE,
    ProfileName,
    Provenance,
    SetAside,
    Shape,
)
from api.standards.schemas import StandardShape


class Counts(Shape):
    """How much there is of what."""

    large: int
    medium: int
    small: int
    buildings: int
    households: int
    service_points: int
    walk_edges: int
    barriers: int
    gates: int
    open_grounds: int
    entrances: int
    workers: int


class DistrictRow(Shape):
    """A district in a list."""

    code: str
    name_zh: str
    name_en: str
    revision: int = Field(description="Grows with every committed change.")
    origin: Literal["given", "osm", "drawn", "synthetic"]
    synthetic: bool = Field(description="True: made up; label it wherever it is shown.")
    note: str = Field(description="What a reader must know.")
    note_zh: str = Field(description="The same in Chinese; empty where nobody wrote it.")
    credits: list[str] = Field(description="Show these wherever the data is shown.")
    bbox: list[float] = Field(
        description="West, south, east, north of the grids, else of the boundary; degrees."
    )
    epsg: int = Field(description="Metric CRS in which everything is measured.")
    counts: Counts

    EXAMPLE: ClassVar[Json] = {
        "code": "371602",
        "name_zh": "滨城区",
        "name_en": "Bincheng",
        "revision": 3,
        "origin": "synthetic",
        "synthetic": True,
        "note": Provenance.EXAMPLE["note"],
        "note_zh": Provenance.EXAMPLE["note_zh"],
        "credits": Provenance.EXAMPLE["credits"],
        "bbox": BBOX,
        "epsg": 4548,
        "counts": {
            "large": 8,
            "medium": 30,
            "small": 130,
            "buildings": 320,
            "households": 5000,
            "service_points": 160,
            "walk_edges": 1800,
            "barriers": 40,
            "gates": 90,
            "open_grounds": 6,
            "entrances": 40,
            "workers": 50,
        },
    }


class Districts(Shape):
    """All districts."""

    districts: list[DistrictRow]

    EXAMPLE: ClassVar[Json] = {"districts": [DistrictRow.EXAMPLE]}


class Windows(Shape):
    """One-stop windows of public service: each grid of a level should have one."""

    level: str
    grids: int = Field(description="Grids of the level.")
    met: int = Field(description="Those that have one.")


class DistrictDetail(DistrictRow):
    """A district with its boundary and standard."""

    as_of: int | str | None = Field(default=None, description=AS_OF)

    boundary: dict[str, Any] = Field(description="GeoJSON geometry, EPSG:4326.")
    standard: StandardShape
    windows: Windows
    set_aside: SetAside | None = Field(default=None, description=SET_ASIDE)

    EXAMPLE: ClassVar[Json] = {
        **DistrictRow.EXAMPLE,
        "boundary": SQUARE,
        "standard": {
            "id": "bincheng-2026",
            "version": "2026.4",
            "zh": "一刻钟便民生活圈",
            "en": "15-minute life circle",
            "minutes": [5, 10, 15],
            "categories": [
                {
                    "id": "catering",
                    "zh": "餐饮",
                    "en": "Catering",
                    "badge_zh": "餐",
                    "badge_en": "Ca",
                    "radius_m": 500.0,
                    "time_min": 10.0,
                    "source": "See the standard's data file.",
                    "verified": "second-hand",
                    "proposed": False,
                    "aliases": ["餐饮服务"],
                    "kinds": [
                        {
                            "id": "canteen",
                            "zh": "社区食堂",
                            "en": "Community canteen",
                            "radius_m": 500.0,
                            "time_min": 10.0,
                            "source": "See the standard's data file.",
                            "verified": "second-hand",
                            "osm": ["amenity=canteen"],
                            "osm_named": ["amenity=restaurant"],
                            "keywords_zh": ["食堂"],
                            "keywords_en": ["canteen"],
                            "amap": [],
                        }
                    ],
                }
            ],
            "beside": [],
            "profiles": [
                {
                    **ProfileName.EXAMPLE,
                    "source": "See the standard's data file.",
                    "verified": "second-hand",
                    "rules": [
                        {"rule": "slope", "source": "W. Tobler (1993)", "verified": "second-hand"}
                    ],
                }
            ],
        },
        "windows": {"level": "large", "grids": 12, "met": 9},
    }
