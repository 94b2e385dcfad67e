"""Repair of a grid plan: what it mends, what it shows, and what it leaves alone."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.geometry.polygon_coverage import SLIVER_M
from geo.grids.checks.faults import Rule
from geo.grids.checks.plan_check import check_grids
from geo.grids.checks.repair import repair
from geo.grids.checks.simplify import simplify
from geo.grids.hierarchy import derive_parents
from tests.geo.grids.checks.test_plan_check import border, shape_of
from tests.plans import DISTRICT, EPSG, SCHEME, SIDE_M, plan, smalls, with_shape

seeds = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=12)


def mended(grids, **more):
    return repair(grids, district=DISTRICT, scheme=SCHEME, **more)


def geometry_rules(faults):
    return {fault.rule for fault in faults} - {Rule.ORDER}


def test_a_clean_plan_comes_back_as_it_is():
    grids = plan(1)
    done = mended(grids)
    pd.testing.assert_frame_equal(pd.DataFrame(done.grids), pd.DataFrame(grids))
    assert (len(done.pieces), len(done.areas), len(done.put)) == (0, 0, 0)
    assert (done.repaired, done.left) == ((), ())


@quick
@given(seeds, st.floats(0.05, 0.9))
def test_slivers_go_to_a_neighbour_and_every_metre_is_told(seed, width):
    grids = plan(seed)
    codes, line = border(grids, seed)
    one = shape_of(grids, codes[0])
    strip = line.buffer(width / 2, cap_style="flat")
    for shape, rule in ((one.union(strip), Rule.OVERLAP), (one.difference(strip), Rule.GAP)):
        done = mended(with_shape(grids, codes[0], shape))
        assert geometry_rules(done.repaired) & {rule, Rule.SLIVER}
        assert geometry_rules(done.left) == set()
        assert smalls(done.grids).area.sum() == pytest.approx(SIDE_M**2, abs=0.01)
        told = done.pieces.groupby(["code", "change"])["area_m2"].sum()
        for row in done.areas.itertuples():
            assert row.after_m2 - row.before_m2 == pytest.approx(
                row.gained_m2 - row.lost_m2, abs=0.01
            )
            assert told.get((row.code, "gained"), 0.0) == row.gained_m2
        assert set(done.areas["code"]) <= set(codes)
        assert done.areas["gained_m2"].sum() + done.areas["lost_m2"].sum() == pytest.approx(
            line.length * width / 2, rel=0.1
        )


def test_a_missing_grid_is_left_to_people():
    grids = plan(2)
    small = smalls(grids)
    done = mended(derive_parents(small.iloc[1:], grids))
    assert [fault.rule for fault in done.left if fault.grave] == [Rule.GAP]
    assert len(done.areas) == 0
    assert len(smalls(done.grids)) == len(small) - 1


def test_what_lies_outside_is_cut_off_and_slivers_at_the_boundary_are_filled():
    grids = plan(4)
    shapes = [shapely.affinity.translate(shape, -0.4, 0) for shape in grids.geometry]
    moved = grids.set_geometry(shapes, crs=EPSG)
    assert geometry_rules(check_grids(moved, district=DISTRICT, scheme=SCHEME)) == {
        Rule.SLIVER, Rule.OUTSIDE,
    }  # fmt: skip
    done = mended(moved)
    assert geometry_rules(done.left) == set()
    lost = done.areas["lost_m2"].sum()
    assert lost == pytest.approx(0.4 * SIDE_M, rel=0.01)
    assert done.areas["gained_m2"].sum() == pytest.approx(lost, rel=0.01)


def test_of_two_alike_none_is_taken_away():
    grids = plan(6)
    small = smalls(grids)
    twin = small.iloc[[0]].assign(code=small["code"].iloc[0][:13] + "77")
    done = mended(derive_parents(pd.concat([small, twin]), grids))
    assert len(done.grids) == len(grids) + 1
    assert len(done.put) == 0
    (fault,) = [fault for fault in done.left if fault.grave]
    assert (fault.rule, fault.codes) == (Rule.OVERLAP, (small["code"].iloc[0], *twin["code"]))


def test_parents_are_mended():
    grids = plan(7)
    code = grids["code"][grids["level"] == "medium"].iloc[0]
    done = mended(with_shape(grids, code, shape_of(grids, code).buffer(-3)))
    assert geometry_rules(done.repaired) == {Rule.NESTED}
    assert shape_of(done.grids, code).equals(shape_of(grids, code))
    assert len(done.areas) == 0


@quick
@given(seeds, st.integers(1, 3), st.sets(st.integers(1, 99), max_size=40))
def test_a_retired_code_is_taken_away_and_none_is_given(seed, count, gone):
    grids = plan(seed)
    small = smalls(grids)
    again = sorted(small["code"].sample(count, random_state=seed % 1000))
    ended = {f"{parent}{n:02d}" for parent in set(small["parent_code"]) for n in gone}
    retired = frozenset({*again, *(ended - set(small["code"]))})
    found = [f for f in check_grids(grids, scheme=SCHEME, retired=retired) if f.grave]
    assert [(f.rule, *f.codes) for f in found] == [(Rule.RETIRED, code) for code in again]
    done = mended(grids, retired=retired)
    assert sorted(done.renumbered) == again
    for fault in found:
        new = done.renumbered[fault.codes[0]]
        assert str(fault.repair) == f"Give it {new}, which no grid ever bore."
    new = set(done.renumbered.values())
    assert not new & (retired | set(grids["code"]))
    assert [f.rule for f in done.repaired if f.grave] == [Rule.RETIRED] * count
    assert [f for f in done.left if f.grave] == []
    before, after = (frame.set_index("code") for frame in (grids, done.grids))
    for old, code in done.renumbered.items():
        assert after.geometry[code].equals_exact(before.geometry[old], 0)
        assert after["parent_code"][code] == before["parent_code"][old]
        assert (after["name_zh"][code], after["origin"][code]) == (code, "given")
    kept = before.index.difference(again)
    pd.testing.assert_frame_equal(pd.DataFrame(after.loc[kept]), pd.DataFrame(before.loc[kept]))
    assert len(done.areas) == 0


def test_a_retired_code_that_nobody_can_replace_is_left():
    grids = plan(5)
    code, medium = smalls(grids)["code"].iloc[0], smalls(grids)["parent_code"].iloc[0]
    full = {f"{medium}{n:02d}" for n in range(1, 100)}
    for more in ({"retired": full}, {"retired": {code}, "scheme": None}, {"retired": {medium}}):
        done = repair(grids, **{"district": DISTRICT, "scheme": SCHEME, **more})
        assert done.renumbered == {}
        (fault, *_) = [f for f in done.left if f.rule is Rule.RETIRED]
        assert str(fault.repair) == "Give it a code that no grid ever bore."
    assert done.grids.equals(grids)


@quick
@given(seeds, st.floats(1, 60))
def test_simplified_for_the_web(seed, tolerance):
    grids = plan(seed)
    codes, line = border(grids, seed)
    bends = line.buffer(0.4)
    bent = with_shape(grids, codes[0], shape_of(grids, codes[0]).union(bends))
    bent = with_shape(bent, codes[1], shape_of(grids, codes[1]).difference(bends))
    bent = mended(bent).grids
    light = simplify(bent, tolerance)
    assert light["code"].tolist() == bent["code"].tolist()
    assert geometry_rules(check_grids(light)) == set()
    assert shapely.get_num_coordinates(np.asarray(light.geometry)).sum() < (
        shapely.get_num_coordinates(np.asarray(bent.geometry)).sum()
    )


def test_only_a_seamless_plan_is_simplified():
    grids = plan(8)
    code = smalls(grids)["code"].iloc[0]
    wider = with_shape(grids, code, shape_of(grids, code).buffer(2))
    with pytest.raises(InputError, match="Repair it first"):
        simplify(wider, 5)


@pytest.mark.parametrize(("width_m", "closed"), [(0.95, True), (1.1, False)])
def test_a_gap_wider_than_a_metre_may_be_a_missing_grid(width_m, closed):
    assert SLIVER_M == 1
    grids = plan(7)
    codes, line = border(grids, 7)
    gap = shape_of(grids, codes[0]).difference(line.buffer(width_m, cap_style="flat"))
    done = mended(with_shape(grids, codes[0], gap))
    assert (geometry_rules(done.left) == set()) is closed
