"""Supply access and equity: how much service is there for whom, and how evenly."""

from enum import StrEnum
from typing import Annotated

from fastapi import Query, Response

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import (
    HTTP,
    PACE,
    ByName,
    CategoryId,
    Format,
    GridByName,
    OneCategory,
)
from api.parameters import By, CoverageQuestion, GridBy, TableFormat
from api.snapshot.variants import with_walker
from api.supply.answers import (
    Sharing,
    access_answer,
    access_rows,
    equity_answer,
    shared_supply,
    sharing_for,
)
from api.supply.schemas import AccessAnswer, DecayName, EquityAnswer
from geo.accessibility.floating_catchment import Group, Method

router = capability_router("supply")


class Measure(StrEnum):
    """What is spread."""

    TIME = "time"
    ACCESS = "access"


MethodId = Annotated[
    Method, Query(description="How supply is shared; gravity shares nothing.", examples=["2sfca"])
]
DecayId = Annotated[
    DecayName | None,
    Query(
        description="How a point counts by walking time; the method's own when left out: step for "
        "2sfca, zones for e2sfca, gaussian for 3sfca, exponential for gravity.",
        examples=["gaussian"],
    ),
]
GroupId = Annotated[
    Group, Query(description="Whose demand shares the supply.", examples=["households"])
]
WeightId = Annotated[Group, Query(description="Who is weighed.", examples=["residents_60plus"])]
MeasureId = Annotated[
    Measure,
    Query(description="Walking time to the nearest point, or supply access.", examples=["time"]),
]
AnyMethod = Annotated[
    Method | None, Query(description="With measure access; 2sfca by default.", examples=["2sfca"])
]
AnyMinutes = Annotated[
    float | None,
    Query(
        ge=1,
        le=120,
        allow_inf_nan=False,
        description="Threshold with measure access; 15 by default.",
        examples=[15],
    ),
]


def _text(value: StrEnum | None) -> str | None:
    return None if value is None else str(value)


@router.get(
    "/districts/{code}/access",
    summary="Get supply access by grid or building",
    response_model=AccessAnswer,
    responses=responses(
        AccessAnswer, 304, 400, 404, 422, csv="building_id,lon,lat,households,...\n"
    ),
)
@HTTP.asks("minutes", *PACE)
def get_access(
    request: DistrictRequestDep,
    *,
    category: OneCategory,
    method: MethodId = Method.TWO_STEP,
    decay: DecayId = None,
    question: CoverageQuestion,
    group: GroupId = Group.HOUSEHOLDS,
    by: ByName = By.SMALL,
    f: Format = TableFormat.JSON,
) -> Response:
    """Supply of one category, shared among all who reach it within the threshold.

    Over all buildings, score times demand sums to the supply that is reached (not with gravity).
    Every service point counts 1: the data has no capacities.
    """
    how = Sharing(str(method), decay, question.minutes, question.profile)
    snapshot = with_walker(request.snapshot(), question)
    if f == TableFormat.JSON:
        result = access_answer(snapshot, category, how=how, group=str(group), by=str(by))
        return request.answer(result)
    supply = shared_supply(snapshot, category, how=how, group=str(group))
    table = access_rows(snapshot, supply, str(by))
    asked = f"{method}-{question.threshold_name}-{question.walker_name}"
    return request.csv(
        table, name=f"access-{request.code}-{by}-{supply.reach.category}-{asked}.csv"
    )


@router.get(
    "/districts/{code}/equity",
    summary="Measure equity by grid",
    response_model=EquityAnswer,
    responses=responses(EquityAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*PACE)
def get_equity(
    request: DistrictRequestDep,
    *,
    category: CategoryId = None,
    measure: MeasureId = Measure.TIME,
    weight: WeightId = Group.HOUSEHOLDS,
    by: GridByName = GridBy.SMALL,
    question: CoverageQuestion,
    method: AnyMethod = None,
    decay: DecayId = None,
    minutes: AnyMinutes = None,
) -> Response:
    """How evenly walking time, or supply access, is spread over households or a group.

    Mean, percentiles, Gini, Theil and Palma within each grid and in the district, where Theil is
    split into what lies between the grids and within them. Supply access is shared by all
    households, whoever is weighed. A group of which the data counts nobody is refused.
    """
    how = sharing_for(
        str(measure),
        method=_text(method),
        decay=decay,
        minutes=minutes,
        profile=question.profile,
    )
    snapshot = with_walker(request.snapshot(), question)
    result = equity_answer(
        snapshot, category, measure=str(measure), how=how, weight=str(weight), by=str(by)
    )
    return request.answer(result)
