"""Nothing that tells of a person is read from a table of households."""

import geopandas as gpd
import pytest

from boundaries.import_report import LayerReport
from boundaries.readers.tables.persons import without_persons


@pytest.mark.parametrize(
    ("heading", "values", "kept"),
    [
        ("户主姓名", ["甲"], False),
        ("联系电话", [""], False),
        ("Name", ["x"], False),
        ("编号", ["11010519491231002X", "b2"], False),
        ("编号", ["371602001001101001"], True),
        ("备注2", ["13812345678", "138 1234 5679", "3"], False),
        ("备注2", ["13812345678", "3"], True),
        ("id_number", ["b2"], False),
        ("grid_no", ["b2"], True),
        ("户数", ["12"], True),
        ("60岁以上", ["12"], True),
        ("小区名称", ["春晖"], True),
    ],
)
def test_columns_of_persons_are_dropped_and_named(heading, values, kept):
    table = gpd.GeoDataFrame({heading: values}, geometry=[None] * len(values))
    report = LayerReport()
    assert (heading in without_persons(table, report).columns) is kept
    assert bool(report.notes) is not kept
