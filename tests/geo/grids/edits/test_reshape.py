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


@pytest.mark.parametrize(("away_mm", "drawn"), [(9, False), (11, True)])
def test_a_line_that_ends_within_a_centimetre_of_a_corner_ends_there(away_mm, drawn):
    end = (100 - away_mm / 1000, 40.0)
    pieces = split_polygon(box(0, 0, 100, 40), LineString([(-10, 20), end]))
    assert len(pieces) == 2
    assert any(end in piece.exterior.coords for piece in pieces) is drawn
