"""Shapes of the answers on supply access and equity, for the API document."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import GridHead, Meta, Outside, Shape, WalkMeta

GroupName = Literal["households", "residents", "residents_60plus", "residents_under15"]
MethodName = Literal["2sfca", "e2sfca", "3sfca", "gravity"]
DecayName = Literal["step", "linear", "gaussian", "exponential", "logistic", "zones"]


_SHARING: Final[Json] = {
    "method": "2sfca",
    "unit": "service points per unit of demand",
    "decay": {
        "name": "step",
        "formula": "w(t) = 1, t <= T",
        "reference": "Luo and Wang 2003, doi:10.1068/b29120",
        "parameters": {"threshold_s": 900.0},
    },
}
_OUTSIDE: Final = {"buildings": 0, "households": 0}


class DecayShape(Shape):
    """How much a point counts by walking time."""

    name: DecayName
    formula: str
    reference: str
    parameters: dict[str, float | list[float]] = Field(description="Times are in seconds.")


class SupplySums(Shape):
    """Supply of one category, by what becomes of it; the three sum to all."""

    points: int
    capacity: str = Field(description="What one service point counts: 1, or as loaded.")
    reached: float = Field(description="Of points that some demand reaches: sum(score x demand).")
    idle: float = Field(description="Of points that no demand reaches; in no score.")
    unlinked: float = Field(description="Of points that meet no walkable way; in no score.")


class SpreadRow(GridHead):
    """How evenly a value is spread within one grid, or within the district."""

    weight: float = Field(description="Households, or people of the group, with a value.")
    excluded: float = Field(description="Those without: unlinked, or nothing within two hours.")
    mean: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    gini: float | None
    theil: float | None
    palma: float | None = Field(description="Upper 10 % by lower 40 %; 1/4 where all are equal.")
    reason: Literal["", "no_weight", "all_zero", "bottom_zero"] = Field(
        description="Why a measure is null."
    )

    EXAMPLE: ClassVar[Json] = {
        **GridHead.EXAMPLE,
        "weight": 40.0,
        "excluded": 0.0,
        "mean": 0.05,
        "p10": 0.025,
        "p50": 0.05,
        "p90": 0.075,
        "gini": 0.15,
        "theil": 0.05,
        "palma": 0.5,
        "reason": "",
    }


_DISTRICT: Final[Json] = {**SpreadRow.EXAMPLE, **GridHead.DISTRICT}


class AccessBuildingRow(Shape):
    """Supply access of one building."""

    building_id: str
    lon: float
    lat: float
    households: int
    demand: float = Field(description="People of the group.")
    score: float | None = Field(description="In `unit`; null where the building is unlinked.")
    points: int = Field(description="Service points within the threshold.")
    status: Literal["covered", "beyond", "unlinked"]


class AccessAnswer(Meta):
    """Supply shared by all who reach it."""

    by: Literal["building", "small", "medium", "large", "district"]
    category: str
    group: GroupName
    method: MethodName
    unit: str
    decay: DecayShape
    supply: SupplySums
    rows: list[SpreadRow] | list[AccessBuildingRow]
    total: SpreadRow
    outside: Outside

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "by": "small",
        "category": "medical",
        "group": "households",
        **_SHARING,
        "supply": {
            "points": 2,
            "capacity": "1 per point",
            "reached": 2.0,
            "idle": 0.0,
            "unlinked": 0.0,
        },
        "rows": [SpreadRow.EXAMPLE],
        "total": _DISTRICT,
        "outside": _OUTSIDE,
    }


class EquityRow(SpreadRow):
    """How evenly one category is spread."""

    category: str


class EquityTotal(EquityRow):
    """The same in the district, with the parts of Theil's T."""

    theil_between: float | None = Field(description="Between the grids of `by`.")
    theil_within: float | None = Field(description="Within them.")


class EquityAnswer(WalkMeta):
    """How evenly walking time or supply access is spread."""

    minutes: float | None = Field(description="Threshold of supply access; null for time.")
    threshold_s: float | None = Field(description="The same in seconds, inclusive.")
    metres: float | None
    by: Literal["small", "medium", "large", "district"]
    measure: Literal["time", "access"]
    category: str | None
    weight: GroupName
    method: MethodName | None
    unit: str
    decay: DecayShape | None
    capacity: str | None = Field(description="What one service point counts; null for time.")
    rows: list[EquityRow]
    totals: list[EquityTotal]
    outside: Outside

    EXAMPLE: ClassVar[Json] = {
        **Meta.EXAMPLE,
        "by": "small",
        "measure": "access",
        "category": "medical",
        "weight": "residents_60plus",
        **_SHARING,
        "capacity": "1 per point",
        "rows": [{"category": "medical", **SpreadRow.EXAMPLE}],
        "totals": [
            {"category": "medical", **_DISTRICT, "theil_between": 0.01, "theil_within": 0.04}
        ],
        "outside": _OUTSIDE,
    }
