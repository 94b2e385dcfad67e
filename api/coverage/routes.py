"""Coverage and gaps: who reaches what within a threshold, and who does not."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api.coverage.answers import coverage
from api.coverage.schemas import COVERAGE, CoverageAnswer
from api.http.dependencies import Asked
from api.http.openapi import answers
from api.http.query_parameters import (
    At,
    ByName,
    Format,
    Minutes,
    OwnPoints,
    ProfileId,
)
from api.parameters import DEFAULT_MINUTES, DEFAULT_PROFILE, By, TableFormat
from api.snapshot.gate_hours import at_moment

router = APIRouter(tags=["coverage"])
_CSV = "code,level,parent_code,name_zh,name_en,buildings,households,...\n"


@router.get(
    "/districts/{code}/coverage",
    summary="Get coverage by grid or building",
    response_model=CoverageAnswer,
    responses=answers(COVERAGE, 304, 400, 404, 422, csv=_CSV),
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
        found = coverage(
            snapshot, by=str(by), minutes=minutes, profile=profile, own_points=own_points
        )
        return asked.answer({**found, "gates_at": told})
    table = snapshot.coverage_rows(str(by), minutes=minutes, profile=profile)
    which = "-own-points" if own_points else ""
    name = f"coverage-{asked.code}-{by}-{minutes:g}min-{profile}{which}.csv"
    return asked.csv(table, name=name)
