"""Schemas of coverage answers."""

from typing import ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import AtMoment, FloorsNote, Judged
from api.http.schemas import GridHead, Outside, Shape, Tiered


class Share(Shape):
    """Coverage of one category."""

    covered: float = Field(description="Households.")
    coverage: float | None = Field(description="Share 0..1; null where there are no households.")


class Sums(Shape):
    """Coverage of several buildings together."""

    covered_all: float = Field(description="Households that reach every judged category.")
    coverage_all: float | None = Field(
        description="Share 0..1; null where there are no households, or no category is judged."
    )
    count_mean: float | None = Field(description="Categories reached by the mean household.")
    categories: dict[str, Share]


class GridRow(Sums, GridHead):
    """Coverage of one grid, or of the district."""

    households: float
    households_estimated: float = Field(description="Those of them that nobody counted.")
    unlinked: float = Field(description="Households whose building meets no walkable way.")
    count: list[float] = Field(description="Households that reach exactly 0, 1, 2 ... categories.")

    EXAMPLE: ClassVar[Json] = {
        **GridHead.EXAMPLE,
        "households": 40.0,
        "households_estimated": 0.0,
        "unlinked": 0.0,
        "covered_all": 28.0,
        "coverage_all": 0.7,
        "count_mean": 0.7,
        "count": [12.0, 28.0],
        "categories": {"catering": {"covered": 28.0, "coverage": 0.7}},
    }


class Pace(Sums):
    """Coverage of the district if the same minutes were walked at another pace."""

    pace_m: float = Field(description="Metres in 15 minutes.")

    EXAMPLE: ClassVar[Json] = {
        "pace_m": 800.0,
        "covered_all": 24.0,
        "coverage_all": 0.6,
        "count_mean": 0.6,
        "categories": {"catering": {"covered": 24.0, "coverage": 0.6}},
    }


class Reach(Shape):
    """One building's walk to the nearest point of one category."""

    time_s: float | None = Field(description="Seconds; null when unreached within two hours.")
    point_id: str | None
    status: Literal["covered", "beyond", "unlinked"] = Field(
        description="By floor that of the whole building: covered if every dwelling is."
    )
    covered: int | None = Field(
        default=None, description="Households in reach; left out unless dwellings count by floor."
    )


class BuildingRow(Shape):
    """Coverage of one building."""

    building_id: str
    lon: float
    lat: float
    households: int
    reached: int = Field(description="Categories reached within the threshold.")
    categories: dict[str, Reach]


class Words(Shape):
    """A column of texts that repeat: the texts, and which one is where."""

    words: list[str | None]
    at: list[int] = Field(description="Index in `words`, one per row.")


class ShareColumns(Shape):
    """`Share` of one category, one value per row."""

    covered: list[float]
    coverage: list[float | None]


class ReachColumns(Shape):
    """`Reach` of one category, one value per row."""

    time_s: list[float | None]
    point_id: Words
    status: Words
    covered: list[int] | None = Field(default=None, description="As in `Reach`.")


class GridColumns(Shape):
    """The members of `GridRow`, one value per row."""

    code: list[str]
    level: list[str]
    parent_code: list[str | None]
    name_zh: list[str]
    name_en: list[str]
    buildings: list[int]
    households: list[float]
    households_estimated: list[float]
    unlinked: list[float]
    covered_all: list[float]
    coverage_all: list[float | None]
    count_mean: list[float | None]
    count: list[list[float]]
    categories: dict[str, ShareColumns]


class BuildingColumns(Shape):
    """The members of `BuildingRow`, one value per row."""

    building_id: list[str]
    lon: list[float]
    lat: list[float]
    households: list[int]
    reached: list[int]
    categories: dict[str, ReachColumns]


class Crossings(Shape):
    """What hangs on where wide roads are crossed."""

    wide_m: float = Field(description="Metres of wide road, each carriageway by itself.")
    hanging: dict[str, float] = Field(
        description="Households in reach where wide roads are crossed anywhere, and not at "
        "crossings only: of each category, and of `all` that are judged."
    )


class _Coverage(Tiered, AtMoment, Judged, FloorsNote):
    """What an answer about coverage tells beside its rows."""

    by: Literal["building", "small", "medium", "large", "district"]
    next: str | None = Field(
        default=None,
        description="Address of the next page, relative to this one; null on the last. Left out "
        "where no `limit` was given.",
    )
    total: GridRow
    outside: Outside
    paces: list[Pace] = Field(
        description="Texts differ on how far a walk of 15 minutes is: the district at each pace "
        "that the standard compares, slowest first. Empty for a walker who waits at crossings, and "
        "by floor."
    )
    own_points: bool = Field(
        description="Whether only points inside the district counted, not those of neighbours."
    )
    points: int = Field(description="Service points that counted.")
    crossings: Crossings | None = Field(description="Null where wide roads are crossed anywhere.")


class CoverageColumns(_Coverage):
    """Coverage with a list per figure in place of rows, which is shorter by far."""

    columns: GridColumns | BuildingColumns


class CoverageAnswer(_Coverage):
    """Coverage: sums over buildings, never over polygons."""

    rows: list[GridRow] | list[BuildingRow]

    EXAMPLE: ClassVar[Json] = {
        **Tiered.EXAMPLE,
        "by": "small",
        "rows": [GridRow.EXAMPLE],
        "total": {**GridRow.EXAMPLE, **GridHead.DISTRICT},
        "outside": {"buildings": 0, "households": 0},
        "paces": [Pace.EXAMPLE],
        **Judged.EXAMPLE,
        "own_points": False,
        "points": 214,
        "floors": None,
        "crossings": None,
        "hours_at": None,
    }
