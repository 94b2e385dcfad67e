"""Gaps: who is not covered, most households first."""

from fastapi import Response

from api.gaps.answers import gaps
from api.gaps.schemas import GapsAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import (
    HTTP,
    ROADS,
    CategoryId,
    LevelName,
)
from api.parameters import CoverageQuestion
from geo.model.vocabulary import Level

router = capability_router("coverage")


@router.get(
    "/districts/{code}/gaps",
    summary="Rank the gaps",
    response_model=GapsAnswer,
    responses=responses(GapsAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*ROADS, "floors")
def get_gaps(
    request: DistrictRequestDep,
    *,
    question: CoverageQuestion,
    category: CategoryId = None,
    level: LevelName = Level.SMALL,
) -> Response:
    """Households beyond the threshold or unlinked, per category and grid, most first.

    Category `all` counts those who lack at least one of the `judged` categories; without a
    category the rows are of `all` and of each judged one. `areas` joins buildings that lie
    together; their outline is a picture, the counts are per building, with `floors` per floor.
    """
    return request.answer(gaps(request.snapshot(), question, level=str(level), category=category))
