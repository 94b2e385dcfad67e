"""Examples of coverage runs for the API document."""

from typing import Any, Final

from api.job_examples import QUEUED as _QUEUED

Json = dict[str, Any]

_STANDARD: Final[Json] = {
    "id": "bincheng-2026",
    "version": "2026.2",
    "fingerprint": "0b6f4a3c9d21",
}
_HEAD: Final[Json] = {
    "run": "9c1f0e6ab27d",
    "district": "371602",
    "revision": 3,
    "kind": "coverage",
    "at": "2026-11-24T08:00:02+00:00",
    "actor": "planning office",
    "sha256": "5e0c6f2a7d1b4938a6cf01e2d3b4958677a8b9c0d1e2f30415263748596a7b8c",
    "ingredients": {
        "district": "371602",
        "revision": 3,
        "data": {"boundary": "1f0a9b3c5d7e2468", "buildings": "7d21c0b6f4a3e958"},
        "network": "c2a94f7be01d5386",
        "standard": _STANDARD,
        "profile": "adult",
        "parameters": {"minutes": 15.0, "own_points": False, "at": None},
        "code_version": "0.1.0",
        "code": "90b1d2c3e4f5a687",
    },
}
RUNS: Final[Json] = {"runs": [_HEAD]}
RUN: Final[Json] = {
    **_HEAD,
    "ingredients": {
        **_HEAD["ingredients"],
        "standard": {**_STANDARD, "content": {"id": "bincheng-2026", "minutes": [5, 10, 15]}},
    },
    "rows": [
        {
            "code": "371602001001101",
            "category": "medical",
            "households": 40,
            "covered": 30,
            "coverage": 0.75,
        }
    ],
}
QUEUED: Final[Json] = {
    **_QUEUED,
    "kind": "coverage",
    "parameters": {"minutes": 15.0, "profile": "adult", "own_points": False, "at": None},
}
