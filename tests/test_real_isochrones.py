"""Pictures of real and synthetic districts against exact times at places of their own."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from api.snapshot.profiles import find_profile
from geo.accessibility.coverage import nearest_times
from geo.network.compile import WalkNetwork, compile_network
from geo.routing.snapped_district import snap_layers
from tests.geo.engines import drawing
from tests.test_real_districts import DISTRICTS, STANDARD, found

PLACES = 4_000
ORIGINS = 6


def exact(layers, network: WalkNetwork, origin: np.ndarray, at: np.ndarray, minutes: float):
    """Return who of `at` reaches the origin: as coverage by a service point that stands there."""
    both = gpd.GeoSeries(shapely.points(np.vstack([at, origin])), crs=network.crs).to_crs(4326)
    lon, lat = both.x.to_numpy(), both.y.to_numpy()
    homes = gpd.GeoDataFrame(
        {"building_id": np.arange(len(at)).astype(str), "lon": lon[:-1], "lat": lat[:-1]},
        geometry=shapely.points(at),
        crs=network.crs,
    )
    point = gpd.GeoDataFrame(
        {"point_id": ["p"], "category": ["a"], "lon": lon[-1:], "lat": lat[-1:]},
        geometry=shapely.points(origin[None]),
        crs=network.crs,
    )
    alone = replace(layers, buildings=homes, service_points=point)
    return nearest_times(snap_layers(alone, network, ["a"])).covered(minutes)[:, 0]


@pytest.mark.parametrize("name", DISTRICTS)
def test_pictures_agree_with_exact_times_that_they_have_not_seen(name):
    _, layers = found(name)
    network = compile_network(layers, find_profile(STANDARD, "adult"))
    engine = drawing(network, layers)
    rng = np.random.default_rng(3)
    edges = rng.choice(len(network.edge_id), ORIGINS, p=network.length_m / network.length_m.sum())
    spots = shapely.line_interpolate_point(network.geometry[edges], 0.5, normalized=True)
    told, measured = [], []
    for origin in shapely.get_coordinates(spots):
        for picture in engine.around(origin, [5, 15], towards=True):
            west, south, east, north = picture.geometry.bounds
            at = rng.uniform([west, south], [east, north], (PLACES, 2))
            inside = shapely.contains_xy(picture.geometry, at)
            truth = exact(layers, network, origin, at, picture.minutes)
            measured.append((inside == truth).mean())
            told.append(picture.agreement)
            assert picture.geometry.is_valid
    assert min(told) >= 0.99
    assert np.median(told) >= 0.995
    assert min(measured) >= 0.99
    assert np.median(measured) >= 0.995
