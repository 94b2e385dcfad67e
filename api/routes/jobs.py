"""Jobs: which there are, how far each is, and an end to one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import job_examples, views
from api.documents import answers
from api.editing import Editable
from api.job_models import JobsAnswer, JobShape
from api.job_views import answer_job, job_row
from api.jobs import Jobs

router = APIRouter(tags=["jobs"])


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    jobs.sweep()
    return jobs


Running = Annotated[Jobs, Depends(_jobs)]
"""The jobs of the service; none of a service that is gone counts as running."""

JobName = Annotated[
    str, Path(description="Name of the job.", examples=[job_examples.IMPORT["job"]])
]


@router.get(
    "/jobs",
    summary="List the jobs",
    response_model=JobsAnswer,
    responses=answers(job_examples.JOBS, 400),
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
    found = jobs.table.jobs(district=district, limit=limit)
    body = views.dumps({"jobs": [job_row(job) for job in found]})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get(
    "/jobs/{job}",
    summary="Tell how far a job is",
    response_model=JobShape,
    responses=answers(job_examples.IMPORT, 400, 404),
)
def describe_job(jobs: Running, job: JobName) -> Response:
    """State, fraction done, time left, and what came of it; `Retry-After` until it is over."""
    return answer_job(jobs.table.job(job))


@router.delete(
    "/jobs/{job}",
    summary="Cancel a job",
    response_model=JobShape,
    dependencies=[Editable],
    responses=answers(job_examples.CANCELLED, 400, 403, 404, 409),
)
def cancel_job(jobs: Running, job: JobName) -> Response:
    """End a job that waits or runs; what it has not stored yet it never stores."""
    return answer_job(jobs.cancel(job))
