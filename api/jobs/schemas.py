"""Shapes of jobs, for the API document."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from api.formats.aliases import Json
from api.http.schemas import Problem, Shape


class UploadShape(Shape):
    """The file that a job works on."""

    filename: str
    bytes: int
    sha256: str


class JobSummaryShape(Shape):
    """Long work: how far it is."""

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
    request_id: str = Field(description="Of the request that asked for it; the log has it too.")
    upload: UploadShape | None = Field(description="The file that was sent for it.")
    created_at: str = Field(description="UTC, ISO 8601.")
    started_at: str | None
    finished_at: str | None

    EXAMPLE: ClassVar[Json] = {
        "job": "5f0c2a91d37e4b68",
        "kind": "import",
        "state": "done",
        "progress": 1.0,
        "message": "",
        "seconds_left": None,
        "district": "371602",
        "actor": "planning office",
        "request_id": "9f2c61d0a7b3e854",
        "upload": {
            "filename": "points.csv",
            "bytes": 12_480,
            "sha256": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
        },
        "created_at": "2026-11-24T08:00:00.000+00:00",
        "started_at": "2026-11-24T08:00:00.120+00:00",
        "finished_at": "2026-11-24T08:00:02.480+00:00",
    }


class JobShape(JobSummaryShape):
    """Long work: how far it is, and what came of it."""

    parameters: dict[str, Any]
    result: dict[str, Any] | None = Field(description="Of a job that is done.")
    error: Problem | None = Field(description="Of a job that failed, or met a limit.")

    EXAMPLE: ClassVar[Json] = {
        **JobSummaryShape.EXAMPLE,
        "parameters": {
            "layer": "service_points",
            "filename": "points.csv",
            "crs": "EPSG:4490",
            "add": False,
            "valid_from": "2026-03-01",
            "dry_run": False,
            "name_zh": None,
            "name_en": None,
        },
        "result": {
            "district": "371602",
            "revision": 4,
            "source": "points.csv",
            "layers": {
                "service_points": {
                    "read": 161,
                    "accepted": 160,
                    "repaired": {},
                    "rejected": [{"row": "row 17", "reason": "no category"}],
                    "notes": {"rows replaced": 158},
                    "named": {},
                }
            },
        },
        "error": None,
    }
    QUEUED: ClassVar[Json] = {
        **EXAMPLE,
        "state": "queued",
        "progress": 0.0,
        "result": None,
        "started_at": None,
        "finished_at": None,
    }
    CANCELLED: ClassVar[Json] = {
        **EXAMPLE,
        "state": "cancelled",
        "progress": 0.6,
        "message": "cancelled",
        "result": None,
    }


class JobsAnswer(Shape):
    """Jobs, newest first; each is whole at its own address."""

    jobs: list[JobSummaryShape]

    EXAMPLE: ClassVar[Json] = {"jobs": [JobSummaryShape.EXAMPLE]}
