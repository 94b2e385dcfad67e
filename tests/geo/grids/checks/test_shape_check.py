"""Shapes of single grids."""

import numpy as np
import pytest
from shapely import box

from geo.grids.checks.faults import Rule
from geo.grids.checks.shape_check import piece_faults


@pytest.mark.parametrize(
    ("width", "length", "is_strip"), [(1.0, 30, True), (1.0, 29, False), (1.04, 30, False)]
)
def test_a_strip_is_a_metre_wide_and_long(width, length, is_strip):
    shape = box(0, 0, width, length)
    faults = piece_faults(np.array([shape], object), ["a"], None)
    assert [fault.rule for fault in faults] == [Rule.SLIVER] * is_strip
