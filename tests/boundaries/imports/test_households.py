"""Households come to the buildings that are there: joined or named, counted or estimated."""

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from boundaries.imports.household_counts import with_households
from boundaries.imports.import_files import load_layer
from boundaries.readers.files.source import FileHints
from boundaries.readers.households.table import read_households
from boundaries.standards.household_estimate import ESTIMATED_NOTE
from boundaries.store.open import open_store
from geo.errors import EmptyError, SchemaError
from geo.model.layers import conform_layer
from tests.boundaries.imports import office_files as office
from tests.reports import told

EPSG = office.DISTRICT.epsg
MIDDLE = (office.WEST + office.EAST) / 2
NAMES = ["春晖小区1号楼", "春晖小区2号楼", "5栋", "3栋", "荷塘1号楼1单元", "荷塘1号楼2单元"]
STOREYS = [6, 3, 3, 0, 6, 6]


def _layers():
    """Return six buildings, three in the west (凤凰) and three in the east (鼓楼)."""
    lon = [118.001, 118.002, 118.003, 118.021, 118.022, 118.023]
    wide = [1e-4, 1e-4, 2e-4, 1e-4, 1e-4, 1e-4]
    homes = gpd.GeoDataFrame(
        office.LAYERS.buildings.head(6).assign(
            building_id=[f"b{i}" for i in range(6)], name=NAMES, levels=STOREYS, lon=lon, lat=37.37
        ),
        geometry=[shapely.box(x, 37.37, x + w, 37.3701) for x, w in zip(lon, wide, strict=True)],
        crs=4326,
    )
    sides = [(office.WEST, MIDDLE), (MIDDLE, office.EAST)]
    grids = gpd.GeoDataFrame(
        {"code": ["371602001001", "371602001002"], "level": "large", "parent_code": None,
         "name_zh": ["凤凰社区", "鼓楼社区居委会"], "name_en": "", "origin": "given"},
        geometry=[shapely.box(a, office.SOUTH, b, office.NORTH) for a, b in sides], crs=4326,
    )  # fmt: skip
    return replace(
        office.LAYERS, buildings=conform_layer("buildings", homes),
        grids=conform_layer("grids", grids), workers=office.LAYERS.workers[:0],
    )  # fmt: skip


LAYERS = _layers()


def loaded(folder, text, layers=LAYERS):
    """Return households and sources after a table, and its report."""
    path = folder / "户数.csv"
    path.write_text(text, "utf-8")
    table = read_households(path, FileHints(), district=office.DISTRICT, known=layers)
    after = with_households(layers.buildings, table, epsg=EPSG)
    table.rows.close()
    return after, table.rows.report


def test_rows_are_joined_by_id_else_by_address(tmp_path):
    rows = ["b0,,10", ",凤凰社区5栋,20", "b9,鼓楼3幢,30", ",荷塘一号楼,40", ",春晖9号楼,50",
            "b0,春晖小区2号楼,60", ",无名苑1号楼,70"]  # fmt: skip
    after, report = loaded(tmp_path, "楼栋编号,地址,户数\n" + "\n".join(rows))
    assert after["households"].tolist() == [10, 0, 20, 30, 0, 0]
    assert after["households_source"].tolist() == [
        "counted", "estimated", "counted", "counted", "estimated", "estimated"
    ]  # fmt: skip
    assert told(report.rejected) == [
        (
            "row 4",
            "荷塘 number 1 is stored by stairwell: b4, b5; give each stairwell its count",
        ),
        ("row 5", "no stored building is number 9 of 春晖"),
        ("row 6", "its address is another building's than the id b0"),
        ("row 7", "no stored building stands in 无名苑"),
    ]
    assert (report.read, report.accepted) == (7, 3)


def test_a_number_that_several_buildings_have_is_asked(tmp_path):
    homes = LAYERS.buildings.assign(name=[*NAMES[:2], "春晖2号楼", *NAMES[3:]])
    twice = replace(LAYERS, buildings=homes)
    _, report = loaded(tmp_path, "小区,楼栋,户数\n春晖小区,2,20\n春晖小区,1,5\n", twice)
    assert [str(why) for _, why in report.rejected] == [
        "春晖 number 2 may be 2 stored buildings: b1, b2; give the id"
    ]


def test_a_house_of_another_compound_in_the_same_grid_is_not_taken(tmp_path):
    named = LAYERS.grids.assign(level=["large", "medium"], parent_code=[None, None])
    grids = named.assign(name_zh=["凤凰社区", "青松小区"])
    within = replace(LAYERS, grids=grids)
    after, report = loaded(tmp_path, "小区,楼栋,户数\n青松小区,1,9\n青松小区,3,4\n", within)
    assert after["households"].tolist() == [0, 0, 0, 4, 0, 0]
    assert told(report.rejected) == [("row 1", "no stored building is number 1 of 青松")]


def test_stairwells_add_up_and_contradictions_change_nothing(tmp_path):
    rows = ["春晖小区1号楼,1,8", "春晖小区1号楼,2,9", "春晖小区1号楼,,17", "5栋,1,5", "5栋,1,6",
            "3栋,1,4", "3栋,2,x"]  # fmt: skip
    after, report = loaded(tmp_path, "楼栋,单元,户数\n" + "\n".join(rows))
    assert after["households"].tolist() == [17, 0, 0, 0, 0, 0]
    assert [row for row, _ in told(report.rejected)] == ["row 4", "row 5", "row 6", "row 7"]
    assert [str(row) for row in report.named] == ["row 3"]


def test_households_one_by_one_are_counted_and_no_person_is_kept(tmp_path):
    head = "姓名,身份证号,小区,楼栋,单元,房号,电话"
    rows = ["张三,11010519491231002X,春晖小区,1号楼,1,101,13812345678",
            "李四,,春晖小区,1,一单元,101室,", "王五,,春晖小区,1号楼,1,102,",
            "赵六,,赵六家,1号楼,1,102,"]  # fmt: skip
    after, report = loaded(tmp_path, "\n".join([head, *rows]))
    assert after["households"].tolist() == [2, 0, 0, 0, 0, 0]
    kept = str(report.as_json())
    assert "姓名, 身份证号, 电话" in "; ".join(map(str, report.notes))
    assert not any(word in kept for word in ("张三", "赵六", "1101051949", "13812345678"))


def test_totals_are_spread_by_floor_area_with_exact_sums(tmp_path):
    first, _ = loaded(tmp_path, "地址,户数\n春晖小区1号楼,40\n")
    layers = replace(LAYERS, buildings=first)
    text = "社区,户数,人口\n凤凰社区居民委员会,100,301\n鼓楼,6,14\n合计,106,315\n"
    after, report = loaded(tmp_path, text, layers)
    assert after["households"].tolist() == [40, 20, 40, 2, 2, 2]
    assert after["residents"].sum() == 315
    assert after["households_source"].tolist() == ["counted", *["estimated"] * 5]
    again, _ = loaded(tmp_path, text, replace(layers, buildings=after))
    assert again["households"].tolist() == after["households"].tolist()
    notes = "; ".join(map(str, report.notes))
    assert "60 are spread by floor area and estimated, 40 are counted (1 building)" in notes
    assert "buildings with counted households, 40 in all" in notes


def test_a_total_below_what_is_counted_is_refused(tmp_path):
    first, _ = loaded(tmp_path, "地址,户数\n春晖小区1号楼,40\n")
    _, report = loaded(tmp_path, "社区,户数\n凤凰,39\n", replace(LAYERS, buildings=first))
    ((_, why),) = report.rejected
    assert "fewer people than its counted buildings have (1 building, 40 households)" in str(why)


def _store(folder, layers=LAYERS):
    store = open_store(folder / "town.gpkg", create=True)
    store.replace(office.DISTRICT, layers)
    return store


def test_a_load_is_one_change_and_the_note_says_what_is_estimated(tmp_path):
    store, path = _store(tmp_path), tmp_path / "户数.csv"
    path.write_text("社区,户数\n凤凰,100\n", "utf-8")
    first = load_layer(store, office.DISTRICT.code, "households", path)
    assert ESTIMATED_NOTE in store.district(office.DISTRICT.code).note
    assert load_layer(store, office.DISTRICT.code, "households", path).revision == first.revision
    assert store.layers(office.DISTRICT.code).buildings["households"].sum() == 100
    (record,) = store.imports(office.DISTRICT.code)
    assert list(record.report.layers) == ["households"]


def test_a_table_without_counts_or_households_is_refused(tmp_path):
    with pytest.raises(SchemaError, match="wanted counts, or households one by one"):
        loaded(tmp_path, "地址,备注\n春晖小区1号楼,x\n")
    with pytest.raises(EmptyError, match="has no buildings"):
        loaded(tmp_path, "地址,户数\nx,1\n", replace(LAYERS, buildings=LAYERS.buildings[:0]))
