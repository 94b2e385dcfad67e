import pytest

from geo.edits import AddPoint, ClosePoint, SetHouseholds
from geo.scenario import change_table, run_scenario
from tests.geo.test_coverage import members_by_hand
from tests.geo.test_live import tiny_live
from tests.scenes import lonlat


def changed(edits, *, minutes=4, by="small"):
    live = tiny_live()
    scenario = run_scenario(live, edits)
    table = change_table(scenario, live.layers, minutes=minutes, by=by, members=members_by_hand())
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
