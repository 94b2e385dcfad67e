"""Examples of checks and edits of a grid plan, for the API document."""

from typing import Any, Final

Json = dict[str, Any]

_ABOUT: Final[Json] = {"district": "371602", "revision": 3, "synthetic": True}
CHECK: Final[Json] = {
    **_ABOUT,
    "scheme": "cn15",
    "counts": {
        "valid": 0, "overlap": 0, "gap": 1, "outside": 0, "matched": 0, "nested": 0, "building": 0,
        "barrier": 0, "code": 0, "order": 0,
    },
    "faults": [
        {
            "rule": "gap",
            "grave": True,
            "codes": ["371602001001101", "371602001001102"],
            "lon": 118.002,
            "lat": 37.38,
            "size": 12.5,
            "unit": "m2",
            "text": "12.50 m2 of the district lie in no grid; around it are 371602001001101, "
            "371602001001102.",
            "repair": "Give the piece to one of them, or add a grid.",
        }
    ],
}  # fmt: skip
COMPLETENESS: Final[Json] = {
    **_ABOUT,
    "summary": [{"rule": "branch", "level": "medium", "met": 1, "of": 2, "share": 0.5}],
    "rows": [
        {
            "code": "3716020010011",
            "level": "medium",
            "rule": "branch",
            "status": "missing",
            "value": 0.0,
            "wanted": "1",
            "names": "",
        }
    ],
}
EDIT_IN: Final[Json] = {"op": "merge", "codes": ["371602001001101", "371602001001102"]}
EDIT: Final[Json] = {
    **_ABOUT,
    "preview": True,
    "given": [],
    "retired": ["371602001001102"],
    "lineage": [
        {
            "level": "small",
            "kind": "merge",
            "old_code": "371602001001102",
            "new_code": "371602001001101",
            "share": 1.0,
        }
    ],
    "effect": [
        {
            "code": "371602001001101",
            "area_m2_before": 40000.0,
            "households_before": 31,
            "area_m2_after": 80000.0,
            "households_after": 60,
        }
    ],
    "grids": {"type": "FeatureCollection", "features": []},
}
REPAIR: Final[Json] = {
    **_ABOUT,
    "preview": True,
    "mended": [
        {
            "rule": "gap",
            "codes": ["371602001001101"],
            "text": "12.50 m2 of the district lie in no grid; around it is 371602001001101.",
        }
    ],
    "left": [],
    "gone": [],
    "areas": [
        {
            "code": "371602001001101",
            "before_m2": 39_987.5,
            "after_m2": 40_000.0,
            "gained_m2": 12.5,
            "lost_m2": 0.0,
        }
    ],
}
