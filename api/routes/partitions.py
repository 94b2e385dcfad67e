"""Grids and beats drawn by counting: a job."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from api.documents import answers
from api.editing import Actor, Editable
from api.job_kinds import PARTITION
from api.job_models import JobShape
from api.job_views import answer_accepted
from api.params import Code
from api.partition_examples import QUEUED
from api.partition_models import PartitionRequest
from api.routes.jobs import Running
from api.service import Serving, find_district

router = APIRouter(tags=["grids"])


@router.post(
    "/districts/{code}/partitions",
    summary="Draw grids and beats",
    status_code=202,
    response_model=JobShape,
    dependencies=[Editable],
    responses=answers(QUEUED, 400, 403, 404, 422, status=202, description="A job does it."),
)
def post_partition(
    request: Request,
    service: Serving,
    jobs: Running,
    actor: Actor,
    *,
    code: Code,
    asked: Annotated[PartitionRequest, Body(examples=[QUEUED["parameters"]])],
) -> Response:
    """Small grids of 30-50 households, medium and large ones above them, a worker per 100.

    The answer comes at once and names the job; its result tells how many grids are in their band,
    and why the others are not. Nothing is stored unless `save` says so; what is stored takes the
    place of the grids and beats that are there.
    """
    find_district(service, code)
    job = jobs.submit(PARTITION, asked.model_dump(), district=code, actor=actor)
    return answer_accepted(request, job)
