"""Coverage and gaps: who reaches what within a threshold, and who does not."""

# ruff: noqa: FAST003 - `Asked` takes the code; ruff does not look into other modules

from fastapi import APIRouter, Response

from api.coverage.answers import coverage
from api.coverage.schemas import CoverageAnswer
from api.http.dependencies import Asked
from api.http.openapi import responses
from api.http.query_parameters import (
    HTTP,
    POINTS,
    ByName,
    Format,
)
from api.parameters import By, CoverageQuestion, TableFormat
from api.snapshot.as_asked import as_asked

router = APIRouter(tags=["coverage"])
_CSV = "code,level,parent_code,name_zh,name_en,buildings,households,...\n"


@router.get(
    "/districts/{code}/coverage",
    summary="Get coverage by grid or building",
    response_model=CoverageAnswer,
    responses=responses(CoverageAnswer, 304, 400, 404, 422, csv=_CSV),
)
@HTTP.asks(*POINTS, after={"own_points": "by"})
def get_coverage(
    asked: Asked,
    *,
    question: CoverageQuestion,
    by: ByName = By.SMALL,
    f: Format = TableFormat.JSON,
) -> Response:
    """Households within walking time of each category, of all of them, and of how many.

    Every figure is a sum over buildings, each with its exact walking time on the network.
    `outside` counts what is in the total and in no grid; `without_points` names the categories of
    which there is no service point in the data.
    """
    if f == TableFormat.JSON:
        return asked.answer(coverage(asked.snapshot(), question, by=str(by)))
    snapshot, _ = as_asked(asked.snapshot(), question)
    table = snapshot.coverage_rows(str(by), question)
    which = "-own-points" if question.own_points else ""
    name = f"coverage-{asked.code}-{by}-{question.minutes:g}min-{question.profile}{which}.csv"
    return asked.csv(table, name=name)
