import numpy as np
import pytest

from geo.gcj02 import (
    EAST,
    NORTH,
    SOUTH,
    WEST,
    MapFrame,
    from_bd09,
    from_gcj02,
    to_bd09,
    to_gcj02,
    to_wgs84,
)

# lon, lat in WGS 84, GCJ-02 and BD-09: by coord-convert 0.2.1 and by prcoords 1.0.2, bit by bit
PUBLISHED = np.array(
    [
        (116.391349, 39.907375, 116.39759019123527, 39.90877629414095, 116.40396302524593,
         39.915119833724745),
        (118.0, 37.38, 118.0059948823467, 37.380734078989676, 118.01257746718377,
         37.38647082366647),
        (121.4737, 31.2304, 121.47822305927693, 31.22845773757727, 121.484781468503,
         31.234310593689997),
        (113.2644, 23.1291, 113.26972959210308, 23.126423339922844, 113.27615075157122,
         23.13271125723948),
        (87.6168, 43.8256, 87.61964994946926, 43.82680539311119, 87.62609977081571,
         43.83294979479328),
        (104.0668, 30.5728, 104.06930547724922, 30.570346141080414, 104.07578295683295,
         30.576351856151092),
        (91.1322, 29.6604, 91.1337433248789, 29.657679589949623, 91.14034276218612,
         29.663425674028154),
        (126.535, 45.8038, 126.54104035015793, 45.80578152514843, 126.54765921413988,
         45.81139582294028),
    ]
)  # fmt: skip


def test_published_places_come_out_in_both_frames():
    lon, lat, gcj_lon, gcj_lat, bd_lon, bd_lat = PUBLISHED.T
    np.testing.assert_allclose(to_gcj02(lon, lat), (gcj_lon, gcj_lat), rtol=0, atol=1e-13)
    np.testing.assert_allclose(to_bd09(lon, lat), (bd_lon, bd_lat), rtol=0, atol=1e-13)
    np.testing.assert_allclose(from_gcj02(gcj_lon, gcj_lat), (lon, lat), rtol=0, atol=1e-11)
    np.testing.assert_allclose(from_bd09(bd_lon, bd_lat), (lon, lat), rtol=0, atol=1e-11)
    shifted = to_wgs84(MapFrame.BD09, bd_lon, bd_lat)
    np.testing.assert_array_equal(shifted, from_bd09(bd_lon, bd_lat))
    np.testing.assert_array_equal(
        to_wgs84(MapFrame.GCJ02, gcj_lon, gcj_lat), from_gcj02(gcj_lon, gcj_lat)
    )
    np.testing.assert_array_equal(to_wgs84(MapFrame.WGS84, lon, lat), (lon, lat))


@pytest.mark.parametrize(("there", "back"), [(to_gcj02, from_gcj02), (to_bd09, from_bd09)])
def test_there_and_back_is_the_same_place(there, back):
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(73.5, 135.0, 50_000), rng.uniform(3.0, 53.5, 50_000)
    lon[:3] = (
        105.0,
        105.0 + 1e-12,
        105.0 - 1e-9,
    )  # the formula has the root of the distance to 105 E
    np.testing.assert_allclose(back(*there(lon, lat)), (lon, lat), rtol=0, atol=1e-11)


@pytest.mark.parametrize("convert", [to_gcj02, from_gcj02, to_bd09, from_bd09])
def test_outside_china_nothing_is_touched(convert):
    lon = np.array([24.94, 14.5, WEST - 0.02, EAST + 0.02, 100.0, 100.0, -116.4, np.nan, 0.0])
    lat = np.array([60.17, 35.9, 35.0, 35.0, SOUTH - 0.02, NORTH + 0.02, 39.9, 30.0, 0.0])
    moved_lon, moved_lat = convert(lon, lat)
    np.testing.assert_array_equal(moved_lon, lon)
    np.testing.assert_array_equal(moved_lat, lat)


def test_a_place_has_the_same_bits_alone_and_among_others():
    lon, lat, *_ = PUBLISHED.T
    alone = [from_gcj02(lon[i : i + 1], lat[i : i + 1]) for i in range(len(lon))]
    np.testing.assert_array_equal(np.hstack(alone), from_gcj02(lon, lat))
