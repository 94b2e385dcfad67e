"""Compare the engine with the oracle on whole districts."""

import math

import numpy as np
import pyproj
from shapely.geometry.base import BaseGeometry

from geo.accessibility.coverage import nearest_times, status
from geo.model.layers import Layers
from geo.model.standard import Profile
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.oracles.crossings import CrossingOracle
from tests.oracles.walking import Oracle, Place

RULES = ("avoid", "steps_pace", "slope", "climb_pace", "max_slope", "crossing_s")


WITHIN_S = 0.01
"""A walk of a hundred edges, each rounded to 0.1 ms, is no further off."""


def rules(profile: Profile) -> dict:
    """Return the rules of a walker as the oracle takes them."""
    return {"speed": profile.speed_m_s, **{name: getattr(profile, name) for name in RULES}}


def oracle_for(layers: Layers, profile: Profile) -> Oracle:
    """Return the oracle of a walker, who may keep to crossings."""
    given = (layers.walk_edges, layers.barriers, layers.gates)
    if not profile.at_crossings:
        return Oracle(*given, **rules(profile))
    waits = {name: getattr(profile, name) for name in ("wide_lanes", "signal_s", "unsignalled_s")}
    return CrossingOracle(*given, **waits, **rules(profile))


def entered(layers: Layers) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Return where places are entered, by kind and id; none that is not entered at known ones.

    A house that is a service point too has one id for both.
    """
    doors = {}
    for e in layers.entrances.itertuples():
        if e.kind in {"emergency", "exit", "garage"} or e.access == "closed":
            continue
        at = (e.geometry.x, e.geometry.y)
        if e.building_id is not None:
            doors.setdefault(("home", e.building_id), []).append(at)
        if e.point_id is not None and e.access != "private":
            doors.setdefault(("point", e.point_id), []).append(at)
    return doors


def area(shape: BaseGeometry) -> BaseGeometry | None:
    """Return the footprint of a building; None for a building that is a point."""
    return None if shape.geom_type == "Point" else shape.buffer(0)


def places_of(oracle: Oracle, layers: Layers) -> tuple[list[list[Place]], list[list[Place]]]:
    """Return where each building and each service point is left or entered, in the oracle."""
    to_metric = pyproj.Transformer.from_crs(4326, layers.buildings.crs, always_xy=True).transform
    doors = entered(layers)
    homes = [
        [oracle.place(*at) for at in doors.get(("home", b.building_id), [])]
        or [oracle.place(*to_metric(b.lon, b.lat), area(b.geometry))]
        for b in layers.buildings.itertuples()
    ]
    points = [
        [oracle.place(*at) for at in doors.get(("point", p.point_id), [to_metric(p.lon, p.lat)])]
        for p in layers.service_points.itertuples()
    ]
    return homes, points


def linked(doors: list[Place]) -> bool:
    """Whether a place is reached by any of its entrances."""
    return any(door.edge is not None for door in doors)


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
    oracle = oracle or oracle_for(layers, profile)
    homes, points = places_of(oracle, layers)
    assert [bool(reason) for reason in times.reason] == [not linked(home) for home in homes]
    assert [bool(reason) for reason in times.point_reason] == [not linked(p) for p in points]
    for found, places in ((times.reason, homes), (times.point_reason, points)):
        alone = [row for row, each in enumerate(places) if len(each) == 1]
        assert [found[row] for row in alone] == [places[row][0].reason for row in alone]
    found = status(times, minutes)
    for column, category in enumerate(categories):
        kinds = layers.service_points["category"]
        ends = [
            p for each, kind in zip(points, kinds, strict=True) if kind == category for p in each
        ]
        expected = iter(oracle.nearest([place for home in homes for place in home], ends))
        expected = [min(next(expected) for _ in home) for home in homes]
        for row, seconds in enumerate(expected):
            got = times.time_s[row, column]
            where = (layers.buildings["building_id"].iloc[row], category, got, seconds)
            assert np.isnan(got) == math.isinf(seconds), where
            if not math.isinf(seconds):
                assert abs(got - seconds) <= within_s, where
            wanted = "covered" if round(seconds, 2) <= minutes * 60 else "beyond"
            if not linked(homes[row]):
                wanted = "unlinked"
            assert found[row, column] == wanted, where
    return len(homes) * len(categories)
