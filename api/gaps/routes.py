"""Gaps: who is not covered, most households first."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules
from fastapi import APIRouter, Response

from api.gaps.answers import gaps
from api.gaps.schemas import GAPS, GapsAnswer
from api.http.dependencies import Asked
from api.http.openapi import answers
from api.http.query_parameters import (
    At,
    CategoryId,
    LevelName,
    Minutes,
    ProfileId,
)
from api.parameters import DEFAULT_MINUTES, DEFAULT_PROFILE
from api.snapshot.gate_hours import at_moment
from geo.model.layers import Level

router = APIRouter(tags=["coverage"])


@router.get(
    "/districts/{code}/gaps",
    summary="Rank the gaps",
    response_model=GapsAnswer,
    responses=answers(GAPS, 304, 400, 404, 422),
)
def get_gaps(
    asked: Asked,
    *,
    at: At,
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
    category: CategoryId = None,
    level: LevelName = Level.SMALL,
) -> Response:
    """Households beyond the threshold or unlinked, per category and grid, most first.

    Category `all` counts those who lack at least one. `areas` joins buildings that lie together;
    their outline is a picture, the counts are per building.
    """
    snapshot, told = at_moment(asked.snapshot(), at)
    found = gaps(snapshot, minutes=minutes, profile=profile, level=str(level), category=category)
    return asked.answer({**found, "gates_at": told})
