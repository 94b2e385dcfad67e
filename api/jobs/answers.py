"""Jobs as they are answered."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Final

from fastapi import Request, Response

from api.formats.aliases import Json
from api.formats.json import dumps
from boundaries.store.jobs import Job
from boundaries.store.tables.record_tables import JobState

RETRY_S: Final = 1
"""When to ask again about a job that is not over, seconds."""

_HIDDEN: Final = ("service", "beat_at")


def job_row(job: Job) -> Json:
    """Return a job as it is answered."""
    row = {f.name: getattr(job, f.name) for f in fields(job) if f.name not in _HIDDEN}
    return {**row, "state": str(job.state), "seconds_left": seconds_left(job)}


def seconds_left(job: Job) -> float | None:
    """Guess how long a running job still takes from how long it took so far."""
    if job.state != JobState.RUNNING or job.started_at is None or not job.progress:
        return None
    so_far = datetime.now(UTC) - datetime.fromisoformat(job.started_at)
    return round(so_far.total_seconds() * (1 - job.progress) / job.progress, 1)


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
