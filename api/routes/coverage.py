"""Coverage and gaps: who reaches what within a threshold, and who does not."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api import examples, views
from api.documents import answers
from api.gate_hours import at_moment
from api.models import CoverageAnswer, GapsAnswer
from api.params import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    At,
    By,
    ByName,
    CategoryId,
    Format,
    LevelName,
    Minutes,
    OwnPoints,
    ProfileId,
    TableFormat,
)
from api.service import Asked
from geo.district import Level

router = APIRouter(tags=["coverage"])

_CSV = "code,level,parent_code,name_zh,name_en,buildings,households,...\n"


@router.get(
    "/districts/{code}/coverage",
    summary="Get coverage by grid or building",
    response_model=CoverageAnswer,
    responses=answers(examples.COVERAGE, 304, 400, 404, 422, csv=_CSV),
)
def get_coverage(
    asked: Asked,
    *,
    at: At,
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
    by: ByName = By.SMALL,
    own_points: OwnPoints = False,
    f: Format = TableFormat.JSON,
) -> Response:
    """Households within walking time of each category, of all of them, and of how many.

    Every figure is a sum over buildings, each with its exact walking time on the network.
    `outside` counts what is in the total and in no grid; `without_points` names the categories of
    which there is no service point in the data.
    """
    snapshot, told = at_moment(asked.snapshot(), at)
    if own_points:
        snapshot = snapshot.with_own_points()
    if f == TableFormat.JSON:
        found = views.coverage(
            snapshot, by=str(by), minutes=minutes, profile=profile, own_points=own_points
        )
        return asked.answer({**found, "gates_at": told})
    table = snapshot.coverage_rows(str(by), minutes=minutes, profile=profile)
    which = "-own-points" if own_points else ""
    name = f"coverage-{asked.code}-{by}-{minutes:g}min-{profile}{which}.csv"
    return asked.csv(table, name=name)


@router.get(
    "/districts/{code}/gaps",
    summary="Rank the gaps",
    response_model=GapsAnswer,
    responses=answers(examples.GAPS, 304, 400, 404, 422),
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
    found = views.gaps(
        snapshot, minutes=minutes, profile=profile, level=str(level), category=category
    )
    return asked.answer({**found, "gates_at": told})
