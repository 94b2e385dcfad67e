"""Assignment: exactly one grid per point, always the same one, also on borders and corners."""

from fractions import Fraction

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geo.crs import project_geometry
from geo.errors import CrsError, InputError
from geo.geometry.orientation import orientation
from geo.geometry.point_in_polygon import PointLocator
from geo.grids.assign import assign, demand_xy, members
from geo.model.layers import Layers, empty_layer
from tests.examples import examples

EPSG = 4548
EAST, NORTH = 500_000.0, 4_138_000.0


def grids_of(rows):
    """Return a grid layer from (code, level, parent, geometry)."""
    frame = pd.DataFrame(rows, columns=["code", "level", "parent_code", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=EPSG)


def smalls(shapes):
    return grids_of([(f"s{i:03d}", "small", None, shape) for i, shape in enumerate(shapes)])


def crooked(n=6, seed=7):
    """Return n x n four-sided fields with shared slanted sides and awkward coordinates."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0)), axis=-1) * 100
    at[1:-1, 1:-1] += rng.uniform(-30, 30, (n - 1, n - 1, 2))
    at += [EAST + 1 / 3, NORTH + 1 / 7]
    corners = [
        at[i : i + 2, j : j + 2].reshape(4, 2)[[0, 1, 3, 2]] for i in range(n) for j in range(n)
    ]
    return np.array([Polygon(ring) for ring in corners])


FIELDS = crooked()
GRIDS = smalls(FIELDS)
NESTED = grids_of(
    [
        ("1", "large", None, box(0, 0, 4, 2)),
        ("1a", "medium", "1", box(0, 0, 2, 2)),
        ("1b", "medium", "1", box(2, 0, 4, 2)),
        ("1a1", "small", "1a", box(0, 1, 2, 2)),
        ("1a2", "small", "1a", box(0, 0, 2, 1)),
        ("1b1", "small", "1b", box(2, 1, 4, 2)),  # the south of 1b has no small grid
    ]
)


def test_three_levels_by_parents():
    got = assign(NESTED, [1, 1, 3, 3, 9], [1.5, 0.5, 1.5, 0.5, 0.5])
    assert got.index.tolist() == [0, 1, 2, 3, 4]
    assert got["small"].tolist() == ["1a1", "1a2", "1b1", None, None]
    assert got["medium"].tolist() == ["1a", "1a", "1b", "1b", None]
    assert got["large"].tolist() == ["1", "1", "1", "1", None]
    assert got["status"].tolist() == ["inside"] * 4 + ["outside"]
    assert got["nearest"].tolist() == [None] * 4 + ["1b1"]
    assert got["distance_m"].tolist()[4] == pytest.approx(np.hypot(5, 0.5))
    assert got["distance_m"].isna().tolist() == [True] * 4 + [False]


def test_borders_go_to_the_lowest_code():
    x = [2.0, 2.0, 1.0, 0.0, 2.0, 4.0]
    y = [1.5, 1.0, 1.0, 0.0, 0.5, 2.0]
    got = assign(NESTED, x, y)
    assert got["small"].tolist() == ["1a1", "1a1", "1a1", "1a2", "1a2", "1b1"]
    assert got["status"].tolist() == ["on_border"] * 6
    assert got["medium"].tolist() == ["1a"] * 5 + ["1b"]


def test_a_border_of_mediums_where_no_small_is():
    got = assign(NESTED[NESTED["level"] != "small"], [2.0, 3.0], [0.5, 0.0])
    assert got["medium"].tolist() == ["1a", "1b"]
    assert got["large"].tolist() == ["1", "1"]
    assert got["small"].tolist() == [None, None]
    assert got["status"].tolist() == ["on_border", "on_border"]


def test_levels_without_told_parents_are_found_by_their_polygons():
    skipping = NESTED[NESTED["level"] != "medium"]  # parent codes 1a and 1b lead nowhere
    got = assign(skipping, [1, 3, 3], [1.5, 1.5, 0.5])
    assert got["large"].tolist() == ["1", "1", "1"]
    assert got["medium"].tolist() == [None, None, None]
    assert got["small"].tolist() == ["1a1", "1b1", None]
    untold = NESTED.assign(parent_code=None)
    pd.testing.assert_frame_equal(
        assign(untold, [1, 2, 3], [1.5, 1.5, 0.5]), assign(NESTED, [1, 2, 3], [1.5, 1.5, 0.5])
    )


def test_what_is_no_point_is_invalid():
    bad = [None, np.nan, np.inf, -np.inf, "x", "1.0"]
    got = assign(NESTED, bad, [1.5] * 6)
    assert got["status"].tolist() == ["invalid"] * 5 + ["inside"]
    assert got["small"].tolist() == [None] * 5 + ["1a1"]
    assert got["nearest"].tolist() == [None] * 6
    assert assign(NESTED, [1.0], [pd.NA])["status"].tolist() == ["invalid"]
    assert assign(NESTED, [], [])["status"].tolist() == []


def test_bad_input_is_named():
    with pytest.raises(InputError, match="2 x and 1 y"):
        assign(NESTED, [1, 2], [1])
    with pytest.raises(CrsError, match="metric"):
        assign(NESTED.set_crs(4326, allow_override=True), [1], [1])
    with pytest.raises(InputError, match="level 'tiny'"):
        assign(NESTED.assign(level="tiny"), [1], [1])


def test_no_grids():
    got = assign(empty_layer("grids").to_crs(EPSG), [1.0, np.nan], [1.0, 1.0])
    assert got["status"].tolist() == ["outside", "invalid"]
    assert got["nearest"].tolist() == [None, None]


def test_nearest_ties_go_to_the_lowest_code_and_can_be_left_out():
    pair = smalls([box(0, 0, 1, 1), box(3, 0, 4, 1)]).assign(code=["b", "a"])
    got = assign(pair, [2.0, -1.0], [0.5, 0.5])
    assert got["nearest"].tolist() == ["a", "b"]
    assert got["distance_m"].tolist() == [1.0, 1.0]
    assert assign(pair, [2.0], [0.5], nearest=False)["nearest"].tolist() == [None]


def test_holes_parts_and_touching_rings():
    ring = box(0, 0, 9, 9).difference(box(3, 3, 6, 6))
    parts = MultiPolygon([box(3, 3, 4.5, 6), box(20, 20, 21, 40)])  # rows without edges between
    shapes = [ring, parts, Polygon(), None]
    got = assign(smalls(shapes), [1, 4, 5.5, 20.5, 20.5, 3, 4.5], [1, 4, 5, 30, 15, 4, 4])
    assert got["small"].tolist() == ["s000", "s001", None, "s001", None, "s000", "s001"]
    assert got["status"].tolist()[-2:] == ["on_border", "on_border"]


def test_overlaps_go_to_the_lowest_code():
    stack = smalls([box(0, 0, 4, 4), box(2, 2, 6, 6), box(2.5, 2.5, 3, 3)])
    got = assign(stack, [3.5, 2.75, 5, 4], [3.5, 2.75, 5, 4])
    assert got["small"].tolist() == ["s000", "s000", "s001", "s000"]
    back = assign(stack.iloc[::-1], [3.5, 2.75, 5, 4], [3.5, 2.75, 5, 4])
    pd.testing.assert_frame_equal(got, back)


def edge_points(draw_share):
    """Return points on and a hair beside the sides and corners of FIELDS."""
    at = shapely.get_coordinates(FIELDS)
    first, last = at[:-1], at[1:]
    x, y = (first + (last - first) * draw_share).T
    return np.concatenate([x, np.nextafter(x, np.inf), at[:, 0]]), np.concatenate([y, y, at[:, 1]])


@examples(20)
@given(st.floats(0, 1), st.randoms(use_true_random=False))
def test_order_of_grids_never_matters(share, random):
    x, y = edge_points(share)
    order = list(range(len(GRIDS)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(assign(GRIDS, x, y), assign(GRIDS.iloc[order], x, y))


@examples(20)
@given(st.floats(0, 1))
def test_each_point_of_the_area_in_exactly_one(share):
    x, y = edge_points(share)
    hull = box(*shapely.total_bounds(FIELDS))
    held = shapely.covers(hull, shapely.points(x, y))
    got = assign(GRIDS, x, y)
    # The outer sides are straight along the axes, so "in the area" is exact here.
    assert (got["small"].notna().to_numpy() == held).all()
    alone = np.zeros(len(x), dtype=int)
    for row in range(len(GRIDS)):
        one = assign(GRIDS.iloc[[row]], x, y, nearest=False)
        alone += (one["status"] == "inside").to_numpy()
    assert alone.max() <= 1  # no point is inside two
    assert (alone[(got["status"] == "inside").to_numpy()] == 1).all()
    assert (alone[(got["status"] == "on_border").to_numpy()] == 0).all()


def test_a_million_points_on_and_beside_borders_are_neither_doubled_nor_lost():
    at = shapely.get_coordinates(FIELDS)
    rng = np.random.default_rng(5)
    side = rng.integers(0, len(at) - 1, 1_000_000)
    share = rng.choice([0, 0.5, 1, *rng.random(5)], len(side))
    x, y = (at[side] + (at[side + 1] - at[side]) * share[:, None]).T
    x = np.nextafter(
        x, np.inf * rng.choice([-1.0, 1.0], len(x)), where=rng.random(len(x)) < 0.5, out=x.copy()
    )
    west, south, east, north = shapely.total_bounds(FIELDS)
    held = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    first, _ = PointLocator.build(FIELDS, points=len(x)).locate(x, y)
    last, _ = PointLocator.build(FIELDS[::-1], points=9).locate(x, y)
    last = np.where(last < 0, -1, len(FIELDS) - 1 - last)
    assert ((first >= 0) == held).all()
    assert ((last >= 0) == held).all()
    # Where the lowest and the highest index differ, the point is on the border of both.
    for index in np.flatnonzero(first != last)[:2000]:
        pair = FIELDS[[first[index], last[index]]]
        _, border = PointLocator.build(pair).locate(x[index : index + 1], y[index : index + 1])
        assert border[0]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_same_answer_as_geos(seed, n):
    rng = np.random.default_rng(seed)
    centres = shapely.points(rng.uniform(0, 50, (n, 2)))
    shapes = shapely.buffer(centres, rng.uniform(1, 12, n), quad_segs=3)
    shapes[0] = shapely.union_all(shapes[: n // 2 + 1])  # parts, holes
    x, y = rng.uniform(-5, 55, (2, 300))
    covers = shapely.covers(shapes[:, None], shapely.points(x, y)[None, :])
    wanted = np.where(covers.any(axis=0), covers.argmax(axis=0), -1)
    for points in (1, 100_000):
        found, _ = PointLocator.build(shapes, points=points).locate(x, y)
        assert found.tolist() == wanted.tolist()


coordinate = st.floats(-1e7, 1e7).filter(lambda v: v == 0 or abs(v) > 1e-9)


@given(st.tuples(*[coordinate] * 6), st.floats(0, 1))
def test_orientation_is_exact(six, share):
    ax, ay, bx, by, cx, cy = six
    for c in ((cx, cy), (ax + (bx - ax) * share, ay + (by - ay) * share)):
        (a, b, d, e), (f, g) = map(Fraction, (ax, ay, bx, by)), map(Fraction, c)
        exact = (a - f) * (e - g) - (b - g) * (d - f)
        assert orientation((ax, ay), (bx, by), c) == (exact > 0) - (exact < 0)


def test_slivers_points_and_far_coordinates():
    needle = Polygon([(0, 0), (1e6, 1e-3), (1e6, 2e-3)])
    got = assign(smalls([needle]), [5e5, 5e5, 5e5], [7.5e-4, 5e-4, 4.9e-4])
    assert got["status"].tolist() == ["inside", "on_border", "outside"]
    flat = Polygon([(0, 0), (1, 0), (2, 0)])
    assert assign(smalls([flat]), [1.5, 1.5], [0, 1])["status"].tolist() == ["on_border", "outside"]


def test_members_on_the_index_of_the_buildings():
    shapes = [
        box(EAST, NORTH, EAST + 100, NORTH + 100),
        box(EAST + 100, NORTH, EAST + 200, NORTH + 100),
    ]
    grids = smalls(shapes)
    stored = [project_geometry(s.centroid, EPSG, 4326) for s in shapes]
    buildings = gpd.GeoDataFrame(
        {"building_id": ["x", "y", "z"], "lon": [stored[0].x, stored[1].x, 0.0]}
        | {"lat": [stored[0].y, stored[1].y, 0.0]},
        geometry=[shapely.Point(EAST, NORTH)] * 3,  # the demand point counts, not this
        index=[7, 3, 5],
        crs=EPSG,
    )
    got = members(Layers(grids=grids, buildings=buildings))
    assert got.index.tolist() == [7, 3, 5]
    assert got.columns.tolist() == ["large", "medium", "small"]
    assert got["small"].tolist() == ["s000", "s001", None]
    assert demand_xy(buildings)[0] == pytest.approx([EAST + 50, NORTH + 50], abs=1e-3)


def test_members_of_nothing():
    none = members(Layers().to_metric(EPSG))
    assert none.columns.tolist() == ["large", "medium", "small"]
    assert len(none) == 0
