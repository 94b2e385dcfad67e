"""The week of a district over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response

from api.errors import ParameterError
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, POINTS, ByName, Format
from api.parameters import WEEK_PATTERN, By, CoverageQuestion, TableFormat
from api.week.answers import week, week_table
from api.week.schemas import WeekAnswer
from boundaries.readers.opening_hours import parse_week
from geo.errors import InputError

router = capability_router("coverage")
_MEMBERS = tuple(name for name in POINTS if name != "at")
_CSV = "code,level,parent_code,name_zh,name_en,buildings,category,Mo00,Mo01,...\n"


async def _week(
    text: Annotated[
        str | None,
        Query(
            alias="week",
            description="ISO week, `2026-W49`, with its holidays; a week without holidays when "
            "left out.",
            examples=["2026-W49"],
            max_length=40,
            json_schema_extra={"pattern": WEEK_PATTERN},
        ),
    ] = None,
) -> str | None:
    try:
        parse_week(text)
    except InputError as error:
        raise ParameterError("week", error.message) from None
    return text


@router.get(
    "/districts/{code}/week",
    summary="Get coverage at each hour of a week",
    response_model=WeekAnswer,
    responses=responses(WeekAnswer, 304, 400, 404, 422, csv=_CSV),
)
@HTTP.asks(*_MEMBERS)
def get_week(
    request: DistrictRequestDep,
    *,
    question: CoverageQuestion,
    named: Annotated[str | None, Depends(_week)],
    by: ByName = By.SMALL,
    f: Format = TableFormat.JSON,
) -> Response:
    """Households covered at each of 168 hours, by opening hours of points, gates and ways.

    An hour is the moment at which it begins: its figures are those of `coverage` with that time.
    Each distinct state of the district is searched once. `changing` counts what opens or closes
    within an hour.
    """
    snapshot = request.snapshot()
    if f == TableFormat.JSON:
        return request.answer(week(snapshot, question, week=named, by=str(by)))
    name = f"week-{request.code}-{by}-{question.threshold_name}-{question.profile}.csv"
    return request.csv(week_table(snapshot, question, week=named, by=str(by)), name=name)
