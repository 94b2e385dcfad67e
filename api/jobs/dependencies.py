"""The jobs of the service as routes take them and answer with them."""

from typing import Annotated, Final

from fastapi import Depends, Request, Response

from api.formats.json import dumps
from api.jobs.answers import job_row
from api.jobs.runner import Jobs
from boundaries.store.jobs import Job

RETRY_S: Final = 1
"""When to ask again about a job that is not over, seconds."""


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    jobs.sweep()
    return jobs


Running = Annotated[Jobs, Depends(_jobs)]
"""The jobs of the service; none of a service that is gone counts as running."""


def answer_job(job: Job) -> Response:
    """Answer with a job, and say when to ask again."""
    headers = {"Cache-Control": "no-store"}
    if job.live:
        headers["Retry-After"] = str(RETRY_S)
    return Response(dumps(job_row(job)), media_type="application/json", headers=headers)


def answer_accepted(request: Request, job: Job) -> Response:
    """Answer that a job was taken on, and where it can be asked about."""
    answer = answer_job(job)
    answer.status_code = 202
    answer.headers["Location"] = f"{request.scope.get('root_path', '')}/jobs/{job.job}"
    return answer
