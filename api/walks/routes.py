"""Walks: one way from here to there."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api.http.dependencies import Asked
from api.http.openapi import answers
from api.http.query_parameters import At, End, ProfileId, Start
from api.parameters import DEFAULT_PROFILE
from api.snapshot.gate_hours import at_moment
from api.walks.answers import walk
from api.walks.schemas import WALK, WalkAnswer

router = APIRouter(tags=["walks"])


@router.get(
    "/districts/{code}/walk",
    summary="Find the shortest walk",
    response_model=WalkAnswer,
    responses=answers(WALK, 304, 400, 404),
)
def get_walk(
    asked: Asked, start: Start, end: End, at: At, profile: ProfileId = DEFAULT_PROFILE
) -> Response:
    """Metres, seconds and the path, access legs included."""
    snapshot, told = at_moment(asked.snapshot(), at)
    return asked.answer({**walk(snapshot, start, end, profile=profile), "gates_at": told})
