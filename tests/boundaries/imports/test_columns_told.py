"""What an office tells of its columns holds for its next file, and for no other office."""

from dataclasses import replace

import pytest

from boundaries.imports.import_files import load_layer
from boundaries.imports.losses import check_losses
from boundaries.readers.vector import read_layer
from boundaries.store.open import open_store
from boundaries.store.tables.records import Commit
from geo.errors import SchemaError
from tests.boundaries.imports import office_files as office

CODE = office.DISTRICT.code


def written(folder, name, table):
    path = folder / name
    path.write_text(office.text_of(table), encoding="utf-8")
    return path


def test_told_columns_are_remembered_for_the_same_office(tmp_path):
    store = open_store(tmp_path / "town.gpkg", create=True)
    store.replace(office.DISTRICT, replace(office.LAYERS, walk_edges=office.LAYERS.walk_edges[:0]))
    table = office.table_of("经度", "纬度", "WGS84").rename(columns={"户数": "常住"})
    ours = Commit(actor="市中街道")
    first, second = (written(tmp_path, f"{n}.csv", table[:n]) for n in (24, 20))
    told = {"households": "常住"}
    load_layer(store, CODE, "buildings", first, columns=told, commit=ours)
    report = load_layer(store, CODE, "buildings", second, commit=ours).report
    shown = next(each for each in report.layers["buildings"].understood if each.aspect == "columns")
    assert "households (常住)" in shown.how.text("en")
    assert shown.sure == "declared"
    with pytest.raises(SchemaError, match="wanted households"):
        load_layer(store, CODE, "buildings", first, commit=Commit(actor="北镇街道"))
    store.close()


def test_kinds_of_no_category_are_counted_and_alone_kept_out(tmp_path):
    kinds = ["餐饮", "公司企业;公司;公司", "川味小吃店", "医疗保健服务;动物医疗场所;兽医站"]
    table = office.table_of("经度", "纬度", "WGS84").drop(columns=["户数", "楼栋编号"])
    table = table.assign(类型=[kinds[n % 4] for n in range(office.N)])
    points, report = read_layer(written(tmp_path, "a.csv", table), "service_points",
                                district=office.DISTRICT, known=office.LAYERS)  # fmt: skip
    assert points["category"].tolist() == ["catering"] * 12
    noted = {what.parameters.get("text"): n for what, n in report.notes.items()}
    assert noted[kinds[1]] == noted[kinds[3]] == 6
    check_losses(report, source="a.csv", before=0, after=12, accepted=False)
