"""A load changes only what it brings, and loses nothing without a word."""

import datetime as dt
from dataclasses import replace

import pytest

from boundaries.import_report import LayerReport, told_counts
from boundaries.imports.import_files import load_layer
from boundaries.imports.losses import check_losses
from boundaries.store.open import open_store
from boundaries.store.tables.records import Commit
from geo.errors import ConflictError, EmptyError
from geo.messages import Message
from tests.boundaries.imports import office_files as office

CODE = "371602"


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "town.gpkg", create=True)
    homes = office.LAYERS.buildings.assign(name=office.NAMES, residents=7)
    made.replace(office.DISTRICT, replace(office.LAYERS, buildings=homes))
    return made


def table(tmp_path, head, *rows, name="t.csv"):
    path = tmp_path / name
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("head", ["楼栋编号,户数", "楼栋名称,户数"])
@pytest.mark.parametrize("add", [True, False])
def test_counts_without_coordinates_change_only_the_counts(store, tmp_path, head, add):
    keys = [f"w{i}" for i in range(office.N)] if "编号" in head else office.NAMES
    rows = [f"{key},{i + 10}" for i, key in enumerate(keys)]
    before = store.layers(CODE).buildings
    report = load_layer(store, CODE, "buildings", table(tmp_path, head, *rows), add=add).report
    after = store.layers(CODE).buildings
    assert after["building_id"].tolist() == before["building_id"].tolist()
    assert after["households"].sum() == sum(range(10, 10 + office.N))
    assert (after["households_source"] == "counted").all()
    assert after["residents"].tolist() == before["residents"].tolist()
    assert after["name"].tolist() == before["name"].tolist()
    assert after.geometry.geom_equals(before.geometry).all()
    notes = told_counts(report.layers["buildings"].notes)
    assert any("households: known of 24 rows, before of 0" in note for note in notes)


def test_points_do_not_take_the_place_of_outlines(store, tmp_path):
    rows = [f"w{i},5,{x},{y}" for i, (x, y) in enumerate(zip(office.LON, office.LAT, strict=True))]
    path = table(tmp_path, "id,户数,lon,lat", *rows)
    load_layer(store, CODE, "buildings", path, add=True)
    assert set(store.layers(CODE).buildings.geom_type) == {"Polygon"}


def test_a_row_without_coordinates_and_unknown_is_named(store, tmp_path):
    path = table(tmp_path, "id,户数", "nobody,5", "w1,6")
    report = load_layer(store, CODE, "buildings", path, add=True).report
    assert [str(why) for _, why in report.layers["buildings"].rejected] == [
        "no coordinates, and no stored row has its id or name"
    ]
    with pytest.raises(EmptyError, match="no stored row has its id"):
        load_layer(store, CODE, "buildings", table(tmp_path, "id,户数", "nobody,5"), add=True)


@pytest.mark.parametrize(("rejected", "stops"), [(1, False), (2, False), (3, True)])
def test_more_than_one_row_in_twenty_rejected_stores_nothing(rejected, stops):
    account = LayerReport(read=40)
    for row in range(rejected):
        account.reject(f"row {row}", Message("reading.no_geometry"))
    losses = {"source": "a.csv", "before": 0, "after": 40 - rejected}
    if stops:
        with pytest.raises(ConflictError, match="3 of 40 rows would be rejected"):
            check_losses(account, accepted=False, **losses)
        check_losses(account, accepted=True, **losses)
        assert len(account.notes) == 1
    else:
        check_losses(account, accepted=False, **losses)


@pytest.mark.parametrize(("after", "stops"), [(50, False), (49, True)])
def test_a_layer_of_less_than_half_its_rows_stores_nothing(after, stops):
    losses = {"source": "a.csv", "before": 100, "after": after}
    if not stops:
        check_losses(LayerReport(read=after), accepted=False, **losses)
        return
    with pytest.raises(ConflictError, match="49 rows in place of 100"):
        check_losses(LayerReport(read=after), accepted=False, **losses)


def test_rounded_codes_store_nothing(store, tmp_path):
    rows = [f"3.71602E+14,{i},{x},37.37" for i, x in enumerate((118.01, 118.02))]
    path = table(tmp_path, "id,户数,lon,lat", *rows)
    with pytest.raises(ConflictError, match=r"have lost digits, the first 3\.71602E"):
        load_layer(store, CODE, "buildings", path, add=True)


def test_another_day_for_a_file_that_is_stored_is_refused_in_words(store, tmp_path):
    path = table(tmp_path, "id,户数", *(f"w{i},9" for i in range(office.N)))
    day, other = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
    load_layer(store, CODE, "buildings", path, commit=Commit(valid_from=day))
    load_layer(store, CODE, "buildings", path, commit=Commit(valid_from=day))
    with pytest.raises(ConflictError, match=r"stored already as of 2026-03-01 .*undo"):
        load_layer(store, CODE, "buildings", path, commit=Commit(valid_from=other))
