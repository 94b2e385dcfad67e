"""Every kind of fault is found, nothing else is, and no repair loses a grid."""

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.grids.checks.plan_check import check_grids
from geo.grids.checks.repair import repair
from tests.faulty_plans import KINDS, ODDITIES, Scene, scene, spots
from tests.plans import DISTRICT, SCHEME

CLEAN = scene()
SPOTS = spots(CLEAN.grids)
NAMES = list(KINDS)


def checked(at: Scene) -> dict:
    ground = {"district": DISTRICT, "buildings": at.homes, "barriers": at.walls}
    return {**ground, "scheme": SCHEME, "retired": at.retired}


def grave(at: Scene) -> list:
    return [fault for fault in check_grids(at.grids, **checked(at)) if fault.grave]


def assert_found(at: Scene, wanted: list) -> None:
    """Assert that all that was put in is found, and nothing else."""
    faults = grave(at)
    for kind, codes in wanted:
        named = [set(fault.codes) for fault in faults if fault.rule is kind.rule]
        assert any(set(codes) <= each for each in named), (kind.rule, codes, faults)
    allowed = {rule for kind, _ in wanted for rule in kind.also}
    assert {fault.rule for fault in faults} <= allowed


def assert_repaired(at: Scene, wanted: list) -> None:
    """Assert that no grid is lost, and that what is not mended is named."""
    done = repair(at.grids, **checked(at))
    told = [done.renumbered.get(code, code) for code in at.grids["code"]]
    assert sorted(map(str, told)) == sorted(map(str, done.grids["code"]))
    drawn = (~shapely.is_empty(frame.geometry.dropna()) for frame in (at.grids, done.grids))
    assert len({int(each.sum()) for each in drawn}) == 1
    left = [fault for fault in done.left if fault.grave]
    assert {fault.rule for fault in left} <= {rule for kind, _ in wanted for rule in kind.also}
    if all(kind.mends for kind, _ in wanted):
        assert left == []


def injected(at: Scene, names: list[str], places: list) -> tuple[Scene, list]:
    wanted = []
    for name, spot in zip(names, places, strict=True):
        at, codes = KINDS[name].inject(at, spot)
        wanted.append((KINDS[name], codes))
    return at, wanted


def test_the_scene_is_clean():
    assert grave(CLEAN) == []
    assert len(SPOTS) >= 3
    assert SPOTS[0].one[:12] != SPOTS[1].one[:12]
    assert len(KINDS) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_alone(name):
    at, wanted = injected(CLEAN, [name], SPOTS[:1])
    assert_found(at, wanted)
    assert_repaired(at, wanted)


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_is_no_fault(oddity):
    at = oddity(CLEAN, SPOTS[0])
    assert grave(at) == []
    assert len(repair(at.grids, **checked(at)).grids) == len(at.grids)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
@given(st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from(ODDITIES))
def test_faults_in_pairs_beside_an_oddity(one, two, oddity):
    at, wanted = injected(oddity(CLEAN, SPOTS[2]), [one, two], SPOTS[:2])
    assert_found(at, wanted)
    assert_repaired(at, wanted)
