"""Examples of scenarios, explanations and walk edges for the API document."""

from typing import Final

from api.examples import _LINE, _META, _PROVENANCE, GATES_AT, Json, _collection

_EDIT: Final[Json] = {
    "op": "add_point",
    "point_id": "new-1",
    "category": "catering",
    "lon": 118.002,
    "lat": 37.38,
    "name": "社区食堂",
    "capacity": 1.0,
}
SCENARIO_IN: Final[Json] = {"edits": [_EDIT, {"op": "open_gate", "gate_id": "g1"}]}
_CHANGE: Final[Json] = {
    "code": "371602001001101",
    "name_zh": "第一网格",
    "name_en": "Grid 1",
    "category": "catering",
    "before": 28.0,
    "after": 40.0,
    "change": 12.0,
    "gained": 12.0,
    "lost": 0.0,
    "coverage_before": 0.7,
    "coverage_after": 1.0,
}
_WHOLE: Final[Json] = {**_CHANGE, "code": "371602", "name_zh": "滨城区", "name_en": "Bincheng"}
SCENARIO: Final[Json] = {
    **_META,
    "gates_at": None,
    "by": "small",
    "edits": SCENARIO_IN["edits"],
    "changes": [_CHANGE],
    "total": [{**_WHOLE, "category": "all"}, _WHOLE],
    "buildings": [
        {
            "building_id": "b1",
            "lon": 118.002,
            "lat": 37.38,
            "households": 12,
            "category": "catering",
            "before_s": 948.0,
            "after_s": 240.0,
            "before_point": "p1",
            "after_point": "new-1",
            "status_before": "beyond",
            "status_after": "covered",
        }
    ],
    "buildings_cut": 0,
    "changed": 3,
    "unlinked": [],
}
EXPLANATION: Final[Json] = {
    **_META,
    "gates_at": GATES_AT,
    "building_id": "b1",
    "category": "catering",
    "status": "beyond",
    "cause": "closed_gate",
    "subject": "g1",
    "time_s": 947.2,
    "point_id": "p1",
    "point_name": "社区食堂",
    "straight_m": 310.0,
    "split": {
        "leg_from_s": 8.0,
        "network_s": 935.2,
        "crossings_s": 0.0,
        "leg_to_s": 4.0,
        "metres": 1169.0,
        "climb_m": 0.0,
        "leg_from_m": 10.0,
        "leg_to_m": 5.0,
    },
    "geometry": _LINE,
    "remedy": {
        "kind": "open_gate",
        "edit": {"op": "open_gate", "gate_id": "g1"},
        "length_m": 0.0,
        "time_s": 260.0,
        "households": 412.0,
    },
    "sentence_zh": "到社区食堂要走 1,184 米（15.8 分钟）；闭合的南门挡路，"
    "打开它可让 412 户进入 15 分钟圈。",
    "sentence_en": "It is 1,184 m (15.8 min) on foot to 社区食堂; "
    "the closed gate 南门 is in the way; opening it brings 412 households within 15 minutes.",
}
WALK_EDGES: Final = _collection(
    "1",
    {"edge_id": 1, "kind": "footway", "name": "", "private": False, "bridge": False},
    _LINE,
    _PROVENANCE,
)
