"""Schemas of gaps."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, FloorsNote, Judged
from api.http.schemas import BBOX, SQUARE, Shape, Tiered


class GapRow(Shape):
    """Who a category does not reach in one grid; code null: in no grid."""

    rank: int
    category: str = Field(description="A category, or all: lacks at least one that is judged.")
    code: str | None
    name_zh: str
    name_en: str
    households: float
    beyond: float
    unlinked: float
    buildings: int
    coverage: float | None
    bbox: list[float]


class GapArea(Shape):
    """Uncovered buildings that lie together; the outline is only a picture."""

    area_id: int
    category: str
    households: float
    buildings: int
    bbox: list[float]
    geometry: dict[str, Any]


class GapsAnswer(Tiered, AtMoment, Judged, FloorsNote):
    """Who is left out."""

    level: Literal["small", "medium", "large"]
    category: str | None
    rows: list[GapRow]
    areas: list[GapArea]

    EXAMPLE: ClassVar[Json] = {
        **Tiered.EXAMPLE,
        **Judged.EXAMPLE,
        "hours_at": None,
        "floors": None,
        "level": "small",
        "category": "catering",
        "rows": [
            {
                "rank": 1,
                "category": "catering",
                "code": "371602001001101",
                "name_zh": "第一网格",
                "name_en": "Grid 1",
                "households": 12.0,
                "beyond": 12.0,
                "unlinked": 0.0,
                "buildings": 1,
                "coverage": 0.7,
                "bbox": BBOX,
            }
        ],
        "areas": [
            {
                "area_id": 1,
                "category": "catering",
                "households": 12.0,
                "buildings": 1,
                "bbox": BBOX,
                "geometry": SQUARE,
            }
        ],
    }
