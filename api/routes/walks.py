"""Walks: one way from here to there."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api import examples, views
from api.documents import answers
from api.gate_hours import at_moment
from api.models import WalkAnswer
from api.params import DEFAULT_PROFILE, At, End, ProfileId, Start
from api.service import Asked

router = APIRouter(tags=["walks"])


@router.get(
    "/districts/{code}/walk",
    summary="Find the shortest walk",
    response_model=WalkAnswer,
    responses=answers(examples.WALK, 304, 400, 404),
)
def get_walk(
    asked: Asked, start: Start, end: End, at: At, profile: ProfileId = DEFAULT_PROFILE
) -> Response:
    """Metres, seconds and the path, access legs included."""
    snapshot, told = at_moment(asked.snapshot(), at)
    return asked.answer({**views.walk(snapshot, start, end, profile=profile), "gates_at": told})
