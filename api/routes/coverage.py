"""Coverage and gaps: who reaches what within a threshold, and who does not."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api import examples, views
from api.documents import answers
from api.models import CoverageAnswer, GapsAnswer
from api.params import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    By,
    ByName,
    CategoryId,
    Format,
    LevelName,
    Minutes,
    ProfileId,
    TableFormat,
)
from api.service import Asked
from api.tables import csv_bytes
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
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
    by: ByName = By.SMALL,
    f: Format = TableFormat.JSON,
) -> Response:
    """Households within walking time of each category, of all of them, and of how many.

    Every figure is a sum over buildings, each with its exact walking time on the network.
    `outside` counts what is in the total and in no grid; `without_points` names the categories of
    which there is no service point in the data.
    """
    snapshot = asked.snapshot()
    if f == TableFormat.JSON:
        found = views.coverage(snapshot, by=str(by), minutes=minutes, profile=profile)
        return asked.answer(found)
    table = snapshot.coverage_rows(str(by), minutes=minutes, profile=profile)
    name = f"coverage-{asked.code}-{by}-{minutes:g}min-{profile}.csv"
    told = {"Content-Disposition": f'attachment; filename="{name}"'}
    return asked.answer_bytes(csv_bytes(table), media_type="text/csv; charset=utf-8", headers=told)


@router.get(
    "/districts/{code}/gaps",
    summary="Rank the gaps",
    response_model=GapsAnswer,
    responses=answers(examples.GAPS, 304, 400, 404, 422),
)
def get_gaps(
    asked: Asked,
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
    category: CategoryId = None,
    level: LevelName = Level.SMALL,
) -> Response:
    """Households beyond the threshold or unlinked, per category and grid, most first.

    Category `all` counts those who lack at least one. `areas` joins buildings that lie together;
    their outline is a picture, the counts are per building.
    """
    found = views.gaps(
        asked.snapshot(), minutes=minutes, profile=profile, level=str(level), category=category
    )
    return asked.answer(found)
