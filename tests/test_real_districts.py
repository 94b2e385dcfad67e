"""Whole districts from real OpenStreetMap files and from the generator, against the oracle."""

import json

import numpy as np
import pytest

from api.snapshot.profiles import find_profile
from boundaries.demo import bincheng, helsinki_path
from boundaries.readers.osm import read_osm
from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import coverage_table, nearest_times
from geo.crs import project_geometry, project_points
from geo.errors import NotFoundError
from geo.grids.assign import members
from geo.network.compile import compile_network
from geo.partition.street_blocks import draw_grids
from geo.routing.route import walk
from geo.routing.snapped_district import snap_layers
from tests.oracles.comparing import assert_engine_equals_oracle
from tests.shared import SHARED, needs_shared

STANDARD = load_standard()
CATEGORIES = [category.id for category in STANDARD.categories]


def metric_layers(name: str):
    """Return district and metric layers, grids drawn where the source brings none."""
    if name == "bincheng":
        district, layers = bincheng(households=5_000)
        return district, layers.to_metric(district.epsg)
    path = (
        helsinki_path()
        if name == "helsinki"
        else SHARED / "data/osm-beijing-tsinghua-2017/map.nometa.osm.pbf"
    )
    district, layers, _ = read_osm(path, code=name, standard=STANDARD)
    metric = layers.to_metric(district.epsg)
    boundary = project_geometry(district.boundary, 4326, district.epsg)
    grids = draw_grids(boundary, metric.walk_edges, code=name, buildings=metric.buildings)
    return district, type(metric)(
        **{field: getattr(metric, field) for field in metric.__slots__ if field != "grids"},
        grids=grids,
    )


def found(name: str):
    """As :func:`metric_layers`, or a visible skip where the demo's data packages are absent."""
    try:
        return metric_layers(name)
    except NotFoundError as error:
        pytest.skip(str(error))


DISTRICTS = ["helsinki", "bincheng", pytest.param("tsinghua", marks=needs_shared)]


@pytest.mark.parametrize("name", DISTRICTS)
def test_every_building_and_category_equals_the_oracle(name):
    _, layers = found(name)
    compared = assert_engine_equals_oracle(layers, CATEGORIES)
    assert compared == len(layers.buildings) * 10
    assert compared > 1_000


@pytest.mark.parametrize("name", DISTRICTS)
def test_three_levels_sum_to_the_buildings_and_the_rest_is_told(name):
    _, layers = found(name)
    network = compile_network(layers, find_profile(STANDARD, "adult"))
    times = nearest_times(snap_layers(layers, network, CATEGORIES))
    of = members(layers)
    households = layers.buildings["households"].to_numpy(np.float64)
    covered = times.covered(15)
    for level in ("small", "medium", "large"):
        table = coverage_table(times, layers, minutes=15, by=level, members=of)
        inside = of[level].notna().to_numpy()
        assert table["households"].sum() == pytest.approx(households[inside].sum(), abs=1e-9)
        for column, category in enumerate(CATEGORIES):
            expected = households[inside & covered[:, column]].sum()
            assert table[f"covered_{category}"].sum() == pytest.approx(expected, abs=1e-9)
        existing = np.isin(CATEGORIES, layers.service_points["category"])
        everyone = (households * inside * covered[:, existing].all(axis=1)).sum()
        assert table["covered_all"].sum() == pytest.approx(everyone, abs=1e-9)
    assert (of["small"].isna() == of["large"].isna()).all()


def side_by_side(start: np.ndarray, end: np.ndarray, low: np.ndarray, high: np.ndarray):
    """Pairs (first, second) of boxes that share half of the lesser extent and lie apart else."""
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    least = np.minimum((high - low)[:, None], high - low)
    return np.argwhere((shared > 0.5 * least) & (end[:, None] <= start + 1))


@pytest.mark.parametrize("name", DISTRICTS)
def test_numbers_run_west_to_east_then_north_to_south(name):
    """Of two siblings side by side the western one has the lower number, else the northern one."""
    _, layers = found(name)
    grids, pairs = layers.grids, 0
    for _, family in grids.groupby(grids["parent_code"].fillna("")):
        ordered = family.assign(length=family["code"].str.len()).sort_values(["length", "code"])
        west, south, east, north = ordered.bounds.to_numpy().T
        beside = side_by_side(west, east, south, north)
        above = side_by_side(-north, -south, west, east)
        assert (beside[:, 0] < beside[:, 1]).all()
        assert (above[:, 0] < above[:, 1]).all()
        pairs += len(beside) + len(above)
    assert pairs > 20


@needs_shared
def test_monaco_walking_distances_of_another_engine():
    folder = SHARED / "data/monaco-graphhopper"
    district, layers, _ = read_osm(folder / "monaco.osm.gz", code="monaco", standard=STANDARD)
    metric = layers.to_metric(district.epsg)
    network = compile_network(metric, find_profile(STANDARD, "adult"))
    for route in json.loads((folder / "reference_foot.json").read_text("utf-8"))["routes"]:
        (lat0, lon0), (lat1, lon1) = route["from_latlon"], route["to_latlon"]
        start, end = project_points([lon0, lon1], [lat0, lat1], district.epsg)
        one = walk(network, start, end)
        assert one.metres == pytest.approx(route["distance_m"], rel=0.005)
