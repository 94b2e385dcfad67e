"""Schemas of a district that is examined by requirements of standards."""

from typing import ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Shape, WalkMeta


class RequirementCauses(Shape):
    """Households inside the radius that do not get there in time, by the first cause that holds."""

    unlinked: float = Field(description="Their building meets no way.")
    point_unlinked: float = Field(description="No point inside the radius meets a way.")
    river: float = Field(description="Water lies between them and the nearest point.")
    railway: float
    wall: float
    detour: float = Field(description="Nothing lies between, and the streets lead round.")


class RequirementPeople(Shape):
    """The people whom a requirement is for."""

    people: float
    people_straight: float
    people_walk: float


class RequirementArea(Shape):
    """Floor area of the points that meet a requirement."""

    per_100: float = Field(description="Square metres per 100 households.")
    points_without: float = Field(description="Points whose floor area is not known.")


class RequirementRow(Shape):
    """One requirement, and the figures of the district."""

    id: str
    standard: str
    zh: str
    en: str
    tier: str = Field(description="Tier of GB 50180: t5, t10, t15 or block; empty in others.")
    required: bool | None = Field(description="Null where the standard does not say.")
    kinds: list[str] = Field(description="Kinds of service point that meet it; one is enough.")
    category: str = Field(description="Category all of whose points meet it; else empty.")
    whom: Literal["all", "elderly", "children"]
    floor_area_m2: float | None = Field(description="Wanted per 100 households, at least.")
    status: Literal["examined", "no_point", "no_distance", "no_data", "no_floor_area"]
    lacks_zh: str = Field(description="What the data of a district does not hold.")
    lacks_en: str
    points: int = Field(description="Points that meet it.")
    points_unlinked: int
    radius_m: float | None = Field(description="Straight-line radius that was examined, metres.")
    limit_s: float | None = Field(description="Time on foot that was examined, inclusive.")
    straight: float | None = Field(description="Households inside the radius.")
    walk: float | None = Field(description="Households that walk there in time.")
    difference: float | None = Field(description="Households inside and not in time.")
    beyond: float | None = Field(
        description="Households in time and not inside: by an entrance, or in more minutes than "
        "the radius takes."
    )
    causes: RequirementCauses | None = Field(description="They sum to `difference`.")
    people: RequirementPeople | None
    floor_area: RequirementArea | None
    source: str
    verified: Literal["text", "second-hand", "derived", "unverified"]


class StandardTable(Shape):
    """A standard that requirements come from."""

    id: str
    zh: str
    en: str


class ExaminationAnswer(WalkMeta):
    """A district examined by requirements of standards."""

    households: float
    standards: list[StandardTable]
    counts: dict[str, int] = Field(description="Requirements by status.")
    rows: list[RequirementRow]

    EXAMPLE: ClassVar[Json] = {
        **WalkMeta.EXAMPLE,
        "households": 40.0,
        "standards": [{"id": "radii_shinan_2009", "zh": "青岛市市南区 2009", "en": "Shinan 2009"}],
        "counts": {"examined": 1},
        "rows": [
            {
                "id": "radii_shinan_2009:2",
                "standard": "radii_shinan_2009",
                "zh": "餐饮店",
                "en": "restaurant",
                "tier": "",
                "required": None,
                "kinds": ["restaurant", "fast_food"],
                "category": "",
                "whom": "all",
                "floor_area_m2": None,
                "status": "examined",
                "lacks_zh": "",
                "lacks_en": "",
                "points": 2,
                "points_unlinked": 0,
                "radius_m": 300.0,
                "limit_s": 270.0,
                "straight": 31.0,
                "walk": 24.0,
                "difference": 7.0,
                "beyond": 0.0,
                "causes": {
                    "unlinked": 0.0,
                    "point_unlinked": 0.0,
                    "river": 0.0,
                    "railway": 0.0,
                    "wall": 5.0,
                    "detour": 2.0,
                },
                "people": None,
                "floor_area": None,
                "source": "Local standard of Shinan district, Qingdao, Shandong (2009)",
                "verified": "text",
            }
        ],
    }
