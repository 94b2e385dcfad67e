"""Who depends on a service point, against closing each point in turn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.accessibility.dependents import choice_table, dependents_table
from geo.network.compile import compile_network
from geo.routing.od_pairs import pairs_within
from geo.routing.snapped_district import snap_layers
from geo.scenario.compare import run_scenario
from geo.scenario.edits import ClosePoint
from geo.scenario.engine import WhatIfEngine
from tests.towns import ADULT, towns

CATEGORIES = ("a", "b")


@settings(max_examples=15, deadline=None)
@given(towns(), st.sampled_from([2.0, 5.0, 15.0]))
def test_each_point_is_closed_in_turn(layers, minutes):
    snapped = snap_layers(layers, compile_network(layers, ADULT), CATEGORIES)
    pairs = {
        name: pairs_within(snapped, category=name, limit_s=minutes * 60) for name in CATEGORIES
    }
    table = dependents_table(layers, list(pairs.values())).set_index("point_id")
    engine = WhatIfEngine(layers, snapped, nearest_times(snapped))
    households = layers.buildings["households"].to_numpy()
    points = layers.service_points
    assert sorted(table.index) == sorted(points["point_id"][points["category"].isin(CATEGORIES)])
    for point_id, row in table.iterrows():
        done = run_scenario(engine, [ClosePoint(point_id)])
        before, after = done.before, done.after
        column = CATEGORIES.index(row["category"])
        lost = before.covered(minutes)[:, column] & ~after.covered(minutes)[:, column]
        assert row["dependents"] == households[lost].sum()
        judged = before.judged
        all_before = before.covered(minutes)[:, judged].all(axis=1)
        all_after = after.covered(minutes)[:, judged].all(axis=1)
        assert row["dependents_all"] == households[all_before & ~all_after].sum()
    for name, row in choice_table(layers, pairs).set_index("category").iterrows():
        count = np.diff(pairs[name].begin)
        assert row.sum() == households.sum()
        assert row["households_0"] == households[count == 0].sum()
        assert row["households_3"] == households[count >= 3].sum()
