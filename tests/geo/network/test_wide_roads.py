"""Wide roads: who crosses where, on a road that is drawn here.

::

    a ---f1--- n1 ===r1=== n2 ===r2=== n3     r: a road of four lanes, west to east
               |           |
               s1 (north)  s2 (south)         footways from n1 north and from n2 south
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.model.layers import conform_layer
from geo.model.standard import Profile
from geo.network.wide_roads import ACROSS, SIDE_M, sides_apart, wide

EPSG = 4548
WALKER = Profile("w", "", "", 1.0, wide_lanes=4, signal_s=30, unsignalled_s=10)


def road(*rows: dict) -> gpd.GeoDataFrame:
    """Return walk edges; each row has u, v and its coordinates."""
    plain = {
        "kind": "footway", "forward": True, "backward": True, "private": False, "bridge": False,
        "tunnel": False, "name": "", "osm_id": 0, "lanes": 0, "one_way": False, "crossing_u": "",
        "crossing_v": "",
    }  # fmt: skip
    frame = gpd.GeoDataFrame(
        [
            {**plain, "edge_id": i, "geometry": shapely.LineString(row.pop("xy")), **row}
            for i, row in enumerate(rows)
        ],
        geometry="geometry",
        crs=EPSG,
    )
    return conform_layer("walk_edges", frame.assign(length_m=frame.length))


def scene(**of_middle: object) -> gpd.GeoDataFrame:
    middle = {"crossing_v": "", **of_middle}
    four = {"kind": "secondary", "lanes": 4}
    return road(
        {"u": 1, "v": 2, "xy": [(0, 0), (100, 0)], **four, **middle},
        {"u": 2, "v": 3, "xy": [(100, 0), (200, 0)], **four},
        {"u": 1, "v": 10, "xy": [(0, 0), (0, 50)]},
        {"u": 2, "v": 20, "xy": [(100, 0), (100, 50)]},
        {"u": 2, "v": 30, "xy": [(100, 0), (100, -50)]},
        {"u": 3, "v": 40, "xy": [(200, 0), (200, -50)]},
    )


def joined(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return edges[edges["kind"] == ACROSS]


def test_both_sides_keep_length_and_meet_at_the_ends():
    edges = sides_apart(scene(), WALKER)
    sides = edges[edges["kind"] == "secondary"]
    assert sides["length_m"].tolist() == [100.0] * 4
    assert sides["edge_id"].is_unique
    assert sorted(line.coords[0][1] for line in sides.geometry) == pytest.approx(
        [-SIDE_M, -SIDE_M, SIDE_M, SIDE_M]
    )
    for node in ("u", "v"):  # node 1 and node 3, at the ends of the road
        of_end = sides.groupby(sides.geometry.apply(lambda line: round(line.coords[0][0])))[node]
        assert (of_end.nunique() == 1).any()


def test_footways_on_both_sides_of_a_node_lead_across():
    (one,) = joined(sides_apart(scene(), WALKER)).itertuples()
    assert one.wait_s == 10.0
    assert shapely.get_coordinates(one.geometry).mean(axis=0).tolist() == [100.0, 0.0]


def test_one_footway_alone_does_not_cross():
    edges = scene().drop(index=4)
    assert joined(sides_apart(edges, WALKER)).empty


@pytest.mark.parametrize(("mark", "wait_s"), [("signals", 30), ("marked", 10), ("unmarked", 10)])
def test_a_mapped_crossing_waits_by_its_kind(mark, wait_s):
    edges = scene(crossing_v=mark).drop(index=4)
    assert joined(sides_apart(edges, WALKER))["wait_s"].tolist() == [wait_s]


def test_a_junction_with_a_street_is_crossed_and_a_driveway_is_none():
    edges = scene()
    for kind, crossings in (("residential", 1), ("service", 0)):
        of_kind = edges.drop(index=4)
        of_kind.loc[3, "kind"] = kind
        assert len(joined(sides_apart(of_kind, WALKER))) == crossings


def test_what_is_wide():
    edges = scene()
    assert wide(edges, WALKER).tolist() == [True, True, *[False] * 4]
    few = edges.assign(lanes=np.where(edges["lanes"] == 4, 3, 0))
    assert not wide(few, WALKER).any()
    unknown = edges.assign(lanes=0, kind=np.where(edges["lanes"] == 4, "primary", "footway"))
    assert wide(unknown, WALKER).tolist() == [True, True, *[False] * 4]
    assert not wide(unknown.assign(private=True), WALKER).any()


@pytest.mark.parametrize(("apart_m", "dual"), [(59.0, True), (61.0, False), (0.5, False)])
def test_two_one_way_streets_of_one_name_are_a_dual_road(apart_m, dual):
    lane = {"kind": "secondary", "one_way": True, "name": "Ring"}
    edges = road(
        {"u": 1, "v": 2, "xy": [(0, 0), (100, 0)], **lane},
        {"u": 3, "v": 4, "xy": [(100, apart_m), (0, apart_m)], **lane},
    )
    assert wide(edges, WALKER).tolist() == [dual] * 2
    assert not wide(edges.assign(name=["Ring", "Way"]), WALKER).any()


def test_the_layer_stays_as_it_is():
    edges = scene()
    before = edges.copy()
    sides_apart(edges, WALKER)
    assert edges.equals(before)
    plain = edges.assign(kind="footway")
    assert (sides_apart(plain, WALKER)["wait_s"] == 0).all()
