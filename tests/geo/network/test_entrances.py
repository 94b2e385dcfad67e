from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box
from shapely.affinity import translate

from geo.accessibility.coverage import nearest_times
from geo.model.layers import conform_layer
from geo.network.compile import compile_network
from geo.network.crossed_buildings import crossed_buildings
from geo.network.entrances import Entrances, entrances_of
from geo.routing.snapped_district import snap_layers
from tests.examples import examples
from tests.towns import CORNER, EPSG, WALKERS, entered_towns, town, with_entrances

STREET = [{"u": 1, "v": 2, "coords": [(0, 0), (1000, 0)]}]


def entrances(*rows):
    """Layer ``entrances`` from (building_id, point_id, x, y) and what else differs."""
    table = [
        {
            "entrance_id": f"e{number}", "building_id": building, "point_id": point,
            "kind": "yes", "access": "open", "name": "",
            "geometry": Point(CORNER[0] + x, CORNER[1] + y), **(more[0] if more else {}),
        }
        for number, (building, point, x, y, *more) in enumerate(rows)
    ]  # fmt: skip
    return conform_layer("entrances", gpd.GeoDataFrame(table, geometry="geometry", crs=EPSG))


def seconds(layers):
    network = compile_network(layers, WALKERS[0])
    return nearest_times(snap_layers(layers, network, ("a",))).time_s[:, 0]


def scene(*rows):
    layers = town(STREET, homes=[(500, 50)], points=[(500, -50)])
    return replace(layers, entrances=entrances(*rows)) if rows else layers


def test_the_best_entrance_of_both_ends_counts():
    assert seconds(scene())[0] == pytest.approx(100 / 1.25, abs=0.01)
    one = ("b000", None, 100, 10)
    assert seconds(scene(one))[0] == pytest.approx((10 + 400 + 50) / 1.25, abs=0.01)
    two = ("b000", None, 450, 10)
    assert seconds(scene(one, two))[0] == pytest.approx((10 + 50 + 50) / 1.25, abs=0.01)
    ends = ((None, "p000", 900, -5), (None, "p000", 430, -5))
    assert seconds(scene(one, two, *ends))[0] == pytest.approx((10 + 20 + 5) / 1.25, abs=0.01)


@pytest.mark.parametrize("kind", ["exit", "emergency", "garage"])
def test_nobody_enters_by_an_exit(kind):
    shut = ("b000", None, 100, 10, {"kind": kind})
    assert seconds(scene(shut))[0] == seconds(scene())[0]


def test_residents_have_a_key_and_visitors_have_none():
    private = {"access": "private"}
    home = ("b000", None, 100, 10, private)
    assert seconds(scene(home))[0] == pytest.approx((10 + 400 + 50) / 1.25, abs=0.01)
    for access in ("private", "closed"):
        shop = (None, "p000", 900, -5, {"access": access})
        assert seconds(scene(shop))[0] == seconds(scene())[0]


def test_a_place_is_unlinked_when_no_entrance_is_linked():
    far = ("b000", None, 500, 900)
    network = compile_network(scene(), WALKERS[0])
    alone = snap_layers(scene(far), network, ("a",))
    assert list(alone.reason) == ["too_far"]
    both = snap_layers(scene(far, ("b000", None, 500, 20)), network, ("a",))
    assert list(both.reason) == [""]


def test_entrances_are_in_rows_by_place():
    frame = entrances(("b", None, 2, 0), ("a", None, 1, 0), ("b", None, 3, 0))
    xy = np.array([CORNER, CORNER, CORNER], np.float64)
    found = entrances_of(xy, np.array(["a", "b", "c"], object), frame, "building_id")
    assert found.first.tolist() == [0, 1, 3, 4]
    assert found.row.tolist() == [1, 0, 2, -1]
    assert found.place.tolist() == [0, 1, 1, 2]
    assert found.of([2, 1]).tolist() == [3, 1, 2]
    taken: Entrances = found.take([2, 1])
    assert (taken.first.tolist(), taken.row.tolist()) == ([0, 1, 3], [-1, 0, 2])
    linked = np.array([False, False, True, False])
    assert found.one_each(linked).tolist() == [0, 2, 3]


def test_a_leg_through_another_building_is_told_where_no_entrance_has_a_free_one():
    layers = town(STREET, homes=[(500, 50), (505, 20)], points=[])
    shapes = [translate(box(490, 40, 510, 60), *CORNER), translate(box(495, 10, 515, 30), *CORNER)]
    layers = replace(layers, buildings=layers.buildings.set_geometry(shapes, crs=EPSG))
    for known, told in (((), [1, -1]), ((("b000", None, 490, 45),), [-1, -1])):
        entered = replace(layers, entrances=entrances(*known)) if known else layers
        network = compile_network(entered, WALKERS[0])
        snapped = snap_layers(entered, network, ("a",))
        crossed = crossed_buildings(
            snapped.entrances, snapped.buildings, network, np.array(shapes, object)
        )
        assert crossed.tolist() == told


@examples(12)
@given(entered_towns(), st.sampled_from(WALKERS), st.integers(0, 2**32 - 1))
def test_one_more_entrance_never_makes_a_walk_longer(layers, walker, seed):
    network = compile_network(layers, walker)
    before = nearest_times(snap_layers(layers, network, ("a", "b"))).time_s
    more = with_entrances(layers, np.random.default_rng(seed)).entrances
    known = layers.entrances  # a place that has none yet is entered where it stands
    usable = known[(known["access"] == "open") & (known["kind"] != "exit")]
    more = more[
        more["building_id"].isin(usable["building_id"].dropna())
        | more["point_id"].isin(usable["point_id"].dropna())
    ]
    kept = more.assign(entrance_id="more" + more["entrance_id"])
    both = conform_layer("entrances", pd.concat([known, kept], ignore_index=True))
    after = nearest_times(snap_layers(replace(layers, entrances=both), network, ("a", "b"))).time_s
    assert (np.nan_to_num(after, nan=np.inf) <= np.nan_to_num(before, nan=np.inf)).all()
