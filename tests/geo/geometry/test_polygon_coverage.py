"""What is rounding and what is a fault where polygons meet."""

import numpy as np
import pytest
import shapely
from shapely import box

from geo.geometry.polygon_coverage import TOLERANCE_M, gaps, overlaps, wide_parts


@pytest.mark.parametrize(("width_mm", "wide"), [(0.9, False), (1.1, True)])
def test_a_region_of_a_millimetre_is_rounding(width_mm, wide):
    """Twice the area over the outline: the width of a region much longer than wide."""
    assert TOLERANCE_M == 0.001
    width_m = width_mm / 1000
    assert bool(wide_parts(box(0, 0, 1_000, width_m))) is wide
    west, east = box(0, 0, 10, 1_000), box(10 - width_m, 0, 20, 1_000)
    assert bool(overlaps(np.array([west, east], dtype=object))) is wide
    apart = np.array([west, box(10 + width_m, 0, 20, 1_000)], dtype=object)
    assert bool(gaps(apart, shapely.box(0, 0, 20, 1_000))) is wide


@pytest.mark.parametrize(("needle_m", "wide"), [(4e-6, True), (6e-6, False)])
def test_a_needle_below_a_hundredth_of_a_millimetre_narrows_no_region(needle_m, wide):
    """A needle of 2 km makes the outline so long that a square metre counts as 0.5 mm wide."""
    square = box(0, 0, 1, 1)
    shape = shapely.union(square, box(1, 0.5, 2_001, 0.5 + needle_m))
    found = wide_parts(shape)
    assert bool(found) is wide
    assert all(shapely.equals(part, square) for part in found)
