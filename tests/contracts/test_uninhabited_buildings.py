"""A building where nobody lives changes no figure: coverage, gaps, hubs, beats, supply, equity.

Towns are drawn at random, with a quarter of their ground in each of four small grids, and answered
twice: as they are, and with empty buildings among the others. Counts of buildings differ, and
nothing else does, to the last bit.
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from geo.accessibility.coverage import coverage_table, nearest_times
from geo.accessibility.dependents import choice_table, dependents_table
from geo.accessibility.floating_catchment import Method, demand_of, supply_access
from geo.accessibility.gaps import gap_areas, gap_table
from geo.accessibility.inequality import equity_table
from geo.grids.assign import members
from geo.isochrone.isochrones import Isochrones
from geo.model.layers import Layers, conform_layer
from geo.network.compile import compile_network
from geo.routing.od_pairs import pairs_within
from geo.routing.snapped_district import snap_layers
from geo.scenario.compare import change_table, run_scenario
from geo.scenario.edits import ClosePoint
from geo.scenario.engine import WhatIfEngine
from geo.staffing.beats import find_beats
from geo.staffing.completeness import completeness
from geo.staffing.hubs_and_stations import catchment_table, station_table, station_walks
from tests.scenes import around
from tests.towns import ADULT, CORNER, EPSG, buildings_frame, towns

LARGE, MEDIUM = "371602001001", "3716020010011"
SMALL = [f"{MEDIUM}0{number}" for number in range(1, 5)]


def gridded(layers: Layers, middle: tuple[float, float]) -> Layers:
    """Return a town with four small grids that meet in the middle, three of them with a worker."""
    x, y = CORNER[0] + middle[0], CORNER[1] + middle[1]
    far = 5_000.0
    quarters = [
        shapely.box(*np.minimum((x, y), corner), *np.maximum((x, y), corner))
        for corner in [
            (x - far, y + far),
            (x + far, y + far),
            (x - far, y - far),
            (x + far, y - far),
        ]
    ]
    whole = shapely.box(x - far, y - far, x + far, y + far)
    grids = gpd.GeoDataFrame(
        {
            "code": [LARGE, MEDIUM, *SMALL],
            "level": ["large", "medium", *["small"] * 4],
            "parent_code": [None, LARGE, *[MEDIUM] * 4],
        },
        geometry=[whole, whole, *quarters],
        crs=EPSG,
    ).assign(name_zh="", name_en="", origin="given")
    workers = pd.DataFrame({"worker_code": ["w1", "w1", "w2"], "grid_code": SMALL[:3]})
    workers = conform_layer("workers", workers)
    return replace(layers, grids=conform_layer("grids", grids), workers=workers)


def with_empty(layers: Layers, places: list[tuple[float, float]], before: list[int]) -> Layers:
    """Return a town with empty buildings at `places`, each put in before a row of those there."""
    empty = buildings_frame(places).to_crs(EPSG).assign(households=0)
    empty["building_id"] = [f"{'a' if n % 2 else 'z'}{n}" for n in range(len(empty))]
    order = np.argsort([*np.arange(len(layers.buildings)), *(np.array(before) - 0.5)])
    return replace(layers, buildings=pd.concat([layers.buildings, empty]).iloc[order].reset_index(
        drop=True))  # fmt: skip


def figures(layers: Layers, minutes: float) -> dict[str, pd.DataFrame]:
    """Return every figure of a town, by name; without the counts of all buildings."""
    network = compile_network(layers, ADULT)
    held = members(layers)
    snapped = snap_layers(layers, network, ("a", "b"))
    times = nearest_times(snapped)
    homes = layers.buildings["households"]
    found = {}
    for by in ("small", "large", "district"):
        table = coverage_table(times, layers, minutes=minutes, by=by, members=held)
        found[f"coverage {by}"] = table.drop(columns="buildings")
        table = equity_table(times.time_s[:, 0], layers, weights=homes, by=by, members=held)
        found[f"equity {by}"] = table.drop(columns="buildings")
    found["gaps"] = gap_table(times, layers, minutes=minutes, level="small", members=held)
    found["gap areas"] = gap_areas(times, layers, minutes=minutes)
    pairs = pairs_within(snapped, category="a", limit_s=minutes * 60)
    found["dependents"] = dependents_table(layers, [pairs])
    found["choices"] = choice_table(layers, {"a": pairs})
    for method in Method:
        shared = supply_access(
            pairs, demand=demand_of(layers), supply=layers.service_points["capacity"], method=method
        )
        found[f"{method} points"] = shared.ratio.to_frame()
        found[f"{method} sums"] = pd.DataFrame([[shared.reached, shared.idle, shared.unlinked]])
        score = shared.score.set_axis(layers.buildings["building_id"])
        found[f"{method} scores"] = score[(homes > 0).to_numpy()].to_frame()
    places = layers.service_points.rename(columns={"point_id": "place_id", "category": "role"})
    places["role"] = places["role"].map({"a": "hub", "b": "station"})
    stations = station_walks(layers, places, network=network, minutes=minutes)
    found["catchment"] = catchment_table(layers, held, stations)
    found["stations"] = station_table(layers, stations)
    nobody = pd.DataFrame({"grid_code": [], "role": [], "name": []}, dtype=object)
    found["completeness"] = completeness(layers, nobody, (), band=around(20), stations=stations)
    beats = find_beats(layers, held["small"], band=around(20))
    found["beats"] = beats.table.drop(columns="buildings")
    found["no beat"] = beats.unassigned.drop(columns="buildings")
    if len(layers.service_points):
        engine = WhatIfEngine(layers, snapped, times)
        scenario = run_scenario(engine, [ClosePoint("p000")])
        found["scenario"] = change_table(
            scenario, layers, minutes=minutes, by="small", members=held, always=("all", "a", "b")
        )
    node = network.node_xy[:1]
    drawn = Isochrones(snapped, homes.to_numpy(np.int64)).around(node, [minutes], agreement=0.0)
    found["isochrone"] = pd.DataFrame([[drawn[0].households, drawn[0].reached_m]])
    return found


@settings(max_examples=8, deadline=None)
@given(towns(), st.data(), st.sampled_from([2.0, 5.0, 15.0]))
def test_empty_buildings_change_no_figure(layers, data, minutes):
    n = len(layers.buildings)
    households = data.draw(st.lists(st.integers(0, 30), min_size=n, max_size=n))
    layers = replace(layers, buildings=layers.buildings.assign(households=households))
    layers = gridded(layers, data.draw(st.tuples(*[st.sampled_from([30.0, 220.0])] * 2)))
    coordinate = st.floats(-250, 1_000)
    places = data.draw(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=10))
    rows = st.integers(0, n)
    before = data.draw(st.lists(rows, min_size=len(places), max_size=len(places)))
    more = with_empty(layers, places, before)
    assert len(more.buildings) == n + len(places)
    one, other = figures(layers, minutes), figures(more, minutes)
    for name, table in one.items():
        assert_frame_equal(other[name], table, check_exact=True, obj=name)
