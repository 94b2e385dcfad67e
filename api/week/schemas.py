"""Schemas of a week."""

from typing import ClassVar, Final, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.answer_notes import FloorsNote, Judged
from api.http.schemas import GridHead, Shape, Tiered

_STRIP: Final = [320] * 168


class HourOfWeek(Shape):
    """The hour of a week at which most or fewest are covered."""

    hour: str = Field(description="`Mo00` to `Su23`; the first of several.")
    households: float


class HoursOfDay(Shape):
    """Hours of a day, from the begin of the first to the end of the last."""

    begin: int = Field(alias="from")
    to: int


class WeekFigures(Shape):
    """Who is covered at each hour of a week."""

    covered: list[float] = Field(description="Households, for each of 168 hours from Monday 00:00.")
    best: HourOfWeek
    worst: HourOfWeek
    always: float = Field(description="Households covered at every hour.")
    never: float = Field(description="Households covered at none.")
    not_at_night: float = Field(
        description="Households covered at some hour, but at none from 22:00 to 6:00."
    )
    weekdays: HoursOfDay | None = Field(
        description="The longest run of hours at which as many are covered on every weekday as at "
        "the best hour; null for none."
    )


class LayerWeek(Shape):
    """Opening hours of one layer over a week."""

    rows: int
    with_hours: int = Field(description="Rows that have opening hours; the others count as open.")
    unreadable: int = Field(description="Rows whose hours cannot be read; they count as open.")
    unreadable_ids: list[str] = Field(description="The first 100 that cannot be read.")
    closed: list[int] = Field(description="Rows that are closed at each hour.")
    changing: list[int] = Field(
        description="Rows that open or close within each hour, after its begin."
    )


class WeekLayers(Shape):
    """Opening hours of a district over a week."""

    gates: LayerWeek
    walk_edges: LayerWeek
    service_points: LayerWeek


class WeekGridRow(GridHead):
    """One grid, or the district."""

    covered: dict[str, list[float]] = Field(
        description="Households covered at each of 168 hours, of `all` and of each category."
    )


class WeekBuildingRow(Shape):
    """One building."""

    building_id: str
    households: float
    hours: dict[str, str] = Field(
        description="Hours at which all of it is covered, `Mo-Fr 06-22; Sa 08-12`, of `all` and of "
        "each category; empty for none, `24/7` for all."
    )


class WeekAnswer(Tiered, Judged, FloorsNote):
    """Coverage at each hour of a week; every hour is the moment at which it begins."""

    week: str = Field(description="ISO week.")
    begins: str = Field(description="Its Monday.")
    by: Literal["building", "small", "medium", "large", "district"]
    hours: WeekLayers
    assumed: Literal["open"] = Field(description="What counts for rows without opening hours.")
    networks: int = Field(description="Distinct states of the walk network.")
    searches: int = Field(description="Searches that the week took, of 168 for each category.")
    households: float
    total: dict[str, WeekFigures] = Field(description="Of `all` and of each category.")
    sentences_zh: list[str]
    sentences_en: list[str]
    rows: list[WeekGridRow] | list[WeekBuildingRow]
    own_points: bool

    EXAMPLE: ClassVar[Json] = {
        **Tiered.EXAMPLE,
        **Judged.EXAMPLE,
        "floors": None,
        "week": "2026-W10",
        "begins": "2026-03-02",
        "by": "small",
        "hours": {
            layer: {
                "rows": 40,
                "with_hours": 12,
                "unreadable": 0,
                "unreadable_ids": [],
                "closed": [0] * 168,
                "changing": [0] * 168,
            }
            for layer in ("gates", "walk_edges", "service_points")
        },
        "assumed": "open",
        "networks": 1,
        "searches": 10,
        "households": 350.0,
        "total": {
            "all": {
                "covered": _STRIP,
                "best": {"hour": "Mo00", "households": 320.0},
                "worst": {"hour": "Mo00", "households": 320.0},
                "always": 320.0,
                "never": 30.0,
                "not_at_night": 0.0,
                "weekdays": {"from": 0, "to": 24},
            }
        },
        "sentences_zh": [],
        "sentences_en": [],
        "rows": [{**GridHead.EXAMPLE, "covered": {"all": _STRIP}}],
        "own_points": False,
    }
