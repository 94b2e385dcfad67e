"""Jobs as JSON."""

from dataclasses import fields
from datetime import datetime
from typing import Final

from api.formats.aliases import Json
from api.formats.problems import told_problem
from boundaries.import_report import ImportReport
from boundaries.store.jobs.clock import seconds_between
from boundaries.store.jobs.job import JobSummary
from boundaries.store.tables.record_tables import JobState

_HIDDEN: Final = ("service", "beat_at", "read_at")


def job_row(job: JobSummary) -> Json:
    """Return a job as JSON, whole or as lists show it, in the language spoken."""
    row = {f.name: getattr(job, f.name) for f in fields(job) if f.name not in _HIDDEN}
    row["message"] = str(job.message)
    if row.get("error") is not None:
        row["error"] = told_problem(row["error"])
    if row.get("result"):
        row["result"] = _told(row["result"])
    return {**row, "state": str(job.state), "seconds_left": seconds_left(job)}


def _told(result: Json) -> Json:
    """Return a result with the report of an import, if it has one, in the language spoken."""
    rest = {name: value for name, value in result.items() if name != "report"}
    return rest if rest == result else {**rest, **ImportReport.from_json(result["report"]).told()}


def seconds_left(job: JobSummary) -> float | None:
    """Estimate the remaining time of a running job from its progress so far.

    By the clock of the database: that of this host need not agree with it.
    """
    if job.state != JobState.RUNNING or job.started_at is None or not job.progress:
        return None
    so_far = seconds_between(job.started_at, datetime.fromisoformat(job.read_at))
    seconds = max(so_far, 0.0)  # a clock may have been set back
    return round(seconds * (1 - job.progress) / job.progress, 1)
