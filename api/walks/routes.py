"""Walks: one way from here to there."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api.http.dependencies import Asked
from api.http.openapi import responses
from api.http.query_parameters import HTTP, WALKER, End, Start
from api.parameters import CoverageQuestion
from api.walks.answers import walk
from api.walks.schemas import WalkAnswer

router = APIRouter(tags=["walks"])


@router.get(
    "/districts/{code}/walk",
    summary="Find the shortest walk",
    response_model=WalkAnswer,
    responses=responses(WalkAnswer, 304, 400, 404),
)
@HTTP.asks(*WALKER)
def get_walk(asked: Asked, start: Start, end: End, *, question: CoverageQuestion) -> Response:
    """Metres, seconds and the path, access legs included."""
    return asked.answer(walk(asked.snapshot(), question, start, end))
