"""How far a footprint may lie over the border of its grid."""

import geopandas as gpd
import pytest
from shapely import LineString, box

from geo.grids.checks.building_and_barrier_check import (
    BARRIER_REACH_M,
    CUT_M,
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
