"""Shapes of jobs, for the API document."""

from typing import Any, Literal

from pydantic import Field

from api.models import Problem, Shape


class JobShape(Shape):
    """Long work: how far it is, and what came of it."""

    job: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled", "interrupted"] = Field(
        description="Interrupted: the service that ran it stopped before it was done."
    )
    progress: float = Field(description="0..1.")
    message: str = Field(description="What it does now, or why it ended.")
    seconds_left: float | None = Field(description="A guess, while it runs; else null.")
    district: str
    actor: str = Field(description="Who asked for it, as the caller said; may be empty.")
    parameters: dict[str, Any]
    result: dict[str, Any] | None = Field(description="Of a job that is done.")
    error: Problem | None = Field(description="Of a job that failed.")
    created_at: str = Field(description="UTC, ISO 8601.")
    started_at: str | None
    finished_at: str | None


class JobsAnswer(Shape):
    """Jobs, newest first."""

    jobs: list[JobShape]
