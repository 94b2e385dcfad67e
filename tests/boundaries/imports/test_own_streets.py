"""Streets of a district's own join those that are there, and go again without a trace."""

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString

from boundaries.imports.import_files import load_layer, load_osm
from boundaries.store.open import open_store
from geo.accessibility.coverage import nearest_times
from geo.errors import EmptyError
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.scenes import EPSG, lonlat, square, tiny_store, xy
from tests.towns import ADULT

CODE = "371602"
LANES = [
    {"编号": "L1", "类型": "小区道路", "门禁": "刷卡", "at": [(150, 201.5), (150, 300), (50, 300)]},
    {"编号": "L2", "类型": "人行天桥", "at": [(250, 150), (250, 260)]},
    {"编号": "L3", "类型": "主干路", "通行": "开放", "at": [(0, 203), (400, 203)]},
    {"编号": "L4", "类型": "步行道", "通行": "封闭", "at": [(20, 20), (20, 90)]},
]


@pytest.fixture
def store(tmp_path):
    return tiny_store(tmp_path / "town.gpkg")


def street_file(folder, lanes):
    path = folder / "streets.geojson"
    shapes = [LineString([xy(*place) for place in lane["at"]]) for lane in lanes]
    table = [{k: v for k, v in lane.items() if k != "at"} for lane in lanes]
    gpd.GeoDataFrame(table, geometry=shapes, crs=EPSG).to_crs(4326).to_file(path)
    return path


def test_streets_join_what_is_there_by_name_and_load_once(store, tmp_path):
    before = store.snapshot(CODE)[1].walk_edges
    path = street_file(tmp_path, LANES)
    report = load_layer(store, CODE, "walk_edges", path).report.layer("walk_edges")
    edges = store.snapshot(CODE)[1].walk_edges
    named = [f"{str(place).split(' at ')[0]}: {what}" for place, what in report.named.items()]
    for row, what in (
        ("row 1 (L1)", "1.5 m away"),
        ("row 1 (L1)", "a gate (private) put here"),
        ("row 2 (L2)", "on another level"),
        ("row 3 (L3)", "draws edge 1 within 5 m"),
        ("row 4 (L4)", "closed to walkers by foot or access"),
    ):
        assert any(each.startswith(row) and what in each for each in named), (row, named)
    own = edges[edges["origin"] == "given"]
    assert set(own["kind"]) == {"residential", "footway"}
    assert own["length_m"].sum() == pytest.approx(200 + 110, abs=0.2)
    ways = edges[edges["origin"] == ""]
    assert ways["length_m"].sum() == pytest.approx(before["length_m"].sum(), abs=1e-6)
    revision = store.district(CODE).revision
    load_layer(store, CODE, "walk_edges", path)
    assert store.district(CODE).revision == revision


def test_other_streets_take_their_place_as_if_those_before_had_never_been(store, tmp_path):
    gates = store.snapshot(CODE)[1].gates
    once = tiny_store(tmp_path / "once.gpkg")
    load_layer(once, CODE, "walk_edges", street_file(tmp_path, LANES[1:2]))
    for lanes in (LANES[:1], LANES[1:2]):
        load_layer(store, CODE, "walk_edges", street_file(tmp_path, lanes))
    ways, alone = store.snapshot(CODE)[1], once.snapshot(CODE)[1]
    assert len(ways.walk_edges) == len(alone.walk_edges)
    drawn = [shapely.union_all(each.walk_edges.geometry) for each in (ways, alone)]
    assert shapely.hausdorff_distance(*drawn) < 1e-8
    assert_geodataframe_equal(ways.gates, gates)


def test_a_file_without_walkable_streets_is_refused(store, tmp_path):
    with pytest.raises(EmptyError, match="None of 1 rows"):
        load_layer(store, CODE, "walk_edges", street_file(tmp_path, LANES[3:]))


def test_a_district_of_office_files_alone_gets_its_walking_times(tmp_path):
    outline = gpd.GeoDataFrame({"名称": ["新区"]}, geometry=[square(0, 0, 400, 400)], crs=EPSG)
    outline.to_file(tmp_path / "outline.shp", encoding="GBK")
    lines = [
        {"等级": "主干路", "at": [(0, 200), (400, 200)]},
        {"等级": "支路", "at": [(200, 0), (200, 400)]},
        {"等级": "巷", "at": [(150, 201.2), (150, 300), (50, 300)]},
    ]
    homes, place = ((50, 210), (110, 280)), lonlat(190, 390)
    rows = ["户数,经度,纬度", *(f"3,{x},{y}" for x, y in (lonlat(*home) for home in homes))]
    (tmp_path / "homes.csv").write_text("\n".join(rows), "gbk")
    (tmp_path / "points.csv").write_text(f"类别,经度,纬度\n餐饮,{place[0]},{place[1]}\n")
    db = tmp_path / "new.gpkg"
    load_layer(db, "new", "boundary", tmp_path / "outline.shp")
    load_layer(db, "new", "walk_edges", street_file(tmp_path, lines))
    load_layer(db, "new", "buildings", tmp_path / "homes.csv")
    load_layer(db, "new", "service_points", tmp_path / "points.csv")
    district, layers = open_store(db).snapshot("new")
    metric = layers.to_metric(district.epsg)
    snapped = snap_layers(metric, compile_network(metric, ADULT), ("catering",))
    metres = nearest_times(snapped).time_s[:, 0] * ADULT.speed_m_s
    by_hand = [10 + 150 + 190 + 10, 20 + 40 + 100 + 50 + 190 + 10]
    assert sorted(metres) == pytest.approx(by_hand, abs=0.1)  # ids follow from places


def extract(folder):
    """Write an extract of the street in the middle alone, 20 m longer than the district's."""
    path = folder / "town.osm"
    nodes = [(n, lonlat(x, 200)) for n, x in ((1, 0), (2, 260), (3, 520))]
    body = "".join(f'<node id="{n}" lon="{x:.9f}" lat="{y:.9f}"/>' for n, (x, y) in nodes)
    refs = "".join(f'<nd ref="{n}"/>' for n, _ in nodes)
    way = f'<way id="7">{refs}<tag k="highway" v="residential"/></way>'
    path.write_text(f'<osm version="0.6">{body}{way}</osm>')
    return path


def test_an_extract_keeps_the_districts_own_streets_with_every_gate_on_them(store, tmp_path):
    lanes = [
        {"类型": "小区道路", "门禁": "刷卡", "at": [(150, 200), (150, 300)]},
        {"类型": "小区道路", "门禁": "封闭", "at": [(150, 300), (50, 300)]},
        {"类型": "小区道路", "门禁": "开放", "at": [(50, 300), (50, 200)]},
    ]
    load_layer(store, CODE, "walk_edges", street_file(tmp_path, lanes))
    before = store.snapshot(CODE)[1]
    report = load_osm(store, CODE, extract(tmp_path)).report.layer("walk_edges")
    after = store.snapshot(CODE)[1]
    places = []
    for layers in (before, after):
        own = layers.walk_edges[layers.walk_edges["origin"] == "given"]
        assert own["length_m"].sum() == pytest.approx(300, abs=0.1)
        gates = layers.gates[layers.gates["gate_id"].str.startswith("street/")]
        assert sorted(gates["access"]) == ["closed", "open", "private"]
        assert set(gates["node"]) <= set(layers.walk_edges[["u", "v"]].to_numpy().ravel())
        places.append(shapely.union_all(gates.geometry))
    assert shapely.hausdorff_distance(*places) < 1e-8
    assert not [what for what in report.named.values() if what.code == "streets.gate_not_placed"]


def test_two_lanes_of_one_file_beside_each_other_both_stay_and_meet_at_their_ends(store, tmp_path):
    lanes = [
        {"类型": "小区道路", "at": [(150, 200), (150, 300)]},
        {"类型": "台阶", "at": [(151.5, 201), (151.5, 300)]},
    ]
    load_layer(store, CODE, "walk_edges", street_file(tmp_path, lanes))
    edges = store.snapshot(CODE)[1].walk_edges
    own = edges[edges["origin"] == "given"]
    assert {"residential", "steps"} == set(own["kind"])
    assert own["length_m"].sum() == pytest.approx(200, abs=3)
    ends = own[own["length_m"] > 50][["u", "v"]].to_numpy()
    assert len({*ends.ravel().tolist()}) <= 3  # one in common at the far end
