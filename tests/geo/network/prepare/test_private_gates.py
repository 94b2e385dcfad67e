"""Private gates: their own people pass, nobody else; compared with the definition."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.model.layers import conform_layer
from geo.network.compile import compile_network
from geo.network.prepare.prepare import prepare
from geo.network.prepare.private_gates import PRIVATE_M, with_private_gates
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import CloseGate, OpenGate
from tests.examples import examples
from tests.geo.engines import what_if
from tests.oracles.comparing import assert_engine_equals_oracle
from tests.oracles.edited import edited_layers
from tests.oracles.private_gates import behind_gates
from tests.oracles.walking import Oracle
from tests.towns import ADULT, gates_frame, town

STREET = [
    {"u": 1, "v": 2, "coords": [(0, 0), (400, 0)]},
    {"u": 2, "v": 3, "coords": [(400, 0), (400, 300)]},
    {"u": 3, "v": 4, "coords": [(400, 300), (0, 300)]},
]
COURT = [
    {"u": 1, "v": 5, "coords": [(0, 0), (0, 50)]},
    {"u": 5, "v": 6, "coords": [(0, 50), (0, 250)]},
    {"u": 6, "v": 4, "coords": [(0, 250), (0, 300)]},
]


def with_gates(layers, *gates):
    """Put gates (x, y, node, access) on the network."""
    frame = gates_frame([(x, y, access) for x, y, _, access in gates])
    return replace(layers, gates=frame.assign(node=[node for _, _, node, _ in gates]))


def closed_off(layers):
    edges, _ = with_private_gates(layers.walk_edges, layers.gates)
    return replace(layers, walk_edges=conform_layer("walk_edges", edges))


def seconds(layers):
    network = compile_network(layers, ADULT)
    return nearest_times(snap_layers(layers, network, ["a"])).time_s[:, 0].round(2).tolist()


def court(*gates, homes, points=((0, 310),)):
    """Return a court between two streets, which lead round it in 1,100 m, with gates."""
    return closed_off(with_gates(town(STREET + COURT, homes=homes, points=points), *gates))


def test_nobody_walks_through_a_court_with_two_private_gates():
    gates = (0, 50, 5, "private"), (0, 250, 6, "private")
    through, inside = seconds(court(*gates, homes=[(0, -10), (5, 150)]))
    assert through == pytest.approx((10 + 1100 + 10) / 1.25)
    assert inside == pytest.approx((5 + 150 + 10) / 1.25)


def test_who_lives_or_calls_behind_a_private_gate_passes_it_beside_an_open_one():
    gates = (0, 50, 5, "open"), (0, 250, 6, "private")
    through, inside = seconds(court(*gates, homes=[(0, -10), (5, 150)]))
    assert through == pytest.approx((10 + 1100 + 10) / 1.25)
    assert inside == pytest.approx((5 + 150 + 10) / 1.25)
    assert seconds(court(*gates, homes=[(0, 310)], points=[(5, 150)])) == [inside]


def test_a_private_gate_with_the_same_ground_on_both_sides_lets_nobody_pass():
    one, other = seconds(court((0, 50, 5, "private"), homes=[(0, -10), (5, 60)]))
    assert one == pytest.approx(1120 / 1.25)
    assert other == pytest.approx((5 + 240 + 10) / 1.25)


def test_what_is_entered_through_an_open_gate_behind_a_private_one_lies_behind_it():
    lanes = [
        *STREET,
        {"u": 1, "v": 5, "coords": [(0, 0), (0, 50)]},
        {"u": 5, "v": 6, "coords": [(0, 50), (0, 100)]},
        {"u": 6, "v": 7, "coords": [(0, 100), (0, 200)]},
    ]
    layers = town(lanes, homes=[(5, 150)], points=[(0, -10)])
    layers = with_gates(layers, (0, 50, 5, "private"), (0, 100, 6, "open"))
    got = closed_off(layers)
    assert seconds(got) == [pytest.approx((5 + 150 + 10) / 1.25)]
    assert got.walk_edges.gated.tolist() == [False] * 4 + [True] * 3


def test_the_private_piece_is_cut_from_the_side_with_fewer_edges():
    lanes = [
        *STREET,
        {"u": 1, "v": 5, "coords": [(0, 0), (0, 50)]},
        {"u": 5, "v": 6, "coords": [(0, 50), (0, 100)]},
        {"u": 5, "v": 7, "coords": [(0, 50), (-50, 50)]},
    ]
    edges = closed_off(with_gates(town(lanes), (0, 50, 5, "private"))).walk_edges
    piece = edges[edges.private]
    assert piece.length_m.tolist() == pytest.approx([PRIVATE_M])
    assert (piece.v.tolist(), edges.length_m.sum()) == ([5], pytest.approx(1100 + 150))


def test_opening_and_closing_a_private_gate_is_a_full_run_bit_for_bit():
    gates = (0, 50, 5, "private"), (0, 250, 6, "private")
    layers = court(*gates, homes=[(0, -10), (5, 150)])
    engine = what_if(layers, compile_network(layers, ADULT), ("a",))
    for edits in ([OpenGate("g000"), OpenGate("g001")], [OpenGate("g001")], [CloseGate("g001")]):
        edited = edited_layers(engine.resolver, edits)
        wanted = nearest_times(snap_layers(edited, compile_network(edited, ADULT), ["a"]))
        got = engine.times(engine.scenario(edits))
        assert got.time_s.tobytes() == wanted.time_s.tobytes()
        if len(edits) == 2:
            assert got.time_s[:, 0].tolist() == pytest.approx([320 / 1.25, 165 / 1.25])


def test_a_way_through_the_wall_beside_a_private_gate_is_as_private():
    wall = [(-50, 100), (50, 100)]
    layers = town([*STREET, {"u": 1, "v": 4, "coords": [(0, 0), (0, 300)]}], walls=[wall])
    for x, nodes in ((2.9, [-1]), (3.1, [0])):
        gates = gates_frame([(x, 100, "private")])
        done = prepare(layers.walk_edges, layers.barriers, gates)
        assert done.gates.node.tolist() == nodes
        assert done.edges.private.sum() == len([node for node in nodes if node])


@st.composite
def gated_towns(draw):
    """Draw a lattice with gates of all kinds in the middle of some edges."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, step = draw(st.integers(2, 4)), 150.0
    at = {(i, j): (i * step, j * step) for i in range(n) for j in range(n)}
    number = {node: k for k, node in enumerate(at, start=1)}
    edges, gates, fresh = [], [], len(at) + 1
    for (i, j), here in at.items():
        for other in ((i + 1, j), (i, j + 1)):
            if other not in at or rng.random() < 0.2:
                continue
            ends, private = (number[i, j], number[other]), rng.random() < 0.1
            middle = tuple((np.array(here) + at[other]) / 2)
            if rng.random() < 0.5:
                edges.append({"u": ends[0], "v": ends[1], "coords": [here, at[other]]})
                continue
            edges += [
                {"u": ends[0], "v": fresh, "coords": [here, middle], "private": private},
                {"u": fresh, "v": ends[1], "coords": [middle, at[other]]},
            ]
            gates.append((*middle, fresh, str(rng.choice(["open", "private", "private"]))))
            fresh += 1
    edges.append({"u": 1, "v": fresh, "coords": [(0, 0), (-1200, 0)]})  # the main network
    homes, points = ([tuple(p) for p in rng.uniform(-20, n * step, (k, 2))] for k in (10, 4))
    return with_gates(town(edges, homes=homes, points=points), *gates)


@examples(12)
@given(gated_towns())
def test_walks_past_private_gates_are_those_of_the_definition(layers):
    edges, joints = behind_gates(layers.walk_edges, layers.gates)
    oracle = Oracle(edges, layers.barriers, layers.gates, speed=ADULT.speed_m_s, joints=joints)
    assert_engine_equals_oracle(closed_off(layers), ["a"], oracle=oracle, within_s=0.06)
