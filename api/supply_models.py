"""Shapes of the answers on supply access and equity, for the API document."""

from typing import Literal

from pydantic import Field

from api.models import Meta, Outside, Shape, WalkMeta

GroupName = Literal["households", "residents", "residents_60plus", "residents_under15"]
MethodName = Literal["2sfca", "e2sfca", "3sfca", "gravity"]
DecayName = Literal["step", "linear", "gaussian", "exponential", "logistic", "zones"]


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


class SpreadRow(Shape):
    """How evenly a value is spread within one grid, or within the district."""

    code: str
    level: Literal["small", "medium", "large", "district"]
    parent_code: str | None
    name_zh: str
    name_en: str
    buildings: int
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
