"""Compare the engine with the oracle on whole districts."""

import math

import numpy as np
import pyproj

from geo.accessibility.coverage import nearest_times, status
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.oracles.walking import Oracle

RULES = ("avoid", "steps_pace", "slope", "climb_pace", "max_slope", "crossing_s")


WITHIN_S = 0.01
"""A walk of a hundred edges, each rounded to 0.1 ms, is no further off."""


def rules(profile: Profile) -> dict:
    """Return the rules of a walker as the oracle takes them."""
    return {"speed": profile.speed_m_s, **{name: getattr(profile, name) for name in RULES}}


def assert_engine_equals_oracle(
    layers: Layers,
    categories: list[str],
    *,
    minutes: float = 15,
    profile: Profile | None = None,
    oracle: Oracle | None = None,
    within_s: float = WITHIN_S,
) -> int:
    """Check time and status of every building and category; return how many were compared.

    `layers` are in the district's metric CRS; `oracle` may be one of layers before a rule that the
    engine's were changed by.
    """
    profile = profile or Profile("adult", "成人", "Adult", 1.25)
    network = compile_network(layers, profile)
    times = nearest_times(snap_layers(layers, network, categories))
    oracle = oracle or Oracle(layers.walk_edges, layers.barriers, layers.gates, **rules(profile))
    to_metric = pyproj.Transformer.from_crs(4326, layers.buildings.crs, always_xy=True).transform
    homes = [oracle.place(*to_metric(b.lon, b.lat)) for b in layers.buildings.itertuples()]
    points = [oracle.place(*to_metric(p.lon, p.lat)) for p in layers.service_points.itertuples()]
    assert list(times.reason) == [home.reason for home in homes]
    assert list(times.point_reason) == [point.reason for point in points]
    found = status(times, minutes)
    for column, category in enumerate(categories):
        kinds = layers.service_points["category"]
        ends = [p for p, kind in zip(points, kinds, strict=True) if kind == category]
        expected = oracle.nearest(homes, ends)
        for row, seconds in enumerate(expected):
            got = times.time_s[row, column]
            where = (layers.buildings["building_id"].iloc[row], category, got, seconds)
            assert np.isnan(got) == math.isinf(seconds), where
            if not math.isinf(seconds):
                assert abs(got - seconds) <= within_s, where
            wanted = "covered" if round(seconds, 2) <= minutes * 60 else "beyond"
            if homes[row].edge is None:
                wanted = "unlinked"
            assert found[row, column] == wanted, where
    return len(homes) * len(categories)
