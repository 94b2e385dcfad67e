"""Examples of layers for the API document."""

from typing import Final

from api.http.schemas import (
    LINE,
    POINT,
    PROVENANCE,
    SQUARE,
    WALK_META,
    example_collection,
)

GRIDS: Final = example_collection(
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
    SQUARE,
    PROVENANCE,
)
SERVICE_POINTS: Final = example_collection(
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
    POINT,
    WALK_META,
)
BUILDINGS: Final = example_collection(
    "b1",
    {
        "building_id": "b1",
        "name": "1号楼",
        "use": "residential",
        "households": 12,
        "households_source": "synthetic",
        "small": "371602001001101",
    },
    POINT,
    PROVENANCE,
)
BARRIERS: Final = example_collection(
    "w1", {"barrier_id": "w1", "kind": "wall", "name": ""}, LINE, PROVENANCE
)
GATES: Final = example_collection(
    "g1",
    {"gate_id": "g1", "access": "open", "name": "南门", "opening_hours": "06:00-22:00"},
    POINT,
    PROVENANCE,
)
WALK_EDGES: Final = example_collection(
    "1",
    {"edge_id": 1, "kind": "footway", "name": "", "private": False, "bridge": False},
    LINE,
    PROVENANCE,
)
