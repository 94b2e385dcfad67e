"""The local systems of a district: what they are, and setting one."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.control_points.answers import control_points_answer, set_control_points
from api.control_points.schemas import CONTROL_POINTS_IN, ControlPointsAnswer, ControlPointsIn
from api.http.bodies import JsonBodyRoute
from api.http.dependencies import ServiceDep, answer_content, answer_uncached, find_district
from api.http.openapi import responses
from api.http.permissions import CommitDep, Editable
from api.http.query_parameters import Code
from boundaries.imports.control_points import LocalSystem

router = APIRouter(tags=["districts"], route_class=JsonBodyRoute)
_PATH = "/districts/{code}/settings/control-points"


@router.get(
    _PATH,
    summary="Get the local systems of a district",
    response_model=ControlPointsAnswer,
    responses=responses(ControlPointsAnswer, 304, 400, 404),
)
def get_control_points(request: Request, service: ServiceDep, code: Code) -> Response:
    """Their parameters, and the control points that they were fitted to with each residual."""
    find_district(service, code)
    return answer_content(request, control_points_answer(service.snapshots.store, code))


@router.put(
    _PATH,
    summary="Set a local system by control points",
    response_model=ControlPointsAnswer,
    responses=responses(ControlPointsAnswer, 400, 403, 404, 413, 422),
    dependencies=[Editable],
)
def put_control_points(
    service: ServiceDep,
    code: Code,
    commit: CommitDep,
    system: Annotated[ControlPointsIn, Body(examples=[CONTROL_POINTS_IN])],
) -> Response:
    """Fit it and keep it in place of one of the same name; imports name it by `crs` from then on.

    Four parameters of a plane (shift, rotation, scale), or seven where `crs` names an old datum.
    Too few points, points on a line and residuals over the tolerance are refused; a point that
    alone is off is named.
    """
    find_district(service, code)
    wanted = LocalSystem(system.name, system.crs, system.tolerance_m)
    points = [point.model_dump() for point in system.points]
    store = service.snapshots.store
    return answer_uncached(set_control_points(store, code, points, wanted, commit=commit))
