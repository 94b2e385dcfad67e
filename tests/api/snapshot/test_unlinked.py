"""Places that meet no walkable way are counted and named, with what would link them."""

from dataclasses import replace

import numpy as np
import pytest

from api.console.notices import unlinked_said
from api.snapshot.district import Snapshot
from api.snapshot.provenance import MOST_NAMED, judged_note
from tests.scenes import lonlat, tiny_layers

FAR = dict(zip(("lon", "lat"), lonlat(50, 900), strict=True))  # 522 m from the next street


def note(snapshot: Snapshot, **layers):
    moved = Snapshot(snapshot.district, replace(snapshot.layers, **layers), snapshot.standard)
    return judged_note(moved, "standard")


def test_all_is_linked_in_the_scene(tiny_snapshot: Snapshot):
    found = judged_note(tiny_snapshot, "standard")
    assert found["unlinked_points"] == {"points": 0, "named": []}
    assert found["unlinked_buildings"] == {"buildings": 0, "households": 0.0, "named": []}
    assert unlinked_said(found) == []


def test_unlinked_points_are_named_with_the_reason(tiny_snapshot: Snapshot):
    points = tiny_layers().service_points
    first = points["point_id"] == points["point_id"].iloc[0]
    lost = note(tiny_snapshot, service_points=points.assign(**FAR).where(first, points))
    named = lost["unlinked_points"]["named"]
    assert [(row["point_id"], row["reason"]) for row in named] == [
        (points["point_id"].iloc[0], "too_far")
    ]
    assert lost["unlinked_points"]["points"] == 1


def test_an_uncounted_kind_is_no_loss(tiny_snapshot: Snapshot):
    points = tiny_layers().service_points.assign(**FAR, category="amenity")
    assert note(tiny_snapshot, service_points=points)["unlinked_points"]["points"] == 0


def test_unlinked_buildings_are_named_with_the_way_that_is_nearest(tiny_snapshot: Snapshot):
    buildings = tiny_layers().buildings.assign(**FAR)
    lived_in = buildings["households"] > 0
    lost = note(tiny_snapshot, buildings=buildings)["unlinked_buildings"]
    assert lost["buildings"] == lived_in.sum()
    assert lost["households"] == buildings["households"].sum()
    assert len(lost["named"]) == min(lived_in.sum(), MOST_NAMED)
    row = lost["named"][0]
    assert (row["building_id"], row["reason"]) == ("b1", "too_far")
    assert row["way"]["metres"] == pytest.approx(np.hypot(150, 500), abs=0.5)
    assert row["way"]["barrier_id"] is None


def test_a_building_without_households_is_no_loss(tiny_snapshot: Snapshot):
    empty = tiny_layers().buildings.assign(**FAR, households=0)
    lost = note(tiny_snapshot, buildings=empty)["unlinked_buildings"]
    assert lost == {"buildings": 0, "households": 0.0, "named": []}


def test_a_building_that_is_cut_off_names_the_barrier(tiny_snapshot: Snapshot):
    layers = tiny_layers()
    lon, lat = lonlat(300, 320)  # inside the wall, without the lane that leads in
    home = layers.buildings.iloc[[0]].assign(lon=lon, lat=lat)
    outside = layers.walk_edges[layers.walk_edges["edge_id"] != 10]
    found = note(
        tiny_snapshot, buildings=home.reset_index(drop=True), gates=layers.gates.iloc[:0],
        walk_edges=outside.reset_index(drop=True),
    )  # fmt: skip
    (row,) = found["unlinked_buildings"]["named"]
    assert (row["reason"], row["way"]["barrier_id"]) == ("blocked", "w1")
    (said,) = unlinked_said(found)
    assert "beyond barrier w1" in str(said)
