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
