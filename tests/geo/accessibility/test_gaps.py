from dataclasses import replace

import pytest

from geo.accessibility.coverage import nearest_times
from geo.accessibility.gaps import CONTIGUOUS_M, gap_areas, gap_table
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.geo.accessibility.test_coverage import members_by_hand, tiny
from tests.towns import town

STREET = {"u": 1, "v": 2, "coords": [(0, 0), (3000, 0)]}
ADULT = Profile("adult", "成人", "Adult", 1.25)


def test_gaps_are_ranked_and_sum_to_everybody_who_lacks_a_category():
    layers, times = tiny()
    members = members_by_hand()
    members.loc[0, ["small", "medium", "large"]] = None
    table = gap_table(times, layers, minutes=2.2, level="small", members=members)
    assert list(table["households"]) == sorted(table["households"], reverse=True)
    assert list(table["rank"]) == list(range(1, len(table) + 1))
    catering = table[table["category"] == "catering"].set_index("code")["households"]
    assert catering.sum() == 1 + 2 + 8 + 16
    assert catering["371602001001202"] == 16
    assert catering[catering.index.isna()].tolist() == [1]
    assert table[table["category"] == "all"]["households"].sum() == 31
    assert set(table["category"]) == {"all", "catering", "medical", "shopping", "elderly"}
    repair = gap_table(
        times, layers, minutes=2.2, level="small", members=members, category="repair"
    )
    assert repair["households"].sum() == 31  # not judged, and still told to those who ask


def test_gap_rows_split_into_beyond_and_unlinked():
    layers = town([STREET], homes=[(2000, 0), (2000, 900), (0, 0)], points=[(0, 0)])
    network = compile_network(layers, ADULT)
    times = nearest_times(snap_layers(layers, network, ("a",)))
    members = members_by_hand().iloc[:3].reset_index(drop=True)
    table = gap_table(times, layers, minutes=15, level="small", members=members, category="a")
    assert len(table) == 1  # no grid in this town: one row for buildings in no grid
    assert table.loc[0, ["households", "beyond", "unlinked", "buildings"]].tolist() == [
        20,
        10,
        10,
        2,
    ]
    assert table.loc[0, "coverage"] == pytest.approx(1 / 3)


def test_contiguous_areas_join_neighbours_and_come_largest_first():
    homes = [(2000, 0), (2140, 0), (2280, 0), (2900, 0), (0, 0)]
    layers = town([STREET], homes=homes, points=[(0, 0)])
    network = compile_network(layers, ADULT)
    times = nearest_times(snap_layers(layers, network, ("a",)))
    areas = gap_areas(times, layers, minutes=15, category="a")
    assert areas["households"].tolist() == [30, 10]
    assert areas["area_id"].tolist() == [1, 2]
    assert areas.geometry[0].contains(layers.buildings.geometry[1])
    nothing = gap_areas(times, layers, minutes=120, category="a")
    assert len(nothing) == 0


@pytest.mark.parametrize(("apart_m", "areas"), [(149.99, 1), (150.01, 2)])
def test_buildings_are_contiguous_up_to_the_width_of_a_street_with_its_courts(apart_m, areas):
    assert CONTIGUOUS_M == 150
    layers = town([STREET], homes=[(2000, 0), (2000 + apart_m, 0)], points=[(0, 0)])
    times = nearest_times(snap_layers(layers, compile_network(layers, ADULT), ("a",)))
    assert len(gap_areas(times, layers, minutes=15, category="a")) == areas


def test_an_empty_building_is_no_gap_and_no_bridge_between_two():
    layers = town([STREET], homes=[(2000, 0), (2140, 0), (2280, 0)], points=[(0, 0)])
    layers = replace(layers, buildings=layers.buildings.assign(households=[10, 0, 20]))
    times = nearest_times(snap_layers(layers, compile_network(layers, ADULT), ("a",)))
    areas = gap_areas(times, layers, minutes=15, category="a")
    assert areas[["households", "buildings"]].to_numpy().tolist() == [[20, 1], [10, 1]]
    members = members_by_hand().iloc[:3].reset_index(drop=True)
    table = gap_table(times, layers, minutes=15, level="small", members=members, category="a")
    assert table[["households", "buildings"]].to_numpy().tolist() == [[30, 2]]
