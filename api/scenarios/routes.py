"""Scenarios: what would change if points, gates, streets or households were otherwise."""

from dataclasses import replace

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from api.formats.json import dumps
from api.http.bodies import Body
from api.http.computations import capability_router
from api.http.dependencies import Service, ServiceDep, counts_note, find_district
from api.http.openapi import responses
from api.http.query_parameters import HTTP, ROADS, AsOfMoment, Code, GridByName
from api.parameters import CoverageQuestion, GridBy
from api.scenarios.answers import read_edits, scenario
from api.scenarios.schemas import ScenarioAnswer, ScenarioIn

router = capability_router("planning")
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/ScenarioIn"},
            "example": ScenarioIn.EXAMPLE,
        }
    },
}


@router.post(
    "/districts/{code}/scenarios",
    summary="Try edits",
    response_model=ScenarioAnswer,
    responses=responses(ScenarioAnswer, 400, 404, 409, 413, 422),
    openapi_extra={"requestBody": _BODY},
)
@HTTP.asks(*ROADS)
async def post_scenario(
    request: Request,
    service: ServiceDep,
    code: Code,
    body: Body,
    *,
    question: CoverageQuestion,
    as_of: AsOfMoment,
    by: GridByName = GridBy.SMALL,
) -> Response:
    """Who gains and who loses, and every figure before and after; nothing is stored.

    Edits are applied in order: `add_point`, `move_point`, `close_point`, `recategorise_point`,
    `set_households`, `open_gate`, `close_gate`, `add_street`, `close_street`. The answer is that of
    a full computation on the edited district. A wrong edit is named by its index in `edit`.
    """
    as_of_question = replace(question, as_of=as_of)
    content = await run_in_threadpool(
        _answer, request, service, code, body, question=as_of_question, by=by
    )
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _answer(
    request: Request,
    service: Service,
    code: str,
    body: bytes,
    *,
    question: CoverageQuestion,
    by: GridBy,
) -> bytes:
    find_district(service, code)
    edits = read_edits(body, limit=service.settings.max_edits)
    snapshot = service.snapshot(request, code, question.as_of)
    result = scenario(snapshot, question, edits, by=by.value)
    return dumps({**result, **counts_note(request, code)})
