"""Completeness of a plan: what each grid has, and what it lacks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from boundaries.readers.organisations import read_organisations
from boundaries.standards.organisation_roles import load_roles
from geo.errors import EmptyError, FileFormatError, SchemaError
from geo.model.vocabulary import Level
from geo.staffing.completeness import completeness, summary
from geo.staffing.hubs_and_stations import Stations
from geo.staffing.organisations import GridRole, in_their_grids, organisations_of
from tests.scenes import (
    EAST,
    EPSG,
    LARGE,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
    around,
    tiny_layers,
)

LAYERS = tiny_layers().to_metric(EPSG)
THERE = pd.DataFrame(
    [
        (LARGE, "general_branch", "试点总支"),
        (WEST, "branch", "西片支部"),
        (NORTH_WEST, "group", "一组"),
        (NORTH_WEST, "group", "二组"),
        (LARGE, "window", "窗口"),
    ],
    columns=["grid_code", "role", "name"],
)


def report(organisations=THERE, **more):
    return completeness(LAYERS, organisations, load_roles(), band=around(20), **more)


def rows(table, rule):
    return table[table["rule"] == rule].set_index("code")


def test_organisations_by_grid():
    table = report()
    assert rows(table, "general_branch")["status"].to_dict() == {LARGE: "met"}
    assert rows(table, "branch")["status"].to_dict() == {WEST: "met", EAST: "missing"}
    assert rows(table, "group")["status"].to_dict() == {
        NORTH_WEST: "several", SOUTH_WEST: "missing", NORTH_EAST: "missing", SOUTH_EAST: "missing",
    }  # fmt: skip
    assert rows(table, "group").loc[NORTH_WEST, ["value", "names"]].tolist() == [2, "一组, 二组"]
    assert rows(table, "window")["names"].to_dict() == {LARGE: "窗口"}


def test_loads_of_workers():
    table = rows(report(), "load")  # W1 has 1 + 2 + 4 households, W2 8 + 16
    assert table["value"].to_dict() == {"W1": 7, "W2": 24}
    assert table["status"].to_dict() == {"W1": "light", "W2": "met"}
    assert table["wanted"].unique().tolist() == ["16-24"]
    heavy = completeness(LAYERS, THERE, (), band=around(6))
    assert rows(heavy, "load")["status"].to_dict() == {"W1": "met", "W2": "heavy"}


def test_grids_without_a_worker():
    some = tiny_layers().workers.iloc[1:]
    table = completeness(replace(LAYERS, workers=some), THERE, (), band=around(20))
    found = rows(table, "worker")["status"].to_dict()
    assert found.pop(NORTH_WEST) == "missing"
    assert set(found.values()) == {"met"}


def test_hub_and_stations():
    seconds = [100.0, 900.0, np.nan, 901.0, np.nan, 10.0]
    walks = Stations(
        hubs=pd.DataFrame({"place_id": ["h"], "name": "中心", "reason": ""}),
        stations=pd.DataFrame(
            [
                ("s1", "一站", 900.0, "h", NORTH_WEST, ""),
                ("s2", "二站", 900.01, "h", SOUTH_WEST, ""),
                ("s3", "三站", np.nan, None, SOUTH_EAST, "blocked"),
                ("s4", "邻站", np.nan, None, None, "too_far"),  # a neighbour's
            ],
            columns=["place_id", "name", "time_s", "hub_id", "grid_code", "reason"],
        ),
        buildings=pd.DataFrame(
            {
                "time_s": seconds,
                "station_id": ["s1", "s1", None, "s1", None, "s2"],
                "reason": ["", "", "", "", "too_far", ""],
            },
            index=LAYERS.buildings.index,
        ),
        within_s=900.0,
    )
    table = report(stations=walks)
    hub = rows(table, "hub")
    assert hub["status"].to_dict() == {"s1": "met", "s2": "missing", "s3": "unlinked"}
    assert set(hub["wanted"].map(str)) == {"at most 15 min"}
    catchment = rows(table, "catchment")  # b1 b2 | b3 | b4 | b5 b6, and b6 is empty
    assert catchment["value"].to_dict() == {
        NORTH_WEST: 1.0, SOUTH_WEST: 0.0, NORTH_EAST: 0.0, SOUTH_EAST: 0.0,
    }  # fmt: skip
    assert catchment["status"].to_dict() == {
        NORTH_WEST: "met", SOUTH_WEST: "missing", NORTH_EAST: "missing", SOUTH_EAST: "unlinked",
    }  # fmt: skip


def test_what_is_met_in_all():
    table = summary(report()).set_index("rule")
    assert table.loc["branch", ["met", "of", "share"]].tolist() == [1, 2, 0.5]
    assert table.loc["group", ["met", "of", "share"]].tolist() == [0, 4, 0.0]
    assert table.loc["worker", ["met", "of"]].tolist() == [4, 4]


def test_service_points_are_organisations_by_their_terms():
    roles = (
        GridRole("clinic", Level.MEDIUM, "卫生站", "clinic", ("卫生服务站",)),
        GridRole("care", Level.LARGE, "日间照料", "day care", ("日间照料",)),
    )
    found = organisations_of(LAYERS.service_points, LAYERS.grids, roles)
    assert found.placed.to_dict("records") == [
        {"grid_code": WEST, "role": "clinic", "name": "卫生服务站"}
    ]
    assert found.unplaced.to_dict("records") == [  # it lies outside the district
        {"role": "care", "name": "日间照料中心", "grid_code": "", "point_id": "p5",
         "reason": "outside"}
    ]  # fmt: skip


def test_organisations_of_grids_that_are_not_there_are_named():
    table = pd.DataFrame(
        [(WEST, "branch", "一"), (LARGE, "branch", "二"), ("x", "group", "三")],
        columns=["grid_code", "role", "name"],
    )
    found = in_their_grids(table, LAYERS.grids, load_roles())
    assert found.placed["name"].tolist() == ["一"]
    assert found.unplaced[["name", "grid_code", "reason"]].to_numpy().tolist() == [
        ["二", LARGE, "no_grid"], ["三", "x", "no_grid"],
    ]  # fmt: skip


def test_a_table_of_organisations(tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes(
        f"网格编码,角色,名称\n{WEST},支部,西片支部\n{LARGE},window,大厅\n".encode("gbk")
    )
    table = read_organisations(path)
    assert table.in_grid.to_dict("records") == [
        {"grid_code": WEST, "role": "branch", "name": "西片支部"},
        {"grid_code": LARGE, "role": "window", "name": "大厅"},
    ]
    assert len(table.places) == 0


def test_hubs_and_stations_in_a_table(tmp_path):
    path = tmp_path / "o.csv"
    path.write_text(
        "角色,名称,服务点编号,经度,纬度\n中心,街道中心,p4,,\nstation,东站,,118.5,37.5\n站点,西站,,,\n",
        encoding="utf-8",
    )
    places = read_organisations(path).places
    assert places["place_id"].tolist() == ["row-1", "row-2", "row-3"]
    assert places["role"].tolist() == ["hub", "station", "station"]
    assert places["point_id"].tolist() == ["p4", "", ""]
    assert places.loc[1, ["lon", "lat"]].tolist() == [118.5, 37.5]
    assert places[["lon", "lat"]].isna().all(axis=1).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("code,role\nx,y\n", SchemaError, "wanted also name"),
        ("role,name\nbranch,z\n", SchemaError, "wanted also grid_code"),
        ("code,role,name\nx,cook,z\n", SchemaError, "the roles cook; wanted .* hub, station"),
        ("role,name,lon,lat\nhub,z,here,37\n", SchemaError, r"row 1 \(z: here, 37\)"),
        ("role,name,lon,lat\nhub,a,118,37\nhub,z,37,118\n", SchemaError, r"row 2 \(z: 37, 118\)"),
        ("role,name,lon,lat\nhub,z,118,\n", SchemaError, r"row 1 \(z: 118, -\)"),
        ("code,role,name\nx,,z\n", SchemaError, r"the roles \(empty\)"),
        ("role,name\nhub,a,b\n", FileFormatError, "more fields in its rows"),
        ("", EmptyError, r"is empty \(0 bytes\)"),
        ('a,b\n"', FileFormatError, "cannot be read"),
    ],
)
def test_tables_that_are_wrong(tmp_path, text, error, says):
    path = tmp_path / "o.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=says):
        read_organisations(path)
