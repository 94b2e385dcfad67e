import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.errors import ConflictError, InputError, NotFoundError
from geo.network.compile import compile_network
from geo.network.snap import link
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import (
    AddPoint,
    AddStreet,
    ClosePoint,
    CloseStreet,
    MovePoint,
    RecategorisePoint,
    SetHouseholds,
    parse_edit,
    write_edit,
)
from geo.scenario.patch_network import ArcIndex, patch_network
from geo.scenario.resolve_edits import EditResolver
from tests.examples import examples
from tests.geo.engines import what_if
from tests.oracles.edited import edited_layers
from tests.scenes import lonlat as scene_lonlat
from tests.scenes import tiny_district
from tests.towns import ADULT, CORNER, WALKERS, entered_towns, lonlat, town


def live_of(layers, categories=("a", "b"), walker=ADULT):
    return what_if(layers, compile_network(layers, walker), categories)


def full(layers, categories=("a", "b"), walker=ADULT):
    network = compile_network(layers, walker)
    return nearest_times(snap_layers(layers, network, categories))


def ids(layers, times):
    names = np.append(layers.service_points["point_id"].to_numpy(dtype=object), "")
    return names[times.point].tolist()


def assert_same(engine, edits):
    """The incremental answer is bit for bit that of a full run on the edited layers."""
    edited = edited_layers(engine.resolver, edits)
    wanted = full(edited, engine.categories, engine.network.profile)
    answer = engine.scenario(edits)
    got = engine.times(answer)
    assert got.time_s.tobytes() == wanted.time_s.tobytes()
    assert ids(edited, got) == ids(edited, wanted)
    assert list(got.reason) == list(wanted.reason)
    return got


@st.composite
def edited_towns(draw):
    layers = draw(entered_towns())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    west, south, east, north = layers.walk_edges.total_bounds
    edits, names = [], list(layers.service_points["point_id"])
    streets = list(layers.walk_edges["edge_id"])
    for number in range(draw(st.integers(1, 6))):
        at = lonlat(rng.uniform(west, east) - 588_000, rng.uniform(south, north) - 4_138_000)
        kind = rng.choice(["add", "move", "close", "recategorise", "street", "shut", "households"])
        if kind == "add" or (kind in {"move", "close", "recategorise"} and not names):
            name = f"p{rng.integers(0, 9)}x{number}"
            names.append(name)
            edits.append(AddPoint(name, str(rng.choice(["a", "b"])), *at))
        elif kind == "move":
            edits.append(MovePoint(str(rng.choice(names)), *at))
        elif kind == "close":
            edits.append(ClosePoint(names.pop(int(rng.integers(len(names))))))
        elif kind == "recategorise":
            edits.append(RecategorisePoint(str(rng.choice(names)), str(rng.choice(["a", "b"]))))
        elif kind == "shut" and streets:
            edits.append(CloseStreet(int(streets.pop(int(rng.integers(len(streets)))))))
        elif kind == "households":
            edits.append(SetHouseholds("b000", int(rng.integers(100))))
        else:
            edits.append(AddStreet(street(layers, streets, rng)))
    return layers, edits


def street(layers, streets, rng):
    """A path from one edge that is still there to another place near one."""
    table = layers.walk_edges.set_index("edge_id").geometry
    chosen = rng.choice(streets or list(table.index), 2)
    path = []
    for edge in chosen:
        point = table[edge].interpolate(rng.uniform(0, 1), normalized=True)
        shift = rng.uniform(-15, 15, 2)
        path.append(lonlat(point.x + shift[0] - 588_000, point.y + shift[1] - 4_138_000))
    return tuple(path)


@examples(20)
@given(edited_towns(), st.sampled_from(WALKERS))
def test_a_scenario_equals_a_full_run_bit_for_bit(case, walker):
    layers, edits = case
    engine = live_of(layers, walker=walker)
    assert engine.base_times.time_s.tobytes() == full(layers, walker=walker).time_s.tobytes()
    while edits:
        with suppress(InputError, NotFoundError):  # a street drawn where none can be
            engine.resolver.resolve(edits)
            break
        edits = edits[:-1]
    assert_same(engine, edits)


TEN = ("catering", "medical", "shopping", "elderly", "repair")


def tiny_live():
    district, layers = tiny_district()
    return live_of(layers.to_metric(district.epsg), TEN)


def test_points_of_the_tiny_district_by_hand():
    engine = tiny_live()
    repair = AddPoint("fix", "repair", *scene_lonlat(200, 0))
    got = assert_same(engine, [repair])
    assert got.time_s[2, 4] * 1.25 == pytest.approx(10 + 50 + 200, abs=0.05)
    got = assert_same(engine, [ClosePoint("p4")])
    assert got.time_s[2, 0] * 1.25 == pytest.approx(10 + 50 + 190 + 10, abs=0.05)
    far = MovePoint("p4", 118.2, 37.3)
    assert_same(engine, [far])
    got = assert_same(engine, [repair, ClosePoint("fix")])
    assert np.isnan(got.time_s[:, 4]).all()


def test_streets_and_gates_of_the_tiny_district_by_hand():
    engine = tiny_live()
    got = assert_same(engine, [CloseStreet(6)])
    assert got.time_s[2, 0] * 1.25 == pytest.approx(10 + 50 + 190 + 10, abs=0.05)
    bridge = AddStreet((scene_lonlat(300, 100), scene_lonlat(200, 100)), bridge=True)
    got = assert_same(engine, [bridge])
    assert got.time_s[4, 0] * 1.25 == pytest.approx(10 + 20 + 95 + 10, abs=0.05)  # p4 is under it
    shut = parse_edit({"op": "close_gate", "gate_id": "g1"})
    got = assert_same(engine, [shut])
    assert np.isnan(got.time_s[3]).all()
    got = assert_same(engine, [shut, parse_edit({"op": "open_gate", "gate_id": "g1"})])
    assert got.time_s.tobytes() == engine.base_times.time_s.tobytes()


@pytest.mark.parametrize(
    ("written", "error", "told"),
    [
        ({"op": "dance"}, InputError, "add_point"),
        ({"op": "add_point", "lon": "x"}, InputError, "point_id is missing; category is missing"),
        ({"op": "close_point", "point_id": "p1", "why": 1}, InputError, "unknown member why"),
        ({"op": "close_point", "point_id": "zz"}, NotFoundError, "Edit 1: There is no service"),
        ({"op": "close_street", "edge_id": 99}, NotFoundError, "no walk edge 99"),
        ({"op": "open_gate", "gate_id": "g1"}, ConflictError, "not closed already"),
        ({"op": "close_gate", "gate_id": "g9"}, NotFoundError, "no gate"),
        ({"op": "set_households", "building_id": "b1", "households": -1}, InputError, "0 or more"),
        ({"op": "close_street", "edge_id": 2**70}, NotFoundError, "no walk edge"),
        (
            {"op": "set_households", "building_id": "b1", "households": 2**70},
            InputError,
            "up to 1,000,000",
        ),
        (
            {"op": "add_point", "point_id": "", "category": "catering", "lon": 118, "lat": 37},
            InputError,
            "empty point_id",
        ),
        (
            {"op": "add_point", "point_id": "n", "category": "catering", "lon": -62, "lat": -37},
            InputError,
            "near the district",
        ),
        (
            {"op": "add_point", "point_id": "n" * 201, "category": "c", "lon": 1, "lat": 1},
            InputError,
            "point_id is 'nnnnnnnnnnnn\\.\\.\\.",
        ),
        (
            {"op": "add_street", "path": [scene_lonlat(0, 200), [118.7, 38], [118.2, 37.9]]},
            InputError,
            "at most 20,000 m",
        ),
        (
            {"op": "add_point", "point_id": "p1", "category": "catering", "lon": 118, "lat": 37},
            ConflictError,
            "already",
        ),
        (
            {"op": "add_point", "point_id": "n", "category": "food", "lon": 118, "lat": 37},
            InputError,
            "catering",
        ),
        ({"op": "add_street", "path": [[118.0, 37.0], [118.1, 37.0]]}, InputError, "30 m"),
        ({"op": "add_street", "path": [[118.0, 37.0]]}, InputError, "path is"),
    ],
)
def test_bad_edits_are_told_in_one_sentence(written, error, told):
    engine = tiny_live()
    with pytest.raises(error, match=told):
        engine.scenario([parse_edit(written)])


@pytest.mark.parametrize(
    "edit",
    [
        AddPoint("n", "repair", 118.0, 37.38, "新店"),
        AddStreet(((118.0, 37.38), (118.1, 37.38)), bridge=True),
        CloseStreet(3),
    ],
)
def test_an_edit_is_read_back_as_it_was_written(edit):
    assert parse_edit(json.loads(json.dumps(write_edit(edit)))) == edit


def test_every_street_closed_leaves_nobody_linked():
    engine = tiny_live()
    got = engine.times(engine.scenario([CloseStreet(edge) for edge in range(1, 12)]))
    assert np.isnan(got.time_s).all()
    assert all(got.reason)


def test_a_point_of_a_category_that_nobody_asked_for_may_be_edited():
    district, layers = tiny_district()
    engine = live_of(layers.to_metric(district.epsg), ("catering", "medical"))
    got = assert_same(engine, [MovePoint("p3", *scene_lonlat(0, 200)), ClosePoint("p1")])
    assert got.time_s[2, 0] == pytest.approx(132, abs=0.01)
    got = assert_same(engine, [RecategorisePoint("p3", "medical")])
    assert got.time_s[0, 1] == tiny_live().base_times.time_s[0, 2]  # b1 to p3, as for shopping


def test_closing_the_only_street_leaves_no_network():
    street = {"u": 1, "v": 2, "coords": [(0, 0), (500, 0)]}
    layers = town([street], homes=[(100, 10), (100, 900)], points=[(300, 0)])
    got = assert_same(live_of(layers), [CloseStreet(1)])
    assert list(got.reason) == ["no_network", "no_network"]


def test_the_base_is_untouched_by_scenarios():
    engine = tiny_live()
    before = engine.base_times.time_s.tobytes()
    engine.scenario(
        [CloseStreet(3), ClosePoint("p4"), AddPoint("n", "repair", *scene_lonlat(0, 200))]
    )
    assert engine.base_times.time_s.tobytes() == before


def test_private_ways_of_a_scenario_are_private():
    engine = tiny_live()
    edits = [AddStreet((scene_lonlat(100, 290), scene_lonlat(200, 290)))]
    assert_same(engine, edits)
    wheel = replace(ADULT, avoid=frozenset({"steps"}))
    layers = engine.layers
    other = what_if(layers, compile_network(layers, wheel), TEN)
    assert other.scenario([CloseStreet(8)]).rows[0].size == 0


def test_the_first_street_of_all_tells_everyone_how_far_they_are():
    stairs = {"u": 1, "v": 2, "coords": [(0, 0), (300, 0)], "kind": "steps"}
    layers = town([stairs], homes=[(10, 20), (900, 0)], points=[(290, 20)])
    no_steps = replace(ADULT, avoid=frozenset({"steps"}))
    engine = what_if(layers, compile_network(layers, no_steps), ("a",))
    assert list(engine.base_times.reason) == ["no_network"] * 2
    edits = [AddStreet((lonlat(0, 10), lonlat(300, 10)))]
    edited = edited_layers(engine.resolver, edits)
    wanted = nearest_times(snap_layers(edited, compile_network(edited, no_steps), ("a",)))
    got = engine.times(engine.scenario(edits))
    assert list(got.reason) == list(wanted.reason) == ["", "too_far"]
    assert got.time_s.tobytes() == wanted.time_s.tobytes()


@examples(12)
@given(edited_towns())
def test_links_on_patched_ground_are_those_on_new_ground_bit_for_bit(case):
    layers, edits = case
    network = compile_network(layers, ADULT)
    resolver = EditResolver(layers, ("a", "b"))
    while True:
        with suppress(InputError, NotFoundError):
            change = resolver.resolve(edits)
            break
        edits = edits[:-1]
    arcs = ArcIndex(network.graph, len(network.edge_id))
    patched = patch_network(network, change.draft, arcs, gates=network.gates).network
    fresh = compile_network(edited_layers(resolver, edits), ADULT)
    xy = np.random.default_rng(0).uniform(-250, 1_850, (300, 2)) + CORNER
    one, other = link(xy, patched), link(xy, fresh)
    ids = [np.append(n.edge_id, -1)[links.edge] for n, links in ((patched, one), (fresh, other))]
    assert ids[0].tolist() == ids[1].tolist()
    for name in ("offset_m", "leg_m", "gate"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert list(one.reason) == list(other.reason)
