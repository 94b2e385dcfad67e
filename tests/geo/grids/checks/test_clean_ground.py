"""What cleaning the ground may take from a grid, on both sides."""

import numpy as np
import pytest
import shapely
from shapely import box

from geo.grids.checks.clean_ground import KEEPS, SPARES, clean_ground


@pytest.mark.parametrize(("inside_m", "area"), [(51, 510), (49, 1000)])
def test_a_grid_that_would_lose_most_of_its_ground_stays_as_it_is(inside_m, area):
    assert KEEPS == 0.5
    one = np.array([box(0, 0, 100, 10)], dtype=object)
    (after,) = clean_ground(one, box(0, 0, inside_m, 10), sliver_m=1, snap_m=0.01)
    assert after.area == pytest.approx(area)


@pytest.mark.parametrize(("own_m", "wide_m2"), [(6, 60), (4, 1000)])
def test_a_grid_with_hardly_ground_of_its_own_is_drawn_like_another(own_m, wide_m2):
    assert SPARES == 0.05
    wide, yard = box(0, 0, 100, 10), box(own_m, 0, 100, 10)
    after = clean_ground(np.array([yard, wide], dtype=object), None, sliver_m=1, snap_m=0.01)
    assert shapely.area(after).tolist() == pytest.approx([yard.area, wide_m2])
