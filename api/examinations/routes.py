"""Examination: a district by requirements of standards."""

from fastapi import Response

from api.examinations.answers import examination_answer, examined
from api.examinations.schemas import ExaminationAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, PACE, Format
from api.parameters import CoverageQuestion, TableFormat

router = capability_router("coverage")


@router.get(
    "/districts/{code}/examination",
    summary="Examine a district by requirements of standards",
    response_model=ExaminationAnswer,
    responses=responses(
        ExaminationAnswer, 304, 400, 404, 422, csv="id,standard,zh,en,tier,required,...\n"
    ),
)
@HTTP.asks(*PACE)
def get_examination(
    request: DistrictRequestDep, *, question: CoverageQuestion, f: Format = TableFormat.JSON
) -> Response:
    """Households inside the straight-line radius of every requirement, and those that walk there.

    Every household in the difference has one cause. A requirement of an upper tier does not stand
    for one of a lower tier. What the data does not hold is named, not counted.
    """
    snapshot = request.snapshot()
    rows = examined(snapshot, question)
    if f == TableFormat.CSV:
        return request.csv(rows, name=f"examination-{request.code}-{question.walker_name}.csv")
    return request.answer(examination_answer(snapshot, question, rows))
