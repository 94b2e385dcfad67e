"""Jobs: which there are, how far each is, and an end to one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.formats.json import dumps
from api.http.callers.state import caller_of
from api.http.openapi import responses
from api.http.permissions import Editable
from api.jobs.answers import job_row
from api.jobs.dependencies import Running, answer_job
from api.jobs.runner import Jobs
from api.jobs.schemas import JobsAnswer, JobShape
from boundaries.store.jobs.job import Job, unknown_job
from boundaries.store.tables.account_tables import Role

router = APIRouter(tags=["jobs"])
JobName = Annotated[str, Path(description="Name of the job.", examples=[JobShape.EXAMPLE["job"]])]


@router.get(
    "/jobs",
    summary="List the jobs",
    response_model=JobsAnswer,
    responses=responses(JobsAnswer, 400),
)
def list_jobs(
    request: Request,
    jobs: Running,
    *,
    district: Annotated[
        str | None, Query(description="Only those of a district.", examples=["371602"])
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=1_000, description="At most so many.", examples=[100])
    ] = 100,
) -> Response:
    """Long work that waits, runs or is over, newest first; what is long over is forgotten."""
    among = caller_of(request.scope).roles.districts_with(Role.PLANNER)
    listed = jobs.table.jobs(district=district, among=among, limit=limit)
    body = dumps({"jobs": [job_row(job) for job in listed]})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get(
    "/jobs/{job}",
    summary="Show the progress of a job",
    response_model=JobShape,
    responses=responses(JobShape, 400, 404),
)
def describe_job(request: Request, jobs: Running, job: JobName) -> Response:
    """State, fraction done, time left, and what came of it; `Retry-After` until it is over."""
    return answer_job(_visible(request, jobs, job))


@router.delete(
    "/jobs/{job}",
    summary="Cancel a job",
    response_model=JobShape,
    dependencies=[Editable],
    responses=responses(JobShape.CANCELLED, 400, 403, 404, 409),
)
def cancel_job(request: Request, jobs: Running, job: JobName) -> Response:
    """End a job that waits or runs; what it has not stored yet it never stores."""
    _visible(request, jobs, job)
    return answer_job(jobs.cancel(job))


def _visible(request: Request, jobs: Jobs, name: str) -> Job:
    """Return a job of a district where the caller plans; another one is not there."""
    job = jobs.last_known.job(name)
    if not caller_of(request.scope).may(Role.PLANNER, job.district):
        raise unknown_job(name)
    return job
