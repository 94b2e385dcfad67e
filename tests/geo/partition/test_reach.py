"""How far detached homes join others, and whether compounds stay whole."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest

from geo.errors import InputError
from geo.model.layers import conform_layer
from geo.partition.pipeline import partition
from tests.geo.partition.partition_scene import CODE, box, lattice, line, neighbourhood, staircases
from tests.geo.partition.test_pipeline import loads
from tests.towns import EPSG

WEST = [(10, 10), (30, 10)]
WALK = [("footway", [(0, 20), (2000, 20)])]  # a footway cuts nothing


def drawn(east_m, households, *, reach_m=600.0, walls=(), others=()):
    """Two houses in the west, and houses farther east along one footway."""
    places = [*WEST, *((x, 10) for x in east_m)]
    layers = neighbourhood(places, households, streets=WALK, walls=list(walls))
    area = box(0, 0, max(east_m) + 20, 40)
    result = partition(area, layers, code=CODE, home_reach_m=reach_m)
    assert result.faults == ()
    return result, loads(result, layers)


@pytest.mark.parametrize(
    ("reach_m", "wanted", "reasons"),
    [(600.0, [30], {}), (380.0, [10, 20], {"out_of_reach": 2}), (800.0, [30], {})],
)
def test_a_farm_joins_others_within_the_reach_and_beyond_it_is_told(reach_m, wanted, reasons):
    result, found = drawn([410], [10, 10, 10], reach_m=reach_m)
    assert found == wanted
    assert result.report.reasons == reasons
    assert result.report.reach_m == reach_m


def test_a_farm_joins_no_one_across_a_wall_however_near():
    result, found = drawn([410], [10, 10, 10], walls=[line((200, -1), (200, 41))])
    assert found == [10, 20]
    assert result.report.reasons == {"too_few_households": 2}


def test_a_farm_joins_the_nearest_of_two_clusters_on_the_network():
    # 350 m of footway to the east, 420 m to the west
    _, found = drawn([450, 815, 835], [20, 12, 8, 20, 11])
    assert found == [32, 39]


@pytest.mark.parametrize("reach_m", [-1.0, float("nan"), 20_001.0])
def test_a_reach_that_cannot_be_one_is_refused(reach_m):
    with pytest.raises(InputError, match="wanted metres from 0 to"):
        drawn([410], [10, 10, 10], reach_m=reach_m)


def test_compounds_stay_whole_where_counting_allows_it():
    west, east = box(0, 0, 120, 40), box(120, 0, 280, 40)
    layers = neighbourhood(lattice(14, 2), [4] * 28)
    grounds = gpd.GeoDataFrame(
        {"ground_id": ["g0", "g1"], "kind": "compound", "name": ["东园", "西园"]},
        geometry=[west, east], crs=EPSG,
    )  # fmt: skip
    layers = replace(layers, open_grounds=conform_layer("open_grounds", grounds))
    result = partition(west | east, layers, code=CODE)
    small = result.grids[result.grids["level"] == "small"].geometry
    assert result.report.out_of_band == 0
    assert all(min(west.intersection(s).area, east.intersection(s).area) < 1.0 for s in small)


def test_a_building_over_the_band_is_offered_a_split_by_its_staircases():
    layers = neighbourhood(lattice(4, 1), [120, 60, 20, 20])
    doors = [staircases("b000", 6), staircases("b001", 1), staircases("b002", 3)]
    layers = replace(layers, entrances=pd.concat(doors, ignore_index=True))
    report = partition(box(0, 0, 80, 20), layers, code=CODE).report
    (offer,) = report.splits.to_dict("records")
    assert (offer["building"], offer["households"], offer["staircases"]) == ("b000", 120, 6)
    assert [part["households"] for part in offer["parts"]] == [40, 40, 40]
    doors = [door for part in offer["parts"] for door in part["entrances"]]
    assert doors == [f"b000e{i}" for i in range(6)]
