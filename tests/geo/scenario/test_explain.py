import numpy as np
import pytest

from geo.errors import InputError, NotFoundError
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.scenario.edits import AddStreet, OpenGate
from geo.scenario.explain import Cause, explain
from tests.geo.engines import what_if
from tests.towns import town

ADULT = Profile("adult", "成人", "Adult", 1.25)


def told(layers, *, minutes=5, building="b000", category="a"):
    engine = what_if(layers, compile_network(layers, ADULT), ("a", "z"))
    return explain(engine, building, category, minutes=minutes)


STREET = {"u": 1, "v": 2, "coords": [(0, 0), (3000, 0)]}


def test_a_covered_building_has_its_walk_taken_apart():
    why = told(town([STREET], homes=[(100, 30)], points=[(300, 20)]))
    assert (why.cause, why.point_id, why.remedy) == (Cause.COVERED, "p000", None)
    assert (why.walk.leg_start_m, why.walk.metres, why.walk.leg_end_m) == pytest.approx(
        (30, 200, 20)
    )
    assert why.time_s == pytest.approx(200)
    assert why.straight_m == pytest.approx(np.hypot(200, 10))


def test_no_point_too_far_and_unlinked():
    layers = town([STREET], homes=[(100, 0), (100, 900)], points=[(2900, 0)])
    assert told(layers, category="z").cause is Cause.NO_POINT
    far = told(layers)
    assert (far.cause, far.remedy) == (Cause.TOO_FAR, None)
    assert far.time_s == pytest.approx(2800 / 1.25)
    nowhere = told(layers, building="b001")
    assert (nowhere.cause, nowhere.subject) == (Cause.UNLINKED, "too_far")


BANKS = [
    {"u": 1, "v": 2, "coords": [(0, 0), (1500, 0)]},
    {"u": 2, "v": 3, "coords": [(1500, 0), (1500, 100)], "bridge": True},
    {"u": 3, "v": 4, "coords": [(1500, 100), (0, 100)]},
]


def test_a_river_is_named_and_a_footbridge_proposed_and_verified():
    river = [(-100, 50), (1600, 50)]
    layers = town(BANKS, walls=[river], homes=[(100, -5), (120, -5)], points=[(100, 105)])
    why = told(layers)
    assert (why.cause, why.subject) == (Cause.BARRIER, "w0")
    assert isinstance(why.remedy.edit, AddStreet)
    assert why.remedy.kind == "gate"  # the scene's barriers are walls
    assert why.remedy.households == 20
    assert why.remedy.length_m == pytest.approx(100)
    assert why.remedy.time_s <= 300


def test_a_closed_gate_is_the_cause_when_opening_it_covers_the_building():
    edges = [
        {"u": 1, "v": 2, "coords": [(0, 0), (100, 0)]},
        {"u": -1, "v": 3, "coords": [(100, 0), (200, 0)]},
        {"u": 1, "v": 4, "coords": [(0, 0), (0, 900)]},
        {"u": 4, "v": 3, "coords": [(0, 900), (200, 900), (200, 0)]},
    ]
    layers = town(
        edges, walls=[[(100, -50), (100, 50)]], gates=[(100, 0, "closed")],
        homes=[(50, -5), (60, 5)], points=[(150, 0)],
    )  # fmt: skip
    layers.gates.loc[0, "node"] = 2
    why = told(layers)
    assert (why.cause, why.subject) == (Cause.CLOSED_GATE, "g000")
    assert why.remedy.edit == OpenGate("g000")
    assert why.remedy.households == 20


def test_unknown_building_and_category_are_told():
    layers = town([STREET], homes=[(100, 0)], points=[(2900, 0)])
    with pytest.raises(NotFoundError, match="no building 'x'"):
        told(layers, building="x")
    with pytest.raises(InputError, match="wanted one of a, z"):
        told(layers, category="food")


@pytest.mark.parametrize(
    ("apart_m", "proposed"), [(1.9, False), (2.1, True), (199.9, True), (200.1, False)]
)
def test_a_link_is_longer_than_a_gate_and_no_longer_than_a_bridge_over_a_river(apart_m, proposed):
    banks = [
        {"u": 1, "v": 2, "coords": [(0, 0), (1500, 0)]},
        {"u": 2, "v": 3, "coords": [(1500, 0), (1500, apart_m)], "bridge": True},
        {"u": 3, "v": 4, "coords": [(1500, apart_m), (0, apart_m)]},
    ]
    wall = [(-100, apart_m / 2), (1600, apart_m / 2)]
    home, point = (100, -5), (100, apart_m + 5)
    why = told(town(banks, walls=[wall], homes=[home], points=[point]), minutes=8)
    assert why.cause is Cause.BARRIER
    assert bool(why.remedy) is proposed
    assert not proposed or why.remedy.length_m == pytest.approx(apart_m)
