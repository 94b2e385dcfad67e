"""Where a lift would bring most elderly people within reach."""

from typing import Annotated

from fastapi import Query, Response

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, ROADS, CategoryId
from api.lifts.answers import lifts
from api.lifts.schemas import LiftsAnswer
from api.parameters import CoverageQuestion

router = capability_router("coverage")
Limit = Annotated[int, Query(ge=1, le=10_000, description="At most so many.", examples=[100])]


@router.get(
    "/districts/{code}/lifts",
    summary="Get where lifts would help most",
    response_model=LiftsAnswer,
    responses=responses(LiftsAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*ROADS)
def get_lifts(
    request: DistrictRequestDep,
    *,
    question: CoverageQuestion,
    category: CategoryId = None,
    limit: Limit = 100,
) -> Response:
    """Return buildings without a lift, by the people of 60 and more whom one brings in reach.

    Dwellings and people are spread evenly over the storeys. A lift that is unknown counts as the
    walker's rule has it; buildings of unknown storeys are counted in `floors`.
    """
    return request.answer(lifts(request.snapshot(), question, category=category, limit=limit))
