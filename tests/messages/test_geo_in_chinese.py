"""What the geometry and the search have to tell is told in Chinese as a whole."""

import pickle

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

from geo.accessibility.decay import decay
from geo.accessibility.floating_catchment import demand_of
from geo.accessibility.inequality import distribution
from geo.crs import metric_epsg, require_metric
from geo.errors import LifecircleError
from geo.geometry.invalid_reason import invalid_reason
from geo.grids.checks.band_check import HouseholdBand, band_faults
from geo.grids.checks.faults import GridFault, Rule, faults_frame
from geo.grids.checks.plan_check import check_grids
from geo.grids.codes import number, parent_of
from geo.grids.edits.edit import add, merge, move_border, retire, split
from geo.grids.edits.preview import GridPlan
from geo.grids.edits.transfer import transfer
from geo.isochrone.isochrones import LABEL
from geo.messages import Message, speaking
from geo.model.layers import conform_layer, empty_layer
from geo.model.vocabulary import Level
from geo.network.snap import REASON_WORDS, REASONS
from geo.partition.atoms.band import Band
from geo.partition.street_blocks import check_boundary
from geo.routing.route import walk
from geo.routing.walking_time import threshold_s
from geo.scenario.edits import parse_edit
from tests.geo.engines import what_if
from tests.messages.catalogue import english_in
from tests.plans import DISTRICT, SCHEME, barriers, buildings, plan, smalls, with_shape
from tests.scenes import tiny_scene

LARGE = "371602001001"


def in_chinese(message: Message | LifecircleError) -> str:
    """Return what is told in Chinese, after looking for English in it."""
    with speaking("zh"):
        told = str(message)
    assert english_in(told) == [], told
    assert any("\u4e00" <= sign <= "\u9fff" for sign in told), told
    return told


# --- grids ---------------------------------------------------------------------------------------


def spoilt_plans() -> list[tuple[gpd.GeoDataFrame, dict]]:
    """Return plans of which each breaks some rules, with what else is checked."""
    grids = plan(3)
    small = smalls(grids)
    shapes, codes = small.geometry.to_numpy(), small["code"].tolist()
    one, two = shapely.STRtree(shapes).query(shapes, predicate="touches")
    line = shapely.line_merge(shapely.intersection(shapes[one], shapes[two]))
    pair = int(np.argmax(shapely.length(line) * (one < two)))
    first, border = codes[one[pair]], line[pair]
    wide = shapes[one[pair]].union(border.buffer(2, cap_style="flat"))
    half = shapes[one[pair]].difference(border.buffer(2))
    bow = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    west, south, east, north = shapes[0].bounds
    middle = (south + north) / 2
    wall = barriers([LineString([(west - 9, middle), (east + 9, middle)])])
    apart = [shapes[0].representative_point()]
    apart += [
        p.representative_point() for p in shapely.ops.split(shapes[0], wall.geometry[0]).geoms
    ]
    swapped = grids.copy()
    rows = swapped.index[swapped["code"].isin(codes[:2])]
    swapped.loc[rows, "geometry"] = swapped.geometry[rows[::-1]].to_numpy()
    return [
        (with_shape(grids, first, wide), {}),
        (with_shape(grids, first, half), {}),
        (grids, {"district": DISTRICT.buffer(-9)}),
        (with_shape(grids, first, bow), {}),
        (with_shape(grids, first, shapely.Polygon()), {}),
        (with_shape(grids, first, shapely.segmentize(shapes[one[pair]], 3.0)), {}),
        (with_shape(grids, first[:13], shapes[one[pair]]), {}),
        (grids, {"buildings": buildings([border.centroid.buffer(5)])}),
        (grids, {"buildings": buildings(apart), "barriers": wall}),
        (grids, {"buildings": buildings(apart), "barriers": barriers([*wall.geometry] * 4)}),
        (grids, {"retired": [codes[0]]}),
        (grids, {"retired": [codes[0]], "scheme": None}),
        (grids.replace({"code": {codes[0]: codes[1]}}), {}),
        (grids.replace({"code": {codes[0]: "3716020019"}}), {}),
        (grids.assign(parent_code=None), {}),
        (grids.assign(parent_code=codes[0]), {}),
        (grids.replace({"level": {"small": "tiny"}}).replace({"code": {codes[0]: None}}), {}),
        (with_shape(grids, first, shapes[one[pair]] - shapes[one[pair]].centroid.buffer(2)), {}),
        (swapped, {}),
    ]


@pytest.fixture(scope="module")
def faults() -> list[GridFault]:
    """Faults of every rule."""
    checked = {"district": DISTRICT, "scheme": SCHEME}
    found = [
        fault for grids, more in spoilt_plans() for fault in check_grids(grids, **checked | more)
    ]
    grids = plan(3)
    code = smalls(grids)["code"].iloc[0]
    few, band = pd.Series([1, 98]), HouseholdBand(30, 50)
    found += band_faults(grids, pd.Series([code, code]), few, band)
    return found + band_faults(grids, pd.Series([code, None]), few, band)


@pytest.mark.parametrize("rule", Rule)
def test_a_fault_of_each_rule(faults, rule):
    found = [fault for fault in faults if fault.rule is rule]
    assert found
    for fault in found:
        in_chinese(fault.text)
        in_chinese(fault.repair)


def test_a_layer_of_faults_is_in_the_language_spoken(faults):
    with speaking("zh"):
        frame = faults_frame(faults, plan(3).crs)
    assert [english_in(text) for text in frame["text"] + frame["repair"]] == [[]] * len(faults)


def test_of_several_barriers_some_are_named(faults):
    found = {fault.text.code for fault in faults if fault.rule is Rule.BARRIER}
    assert found == {"grid_faults.barrier", "grid_faults.barriers_and_more"}


def test_why_a_shape_is_invalid():
    ring = [(0, 0), (9, 0), (9, 9), (0, 9)]
    shapes = [
        shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]),
        shapely.Polygon([*ring, (0, 0), (3, 1), (1, 3)]),
        shapely.Polygon(ring, [[(20, 20), (21, 20), (21, 21)]]),
        shapely.Polygon(ring, [[(1, 1), (8, 1), (8, 8), (1, 8)], [(2, 2), (3, 2), (3, 3)]]),
        shapely.MultiPolygon([box(0, 0, 9, 9), box(2, 2, 3, 3)]),
    ]
    assert len({in_chinese(invalid_reason(shape)) for shape in shapes}) == len(shapes)


def refused_edits() -> dict[str, object]:
    """Return edits of a plan that cannot be, by name."""
    grids = plan(3)
    whole = GridPlan(grids, SCHEME, district=DISTRICT, buildings=buildings([DISTRICT.centroid]))
    free = GridPlan(grids, None)
    small = smalls(grids)
    shapes, codes = small.geometry, small["code"].tolist()
    far = codes[int(shapes.distance(shapes[0]).argmax())]
    outside = LineString([(0, 0), (1, 1)])
    west, south, east, north = shapes[0].bounds
    across = LineString([(west - 1, (south + north) / 2), (east + 1, (south + north) / 2)])
    return {
        "no grid": lambda: split(whole, "nowhere", outside),
        "with children": lambda: split(whole, LARGE, outside),
        "no cut": lambda: split(whole, codes[0], outside),
        "no codes": lambda: split(free, codes[0], across),
        "wrong codes": lambda: split(whole, codes[0], across, codes=("5",)),
        "code taken": lambda: split(whole, codes[0], across, codes=(codes[1],)),
        "one to merge": lambda: merge(whole, (codes[0],)),
        "no piece": lambda: merge(whole, (codes[0], far)),
        "no neighbours": lambda: move_border(whole, codes[0], far, outside),
        "no parent": lambda: add(whole, box(0, 0, 1, 1), codes[0]),
        "no polygon": lambda: add(whole, outside, codes[0][:13]),
        "overlap": lambda: add(whole, DISTRICT, codes[0][:13]),
        "no ground": lambda: add(whole, box(0, 0, 1, 1), codes[0][:13]),
        "no building": lambda: transfer(whole, "b99", codes[0]),
        "no heir": lambda: retire(GridPlan(grids[grids["code"] != far], SCHEME), "nowhere"),
        "no code": lambda: parent_of("5", SCHEME),
        "too many": lambda: number(
            shapes, ["371602001001"] * 16, level=Level.MEDIUM, scheme=SCHEME
        ),
        "no parent's code": lambda: number(shapes, ["5"] * 16, level=Level.SMALL, scheme=SCHEME),
    }


@pytest.mark.parametrize("name", list(refused_edits()))
def test_an_edit_that_is_refused(name):
    with pytest.raises(LifecircleError) as refused:
        refused_edits()[name]()
    in_chinese(refused.value)


# --- everything else -----------------------------------------------------------------------------


def far_walk() -> None:
    layers, network = tiny_scene()
    walk(network, [0.0, 0.0], layers.buildings.geometry[0].centroid.coords[0])


def layer_of_nothing() -> None:
    frame = empty_layer("buildings").reindex([0, 1]).drop(columns=["lon"])
    conform_layer("buildings", frame.assign(building_id="b1"))


REFUSED = {
    "crs": lambda: require_metric(None, what="crs.grid_layer"),
    "degrees": lambda: require_metric(empty_layer("grids").crs, what="crs.grid_layer"),
    "globe": lambda: metric_epsg(200, 0),
    "decay": lambda: decay("none", minutes=5),
    "minutes": lambda: threshold_s(0),
    "group": lambda: demand_of(tiny_scene()[0], "nobody"),
    "values": lambda: distribution([-1.0]),
    "band": lambda: Band(50, 30, 40),
    "large band": lambda: Band(20_000, 30_000, 25_000),
    "boundary": lambda: check_boundary(LineString([(0, 0), (1, 1)])),
    "invalid": lambda: check_boundary(shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])),
    "walk": far_walk,
    "layer": layer_of_nothing,
    "op": lambda: parse_edit({"op": "dance"}),
    "members": lambda: parse_edit({"op": "add_point", "lon": "x", "why": 1}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    with pytest.raises(LifecircleError) as refused:
        REFUSED[name]()
    in_chinese(refused.value)


@pytest.mark.parametrize(
    "written",
    [
        {"op": "close_point", "point_id": "zz"},
        {"op": "close_street", "edge_id": 99},
        {"op": "open_gate", "gate_id": "g1"},
        {"op": "close_gate", "gate_id": "g9"},
        {"op": "set_households", "building_id": "b1", "households": -1},
        {"op": "set_households", "building_id": "b99", "households": 1},
        {"op": "add_point", "point_id": "", "category": "catering", "lon": 118, "lat": 37},
        {"op": "add_point", "point_id": "n", "category": "catering", "lon": -62, "lat": -37},
        {"op": "add_street", "path": [[118.0, 37.0], [118.1, 37.0]]},
    ],
)
def test_an_edit_of_a_scenario_that_cannot_be(written):
    engine = what_if(*tiny_scene(), ("catering",))
    with pytest.raises(LifecircleError) as refused:
        engine.scenario([parse_edit(written)])
    assert in_chinese(refused.value).startswith("第 1 项改动：")


def test_why_a_place_is_unlinked():
    assert set(REASON_WORDS) == set(REASONS)
    assert len({in_chinese(Message(code)) for code in REASON_WORDS.values()}) == len(REASONS)


def test_what_is_wanted_of_a_station():
    assert in_chinese(Message("staffing.within", {"minutes": 15.0})) == "不超过 15 分钟"


def test_an_error_of_another_process_is_told_in_the_language_of_this_one():
    with pytest.raises(LifecircleError) as refused:
        parse_edit({"op": "add_point", "lon": "x", "why": 1})
    error = pickle.loads(pickle.dumps(refused.value.of_edit(2)))  # noqa: S301 - our own
    assert str(error) == str(refused.value.of_edit(2))
    assert error.edit == 2
    assert in_chinese(error).startswith("第 3 项改动：add_point：没有字段 why；")


def test_what_an_isochrone_says_of_itself():
    assert in_chinese(LABEL) == "仅为图形；户数按楼栋统计"
