import geopandas as gpd
import numpy as np
import pyproj
import pytest
from shapely import Point

from geo import crs
from geo.errors import CrsError, InputError


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (118.0, 37.38, 4548),  # Binzhou, central meridian 117 E
        (116.3, 40.0, 4548),
        (121.5, 31.2, 4549),
        (75.0, 39.0, 4534),
        (24.94, 60.17, 32635),
        (-51.2, -30.0, 32722),
        (-8.6, 41.15, 32629),
        (180.0, 0.0, 32660),
        (-180.0, -80.0, 32701),
        (0.0, 84.0, 32631),
        (73.5, 40.0, 4534),  # the bounding box of China, from each side
        (73.49, 40.0, 32643),
        (135.5, 40.0, 4554),
        (135.51, 40.0, 32653),
        (118.0, 17.5, 4548),
        (118.0, 17.49, 32650),
        (118.0, 54.0, 4548),
        (118.0, 54.01, 32650),
    ],
)
def test_metric_epsg_has_its_central_meridian_nearby(lon, lat, epsg):
    assert crs.metric_epsg(lon, lat) == epsg
    pyproj.CRS.from_epsg(epsg)


@pytest.mark.parametrize(("lon", "lat"), [
    (37.38, 118.0), (np.nan, 0), (0, np.inf), (181, 0), (180.01, 0), (-180.01, 0), (0, 84.01),
    (0, -80.01),
])  # fmt: skip
def test_swapped_or_missing_coordinates_are_refused(lon, lat):
    with pytest.raises(InputError, match="swapped"):
        crs.metric_epsg(lon, lat)


@pytest.mark.parametrize("code", [4326, 4490, 3857, 2263])
def test_degrees_web_mercator_and_feet_do_not_measure(code):
    with pytest.raises(CrsError):
        crs.require_metric(pyproj.CRS.from_epsg(code), what="The layer")
    with pytest.raises(CrsError, match="no CRS"):
        crs.require_metric(None, what="The layer")


def test_projected_metres_are_true_metres_where_web_mercator_is_not():
    lon, lat = np.array([118.0, 118.0]), np.array([37.38, 37.389])
    geodesic = pyproj.Geod(ellps="GRS80").inv(lon[0], lat[0], lon[1], lat[1])[2]
    xy = crs.project_points(lon, lat, 4548)
    assert np.hypot(*(xy[1] - xy[0])) == pytest.approx(geodesic, rel=1.3e-4)
    mercator = crs.project_points(lon, lat, 3857)
    assert np.hypot(*(mercator[1] - mercator[0])) > 1.25 * geodesic


def test_to_metric_keeps_the_index_and_needs_a_crs():
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(118, 37)], crs=4326, index=[7])
    assert list(crs.to_metric(frame, 4548).index) == [7]
    with pytest.raises(CrsError, match="no CRS"):
        crs.to_metric(frame.set_crs(None, allow_override=True), 4548)
