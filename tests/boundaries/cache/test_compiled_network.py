"""Compiled walk networks on disk: equal to compiled ones, never stale, never trusted blindly."""

import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given
from numba.core.registry import CPUDispatcher as Dispatcher

from api.snapshot.profiles import find_profile
from boundaries.cache import compiled_network as compiled
from boundaries.cache.compiled_network import compiled_network
from boundaries.cache.memory_mapped_arrays import INDEX, read_folder, write_folder
from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import nearest_times
from geo.errors import FileFormatError
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.towns import town, towns

ADULT = find_profile(load_standard(), "adult")
STREETS = [
    {"u": 1, "v": 2, "coords": [(0, 0), (300, 0)]},
    {"u": 2, "v": 3, "coords": [(300, 0), (300, 200)], "private": True},
]
WALLS = [[(100, -50), (100, 50)]]
TOWN = town(
    STREETS,
    walls=WALLS,
    gates=[(100, 0, "open")],
    homes=[(10, 5), (290, 150)],
    points=[(200, 5)],
)


def assert_equal(one: object, other: object) -> None:
    """Assert that two values are equal, every array bit by bit."""
    assert type(one) is type(other)
    if is_dataclass(one):
        for field in fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    elif isinstance(one, tuple):
        for own, others in zip(one, other, strict=True):
            assert_equal(own, others)
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.flags.c_contiguous == other.flags.c_contiguous  # or Numba compiles again
        if one.dtype == object:
            assert shapely.to_wkb(one).tolist() == shapely.to_wkb(other).tolist()
        else:
            assert one.tobytes() == other.tobytes()
    else:
        assert one == other


def signatures() -> dict[str, list]:
    """Return what Numba has compiled so far, of each kernel of geo that was called at all."""
    rooms = {name: room for name, room in sys.modules.items() if name.startswith("geo.")}
    return {
        f"{name}.{kernel}": list(found.signatures)
        for name, room in rooms.items()
        for kernel, found in vars(room).items()
        if isinstance(found, Dispatcher) and found.signatures
    }


def entries(folder: Path) -> list[Path]:
    """Return the folders of the networks that are kept."""
    return sorted(path.parent for path in folder.rglob(INDEX))


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the profiles compiled so far, one entry for each compilation."""
    done: list[str] = []

    def counted(layers, profile):
        done.append(profile.id)
        return compile_network(layers, profile)

    monkeypatch.setattr(compiled, "compile_network", counted)
    return done


@examples(12)
@given(towns())
def test_a_kept_network_is_the_compiled_one(layers):
    network = compile_network(layers, ADULT)
    with TemporaryDirectory() as folder:
        first = compiled_network(Path(folder), "x", layers, ADULT)
        again = compiled_network(Path(folder), "x", layers, ADULT)
        assert len(entries(Path(folder))) == 1
        assert_equal(first, network)
        assert_equal(again, network)
        ours, theirs = (nearest_times(snap_layers(layers, n, ["a"])) for n in (again, network))
        assert ours.time_s.tobytes() == theirs.time_s.tobytes()


def test_the_second_start_compiles_nothing(tmp_path, compilations):
    for _ in range(3):
        compiled_network(tmp_path, "x", TOWN, ADULT)
    compiled_network(tmp_path, "x", TOWN, replace(ADULT, id="slow", speed_m_s=1.0))
    compiled_network(tmp_path, "y", TOWN, ADULT)
    assert compilations == ["adult", "slow", "adult"]
    assert len(entries(tmp_path)) == 3


def test_streets_that_changed_are_compiled_and_the_old_ones_go(tmp_path, compilations):
    compiled_network(tmp_path, "x", TOWN, ADULT)
    compiled_network(tmp_path, "y", TOWN, ADULT)
    (tmp_path / "mine.txt").write_text("not ours", "utf-8")
    homes = replace(TOWN, buildings=TOWN.buildings.iloc[:1])
    compiled_network(tmp_path, "x", homes, ADULT)
    assert len(compilations) == 2
    for changed in (
        replace(TOWN, walk_edges=TOWN.walk_edges.assign(private=False)),
        replace(TOWN, barriers=TOWN.barriers.iloc[:0]),
        replace(TOWN, gates=TOWN.gates.assign(access="closed")),
        replace(TOWN, walk_edges=TOWN.walk_edges.assign(geometry=TOWN.walk_edges.translate(1))),
    ):
        assert_equal(
            compiled_network(tmp_path, "x", changed, ADULT), compile_network(changed, ADULT)
        )
    assert len(compilations) == 6
    assert len(entries(tmp_path)) == 2
    assert (tmp_path / "mine.txt").exists()


def damages(entry: Path) -> Iterator[str]:
    """Damage an entry in one way after the other."""
    largest = max(entry.glob("*.npy"), key=lambda path: path.stat().st_size)
    whole = largest.read_bytes()
    largest.write_bytes(whole[: len(whole) // 2])
    yield "cut short"
    largest.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    yield "one bit"
    largest.write_bytes(b"")
    yield "empty"
    largest.write_bytes(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'shape': (1e99,)}")
    yield "another header"
    largest.unlink()
    yield "missing"
    (entry / INDEX).write_text("{}", "utf-8")
    yield "another index"
    (entry / INDEX).write_text('{"index": 1}', "utf-8")
    yield "an index of something else"
    index = entry / INDEX
    index.write_text(index.read_text("utf-8").replace("edge_id", "edge_no"), "utf-8")
    yield "changed index"


def test_a_damaged_entry_is_told_and_made_anew(tmp_path, compilations, caplog):
    network = compiled_network(tmp_path, "x", TOWN, ADULT)
    (entry,) = entries(tmp_path)
    count = 1
    for how in damages(entry):
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            assert_equal(compiled_network(tmp_path, "x", TOWN, ADULT), network)
        count += 1
        assert len(compilations) == count, how
        assert "damaged" in caplog.text
        assert "compiled anew" in caplog.text


def test_a_folder_that_cannot_be_used_costs_the_compilation_only(tmp_path, compilations, caplog):
    (tmp_path / "file").write_text("", "utf-8")
    network = compiled_network(tmp_path / "file", "x", TOWN, ADULT)
    assert_equal(network, compile_network(TOWN, ADULT))
    assert compilations == ["adult"]
    assert "not kept" in caplog.text


def test_many_who_ask_at_once_all_get_it(tmp_path):
    network = compile_network(TOWN, ADULT)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(compiled_network, tmp_path, "x", TOWN, ADULT) for _ in range(24)]
    for each in asked:
        assert_equal(each.result(), network)
    assert len(entries(tmp_path)) == 1
    assert not list(tmp_path.rglob(".new-*"))


def test_no_code_of_a_district_leads_out_of_the_folder(tmp_path):
    inside = tmp_path / "cache"
    compiled_network(inside, "../../x", TOWN, ADULT)
    assert list(tmp_path.iterdir()) == [inside]
    assert len(entries(inside)) == 1


def test_shapes_of_the_layers_are_the_same_objects(tmp_path):
    compiled_network(tmp_path, "x", TOWN, ADULT)
    network = compiled_network(tmp_path, "x", TOWN, ADULT)
    assert network.barriers[0] is TOWN.barriers.geometry.array._data[0]
    assert network.gates[0] is TOWN.gates.geometry.array._data[0]


def test_numba_compiles_nothing_again_and_files_never_change(tmp_path):
    network = compile_network(TOWN, ADULT)
    nearest_times(snap_layers(TOWN, network, ["a"]))
    before = signatures()
    assert before
    compiled_network(tmp_path, "x", TOWN, ADULT)
    mapped = compiled_network(tmp_path, "x", TOWN, ADULT)
    nearest_times(snap_layers(TOWN, mapped, ["a"]))
    after = signatures()
    assert {name: after[name] for name in before} == before
    mapped.graph.step[:] = 0
    again = compiled_network(tmp_path, "x", TOWN, ADULT)
    assert_equal(again, network)


class Pair(NamedTuple):
    """Two that belong together."""

    length: np.ndarray
    name: str


@dataclass(frozen=True, slots=True)
class Inner:
    """Part of a thing."""

    shapes: np.ndarray


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of every kind."""

    grid: np.ndarray
    share: float
    inner: Inner
    pairs: tuple[Pair, Pair]
    nothing: Inner | None
    outside: frozenset[str]


def test_a_folder_holds_every_kind_of_value(tmp_path):
    line, area = shapely.LineString([(0, 0), (1, 2)]), shapely.box(0, 0, 1, 1).boundary
    grid = np.arange(6.0).reshape(2, 3)
    thing = Thing(
        grid=grid,
        share=0.1,
        inner=Inner(np.array([line, None, area, line], object)),
        pairs=(Pair(grid, "a"), Pair(np.zeros(0, np.uint8), "b")),
        nothing=None,
        outside=frozenset({"a"}),
    )
    known = [np.array([area], object)]
    write_folder(tmp_path, thing, known=known, given=["outside"])
    read = read_folder(tmp_path, Thing, known=known, given={"outside": frozenset({"a"})})
    assert_equal(read, thing)
    assert read.inner.shapes[2] is area
    assert read.inner.shapes[0] is read.inner.shapes[3]
    assert read.pairs[0].length is read.grid
    with pytest.raises(FileFormatError, match="outside"):
        read_folder(tmp_path, Thing, known=known)
    with pytest.raises(FileFormatError, match="grid"):
        read_folder(tmp_path, Inner)


def test_what_a_folder_cannot_hold_is_refused(tmp_path):
    with pytest.raises(TypeError, match="wanted geometries"):
        write_folder(tmp_path, Inner(np.array([{}], object)))
    with pytest.raises(TypeError, match="Path"):
        write_folder(tmp_path, Inner(tmp_path))
