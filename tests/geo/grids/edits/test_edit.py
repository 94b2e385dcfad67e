"""Edits of a plan: seamless after every one, codes kept, lineage and effect told, or refused."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from geo.errors import ConflictError, InputError, NotFoundError
from geo.geometry.stored_precision import to_degrees
from geo.grids.checks.plan_check import check_grids
from geo.grids.edits.edit import add, merge, move_border, retire, split
from geo.grids.edits.preview import GridPlan
from geo.grids.edits.transfer import transfer
from geo.grids.hierarchy import derive_parents
from geo.grids.succession import succession_frame
from tests.examples import examples
from tests.geo.grids.checks.test_plan_check import border, shape_of
from tests.plans import DISTRICT, EPSG, SCHEME, SOUTH, WEST, buildings, homes, plan, smalls

seeds = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=8)


def planned(grids, **more):
    return GridPlan(grids, SCHEME, district=DISTRICT, **more)


def faults(grids):
    return [f for f in check_grids(grids, district=DISTRICT, scheme=SCHEME) if f.grave]


def sound(before, done):
    """Check what is true after every edit."""
    assert faults(done.grids) == []
    assert set(done.given) == set(done.grids["code"]) - set(before["code"])
    assert set(done.retired) == set(before["code"]) - set(done.grids["code"])
    assert smalls(done.grids).area.sum() == pytest.approx(DISTRICT.area)
    # What is not to be stored anew is exactly what it was.
    same = done.grids[~done.grids["code"].isin(done.put["code"])]
    old = before.set_index("code").geometry
    assert all(old[c].equals_exact(g, 0) for c, g in zip(same["code"], same.geometry, strict=True))
    if "households_before" in done.effect:
        sums = done.effect[["households_before", "households_after"]].sum()
        assert sums.iloc[0] == sums.iloc[1]


def across(shape):
    """Return a line through the middle of a shape, a little longer than it."""
    west, _, east, _ = shape.bounds
    centre = shape.representative_point()
    return LineString([(west - 5, centre.y - 3), (centre.x, centre.y), (east + 5, centre.y + 3)])


@pytest.mark.parametrize(
    ("rule", "named"),
    [("{name}-{n}", "一号院-2"), ("{name}（{n}）", "一号院（2）"), ("{code}", None)],
)
def test_new_parts_are_named_by_the_rule(rule, named):
    grids = plan(1)
    row = smalls(grids).iloc[3]
    grids = grids.assign(name_zh=grids["name_zh"].where(grids["code"] != row.code, "一号院"))
    done = split(planned(grids), row.code, across(row.geometry), names=rule)
    new = done.grids.set_index("code").loc[done.given[0]]
    assert new.name_zh == (named or done.given[0])
    kept = done.grids.set_index("code").loc[row.code]
    assert kept.name_zh == "一号院"


@pytest.mark.parametrize(
    "rule", ["", "x", "{name", "{name}{place}", "{0}", "{name.real}", "{n:99}"]
)
def test_a_rule_that_names_nothing_is_refused(rule):
    grids = plan(1)
    row = smalls(grids).iloc[3]
    with pytest.raises(InputError, match="rule"):
        split(planned(grids), row.code, across(row.geometry), names=rule)


@quick
@given(seeds)
def test_split(seed):
    grids = plan(seed)
    row = smalls(grids).iloc[seed % 16]
    home = homes(grids)
    done = split(planned(grids, buildings=buildings([row.geometry.centroid.buffer(0.1)])[:0]),
                 row.code, across(row.geometry))  # fmt: skip
    sound(grids, done)
    assert row.code in done.grids["code"].tolist()
    assert all(code.startswith(row.parent_code) for code in done.given)
    assert len(done.given) >= 1
    assert set(done.lineage["kind"]) == {"split"}
    assert set(done.lineage["new_code"]) <= set(done.given)
    kept = done.effect[done.effect["code"] == row.code].iloc[0]
    assert kept.area_m2_before == pytest.approx(done.effect["area_m2_after"].sum())
    assert len(home) == 16


@quick
@given(seeds)
def test_merge_and_retire(seed):
    grids = plan(seed)
    codes, _ = border(grids, seed)
    town = homes(grids)
    done = merge(planned(grids, buildings=town), codes, into=codes[1])
    sound(grids, done)
    assert codes[0] in done.retired
    assert done.given == ()
    row = done.lineage[done.lineage["old_code"] == codes[0]].iloc[0]
    assert (row.kind, row.new_code, row.share) == ("merge", codes[1], pytest.approx(1))
    effect = done.effect.set_index("code")
    one, other = (town["households"][smalls(grids)["code"] == code].item() for code in codes)
    both = ["households_before", "households_after"]
    assert effect.loc[codes[1], both].tolist() == [other, one + other]
    assert effect.loc[codes[0], both].tolist() == [one, 0]
    again = retire(planned(grids), codes[0], to=codes[1])
    pd.testing.assert_frame_equal(pd.DataFrame(again.grids), pd.DataFrame(done.grids))


@quick
@given(seeds, st.floats(-6, 6))
def test_a_border_that_moves(seed, by):
    grids = plan(seed)
    codes, _ = border(grids, seed, length=40)
    one, two = (shape_of(grids, code) for code in codes)
    whole = shapely.line_merge(shapely.intersection(one, two))
    assume(whole.geom_type == "LineString")
    (x0, y0), (x1, y1) = whole.coords[0], whole.coords[-1]
    ux, uy = (x1 - x0) / whole.length, (y1 - y0) / whole.length
    far = [
        (x0 - 90 * ux - by * uy, y0 - 90 * uy + by * ux),
        (x1 + 90 * ux - by * uy, y1 + 90 * uy + by * ux),
    ]
    try:
        done = move_border(planned(grids), *codes, LineString(far))
    except (ConflictError, InputError):
        assume(False)  # noqa: FBT003 - as hypothesis has it
    sound(grids, done)
    assert done.given == done.retired == ()
    assert {"split", "merge"}.isdisjoint(done.lineage["kind"])


@quick
@given(seeds)
def test_a_building_changes_hands(seed):
    grids = plan(seed)
    codes, line = border(grids, seed)
    one = shape_of(grids, codes[0])
    middle = line.interpolate(0.5, normalized=True)
    inward = shapely.shortest_line(one.centroid, middle)
    near = inward.interpolate(inward.length - 2.5).buffer(1)
    far = inward.interpolate(inward.length * 0.2).buffer(1)
    assume(one.contains(near) and one.contains(far) and not near.intersects(far))
    others = [g.centroid.buffer(0.5) for c, g in zip(grids["code"], grids.geometry, strict=True)
              if len(c) == 15 and c != codes[0]]  # fmt: skip
    town = buildings([near, far, *others], households=[8, 16, *[1] * len(others)])
    whole = planned(grids, buildings=town, covered=town["households"] / 2)
    done = transfer(whole, "b00", codes[1])
    sound(grids, done)
    effect = done.effect.set_index("code")
    assert effect.loc[codes[0], "households_after"] == effect.loc[codes[0], "households_before"] - 8
    assert effect.loc[codes[1], "households_after"] == effect.loc[codes[1], "households_before"] + 8
    assert effect.loc[codes[1], "covered_after"] == effect.loc[codes[1], "households_after"] / 2
    assert shape_of(done.grids, codes[1]).contains(near)


@quick
@given(seeds)
def test_a_grid_where_one_is_missing(seed):
    grids = plan(seed)
    row = smalls(grids).iloc[seed % 16]
    siblings = (smalls(grids)["parent_code"] == row.parent_code).sum()
    assume(siblings > 1)
    kept = smalls(grids)
    kept = kept[kept["code"] != row.code]
    holed = derive_parents(kept, grids)
    drawn = row.geometry.simplify(0.5).buffer(0.2, join_style="mitre")  # by hand, not quite right
    done = add(GridPlan(holed, SCHEME, frozenset({row.code}), DISTRICT), drawn, row.parent_code)
    sound(holed, done)
    (code,) = done.given
    assert code != row.code
    assert shape_of(done.grids, code).symmetric_difference(row.geometry).area < 0.01


def test_which_part_keeps_the_code():
    grids = plan(1)
    row = smalls(grids).iloc[5]
    west, south, east, north = row.geometry.bounds
    x = row.geometry.centroid.x
    line = LineString([(x, south - 1), (x, north + 1)])
    left, right = (row.geometry.intersection(box(*b)) for b in
                   ((west, south, x, north), (x, south, east, north)))  # fmt: skip
    for part in (left, right):
        town = buildings([part.centroid.buffer(0.5)])
        done = split(planned(grids, buildings=town), row.code, line)
        assert shape_of(done.grids, row.code).equals(part) or (
            shape_of(done.grids, row.code).symmetric_difference(part).area < 1e-6
        )
    with pytest.raises(ConflictError, match="Building b00 would be cut"):
        split(
            planned(grids, buildings=buildings([row.geometry.centroid.buffer(2)])), row.code, line
        )


def test_a_line_that_ends_a_little_short_is_drawn_on():
    grids = plan(1)
    row = smalls(grids).iloc[5]
    line = shapely.intersection(across(row.geometry), row.geometry.buffer(-2))
    assert len(split(planned(grids), row.code, line).given) == 1
    short = shapely.intersection(across(row.geometry), row.geometry.buffer(-12))
    with pytest.raises(InputError, match="does not cut"):
        split(planned(grids), row.code, short)


def test_codes_are_never_used_again():
    grids = plan(1)
    row = smalls(grids).iloc[5]
    taken = row.parent_code + "95"
    free = split(GridPlan(grids, SCHEME, frozenset({taken})), row.code, across(row.geometry)).given
    assert free == (row.parent_code + "96",)
    with pytest.raises(ConflictError, match="never used"):
        split(
            GridPlan(grids, SCHEME, frozenset({taken})),
            row.code,
            across(row.geometry),
            codes=(taken,),
        )
    with pytest.raises(InputError, match="follow no scheme"):
        split(GridPlan(grids, None), row.code, across(row.geometry))
    own = row.parent_code + "-new"
    assert split(GridPlan(grids, None), row.code, across(row.geometry), codes=(own,)).given == (
        own,
    )
    with pytest.raises(InputError, match="different codes under"):
        split(GridPlan(grids, SCHEME), row.code, across(row.geometry), codes=("7",))


def test_a_medium_that_loses_its_last_grid_is_retired():
    grids = plan(3, 3)
    small = smalls(grids)
    alone = small.groupby("parent_code")["code"].filter(lambda c: len(c) == 1)
    assert len(alone)
    shapes = small.geometry.to_numpy()
    row = small.index[small["code"] == alone.iloc[0]][0]
    other = next(
        k
        for k in range(3)
        if k != row and shapes[k].boundary.intersection(shapes[row].boundary).length > 1
    )
    done = retire(planned(grids), alone.iloc[0], to=small["code"].iloc[other])
    sound(grids, done)
    assert small["parent_code"].iloc[row] in done.retired
    kinds = Counter(done.lineage["level"])
    assert kinds["small"] == 1
    assert kinds["medium"] == 1


# --- transfer: two grids side by side, 40 m x 20 m each, the border at x = 40 ---------------------

WEST_CODE, EAST_CODE = "371602001001101", "371602001001102"


def side_by_side(*places, spare=(70, 10)):
    """Return a plan with buildings of 6 m x 4 m at places in the west, and one in the east."""
    small = plan(1).iloc[:0]
    large, medium = "371602001001", "3716020010011"
    rows = [(large, "large", None), (medium, "medium", large)]
    rows += [(code, "small", medium) for code in (WEST_CODE, EAST_CODE)]
    x, y = WEST, SOUTH
    shapes = [Polygon(), Polygon(), box(x, y, x + 40, y + 20), box(x + 40, y, x + 80, y + 20)]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["code", "level", "parent_code"]), geometry=shapes, crs=EPSG
    ).assign(name_zh="", name_en="", origin="given")[list(small.columns)]
    grids = derive_parents(frame[frame["level"] == "small"], frame)
    prints = [box(x + a - 3, y + b - 2, x + a + 3, y + b + 2) for a, b in (*places, spare)]
    return GridPlan(grids, SCHEME, district=box(x, y, x + 80, y + 20), buildings=buildings(prints))


def moved(whole, done):
    """Return the buildings in the east, when both grids are one piece and nothing is at fault."""
    checked = {"district": whole.district, "buildings": whole.buildings, "scheme": SCHEME}
    assert [f for f in check_grids(done.grids, **checked) if f.grave] == []
    assert {g.geom_type for g in done.grids.geometry} == {"Polygon"}
    east = shape_of(done.grids, EAST_CODE)
    inside = whole.buildings.geometry.representative_point().within(east)
    return whole.buildings["building_id"][inside].tolist()


def test_a_building_behind_another_gets_a_passage():
    whole = side_by_side((10, 10), (30, 10))
    done = transfer(whole, "b00", EAST_CODE)
    assert moved(whole, done) == ["b00", "b02"]
    given = done.effect.set_index("code").loc[EAST_CODE]
    assert 100 < given.area_m2_after - given.area_m2_before < 500


def test_buildings_wall_to_wall_are_parted_along_the_wall():
    whole = side_by_side((31, 10), (37, 10), (5, 10))
    done = transfer(whole, "b01", EAST_CODE)
    assert moved(whole, done) == ["b01", "b03"]


def test_less_ground_goes_along_where_the_rest_would_fall_apart():
    whole = side_by_side((36, 16), (36, 10), (36, 4))  # the middle one of a row
    done = transfer(whole, "b01", EAST_CODE)
    assert moved(whole, done) == ["b01", "b03"]


def test_the_way_is_not_always_the_shortest():
    whole = side_by_side((8, 15), (8, 5), (37, 14), (37, 4))  # through the middle it would part
    done = transfer(whole, "b00", EAST_CODE)
    assert moved(whole, done) == ["b00", "b04"]


def test_what_would_do_is_said_and_does():
    whole = side_by_side((5, 10), (20, 10), (35, 17), (35, 13), (35, 9), (35, 5), (35, 3), (35, 1))
    with pytest.raises(ConflictError, match="would fall apart") as refused:
        transfer(whole, "b01", EAST_CODE)
    along = str(refused.value).split("transfer ")[1].split(" along")[0].split(", ")
    done = transfer(whole, "b01", EAST_CODE, along=tuple(along))
    assert moved(whole, done) == sorted(["b01", *along, "b08"])


def test_all_buildings_of_a_grid_are_a_merge():
    whole = side_by_side((10, 10), (30, 10))
    with pytest.raises(ConflictError, match=f"Nothing would be left of {WEST_CODE}; merge it"):
        transfer(whole, "b00", EAST_CODE, along=("b01",))
    with pytest.raises(InputError, match=f"b02 lies in {EAST_CODE}, and b00 in {WEST_CODE}"):
        transfer(whole, "b00", EAST_CODE, along=("b02",))


@examples(10)
@given(seeds, st.integers(2, 7))
def test_a_building_of_many_goes_over_or_it_is_said_what_would_do(seed, count):
    rng = np.random.default_rng(seed)
    free = [(a, b) for a in range(4, 38, 7) for b in range(3, 19, 5)]
    whole = side_by_side(*(free[k] for k in rng.permutation(len(free))[:count]))
    try:
        done = transfer(whole, "b00", EAST_CODE)
    except ConflictError as error:
        assert "would fall apart" in str(error)  # noqa: PT017 - both are answers
        return
    assert moved(whole, done) == ["b00", f"b{count:02d}"]


def test_refusals_are_one_sentence_about_what_was_asked():
    grids = plan(2)
    small = smalls(grids)
    first = small["code"].iloc[0]
    apart = next(
        code
        for code, shape in zip(small["code"], small.geometry, strict=True)
        if shape.disjoint(small.geometry.iloc[0])
    )
    whole = planned(grids, buildings=homes(grids))
    with pytest.raises(NotFoundError, match="no grid nowhere"):
        merge(whole, ("nowhere", first))
    with pytest.raises(InputError, match="consists of other grids"):
        split(whole, first[:13], LineString([(0, 0), (1, 1)]))
    with pytest.raises(InputError, match="two grids or more"):
        merge(whole, (first, first))
    with pytest.raises(ConflictError, match="share no border"):
        merge(whole, (first, apart))
    with pytest.raises(InputError, match="share no border"):
        move_border(whole, first, apart, LineString([(0, 0), (1, 1)]))
    with pytest.raises(NotFoundError, match="no building b99"):
        transfer(whole, "b99", first)
    with pytest.raises(InputError, match="lies in"):
        transfer(whole, "b00", first)
    codes, _ = border(grids, 2)
    at = small.index[small["code"] == codes[0]][0]
    with pytest.raises(ConflictError, match="Nothing would be left"):
        transfer(whole, f"b{at:02d}", codes[1])
    with pytest.raises(ConflictError, match="would overlap"):
        add(whole, small.geometry.iloc[0], first[:13])
    with pytest.raises(NotFoundError, match="large or medium"):
        add(whole, small.geometry.iloc[0], first)
    with pytest.raises(InputError, match="one valid polygon"):
        add(whole, Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), first[:13])


def test_descent_between_two_plans():
    grids = plan(2)
    codes, _ = border(grids, 2)
    done = merge(planned(grids), codes)
    pd.testing.assert_frame_equal(succession_frame(grids, done.grids), done.lineage)
    assert len(succession_frame(grids, grids)) == 0


@quick
@given(seeds)
def test_back_in_degrees_everything_still_matches(seed):
    grids = plan(seed)
    stored = grids.to_crs(4326)
    metric = stored.to_crs(EPSG)
    row = smalls(metric).iloc[seed % 16]
    done = split(GridPlan(metric, SCHEME), row.code, across(row.geometry))
    back = to_degrees(done.put, metric=metric, stored=stored)
    kept = stored[~stored["code"].isin([*back["code"], *done.retired])]
    again = pd.concat([kept, back], ignore_index=True)
    assert np.isin(
        shapely.get_coordinates(stored.geometry.array),
        shapely.get_coordinates(again.geometry.array),
    ).all()
    assert faults(again.to_crs(EPSG)) == []
    assert DISTRICT.bounds[:2] == (WEST, SOUTH)
