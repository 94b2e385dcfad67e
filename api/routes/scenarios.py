"""Scenarios: what would change if points, gates, streets or households were otherwise."""

from datetime import datetime

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from api import planning_examples, views
from api.bodies import Body
from api.documents import answers
from api.gate_hours import at_moment
from api.params import (
    DEFAULT_MINUTES,
    DEFAULT_PROFILE,
    AsOfMoment,
    At,
    Code,
    GridBy,
    GridByName,
    Minutes,
    ProfileId,
)
from api.planning_models import ScenarioAnswer
from api.scenarios import read_edits, scenario
from api.service import Service, Serving, find_district
from boundaries.stored import AsOf

router = APIRouter(tags=["planning"])

_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/ScenarioIn"},
            "example": planning_examples.SCENARIO_IN,
        }
    },
}


@router.post(
    "/districts/{code}/scenarios",
    summary="Try edits",
    response_model=ScenarioAnswer,
    responses=answers(planning_examples.SCENARIO, 400, 404, 409, 413, 422),
    openapi_extra={"requestBody": _BODY},
)
async def post_scenario(
    service: Serving,
    code: Code,
    body: Body,
    *,
    at: At,
    as_of: AsOfMoment,
    minutes: Minutes = DEFAULT_MINUTES,
    profile: ProfileId = DEFAULT_PROFILE,
    by: GridByName = GridBy.SMALL,
) -> Response:
    """Who gains and who loses, and every figure before and after; nothing is stored.

    Edits are applied in order: `add_point`, `move_point`, `close_point`, `recategorise_point`,
    `set_households`, `open_gate`, `close_gate`, `add_street`, `close_street`. The answer is that of
    a full computation on the edited district. A wrong edit is named by its number in `detail`.
    """
    content = await run_in_threadpool(
        _answer,
        service,
        code,
        body,
        at=at,
        as_of=as_of,
        minutes=minutes,
        profile=profile,
        by=by,
    )
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _answer(
    service: Service,
    code: str,
    body: bytes,
    *,
    at: datetime | None,
    as_of: AsOf | None,
    minutes: float,
    profile: str,
    by: GridBy,
) -> bytes:
    find_district(service, code)
    edits = read_edits(body, limit=service.settings.max_edits)
    snapshot, told = at_moment(service.snapshots.current(code, as_of), at)
    found = scenario(snapshot, edits, minutes=minutes, profile=profile, by=by.value)
    return views.dumps({**found, "gates_at": told, **views.as_of(as_of)})
