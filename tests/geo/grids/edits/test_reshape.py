"""A drawn line: how far short of the outline it may end and still divide a grid."""

import pytest
from shapely import LineString, box

from geo.grids.edits.reshape import EXTENSION_M, split_polygon


@pytest.mark.parametrize(("short_m", "pieces"), [(4.99, 2), (5.01, 1)])
@pytest.mark.parametrize("way", [1, -1])
def test_a_line_that_ends_near_the_outline_is_drawn_on_to_it(short_m, pieces, way):
    assert EXTENSION_M == 5
    line = LineString([(50, -5), (50, 40 - short_m)][::way])
    assert len(split_polygon(box(0, 0, 100, 40), line)) == pieces
