"""Why a place is not linked, and the edit that links it: tried on the district compiled anew."""

import pytest

from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.scenario.edits import AddStreet, OpenGate
from geo.scenario.linking import linking
from tests.geo.engines import what_if
from tests.oracles.edited import edited_layers
from tests.towns import ADULT, town

STREET = {"u": 1, "v": 2, "coords": [(0, 0), (3000, 0)]}
DECK = {"u": 3, "v": 4, "coords": [(0, 60), (3000, 60)], "level": 1, "bridge": True}
COURT = [(80, 20), (120, 20), (120, 60), (80, 60), (80, 20)]


def told(layers, place="building", place_id="b000"):
    """Return how a place is linked, and whether a full run with the remedy links it."""
    engine = what_if(layers, compile_network(layers, ADULT), ("a",))
    found = linking(engine, place, place_id)
    if found.remedy is None:
        return found, None
    edited = edited_layers(engine.resolver, [found.remedy.edit])
    snapped = snap_layers(edited, compile_network(edited, ADULT), ("a",))
    reasons = snapped.reason if place == "building" else snapped.point_reason
    return found, reasons[int(place_id[1:])] == ""  # rows are numbered


def test_too_far_is_helped_by_a_path_from_the_door():
    found, helps = told(town([STREET], homes=[(100, 300), (100, 320)], points=[(300, 20)]))
    assert (found.reason, found.nearest_edge_id, found.barrier_id) == ("too_far", 1, None)
    assert found.nearest_m == pytest.approx(300)
    assert (found.remedy.kind, found.remedy.households) == ("footpath", 20)  # the neighbour too
    assert found.remedy.length_m == pytest.approx(300)
    assert found.remedy.edit.from_door
    assert helps


def test_a_closed_court_names_its_wall_and_gets_a_gate():
    layers = town([STREET], walls=[COURT], homes=[(100, 40)], points=[(100, 42)])
    for place, place_id in (("building", "b000"), ("point", "p000")):
        found, helps = told(layers, place, place_id)
        assert (found.reason, found.barrier_id, found.standing) == ("blocked", "w0", "none")
        assert isinstance(found.remedy.edit, AddStreet)
        assert found.remedy.kind == "gate"
        assert found.remedy.households == 10
        assert helps


def test_a_closed_gate_is_opened_where_ways_meet_in_it():
    halves = [
        {"u": 1, "v": 5, "coords": [(0, 0), (100, 0)]},
        {"u": 5, "v": 2, "coords": [(100, 0), (3000, 0)]},
        {"u": 5, "v": 6, "coords": [(100, 0), (100, 20)]},
        {"u": 7, "v": 8, "coords": [(100, 20), (100, 20.01)]},
    ]  # of the way inside only the part is left that no leg leads to
    layers = town(
        halves, walls=[COURT], gates=[(100, 20, "closed")], homes=[(100, 40)], points=[(300, 9)]
    )
    found, helps = told(layers)
    assert (found.remedy.edit, found.remedy.length_m, helps) == (OpenGate("g000"), 0.0, True)


def test_a_deck_is_told_where_no_way_on_the_ground_is_in_reach():
    layers = town([STREET, DECK], homes=[(100, 250), (100, 100)], points=[(300, 20)])
    assert told(layers)[0].standing == "raised"
    near, _ = told(layers, place_id="b001")
    assert (near.standing, near.door.leg_m, near.door.level) == ("ground", pytest.approx(100), 0)
