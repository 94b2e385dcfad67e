"""Explanations: why a building is covered by a category or not."""

from typing import Annotated

from fastapi import Query, Response

from api.explanations.answers import explanation
from api.explanations.schemas import ExplanationAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, THRESHOLD, OneCategory
from api.parameters import CoverageQuestion

router = capability_router("planning")
Building = Annotated[
    str, Query(description="Identifier of a building.", examples=["b1"], max_length=200)
]
Remedies = Annotated[
    bool,
    Query(
        description="Whether to look for one edit that covers the building. Without it the answer "
        "comes at once, and a closed gate is not told from the wall that it stands in.",
        examples=[True],
    ),
]


@router.get(
    "/districts/{code}/explain",
    summary="Explain one building and category",
    response_model=ExplanationAnswer,
    responses=responses(ExplanationAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*THRESHOLD)
def get_explanation(
    request: DistrictRequestDep,
    *,
    building: Building,
    category: OneCategory,
    question: CoverageQuestion,
    remedy: Remedies = True,
) -> Response:
    """Time split into access legs and network, the path, the cause, and what would help.

    `cause` is `covered`, `unlinked`, `no_point`, `too_far` (as the crow flies), `closed_gate`,
    `closed_hours` (covered but for what `closed_hours` lists), `barrier` or `detour`. A remedy is
    one gate, footbridge or footpath; it was tried on the whole district, and `edit` can be sent to
    the scenarios as it is.
    """
    result = explanation(
        request.snapshot(), question, building=building, category=category, remedy=remedy
    )
    return request.answer(result)
