"""The synthetic town: the same seed gives the same bytes, and the scene holds what it promises."""

import hashlib

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from api.snapshot.profiles import find_profile
from boundaries.demo import bincheng
from boundaries.demo.bincheng_district import bincheng_outline, street_offices
from boundaries.demo.town.governance.communities import split
from boundaries.demo.town.streets.names import chinese_number, compound_names
from boundaries.demo.town.streets.quads import boxes, contains, inset
from boundaries.standards.catalogue import load_standard
from boundaries.standards.organisation_roles import load_hub_rule
from geo.accessibility.coverage import nearest_times
from geo.crs import project_geometry
from geo.errors import InputError, NotFoundError
from geo.grids.assign import members
from geo.grids.codes import is_valid, scheme_of
from geo.model.layer_columns import COLUMNS, TABLES
from geo.model.layers import Layers, conform_layer
from geo.model.vocabulary import Level, Origin
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.staffing.organisations import places_of

STREET = "371602001"
GROUPS = load_standard().groups

try:
    OUTLINE = bincheng_outline()
except NotFoundError as error:
    OUTLINE = None
    MISSING = str(error)
else:
    MISSING = ""

needs_outline = pytest.mark.skipif(OUTLINE is None, reason=MISSING)


@pytest.fixture(scope="module", params=[1, 7], ids=["seed1", "seed7"])
def town(request):
    """One street office, in metres."""
    if OUTLINE is None:
        pytest.skip(MISSING)
    district, layers = bincheng(households=8_000, street=STREET, seed=request.param)
    return district, layers, layers.to_metric(district.epsg)


@pytest.fixture(scope="module")
def whole():
    """All fifteen street offices."""
    if OUTLINE is None:
        pytest.skip(MISSING)
    district, layers = bincheng(households=175_000, street=None)
    return district, layers, layers.to_metric(district.epsg)


def digest(layers: Layers) -> str:
    """Hash every value of every layer, geometry by its bytes."""
    total = hashlib.sha256()
    for name in COLUMNS:
        frame = getattr(layers, name)
        for column in frame.columns:
            values = frame[column]
            if column == "geometry":
                values = [wkb.hex() for wkb in shapely.to_wkb(values.to_numpy())]
            total.update(repr((name, column, list(values))).encode())
    return total.hexdigest()


def level(grids: gpd.GeoDataFrame, which: Level) -> gpd.GeoDataFrame:
    return grids[grids["level"] == which].set_index("code")


@needs_outline
def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first, again, other = (digest(bincheng(households=2_000, seed=seed)[1]) for seed in (3, 3, 4))
    assert first == again
    assert first != other


@needs_outline
@pytest.mark.parametrize(
    ("households", "street"),
    [(1_000, STREET), (5_000, STREET), (30_000, "371602105"), (5_000, None), (40_000, None)],
)
def test_households_are_met_within_two_percent(households, street):
    district, layers = bincheng(households=households, street=street)
    made = int(layers.buildings["households"].sum())
    assert made == pytest.approx(households, rel=0.02)
    assert f"{made:,} households" in district.note
    assert f"{made:,} 户" in district.note_zh


def test_the_whole_district_in_one_go(whole):
    _, layers, metric = whole
    assert layers.buildings["households"].sum() == pytest.approx(175_000, rel=0.001)
    large = level(metric.grids, Level.LARGE)
    assert set(large.index) == {c.code for office in street_offices() for c in office.communities}
    assert len(large) == 402
    assert nx.is_connected(graph_of(layers.walk_edges))
    assert_seamless(metric.grids)
    boundary = project_geometry(OUTLINE, 4326, 4548)
    assert boundary.covers(shapely.union_all(metric.buildings.geometry.to_numpy()))


@needs_outline
def test_what_is_real_is_real(town):
    district, _, metric = town
    assert (district.code, district.epsg, district.origin) == ("371602", 4548, Origin.SYNTHETIC)
    assert project_geometry(district.boundary, 4326, 4548).area == pytest.approx(1042.7e6, rel=1e-3)
    offices = street_offices()
    assert len(offices) == 15
    assert sum(len(office.communities) for office in offices) == 402
    named = {c.code: c.name for c in offices[0].communities}
    large = level(metric.grids, Level.LARGE)
    assert large["name_zh"].to_dict() == {code: named[code] for code in large.index}
    assert len(large) == 20
    assert large.loc["371602001001", "name_zh"] == "新苑社区居委会"
    assert any("Tianditu" in credit for credit in district.credits)
    assert "Synthetic" in district.note
    assert "模拟数据（合成）" in district.note_zh


def test_every_layer_conforms_and_is_labelled(town):
    _, layers, _ = town
    for name in COLUMNS:
        frame = getattr(layers, name)
        empty = name in {"organisations", "open_grounds", "entrances"}  # a made-up town has none
        assert (len(frame) > 0) == (not empty), name
        conform_layer(name, frame)
        if name not in TABLES:
            assert frame.crs.to_epsg() == 4326
            assert frame.geometry.is_valid.all()
    assert set(layers.grids["origin"]) == set(layers.service_points["origin"]) == {"synthetic"}
    assert set(layers.buildings["households_source"]) == {"synthetic"}
    kinds = {(group.id, kind.id) for group in GROUPS for kind in group.kinds}
    points = layers.service_points
    assert set(zip(points["category"], points["sub"], strict=True)) <= kinds
    assert set(points["category"]) == {group.id for group in GROUPS}


def test_codes_are_unique_and_carry_their_parents(town):
    _, layers, _ = town
    grids, scheme = layers.grids, scheme_of("371602")
    assert grids["code"].is_unique
    for which, digits in ((Level.LARGE, 12), (Level.MEDIUM, 13), (Level.SMALL, 15)):
        codes = level(grids, which).index
        assert (codes.str.len() == digits).all()
        assert all(is_valid(code, scheme, which) for code in codes)
    children = grids[grids["level"] != Level.LARGE]
    starts = zip(children["code"], children["parent_code"], strict=True)
    assert all(code.startswith(parent) for code, parent in starts)
    assert set(children["parent_code"]) <= set(grids["code"])


def assert_seamless(grids: gpd.GeoDataFrame) -> None:
    """Every level is a coverage, and every parent is the union of its children."""
    small, medium, large = (
        level(grids, which) for which in (Level.SMALL, Level.MEDIUM, Level.LARGE)
    )
    for frame in (small, medium, large):
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())
    for child, parent in ((small, medium), (medium, large)):
        union = child.dissolve("parent_code").geometry.reindex(parent.index)
        assert shapely.area(shapely.symmetric_difference(union, parent.geometry)).max() < 1e-3
    whole = shapely.coverage_union_all(large.geometry.to_numpy())
    for frame in (small, medium):
        assert frame.geometry.area.sum() == pytest.approx(whole.area, rel=1e-9)


def test_grids_are_seamless_and_nested(town):
    _, _, metric = town
    assert_seamless(metric.grids)
    # On every bank the ground is one piece without a hole.
    ground = shapely.coverage_union_all(level(metric.grids, Level.LARGE).geometry.to_numpy())
    assert all(len(part.interiors) == 0 for part in shapely.get_parts(ground))


def test_no_building_is_cut_by_a_grid_a_wall_a_lane_or_a_building(town):
    _, _, metric = town
    buildings = metric.buildings.geometry.to_numpy()
    tree = shapely.STRtree(buildings)
    small = level(metric.grids, Level.SMALL).geometry.to_numpy()
    for others in (
        shapely.boundary(small),
        metric.barriers.geometry.to_numpy(),
        metric.walk_edges.geometry.to_numpy(),
    ):
        assert tree.query(others, predicate="intersects").shape[1] == 0
    one, two = tree.query(buildings, predicate="intersects")
    assert (one == two).all()
    of = members(metric)
    assert of["small"].notna().all()


def test_there_are_hubs_and_stations(town):
    _, layers, _ = town
    places = places_of(layers.service_points, load_hub_rule().roles)
    count = places["role"].value_counts()
    assert count["hub"] == 1  # the street's own hall
    assert count["station"] >= 2
    assert not places["place_id"].duplicated().any()


def test_most_communities_have_one_window_and_some_have_none(town):
    _, layers, _ = town
    windows = layers.service_points[layers.service_points["sub"] == "window"]
    communities = level(layers.grids, Level.LARGE).geometry
    held = [int(windows.intersects(shape).sum()) for shape in communities]
    served = sum(n > 0 for n in held)
    assert len(held) * 0.6 < served < len(held)
    assert sum(held) - served <= 1  # two by chance


def test_buildings_are_stairwells_of_10_to_24_households(town):
    _, layers, _ = town
    homes = layers.buildings[layers.buildings["use"] == "residential"]
    assert homes["households"].between(10, 24).all()
    assert (homes["households"] == 2 * homes["levels"]).all()
    assert layers.buildings["residents"].sum() / homes["households"].sum() == pytest.approx(
        2.8, abs=0.05
    )
    buildings = layers.buildings
    under_60 = buildings["residents"] - buildings["residents_60plus"]
    assert (under_60 >= buildings["residents_under15"]).all()
    assert buildings["residents_under15"].sum() / buildings["residents"].sum() == pytest.approx(
        0.12, abs=0.03
    )


def test_a_small_grid_with_homes_has_30_to_50_households(town):
    _, _, metric = town
    lived = metric.buildings["households"].groupby(members(metric)["small"]).sum()
    lived = lived[lived > 0]
    assert lived.between(30, 50).all()


def graph_of(edges: gpd.GeoDataFrame) -> nx.Graph:
    return nx.Graph(zip(edges["u"], edges["v"], strict=True))


def test_edges_share_nodes_exactly_where_they_meet(town):
    _, _, metric = town
    edges = metric.walk_edges
    ends = shapely.get_coordinates(edges.geometry.to_numpy()).reshape(-1, 4)
    place: dict[int, tuple[float, float]] = {}
    for node, xy in zip(
        np.concatenate([edges["u"], edges["v"]]),
        np.concatenate([ends[:, :2], ends[:, 2:]]),
        strict=True,
    ):
        assert place.setdefault(int(node), tuple(xy)) == tuple(xy)
    assert edges["length_m"].to_numpy() == pytest.approx(edges.geometry.length.to_numpy(), abs=1e-6)
    # Split at all junctions: two edges have a point in common only where they share a node.
    tree = shapely.STRtree(edges.geometry.to_numpy())
    one, two = tree.query(edges.geometry.to_numpy(), predicate="intersects")
    later = one < two
    one, two = one[later], two[later]
    u, v = edges["u"].to_numpy(), edges["v"].to_numpy()
    shared = (u[one] == u[two]) | (u[one] == v[two]) | (v[one] == u[two]) | (v[one] == v[two])
    assert shared.all()
    assert nx.is_connected(graph_of(edges))


def test_only_bridges_cross_a_river_and_without_them_the_banks_part(town):
    _, _, metric = town
    edges, barriers = metric.walk_edges, metric.barriers
    water = shapely.union_all(barriers.loc[barriers["kind"] == "river", "geometry"].to_numpy())
    assert set(barriers.loc[barriers["kind"] == "river", "name"]) == {"黄河", "徒骇河"}
    wet = shapely.intersects(edges.geometry.to_numpy(), water)
    assert wet.any()
    assert edges.loc[wet, "bridge"].all()
    assert edges["bridge"].sum() <= 8
    dry = graph_of(edges[~edges["bridge"]])
    pieces = [piece for piece in nx.connected_components(dry) if len(piece) > 20]
    assert len(pieces) >= 2
    where = dict(zip(edges["u"], shapely.get_point(edges.geometry.to_numpy(), 0), strict=True))
    homes = [
        shapely.MultiPoint([where[node] for node in piece if node in where]).centroid
        for piece in pieces
    ]
    assert shapely.intersects(shapely.LineString(homes[:2]), water)


def test_only_gates_cross_a_wall(town):
    _, _, metric = town
    edges, gates = metric.walk_edges, metric.gates
    walls = metric.barriers[metric.barriers["kind"] == "wall"].geometry.to_numpy()
    lines = edges.geometry.to_numpy()
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    # Drawn in by a centimetre at both ends, no edge meets a wall: it passes at a node only.
    step = 0.01 * (ends[:, 1] - ends[:, 0]) / edges["length_m"].to_numpy()[:, None]
    long = edges["length_m"].to_numpy() > 0.03
    inner = shapely.linestrings(np.stack([ends[:, 0] + step, ends[:, 1] - step], axis=1)[long])
    assert shapely.STRtree(walls).query(inner, predicate="intersects").shape[1] == 0
    # And the nodes that lie on a wall are the nodes of its gates.
    nodes = np.concatenate([edges["u"], edges["v"]])
    places = shapely.points(np.concatenate([ends[:, 0], ends[:, 1]]))
    _, on = shapely.STRtree(places).query(walls, predicate="dwithin", distance=0.005)
    assert set(nodes[on]) == set(gates["node"])


def test_every_compound_has_an_open_gate_and_a_closed_gate_leads_nowhere(town):
    _, _, metric = town
    gates, edges = metric.gates, metric.walk_edges
    walls = metric.barriers[metric.barriers["kind"] == "wall"].geometry.to_numpy()
    gate, wall = shapely.STRtree(walls).query(
        gates.geometry.to_numpy(), predicate="dwithin", distance=0.01
    )
    count = np.bincount(wall, minlength=len(walls))
    assert count.min() >= 1
    assert count.max() <= 4
    opened = gates["access"].to_numpy()[gate] == "open"
    assert np.bincount(wall[opened], minlength=len(walls)).min() >= 1
    assert set(gates["access"]) == {"open", "private", "closed"}
    always = gates["opening_hours"].to_numpy()[gate] == ""
    assert (np.bincount(wall[opened & always], minlength=len(walls)) == 1).all()
    assert (gates.loc[gates["access"] != "open", "opening_hours"] == "").all()
    assert set(gates["opening_hours"]) == {"", "06:00-22:00"}
    degree = graph_of(edges).degree
    closed = gates.loc[gates["access"] == "closed", "node"]
    assert {degree[int(node)] for node in closed} == {1}
    assert {degree[int(node)] for node in gates.loc[gates["access"] != "closed", "node"]} == {2}


def test_every_home_is_linked_and_reaches_something(town):
    _, _, metric = town
    network = compile_network(metric, find_profile(load_standard(), "adult"))
    times = nearest_times(snap_layers(metric, network, [c.id for c in load_standard().categories]))
    homes = metric.buildings["households"].to_numpy() > 0
    assert (times.reason[homes] == "").all()
    assert np.isfinite(times.time_s[homes]).all()
    reached = (times.time_s[homes] <= 900).mean(axis=0)
    assert reached.min() < 0.97  # there is a gap to find
    assert reached.max() == 1.0  # and something that everybody has


def test_a_worker_looks_after_about_a_hundred_households(town):
    _, layers, metric = town
    workers = layers.workers
    assert set(workers["grid_code"]) == set(level(layers.grids, Level.SMALL).index)
    assert (workers["worker_code"].str[:12] == workers["grid_code"].str[:12]).all()
    lived = metric.buildings["households"].groupby(members(metric)["small"]).sum()
    load = (
        lived.reindex(workers["grid_code"])
        .fillna(0)
        .groupby(workers["worker_code"].to_numpy())
        .sum()
    )
    load = load[load > 0]
    assert load.mean() == pytest.approx(100, abs=25)
    assert load.max() <= 200


@needs_outline
def test_bad_arguments_are_told_in_one_sentence():
    with pytest.raises(InputError, match="Got 999 households; wanted 1,000 to 200,000"):
        bincheng(households=999)
    with pytest.raises(InputError, match="Got seed -1"):
        bincheng(seed=-1)
    with pytest.raises(InputError, match="wanted at most 90,000"):
        bincheng(households=175_000, street="371602007")
    with pytest.raises(NotFoundError, match="Got street '371602999'; wanted one of 371602001"):
        bincheng(street="371602999")


def test_rectangles_and_insets():
    square = np.array([[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]])
    inner = inset(square, np.array([[1.0, 2.0, 3.0, 4.0]]))
    assert inner[0].tolist() == [[4.0, 1.0], [8.0, 1.0], [8.0, 7.0], [4.0, 7.0]]
    box = boxes(np.array([[5.0, 5.0]]), np.array([[1.0, 0.0]]), np.array([4.0]), np.array([2.0]))
    assert box[0].tolist() == [[3.0, 4.0], [7.0, 4.0], [7.0, 6.0], [3.0, 6.0]]
    assert contains(square, box, 3.0).tolist() == [True]
    assert contains(square, box, 3.1).tolist() == [False]


def test_split_leaves_no_group_empty():
    xy = np.random.default_rng(5).random((40, 2))
    group = split(xy, np.ones(40), 7)
    assert sorted(np.unique(group)) == list(range(7))
    assert np.bincount(group).max() <= 7


def test_words():
    assert [chinese_number(n) for n in (1, 10, 11, 20, 24)] == [
        "一",
        "十",
        "十一",
        "二十",
        "二十四",
    ]
    names = compound_names(1_000, np.random.default_rng(1))
    assert len(set(names)) == 1_000
