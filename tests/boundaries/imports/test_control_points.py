"""A local system is fitted to control points, kept by the district and used by later loads."""

import numpy as np
import pandas as pd
import pyproj
import pytest

from boundaries.imports.control_points import (
    LocalSystem,
    read_control_points,
    store_control_points,
)
from boundaries.imports.import_files import load_layer
from boundaries.readers.places.local_crs import stored_crs, stored_systems
from boundaries.store.open import open_store
from geo.errors import CrsError, InputError, SchemaError
from tests.boundaries.imports import office_files as office

CODE, N = office.DISTRICT.code, 6
TO_ZONE = pyproj.Transformer.from_crs(4326, 4548, always_xy=True)
EAST, NORTH = TO_ZONE.transform(office.LON, office.LAT)
TURN = np.radians(0.8)
X = (np.cos(TURN) * (EAST - 588_000) + np.sin(TURN) * (NORTH - 4_137_000)) + 20_000
Y = (-np.sin(TURN) * (EAST - 588_000) + np.cos(TURN) * (NORTH - 4_137_000)) + 30_000


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "town.gpkg", create=True)
    made.replace(office.DISTRICT, office.LAYERS)
    return made


def table(**columns):
    return pd.DataFrame({"点号": [f"K{i + 1}" for i in range(N)], **columns})


def loaded(store, path, points, **system):
    points.to_csv(path, index=False)
    read = read_control_points(path, office.DISTRICT)
    return store_control_points(store, CODE, read, LocalSystem(**system))


@pytest.mark.parametrize("north_first", [False, True])
@pytest.mark.parametrize("degrees", [False, True])
def test_files_in_a_local_system_come_to_their_places(store, tmp_path, north_first, degrees):
    x, y = (Y, X) if north_first else (X, Y)
    there = {"经度": office.LON[:N], "纬度": office.LAT[:N]}
    zone = {"X2000": NORTH[:N], "Y2000": EAST[:N] + 39_000_000}
    points = table(x=x[:N], y=y[:N], **(there if degrees else zone))
    loaded(store, tmp_path / "k.csv", points, name="城建坐标")
    homes = pd.DataFrame({"id": office.IDS, "户数": 3, "x": x, "y": y})
    homes.to_csv(tmp_path / "homes.csv", index=False)
    for told in ("local", "城建坐标"):
        report = load_layer(store, CODE, "buildings", tmp_path / "homes.csv", crs=told).report
        assert "城建坐标" in str(report.layers["buildings"].understood[-1].how)
    after = store.layers(CODE).buildings.set_index("building_id").loc[office.IDS]
    assert np.abs(after["lon"] - office.LON).max() < 1e-9
    assert np.abs(after["lat"] - office.LAT).max() < 1e-9


def test_a_mistyped_point_stores_nothing(store, tmp_path):
    wrong = X[:N] + np.array([0, 0, 7.0, 0, 0, 0])
    points = table(x=wrong, y=Y[:N], lon=office.LON[:N], lat=office.LAT[:N])
    with pytest.raises(InputError, match=r"Control point K3 is 7\.00 m off"):
        loaded(store, tmp_path / "k.csv", points)
    assert stored_systems(store.district(CODE)) == {}
    with pytest.raises(CrsError, match="has the local systems none"):
        load_layer(store, CODE, "buildings", tmp_path / "k.csv", crs="local")
    with pytest.raises(SchemaError, match="wanted x2, y2 too"):
        loaded(store, tmp_path / "k.csv", table(x=wrong, y=Y[:N]))


def test_an_old_datum_is_used_by_seven_parameters(store, tmp_path):
    krasovsky = "+proj=tmerc +lon_0=117 +x_0=500000 +ellps=krass +units=m"
    shifted = pyproj.CRS(f"{krasovsky} +towgs84=15.8,-154.4,-82.3,0.4,-0.3,0.7,2.5")
    old = pyproj.Transformer.from_crs(4326, shifted, always_xy=True)
    x, y = old.transform(office.LON, office.LAT)
    points = table(x=x[:N], y=y[:N], lon=office.LON[:N], lat=office.LAT[:N])
    loaded(store, tmp_path / "k.csv", points, crs=krasovsky)
    system = stored_systems(store.district(CODE))["local"]
    assert system["largest_m"] < 0.01
    found = pyproj.Transformer.from_crs(stored_crs("local", system), 4326, always_xy=True)
    lon, lat = found.transform(x, y)
    assert max(np.abs(lon - office.LON).max(), np.abs(lat - office.LAT).max()) < 1e-7
    swapped = table(x=y[:N], y=x[:N], lon=office.LON[:N], lat=office.LAT[:N])
    with pytest.raises(InputError, match="only with x and y swapped"):
        loaded(store, tmp_path / "k.csv", swapped, crs=krasovsky)
    with pytest.raises(InputError, match="over 50 km from"):
        loaded(store, tmp_path / "k.csv", points, crs="EPSG:2437")
