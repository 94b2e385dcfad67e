"""One job, whole or as lists show it."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from boundaries.store.tables.record_tables import JobState
from geo.errors import NotFoundError
from geo.messages import Message

Json = dict[str, Any]
LIVE: Final = (JobState.QUEUED, JobState.RUNNING)
"""States of a job that has not finished."""

_NAME_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class JobSummary:
    """One job as lists show it: without what may be large.

    Attributes
    ----------
    job : str
        Its name.
    kind : str
        What it does, for instance ``import``.
    state : JobState
    progress : float
        0..1.
    message : Message
        What it is doing, or why it ended.
    district, actor : str
        Which district it concerns and who requested it; may be empty.
    request_id : str
        Of the request that asked for it, as logs have it; may be empty.
    upload : dict or None
        ``filename``, ``bytes`` and ``sha256`` of the file that it works on.
    created_at : str
        UTC, ISO 8601; so are the others.
    started_at, finished_at : str or None
    service : str
        Process that runs it.
    beat_at : str or None
        When that process last reported that it is alive.
    read_at : str
        When this was read, by the clock that wrote the other moments.
    """

    job: str
    kind: str
    state: JobState
    progress: float
    message: Message
    district: str
    actor: str
    request_id: str
    upload: Json | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    service: str
    beat_at: str | None
    read_at: str = field(compare=False)

    @property
    def live(self) -> bool:
        """Whether it has not finished."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Job(JobSummary):
    """One job whole.

    Attributes
    ----------
    parameters : dict
    result : dict or None
        Of a job in state ``done``.
    error : dict or None
        Of a failed one, as ``application/problem+json``.
    """

    parameters: Json
    result: Json | None
    error: Json | None


def new_job_name() -> str:
    """Return a name that no job has."""
    return secrets.token_hex(_NAME_BYTES)


def unknown_job(name: str) -> NotFoundError:
    """Return the error that there is no such job."""
    return NotFoundError("jobs.unknown", got=name[:40])
