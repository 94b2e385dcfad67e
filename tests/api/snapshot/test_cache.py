"""Snapshots: computed once, of the newest revision, no more bytes than the limit."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from api.errors import ParameterError
from api.snapshot.cache import Snapshots
from api.snapshot.memory import held_bytes
from api.snapshot.profiles import find_profile
from api.snapshot.single_flight import Once
from boundaries.standards.catalogue import load_standard
from boundaries.standards.json import fingerprint
from boundaries.store.open import open_store
from geo.model.standard import SlopeRule
from tests.scenes import tiny_district


def test_many_who_ask_at_once_compute_once():
    once, made = Once(), []
    gate = threading.Barrier(8)

    def make() -> str:
        time.sleep(0.02)
        made.append(1)
        return "value"

    def ask(_: int) -> str:
        gate.wait()
        return once.get("key", make)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"value"}
    assert made == [1]


def test_a_maker_that_raises_leaves_nothing_behind():
    once = Once()

    def fail() -> int:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        once.get("key", fail)
    assert once.get("key", lambda: 3) == 3


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    store = open_store(tmp_path / "x.gpkg", create=True)
    district, layers = tiny_district()
    for code in ("a", "b", "c"):
        store.replace(replace(district, code=code), layers)
    return Snapshots(store, load_standard())


def test_the_same_revision_is_the_same_snapshot(snapshots: Snapshots):
    first = snapshots.current("a")
    assert snapshots.current("a") is first
    assert first.times("adult") is first.times("adult")
    assert first.times("adult") is not first.times("elderly")


def test_a_new_revision_is_a_new_snapshot(snapshots: Snapshots):
    first = snapshots.current("a")
    snapshots.store.replace_layer("a", "workers", first.layers.workers.iloc[:1])
    second = snapshots.current("a")
    assert (first.district.revision, second.district.revision) == (1, 2)
    assert len(second.layers.workers) == 1


def room_for(snapshots: Snapshots, number: float) -> Snapshots:
    """Return a cache of the same store with room for so many districts."""
    each = snapshots.current("a").held_bytes()
    return Snapshots(snapshots.store, load_standard(), limit_bytes=int(number * each))


def test_the_least_used_goes_first(snapshots: Snapshots):
    room = room_for(snapshots, 2.5)
    a, b = room.current("a"), room.current("b")
    room.current("a")
    room.current("c")
    assert room.current("a") is a
    assert room.current("b") is not b


def test_reading_one_more_than_there_is_room_for_in_turn_finds_some(snapshots: Snapshots):
    room = room_for(snapshots, 2.5)
    reads, last = 0, {}
    for code in "abc" * 8:
        snapshot = room.current(code)
        reads += last.get(code) is not snapshot
        last[code] = snapshot
    assert reads <= 2 + 8 * 2  # without the least recently used there would be 24


def test_what_was_used_long_ago_gives_way(snapshots: Snapshots):
    room = room_for(snapshots, 1.5)
    for _ in range(200):
        room.current("a")
    b = [room.current(code) for code in "bb"]
    assert b[0] is b[1]
    for _ in range(200):
        room.current("b")
    a = room.current("a")
    assert room.current("a") is a


def test_no_more_bytes_are_kept_than_allowed(snapshots: Snapshots):
    a = snapshots.current("a")
    plain = a.held_bytes()
    assert plain > 0
    a.times("adult")
    assert a.held_bytes() > plain
    tight = Snapshots(snapshots.store, load_standard(), limit_bytes=1)
    newest = tight.current("a")
    assert tight.current("a") is newest
    tight.current("b")
    assert tight.current("a") is not newest


def test_bytes_are_counted_once():
    numbers = np.zeros(1_000)
    frame = pd.DataFrame({"n": np.zeros(10, np.int64)})
    assert held_bytes(numbers, [numbers], {"again": numbers}) == 8_000
    assert held_bytes(frame) == 80 + frame.index.memory_usage()
    assert held_bytes(tiny_district()[1]) > 2_000


def test_an_unknown_profile_names_those_there_are(snapshots: Snapshots):
    with pytest.raises(ParameterError, match="standard, strict, adult, elderly, wheelchair, pram"):
        snapshots.current("a").network("runner")


def test_the_fingerprint_changes_with_a_figure():
    standard = load_standard()
    assert fingerprint(standard) == fingerprint(load_standard())
    first = find_profile(standard, "adult")
    others = [
        replace(first, **{name: value})
        for name, value in (
            ("speed_m_s", 1.2), ("avoid", frozenset({"steps"})), ("steps_pace", 1.5),
            ("slope", SlopeRule.LEVEL), ("climb_pace", 8.0), ("max_slope", 0.1),
            ("crossing_s", 5.0), ("sources", ()),
        )
    ]  # fmt: skip
    found = {fingerprint(replace(standard, profiles=(other,))) for other in (first, *others)}
    found |= {fingerprint(replace(standard, compared=names)) for names in ((), ("adult",))}
    assert len(found) == 3 + len(others)


def test_a_second_start_finds_the_compiled_network(snapshots: Snapshots, tmp_path: Path):
    networks = []
    for _ in range(2):
        started = Snapshots(snapshots.store, load_standard(), cache=tmp_path / "cache")
        networks.append(started.current("a").network("adult"))
    assert len(list((tmp_path / "cache").rglob("index.json"))) == 1
    assert networks[0].graph.step.base is None
    assert isinstance(networks[1].graph.step.base, np.memmap)
