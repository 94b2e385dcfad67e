"""Good files with bytes, values and cells changed: read, or refused in one sentence."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attacks.readers import TARGETS, read_or_refuse, seeds_of

SHORT = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
_EDITS = st.lists(
    st.tuples(
        st.sampled_from(["put", "insert", "delete", "repeat"]),
        st.integers(0, 1 << 20),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from([b"\0" * 8, b"\xff" * 8, b"\x7f\xff\xff\xff"]),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, edits: list[tuple[str, int, bytes]]) -> bytes:
    for kind, anywhere, piece in edits:
        at = anywhere % (len(data) + 1)
        head, tail = data[:at], data[at:]
        if kind == "put":
            data = head + piece + tail[len(piece) :]
        elif kind == "insert":
            data = head + piece + tail
        elif kind == "delete":
            data = head + tail[len(piece) ** 2 :]
        else:
            data = head + tail[:64] * 2 + tail[64:]
    return data


@pytest.mark.parametrize("name", TARGETS)
@SHORT
@given(which=st.integers(0, 9), edits=_EDITS)
def test_changed_bytes(name: str, which: int, edits: list[tuple[str, int, bytes]]):
    seeds = seeds_of(name)
    read_or_refuse(name, mutated(seeds[which % len(seeds)], edits))


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_good(name: str):
    for seed in seeds_of(name):
        read_or_refuse(name, seed)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from(["", "Polygon", "FeatureCollection", "\ud800", "1e999", 10**30]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)  # fmt: skip


def replaced(document: Any, path: list[int], value: Any) -> Any:
    """Return a JSON document with the node at `path` replaced."""
    if not path or not isinstance(document, list | dict) or not document:
        return value
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = keys[path[0] % len(keys)]
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[key] = replaced(document[key], path[1:], value)
    return copy


@pytest.mark.parametrize("name", ["geojson", "points-json"])
@SHORT
@given(which=st.integers(0, 9), path=st.lists(st.integers(0, 9), max_size=8), value=_JSON)
def test_changed_values_of_json(name: str, which: int, path: list[int], value: Any):
    seeds = seeds_of(name)
    document = replaced(json.loads(seeds[which % len(seeds)]), path, value)
    read_or_refuse(name, json.dumps(document).encode())


_CELL = st.text(max_size=8) | st.sampled_from(
    ["", "1e999", "nan", "-0", "１２", "POINT (118 37)", "POLYGON ((1 2, 3 4, 5 6))", "POINT EMPTY",
     "GEOMETRYCOLLECTION (POINT (1 2))", "24/7", "Mo-Su 00:00-48:00", "2026-02-30", "371602001001",
     "118.0", "37.4", "是", "small", "总支", "\0", '"', "=1+1"]
)  # fmt: skip
_HEADS = [
    ["code", "level", "parent_code", "wkt"],
    ["building_id", "households", "levels", "use", "lon", "lat"],
    ["category", "name", "capacity", "opening_hours", "phone", "member", "lon", "lat"],
    ["name", "role", "kind", "grid_code", "members", "agreed_on", "lon", "lat"],
    ["lon", "lon", "lat", "", "households"],
]


@pytest.mark.parametrize("name", ["csv", "organisations", "points-csv"])
@SHORT
@given(head=st.sampled_from(_HEADS), rows=st.lists(st.lists(_CELL, max_size=8), max_size=5))
def test_changed_cells(name: str, head: list[str], rows: list[list[str]]):
    lines = [head, *([*row, *[""] * len(head)][: len(head)] for row in rows)]
    text = "\n".join(",".join(cell.replace(",", " ") for cell in line) for line in lines)
    read_or_refuse(name, text.encode("utf-8", "surrogatepass"))
