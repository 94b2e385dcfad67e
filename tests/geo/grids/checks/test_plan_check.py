"""Checking a grid plan: a clean one has no faults, and one fault put in is named, alone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from geo.errors import CrsError
from geo.geometry.polygon_coverage import SLIVER_M, wide_parts
from geo.grids.checks.faults import Rule, faults_frame
from geo.grids.checks.plan_check import check_grids
from geo.grids.hierarchy import derive_parents
from tests.plans import (
    DISTRICT,
    EPSG,
    SCHEME,
    SIDE_M,
    barriers,
    buildings,
    homes,
    plan,
    smalls,
    with_shape,
)

seeds = st.integers(0, 2**32 - 1)
widths = st.floats(0.01, 3.0)
quick = settings(deadline=None, max_examples=12)


def check(grids, **more):
    return check_grids(grids, district=DISTRICT, scheme=SCHEME, **more)


def grave(grids, **more):
    """Return faults without advice: a border that moves may well change the order of reading."""
    return [fault for fault in check(grids, **more) if fault.grave]


def named(faults):
    return [(str(fault.rule), fault.codes) for fault in faults]


def border(grids, seed, *, length=20.0):
    """Return the codes of two small grids with a long border, and the middle third of it."""
    small = smalls(grids)
    shapes = small.geometry.to_numpy()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="touches")
    line = shapely.line_merge(shapely.intersection(shapes[one], shapes[two]))
    fit = np.flatnonzero((one < two) & (shapely.length(line) > length))
    if not len(fit):
        assume(False)  # noqa: FBT003
    pick = fit[seed % len(fit)]
    a, b = (line[pick].interpolate(share, normalized=True) for share in (1 / 3, 2 / 3))
    return tuple(small["code"].iloc[[one[pick], two[pick]]]), LineString([a, b])


def narrow(piece):
    """Return the rule of slivers if a piece is one."""
    return None if wide_parts(piece, SLIVER_M) else Rule.SLIVER


def shape_of(grids, code):
    return grids.set_index("code").geometry[code]


@quick
@given(seeds, st.integers(2, 40))
def test_a_clean_plan_has_no_faults(seed, count):
    grids = plan(seed, count)
    home = homes(grids)
    walls = barriers(list(shapely.boundary(smalls(grids).geometry.to_numpy())))
    assert check(grids, buildings=home, barriers=walls) == []


@quick
@given(seeds, widths)
def test_an_overlap(seed, width):
    grids = plan(seed)
    codes, line = border(grids, seed)
    one = shape_of(grids, codes[0])
    piece = line.buffer(width, cap_style="flat").difference(one)
    (fault,) = grave(with_shape(grids, codes[0], one.union(piece)))
    assert (fault.rule, fault.codes) == (narrow(piece) or Rule.OVERLAP, codes)
    assert fault.size == pytest.approx(line.length * width, rel=0.01)
    assert shapely.dwithin(fault.place, piece, 1e-6)


@quick
@given(seeds, widths)
def test_a_gap(seed, width):
    grids = plan(seed)
    codes, line = border(grids, seed)
    one = shape_of(grids, codes[0])
    piece = line.buffer(width, cap_style="flat").intersection(one)
    (fault,) = grave(with_shape(grids, codes[0], one.difference(piece)))
    assert (fault.rule, fault.codes) == (narrow(piece) or Rule.GAP, codes)
    assert fault.size == pytest.approx(piece.area, rel=0.01)
    assert shapely.dwithin(fault.place, piece, 1e-6)


@quick
@given(seeds)
def test_a_missing_grid_that_geos_does_not_see(seed):
    grids = plan(seed)
    small = smalls(grids)
    row = seed % len(small)
    left = small.drop(index=row)
    holed = derive_parents(left, grids)
    gone, shape = small["code"].iloc[row], small.geometry.iloc[row]
    assert shapely.coverage_is_valid(left.geometry.to_numpy())
    for case in (
        holed,
        grids[grids["code"] != gone],
    ):  # parents derived anew, and left as they were
        (fault,) = grave(case)
        assert fault.rule is Rule.GAP
        assert fault.size == pytest.approx(shape.area)
        assert shape.covers(fault.place)
        shared = shapely.length(shapely.intersection(left.geometry.to_numpy(), shape))
        assert fault.codes == tuple(left["code"][shared > 0.01])


@quick
@given(seeds)
def test_without_a_district_only_enclosed_holes_are_gaps(seed):
    grids = plan(seed)
    small = smalls(grids)
    inner = ~shapely.intersects(small.geometry.to_numpy(), DISTRICT.exterior)
    assume(inner.any())
    for rows, wanted in ((inner, ["gap"]), (~inner, [])):
        gone = small["code"][rows].iloc[0]
        holed = derive_parents(small[small["code"] != gone], grids)
        faults = check_grids(holed, scheme=SCHEME)
        assert [str(f.rule) for f in faults if f.grave] == wanted


@quick
@given(seeds, widths)
def test_outside(seed, width):
    grids = plan(seed)
    small = smalls(grids)
    touch = shapely.intersection(small.geometry.to_numpy(), DISTRICT.exterior)
    row = int(np.argmax(shapely.length(touch)))
    middle = shapely.line_merge(touch[row]).interpolate(0.5, normalized=True)
    piece = middle.buffer(width).difference(DISTRICT)
    code = small["code"].iloc[row]
    wider = small.geometry.iloc[row].union(piece)
    found = grave(with_shape(grids, code, wider))
    assert named(found) == [("outside", (code,))]
    assert found[0].size == pytest.approx(piece.area, rel=1e-4)


@quick
@given(seeds)
def test_borders_with_other_vertices(seed):
    grids = plan(seed)
    codes, line = border(grids, seed)
    one = shape_of(grids, codes[0])
    more = shapely.snap(one, line.interpolate(0.5, normalized=True), 1e-6)
    assume(shapely.get_num_coordinates(more) > shapely.get_num_coordinates(one))
    (fault,) = grave(with_shape(grids, codes[0], more))
    assert (fault.rule, fault.codes) == (Rule.MATCHED, codes)
    assert fault.size == pytest.approx(3 * line.length, abs=0.02)


@quick
@given(seeds, widths)
def test_a_parent_that_is_not_the_union_of_its_children(seed, width):
    grids = plan(seed)
    rows = grids[grids["level"] == ("medium", "large")[seed % 2]]
    code = rows["code"].iloc[seed % len(rows)]
    shape = shape_of(grids, code)
    corner = shape.boundary.interpolate(0.3, normalized=True)
    piece = corner.buffer(width).intersection(shape)
    (fault,) = grave(with_shape(grids, code, shape.difference(piece)))
    assert (fault.rule, fault.codes[0]) == (Rule.NESTED, code)
    assert fault.size == pytest.approx(piece.area, rel=0.01)


@quick
@given(seeds)
def test_a_building_across_a_border(seed):
    grids = plan(seed)
    codes, line = border(grids, seed)
    middle = line.interpolate(0.5, normalized=True)
    wall = homes(grids)
    other = buildings([*wall.geometry, middle.buffer(3), middle])  # a point is never cut
    (fault,) = check(grids, buildings=other)
    assert (fault.rule, fault.codes) == (Rule.BUILDING, codes)
    assert f"b{len(wall):02d}" in str(fault.text)
    assert fault.subject == f"b{len(wall):02d}"
    assert fault.size == pytest.approx(np.pi * 9 / 2, rel=0.02)
    assert check(grids, buildings=buildings([shape_of(grids, codes[0]).buffer(0.05)])) == []


@quick
@given(seeds)
def test_a_barrier_between_buildings_of_one_grid(seed):
    grids = plan(seed)
    small = smalls(grids)
    row = int(np.argmax(small.area))
    code, shape = small["code"].iloc[row], small.geometry.iloc[row]
    centre = shape.centroid
    wall = LineString([(centre.x, centre.y - 900), (centre.x, centre.y + 900)])
    inside = shapely.intersection(wall, shape)
    sides = [
        centre.buffer(1).centroid,
        *(shapely.affinity.translate(centre, d, 0) for d in (-5, 5)),
    ]
    west, east = (shapely.Point(p.x, p.y).buffer(1) for p in sides[1:])
    assert named(check(grids, buildings=buildings([west, east]), barriers=barriers([inside]))) == [
        ("barrier", (code,))
    ]
    (fault,) = check(grids, buildings=buildings([west, east]), barriers=barriers([wall]))
    assert fault.codes == (code,)
    assert fault.size == pytest.approx(inside.length, abs=0.5)
    # A wall with nobody on one side, or with an open end, parts nobody.
    assert check(grids, buildings=buildings([west]), barriers=barriers([wall])) == []
    stub = LineString([centre, wall.coords[0]])
    assert check(grids, buildings=buildings([west, east]), barriers=barriers([stub])) == []


@quick
@given(seeds)
def test_codes(seed):
    grids = plan(seed)
    small = smalls(grids)
    row = grids.index[grids["code"] == small["code"].iloc[seed % len(small)]][0]
    code = grids["code"][row]

    def given(**values):
        changed = grids.copy()
        for column, value in values.items():
            changed.loc[row, column] = value
        return grave(changed)

    assert named(given(code=code[:-2] + "00")) == [("code", (code[:-2] + "00",))]
    assume((grids["parent_code"] == code[:13]).sum() > 1)  # or a medium is left without children
    other = next(c for c in grids["code"][grids["level"] == "medium"] if not code.startswith(c))
    for wrong in (other, code[:12] + "9"):
        (fault,) = given(parent_code=wrong)
        assert (fault.rule, fault.codes) == (Rule.PARENT, (code,))
        assert str(fault.repair) == f"Put it under {code[:13]}."
    twin = next(c for c in small["code"] if c != code and c[:13] == code[:13])
    assert named(given(code=twin)) == [("code", (twin,))]
    (again,) = check(grids, retired=[code])
    assert (again.rule, again.codes, again.unit) == (Rule.RETIRED, (code,), "count")
    assert grids.set_index("code").geometry[code].contains(again.place)
    assert named(f for f in check_grids(grids.replace({"code": {code: "x"}})) if f.grave) == [
        ("code", ("x",))
    ]


@quick
@given(seeds)
def test_order(seed):
    grids = plan(seed)
    family = smalls(grids).groupby("parent_code")["code"].apply(list)
    codes = family.iloc[seed % len(family)]
    assume(len(codes) > 3)
    first, last = codes[0], codes[-1]
    swapped = grids.assign(code=grids["code"].replace({first: last, last: first}))
    (fault,) = check(swapped)
    assert (fault.rule, fault.codes, fault.size, fault.unit) == (
        Rule.ORDER, (first, last), 2.0, "count",
    )  # fmt: skip
    assert not fault.grave
    assert fault.subject == family.index[seed % len(family)]


@quick
@given(seeds)
def test_an_invalid_polygon(seed):
    grids = plan(seed)
    small = smalls(grids)
    code, shape = small.iloc[seed % len(small)][["code", "geometry"]]
    at = list(shape.exterior.coords)
    middle = shape.centroid.coords[0]
    spike = Polygon([*at[:-1], at[0], middle, at[0]])  # there and back: the same ground
    changed = grids.copy()
    row = changed.index[changed["code"] == code][0]
    changed.loc[[row], "geometry"] = gpd.GeoSeries([spike], index=[row], crs=EPSG)
    (fault,) = check(changed)
    assert (fault.rule, fault.codes, fault.unit) == (Rule.VALID, (code,), "count")
    changed.loc[[row], "geometry"] = gpd.GeoSeries([Polygon()], index=[row], crs=EPSG)
    assert [str(fault.rule) for fault in grave(changed)] == ["collapsed", "gap"]


def test_two_faults_are_two():
    grids = plan(3)
    small = smalls(grids)
    far = [small["code"].iloc[0], small["code"].iloc[-1]]
    left = derive_parents(small[~small["code"].isin(far)], grids)
    assert [str(f.rule) for f in grave(left)] == ["gap", "gap"]


def test_a_layer_of_faults():
    grids = plan(3)
    found = check(grids[grids["code"] != smalls(grids)["code"].iloc[0]])
    frame = faults_frame(found, grids.crs)
    assert frame.columns.tolist() == [
        "rule", "codes", "size", "unit", "grave", "text", "repair", "geometry",
    ]  # fmt: skip
    assert frame.crs.to_epsg() == EPSG
    assert frame["rule"].iloc[0] == "gap"
    assert len(faults_frame([], grids.crs)) == 0


def test_degrees_are_refused_and_nothing_is_a_gap():
    grids = plan(3)
    with pytest.raises(CrsError, match="metric"):
        check_grids(grids.to_crs(4326))
    (fault,) = check_grids(grids.iloc[:0], district=DISTRICT)
    assert (fault.rule, fault.codes, fault.size) == (Rule.GAP, (), SIDE_M**2)
    assert str(fault.text) == "160000.00 m2 of the district lie in no grid."
    assert check_grids(grids.iloc[:0]) == []


def test_levels_may_be_missing():
    small = smalls(plan(3)).assign(parent_code=None)
    assert [f for f in check_grids(small, district=DISTRICT) if f.rule is not Rule.PARENT] == []
    lone = gpd.GeoDataFrame(
        {"code": ["1"], "level": "large", "parent_code": None}, geometry=[box(0, 0, 1, 1)], crs=EPSG
    )
    assert check_grids(lone, district=box(0, 0, 1, 1)) == []


def test_parents_are_the_union_of_their_children():
    grids = plan(5)
    again = derive_parents(smalls(grids), grids)
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(grids))
    total = grids.groupby("level").apply(lambda rows: rows.area.sum())
    assert total.to_dict() == pytest.approx(dict.fromkeys(["large", "medium", "small"], 160_000.0))
