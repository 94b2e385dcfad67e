"""Jobs: which there are, how far each is, and an end to one."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.formats.json import dumps
from api.http.openapi import responses
from api.http.permissions import Editable
from api.jobs import schemas
from api.jobs.answers import job_row
from api.jobs.dependencies import Running, answer_job
from api.jobs.schemas import JobsAnswer, JobShape

router = APIRouter(tags=["jobs"])
JobName = Annotated[str, Path(description="Name of the job.", examples=[schemas.IMPORT["job"]])]


@router.get(
    "/jobs",
    summary="List the jobs",
    response_model=JobsAnswer,
    responses=responses(schemas.JOBS, 400),
)
def list_jobs(
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
    listed = jobs.table.jobs(district=district, limit=limit)
    body = dumps({"jobs": [job_row(job) for job in listed]})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get(
    "/jobs/{job}",
    summary="Tell how far a job is",
    response_model=JobShape,
    responses=responses(schemas.IMPORT, 400, 404),
)
def describe_job(jobs: Running, job: JobName) -> Response:
    """State, fraction done, time left, and what came of it; `Retry-After` until it is over."""
    return answer_job(jobs.table.job(job))


@router.delete(
    "/jobs/{job}",
    summary="Cancel a job",
    response_model=JobShape,
    dependencies=[Editable],
    responses=responses(schemas.CANCELLED, 400, 403, 404, 409),
)
def cancel_job(jobs: Running, job: JobName) -> Response:
    """End a job that waits or runs; what it has not stored yet it never stores."""
    return answer_job(jobs.cancel(job))
