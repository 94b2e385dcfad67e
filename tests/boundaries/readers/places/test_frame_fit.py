"""Undeclared coordinates in China are compared with what is stored."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.places.frame_fit import FEWEST, check_frame
from geo.errors import CrsError
from geo.gcj02 import to_gcj02
from geo.model.layers import Layers
from tests.boundaries.imports import office_files as office


def checked(lon, lat, *, layer="service_points", district=office.DISTRICT, known=office.LAYERS):
    report = LayerReport()
    points = shapely.points(lon, lat)
    check_frame(points, layer, district, known, report, what="a.csv")
    return [each.sure for each in report.understood]


def test_what_fits_as_it_is_is_likely_right():
    assert checked(office.LON, office.LAT) == ["likely"]


@pytest.mark.parametrize("n", [FEWEST, office.N])
def test_what_fits_from_gcj_02_is_asked_for(n):
    lon, lat = to_gcj02(office.LON[:n], office.LAT[:n])
    with pytest.raises(CrsError, match=r"a.csv fits .* conversion from GCJ-02 .*--crs GCJ-02"):
        checked(lon, lat)


def test_too_few_rows_and_no_reference_are_not_checked():
    few = slice(FEWEST - 1)
    lon, lat = to_gcj02(office.LON, office.LAT)
    assert checked(lon[few], lat[few]) == ["unchecked"]
    assert checked(lon, lat, known=Layers()) == ["unchecked"]


def test_rows_beside_buildings_that_fit_no_frame_are_not_checked():
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(118.0, 118.03, 200), rng.uniform(37.365, 37.385, 200)
    assert checked(lon, lat) == ["unchecked"]


def test_the_outline_tells_where_nothing_else_is_stored():
    lon, lat = to_gcj02(
        [117.9602, 118.0598, 118.0598, 117.9602], [37.3402, 37.3402, 37.4198, 37.4198]
    )
    with pytest.raises(CrsError, match="lies inside the district after conversion from GCJ-02"):
        checked(lon, lat, known=None, layer="grids")


def test_nothing_is_asked_outside_china():
    helsinki = replace(office.DISTRICT, boundary=shapely.box(24.9, 60.1, 25.0, 60.2), epsg=32635)
    assert checked([24.95, 24.96, 24.97], [60.15] * 3, district=helsinki) == []
