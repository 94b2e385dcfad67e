"""What a file says of its streets is understood in the words of its makers, or named."""

import geopandas as gpd
import pytest
from shapely import LineString

from boundaries.readers.vector import read_layer
from tests.scenes import lonlat, tiny_district

LINES = [LineString([lonlat(0, 60), lonlat(400, 60)]), LineString([lonlat(60, 0), lonlat(60, 190)])]


def streets(folder, **columns):
    path = folder / "streets.geojson"
    gpd.GeoDataFrame(columns, geometry=LINES, crs=4326).to_file(path)
    return read_layer(path, "walk_edges", district=tiny_district()[0])


@pytest.mark.parametrize(
    ("said", "column", "understood"),
    [
        ({"bridge": ["T", "F"]}, "bridge", [True, False]),
        ({"tunnel": ["F", "T"]}, "level", [0, -1]),
        ({"oneway": ["F", "B"]}, "one_way", [True, False]),  # along the line, both ways
        ({"oneway": ["false", "true"]}, "one_way", [False, True]),
        ({"层级": ["地面", "高架"]}, "level", [0, 1]),
        ({"layer": [-1.0, 1.0]}, "level", [-1, 1]),
        ({"fclass": ["track_grade2", "步道"]}, "kind", ["track", "footway"]),
        ({"access": ["customers", "private"]}, "private", [False, True]),
    ],
)
def test_words_of_makers_of_maps(tmp_path, said, column, understood):
    frame, report = streets(tmp_path, **said)
    assert frame[column].tolist() == understood
    assert not report.repaired


def test_what_is_not_understood_is_named_by_its_row(tmp_path):
    frame, report = streets(tmp_path, Layer=["道路中心线", "1"], 车道数=["多", "4"])
    assert frame["level"].tolist() == [0, 1]
    assert frame["lanes"].tolist() == [0, 4]
    assert [what.code for what in report.repaired] == ["streets.no_number"] * 2
    assert {str(row): str(what) for row, what in report.named.items()} == {
        "row 1": "level (Layer) is no whole number from -9 to 9; left out; "
        "lanes (车道数) is no whole number from 0 to 99; left out"
    }
