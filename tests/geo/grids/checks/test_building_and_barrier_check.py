"""How far a footprint may lie over the border of its grid."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from geo.grids.checks.building_and_barrier_check import (
    BARRIER_REACH_M,
    CUT_M,
    _lengths_within,
    barrier_faults,
    building_faults,
)
from tests.plans import EPSG, barriers, buildings


@pytest.mark.parametrize(("over_m", "cut"), [(0.099, False), (0.102, True)])
@pytest.mark.parametrize("households", [0, 10])
def test_a_building_is_cut_where_a_piece_is_wider_than_a_decimetre(over_m, cut, households):
    assert CUT_M == 0.1
    ground = gpd.GeoDataFrame(
        {"code": ["w", "e"]}, geometry=[box(0, 0, 50, 200), box(50, 0, 100, 200)], crs=EPSG
    )
    home = buildings([box(30, 50, 50 + over_m, 150)], [households])
    found = building_faults(ground, home)
    assert [sorted(fault.codes) for fault in found] == [["e", "w"]] * cut


@pytest.mark.parametrize(("short_m", "parted"), [(0.04, True), (0.06, False)])
@pytest.mark.parametrize("households", [0, 10])
def test_a_wall_parts_a_grid_where_it_ends_within_a_hand_of_the_border(short_m, parted, households):
    assert BARRIER_REACH_M == 0.05
    ground = gpd.GeoDataFrame({"code": ["g"]}, geometry=[box(0, 0, 50, 200)], crs=EPSG)
    homes = buildings([box(5, 50, 15, 60), box(35, 50, 45, 60)], [10, households])
    wall = barriers([LineString([(25, -5), (25, 200 - short_m)])])
    found = barrier_faults(ground, wall, homes)
    assert [fault.codes for fault in found] == [("g",)] * parted


def test_the_length_of_barriers_piece_by_piece_is_their_length():
    rng = np.random.default_rng(5)
    starts = rng.uniform(0, 500, (60, 1, 2))
    lines = shapely.linestrings(np.concatenate([starts, starts + rng.normal(0, 60, (60, 2, 2))], 1))
    lines[::7] = shapely.buffer(lines[::7], 3.0)  # a river may be an area
    ground = shapely.buffer(shapely.union_all(lines[::3]), 0.05)
    expected = shapely.length(shapely.intersection(lines, ground))
    assert _lengths_within(lines, ground) == pytest.approx(expected, abs=1e-6)
    assert _lengths_within(lines, shapely.Polygon()).tolist() == [0.0] * 60


def test_a_building_is_named_with_its_grids_whatever_their_order():
    ground = gpd.GeoDataFrame(
        {"code": ["w", "e"]}, geometry=[box(0, 0, 50, 200), box(50, 0, 100, 200)], crs=EPSG
    )
    homes = buildings([box(30, 50, 60, 60), box(5, 5, 9, 9), box(45, 70, 80, 90)], [1, 2, 3])
    one, other = (building_faults(each, homes) for each in (ground, ground.iloc[::-1]))
    assert [(f.subject, f.codes, f.size) for f in one] == [
        (f.subject, f.codes, f.size) for f in other
    ]
    assert [fault.subject for fault in one] == ["b00", "b02"]
