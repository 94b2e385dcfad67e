"""Streets of a district's own join those that are there, and go again without a trace."""

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString

from boundaries.imports.import_files import load_layer
from geo.errors import EmptyError
from tests.scenes import EPSG, tiny_store, xy

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
