"""A campus of Beijing, drawn from OpenStreetMap: what synthetic towns do not have."""

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from benchmarks.real_ground import judge, parted_homes, place, unfilled_holes
from geo.partition.pipeline import partition
from tests.geo.partition.partition_scene import CODE

WEST, SOUTH, SIDE_M = 441_700.0, 4_428_900.0, 900.0


@pytest.fixture(scope="module")
def drawn():
    ground = place("Tsinghua")
    if ground is None:
        pytest.skip("the extract of Tsinghua is not here")
    layers, outline = ground
    area = shapely.box(WEST, SOUTH, WEST + SIDE_M, SOUTH + SIDE_M) & outline
    inside = layers.buildings.representative_point().within(area)
    layers = replace(layers, buildings=layers.buildings[inside].reset_index(drop=True))
    return layers, area, partition(area, layers, code=CODE)


def test_real_ground_is_drawn_without_a_fault(drawn):
    layers, area, result = drawn
    small = gpd.GeoSeries(result.grids[result.grids["level"] == "small"].geometry)
    assert result.faults == ()
    assert result.report.one_part
    assert small.area.sum() == pytest.approx(area.area, rel=1e-8)
    assert (unfilled_holes(result), parted_homes(layers, result)) == (0, 0)


def test_what_is_out_of_its_band_on_real_ground_has_a_reason(drawn):
    layers, _, result = drawn
    told = judge(layers, result)
    assert told.small > 40
    assert told.left == []
    assert "not_found" not in result.report.reasons
    assert result.report.empty <= 0.06 * result.report.grids["small"]
