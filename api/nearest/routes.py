"""Nearest: the k nearest service points of a category, for every building."""

from typing import Annotated

from fastapi import Query, Response

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, ROADS, Format, OneCategory
from api.nearest.answers import MOST, nearest_answer, nearest_table
from api.nearest.schemas import NearestAnswer
from api.parameters import CoverageQuestion, TableFormat

router = capability_router("coverage")
_CSV = "building_id,lon,lat,households,rank,time_s,point_id,status\n"
Count = Annotated[int, Query(ge=1, le=MOST, description="Points per building.", examples=[2])]
BuildingId = Annotated[
    str | None,
    Query(description="One building; all of them when left out.", examples=["b1"], max_length=200),
]


@router.get(
    "/districts/{code}/nearest",
    summary="Get the k nearest points by building",
    response_model=NearestAnswer,
    responses=responses(NearestAnswer, 304, 400, 404, 422, csv=_CSV),
)
@HTTP.asks(*ROADS, "floors")
def get_nearest(
    request: DistrictRequestDep,
    *,
    category: OneCategory,
    k: Count = 2,
    question: CoverageQuestion,
    building_id: BuildingId = None,
    f: Format = TableFormat.JSON,
) -> Response:
    """Tell the walking time of every building to its nearest, second ... k-th nearest point.

    Only points within the threshold are there. `choices` tells how many households have at least
    one, two ... k points to choose from.
    """
    snapshot = request.snapshot()
    table = nearest_table(snapshot, question, category, k=k, building=building_id)
    if f == TableFormat.CSV:
        within = f"{question.threshold_name}-{question.walker_name}"
        return request.csv(table, name=f"nearest-{request.code}-{category}-{k}-{within}.csv")
    return request.answer(nearest_answer(snapshot, question, table, category=category))
