"""Explanations: why a building is covered by a category or not."""

from typing import Annotated

from fastapi import Query, Response

from api.explanations.answers import explanation
from api.explanations.linking import link_answer
from api.explanations.schemas import ExplanationAnswer, LinkAnswer
from api.http.computations import capability_router
from api.http.dependencies import DistrictRequestDep
from api.http.openapi import responses
from api.http.query_parameters import HTTP, THRESHOLD, WALKER, OneCategory
from api.parameters import CoverageQuestion

router = capability_router("planning")
Building = Annotated[
    str, Query(description="Identifier of a building.", examples=["b1"], max_length=200)
]
BuildingIfAny = Annotated[
    str | None, Query(description="Identifier of a building.", examples=["b1"], max_length=200)
]
PointIfAny = Annotated[
    str | None, Query(description="Or that of a service point.", examples=["p1"], max_length=200)
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
@HTTP.asks(*THRESHOLD, "floors")
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
    `closed_hours` (covered but for what `closed_hours` lists), `floors` (covered from the door, not
    from the floors that `by_floor` tells), `barrier` or `detour`. `doors` are the entrances used. A
    remedy is one gate, footbridge or footpath; it was tried on the whole district, and `edit` can
    be sent to the scenarios as it is.
    """
    result = explanation(
        request.snapshot(), question, building=building, category=category, remedy=remedy
    )
    return request.answer(result)


@router.get(
    "/districts/{code}/link",
    summary="Explain how one place meets the walk network",
    response_model=LinkAnswer,
    responses=responses(LinkAnswer, 304, 400, 404, 422),
)
@HTTP.asks(*WALKER)
def get_link(
    request: DistrictRequestDep,
    *,
    question: CoverageQuestion,
    building: BuildingIfAny = None,
    point: PointIfAny = None,
) -> Response:
    """Where a building or a service point is linked, or why it is not, and what would link it.

    For a place without a link: the nearest way, the barrier between, and one gate or path that
    links it. The district was linked anew with that, and `edit` can be sent to the scenarios.
    """
    return request.answer(link_answer(request.snapshot(), question, building=building, point=point))
