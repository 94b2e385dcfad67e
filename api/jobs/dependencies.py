"""What the routes of jobs share: the jobs of the service, and a job as a response."""

from typing import Annotated, Final

from fastapi import Depends, Request, Response

from api.formats.json import dumps
from api.jobs.answers import job_row
from api.jobs.runner import Jobs
from boundaries.store.jobs.job import Job

RETRY_S: Final = 1
"""`Retry-After` of a job that is not over, seconds."""


def _jobs(request: Request) -> Jobs:
    jobs: Jobs = request.app.state.jobs
    jobs.sweep()
    return jobs


Running = Annotated[Jobs, Depends(_jobs)]
"""The jobs of the service, after those of vanished services were marked as interrupted."""


def answer_job(job: Job) -> Response:
    """Answer with a job; `Retry-After` is set until it is over."""
    headers = {"Cache-Control": "no-store"}
    if job.live:
        headers["Retry-After"] = str(RETRY_S)
    return Response(dumps(job_row(job)), media_type="application/json", headers=headers)


def answer_accepted(request: Request, job: Job) -> Response:
    """Answer 202 Accepted, with the URL of the job in `Location`."""
    answer = answer_job(job)
    answer.status_code = 202
    answer.headers["Location"] = f"{request.scope.get('root_path', '')}/jobs/{job.job}"
    return answer
