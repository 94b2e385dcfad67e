"""Completeness of grids: organisations, hubs, stations, loads."""

from typing import Annotated

from fastapi import Query, Response

from api.completeness.answers import completeness_answer
from api.completeness.schemas import CompletenessAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, PACE
from api.parameters import CoverageQuestion
from api.snapshot.variants import with_walker

router = capability_router("grids")

RuleMinutes = Annotated[
    float | None,
    Query(
        ge=1,
        le=120,
        allow_inf_nan=False,
        description="Threshold of hubs and stations in minutes, inclusive; that of the rule when "
        "left out.",
        examples=[15],
    ),
]


@router.get(
    "/districts/{code}/grids/completeness",
    summary="Get what each grid has and lacks",
    response_model=CompletenessAnswer,
    responses=responses(CompletenessAnswer, 304, 400, 404),
)
@HTTP.asks(*PACE)
def get_grid_completeness(
    request: DistrictRequestDep, *, minutes: RuleMinutes = None, question: CoverageQuestion
) -> Response:
    """Branches, groups and windows by grid, the load of each service worker, hubs and stations.

    Organisations, hubs and stations are those service points that a role of the catalogue names.
    Walks of stations to their nearest hub and of buildings to their nearest station are exact, on
    the walk network. What is unlinked, or stands in no grid, is counted and named.
    """
    snapshot = with_walker(request.snapshot(), question)
    answer = completeness_answer(snapshot, minutes=minutes, profile=question.profile)
    return request.answer(answer)
