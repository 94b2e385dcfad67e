"""Examples of the answers on supply access and equity for the API document."""

from typing import Any, Final

from api.examples import COVERAGE, WALK

Json = dict[str, Any]

_OF_WALKS: Final = (
    "district", "revision", "origin", "synthetic", "note", "note_zh", "credits", "code_version",
    "network", "standard", "profile",
)  # fmt: skip
_WALK_META: Final[Json] = {name: WALK[name] for name in _OF_WALKS if name in WALK}
_META: Final[Json] = {**_WALK_META, "minutes": 15, "metres": COVERAGE["metres"]}

_SPREAD: Final[Json] = {
    "code": "371602001001101",
    "level": "small",
    "parent_code": "3716020010011",
    "name_zh": "第一网格",
    "name_en": "Grid 1",
    "buildings": 3,
    "weight": 40.0,
    "excluded": 0.0,
    "mean": 0.05,
    "p10": 0.025,
    "p50": 0.05,
    "p90": 0.075,
    "gini": 0.15,
    "theil": 0.05,
    "palma": 0.5,
    "reason": "",
}
_DISTRICT: Final[Json] = {
    **_SPREAD,
    "code": "371602",
    "level": "district",
    "parent_code": None,
    "name_zh": "滨城区",
    "name_en": "Bincheng",
}
_SHARING: Final[Json] = {
    "method": "2sfca",
    "unit": "service points per unit of demand",
    "decay": {
        "name": "step",
        "formula": "w(t) = 1 for t <= T",
        "reference": "Luo and Wang 2003, doi:10.1068/b29120",
        "parameters": {"threshold_s": 900.0},
    },
}
_OUTSIDE: Final = {"buildings": 0, "households": 0}

ACCESS: Final[Json] = {
    **_META,
    "by": "small",
    "category": "medical",
    "group": "households",
    **_SHARING,
    "supply": {
        "points": 2,
        "capacity": "1 per point",
        "reached": 2.0,
        "idle": 0.0,
        "unlinked": 0.0,
    },
    "rows": [_SPREAD],
    "total": _DISTRICT,
    "outside": _OUTSIDE,
}
EQUITY: Final[Json] = {
    **_META,
    "by": "small",
    "measure": "access",
    "category": "medical",
    "weight": "residents_60plus",
    **_SHARING,
    "capacity": "1 per point",
    "rows": [{"category": "medical", **_SPREAD}],
    "totals": [{"category": "medical", **_DISTRICT, "theil_between": 0.01, "theil_within": 0.04}],
    "outside": _OUTSIDE,
}
