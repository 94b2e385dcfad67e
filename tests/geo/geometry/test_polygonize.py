"""Faces between lines that nearly meet."""

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from geo.geometry.polygonize import ON_BOUNDARY_M, PRECISION_M, cut


def faces(*lines, reach_m=0.0):
    return cut(box(0, 0, 10, 10), [np.array(lines, dtype=object)], reach_m=reach_m)


@pytest.mark.parametrize(("short_m", "n"), [(4e-5, 3), (6e-5, 2)])
def test_a_line_meets_another_within_half_a_cell_of_a_tenth_of_a_millimetre(short_m, n):
    assert PRECISION_M == 1e-4
    across, up = LineString([(0, 5), (10, 5)]), LineString([(5, 0), (5, 5 - short_m)])
    assert len(faces(across, up).shapes) == n


@pytest.mark.parametrize(("short_mm", "areas"), [(9, [90, 10]), (11, [45, 45, 5, 5])])
def test_an_end_within_a_centimetre_of_another_line_is_no_dead_end(short_mm, areas):
    """A dead end a metre from the boundary is drawn on to it, across the other line."""
    up = LineString([(5, 0), (5, 9)])
    across = LineString([(0, 9 + short_mm / 1000), (10, 9 + short_mm / 1000)])
    found = shapely.area(faces(up, across, reach_m=1.0).shapes)
    assert sorted(found, reverse=True) == pytest.approx(areas, abs=0.2)


@pytest.mark.parametrize(("apart_mm", "rank"), [(9, 1), (11, 0)])
def test_a_border_lies_on_a_line_within_a_centimetre(apart_mm, rank):
    """A wall ends short of the boundary beside a lane: alone it cuts nothing, but it ranks."""
    lane = LineString([(5, 0), (5, 10)])
    wall = LineString([(5 + apart_mm / 1000, 1), (5 + apart_mm / 1000, 9)])
    got = cut(box(0, 0, 10, 10), [np.array([wall]), np.array([lane])])
    assert (got.pairs.tolist(), got.rank.tolist()) == ([[0, 1]], [rank])


def test_a_street_along_the_boundary_cuts_off_no_sliver():
    wavering = LineString([(0, 0.0003), (40, -0.0002), (100, 0.0004)])
    across = LineString([(50, -20), (50, 120)])
    faces = cut(box(0, 0, 100, 100), [np.array([wavering, across])])
    assert shapely.area(faces.shapes).tolist() == [5000.0, 5000.0]


@pytest.mark.parametrize(("off_m", "n"), [(0.009, 1), (0.011, 2)])
def test_what_lies_a_centimetre_off_the_boundary_lies_on_it(off_m, n):
    assert ON_BOUNDARY_M == 0.01
    beside = LineString([(0, off_m), (10, off_m)])
    assert len(faces(beside).shapes) == n
