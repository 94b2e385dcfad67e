"""Walks: one way from here to there."""

from fastapi import Response

from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, WALKER, End, Start
from api.parameters import CoverageQuestion
from api.walks.answers import walk
from api.walks.schemas import WalkAnswer

router = capability_router("walks")


@router.get(
    "/districts/{code}/walk",
    summary="Find the shortest walk",
    response_model=WalkAnswer,
    responses=responses(WalkAnswer, 304, 400, 404),
)
@HTTP.asks(*WALKER)
def get_walk(
    request: DistrictRequestDep, start: Start, end: End, *, question: CoverageQuestion
) -> Response:
    """Metres, seconds and the path, access legs included."""
    return request.answer(walk(request.snapshot(), question, start, end))
