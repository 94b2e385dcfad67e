"""Places are entered at their entrances: gates of a campus, doors of a mall, free outlines."""

from dataclasses import replace

import numpy as np
import pytest

from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import nearest_times
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.boundaries.readers.osm.osm_scene import write_scene
from tests.oracles.comparing import assert_engine_equals_oracle
from tests.towns import ADULT

STANDARD = load_standard()
CATEGORIES = [category.id for category in STANDARD.categories]
HOME = {"building": "apartments", "building:levels": "6"}
HOSPITAL = {"amenity": "hospital"}
STREET = {"highway": "residential"}


def read(tmp_path, nodes, ways, tags=None, **given):
    tagged = {node: (*xy, (tags or {}).get(node, {})) for node, xy in nodes.items()}
    path = write_scene(tmp_path / "scene.osm", tagged, ways)
    district, layers, report = read_osm(path, code="371602", standard=STANDARD, **given)
    return layers.to_metric(district.epsg), report


def seconds(layers, building, category):
    network = compile_network(layers, ADULT)
    times = nearest_times(snap_layers(layers, network, CATEGORIES))
    row = list(layers.buildings["building_id"]).index(building)
    return times.time_s[row, CATEGORIES.index(category)]


def square(x, y, size, first):
    """Nodes of a square and the refs of its ring."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    return dict(enumerate(corners, first)), [*range(first, first + 4), first]


def campus(fence):
    """A campus of 520 m with a gate 20 m from a street, and a home beside the street."""
    home, ring = square(225, -42, 10, 21)
    nodes = {1: (0, 0), 2: (520, 0), 3: (520, 520), 4: (0, 520), 5: (260, 0), 6: (260, -20),
             7: (-50, -20), 8: (570, -20), **home}  # fmt: skip
    tags = {5: {"barrier": "gate"}}
    ways = [
        (1, [1, 5, 2, 3, 4, 1], {**HOSPITAL, **fence}),
        (2, [7, 6, 8], STREET),
        (3, [5, 6], {"highway": "footway"}),
        (4, ring, HOME),
    ]
    return nodes, ways, tags


def test_a_fenced_campus_is_entered_at_its_gate(tmp_path):
    layers, _ = read(tmp_path, *campus({"barrier": "fence"}))
    assert layers.entrances[["point_id", "kind"]].to_numpy().tolist() == [["way/1", "gate"]]
    # From the middle of the home 17 m to the street, 30 m along it, 20 m to the gate.
    assert seconds(layers, "way/4", "medical") == pytest.approx((17 + 30 + 20) / 1.25, abs=6)
    without, _ = read(tmp_path, *campus({"barrier": "fence"}), without=("entrances",))
    assert np.isnan(seconds(without, "way/4", "medical"))


def test_a_campus_without_fence_is_entered_from_the_street_beside_it(tmp_path):
    layers, _ = read(tmp_path, *campus({}))
    assert set(layers.entrances["kind"]) == {"gate", "outline"}
    assert seconds(layers, "way/4", "medical") <= (17 + 30 + 20) / 1.25


def test_a_gate_that_is_private_lets_no_visitor_in(tmp_path):
    nodes, ways, tags = campus({"barrier": "fence"})
    tags[5] = {"barrier": "gate", "access": "private"}
    layers, _ = read(tmp_path, nodes, ways, tags)
    assert list(layers.entrances["access"]) == ["private"]
    snapped = snap_layers(layers, compile_network(layers, ADULT), CATEGORIES)
    assert list(snapped.point_entrances.row) == [-1]


def mall(**door):
    """A mall of 400 m whose one door is on its west side; a home by its east side."""
    home, ring = square(420, -35, 10, 21)
    nodes = {1: (0, 0), 2: (400, 0), 3: (400, 60), 4: (0, 60), 5: (0, 30), 6: (-20, -15),
             7: (420, -15), 8: (-20, 30), **home}  # fmt: skip
    ways = [
        (1, [1, 2, 3, 4, 5, 1], {"building": "retail", "shop": "supermarket"}),
        (2, [6, 7], STREET),
        (3, [8, 6], STREET),
        (4, [8, 5], {"highway": "footway"}),
        (5, ring, HOME),
    ]
    return nodes, ways, {5: door}


def test_a_mall_is_entered_at_its_mapped_door(tmp_path):
    layers, _ = read(tmp_path, *mall(entrance="yes"))
    whole = (440 + 45 + 20) / 1.25  # along the street and the path to the door
    assert seconds(layers, "way/5", "shopping") == pytest.approx(whole + 15 / 1.25, abs=6)
    for value in ("no", "exit", "emergency"):
        nodes, ways, tags = mall(entrance=value)
        shut, _ = read(tmp_path, nodes, [way for way in ways if way[0] != 4], tags)
        assert seconds(shut, "way/5", "shopping") < whole - 100, value


def test_the_engine_enters_where_the_oracle_does(tmp_path):
    for number, scene in enumerate(
        (campus({}), campus({"barrier": "fence"}), mall(entrance="main"))
    ):
        layers, _ = read(tmp_path, *scene)
        assert assert_engine_equals_oracle(layers, CATEGORIES), number


def park(tmp_path, *, streets=(), walls=(), paths=(), gates=()):
    """Kinds of the entrances of a park of 600 m, by streets and walls along it, and paths into it.

    `streets` and `walls` are y of lines from west to east; `paths` are x of footways that end 5 m
    inside its south side; `gates` are (x, y) of gates in walls.
    """
    nodes, ring = square(0, 0, 600, 1)
    ways = [(1, ring, {"leisure": "park"})]
    for number, (y, tags) in enumerate(
        [*((y, STREET) for y in streets), *((y, {"barrier": "fence"}) for y in walls)], start=2
    ):
        on = {100 * number + 50 + k: xy for k, xy in enumerate(gates) if xy[1] == y}
        ends = {100 * number: (-50, y), 100 * number + 99: (650, y)}
        nodes |= ends | on
        ways.append((number, sorted(ends | on), tags))
    for number, x in enumerate(paths, start=1000):
        nodes |= {2 * number: (x, 5), 2 * number + 1: (x, -30)}
        ways.append((number, [2 * number, 2 * number + 1], {"highway": "footway"}))
    tags = {node: {"barrier": "gate"} for node, xy in nodes.items() if xy in gates}
    layers, report = read(tmp_path, nodes, ways, tags)
    assert report.layer("entrances").accepted == len(layers.entrances)
    return sorted(layers.entrances["kind"])


def test_a_street_beside_an_open_area_gives_a_place_up_to_20_m(tmp_path):
    assert park(tmp_path, streets=(-10, 619)) == ["outline"] * 2
    assert park(tmp_path, streets=(-10, 621)) == ["outline"]
    assert park(tmp_path, streets=(-190,)) == ["outline"]  # nothing nearer
    assert park(tmp_path, streets=(-210,)) == []


def test_free_places_are_15_m_apart(tmp_path):
    assert park(tmp_path, paths=(100, 114)) == ["outline"]
    assert park(tmp_path, paths=(100, 116)) == ["outline"] * 2


def test_free_places_of_a_large_outline_are_bounded(tmp_path):
    for n in (23, 24, 25, 29):
        paths = range(10, 10 + 20 * n, 20)
        assert len(park(tmp_path, paths=paths)) == min(n, 24)


def test_no_place_is_free_within_half_a_metre_of_a_fence(tmp_path):
    assert park(tmp_path, streets=(-10,), walls=(0.4,)) == []
    assert park(tmp_path, streets=(-10,), walls=(0.6,)) == ["outline"]


def test_a_gate_5_m_from_an_outline_leads_into_it(tmp_path):
    for y, kinds in ((-4.5, ["gate"]), (-5.5, [])):
        found = park(tmp_path, streets=(-30,), walls=(y,), gates=((300, y),))
        assert found == kinds


def test_edits_leave_entrances_where_they_are(tmp_path):
    layers, _ = read(tmp_path, *campus({"barrier": "fence"}))
    moved = layers.entrances.iloc[::-1].reset_index(drop=True)
    assert seconds(replace(layers, entrances=moved), "way/4", "medical") == seconds(
        layers, "way/4", "medical"
    )
