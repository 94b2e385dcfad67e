import numpy as np
import pytest

from geo.accessibility.coverage import coverage_table
from geo.scenario.compare import building_changes, change_table, run_scenario, times_changed
from geo.scenario.edits import AddPoint, ClosePoint, MovePoint, SetHouseholds
from tests.geo.accessibility.test_coverage import members_by_hand
from tests.geo.scenario.test_engine import tiny_live
from tests.scenes import lonlat


def changed(edits, *, minutes=4, by="small"):
    engine = tiny_live()
    scenario = run_scenario(engine, edits)
    table = change_table(scenario, engine.layers, minutes=minutes, by=by, members=members_by_hand())
    return table.set_index(["category", "code"])


def test_a_new_point_has_winners_by_grid_and_no_losers():
    # 4 minutes are 300 m: b3 by 260 m, b1 by 10 + 150 + 200 m not
    table = changed([AddPoint("fix", "repair", *lonlat(200, 0))])
    assert table.loc[
        ("repair", "371602001001102"), ["before", "after", "gained", "lost"]
    ].tolist() == [0, 4, 4, 0]
    assert set(table.index.get_level_values("category")) == {"repair"}
    assert table["lost"].sum() == 0


def test_closing_the_only_elderly_point_loses_whom_it_reached():
    table = changed([ClosePoint("p5")], by="district")
    row = table.loc[("elderly", "")]
    assert row["before"] == row["lost"] == 8 + 16
    assert (row["after"], row["coverage_after"]) == (0, 0)


def test_households_change_the_figures_without_winners():
    table = changed([SetHouseholds("b3", 40)], by="district")
    assert table.loc[("catering", ""), ["before", "after", "gained", "lost"]].tolist() == [
        31,
        67,
        0,
        0,
    ]
    assert table.loc[("catering", ""), "coverage_after"] == pytest.approx(1)


def test_no_edit_changes_nothing():
    assert len(changed([])) == 0


def test_households_that_nobody_covers_change_the_share_alone():
    # in 4 minutes b1 and b2 do not reach p5; 3 + 1 more of them are 4 + 24 of 35
    table = changed([SetHouseholds("b1", 5)], by="district")
    row = table.loc[("elderly", "")]
    assert (row["before"], row["after"], row["change"]) == (24, 24, 0)
    assert row["coverage_before"] == pytest.approx(24 / 31)
    assert row["coverage_after"] == pytest.approx(24 / 35)


def test_rows_asked_for_stay_where_nothing_differs():
    engine = tiny_live()
    table = change_table(
        run_scenario(engine, []), engine.layers, minutes=4, by="district",
        members=members_by_hand(), always=("all",),
    )  # fmt: skip
    assert table[["category", "before", "after", "change"]].to_numpy().tolist() == [
        ["all", 0, 0, 0]
    ]


def test_all_stands_for_what_is_judged_in_the_base_before_and_after_alike():
    # the first repair shop is no reason to say that fewer reach everything, nor is its closing
    table = changed([AddPoint("fix", "repair", *lonlat(0, 200))], minutes=5, by="district")
    assert set(table.index.get_level_values("category")) == {"repair"}
    table = changed([ClosePoint("p5")], minutes=5, by="district")  # the only one for the elderly
    assert table.loc[("all", ""), ["before", "after", "lost"]].tolist() == [28, 0, 28]


def test_buildings_whose_status_differs():
    # p5 goes from 50 m beyond node 5 to node 1: 4 minutes are 300 m
    engine = tiny_live()
    scenario = run_scenario(
        engine, [MovePoint("p5", *lonlat(0, 200)), AddPoint("a", "elderly", *lonlat(400, 200))]
    )
    table = building_changes(scenario, engine.layers, minutes=4).set_index("building_id")
    assert list(table.index) == ["b3", "b2", "b1"]  # most households first
    b1 = table.loc["b1"]
    assert (b1["category"], b1["households"]) == ("elderly", 1)
    assert b1[["before_point", "after_point"]].tolist() == ["p5", "p5"]
    assert b1["before_s"] * 1.25 == pytest.approx(10 + 350 + 50 + 10, abs=0.05)
    assert b1["after_s"] * 1.25 == pytest.approx(10 + 50, abs=0.05)
    assert b1[["status_before", "status_after"]].tolist() == ["beyond", "covered"]
    assert table.loc["b3", "after_s"] * 1.25 == pytest.approx(10 + 150, abs=0.05)
    assert times_changed(scenario) == 6  # every building is nearer to one of the two


@pytest.mark.parametrize("by", ["small", "medium", "large", "district"])
def test_figures_are_those_of_coverage_before_and_after(by):
    engine, members = tiny_live(), members_by_hand()
    edits = [MovePoint("p4", *lonlat(300, 100)), SetHouseholds("b5", 1), ClosePoint("p2")]
    scenario = run_scenario(engine, edits)
    names = ("all", *engine.categories)
    table = change_table(
        scenario, engine.layers, minutes=4, by=by, members=members, always=names
    ).set_index(["code", "category"])
    for when, times, layers in (
        ("before", scenario.before, engine.layers),
        ("after", scenario.after, scenario.layers),
    ):
        wanted = coverage_table(times, layers, minutes=4, by=by, members=members).set_index("code")
        for name in names:
            got = table.xs(name, level="category")
            assert got[when].tolist() == wanted[f"covered_{name}"].tolist()
            shares = got[f"coverage_{when}"].to_numpy()
            assert np.array_equal(shares, wanted[f"coverage_{name}"].to_numpy(), equal_nan=True)
