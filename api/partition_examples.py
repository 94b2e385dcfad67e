"""Examples of a partition for the API document."""

from typing import Any, Final

from api import job_examples

QUEUED: Final[dict[str, Any]] = {
    **job_examples.QUEUED,
    "kind": "partition",
    "parameters": {"seed": 1, "keep": ["371602001001101"], "save": False, "update": False},
}
