"""How far a footprint may lie over the border of its grid."""

import geopandas as gpd
import pytest
from shapely import box

from geo.grids.checks.building_and_barrier_check import CUT_M, building_faults
from tests.plans import EPSG, buildings


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
