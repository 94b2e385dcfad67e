"""Coverage and gaps: who reaches what within a threshold, and who does not."""

from typing import Annotated

from fastapi import Query, Response

from api.coverage.answers import as_columns, coverage, page_of
from api.coverage.schemas import CoverageAnswer, CoverageColumns
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.paging import PageDep
from api.http.query_parameters import (
    HTTP,
    POINTS,
    ByName,
)
from api.parameters import By, CoverageForm, CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.organisations import with_organisations

Form = Annotated[
    CoverageForm,
    Query(
        description="Form of the answer: rows, one list per figure (`columns`), or CSV.",
        examples=["json"],
    ),
]
router = capability_router("coverage")
_CSV = "code,level,parent_code,name_zh,name_en,buildings,households,...\n"


@router.get(
    "/districts/{code}/coverage",
    summary="Get coverage by grid or building",
    response_model=CoverageAnswer | CoverageColumns,
    responses=responses(CoverageAnswer, 304, 400, 404, 422, csv=_CSV),
)
@HTTP.asks(*POINTS)
def get_coverage(
    request: DistrictRequestDep,
    *,
    question: CoverageQuestion,
    by: ByName = By.SMALL,
    f: Form = CoverageForm.JSON,
    page: PageDep,
) -> Response:
    """Households within walking time of each category, of all of them, and of how many.

    Every figure is a sum over buildings, each with its exact walking time on the network.
    `outside` counts what is in the total and in no grid. "All" stands for the categories that can
    be `judged`; `without_points` names those of which there is no service point in the data.
    `limit` gives pages, by key; `columns` is the short form of many rows.
    """
    whole = request.snapshot()
    rows, last = page_of(whole, str(by), after=page.after, limit=page.limit)
    if f != CoverageForm.CSV:
        answer = coverage(whole, question, by=str(by), rows=rows)
        if page.limit is not None:
            answer["next"] = None if last is None else page.next_page(last)
        return request.answer(as_columns(answer) if f == CoverageForm.COLUMNS else answer)
    snapshot, _ = as_asked(whole, question)
    table = snapshot.coverage_rows(str(by), question, rows=rows)
    if by not in (By.BUILDING, By.DISTRICT):
        table = with_organisations(table, snapshot)
    which = "-own-points" if question.own_points else ""
    asked = f"{question.threshold_name}-{question.walker_name}{which}"
    name = f"coverage-{request.code}-{by}-{asked}.csv"
    return request.csv(table, name=name)
