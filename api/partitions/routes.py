"""Grids and beats drawn by counting: a job."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.http.bodies import JsonBodyRoute
from api.http.dependencies import ServiceDep, find_district
from api.http.openapi import responses
from api.http.permissions import Actor, Editable
from api.http.query_parameters import Code
from api.jobs.dependencies import Running, answer_accepted
from api.jobs.schemas import JobShape
from api.partitions.job import PARTITION
from api.partitions.schemas import QUEUED, PartitionQuestion

router = APIRouter(tags=["grids"], route_class=JsonBodyRoute)


@router.post(
    "/districts/{code}/partitions",
    summary="Draw grids and beats",
    status_code=202,
    response_model=JobShape,
    dependencies=[Editable],
    responses=responses(QUEUED, 400, 403, 404, 413, 422, status=202, description="A job does it."),
)
def post_partition(
    request: Request,
    service: ServiceDep,
    jobs: Running,
    actor: Actor,
    *,
    code: Code,
    parameters: Annotated[PartitionQuestion, Body(examples=[QUEUED["parameters"]])],
) -> Response:
    """Small grids of 30-50 households, medium and large ones above them, a worker per 100.

    The answer comes at once and names the job; its result tells how many grids are in their band,
    and why the others are not. Nothing is stored unless `save` says so; what is stored takes the
    place of the grids and beats that are there.
    """
    find_district(service, code)
    job = jobs.submit(PARTITION, parameters.model_dump(), district=code, actor=actor)
    return answer_accepted(request, job)
