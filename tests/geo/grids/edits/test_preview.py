"""What an edit would newly put at fault: barriers between the buildings of a grid, and numbering.

Most scenes have a row of grids of 40 m x 20 m, ``A``, ``B`` and ``C`` from west to east::

    20 +---------+---------+---------+
       |    A    |    B    |    C    |
     0 +---------+---------+---------+
       0        40        80       120
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString, box

from geo.errors import ConflictError
from geo.grids.checks.faults import Rule
from geo.grids.checks.plan_check import check_grids
from geo.grids.edits.edit import add, merge, move_border, retire, split
from geo.grids.edits.preview import GridPlan, ProposedEdit, preview
from geo.grids.edits.transfer import transfer
from geo.grids.hierarchy import derive_parents
from geo.tolerances import SAME_M
from tests.examples import examples
from tests.geo.grids.checks.test_plan_check import border
from tests.plans import (
    DISTRICT,
    EPSG,
    SCHEME,
    SIDE_M,
    SOUTH,
    WEST,
    barriers,
    buildings,
    homes,
    plan,
    smalls,
)

LARGE, MEDIUM = "371602001001", "3716020010011"
A, B, C, D = (MEDIUM + number for number in ("01", "02", "03", "04"))
ROW = {A: (0, 0, 40, 20), B: (40, 0, 80, 20), C: (80, 0, 120, 20)}

seeds = st.integers(0, 2**32 - 1)


def wall(*at):
    return LineString([(WEST + x, SOUTH + y) for x, y in at])


def scene(places, walls, boxes=ROW):
    """Return a plan with buildings of 4 m x 4 m at places, and walls."""
    rows = [(LARGE, "large", None), (MEDIUM, "medium", LARGE)]
    rows += [(code, "small", MEDIUM) for code in boxes]
    shapes = [box(WEST + w, SOUTH + s, WEST + e, SOUTH + n) for w, s, e, n in boxes.values()]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["code", "level", "parent_code"]),
        geometry=[shapely.Polygon(), shapely.Polygon(), *shapes],
        crs=EPSG,
    ).assign(name_zh="", name_en="", origin="given")[list(plan(1).columns)]
    prints = [box(WEST + x - 2, SOUTH + y - 2, WEST + x + 2, SOUTH + y + 2) for x, y in places]
    return GridPlan(
        derive_parents(smalls(frame), frame),
        SCHEME,
        district=shapely.union_all(shapes),
        buildings=buildings(prints),
        barriers=barriers(walls),
    )


def parted(done):
    return [fault for fault in done.faults if fault.rule is Rule.BARRIER]


def told(done):
    return [str(fault.text) for fault in parted(done)]


# --- each operation ------------------------------------------------------------------------------


def test_merge_across_a_wall():
    places, between = [(20, 10), (60, 10), (70, 10), (100, 10)], wall((40, -5), (40, 25))
    whole = scene(places, [between])
    done = merge(whole, (A, B))
    (fault,) = parted(done)
    assert fault.grave
    assert fault.codes == (A,)
    assert str(fault.text) == f"The wall w0 parts the buildings of {A}: 2 and 1."
    assert fault.size == pytest.approx(20, abs=0.2)
    assert (fault.place.x - WEST, fault.place.y - SOUTH) == pytest.approx((40, 10))
    assert str(fault.repair) == "Merge grids that lie on one side of it."
    assert parted(merge(whole, (B, C))) == []  # no wall there
    assert parted(merge(scene(places[1:], [between]), (A, B))) == []  # nobody on one side
    assert parted(merge(scene(places, [wall((40, 0), (40, 15))]), (A, B))) == []  # an open end


def test_retire_prefers_an_heir_that_no_wall_parts():
    whole = scene([(20, 10), (60, 10), (100, 10)], [wall((40, 0), (40, 20))])
    done = retire(whole, B)
    assert (done.retired, done.put["code"].tolist()) == ((B,), [C])
    assert done.faults == ()
    (fault,) = parted(retire(whole, B, to=A))
    assert str(fault.repair) == f"Let {C} be the heir: no barrier lies between."
    both = scene(
        [(20, 10), (60, 10), (100, 10)], [wall((40, 0), (40, 20)), wall((80, 0), (80, 20))]
    )
    (fault,) = parted(retire(both, B))
    assert str(fault.repair) == "Leave it: every neighbour lies beyond a barrier."
    assert parted(retire(both, B, to=C)) != []


def test_transfer_over_a_wall_and_where_to_instead():
    boxes = {**ROW, D: (0, 20, 40, 40)}
    places = [(30, 10), (10, 10), (60, 10), (20, 30)]
    whole = scene(places, [wall((40, 0), (40, 20))], boxes)
    (fault,) = parted(transfer(whole, "b00", B))
    assert str(fault.text) == f"The wall w0 parts the buildings of {B}: 1 and 1."
    assert str(fault.repair) == f"Transfer b00 to {D}: no barrier lies between."
    assert parted(transfer(whole, "b00", D)) == []
    walled = scene(places, [wall((40, 0), (40, 20)), wall((0, 20), (40, 20))], boxes)
    (fault,) = parted(transfer(walled, "b00", B))
    assert str(fault.repair) == (
        f"Leave b00 in {A}: no neighbour nearby can take it without a barrier in between."
    )


def test_a_border_drawn_beyond_a_wall_and_along_it():
    whole = scene([(10, 10), (24, 10), (60, 10)], [wall((28, 0), (28, 20))])
    assert told(move_border(whole, A, B, wall((20, -5), (20, 25)))) == [
        f"The wall w0 parts the buildings of {B}: 1 and 1."
    ]
    along = move_border(whole, A, B, wall((28, -5), (28, 25)))
    assert parted(along) == []
    assert parted(move_border(whole, A, B, wall((50, -5), (50, 25)))) == []  # nobody there


def test_split_where_a_wall_ends_inside():
    whole = scene([(10, 5), (30, 5), (30, 17), (60, 10)], [wall((20, 0), (20, 12))])
    (fault,) = parted(split(whole, A, wall((-5, 10), (45, 10))))
    assert str(fault.text) == f"The wall w0 parts the buildings of {A}: 1 and 1."
    assert fault.size == pytest.approx(10, abs=0.2)
    assert str(fault.repair) == "Draw the line along the barrier, or so that it keeps clear of it."
    assert parted(split(whole, A, wall((-5, 14), (45, 14)))) == []


def test_add_across_a_wall():
    whole = scene(
        [(60, 10), (90, 10), (110, 10)], [wall((100, 0), (100, 20))], {A: ROW[A], B: ROW[B]}
    )
    whole = GridPlan(
        whole.grids, SCHEME, district=box(WEST, SOUTH, WEST + 120, SOUTH + 20),
        buildings=whole.buildings, barriers=whole.barriers,
    )  # fmt: skip
    outline = box(WEST + 80, SOUTH, WEST + 120, SOUTH + 20)
    done = add(whole, outline, MEDIUM)
    (fault,) = parted(done)
    assert fault.codes == done.given
    assert str(fault.repair) == "Draw the outline along the barrier, with a grid on each side."
    half = box(WEST + 80, SOUTH, WEST + 100, SOUTH + 20)
    assert parted(add(whole, half, MEDIUM)) == []


# --- what was so before --------------------------------------------------------------------------

GIVEN = [(10, 10), (18, 10), (30, 10), (60, 5), (60, 15), (100, 10)]
"""A has two buildings west of its wall at x = 24, and one east of it: so it was given."""


def test_what_was_so_before_does_not_count():
    whole = scene(GIVEN, [wall((24, 0), (24, 20))])
    assert [f.rule for f in check_grids(whole.grids, buildings=whole.buildings,
                                        barriers=whole.barriers)] == [Rule.BARRIER]  # fmt: skip
    assert parted(merge(whole, (B, C))) == []  # elsewhere
    assert parted(split(whole, A, wall((14, -5), (14, 25)))) == []  # of two and one, one and one
    assert parted(transfer(whole, "b02", B)) == []  # it ends the fault


def test_more_buildings_behind_a_wall_than_before_do_count():
    whole = scene(GIVEN, [wall((24, 0), (24, 20))])
    assert told(transfer(whole, "b03", A)) == [f"The wall w0 parts the buildings of {A}: 2 and 2."]
    assert told(merge(whole, (A, B))) == [f"The wall w0 parts the buildings of {A}: 3 and 2."]
    boxes = {A: ROW[A], B: ROW[B], D: (0, 20, 24, 40)}
    near = scene([*GIVEN[:5], (12, 30)], [wall((24, 0), (24, 40))], boxes)
    assert parted(merge(near, (A, D))) == []  # on the side where most of A is
    assert parted(transfer(scene([*GIVEN[:5], (6, 30), (18, 30)], [wall((24, 0), (24, 40))], boxes),
                           "b05", A)) == []  # fmt: skip


def test_another_wall_counts_where_one_was_crossed_before():
    walls = [wall((24, 0), (24, 20)), wall((40, 0), (40, 20))]
    whole = scene(GIVEN, walls)
    assert told(merge(whole, (A, B))) == [
        f"2 barriers part the buildings of {A}: 2, 2 and 1. They are wall w0 and wall w1."
    ]


def test_a_building_that_was_parted_and_is_parted_from_others_counts():
    walls = [wall((24, 0), (24, 20)), wall((40, 0), (40, 20))]
    assert told(transfer(scene(GIVEN, walls), "b02", B)) == [
        f"The wall w1 parts the buildings of {B}: 2 and 1."
    ]


def test_a_river_with_a_name_and_a_building_that_stands_on_it():
    whole = scene([(20, 10), (60, 10), (39, 18)], [wall((40, 0), (40, 20)).buffer(2)])
    river = whole.barriers.assign(kind="river", name="小清河")
    named = GridPlan(whole.grids, SCHEME, buildings=whole.buildings, barriers=river)
    (fault,) = parted(merge(named, (A, B)))
    assert str(fault.text) == f"The water of 小清河 parts the buildings of {A}: 2 and 1."


# --- numbering, and the whole --------------------------------------------------------------------


def test_numbers_out_of_order_are_advice():
    whole = scene([(10, 10), (30, 10), (90, 10)], [])
    (fault,) = split(whole, A, wall((20, -5), (20, 25))).faults
    assert (fault.rule, fault.grave, fault.size) == (Rule.ORDER, False, 1)
    assert split(whole, C, wall((100, -5), (100, 25))).faults == ()


def test_what_can_never_be_stored_is_still_refused_at_once():
    with pytest.raises(ConflictError, match="Building b00 would be cut"):
        split(scene([(20, 10)], [wall((20, 0), (20, 20))]), A, wall((20, -5), (20, 25)))


@pytest.mark.parametrize(
    ("east", "change"), [(110, "m2 of ground would be lost"), (130, "m2 of ground would be added")]
)
def test_an_edit_that_does_not_say_so_changes_no_ground(east, change):
    whole = scene([(20, 10)], [])
    drawn = {C: box(WEST + 80, SOUTH, WEST + east, SOUTH + 20)}
    with pytest.raises(ConflictError, match=f"200.00 {change}"):
        preview(whole, ProposedEdit(drawn))
    if east > 120:
        done = preview(whole, ProposedEdit(drawn, grows=True))
        assert done.grids.set_index("code").area[C] == pytest.approx(1_000)


def test_ground_may_differ_by_the_rounding_of_a_border():
    whole = scene([(20, 10)], [])
    slack_m2 = SAME_M * np.sqrt(ROW[C][2] * ROW[C][3])  # of the whole row, 120 m x 20 m
    for share, refused in [(-1.2, True), (-0.8, False), (0.8, False), (1.2, True)]:
        east = WEST + 120 + share * slack_m2 / 20
        draft = ProposedEdit({C: box(WEST + 80, SOUTH, east, SOUTH + 20)})
        if refused:
            with pytest.raises(ConflictError, match="m2 of ground would be"):
                preview(whole, draft)
        else:
            assert preview(whole, draft).put["code"].tolist() == [C]


@examples(10)
@given(seeds, st.integers(1, 6))
def test_in_a_plan_without_faults_an_edit_tells_what_the_check_finds_after_it(seed, count):
    grids = plan(seed)
    rng = np.random.default_rng(seed)
    along = shapely.boundary(smalls(grids).geometry.to_numpy())
    ends = rng.uniform(0, SIDE_M, (count, 2, 2)) + np.array([WEST, SOUTH])
    walls = barriers([*along[rng.permutation(16)[:6]], *shapely.linestrings(ends)])
    town = homes(grids)
    checked = {"district": DISTRICT, "buildings": town, "barriers": walls, "scheme": SCHEME}
    assume(not [f for f in check_grids(grids, **checked) if f.grave])
    codes, _ = border(grids, seed)
    whole = GridPlan(grids, SCHEME, district=DISTRICT, buildings=town, barriers=walls)
    done = merge(whole, codes)
    found = [f for f in check_grids(done.grids, **checked) if f.grave]
    assert [(f.codes, f.text, f.size) for f in parted(done)] == [
        (f.codes, f.text, f.size) for f in found
    ]
