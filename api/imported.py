"""What an import did, as the command line prints it and a job answers it."""

from dataclasses import asdict
from typing import Any

from boundaries.report import ImportReport


def imported(code: str, revision: int | None, report: ImportReport) -> dict[str, Any]:
    """Return what an import did; `revision` is None after a dry run."""
    body: dict[str, Any] = {"district": code, "revision": revision, **asdict(report)}
    for layer in body["layers"].values():
        layer["rejected"] = [{"row": row, "reason": why} for row, why in layer["rejected"]]
    return body
