"""Floors: even spreading, stairs and lifts, against a loop over dwellings."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.accessibility.coverage import coverage_table, nearest_times
from geo.accessibility.floors import MOST_STOREYS, SPREAD, floor_households, floors_of
from geo.accessibility.lifts import lift_table
from geo.errors import InputError
from geo.grids.assign import members
from geo.model.standard import Profile
from geo.routing.snapped_district import snap_layers
from tests.oracles.floors import covered_households
from tests.scenes import tiny_scene

WALKER = Profile(
    "w", "", "", 1.25, stairs_s=12, lift_wait_s=30, lift_storey_s=3, lift_from=7
)  # fmt: skip


def homes(levels: list[int], lift: list[bool | None], households: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {"levels": levels, "lift": pd.Series(lift, dtype=object)}
        | dict.fromkeys(SPREAD, households)
    )


@given(st.lists(st.tuples(st.integers(0, 250), st.integers(0, 400)), min_size=1, max_size=20))
def test_whole_households_that_sum_to_the_building(rows):
    levels, households = map(list, zip(*rows, strict=True))
    floors = floors_of(homes(levels, [None] * len(rows), households), WALKER)
    counts = floors.counts["households"]
    assert np.bincount(floors.building, weights=counts).tolist() == households
    assert floors.lowest.sum() == len(rows)
    for row, (storeys, number) in enumerate(rows):
        mine = counts[floors.building == row]
        known = 0 < storeys <= MOST_STOREYS
        assert mine.min() >= 0
        assert mine.max() <= -(-number // (storeys if known else 1))


def test_stairs_or_lift_whichever_is_sooner():
    floors = floors_of(homes([8, 6, 6], [None, None, True], [8, 6, 6]), WALKER)
    down = [floors.time_s[floors.building == row].tolist() for row in range(3)]
    assert down[0] == [0, 12, 24, 36, 42, 45, 48, 51]  # held to have a lift
    assert down[1] == [0, 12, 24, 36, 48, 60]  # held to have none
    assert down[2] == [0, 12, 24, 36, 42, 45]
    assert floors.lift.tolist() == [True, False, True]
    assert floors.lift_known.tolist() == [False, False, True]


def test_who_cannot_use_steps_needs_the_lift():
    wheels = replace(WALKER, avoid=frozenset({"steps"}))
    floors = floors_of(homes([3, 3], [False, True], [3, 3]), wheels)
    assert floors.time_s.tolist() == [0, np.inf, np.inf, 0, 33, 36]


def test_a_walker_without_a_rule_is_refused():
    with pytest.raises(InputError, match="no rule for stairs"):
        floors_of(homes([3], [None], [3]), replace(WALKER, stairs_s=0))


def test_coverage_counts_dwellings_as_a_loop_does():
    layers, network = tiny_scene()
    levels, lift = [1, 6, 9, 0, 300, 18], [None, False, None, None, True, True]
    buildings = layers.buildings.assign(levels=levels, lift=pd.Series(lift, dtype=object))
    layers = replace(layers, buildings=buildings)
    times = nearest_times(snap_layers(layers, network, ("catering", "medical")))
    floors = floors_of(buildings, WALKER)
    for minutes in (3, 4, 4.5, 15):
        expected = covered_households(buildings, times.time_s, minutes * 60, WALKER)
        assert floor_households(floors, times.time_s, 60.0 * minutes).tolist() == expected
        table = coverage_table(
            floors.times(times), floors.layers(layers), minutes=minutes, by="district",
            members=members(layers).take(floors.building), counted=floors.lowest,
        )  # fmt: skip
        assert table["buildings"].tolist() == [6]
        assert table["households"].tolist() == [buildings["households"].sum()]
        assert table["covered_medical"].tolist() == [sum(row[1] for row in expected)]


def test_lifts_where_they_help_most():
    layers, network = tiny_scene()
    lift = pd.Series([None, True, False, None, None, None], dtype=object)
    people = [12, 99, 4, 9, 9, 24]
    buildings = layers.buildings.assign(
        levels=[6, 6, 2, 1, 0, 6], lift=lift, residents_60plus=people
    )
    layers = replace(layers, buildings=buildings)
    times = nearest_times(snap_layers(layers, network, ("catering",)))
    wheels = replace(WALKER, avoid=frozenset({"steps"}))
    table = lift_table(times, layers, wheels, minutes=15, category="catering")
    assert table["building_id"].tolist() == ["b6", "b1", "b3"]
    assert table["gained_60plus"].tolist() == [20, 10, 2]
