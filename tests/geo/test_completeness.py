"""Completeness of a plan: what each grid has, and what it lacks."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from boundaries.organisation_roles import load_roles, read_organisations
from geo.completeness import Role, Stations, completeness, organisations_of, summary
from geo.district import Level
from geo.errors import SchemaError
from tests.scenes import (
    EAST,
    EPSG,
    LARGE,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    WEST,
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
    return completeness(LAYERS, organisations, load_roles(), households_per_worker=20, **more)


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
    heavy = completeness(LAYERS, THERE, (), households_per_worker=6)
    assert rows(heavy, "load")["status"].to_dict() == {"W1": "met", "W2": "heavy"}


def test_grids_without_a_worker():
    some = tiny_layers().workers.iloc[1:]
    table = completeness(replace(LAYERS, workers=some), THERE, (), households_per_worker=20)
    found = rows(table, "worker")["status"].to_dict()
    assert found.pop(NORTH_WEST) == "missing"
    assert set(found.values()) == {"met"}


def test_hub_and_stations():
    seconds = pd.Series([100.0, 900.0, np.nan, 901.0, 10.0, 10.0], index=LAYERS.buildings.index)
    table = report(
        stations=Stations(pd.Series({"s1": 899.0, "s2": np.nan}), seconds, within_s=900.0)
    )
    assert rows(table, "hub")["status"].to_dict() == {"s1": "met", "s2": "missing"}
    catchment = rows(table, "catchment")
    assert catchment["value"].to_dict() == {
        NORTH_WEST: 1.0, SOUTH_WEST: 0.0, NORTH_EAST: 0.0, SOUTH_EAST: 1.0,
    }  # fmt: skip
    assert catchment.loc[SOUTH_WEST, "status"] == "missing"


def test_what_is_met_in_all():
    table = summary(report()).set_index("rule")
    assert table.loc["branch", ["met", "of", "share"]].tolist() == [1, 2, 0.5]
    assert table.loc["group", ["met", "of", "share"]].tolist() == [0, 4, 0.0]
    assert table.loc["worker", ["met", "of"]].tolist() == [4, 4]


def test_service_points_are_organisations_by_their_terms():
    roles = (
        Role("clinic", Level.MEDIUM, "卫生站", "clinic", ("卫生服务站",)),
        Role("care", Level.LARGE, "日间照料", "day care", ("日间照料",)),
    )
    found = organisations_of(LAYERS.service_points, LAYERS.grids, roles)
    assert found.to_dict("records") == [  # the day-care centre lies outside the district
        {"grid_code": WEST, "role": "clinic", "name": "卫生服务站"}
    ]
    assert len(organisations_of(LAYERS.service_points, LAYERS.grids, roles[1:])) == 0


def test_a_table_of_organisations(tmp_path):
    path = tmp_path / "o.csv"
    path.write_bytes(
        f"网格编码,角色,名称\n{WEST},支部,西片支部\n{LARGE},window,大厅\n".encode("gbk")
    )
    assert read_organisations(path).to_dict("records") == [
        {"grid_code": WEST, "role": "branch", "name": "西片支部"},
        {"grid_code": LARGE, "role": "window", "name": "大厅"},
    ]
    path.write_text("code,role\nx,y\n")
    with pytest.raises(SchemaError, match="wanted also name"):
        read_organisations(path)
    path.write_text("code,role,name\nx,cook,z\n")
    with pytest.raises(SchemaError, match="the roles cook"):
        read_organisations(path)
