"""Drawn grids: known lattices; nested, seamless and deterministic on whatever streets there are."""

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from geo.crs import project_geometry
from geo.errors import CrsError, InputError
from geo.geometry.merge_regions import Target, merge
from geo.geometry.polygonize import cut
from geo.grids.assign import members
from geo.grids.codes import is_valid, parent_of, scheme_of
from geo.model.layers import Layers, conform_layer, empty_layer
from geo.model.vocabulary import Level
from geo.partition.street_blocks import draw_grids
from tests.examples import examples
from tests.shared import SHARED, needs_shared

EPSG = 4548
EAST, NORTH = 500_000.0, 4_138_000.0
SQUARE = box(EAST, NORTH, EAST + 400, NORTH + 400)
ALL = MappingProxyType({level: Target(area_m2=1.0) for level in Level})
"""Targets under which every block stands."""


def streets(*rows):
    """Return a walk_edges layer from (kind, x1, y1, x2, y2 ...), metres from the corner."""
    frame = empty_layer("walk_edges").to_crs(EPSG)
    shapes = [LineString(np.reshape(row[1:], (-1, 2)) + np.array([EAST, NORTH])) for row in rows]
    return gpd.GeoDataFrame(
        {column: [0] * len(rows) for column in frame.columns[:-1]}
        | {"kind": [row[0] for row in rows], "tunnel": False},
        geometry=shapes,
        crs=EPSG,
    )


def cross(kind, at, *, along):
    """Return a street through the whole square at x = `at` or y = `at`."""
    return (kind, at, 0, at, 400) if along == "y" else (kind, 0, at, 400, at)


LATTICE = streets(
    cross("primary", 200, along="y"),
    cross("tertiary", 200, along="x"),
    cross("residential", 100, along="y"),
    cross("service", 300, along="y"),
    cross("living_street", 300, along="x"),
)
"""::

    400 +----+----+----+----+      primary at x = 200, tertiary at y = 200, the others are lesser
        |1101|1102|2101|2102|
    300 +----+----+----+----+      larges 1 and 2, mediums 11 12 21 22, smalls of 1 hectare in the
        |1103|1104|2103|2104|      two northern mediums and of 2 hectares in the southern ones
    200 +----+----+----+----+
        |1201|1202|2201|2202|
      0 +----+----+----+----+
        0   100  200  300  400
"""


def check(grids, boundary):
    """Assert all that holds of any drawing; return the grids by level."""
    conform_layer("grids", grids)
    assert grids.geom_type.eq("Polygon").all()
    assert grids.is_valid.all()
    by_level = {level: grids[grids["level"] == level] for level in ("large", "medium", "small")}
    for frame in by_level.values():
        shapes = frame.geometry.to_numpy()
        assert shapely.coverage_is_valid(shapes)
        united = shapely.coverage_union_all(shapes)
        assert united.symmetric_difference(boundary).area <= 1e-6 * boundary.area
        assert shapely.area(shapes).sum() == pytest.approx(boundary.area, rel=1e-6)
    by_code = grids.set_index("code").geometry
    for level in ("medium", "small"):
        for parent, children in by_level[level].groupby("parent_code"):
            union = shapely.coverage_union_all(children.geometry.to_numpy())
            assert union.normalize().equals_exact(by_code[parent].normalize(), 0.0)
    return by_level


def codes_at(grids, *places):
    """Return the code of the small grid at places, metres from the corner."""
    small = grids[grids["level"] == "small"]
    found = []
    for x, y in places:
        held = small.contains(Point(EAST + x, NORTH + y))
        found.append(small.loc[held, "code"].item())
    return found


def test_a_lattice_with_known_faces():
    grids = draw_grids(SQUARE, LATTICE, code="371602", targets=ALL)
    levels = check(grids, SQUARE)
    assert {level: len(frame) for level, frame in levels.items()} == {
        "large": 2,
        "medium": 4,
        "small": 12,
    }
    assert levels["large"]["code"].tolist() == ["371602000001", "371602000002"]
    assert levels["medium"]["code"].tolist() == [
        "3716020000011",
        "3716020000012",
        "3716020000021",
        "3716020000022",
    ]
    assert levels["small"].area.round(6).tolist() == ([10_000.0] * 4 + [20_000.0] * 2) * 2
    places = [(50, 350), (150, 350), (50, 250), (150, 250), (50, 100), (250, 350), (350, 100)]
    assert [code[11:] for code in codes_at(grids, *places)] == [
        "1101",
        "1102",
        "1103",
        "1104",
        "1201",
        "2101",
        "2202",
    ]
    assert grids.crs.to_epsg() == EPSG
    assert set(grids["origin"]) == {"drawn"}
    assert grids["name_zh"].tolist()[:3] == ["大网格 1", "大网格 2", "中网格 1-1"]
    assert grids["name_en"].tolist()[-1] == "Small grid 2-2-2"
    scheme = scheme_of("371602")
    assert all(is_valid(row.code, scheme, Level(row.level)) for row in grids.itertuples())
    assert [parent_of(code, scheme) for code in grids["code"]] == grids["parent_code"].tolist()


def test_small_blocks_join_the_longest_border_inside_their_parent():
    edges = streets(
        cross("primary", 200, along="y"),
        ("residential", 0, 150, 200, 150),
        ("residential", 150, 150, 150, 400),
    )
    # West: 150 x 250, 50 x 250 and 200 x 150. The strip of 50 borders 250 m on its left neighbour
    # and 50 m on the southern one; the 250 m it shares with the east are another large grid's.
    targets = {**ALL, Level.SMALL: Target(area_m2=13_000.0)}
    grids = draw_grids(SQUARE, edges, code="a", targets=targets)
    small = check(grids, SQUARE)["small"]
    assert small["code"].tolist() == ["a-001-1-01", "a-001-1-02", "a-002-1-01"]
    assert small.area.round(6).tolist() == [50_000.0, 30_000.0, 80_000.0]


def test_default_targets_on_a_square_of_16_hectares():
    levels = check(draw_grids(SQUARE, LATTICE, code="a"), SQUARE)
    assert [len(frame) for frame in levels.values()] == [1, 4, 12]
    tiny = box(EAST, NORTH, EAST + 80, NORTH + 80)  # less than any target: nothing to merge with
    assert len(draw_grids(tiny, LATTICE, code="a")) == 3


def buildings_of(rows):
    """Return a building layer from (x, y, households), metres from the corner."""
    layer = empty_layer("buildings")
    points = [Point(EAST + x, NORTH + y) for x, y, _ in rows]
    stored = [project_geometry(point, EPSG, 4326) for point in points]
    return gpd.GeoDataFrame(
        {column: [0] * len(rows) for column in layer.columns[:-1]}
        | {"households": [row[2] for row in rows]}
        | {"lon": [point.x for point in stored], "lat": [point.y for point in stored]},
        geometry=points,
        crs=EPSG,
    )


def test_households_decide_where_they_are_known():
    lanes = streets(*[cross("service", at, along="y") for at in range(40, 400, 40)])
    counts = [10, 20, 15, 40, 5, 5, 30, 60, 0, 33]  # ten strips of 40 m from west to east
    houses = buildings_of([(40 * i + 20, 200, n) for i, n in enumerate(counts)])
    grids = draw_grids(SQUARE, lanes, code="a", buildings=houses)
    held = members(Layers(grids=grids, buildings=houses))
    sums = houses["households"].groupby(held["small"].to_numpy()).sum()
    # All borders are equally long, so a tie goes west among those with which 50 is not exceeded:
    # the empty strip to 60, 5 to 40, 5 to those 45, 10 to 20; 15 fits nobody and goes west to 30.
    assert sums.tolist() == [45, 50, 30, 60, 33]
    assert sums.sum() == 218
    none = draw_grids(SQUARE, lanes, code="a", buildings=houses.assign(households=0))
    pd.testing.assert_frame_equal(none, draw_grids(SQUARE, lanes, code="a"))


def test_large_empty_blocks_stand():
    half = streets(cross("service", 150, along="y"))
    houses = buildings_of([(350, 200, 100)])
    assert len(draw_grids(SQUARE, half, code="a", buildings=houses)) == 4  # 6 ha of park
    narrow = streets(cross("service", 149, along="y"))
    assert len(draw_grids(SQUARE, narrow, code="a", buildings=houses)) == 3


def test_no_more_than_the_scheme_can_number():
    edges = streets(
        *[cross("tertiary", at, along="y") for at in range(30, 400, 30)],
        *[cross("service", at, along="x") for at in range(3, 400, 3)],
    )
    grids = draw_grids(SQUARE, edges, code="371602", targets=ALL)
    levels = check(grids, SQUARE)
    assert len(levels["medium"]) == 9  # of 14
    assert levels["small"].groupby("parent_code").size().max() == 99
    free = draw_grids(SQUARE, edges, code="a", targets=ALL)
    assert free.groupby("level").size().to_dict() == {"large": 1, "medium": 14, "small": 14 * 134}
    assert free["code"].tolist()[-1] == "a-001-14-134"


def test_no_usable_streets():
    paths = streets(("footway", 0, 200, 400, 200))
    for edges in (
        paths,
        streets(),
        streets(("service", 50, 150, 250, 250)),
    ):  # a dead end cuts none
        grids = draw_grids(SQUARE, edges, code="a")
        assert grids["code"].tolist() == ["a-001", "a-001-1", "a-001-1-01"]
        check(grids, SQUARE)
    tunnel = streets(cross("primary", 200, along="y")).assign(tunnel=True)
    assert len(draw_grids(SQUARE, tunnel, code="a", targets=ALL)) == 3


def test_dead_ends_near_the_boundary_reach_it():
    short = streets(("primary", 200, 60, 200, 390))
    assert len(draw_grids(SQUARE, short, code="a", targets=ALL)) == 6
    assert len(draw_grids(SQUARE, short, code="a", targets=ALL, reach_m=50.0)) == 3
    joined = streets(("primary", 200, 60, 200, 390), ("service", 200, 60, 260, 150))
    assert len(draw_grids(SQUARE, joined, code="a", targets=ALL, reach_m=80.0)) == 3  # no dead end


def test_parts_and_holes_of_the_boundary():
    island = box(EAST + 500, NORTH, EAST + 600, NORTH + 100)
    lake = box(EAST + 150, NORTH + 150, EAST + 250, NORTH + 250)
    boundary = MultiPolygon([SQUARE.difference(lake), island])
    grids = draw_grids(boundary, LATTICE, code="a", targets=ALL)
    levels = check(grids, boundary)
    assert [len(frame) for frame in levels.values()] == [3, 5, 13]
    merged = draw_grids(boundary, LATTICE, code="a")  # the island is small, and stays alone
    assert len(check(merged, boundary)["large"]) == 2


def test_bridges_crossings_and_overlapping_streets():
    edges = streets(
        cross("primary", 200, along="y"),
        ("residential", 200, 0, 200, 400),  # the same line again, of a lower rank
        ("service", 0, 0, 400, 400),
        ("service", 0, 400, 400, 0),
        ("service", 100, 100, 300, 300),
        ("residential", 0, 0, 400, 0),  # along the boundary
    )
    levels = check(draw_grids(SQUARE, edges, code="a", targets=ALL), SQUARE)
    assert [len(frame) for frame in levels.values()] == [2, 2, 6]


def test_bad_boundaries_and_crs_are_named():
    with pytest.raises(InputError, match="LineString"):
        draw_grids(LineString([(0, 0), (1, 1)]), LATTICE, code="a")
    with pytest.raises(InputError, match="empty"):
        draw_grids(Polygon(), LATTICE, code="a")
    with pytest.raises(InputError, match="Self-intersection"):
        draw_grids(Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), LATTICE, code="a")
    with pytest.raises(CrsError, match="metric"):
        draw_grids(SQUARE, LATTICE.to_crs(4326), code="a")


KINDS = ("primary", "secondary", "tertiary", "residential", "service", "footway")
street = st.tuples(st.sampled_from(KINDS), *[st.integers(-50, 450)] * 4).filter(
    lambda row: row[1:3] != row[3:5]
)


@examples(20)
@given(st.lists(street, max_size=25), st.integers(0, 60_000), st.randoms(use_true_random=False))
def test_any_streets_give_a_nested_seamless_drawing_whatever_their_order(rows, area_m2, random):
    targets = {level: Target(area_m2 * 9.0**-i) for i, level in enumerate(Level)}
    drawn = draw_grids(SQUARE, streets(*rows), code="371602", targets=targets)
    check(drawn, SQUARE)
    turned = [row if random.random() < 0.5 else (row[0], *row[3:5], *row[1:3]) for row in rows]
    random.shuffle(turned)
    again = draw_grids(SQUARE, streets(*turned), code="371602", targets=targets)
    pd.testing.assert_frame_equal(again.drop(columns="geometry"), drawn.drop(columns="geometry"))
    assert shapely.to_wkb(again.geometry).tolist() == shapely.to_wkb(drawn.geometry).tolist()
    counts = drawn[drawn["level"] != "large"].groupby("parent_code").size()
    assert counts.max() <= 99


def test_merging_by_hand():
    # Four strips 10, 20, 30 and 40 m wide in a row, 100 m high.
    lines = [LineString([(x, 0), (x, 100)]) for x in (10, 30, 60)]
    faces = cut(box(0, 0, 100, 100), [np.array(lines)])
    area_m2 = shapely.area(faces.shapes)
    assert area_m2.tolist() == [1000.0, 2000.0, 3000.0, 4000.0]
    assert faces.pairs.tolist() == [[0, 1], [1, 2], [2, 3]]
    assert faces.length_m.tolist() == [100.0, 100.0, 100.0]
    each, one = np.arange(4), np.zeros(4, dtype=np.int64)

    def merged(target, within=one):
        return merge(each, faces, target, within=within, area_m2=area_m2).tolist()

    assert merged(Target(area_m2=1000.0)) == [0, 1, 2, 3]
    assert merged(Target(area_m2=2500.0)) == [0, 0, 2, 3]
    assert merged(Target(area_m2=3500.0)) == [0, 0, 0, 3]
    assert merged(Target(area_m2=2500.0), within=each) == [0, 1, 2, 3]
    assert merged(Target(area_m2=1.0, most=2)) == [0, 0, 0, 3]
    assert merged(Target(area_m2=1e9)) == [0, 0, 0, 0]


REAL = {
    "tsinghua": ("110108", "osm-beijing-tsinghua-2017/map.nometa.osm.pbf"),
    "monaco": ("monaco", "monaco-graphhopper/monaco.osm.gz"),
    "malta": ("malta", "osm-malta-2016/malta.osm.pbf"),
}


@needs_shared
@pytest.mark.parametrize("name", REAL)
def test_real_streets(name):
    code, path = REAL[name]
    district, layers, _ = read_osm(SHARED / "data" / path, code=code, standard=load_standard())
    metric = layers.to_metric(district.epsg)
    boundary = project_geometry(district.boundary, 4326, district.epsg)
    grids = draw_grids(boundary, metric.walk_edges, code=code, buildings=metric.buildings)
    levels = check(grids, boundary)
    assert 1 < len(levels["large"]) < len(levels["medium"]) < len(levels["small"])
    held = members(Layers(grids=grids, buildings=metric.buildings))
    inside = shapely.covers(boundary, shapely.points(*_demand(metric)))
    assert held["small"].notna().sum() == pytest.approx(inside.sum(), abs=1)
    assert held.notna().all(axis=1).eq(held["small"].notna()).all()


def _demand(metric):
    from geo.grids.assign import demand_xy

    return demand_xy(metric.buildings).T
