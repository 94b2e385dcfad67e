"""Gaps: who is not covered, most households first."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules
from fastapi import APIRouter, Response

from api.gaps.answers import gaps
from api.gaps.schemas import GapsAnswer
from api.http.dependencies import Asked
from api.http.openapi import responses
from api.http.query_parameters import (
    HTTP,
    THRESHOLD,
    CategoryId,
    LevelName,
)
from api.parameters import CoverageQuestion
from geo.model.layers import Level

router = APIRouter(tags=["coverage"])


@router.get(
    "/districts/{code}/gaps",
    summary="Rank the gaps",
    response_model=GapsAnswer,
    responses=responses(GapsAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*THRESHOLD)
def get_gaps(
    asked: Asked,
    *,
    question: CoverageQuestion,
    category: CategoryId = None,
    level: LevelName = Level.SMALL,
) -> Response:
    """Households beyond the threshold or unlinked, per category and grid, most first.

    Category `all` counts those who lack at least one. `areas` joins buildings that lie together;
    their outline is a picture, the counts are per building.
    """
    return asked.answer(gaps(asked.snapshot(), question, level=str(level), category=category))
