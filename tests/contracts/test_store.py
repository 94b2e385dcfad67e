"""What every store promises: all or nothing, one revision per change, what goes in comes out."""

from dataclasses import fields, replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from shapely import Point, Polygon

from boundaries.import_report import ImportReport
from boundaries.store.rows.summary import Households
from boundaries.store.tables.records import Commit, RevisionError
from geo.errors import InputError, NotFoundError, SchemaError
from geo.messages import Message
from geo.model.layer_columns import TABLES
from geo.model.layers import Layers
from geo.model.vocabulary import Origin
from tests.reports import told
from tests.scenes import NORTH_EAST, NORTH_WEST, SOUTH_WEST, tiny_district

CODE = "371602"
COUNTS = {
    "grids": 7,
    "buildings": 6,
    "service_points": 5,
    "walk_edges": 11,
    "barriers": 1,
    "gates": 1,
    "open_grounds": 0,
    "entrances": 0,
    "workers": 4,
    "organisations": 0,
}


def assert_layers_equal(left: Layers, right: Layers) -> None:
    for field in fields(Layers):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if field.name in TABLES:
            assert_frame_equal(one, other)
        else:
            assert_geodataframe_equal(one, other)
            assert shapely.to_wkb(one.geometry.to_numpy()).tolist() == (
                shapely.to_wkb(other.geometry.to_numpy()).tolist()
            )


def test_a_new_store_is_empty(store):
    assert store.districts() == []
    with pytest.raises(NotFoundError, match=r"'371602'.*\(none\)"):
        store.district(CODE)


def test_what_goes_in_comes_out(store):
    district, layers = tiny_district()
    assert store.replace(district, layers) == 1
    assert store.districts() == [replace(district, revision=1)]
    assert store.district(CODE) == replace(district, revision=1)
    assert store.counts(CODE) == COUNTS
    assert_layers_equal(store.layers(CODE), layers)
    there, same = store.snapshot(CODE)
    assert there.revision == 1
    assert_layers_equal(same, layers)


def test_missing_optional_values_stay_none(town):
    assert town.layers(CODE).grids["parent_code"].tolist()[0] is None


def test_empty_layers_keep_their_columns(store):
    district, _ = tiny_district()
    store.replace(district, Layers())
    assert_layers_equal(store.layers(CODE), Layers())
    assert set(store.counts(CODE).values()) == {0}


def test_the_same_again_changes_nothing(store):
    district, layers = tiny_district()
    report = ImportReport("by hand")
    store.replace(district, layers, commit=Commit(report=report))
    assert store.replace(district, layers, commit=Commit(report=report)) == 1
    assert (
        store.replace_layer(CODE, "buildings", layers.buildings, commit=Commit(report=report)) == 1
    )
    assert store.set_boundary(CODE, district.boundary, commit=Commit(report=report)) == 1
    assert len(store.imports(CODE)) == 1


def test_every_change_makes_one_revision(store):
    district, layers = tiny_district()
    store.replace(district, layers)
    assert store.replace_layer(CODE, "buildings", layers.buildings.iloc[:3]) == 2
    assert store.set_boundary(CODE, district.boundary.buffer(0.001)) == 3
    assert store.replace(replace(district, note="Other words."), layers) == 4
    assert store.district(CODE).revision == 4
    assert store.district(CODE).note == "Other words."


def test_districts_do_not_touch_each_other(store):
    district, layers = tiny_district()
    store.replace(district, layers)
    store.replace(replace(district, code="hel_1", name_zh="赫尔辛基", origin=Origin.OSM), Layers())
    store.replace_layer("hel_1", "buildings", layers.buildings.iloc[:2])
    assert [(d.code, d.revision) for d in store.districts()] == [(CODE, 1), ("hel_1", 2)]
    assert store.counts(CODE) == COUNTS
    assert store.counts("hel_1")["buildings"] == 2
    store.delete("hel_1")
    assert_layers_equal(store.layers(CODE), layers)


def test_a_deleted_district_never_repeats_a_revision(store):
    district, layers = tiny_district()
    store.replace(district, layers)
    store.replace_layer(CODE, "buildings", layers.buildings.iloc[:3])
    store.delete(CODE)
    assert store.districts() == []
    with pytest.raises(NotFoundError):
        store.layers(CODE)
    assert store.replace(district, layers) == 4
    assert store.imports(CODE) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.layers("x"),
        lambda s: s.counts("x"),
        lambda s: s.delete("x"),
        lambda s: s.imports("x"),
        lambda s: s.set_boundary("x", tiny_district()[0].boundary),
        lambda s: s.replace_layer("x", "buildings", tiny_district()[1].buildings),
    ],
)
def test_an_unknown_district_is_named(town, call):
    with pytest.raises(NotFoundError, match=r"Got district 'x'.*\(371602\)"):
        call(town)


def test_an_unknown_layer_is_named(town):
    with pytest.raises(InputError, match=r"'roads'.*grids, buildings"):
        town.replace_layer(CODE, "roads", tiny_district()[1].walk_edges)


def test_a_change_worked_out_from_another_revision_is_refused(store):
    district, layers = tiny_district()
    with pytest.raises(RevisionError, match="is at revision 0, no longer at 1"):
        store.replace(district, layers, based_on=1)
    assert store.replace(district, layers, based_on=0) == 1
    with pytest.raises(RevisionError, match="is at revision 1, no longer at 0"):
        store.replace(district, Layers(), based_on=0)
    assert store.replace_layer(CODE, "buildings", layers.buildings.iloc[:3], based_on=1) == 2
    with pytest.raises(RevisionError, match="is at revision 2, no longer at 1"):
        store.replace_layer(CODE, "buildings", layers.buildings, based_on=1)
    assert store.counts(CODE)["buildings"] == 3
    assert store.replace(district, layers, based_on=2) == 3


def test_imports_are_remembered_in_order(store):
    district, layers = tiny_district()
    first = ImportReport("town.osm.pbf")
    first.layer("buildings").read = 6
    store.replace(district, layers, commit=Commit(report=first, sha256="ab"))
    second = ImportReport("houses.geojson")
    second.layer("buildings").reject("row 3", Message("reading.no_geometry"))
    store.replace_layer(CODE, "buildings", layers.buildings.iloc[:3], commit=Commit(report=second))
    one, two = store.imports(CODE)
    assert (one.report, one.sha256, one.revision) == (first, "ab", 1)
    assert (two.report, two.sha256, two.revision) == (second, "", 2)
    assert one.imported_at.endswith("+00:00")


def test_new_grids_take_workers_away_and_name_them(store):
    district, layers = tiny_district()
    store.replace(district, layers)
    report = ImportReport("grids.geojson")
    rest = layers.grids[layers.grids["code"] != NORTH_EAST]
    assert store.replace_layer(CODE, "grids", rest, commit=Commit(report=report)) == 2
    assert store.layers(CODE).workers["grid_code"].tolist()[:2] == [NORTH_WEST, SOUTH_WEST]
    assert store.counts(CODE)["workers"] == 3
    account = report.layers["workers"]
    assert (account.read, account.accepted) == (4, 3)
    assert told(account.rejected) == [(f"W2 in {NORTH_EAST}", "the grid is gone")]
    assert store.imports(CODE)[0].report == report


def test_workers_need_a_small_grid(store):
    district, layers = tiny_district()
    store.replace(district, layers)
    wrong = pd.DataFrame({"worker_code": ["W1", "W2"], "grid_code": [NORTH_WEST, "371602001001"]})
    with pytest.raises(SchemaError, match=r"1 x grid_code is no small grid.*'371602001001'"):
        store.replace_layer(CODE, "workers", wrong)
    assert store.counts(CODE)["workers"] == 4


def _bad_layers() -> Layers:
    """Return layers with a fault of every kind."""
    _, layers = tiny_district()
    bowtie = Polygon([(118, 37), (118.1, 37.1), (118.1, 37), (118, 37.1)])
    buildings = layers.buildings.copy()
    buildings.loc[0, "geometry"] = bowtie
    buildings.loc[1, "households"] = -1
    buildings.loc[2, "use"] = "castle"
    points = layers.service_points.set_crs(None, allow_override=True)
    grids = layers.grids.copy()
    grids.loc[grids["code"] == NORTH_WEST, "parent_code"] = "371602009"
    gates = layers.gates.copy()
    gates.loc[0, "geometry"] = Point(200, 37)
    barriers = layers.barriers.assign(geometry=gpd.GeoSeries([Point(118, 37)], crs=4326))
    return replace(
        layers,
        buildings=buildings,
        service_points=points,
        grids=grids,
        gates=gates,
        barriers=barriers,
        walk_edges=pd.concat([layers.walk_edges, layers.walk_edges.iloc[:1]]),
    )


def test_all_faults_are_named_at_once_and_nothing_changes(store):
    district, layers = tiny_district()
    store.replace(district, layers)
    with pytest.raises(SchemaError) as caught:
        store.replace(district, _bad_layers())
    message = str(caught.value)
    for fault in (
        "Layer buildings: 1 geometries are invalid, first: Self-intersection",
        "1 x households is below 0, first -1",
        "1 x use is none of residential, mixed, other, first 'castle'",
        "Layer service_points: it is in no CRS, wanted EPSG:4326",
        "Layer grids: 1 x parent_code is no grid one level up, first '371602001001101'",
        "1 x code does not start with its parent_code",
        "Layer gates: 1 geometries are not within -180..180, -90..90 degrees",
        "Layer barriers: 1 geometries are no LineString, MultiLineString, Polygon",
        "Layer walk_edges: 1 values of edge_id occur twice, first 1",
    ):
        assert fault in message
    assert_layers_equal(store.layers(CODE), layers)
    assert store.district(CODE).revision == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"code": "滨城"}, "other signs than letters"),
        ({"epsg": 3857}, "epsg 3857"),
        ({"epsg": 1}, "epsg 1"),
        ({"origin": "guessed"}, "origin 'guessed' is none of given, osm"),
        ({"boundary": Polygon()}, "the boundary is empty"),
        ({"boundary": Point(118, 37)}, "are no Polygon or MultiPolygon"),
    ],
)
def test_a_wrong_district_is_refused(store, change, fault):
    district, layers = tiny_district()
    with pytest.raises(SchemaError, match=fault):
        store.replace(replace(district, **change), layers)
    assert store.districts() == []


def test_a_wrong_boundary_is_refused(town):
    with pytest.raises(SchemaError, match="the boundary is empty"):
        town.set_boundary(CODE, Polygon())
    assert town.district(CODE).revision == 1


def test_the_households_of_a_district_come_with_the_small_counts_by_building(store):
    district, layers = tiny_district()
    households = [0, 1, 4, 5, 6, 70]
    store.replace(
        district, replace(layers, buildings=layers.buildings.assign(households=households))
    )
    ids = layers.buildings["building_id"].tolist()
    assert store.households(CODE, below=5) == Households({ids[1]: 1, ids[2]: 4}, 81)
    assert store.summary(CODE).counts["households"] == sum(households)
    with pytest.raises(NotFoundError, match="nowhere"):
        store.households("nowhere", below=5)


def test_a_summary_of_what_is_empty_has_the_box_of_what_there_is(store):
    district, layers = tiny_district()
    nobody = replace(layers, buildings=layers.buildings.iloc[:0])
    store.replace(district, nobody)
    summary = store.summary(CODE)
    assert summary.extent == tuple(layers.grids.total_bounds)
    assert (summary.counts["small"], summary.counts["buildings"]) == (4, 0)
    store.replace(
        district, replace(nobody, grids=layers.grids.iloc[:0], workers=layers.workers.iloc[:0])
    )
    assert store.summary(CODE).extent == pytest.approx(district.boundary.bounds)
    assert store.summary(CODE).counts["large"] == 0
