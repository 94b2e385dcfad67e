"""The OpenStreetMap reader on scenes drawn by hand, on broken files, and on real extracts."""

import bz2
import gzip
import math
import re
from itertools import pairwise

import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import Transformer

from boundaries.import_report import LayerReport, told_counts
from boundaries.readers.osm import read_osm
from boundaries.readers.osm.layers.network import build_edges, walk_lines
from boundaries.readers.osm.layers.walk_rules import WalkRule, is_candidate, walk_rule
from boundaries.readers.osm.scan.node_facts import node_facts
from boundaries.readers.osm.scan.scan import read_extract
from boundaries.standards.catalogue import load_standard
from geo.errors import EmptyError, FileFormatError, InputError, NotFoundError
from geo.messages import speaking
from geo.model.layer_columns import COLUMNS
from geo.model.vocabulary import Origin
from tests.boundaries.readers.osm.osm_scene import EPSG, lonlat, osm_xml, write_scene
from tests.reports import told
from tests.shared import SHARED, needs_shared

STANDARD = load_standard()
FOOT = {"highway": "footway"}


@pytest.fixture
def read(tmp_path):
    def _read(nodes, ways=(), relations=(), *, bounds=None, **kwargs):
        path = write_scene(tmp_path / "scene.osm", nodes, ways, relations, bounds=bounds)
        return read_osm(path, code="scene", standard=STANDARD, **kwargs)

    return _read


def links(edges):
    """Return (u, v, whole metres) of every edge."""
    return [(u, v, round(m)) for u, v, m in zip(edges.u, edges.v, edges.length_m, strict=True)]


def street(x, y, length=100):
    """Return nodes 901, 902 and way 900: a street, so that a scene is never empty."""
    nodes = {901: (x, y), 902: (x + length, y)}
    return nodes, (900, [901, 902], {"highway": "residential"})


# --- walk network -------------------------------------------------------------------------


def test_ways_are_cut_at_shared_nodes_and_keep_their_shape(read):
    #      4
    #      |
    # 1 -- 2 --.3.-- 5        3 is a bend of way 10, not a junction
    nodes = {1: (0, 0), 2: (100, 0), 3: (150, 0), 4: (100, 60), 5: (150, 40)}
    district, layers, report = read(nodes, [(10, [1, 2, 3, 5], FOOT), (11, [4, 2], FOOT)])
    edges = layers.walk_edges
    assert links(edges) == [(1, 2, 100), (2, 5, 90), (4, 2, 60)]
    assert edges.edge_id.tolist() == [0, 1, 2]
    assert edges.osm_id.tolist() == [10, 10, 11]
    assert [len(line.coords) for line in edges.geometry] == [2, 3, 2]
    assert edges.length_m.to_numpy() == pytest.approx([100, 90, 60], abs=0.03)
    assert district.epsg == EPSG
    assert edges.to_crs(EPSG).length.to_numpy() == pytest.approx(edges.length_m, abs=1e-6)
    account = report.layer("walk_edges")
    assert (account.read, account.accepted, told_counts(account.notes)["edges"]) == (2, 2, 3)


def test_a_bridge_without_a_shared_node_does_not_connect(read):
    nodes = {1: (-50, 0), 2: (50, 0), 3: (0, -50), 4: (0, 50)}
    bridge = {**FOOT, "bridge": "yes", "layer": "1", "name": "天桥"}
    _, layers, _ = read(nodes, [(10, [1, 2], FOOT), (11, [3, 4], bridge)])
    assert links(layers.walk_edges) == [(1, 2, 100), (3, 4, 100)]
    assert layers.walk_edges.bridge.tolist() == [False, True]
    assert layers.walk_edges.name.tolist() == ["", "天桥"]


def test_tunnels_are_told_and_connect_by_their_ends_only(read):
    nodes = {1: (-50, 0), 2: (50, 0), 3: (90, 0)}
    _, layers, _ = read(
        nodes, [(10, [1, 2], {**FOOT, "tunnel": "yes"}), (11, [2, 3], {**FOOT, "tunnel": "no"})]
    )
    assert layers.walk_edges.tunnel.tolist() == [True, False]


def test_directions_and_private_ways_reach_the_edges(read):
    nodes = {n: (n * 10, 0) for n in range(1, 7)}
    ways = [
        (10, [1, 2], {"highway": "residential", "oneway": "yes"}),
        (11, [2, 3], {**FOOT, "oneway:foot": "yes"}),
        (12, [3, 4], {"highway": "steps", "conveying": "backward"}),
        (13, [4, 5], {"highway": "service", "access": "private"}),
        (14, [5, 6], {"highway": "primary", "foot": "no"}),
    ]
    _, layers, report = read(nodes, ways)
    edges = layers.walk_edges.set_index("osm_id")
    assert edges.forward.to_dict() == {10: True, 11: True, 12: False, 13: True}
    assert edges.backward.to_dict() == {10: True, 11: False, 12: True, 13: True}
    assert edges.private.to_dict() == {10: False, 11: False, 12: False, 13: True}
    account = report.layer("walk_edges")
    assert told(account.rejected) == [("way/14", "closed to walkers by foot or access")]


def test_unknown_values_are_counted_and_named(read):
    nodes, way = street(0, 0)
    _, _, report = read(nodes, [way, (10, [901, 902], {"highway": "hovercraft"})])
    account = report.layer("walk_edges")
    assert told_counts(account.notes)["highway=hovercraft is not known"] == 1
    assert told(account.rejected) == [("way/10", "highway=hovercraft is not known")]


def test_the_ring_of_a_square_is_walkable(read):
    nodes = {1: (0, 0), 2: (60, 0), 3: (60, 40), 4: (0, 40), 5: (-30, 0), 6: (90, 40)}
    square = {"highway": "pedestrian", "area": "yes"}
    _, layers, _ = read(
        nodes, [(10, [1, 2, 3, 4, 1], square), (11, [5, 1], FOOT), (12, [3, 6], FOOT)]
    )
    ring = [(1, 3, 100), (3, 1, 100), (5, 1, 30), (3, 6, 30)]
    assert links(layers.walk_edges) == [*ring, (1, 3, 72)]  # and across


def test_the_rings_of_a_square_with_a_hole_are_walkable(read):
    nodes = {
        1: (0, 0), 2: (60, 0), 3: (60, 60), 4: (0, 60), 5: (-30, 0),
        6: (20, 20), 7: (40, 20), 8: (40, 40), 9: (20, 40),
    }  # fmt: skip
    square = {"type": "multipolygon", "highway": "pedestrian", "name": "人民广场"}
    ways = [(10, [1, 2, 3], {}), (11, [3, 4, 1], {}), (12, [6, 7, 8, 9, 6], {}), (13, [5, 1], FOOT)]
    _, layers, _ = read(nodes, ways, [(7, [(10, "outer"), (11, "outer"), (12, "inner")], square)])
    edges = layers.walk_edges
    assert sorted(round(m) for m in edges.length_m) == [30, 80, 240]
    assert edges.name.tolist() == ["", "人民广场", "人民广场"]
    assert edges.osm_id.tolist() == [13, 0, 0]
    assert (edges.u[1], edges.v[1]) == (1, 1)  # cut where the footway joins


def test_a_square_cut_by_the_extract_keeps_the_sides_that_are_there(read):
    nodes = {1: (0, 0), 2: (60, 0), 3: (60, 60)}
    relation = (
        7,
        [(10, "outer"), (11, "outer")],
        {"type": "multipolygon", "highway": "pedestrian"},
    )
    _, layers, _ = read(nodes, [(10, [1, 2, 3], {})], [relation])
    assert links(layers.walk_edges) == [(1, 3, 120)]
    assert layers.walk_edges.osm_id.tolist() == [10]


def test_missing_nodes_cut_a_way_and_are_counted(read):
    nodes = {1: (0, 0), 2: (10, 0), 4: (30, 0), 5: (40, 0)}
    _, layers, report = read(nodes, [(10, [1, 2, 3, 4, 5], FOOT), (11, [3, 5], FOOT)])
    assert links(layers.walk_edges) == [(1, 2, 10), (4, 5, 10)]
    account = report.layer("walk_edges")
    assert told_counts(account.repaired)["ways cut where the extract lacks nodes"] == 2
    assert told_counts(account.notes)["nodes that the extract lacks"] == 1
    assert told(account.rejected) == [("way/11", "fewer than two nodes in the extract")]
    assert (account.read, account.accepted) == (2, 1)


def test_pieces_without_length_go_but_their_ends_stay_connected(read):
    nodes = {1: (0, 0), 2: (50, 0), 3: (50, 0), 4: (90, 0)}
    road = {"highway": "service"}
    _, layers, report = read(nodes, [(10, [1, 2], FOOT), (11, [2, 3], FOOT), (12, [3, 3, 4], road)])
    assert links(layers.walk_edges) == [(1, 2, 50), (2, 4, 40)]
    account = report.layer("walk_edges")
    assert told_counts(account.repaired)["pieces without length dropped, their ends joined"] == 1
    assert told_counts(account.repaired)["doubled nodes"] == 1


def test_a_way_that_meets_itself_is_cut_there(read):
    nodes = {1: (0, 0), 2: (50, 0), 3: (80, 30), 4: (50, 60)}
    _, layers, _ = read(nodes, [(10, [1, 2, 3, 4, 2], FOOT)])
    assert [(u, v) for u, v, _ in links(layers.walk_edges)] == [(1, 2), (2, 2)]


def test_parallel_ways_stay_two_edges(read):
    nodes = {1: (0, 0), 2: (50, 0), 3: (25, 25), 4: (90, 0), 5: (-30, 0)}
    ways = [(10, [1, 2], FOOT), (11, [1, 3, 2], FOOT), (12, [2, 4], FOOT), (13, [5, 1], FOOT)]
    _, layers, _ = read(nodes, ways)
    assert links(layers.walk_edges) == [(1, 2, 50), (1, 2, 71), (2, 4, 40), (5, 1, 30)]


def test_nodes_of_an_editor_with_negative_ids_are_read(read):
    nodes = {
        -1: (0, 0),
        -2: (50, 0),
        -3: (90, 0, {"barrier": "gate", "locked": "yes"}),
        -4: (99, 0),
    }
    _, layers, _ = read(nodes, [(-10, [-1, -2, -3, -4], FOOT)])
    assert links(layers.walk_edges) == [(-1, -5, 90), (-6, -4, 9)]


# --- gates --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "access", "node", "ends"),
    [
        ({}, "open", 2, [(1, 2), (2, 3)]),
        ({"access": "private"}, "private", 2, [(1, 2), (2, -1), (-1, 3)]),
        ({"foot": "no"}, "closed", -1, [(1, -1), (-2, 3)]),
        ({"access": "no", "foot": "yes"}, "open", 2, [(1, 2), (2, 3)]),
    ],
)
def test_only_a_closed_gate_cuts_the_network(read, tags, access, node, ends):
    nodes = {1: (0, 0), 2: (50, 0, {"barrier": "gate", "name": "南门", **tags}), 3: (90, 0)}
    _, layers, _ = read(nodes, [(10, [1, 2, 3], FOOT)])
    assert [(u, v) for u, v, _ in links(layers.walk_edges)] == ends
    gate = layers.gates.iloc[0]
    assert (gate.gate_id, gate.access, gate["name"], gate.node) == ("node/2", access, "南门", node)


def test_a_closed_gate_at_a_junction_parts_every_piece(read):
    nodes = {1: (0, 0), 2: (50, 0, {"barrier": "gate", "foot": "no"}), 3: (90, 0), 4: (50, 40)}
    _, layers, _ = read(nodes, [(10, [1, 2, 3], FOOT), (11, [2, 4], FOOT)])
    assert [(u, v) for u, v, _ in links(layers.walk_edges)] == [(1, -1), (-2, 3), (-3, 4)]


def test_gates_on_walls_are_kept_and_others_named(read):
    nodes, way = street(0, 0)
    nodes |= {1: (0, 50), 2: (50, 50, {"barrier": "gate"}), 3: (90, 50)}
    nodes |= {4: (10, 80, {"barrier": "gate"}), 5: (20, 0, {"barrier": "bollard"})}
    _, layers, report = read(nodes, [way, (10, [1, 2, 3], {"barrier": "wall"})])
    assert layers.gates.gate_id.tolist() == ["node/2"]
    assert layers.gates.node.tolist() == [0]
    assert told(report.layer("gates").rejected) == [("node/4", "on no walkable way and on no wall")]


def test_level_crossings_and_fords_are_openings(read):
    #      rails 20        river 21        1, 4, 7: on walkways; 3: a crossing of a tram
    nodes = {
        1: (0, 0), 2: (50, 0, {"railway": "level_crossing", "name": "道口"}), 3: (90, 0),
        4: (200, 0), 5: (250, 0, {"ford": "yes"}), 6: (290, 0),
        7: (50, -50), 8: (50, 50), 9: (250, -50), 10: (250, 50),
        11: (70, 0, {"railway": "crossing"}), 12: (70, 50),
        13: (50, 90, {"railway": "crossing"}),
    }  # fmt: skip
    ways = [
        (10, [1, 2, 11, 3], FOOT), (11, [4, 5, 6], FOOT),
        (20, [7, 2, 8, 13], {"railway": "rail"}), (21, [9, 10], {"waterway": "river"}),
        (22, [11, 12], {"railway": "tram"}),
    ]  # fmt: skip
    _, layers, report = read(nodes, ways)
    assert layers.gates.gate_id.tolist() == ["node/2", "node/5"]
    assert layers.gates.access.tolist() == ["open", "open"]
    assert layers.gates.name.tolist() == ["道口", ""]
    assert told_counts(report.layer("gates").notes) == {"level crossings": 1, "fords": 1}
    assert links(layers.walk_edges) == [(1, 2, 50), (2, 3, 40), (4, 5, 50), (5, 6, 40)]


def test_a_closed_gate_is_not_healed(read):
    nodes = {1: (0, 0), 2: (50, 0, {"barrier": "gate", "locked": "yes"}), 3: (90, 0)}
    _, layers, report = read(nodes, [(10, [1, 2, 3], FOOT)])
    assert links(layers.walk_edges) == [(1, -1, 50), (-2, 3, 40)]
    assert told_counts(report.layer("walk_edges").repaired) == {}


# --- healing, cutting, contracting ---------------------------------------------------------


def test_repairs_are_counted_and_named_by_way_and_place(read):
    #   4         wall 20 crosses way 10 at x = 30; the end of way 11 misses way 10 by 1 m at x = 80
    # 1-|---.-3   way 12 goes on from way 10 at 3
    nodes = {
        1: (0, 0), 3: (100, 0), 4: (80, 60), 5: (80, 1), 6: (30, -40), 7: (30, 40), 8: (150, 0),
    }  # fmt: skip
    ways = [
        (10, [1, 3], FOOT), (11, [4, 5], FOOT), (12, [3, 8], FOOT),
        (20, [6, 7], {"barrier": "wall"}),
    ]  # fmt: skip
    _, layers, report = read(nodes, ways)
    assert links(layers.walk_edges) == [(1, -2, 30), (4, -1, 60), (-1, 8, 70), (-3, -1, 50)]
    assert layers.walk_edges.osm_id.tolist() == [10, 11, 0, 10]
    account = report.layer("walk_edges")
    assert told_counts(account.repaired) == {
        "ends of ways joined to the way that they meet or nearly meet": 1,
        "walkways cut at a barrier without an opening": 1,
    }
    assert told_counts(account.notes)["nodes between two alike edges left out"] == 1
    (lon, lat), (cut_lon, cut_lat) = lonlat(80, 1), lonlat(30, 0)
    assert dict(told(account.named.items())) == {
        f"way/11 at {lon:.6f}, {lat:.6f}": "joined to an edge of way/10, 1.0 m away",
        f"way/10 at {cut_lon:.6f}, {cut_lat:.6f}": "cut, wall way/20",
    }


def test_a_street_through_a_wall_stays_open_and_is_named(read):
    nodes = {1: (0, 0), 2: (100, 0), 6: (30, -40), 7: (30, 40)}
    ways = [(10, [1, 2], {"highway": "residential"}), (20, [6, 7], {"barrier": "wall"})]
    _, layers, report = read(nodes, ways)
    assert links(layers.walk_edges) == [(1, 2, 100)]
    account = report.layer("walk_edges")
    what = "open: a street was built through"
    assert told_counts(account.notes)[f"barriers crossed without an opening, {what}"] == 1
    assert [str(done) for done in account.named.values()] == [f"{what}, wall way/20"]


@pytest.mark.parametrize(
    "tags", [{"bridge": "yes"}, {"tunnel": "yes"}, {"ford": "yes"}, {"man_made": "pier"}]
)
def test_ways_over_or_under_water_are_not_cut(read, tags):
    nodes = {1: (0, 0), 2: (100, 0), 6: (30, -40), 7: (30, 40)}
    ways = [(10, [1, 2], {**FOOT, **tags}), (20, [6, 7], {"waterway": "river"})]
    _, layers, report = read(nodes, ways)
    assert links(layers.walk_edges) == [(1, 2, 100)]
    assert report.layer("walk_edges").named == {}


def test_a_gate_that_is_healed_knows_its_new_node(read):
    nodes = {1: (0, 0), 2: (100, 0), 4: (80, 60), 5: (80, 1, {"barrier": "gate"})}
    _, layers, _ = read(nodes, [(10, [1, 2], FOOT), (11, [4, 5], FOOT)])
    assert layers.gates.node.tolist() == [-1]
    assert links(layers.walk_edges) == [(1, -1, 80), (4, -1, 60), (-1, 2, 20)]


def test_climbs_and_crossings_of_streets(tmp_path):
    #          7 traffic island            street 10: 1 - 2 - 3, street 11: 4 - 5 - 6
    nodes = {
        1: (-50, 0, {"ele": "10"}), 2: (0, 0, {"ele": "12.5 m"}), 3: (50, 0),
        4: (-50, 20), 5: (0, 20, {"highway": "crossing"}), 6: (50, 20),
        8: (0, -30, {"ele": "about 5"}), 9: (0, 50), 20: (90, 90), 21: (99, 90),
    }  # fmt: skip
    street, over = {"highway": "residential"}, {**FOOT, "footway": "crossing"}
    ways = [
        (10, [1, 2, 3], street), (11, [4, 5, 6], street),
        (12, [8, 2, 5], over), (13, [5, 9], FOOT), (14, [20, 21], over),
    ]  # fmt: skip
    path = write_scene(tmp_path / "scene.osm", nodes, ways)
    extract = read_extract(path, {"highway", "ele"})
    edges, _ = build_edges(
        walk_lines(extract, LayerReport()), extract.coordinates, epsg=EPSG, cuts=[], closed=[],
        nodes=node_facts(extract.nodes), report=LayerReport(),
    )  # fmt: skip
    ends = list(zip(edges.u, edges.v, strict=True))
    assert ends == [(1, 2), (2, 3), (4, 5), (5, 6), (8, 2), (2, 5), (5, 9), (20, 21)]
    assert edges.climb_m.tolist() == [2.5, 0, 0, 0, 0, 0, 0, 0]
    # the walk 8 - 2 - 5 - 9 crosses two streets: each counts with the piece that ends there
    assert edges.crossing.tolist() == [False, False, False, False, True, True, False, True]


# --- barriers -----------------------------------------------------------------------------


def test_barriers_are_lines_and_areas_above_ground(read):
    nodes, way = street(0, 0)
    nodes |= {1: (0, 10), 2: (50, 10), 3: (50, 60), 4: (0, 60)}
    ring = [1, 2, 3, 4, 1]
    ways = [
        way,
        (10, [1, 2], {"barrier": "wall", "name": "围墙"}),
        (11, [1, 2], {"waterway": "river", "name": "徒骇河"}),
        (12, ring, {"natural": "water"}),
        (13, [1, 2], {"railway": "rail"}),
        (14, [1, 2], {"railway": "rail", "tunnel": "yes"}),
        (15, [1, 2], {"railway": "tram"}),
        (16, [1, 2], {"waterway": "canal", "tunnel": "culvert"}),
        (17, ring, {"barrier": "fence", "leisure": "park"}),
    ]
    _, layers, report = read(nodes, ways)
    barriers = layers.barriers
    assert barriers.barrier_id.tolist() == ["way/10", "way/11", "way/12", "way/13", "way/17"]
    assert barriers.kind.tolist() == ["wall", "river", "river", "railway", "wall"]
    assert barriers.name.tolist() == ["围墙", "徒骇河", "", "", ""]
    assert barriers.geom_type.tolist() == ["LineString"] * 2 + ["Polygon"] + ["LineString"] * 2
    assert told(report.layer("barriers").rejected) == [
        ("way/14", "below ground"),
        ("way/16", "below ground"),
    ]


def test_water_with_an_island_and_water_cut_by_the_extract(read):
    nodes, way = street(0, -50)
    nodes |= {1: (0, 0), 2: (90, 0), 3: (90, 90), 4: (0, 90)}
    nodes |= {5: (30, 30), 6: (60, 30), 7: (60, 60)}
    ways = [way, (10, [1, 2, 3, 4, 1], {}), (11, [5, 6, 7, 5], {})]
    water = {"type": "multipolygon", "natural": "water"}
    relations = [
        (7, [(10, "outer"), (11, "inner")], water),
        (8, [(10, "outer"), (99, "outer"), (11, "outer"), (98, "outer")], water),
    ]
    _, layers, _ = read(nodes, ways, relations)
    lake = layers.barriers.to_crs(EPSG).set_index("barrier_id").geometry
    assert lake["relation/7"].area == pytest.approx(8100 - 450, abs=5)
    assert lake["relation/8/0"].length == pytest.approx(360, abs=0.1)


# --- service points and buildings -----------------------------------------------------------


def test_service_points_from_nodes_ways_and_relations(read):
    nodes, way = street(0, -50)
    nodes |= {1: (0, 0), 2: (90, 0), 3: (90, 90), 4: (0, 90)}
    nodes |= {5: (10, 10), 6: (80, 10), 7: (80, 80), 8: (10, 80)}
    nodes |= {20: (5, -20, {"shop": "convenience", "brand": "便利蜂"})}
    nodes |= {21: (6, -20, {"amenity": "cafe", "disused": "yes"})}
    nodes |= {22: (7, -20, {"amenity": "bench"})}
    ways = [
        way,
        (10, [1, 2, 3, 4, 1], {"amenity": "school", "name": "一中"}),
        (11, [5, 6, 7, 8, 5], {}),
    ]
    park = {"type": "multipolygon", "leisure": "park", "name:zh": "中海"}
    relations = [
        (7, [(10, "outer"), (11, "inner")], park),
        (8, [(10, "")], {"type": "site", "amenity": "hospital"}),
    ]
    _, layers, report = read(nodes, ways, relations)
    points = layers.service_points
    assert points.point_id.tolist() == ["node/20", "way/10", "relation/7"]
    assert points.category.tolist() == ["shopping", "education", "amenity"]
    assert points["sub"].tolist() == ["convenience", "school", "park"]
    assert points.name.tolist() == ["便利蜂", "一中", "中海"]
    assert set(points.origin) == {"osm"}
    at = points.to_crs(EPSG).geometry
    island = shapely.transform(
        shapely.Polygon([(10, 10), (80, 10), (80, 80), (10, 80)]),
        lambda xy: np.array([_metric(*p) for p in xy]),
    )
    assert not island.contains(at[2])
    assert at[1].distance(shapely.Point(_metric(45, 45))) < 30
    assert told(report.layer("service_points").rejected) == [
        ("node/21", "marked as disused"),
        ("relation/8", "is a relation but no area"),
    ]


def _metric(x, y):
    return Transformer.from_crs(4326, EPSG, always_xy=True).transform(*lonlat(x, y))


def box(first, x, y, width, depth):
    """Return the nodes and the ring of a rectangle."""
    corners = [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]
    nodes = {first + i: corner for i, corner in enumerate(corners)}
    return nodes, [*nodes, first]


def test_households_from_footprint_and_storeys(read):
    nodes, way = street(0, -50)
    ways = [way]
    for number, (width, depth, tags) in enumerate(
        [
            (50, 12, {"building": "apartments", "building:levels": "6", "name": "1号楼"}),
            (50, 12, {"building": "apartments"}),
            (50, 12, {"building": "yes", "building:flats": "24"}),
            (50, 12, {"building": "yes", "amenity": "school"}),
            (6, 6, {"building": "yes"}),
            (52, 12, {"building": "apartments", "shop": "convenience", "height": "9"}),
            (6, 6, {"building": "house"}),
            (50, 12, {"building": "no"}),
        ]
    ):
        more, ring = box(100 + 10 * number, 0, 40 * number, width, depth)
        nodes |= more
        ways.append((10 + number, ring, tags))
    district, layers, report = read(nodes, ways)
    table = layers.buildings.drop(columns="geometry").set_index("building_id")
    assert table.index.tolist() == [f"way/{n}" for n in range(10, 17)]
    # 600 m2 x 6 storeys x 0.75 / 100 m2 = 27
    assert table.households.tolist() == [27, 27, 24, 0, 0, 14, 1]
    assert table.use.tolist() == [
        "residential", "residential", "residential", "other", "other", "mixed", "residential",
    ]  # fmt: skip
    assert table.levels.tolist() == [6, 0, 0, 0, 0, 0, 0]
    assert table.households_source.tolist() == ["estimated"] * 2 + ["counted"] + ["estimated"] * 4
    assert table.residents.tolist() == [76, 76, 67, 0, 0, 39, 3]  # 2.8 each
    assert table.residents_60plus.tolist() == [15, 15, 13, 0, 0, 8, 1]
    assert table.name["way/10"] == "1号楼"
    notes = told_counts(report.layer("buildings").notes)
    assert notes["households counted"] == 1
    assert notes["households estimated, storeys from tag"] == 1
    assert notes["households estimated, storeys from height"] == 1
    assert notes["households estimated, storeys from assumed"] == 2
    assert "estimated" in district.note
    assert "估算" in district.note_zh
    points = shapely.points(layers.buildings.lon, layers.buildings.lat)
    assert shapely.within(points, layers.buildings.geometry.to_numpy()).all()


def test_a_building_with_a_yard_is_counted_once(read):
    nodes, way = street(0, -50)
    outer_nodes, outer = box(1, 0, 0, 60, 60)
    inner_nodes, inner = box(11, 10, 10, 40, 40)
    tags = {"building": "apartments", "building:levels": "4"}
    relation = (7, [(10, "outer"), (11, "inner")], {"type": "multipolygon", **tags})
    _, layers, report = read(
        {**nodes, **outer_nodes, **inner_nodes},
        [way, (10, outer, tags), (11, inner, {})],
        [relation],
    )
    assert layers.buildings.building_id.tolist() == ["relation/7"]
    assert layers.buildings.households.tolist() == [60]  # (3600 - 1600) x 4 x 0.75 / 100
    assert told(report.layer("buildings").rejected) == [("way/10", "is a ring of relation/7")]


def test_buildings_that_cannot_be_drawn_are_named(read):
    nodes, way = street(0, -50)
    nodes |= {1: (0, 0), 2: (9, 0), 3: (9, 9), 4: (50, 50, {"building": "yes"})}
    nodes |= {5: (0, 30), 6: (20, 30), 7: (20, 50), 8: (0, 50)}
    yes = {"building": "yes"}
    ways = [
        way,
        (10, [1, 2, 3], yes),  # open
        (11, [1, 2, 99, 1], yes),  # a node is missing
        (12, [1, 2, 1, 1], yes),  # flat
        (13, [5, 6, 8, 7, 5], yes),  # a bow tie: two triangles of 100 m2
    ]
    _, layers, report = read(nodes, ways)
    account = report.layer("buildings")
    assert layers.buildings.building_id.tolist() == ["way/13"]
    assert layers.buildings.to_crs(EPSG).area[0] == pytest.approx(200, abs=1)
    assert told_counts(account.repaired) == {"outlines made valid": 2}
    assert dict(told(account.rejected)) == {
        "way/10": "its outline does not close in the extract",
        "way/11": "its outline does not close in the extract",
        "way/12": "outline without area",
        "node/4": "has no outline",
    }
    assert account.read == account.accepted + len(account.rejected) == 5


# --- district -----------------------------------------------------------------------------


def test_the_boundary_is_given_declared_or_drawn(read):
    nodes, way = street(0, 0, 200)
    given = shapely.box(*lonlat(-10, -10), *lonlat(90, 10))
    district, _, _ = read(nodes, [way], boundary=given)
    assert district.boundary.equals(given)
    district, _, report = read(nodes, [way], bounds=(-20, -20, 220, 30))
    assert district.boundary.bounds == pytest.approx(
        (*lonlat(-20, -20), *lonlat(220, 30)), abs=1e-6
    )
    assert told_counts(report.layer("boundary").notes) == {
        "boundary: the rectangle that the file declares": 1
    }
    elsewhere, _, _ = read(nodes, [way], bounds=(5000, 5000, 6000, 6000))
    drawn, _, report = read(nodes, [way])
    assert elsewhere.boundary.equals(drawn.boundary)
    area = shapely.transform(
        drawn.boundary,
        lambda xy: np.column_stack(
            Transformer.from_crs(4326, EPSG, always_xy=True).transform(*xy.T)
        ),
    ).area
    assert area == pytest.approx(200 * 100 + np.pi * 50**2, rel=0.01)


def test_what_lies_outside_the_boundary_is_loaded_and_counted(read):
    nodes, way = street(0, 0)
    nodes |= {1: (500, 0, {"shop": "convenience"}), 2: (10, 5, {"shop": "convenience"})}
    nodes |= {3: (600, 0), 4: (700, 0)}
    given = shapely.box(*lonlat(-10, -10), *lonlat(110, 10))
    _, layers, report = read(nodes, [way, (10, [3, 4], FOOT)], boundary=given)
    assert len(layers.service_points) == len(layers.walk_edges) == 2
    assert told_counts(report.layer("service_points").notes)["outside the boundary"] == 1
    assert told_counts(report.layer("walk_edges").notes)["outside the boundary"] == 1


@pytest.mark.parametrize(
    ("boundary", "words"),
    [
        (shapely.Point(118, 37), "is a Point"),
        (shapely.Polygon(), "empty"),
        (shapely.box(37.0, 117.0, 38.0, 119.0), "holds no street"),
    ],
)
def test_a_wrong_boundary_is_refused(read, boundary, words):
    nodes, way = street(0, 0)
    with pytest.raises(InputError, match=words):
        read(nodes, [way], boundary=boundary)


def swapped(xml: str) -> str:
    """Return a file whose nodes have longitude and latitude in each other's place."""
    return re.sub(r"(<node [^>]*)lon='([^']*)' lat='([^']*)'", r"\1lon='\3' lat='\2'", xml)


def moved(xml: str, lon: float, lat: float) -> str:
    """Return a file whose nodes lie around another place."""

    def move(node: re.Match[str]) -> str:
        return f"lon='{float(node[1]) - 117 + lon:.7f}' lat='{float(node[2]) - 37.38 + lat:.7f}'"

    return re.sub(r"lon='([^']*)' lat='([^']*)'", move, xml)


MALTA = shapely.box(14.4, 35.8, 14.6, 36.0)
BOUNDS = "<bounds minlon='14.4' minlat='35.8' maxlon='14.6' maxlat='36.0'/>"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_swapped_coordinates_off_the_globe_are_named(tmp_path, lang):
    nodes, way = street(0, 0)
    path = tmp_path / "swapped.osm"
    path.write_text(swapped(osm_xml(nodes, [way])), "utf-8")
    words = {"en": r"longitude 37\.\d{4}, latitude 117\.\d{4}.*look swapped", "zh": "似乎写反了"}
    with speaking(lang), pytest.raises(InputError) as refused:
        read_osm(path, code="scene", standard=STANDARD)
    with speaking(lang):
        assert re.search(words[lang], str(refused.value))


@pytest.mark.parametrize("known", ["given", "declared"])
def test_swapped_coordinates_on_the_globe_are_named_where_a_boundary_is_known(tmp_path, known):
    nodes, way = street(0, 0)
    xml = moved(osm_xml(nodes, [way]), 14.5, 35.9)
    if known == "declared":
        xml = xml.replace("<node", f"{BOUNDS}<node", 1)
    given = MALTA if known == "given" else None
    path = tmp_path / "malta.osm"
    path.write_text(xml, "utf-8")
    assert len(read_osm(path, code="m", standard=STANDARD, boundary=given)[1].walk_edges) == 1
    path.write_text(swapped(xml), "utf-8")
    with pytest.raises(InputError, match=r"longitude 35\.89\d+, latitude 14\.5\d+.*look swapped"):
        read_osm(path, code="m", standard=STANDARD, boundary=given)


def test_names_credits_and_columns(read):
    nodes, way = street(0, 0)
    district, layers, report = read(nodes, [way], name_zh="测试区")
    assert (district.code, district.name_zh, district.name_en) == ("scene", "测试区", "测试区")
    assert district.origin is Origin.OSM
    assert district.credits == ("© OpenStreetMap contributors (ODbL 1.0)",)
    assert district.note == ""  # nobody lives here, nothing is estimated
    assert report.source == "scene.osm"
    for name, columns in COLUMNS.items():
        frame = getattr(layers, name)
        assert list(frame.columns[: len(columns)]) == list(columns)
        assert frame.index.equals(pd.RangeIndex(len(frame)))


# --- files --------------------------------------------------------------------------------


def test_a_packed_extract_gives_the_same_layers(tmp_path):
    nodes, way = street(0, 0)
    xml = osm_xml(nodes, [way]).encode()
    frames = []
    packed = {"osm": xml, "osm.gz": gzip.compress(xml), "OSM.BZ2": bz2.compress(xml)}
    for ending, content in packed.items():
        path = tmp_path / f"extract.{ending}"
        path.write_bytes(content)
        _, layers, _ = read_osm(path, code="x", standard=STANDARD)
        frames.append(layers.walk_edges)
    assert_geodataframe_equal(frames[0], frames[1])
    assert_geodataframe_equal(frames[0], frames[2])


def test_an_unsorted_file_gives_the_same_layers(tmp_path):
    nodes, way = street(0, 0)
    outer_nodes, outer = box(1, 0, 0, 60, 60)
    building = {"type": "multipolygon", "building": "apartments"}
    scene = ({**outer_nodes, **nodes}, [(10, outer, {}), way], [(7, [(10, "outer")], building)])
    lines = osm_xml(*scene, bounds=(-10, -10, 110, 110)).splitlines()
    head, objects, tail = lines[:2], lines[2:-1], lines[-1]
    results = []
    for rows in (objects, objects[::-1], [*objects[6:], *objects[:6]], sorted(objects)):
        path = tmp_path / "turned.osm"
        path.write_text("\n".join([*head, *rows, tail]), "utf-8")
        results.append(read_osm(path, code="x", standard=STANDARD))
    first, layers, _ = results[0]
    assert layers.buildings.building_id.tolist() == ["relation/7"]
    assert links(layers.walk_edges) == [(901, 902, 100)]
    for district, other, _ in results[1:]:
        assert district.boundary.equals(first.boundary)
        assert_geodataframe_equal(layers.buildings, other.buildings)
        assert_geodataframe_equal(layers.walk_edges, other.walk_edges)


XML = osm_xml({1: (0, 0), 2: (9, 9)}, [(1, [1, 2], FOOT)]).encode()


@pytest.mark.parametrize(
    ("ending", "content", "error", "words"),
    [
        ("pbf", b"", EmptyError, "is empty"),
        ("osm", b"<?xml version='1.0'?><osm version='0.6'></osm>", EmptyError, "no walkable way"),
        ("osm", b"hello, this is a letter", FileFormatError, "not begin as OpenStreetMap XML does"),
        ("pbf", XML, FileFormatError, "not begin as OpenStreetMap PBF does, but as XML"),
        ("osm", b"<html>osm</html>", FileFormatError, "is not OpenStreetMap data"),
        ("osm", b'{"type":"FeatureCollection"}', FileFormatError, "but as JSON"),
        ("osm", b"PK\x03\x04 zipped", FileFormatError, "but as a zip archive"),
        ("osm", b"<osmChange version='0.6'></osmChange>", FileFormatError, "file of changes"),
        ("osm", XML[:-60], FileFormatError, "damaged or cut short"),
        ("gz", gzip.compress(XML, mtime=0)[:40], FileFormatError, "does not unpack"),
        ("gz", gzip.compress(b"a letter", mtime=0), FileFormatError, "is not OpenStreetMap data"),
        ("pbf", b"\0\0\0\x0e\x0a\x09OSMHeader\x18\x7f", FileFormatError, "damaged or cut short"),
        ("osm", XML.replace(b"lon='117", b"lon='517"), FileFormatError, "damaged or cut short"),
    ],
)
def test_a_wrong_file_gives_one_sentence(tmp_path, ending, content, error, words):
    path = tmp_path / f"file.{ending}"
    path.write_bytes(content)
    with pytest.raises(error, match=words) as caught:
        read_osm(path, code="x", standard=STANDARD)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(NotFoundError, match=r"no file .*none\.pbf"):
        read_osm(tmp_path / "none.pbf", code="x", standard=STANDARD)


# --- real extracts ------------------------------------------------------------------------


def read_real(name):
    return read_osm(SHARED / "data" / name, code="real", standard=STANDARD)


@needs_shared
def test_monaco_counts():
    district, layers, report = read_real("monaco-graphhopper/monaco.osm.gz")
    assert district.epsg == 32632
    # SOURCE.md: 852 walkable ways, 966 buildings. We keep 14 ways more: 6 squares (area=yes),
    # 6 private ways and 2 platforms.
    assert report.layer("walk_edges").accepted == 852 + 6 + 6 + 2
    account = report.layer("walk_edges")
    assert told_counts(account.notes)["edges"] == len(layers.walk_edges) == 1654
    assert told_counts(account.notes)["edges added that lead straight across squares"] == 42
    assert told_counts(account.notes)["nodes between two alike edges left out"] == 62
    assert told_counts(account.repaired) == {
        "ends of ways joined to the way that they meet or nearly meet": 1
    }
    assert layers.walk_edges.osm_id[layers.walk_edges.private].nunique() == 6
    assert len(layers.buildings) == 966
    assert (layers.buildings.levels == 0).all()
    across_squares = layers.walk_edges.kind == "square"
    assert across_squares.sum() == 42
    ways = layers.walk_edges[~across_squares]
    assert ways.length_m.sum() / 1000 == pytest.approx(82.54, abs=0.01)
    assert len(layers.service_points) == 103


@needs_shared
def test_tsinghua_counts():
    district, layers, report = read_real("osm-beijing-tsinghua-2017/map.nometa.osm.pbf")
    assert district.epsg == 4548
    # SOURCE.md: 631 walkable ways, 521 buildings, 11 with levels. We keep 54 ways more: 48
    # platforms (44 of them highway=platform) and 6 squares (area=yes).
    assert report.layer("walk_edges").accepted == 631 + 48 + 6
    assert len(layers.buildings) == 521
    assert (layers.buildings.levels > 0).sum() == 11
    assert layers.gates.access.value_counts().to_dict() == {
        "open": 23 + 5, "closed": 1, "private": 1,
    }  # fmt: skip
    assert told_counts(report.layer("gates").notes)["level crossings"] == 5
    assert layers.barriers.kind.value_counts().to_dict() == {"wall": 10, "river": 10, "railway": 3}
    # gyms, photo and copy shops, and bicycle repairs are kinds of their own
    assert len(layers.service_points) == 158 + 2 + 12 + 2
    assert layers.buildings.name.str.contains("清华").any()


@needs_shared
def test_malta_counts_and_order():
    district, layers, report = read_real("osm-malta-2016/malta.osm.pbf")
    assert district.epsg == 32633
    edges = layers.walk_edges
    assert report.layer("walk_edges").accepted == 21111  # all but one for deliveries
    # SOURCE.md: 19,685 walkable ways; it leaves out trunk roads, private ways and the 638 squares
    # (area=yes), a few of which are private or trunk roads too.
    extract = read_extract(SHARED / "data/osm-malta-2016/malta.osm.pbf", {"highway"})
    ways = [way.rule for way in walk_lines(extract, LayerReport()) if way.osm_id]
    trunk = sum(rule.kind in {"trunk", "trunk_link"} for rule in ways)
    private = sum(rule.private for rule in ways if rule.kind not in {"trunk", "trunk_link"})
    assert (trunk, private) == (553, 232)
    assert pytest.approx(19685, rel=0.001) == 21112 - 553 - 232 - 638
    # 9,732 building ways: two are rings of relations, which we keep instead, one is building=no.
    assert len(layers.buildings) == 9729
    assert (edges.edge_id.diff()[1:] > 0).all()
    numbers = layers.buildings.building_id.str.split("/")
    keys = [(kind == "relation", int(number)) for kind, number in numbers]
    assert keys == sorted(keys)
    assert (edges.length_m > 0).all()
    assert len(layers.service_points) == 1913


@needs_shared
def test_cutting_and_joining_changes_no_distance():
    """Shortest ways over our edges equal those over every single step between two OSM nodes."""
    path = SHARED / "data/osm-beijing-tsinghua-2017/map.nometa.osm.pbf"
    district, layers, _ = read_osm(path, code="real", standard=STANDARD, without=("squares",))
    edges = layers.walk_edges
    ours = nx.Graph()
    for u, v, metres in zip(edges.u, edges.v, edges.length_m, strict=True):
        if not ours.has_edge(u, v) or metres < ours[u][v]["weight"]:
            ours.add_edge(u, v, weight=metres)
    steps = nx.Graph()
    to_metric = Transformer.from_crs(4326, district.epsg, always_xy=True)
    for way in osmium.FileProcessor(path).with_locations():
        if way.is_way() and is_candidate(way.tags) and isinstance(walk_rule(way.tags), WalkRule):
            nodes = [(n.ref, *to_metric.transform(n.lon, n.lat)) for n in way.nodes]
            for (a, ax, ay), (b, bx, by) in pairwise(nodes):
                steps.add_edge(a, b, weight=math.hypot(bx - ax, by - ay))
    closed = set(layers.gates.geometry[layers.gates.access == "closed"].map(lambda p: (p.x, p.y)))
    steps.remove_nodes_from(
        n.id
        for n in osmium.FileProcessor(path, osmium.osm.NODE)
        if (n.lon, n.lat) in closed and n.id in steps
    )
    assert {n for n in ours if n > 0} <= set(steps)
    for start in sorted(n for n in ours if n > 0)[::200]:
        want = nx.single_source_dijkstra_path_length(steps, start)
        got = nx.single_source_dijkstra_path_length(ours, start)
        positive = {node: metres for node, metres in got.items() if node > 0}
        assert set(positive) == set(want) & set(ours)
        assert all(abs(want[node] - metres) < 1e-6 for node, metres in positive.items())


# --- levels, deletions, histories ------------------------------------------------------------


def test_ways_and_barriers_know_their_level(read):
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (300, 0), 5: (0, 9), 6: (300, 9)}
    ways = [
        (10, [1, 2], FOOT),
        (11, [2, 3], {**FOOT, "bridge": "yes", "layer": "2"}),
        (12, [3, 4], {**FOOT, "tunnel": "yes"}),
        (13, [5, 6], {"barrier": "fence", "layer": "1"}),
    ]
    _, layers, _ = read(nodes, ways)
    assert layers.walk_edges.level.tolist() == [0, 2, -1]
    assert layers.barriers.level.tolist() == [1]


def test_ends_of_streets_at_one_place_are_joined_and_named(read):
    street = {"highway": "residential"}
    nodes = {1: (0, 0), 2: (300, 0), 3: (300, 0), 4: (300, 300)}
    _, layers, report = read(nodes, [(7, [1, 2], street), (8, [3, 4], street)])
    assert layers.walk_edges.length_m.tolist() == pytest.approx([600], abs=0.05)
    named = report.layer("walk_edges").told()["named"]
    assert set(named.values()) == {f"joined to a node of way/{n}, 0.0 m away" for n in (7, 8)}


def test_ends_on_different_levels_are_not_joined(read):
    nodes = {1: (0, 0), 2: (300, 0), 3: (300, 0), 4: (300, 300)}
    ways = [(7, [1, 2], FOOT), (8, [3, 4], {**FOOT, "layer": "1"})]
    _, layers, report = read(nodes, ways)
    assert len(layers.walk_edges) == 2
    assert not report.layer("walk_edges").named


def test_repairs_of_ways_are_named(read):
    nodes = {1: (0, 0), 2: (300, 0), 4: (300, 300), 5: (300, 300)}
    ways = [(7, [1, 2, 2, 4, 99], FOOT), (8, [4, 5], FOOT)]
    _, _, report = read(nodes, ways)
    assert report.layer("walk_edges").told()["named"] == {
        "way/7": "cut where the extract lacks 1 of its nodes",
        "node/2 of way/7": "stands twice in a row, taken once",
        "node/4 of way/8": "a piece without length dropped, its ends joined",
    }


@pytest.mark.parametrize("head", ["way id='8' action='delete'", "way action=\"delete\" id='8'"])
def test_what_was_deleted_in_an_editor_is_left_out_and_counted(tmp_path, head):
    nodes = {1: (0, 0), 2: (300, 0), 3: (300, 300)}
    text = osm_xml(nodes, [(7, [1, 2], FOOT), (8, [2, 3], FOOT)])
    path = tmp_path / "edited.osm"
    path.write_text(text.replace("way id='8'", head), "utf-8")
    _, layers, report = read_osm(path, code="scene", standard=STANDARD)
    assert layers.walk_edges.osm_id.tolist() == [7]
    notes = told_counts(report.layer("walk_edges").notes)
    assert notes["objects left out that an editor has deleted"] == 1


def test_a_history_of_any_format_is_named_as_one(tmp_path):
    text = osm_xml({1: (0, 0), 2: (300, 0)}, [(7, [1, 2], FOOT)])
    path = tmp_path / "past.osm"
    path.write_text(text.replace("way id='7'", "way id='7' visible='false'"), "utf-8")
    with pytest.raises(FileFormatError, match="is a history file"):
        read_osm(path, code="scene", standard=STANDARD)


def test_an_extract_across_the_180th_meridian_is_refused_plainly(tmp_path):
    path = tmp_path / "fiji.osm"
    node = "<node id='{}' version='1' lon='{}' lat='-16.8'/>"
    way = "<way id='7' version='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
    nodes = node.format(1, 179.99) + node.format(2, -179.98)
    path.write_text(f"<osm version='0.6'>{nodes}{way}</osm>", "utf-8")
    with pytest.raises(InputError, match="across the 180th meridian"):
        read_osm(path, code="scene", standard=STANDARD)


# --- squares --------------------------------------------------------------------------------

SQUARE = {1: (0, 0), 2: (50, 0), 3: (100, 0), 4: (100, 100), 5: (50, 100), 6: (0, 100)}
STREETS = [(8, [7, 2], {"highway": "residential"}), (9, [5, 8], {"highway": "residential"})]
OUTSIDE = {7: (50, -50), 8: (50, 150)}


def across(layers):
    return layers.walk_edges[layers.walk_edges["kind"] == "square"]


@pytest.mark.parametrize(
    ("tags", "crossed"),
    [
        ({"highway": "pedestrian", "area": "yes"}, True),
        ({"highway": "footway", "area": "yes"}, True),
        ({"public_transport": "platform"}, True),
        ({"place": "square", "foot": "yes"}, True),
        ({"place": "square"}, False),
        ({"highway": "pedestrian"}, False),
        ({"highway": "pedestrian", "area": "yes", "foot": "no"}, False),
        ({"highway": "steps", "area": "yes"}, False),
    ],
)
def test_pedestrian_areas_are_crossed_straight(read, tags, crossed):
    ring = (1, [1, 2, 3, 4, 5, 6, 1], tags)
    _, layers, report = read(SQUARE | OUTSIDE, [ring, *STREETS])
    assert across(layers)["length_m"].round(1).tolist() == [100.0] * crossed
    assert across(layers)["osm_id"].tolist() == [1] * crossed
    said = told_counts(report.layer("walk_edges").notes)
    assert said.get("edges added that lead straight across squares", 0) == crossed


def test_what_stands_on_a_square_is_walked_around_and_a_roof_is_not(read):
    ring = (1, [1, 2, 3, 4, 5, 6, 1], {"highway": "pedestrian", "area": "yes"})
    hall = {11: (40, 40), 12: (60, 40), 13: (60, 60), 14: (40, 60)}
    for kind, metres in (("retail", [20.0, 41.231, 41.231]), ("roof", [100.0])):
        ways = [ring, *STREETS, (2, [11, 12, 13, 14, 11], {"building": kind})]
        _, layers, _ = read(SQUARE | OUTSIDE | hall, ways)
        lengths = across(layers)["length_m"].round(3)
        assert lengths.sum() == pytest.approx(sum(metres), abs=0.01)


def test_a_square_with_a_hole_is_a_relation(read):
    nodes = SQUARE | OUTSIDE | {11: (40, 40), 12: (60, 40), 13: (60, 60), 14: (40, 60)}
    rings = [(1, [1, 2, 3, 4, 5, 6, 1], {}), (2, [11, 12, 13, 14, 11], {})]
    tags = {"type": "multipolygon", "highway": "pedestrian"}
    relation = (3, [(1, "outer"), (2, "inner")], tags)
    _, layers, _ = read(nodes, [*rings, *STREETS], [relation])
    assert across(layers)["osm_id"].unique().tolist() == [0]
    assert across(layers)["length_m"].max() == pytest.approx(41.231, abs=0.01)


def test_squares_can_be_left_out_to_measure_what_they_change(tmp_path):
    ring = (1, [1, 2, 3, 4, 5, 6, 1], {"highway": "pedestrian", "area": "yes"})
    path = write_scene(tmp_path / "square.osm", SQUARE | OUTSIDE, [ring, *STREETS])
    _, layers, _ = read_osm(path, code="371602", standard=load_standard(), without=("squares",))
    assert across(layers).empty
