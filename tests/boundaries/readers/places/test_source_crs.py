"""What a CRS must be to be converted exactly, and where undeclared metres are looked for."""

from dataclasses import replace

import numpy as np
import pyproj
import pytest
import shapely

from boundaries.import_report import LayerReport
from boundaries.readers.places.crs_search import INSIDE_SHARE, found_crs
from boundaries.readers.places.source_crs import source_crs
from boundaries.readers.shapes import STRAY_M
from boundaries.readers.vector import read_layer
from geo.errors import CrsError, EmptyError
from tests.boundaries.imports.office_files import DISTRICT


def longlat(axis: float, flattening: float) -> str:
    return f"+proj=longlat +a={axis} +rf={flattening} +type=crs"


@pytest.mark.parametrize("axis", [6378137.0 - 0.99, 6378137.0 + 0.99])
@pytest.mark.parametrize("flattening", [298.257222101 - 0.0009, 298.257223563 + 0.0009])
def test_an_ellipsoid_within_a_metre_is_that_of_wgs_84(axis, flattening):
    assert source_crs(None, longlat(axis, flattening), what="a.shp").crs is not None


@pytest.mark.parametrize(
    ("axis", "flattening"),
    [(6378138.1, 298.257222101), (6378135.9, 298.257222101), (6378137.0, 298.2588),
     (6378137.0, 298.2556)],
)  # fmt: skip
def test_another_ellipsoid_is_refused_whatever_it_is_called(axis, flattening):
    with pytest.raises(CrsError, match="no transformation better than 2 m"):
        source_crs(None, longlat(axis, flattening), what="a.shp")


@pytest.mark.parametrize(
    ("axis", "flattening", "datum"),
    [(6378245, 298.3, "Beijing 1954"), (6378140, 298.257, "Xi'an 1980")],
)
def test_old_datums_are_named_by_their_ellipsoid(axis, flattening, datum):
    with pytest.raises(CrsError, match=datum):
        source_crs(None, longlat(axis, flattening), what="a.shp")


def test_parameters_in_the_definition_are_taken():
    crs = pyproj.CRS("+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3,0,0,0,0 +type=crs")
    assert source_crs(crs, None, what="a.shp").crs == crs


@pytest.mark.parametrize(("outside", "found"), [(1, True), (2, False)])
def test_a_zone_puts_99_of_100_rows_into_the_district(outside, found):
    assert INSIDE_SHARE == 0.99
    to_metres = pyproj.Transformer.from_crs(4326, 4527, always_xy=True)
    lon = np.full(100, 118.01)
    lon[:outside] = 119.0
    points = shapely.points(*to_metres.transform(lon, np.full(100, 37.37)))
    if found:
        crs, swapped = found_crs(points, None, DISTRICT, LayerReport(), what="a.csv")
        assert (crs.to_epsg(), swapped) == (4527, False)
    else:
        with pytest.raises(CrsError, match="no CGCS2000 or UTM zone"):
            found_crs(points, None, DISTRICT, LayerReport(), what="a.csv")


@pytest.mark.parametrize(("near", "stands"), [(50, True), (49, False)])
def test_a_declared_crs_stands_if_it_puts_half_the_rows_near(near, stands):
    to_metres = pyproj.Transformer.from_crs(4326, 4549, always_xy=True)
    x, y = to_metres.transform(np.full(100, 118.01), np.full(100, 37.37))
    wrong = pyproj.CRS.from_epsg(4548)
    good = pyproj.Transformer.from_crs(4326, 4548, always_xy=True).transform(118.01, 37.37)
    x[:near], y[:near] = good
    crs, _ = found_crs(shapely.points(x, y), wrong, DISTRICT, LayerReport(), what="a.csv")
    assert crs == wrong  # no zone puts all of them inside, so rows are rejected one by one
    if not stands:
        x[:], y[:] = to_metres.transform(118.01, 37.37)
        with pytest.raises(CrsError, match="inside it they lie in EPSG:4549"):
            found_crs(shapely.points(x, y), wrong, DISTRICT, LayerReport(), what="a.csv")


@pytest.mark.parametrize(("beyond_m", "kept"), [(STRAY_M - 50, True), (STRAY_M + 50, False)])
def test_a_vertex_far_from_the_rest_rejects_its_row(tmp_path, beyond_m, kept):
    east = DISTRICT.boundary.bounds[2]
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(east, 37.37, 90, beyond_m)
    shape = shapely.Polygon([(118.0, 37.37), (118.001, 37.37), (118.001, 37.371), (lon, lat)])
    path = tmp_path / "a.csv"
    path.write_text(f'code;name;wkt\n371602001001;a;"{shape.wkt}"\n')
    plan = replace(DISTRICT)
    if kept:
        assert len(read_layer(path, "grids", district=plan, crs=4326)[0]) == 1
    else:
        with pytest.raises(EmptyError, match="1 vertex far from the rest"):
            read_layer(path, "grids", district=plan, crs=4326)
