"""One example per answer for the API document, on the hand-made district of the tests."""

from typing import Any, Final

Json = dict[str, Any]

_PROVENANCE: Final[Json] = {
    "district": "371602",
    "revision": 3,
    "origin": "synthetic",
    "synthetic": True,
    "note": "Synthetic buildings and service points inside a real outline.",
    "note_zh": "真实边界内的合成楼栋与服务点。",
    "credits": ["Synthetic data by Lifecircle"],
    "code_version": "0.1.0",
}
_ADULT: Final[Json] = {
    "id": "adult",
    "zh": "成年人",
    "en": "Adult",
    "speed_m_s": 1.25,
    "steps_pace": 1.0,
    "slope": "tobler",
    "climb_pace": 0.0,
    "max_slope": None,
    "crossing_s": 0.0,
    "avoid": [],
}
_WALK_META: Final[Json] = {
    **_PROVENANCE,
    "network": "c2a94f7be01d5386",
    "standard": {"id": "bincheng-2026", "version": "2026.2", "fingerprint": "0b6f4a3c9d21"},
    "profile": _ADULT,
}
_META: Final[Json] = {**_WALK_META, "minutes": 15, "metres": 1125.0}
_BBOX: Final = [118.0, 37.378, 118.005, 37.382]
_SQUARE: Final[Json] = {
    "type": "Polygon",
    "coordinates": [
        [[118.0, 37.378], [118.005, 37.378], [118.005, 37.382], [118.0, 37.382], [118.0, 37.378]]
    ],
}
_POINT: Final[Json] = {"type": "Point", "coordinates": [118.002, 37.38]}
_LINE: Final[Json] = {"type": "LineString", "coordinates": [[118.0, 37.38], [118.004, 37.382]]}

HEALTH: Final[Json] = {"status": "ok", "version": "0.1.0"}

SUMMARY: Final[Json] = {
    "code": "371602",
    "name_zh": "滨城区",
    "name_en": "Bincheng",
    "revision": 3,
    "origin": "synthetic",
    "synthetic": True,
    "note": _PROVENANCE["note"],
    "note_zh": _PROVENANCE["note_zh"],
    "credits": _PROVENANCE["credits"],
    "bbox": _BBOX,
    "epsg": 4548,
    "counts": {
        "large": 8,
        "medium": 30,
        "small": 130,
        "buildings": 320,
        "households": 5000,
        "service_points": 160,
        "walk_edges": 1800,
        "barriers": 40,
        "gates": 90,
        "workers": 50,
    },
}
DISTRICTS: Final[Json] = {"districts": [SUMMARY]}
DISTRICT: Final[Json] = {
    **SUMMARY,
    "boundary": _SQUARE,
    "standard": {
        "id": "bincheng-2026",
        "version": "2026.2",
        "zh": "滨城便民生活圈",
        "en": "Bincheng convenience circle",
        "minutes": [5, 10, 15],
        "categories": [
            {
                "id": "catering",
                "zh": "餐饮",
                "en": "Catering",
                "badge_zh": "餐",
                "badge_en": "Ca",
                "radius_m": 500.0,
                "time_min": 10.0,
                "source": "See the standard's data file.",
                "verified": "second-hand",
            }
        ],
        "profiles": [
            {
                **_ADULT,
                "source": "See the standard's data file.",
                "verified": "second-hand",
                "rules": [
                    {"rule": "slope", "source": "W. Tobler (1993)", "verified": "second-hand"}
                ],
            }
        ],
    },
}


def _collection(feature_id: str, properties: Json, geometry: Json, about: Json) -> Json:
    feature = {
        "type": "Feature",
        "id": feature_id,
        "properties": properties,
        "geometry": geometry,
    }
    return {"type": "FeatureCollection", "features": [feature], "lifecircle": about}


GRIDS: Final = _collection(
    "371602001001101",
    {
        "code": "371602001001101",
        "level": "small",
        "parent_code": "3716020010011",
        "name_zh": "第一网格",
        "name_en": "Grid 1",
        "origin": "synthetic",
        "households": 40,
        "buildings": 3,
        "worker": "W01",
    },
    _SQUARE,
    _PROVENANCE,
)
SERVICE_POINTS: Final = _collection(
    "p1",
    {
        "point_id": "p1",
        "category": "catering",
        "name": "社区食堂",
        "sub": "",
        "origin": "synthetic",
        "in_district": True,
        "linked": True,
        "reason": "",
    },
    _POINT,
    _WALK_META,
)
BUILDINGS: Final = _collection(
    "b1",
    {
        "building_id": "b1",
        "name": "1号楼",
        "use": "residential",
        "households": 12,
        "households_source": "synthetic",
        "small": "371602001001101",
    },
    _POINT,
    _PROVENANCE,
)
BARRIERS: Final = _collection(
    "w1", {"barrier_id": "w1", "kind": "wall", "name": ""}, _LINE, _PROVENANCE
)
GATES: Final = _collection(
    "g1",
    {"gate_id": "g1", "access": "open", "name": "南门", "opening_hours": "06:00-22:00"},
    _POINT,
    _PROVENANCE,
)

_ROW: Final[Json] = {
    "code": "371602001001101",
    "level": "small",
    "parent_code": "3716020010011",
    "name_zh": "第一网格",
    "name_en": "Grid 1",
    "buildings": 3,
    "households": 40.0,
    "unlinked": 0.0,
    "covered_all": 28.0,
    "coverage_all": 0.7,
    "count_mean": 0.7,
    "count": [12.0, 28.0],
    "categories": {"catering": {"covered": 28.0, "coverage": 0.7}},
}
GATES_AT: Final[Json] = {
    "at": "2026-11-24T22:00",
    "weekday": "Tu",
    "with_hours": 12,
    "closed": ["g1"],
    "unreadable": [],
}
COVERAGE: Final[Json] = {
    **_META,
    "by": "small",
    "rows": [_ROW],
    "total": {
        **_ROW,
        "code": "371602",
        "level": "district",
        "parent_code": None,
        "name_zh": "滨城区",
        "name_en": "Bincheng",
    },
    "outside": {"buildings": 0, "households": 0},
    "without_points": [],
    "own_points": False,
    "points": 214,
    "gates_at": None,
}
NEAREST: Final[Json] = {
    **_META,
    "gates_at": None,
    "category": "catering",
    "k": 2,
    "households": 40.0,
    "choices": [
        {"rank": 1, "households": 28.0, "share": 0.7},
        {"rank": 2, "households": 12.0, "share": 0.3},
    ],
    "rows": [
        {
            "building_id": "b1",
            "lon": 118.002,
            "lat": 37.38,
            "households": 12,
            "status": "covered",
            "points": [
                {"rank": 1, "time_s": 240.0, "point_id": "p1"},
                {"rank": 2, "time_s": 618.4, "point_id": "p7"},
            ],
        }
    ],
}
GAPS: Final[Json] = {
    **_META,
    "gates_at": None,
    "level": "small",
    "category": "catering",
    "rows": [
        {
            "rank": 1,
            "category": "catering",
            "code": "371602001001101",
            "name_zh": "第一网格",
            "name_en": "Grid 1",
            "households": 12.0,
            "beyond": 12.0,
            "unlinked": 0.0,
            "buildings": 1,
            "coverage": 0.7,
            "bbox": _BBOX,
        }
    ],
    "areas": [
        {
            "area_id": 1,
            "category": "catering",
            "households": 12.0,
            "buildings": 1,
            "bbox": _BBOX,
            "geometry": _SQUARE,
        }
    ],
}
WALK: Final[Json] = {
    **_WALK_META,
    "gates_at": GATES_AT,
    "metres": 412.5,
    "total_m": 427.5,
    "seconds": 342.0,
    "crossings_s": 0.0,
    "climb_m": 1.5,
    "leg_from_m": 10.0,
    "leg_to_m": 5.0,
    "geometry": _LINE,
}
NETWORK: Final[Json] = {
    **_WALK_META,
    "nodes": 2804,
    "edges": 4120,
    "walkable_m": 310_420.5,
    "components": 2,
    "islands": {
        "walkable_m": 120.0,
        "edges": 3,
        "buildings": 1,
        "households": 12,
        "share": 0.0003,
    },
    "unlinked": {"buildings": 0, "households": 0},
    "rows": [
        {
            "component": 1,
            "walkable_m": 120.0,
            "edges": 3,
            "buildings": 1,
            "households": 12,
            "share": 0.0003,
        }
    ],
    "rows_cut": 0,
    "mended": {
        "source": "town.osm.pbf",
        "revision": 1,
        "repaired": {"dead ends joined to the way beside them": 1},
        "notes": {},
        "named": {"way/12 at 118.002000, 37.380000": "joined over 0.80 m"},
    },
}
POINTS_IN: Final[Json] = {
    "points": [{"id": "a", "lon": 118.002, "lat": 37.38}, {"id": 2, "lon": 0, "lat": 0}]
}
ASSIGNMENTS: Final[Json] = {
    "district": "371602",
    "revision": 3,
    "synthetic": True,
    "items": [
        {
            "id": "a",
            "large": "371602001001",
            "medium": "3716020010011",
            "small": "371602001001101",
            "status": "inside",
            "reason": "",
            "nearest": None,
            "distance_m": None,
        },
        {
            "id": 2,
            "large": None,
            "medium": None,
            "small": None,
            "status": "outside",
            "reason": "in_no_grid",
            "nearest": "371602001001101",
            "distance_m": 12345678.9,
        },
    ],
    "counts": {"inside": 1, "on_border": 0, "outside": 1, "invalid": 0},
}
PROBLEM: Final[Json] = {
    "type": "urn:lifecircle:problem:input",
    "title": "The request is wrong",
    "status": 400,
    "detail": "Got profile 'runner'; wanted one of adult, elderly, wheelchair, pram.",
    "errors": [
        {
            "where": "query",
            "name": "profile",
            "message": "Got profile 'runner'; wanted one of adult, elderly, wheelchair, pram.",
        }
    ],
}
