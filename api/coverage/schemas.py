"""Schemas of coverage answers."""

from typing import ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import AtMoment, Meta, Outside, Shape


class Share(Shape):
    """Coverage of one category."""

    covered: float = Field(description="Households.")
    coverage: float | None = Field(description="Share 0..1; null where there are no households.")


class GridRow(Shape):
    """Coverage of one grid, or of the district."""

    code: str
    level: Literal["small", "medium", "large", "district"]
    parent_code: str | None
    name_zh: str
    name_en: str
    buildings: int
    households: float
    unlinked: float = Field(description="Households whose building meets no walkable way.")
    covered_all: float = Field(description="Households that reach every category.")
    coverage_all: float | None
    count_mean: float | None = Field(description="Categories reached by the mean household.")
    count: list[float] = Field(description="Households that reach exactly 0, 1, 2 ... categories.")
    categories: dict[str, Share]

    EXAMPLE: ClassVar[Json] = {
        "code": "371602001001101",
        "level": "small",
        "parent_code": "3716020010011",
        "name_zh": "第一网格",
        "name_en": "Grid 1",
        "buildings": 3,
        "households": 40.0,
        "unlinked": 0.0,
        "covered_all": 28.0,
        "coverage_all": 0.7,
        "count_mean": 0.7,
        "count": [12.0, 28.0],
        "categories": {"catering": {"covered": 28.0, "coverage": 0.7}},
    }


class Reach(Shape):
    """One building's walk to the nearest point of one category."""

    time_s: float | None = Field(description="Seconds; null when unreached within two hours.")
    point_id: str | None
    status: Literal["covered", "beyond", "unlinked"]


class BuildingRow(Shape):
    """Coverage of one building."""

    building_id: str
    lon: float
    lat: float
    households: int
    reached: int = Field(description="Categories reached within the threshold.")
    categories: dict[str, Reach]


class CoverageAnswer(Meta, AtMoment):
    """Coverage: sums over buildings, never over polygons."""

    by: Literal["building", "small", "medium", "large", "district"]
    rows: list[GridRow] | list[BuildingRow]
    total: GridRow
    outside: Outside
    without_points: list[str] = Field(
        description="Categories of which the data has no service point: nobody can reach them."
    )
    own_points: bool = Field(
        description="Whether only points inside the district counted, not those of neighbours."
    )
    points: int = Field(description="Service points that counted.")

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "by": "small",
        "rows": [GridRow.EXAMPLE],
        "total": {
            **GridRow.EXAMPLE,
            "code": "371602",
            "level": "district",
            "parent_code": None,
            "name_zh": "滨城区",
            "name_en": "Bincheng",
        },
        "outside": {"buildings": 0, "households": 0},
        "without_points": [],
        "own_points": False,
        "points": 214,
        "gates_at": None,
    }
