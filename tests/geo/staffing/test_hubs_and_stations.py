"""Hubs and stations: walks whose seconds can be worked out on paper."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.grids.assign import members
from geo.model.layers import Layers, conform_layer
from geo.network.compile import compile_network
from geo.staffing.hubs_and_stations import catchment_table, station_table, station_walks
from geo.staffing.organisations import PlaceRole, Side, place, places_of
from tests.towns import ADULT, CORNER, EPSG, lonlat, town

STREET = [
    {"u": 1, "v": 2, "coords": [(0, 0), (1000, 0)]},
    {"u": 2, "v": 3, "coords": [(1000, 0), (2000, 0)]},
]
ROLES = (
    PlaceRole(Side.HUB, "中心", "hub", ("服务中心",)),
    PlaceRole(Side.STATION, "站点", "station", ("服务站",)),
)


def at(*rows) -> pd.DataFrame:
    """Return places from id, role, x and y."""
    table = [(name, role, name, *lonlat(x, y)) for name, role, x, y in rows]
    return pd.DataFrame(table, columns=["place_id", "role", "name", "lon", "lat"])


def walks(layers: Layers, places: pd.DataFrame, *, minutes: float = 15.0):
    network = compile_network(layers, ADULT)
    return station_walks(layers, places, network=network, minutes=minutes)


def gridded(layers: Layers) -> Layers:
    """Return a scene with one small grid west of x = 1000, and one east of it."""
    grids = gpd.GeoDataFrame(
        {
            "code": ["w", "e"], "level": "small", "parent_code": None, "name_zh": "",
            "name_en": "", "origin": "given",
        },
        geometry=[
            box(CORNER[0] + x, CORNER[1] - 500, CORNER[0] + x + 1000, CORNER[1] + 500)
            for x in (0, 1000)
        ],
        crs=EPSG,
    )  # fmt: skip
    return replace(layers, grids=conform_layer("grids", grids))


def test_the_threshold_is_inclusive():
    layers = gridded(town(STREET, homes=[(1105, -10), (1106, -10)]))
    # leg 10 + street 1105 + leg 10 = 1125 m, 900 s at 1.25 m/s; one metre more is 0.8 s more
    places = at(("h", "hub", 0, 10), ("s1", "station", 1105, 10), ("s2", "station", 1106, 10))
    found = walks(layers, places)
    table = station_table(layers, found).set_index("place_id")
    assert table["time_s"].tolist() == [900.0, 900.8]
    assert table["status"].tolist() == ["within", "beyond"]
    assert table["hub_id"].tolist() == ["h", "h"]
    assert table["grid_code"].tolist() == ["e", "e"]
    one = walks(layers, at(("s", "station", 0, 10)))
    assert one.buildings["time_s"].tolist() == [900.0, 900.8]
    row = catchment_table(layers, members(layers), one).set_index("code").loc["e"]
    assert row[["households", "within", "beyond", "unlinked"]].tolist() == [20, 10, 10, 0]
    assert row[["share", "farthest_s", "stations"]].tolist() == [0.5, 900.8, 1]
    assert station_table(layers, one)["households"].tolist() == [10]


def test_a_wall_makes_a_near_station_far():
    edges = [
        {"u": 1, "v": 2, "coords": [(0, 0), (1000, 0)]},
        {"u": 2, "v": 3, "coords": [(1000, 0), (1000, 100)]},
        {"u": 3, "v": 4, "coords": [(1000, 100), (0, 100)]},
    ]
    layers = town(edges, walls=[[(-300, 42), (990, 42)]], homes=[(0, 40)])
    places = at(("h", "hub", 0, 30), ("s", "station", 0, 45))
    # 5 m apart as the crow flies; on foot 40 + 1000 + 100 + 1000 + 55 = 2195 m
    found = walks(layers, places)
    assert found.buildings["time_s"].tolist() == [1756.0]
    assert found.stations["time_s"].tolist() == [1748.0]  # the hub is 30 m from its street
    assert station_table(layers, found)["status"].tolist() == ["beyond"]
    # without the wall the station is linked to the same street: 40 + 45 and 30 + 45 m
    bare = walks(replace(layers, barriers=layers.barriers.iloc[:0]), places)
    assert bare.buildings["time_s"].tolist() == [68.0]
    assert bare.stations["time_s"].tolist() == [60.0]


def test_what_is_unlinked_is_counted_with_its_reason():
    layers = gridded(town(STREET, homes=[(100, 10), (300, 10), (300, 400)]))
    layers = replace(layers, buildings=layers.buildings.assign(households=[1, 2, 4]))
    places = at(
        ("h1", "hub", 0, 10), ("h2", "hub", 0, 300), ("s1", "station", 100, 10),
        ("s2", "station", 200, 350),
    )  # fmt: skip
    found = walks(layers, places)
    assert found.hubs["reason"].tolist() == ["", "too_far"]
    table = station_table(layers, found).set_index("place_id")
    assert table["reason"].to_dict() == {"s1": "", "s2": "too_far"}
    assert table["status"].to_dict() == {"s1": "within", "s2": "unlinked"}
    assert table["households"].to_dict() == {"s1": 3, "s2": 0}
    assert found.buildings["reason"].tolist() == ["", "", "too_far"]
    row = catchment_table(layers, members(layers), found).iloc[0]
    assert row[["households", "within", "beyond", "unlinked"]].tolist() == [7, 3, 0, 4]
    assert row["farthest_s"] == pytest.approx(176.0)  # 10 + 200 + 10 = 220 m; the linked ones


def test_no_hub_no_station_no_network():
    layers = gridded(town(STREET, homes=[(100, 10)]))
    alone = walks(layers, at(("s", "station", 500, 10)))
    assert station_table(layers, alone)["status"].tolist() == ["beyond"]
    assert alone.stations["hub_id"].tolist() == [None]
    none = walks(layers, at())
    assert (len(none.hubs), len(none.stations)) == (0, 0)
    assert none.buildings["time_s"].isna().all()
    row = catchment_table(layers, members(layers), none).iloc[0]
    assert row[["within", "beyond", "stations"]].tolist() == [0, 10, 0]
    assert np.isnan(row["farthest_s"])
    bare = replace(layers, walk_edges=layers.walk_edges.iloc[:0])
    found = walks(bare, at(("s", "station", 500, 10), ("h", "hub", 500, 10)))
    assert found.hubs["reason"].tolist() == ["no_network"]
    assert found.buildings["reason"].tolist() == ["no_network"]


def test_a_station_in_its_hub_walks_nowhere_and_twice_named_counts_once():
    layers = gridded(town(STREET, homes=[(100, 10)]))
    places = at(
        ("p", "hub", 500, 10), ("p", "station", 500, 10), ("p", "station", 500, 10),
        ("q", "station", 700, 10),
    )  # fmt: skip
    found = walks(layers, places)
    assert found.stations["place_id"].tolist() == ["p", "q"]
    assert found.stations["time_s"].tolist() == [0.0, 176.0]
    assert found.stations["hub_id"].tolist() == ["p", "p"]
    assert len(found.hubs) == 1


def test_without_buildings_stations_still_walk_to_hubs():
    layers = gridded(town(STREET))
    found = walks(layers, at(("h", "hub", 0, 10), ("s", "station", 105, 10)))
    assert found.stations["time_s"].tolist() == [100.0]
    assert len(catchment_table(layers, members(layers), found)) == 0


def test_where_the_places_of_a_table_stand():
    layers = town(STREET, points=[(0, 10), (100, 10), (200, 10), (300, 10), (400, 10)])
    points = layers.service_points.assign(
        name=["便民服务中心", "南站", "西站", "西站", ""], sub=["", "便民服务站", "", "", ""]
    )
    assert places_of(points, ROLES)[["place_id", "role"]].to_numpy().tolist() == [
        ["p000", "hub"], ["p001", "station"],
    ]  # fmt: skip
    nan = float("nan")
    named = pd.DataFrame(
        [
            ("row-1", "hub", "x", "", "p003", nan, nan),
            ("row-2", "station", "南站", "", "", nan, nan),
            ("row-3", "station", "y", "", "", 118.5, 37.5),
            ("row-4", "station", "z", "g", "", nan, nan),
            ("row-5", "station", "西站", "", "", nan, nan),
            ("row-6", "hub", "南站", "", "p9", nan, nan),
            ("row-7", "hub", "", "", "", nan, nan),
        ],
        columns=["place_id", "role", "name", "grid_code", "point_id", "lon", "lat"],
    )
    found = place(named, points)
    assert found.placed[["place_id", "role", "name"]].to_numpy().tolist() == [
        ["p003", "hub", "西站"], ["p001", "station", "南站"], ["row-3", "station", "y"],
    ]  # fmt: skip
    assert found.placed.loc[2, ["lon", "lat"]].tolist() == [118.5, 37.5]
    assert found.unplaced[["name", "grid_code", "point_id", "reason"]].to_numpy().tolist() == [
        ["z", "g", "", "no_place"], ["西站", "", "", "ambiguous"], ["南站", "", "p9", "no_point"],
        ["", "", "", "no_place"],
    ]  # fmt: skip


def test_empty_buildings_are_nobodys_walk_and_a_station_out_of_reach_serves_nobody():
    homes = [(100, 10), (500, 10), (480, 10), (950, -10), (1500, 10)]
    layers = gridded(town(STREET, homes=homes))
    layers = replace(layers, buildings=layers.buildings.assign(households=[10, 5, 0, 0, 0]))
    places = at(("h", "hub", 0, 10), ("s1", "station", 0, 10), ("s2", "station", 940, 10))
    found = walks(layers, places, minutes=2)
    # 10 + 100 + 10 m; 10 + 440 + 10; 10 + 460 + 10; 10 + 10 + 10; 10 + 560 + 10 at 1.25 m/s
    assert found.buildings["time_s"].tolist() == [96.0, 368.0, 384.0, 24.0, 464.0]
    assert found.buildings["station_id"].tolist() == ["s1", "s2", "s2", "s2", "s2"]
    (row,) = catchment_table(layers, members(layers), found).to_dict("records")
    assert (row["code"], row["households"], row["within"], row["beyond"]) == ("w", 15, 10, 5)
    assert (row["stations"], row["farthest_s"]) == (1, 368.0)
    assert station_table(layers, found)["households"].tolist() == [10, 0]


def test_a_station_in_its_hub_is_within_where_neither_is_linked():
    layers = gridded(town(STREET, homes=[(100, 10)]))
    far = walks(layers, at(("p", "hub", 500, 400), ("p", "station", 500, 400)))
    table = station_table(layers, far)
    assert table[["reason", "time_s", "status"]].to_numpy().tolist() == [["too_far", 0.0, "within"]]
