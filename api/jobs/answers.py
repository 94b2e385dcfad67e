"""Jobs as JSON."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Final

from api.formats.aliases import Json
from boundaries.store.jobs import Job
from boundaries.store.tables.record_tables import JobState

_HIDDEN: Final = ("service", "beat_at")


def job_row(job: Job) -> Json:
    """Return a job as JSON."""
    row = {f.name: getattr(job, f.name) for f in fields(job) if f.name not in _HIDDEN}
    return {**row, "state": str(job.state), "seconds_left": seconds_left(job)}


def seconds_left(job: Job) -> float | None:
    """Estimate the remaining time of a running job from its progress so far."""
    if job.state != JobState.RUNNING or job.started_at is None or not job.progress:
        return None
    so_far = datetime.now(UTC) - datetime.fromisoformat(job.started_at)
    return round(so_far.total_seconds() * (1 - job.progress) / job.progress, 1)
