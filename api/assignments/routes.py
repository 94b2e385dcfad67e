"""Assignments: which grids a batch of points lies in."""

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from api.assignments.answers import assign_points, read_items
from api.assignments.schemas import AssignmentsAnswer, PointsIn
from api.assignments.tables import MEDIA, assign_table, format_of, table_bytes, wanted_format
from api.errors import TooLargeError
from api.formats.json import dumps
from api.http.bodies import Body
from api.http.computations import capability_router
from api.http.dependencies import Service, ServiceDep, find_district
from api.http.openapi import responses
from api.http.query_parameters import AsOfMoment, Code
from api.snapshot.provenance import as_of_note
from boundaries.readers.point_table import PointFormat, read_points
from boundaries.store.rows.read import AsOf

router = capability_router("assignments")
_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"$ref": "#/components/schemas/PointsIn"},
            "example": PointsIn.EXAMPLE,
        },
        MEDIA[PointFormat.CSV]: {
            "schema": {"type": "string"},
            "example": "id,lon,lat\na,118.002,37.38\n",
        },
        MEDIA[PointFormat.ARROW]: {"schema": {"type": "string", "format": "binary"}},
    },
}
_CSV = (
    "id,lon,lat,large,medium,small,status,reason,nearest,distance_m\n"
    "a,118.002,37.38,371602001001,3716020010011,371602001001101,inside,,,\n"
)


@router.post(
    "/districts/{code}/assignments",
    summary="Assign points to grids",
    response_model=AssignmentsAnswer,
    responses=responses(AssignmentsAnswer, 400, 404, 413, 422, csv=_CSV),
    openapi_extra={"requestBody": _BODY},
)
async def post_assignments(
    request: Request, service: ServiceDep, code: Code, body: Body, as_of: AsOfMoment
) -> Response:
    """Large, medium and small grid of each point; a point on a border belongs to exactly one.

    One bad point never spoils the others: each item has a status (`inside`, `on_border`, `outside`,
    `invalid`) and a reason code, and its id is echoed; those outside have the nearest grid and the
    metres to it. A large grid is a community. CSV and Arrow (IPC stream) are taken as well, with
    any columns, of which `lon` and `lat` are read; the answer comes in the form that `Accept`
    names, else in that of the body.
    """
    sent = format_of(request.headers.get("content-type", "")) or PointFormat.JSON
    wanted = wanted_format(request.headers.get("accept", ""), sent)
    content = await run_in_threadpool(
        _answer, service, code, body, forms=(sent, wanted), as_of=as_of
    )
    return Response(content, media_type=MEDIA[wanted], headers={"Cache-Control": "no-store"})


def _answer(
    service: Service,
    code: str,
    body: bytes,
    *,
    forms: tuple[PointFormat, PointFormat],
    as_of: AsOf | None,
) -> bytes:
    find_district(service, code)
    limit = service.settings.max_points_per_batch
    if forms[0] == PointFormat.JSON:
        points = read_items(body, limit=limit)
    if forms == (PointFormat.JSON, PointFormat.JSON):
        result = assign_points(service.snapshots.current(code, as_of), points)
        return dumps({**result, **as_of_note(as_of)})
    table = read_points(body, forms[0])
    if len(table) > limit:
        raise TooLargeError("assignments.too_many", n=len(table), most=limit)
    snapshot = service.snapshots.current(code, as_of)
    return table_bytes(snapshot, table, assign_table(snapshot, table), forms[1])
