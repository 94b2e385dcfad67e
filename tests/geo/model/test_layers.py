from dataclasses import fields

import geopandas as gpd
import pytest
from shapely import Point, Polygon

from geo.errors import SchemaError
from geo.model.layer_columns import COLUMNS, KEYS
from geo.model.layers import Layers, conform_layer, empty_layer, with_demand_point
from tests.scenes import tiny_layers


def test_layers_columns_and_keys_name_the_same_layers():
    assert [f.name for f in fields(Layers)] == list(COLUMNS) == list(KEYS)


@pytest.mark.parametrize("name", COLUMNS)
def test_an_empty_layer_conforms(name):
    assert len(conform_layer(name, empty_layer(name))) == 0


def test_all_faults_are_told_at_once():
    broken = tiny_layers().buildings.drop(columns=["lon"])
    broken.loc[1, "building_id"] = "b1"
    broken["households"] = broken["households"].astype(object).where(broken.index != 0, None)
    with pytest.raises(SchemaError, match=r"missing columns lon.*1 missing.*b1"):
        conform_layer("buildings", broken)


def test_the_demand_point_is_inside_an_l_shaped_footprint():
    shape = Polygon([(0, 0), (10, 0), (10, 1), (1, 1), (1, 10), (0, 10)])
    frame = with_demand_point(gpd.GeoDataFrame(geometry=[shape, Point(3, 4)], crs=4326))
    assert not shape.contains(shape.centroid)
    assert shape.contains(Point(frame["lon"][0], frame["lat"][0]))
    assert (frame["lon"][1], frame["lat"][1]) == (3, 4)
