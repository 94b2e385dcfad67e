"""Dependents: who would lose a category if one service point closed."""

from fastapi import Response

from api.dependents.answers import dependents_answer, find_dependents
from api.dependents.schemas import DependentsAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, THRESHOLD, CategoryId, Format
from api.parameters import CoverageQuestion, TableFormat

router = capability_router("coverage")
_CSV = "rank,point_id,name,category,lon,lat,reached,dependents,dependents_all,reason\n"


@router.get(
    "/districts/{code}/dependents",
    summary="Tell who depends on each service point",
    response_model=DependentsAnswer,
    responses=responses(DependentsAnswer, 304, 400, 404, 422, csv=_CSV),
)
@HTTP.asks(*THRESHOLD)
def get_dependents(
    request: DistrictRequestDep,
    *,
    question: CoverageQuestion,
    category: CategoryId = None,
    f: Format = TableFormat.JSON,
) -> Response:
    """Households that would lose a category if one service point closed, for each point.

    A household depends on a point if no other of the category is within the threshold. `choices`
    counts households by how many points of a category they have: none, one, two, three and more.
    """
    snapshot = request.snapshot()
    found = find_dependents(snapshot, question, category=category)
    if f == TableFormat.CSV:
        within = f"{question.threshold_name}-{question.profile}"
        return request.csv(found.points, name=f"dependents-{request.code}-{within}.csv")
    return request.answer(dependents_answer(snapshot, question, found, category=category))
