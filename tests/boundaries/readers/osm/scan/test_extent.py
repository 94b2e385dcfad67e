"""The boundary that is drawn around streets where none is given."""

import numpy as np
import pytest
import shapely

from boundaries.readers.osm.scan.extent import HULL_MARGIN_M, MAX_EMPTY_M, find_boundary
from geo.crs import STORED_EPSG, project_geometry
from tests.scenes import EPSG, lonlat


@pytest.mark.parametrize(("away_m", "inside"), [(49.95, True), (50.05, False)])
def test_the_hull_of_the_streets_is_widened_by_fifty_metres(away_m, inside):
    assert HULL_MARGIN_M == 50
    corners = np.array([lonlat(x, y) for x in (0, 1_000) for y in (0, 1_000)])
    boundary, how = find_boundary(None, None, corners)
    assert str(how) == "the convex hull of the streets and 50 m around it"
    for x, y in ((500, -away_m), (1_000 + away_m, 500)):
        assert shapely.intersects_xy(boundary, *lonlat(x, y)) == inside
    area_m2 = project_geometry(boundary, STORED_EPSG, EPSG).area
    assert area_m2 == pytest.approx(1_000**2 + 4 * 50 * 1_000 + np.pi * 50**2, rel=1e-3)


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize(("beyond_m", "is_used"), [(9_950, True), (10_050, False)])
def test_a_declared_rectangle_far_beyond_the_streets_is_that_of_another_file(
    side, beyond_m, is_used
):
    assert MAX_EMPTY_M == 10_000
    corners = [0, 0, 1_000, 1_000]
    lonlats = np.array([lonlat(*corners[:2]), lonlat(*corners[2:])])
    corners[side] += beyond_m if side > 1 else -beyond_m
    box = (*lonlat(*corners[:2]), *lonlat(*corners[2:]))
    boundary, how = find_boundary(None, box, lonlats)
    assert (boundary.bounds == pytest.approx(box)) == is_used
    assert ("reaches 10 km beyond the streets" in str(how)) is not is_used
