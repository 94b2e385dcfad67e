"""Examples of jobs for the API document."""

from typing import Any, Final

Json = dict[str, Any]

IMPORT: Final[Json] = {
    "job": "5f0c2a91d37e4b68",
    "kind": "import",
    "state": "done",
    "progress": 1.0,
    "message": "",
    "seconds_left": None,
    "district": "371602",
    "actor": "planning office",
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
    "created_at": "2026-11-24T08:00:00.000+00:00",
    "started_at": "2026-11-24T08:00:00.120+00:00",
    "finished_at": "2026-11-24T08:00:02.480+00:00",
}
QUEUED: Final[Json] = {
    **IMPORT,
    "state": "queued",
    "progress": 0.0,
    "result": None,
    "started_at": None,
    "finished_at": None,
}
CANCELLED: Final[Json] = {
    **IMPORT,
    "state": "cancelled",
    "progress": 0.6,
    "message": "cancelled",
    "result": None,
}
JOBS: Final[Json] = {"jobs": [QUEUED, CANCELLED]}
