"""Which grid lies under which."""

import geopandas as gpd
import pytest
from shapely import box

from geo.grids.checks.parentage import find_parentage


@pytest.mark.parametrize(("left", "parent"), [(9.01, "L2"), (8.99, "L1")])
def test_a_parent_holds_more_than_half_of_a_grid(left, parent):
    plan = gpd.GeoDataFrame(
        {
            "code": ["L", "L1", "L2", "S"],
            "level": ["large", "medium", "medium", "small"],
            "parent_code": [None, "L", "L", parent],
        },
        geometry=[box(0, 0, 20, 9), box(0, 0, 10, 9), box(10, 0, 20, 9), box(left, 0, left + 2, 9)],
        crs=4548,
    )
    assert find_parentage(plan).parent[3] == parent
    other = {"L1": "L2", "L2": "L1"}[parent]
    held = find_parentage(plan.assign(parent_code=[None, "L", "L", other]))
    assert held.parent[3] == parent
    assert [fault.codes for fault in held.faults] == [("S",)]
