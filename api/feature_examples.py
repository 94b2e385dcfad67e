"""Examples of features, their past and of editions for the API document."""

from typing import Any, Final

Json = dict[str, Any]

_PROPERTIES: Final[Json] = {
    "point_id": "p1",
    "category": "catering",
    "name": "社区食堂",
    "sub": "",
    "origin": "given",
    "capacity": 1.0,
    "lon": 118.002,
    "lat": 37.38,
}
_POINT: Final[Json] = {"type": "Point", "coordinates": [118.002, 37.38]}
_FEATURE: Final[Json] = {
    "type": "Feature",
    "id": "p1",
    "properties": _PROPERTIES,
    "geometry": _POINT,
}
_ABOUT: Final[Json] = {
    "district": "371602",
    "synthetic": True,
    "layer": "service-points",
    "since": 7,
    "valid_from": "2026-03-01",
}
_CHANGE: Final[Json] = {
    "revision": 7,
    "at": "2026-03-02T08:30:00+00:00",
    "actor": "planning office",
    "what": "service_points changed",
}

FEATURE: Final[Json] = {**_FEATURE, "lifecircle": _ABOUT}
CHANGED: Final[Json] = {**_FEATURE, "lifecircle": {**_ABOUT, "revision": 7}}
FEATURE_IN: Final[Json] = {
    "type": "Feature",
    "properties": {"category": "catering", "name": "社区食堂"},
    "geometry": _POINT,
}
FEATURE_PATCH: Final[Json] = {"properties": {"name": "社区食堂"}}
GONE: Final[Json] = {
    "district": "371602",
    "layer": "service-points",
    "key": "p1",
    "revision": 8,
}
VERSIONS: Final[Json] = {
    "district": "371602",
    "synthetic": True,
    "layer": "service-points",
    "key": "p1",
    "versions": [
        {
            "since": 7,
            "until": None,
            "valid_from": "2026-03-01",
            "valid_to": None,
            "change": _CHANGE,
            "feature": _FEATURE,
        }
    ],
}
LOG: Final[Json] = {
    "district": "371602",
    "changes": [
        {
            **_CHANGE,
            "valid_from": "2026-03-01",
            "counts": {"service_points": {"added": 0, "changed": 1, "removed": 0}},
            "before": {"service_points": {"p1": {"name": "食堂"}}},
            "after": {"service_points": {"p1": {"name": "社区食堂"}}},
        }
    ],
}
IMPORTS: Final[Json] = {
    "district": "371602",
    "imports": [
        {
            "revision": 6,
            "source": "points.csv",
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "imported_at": "2026-03-01T08:30:00+00:00",
            "undone": None,
            "layers": {
                "service_points": {
                    "read": 120,
                    "accepted": 119,
                    "repaired": {},
                    "rejected": [{"row": "17", "reason": "no category"}],
                    "notes": {"rows replaced": 98},
                    "named": {},
                }
            },
        }
    ],
}
UNDO: Final[Json] = {"district": "371602", "revision": 7, "undone": 6, "source": "points.csv"}
LINEAGE: Final[Json] = {
    "district": "371602",
    "grid": "371602001001202",
    "rows": [
        {
            "revision": 5,
            "valid_from": "2026-02-01",
            "level": "small",
            "kind": "split",
            "old_code": "371602001001202",
            "new_code": "371602001001203",
            "share": 0.25,
        }
    ],
}
_EDITION: Final[Json] = {
    "name": "2026 方案",
    "state": "published",
    "revision": 7,
    "dated": "2026-03-01",
    "at": "2026-03-02T08:30:00+00:00",
    "actor": "planning office",
    "note": "",
    "sha256": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
}
EDITION: Final[Json] = {"district": "371602", **_EDITION}
EDITIONS: Final[Json] = {"district": "371602", "editions": [_EDITION]}
EDITION_IN: Final[Json] = {"dated": "2026-03-01", "note": ""}
