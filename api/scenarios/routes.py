"""Scenarios: what would change if points, gates, streets or households were otherwise."""

from datetime import datetime

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from api.formats.json import dumps
from api.http.bodies import Body
from api.http.dependencies import Service, Serving, find_district
from api.http.openapi import answers
from api.http.query_parameters import AsOfMoment, At, Code, GridByName, Minutes, ProfileId
from api.parameters import DEFAULT_MINUTES, DEFAULT_PROFILE, GridBy
from api.scenarios.answers import read_edits, scenario
from api.scenarios.schemas import SCENARIO, SCENARIO_IN, ScenarioAnswer
from api.snapshot import provenance
from api.snapshot.gate_hours import at_moment
from boundaries.store.rows.read import AsOf

router = APIRouter(tags=["planning"])
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/ScenarioIn"},
            "example": SCENARIO_IN,
        }
    },
}


@router.post(
    "/districts/{code}/scenarios",
    summary="Try edits",
    response_model=ScenarioAnswer,
    responses=answers(SCENARIO, 400, 404, 409, 413, 422),
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
    a full computation on the edited district. A wrong edit is named by its index in `edit`.
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
    return dumps({**found, "gates_at": told, **provenance.as_of(as_of)})
