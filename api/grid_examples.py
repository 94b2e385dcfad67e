"""Examples of checks and edits of a grid plan, for the API document."""

from typing import Any, Final

from api.examples import _META

Json = dict[str, Any]

_ABOUT: Final[Json] = {"district": "371602", "revision": 3, "synthetic": True}
CHECK: Final[Json] = {
    **_ABOUT,
    "scheme": "cn15",
    "counts": {
        "valid": 0, "overlap": 0, "gap": 1, "outside": 0, "matched": 0, "nested": 0, "building": 0,
        "barrier": 0, "code": 0, "retired": 0, "order": 0,
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
    **_META,
    "outside": {"buildings": 0, "households": 0},
    "households_per_worker": 100,
    "rules": [
        {"id": "branch", "level": "medium", "zh": "支部", "en": "branch"},
        {"id": "hub", "level": "station", "zh": "站点到中心", "en": "station to its hub"},
        {"id": "catchment", "level": "small", "zh": "站点服务范围", "en": "catchment of a station"},
    ],
    "summary": [
        {"rule": "branch", "level": "medium", "met": 1, "of": 2, "share": 0.5},
        {"rule": "hub", "level": "station", "met": 1, "of": 1, "share": 1.0},
        {"rule": "catchment", "level": "small", "met": 0, "of": 1, "share": 0.0},
    ],
    "stations": {
        "zh": "一中心多站点",
        "en": "one hub and many stations",
        "default_minutes": 15,
        "source": "The document names the rule without a time; that of its convenience circle is "
        "taken (一刻钟便民服务圈)",
        "verified": "unverified",
        "sentence_zh": "共有 1 个中心、1 个站点；辖区网格内的 1 个站点中，"
        "1 个在 15 分钟内能走到中心。",
        "sentence_en": "Hubs: 1, stations: 1. Of the stations in the district's grids (1), 1 have "
        "a hub within 15 minutes.",
        "counts": {
            "hubs": 1, "stations": 1, "own_stations": 1, "own_stations_met": 1, "grids": 1,
            "grids_met": 0, "households": 31, "households_within": 29, "unlinked_hubs": 0,
            "unlinked_stations": 0, "unlinked_buildings": 1, "unlinked_households": 2,
            "unplaced": 1,
        },
        "hubs": [
            {
                "place_id": "p4", "name": "南苑便民服务中心", "lon": 118.002, "lat": 37.379,
                "reason": "",
            }
        ],
        "stations": [
            {
                "place_id": "p2", "name": "北苑便民服务站", "lon": 118.002, "lat": 37.381,
                "reason": "", "time_s": 208.0, "hub_id": "p4", "grid_code": "371602001001101",
                "status": "within", "households": 29,
            }
        ],
        "unlinked": [
            {"what": "building", "id": "b2", "name": "2号楼", "households": 2, "reason": "blocked"}
        ],
    },
    "grids": [
        {
            "code": "371602001001101", "level": "small", "parent_code": "3716020010011",
            "name_zh": "西北网格", "name_en": "North-west", "households": 31, "within": 29,
            "beyond": 0, "unlinked": 2, "share": 0.935, "farthest_s": 252.0, "stations": 1,
            "lacks": ["catchment"],
        }
    ],
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
    "unplaced": [
        {
            "role": "station", "name": "河畔服务站", "grid_code": "371602001001102",
            "point_id": "", "reason": "no_place",
        }
    ],
}  # fmt: skip
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
    "faults": [
        {
            "rule": "barrier",
            "grave": True,
            "codes": ["371602001001101"],
            "lon": 118.0021,
            "lat": 37.3804,
            "size": 120.0,
            "unit": "m",
            "text": "The wall 北苑围墙 parts the buildings of 371602001001101: 9 and 8.",
            "repair": "Merge grids that lie on one side of it.",
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
    "renumbered": [],
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
