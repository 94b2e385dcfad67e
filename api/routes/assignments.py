"""Assignments: which grids a batch of points lies in."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from api import examples, views
from api.assignments import assign_points, read_points
from api.bodies import Body
from api.documents import answers
from api.models import AssignmentsAnswer
from api.params import AsOfMoment, Code
from api.service import Service, Serving, find_district
from boundaries.stored import AsOf

router = APIRouter(tags=["assignments"])

_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/PointsIn"},
            "example": examples.POINTS_IN,
        }
    },
}


@router.post(
    "/districts/{code}/assignments",
    summary="Assign points to grids",
    response_model=AssignmentsAnswer,
    responses=answers(examples.ASSIGNMENTS, 400, 404, 413),
    openapi_extra={"requestBody": _BODY},
)
async def post_assignments(service: Serving, code: Code, body: Body, as_of: AsOfMoment) -> Response:
    """Large, medium and small grid of each point; a point on a border belongs to exactly one.

    One bad point never spoils the others: each item has a status (`inside`, `on_border`, `outside`,
    `invalid`) and a reason code, and its id is echoed.
    """
    content = await run_in_threadpool(_answer, service, code, body, as_of=as_of)
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})


def _answer(service: Service, code: str, body: bytes, *, as_of: AsOf | None) -> bytes:
    find_district(service, code)
    points = read_points(body, limit=service.settings.max_points_per_batch)
    found = assign_points(service.snapshots.current(code, as_of), points)
    return views.dumps({**found, **views.as_of(as_of)})
