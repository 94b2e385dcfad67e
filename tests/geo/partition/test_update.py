"""As few grids as possible change when buildings do."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from geo.partition.outputs.edge_matching import match_vertices
from geo.partition.pipeline import partition
from geo.partition.update import update
from tests.geo.partition.partition_scene import CODE, box, houses, lattice, neighbourhood
from tests.towns import EPSG

AREA = box(0, 0, 120, 80)


@pytest.fixture(scope="module")
def drawn():
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    return replace(layers, grids=partition(AREA, layers, code=CODE).grids)


def recounted(layers, at, households):
    buildings = layers.buildings.copy()
    buildings.loc[at, "households"] = households
    return replace(layers, buildings=buildings)


def sound(result, before):
    for level in ("large", "medium", "small"):
        shapes = result.grids[result.grids["level"] == level].geometry.to_numpy()
        assert shapely.coverage_is_valid(shapes)
        assert (shapely.get_type_id(shapes) == 3).all()
        assert shapely.area(shapes).sum() == pytest.approx(AREA.area, abs=1e-2)
    old = before.grids.set_index("code").geometry
    new = result.grids.set_index("code").geometry
    told = set(result.changed["code"])
    small = [c for c in new.index if len(c) == 15 and c not in told]
    assert all(shapely.hausdorff_distance(old[c], new[c]) < 1e-3 for c in small)


def test_nothing_changes_while_all_are_in_the_band(drawn):
    layers = recounted(drawn, 0, 11)
    result = update(layers, {"b000"}, code=CODE)
    assert len(result.changed) == 0
    assert result.grids.to_wkb().equals(drawn.grids.to_wkb())


@pytest.mark.parametrize("at", range(0, 24, 3))
def test_one_building_changes_three_grids_at_most(drawn, at):
    layers = recounted(drawn, at, 25)
    result = update(layers, {f"b{at:03d}"}, code=CODE)
    assert len(result.changed) <= 3
    assert len(result.left) == 0
    sound(result, drawn)
    assert result.grids["code"].is_unique
    again = update(layers, {f"b{at:03d}"}, code=CODE)
    assert again.grids.to_wkb().equals(result.grids.to_wkb())


def test_a_new_building_between_others(drawn):
    more = houses([*lattice(6, 4), (20, 20)], [10] * 24 + [40], half_m=4).to_crs(EPSG)
    result = update(replace(drawn, buildings=more), {"b024"}, code=CODE)
    assert 1 <= len(result.changed) <= 3
    assert set(result.changed["change"]) <= {"redrawn", "added", "retired"}
    sound(result, drawn)


def test_what_cannot_be_mended_is_told(drawn):
    layers = recounted(drawn, 0, 70)
    small = drawn.grids[drawn.grids["level"] == "small"]
    result = update(layers, {"b000"}, code=CODE, locked=set(small["code"]))
    assert len(result.changed) == 0
    assert len(result.left) == 1


def test_outlines_meet_in_the_same_vertices():
    square = shapely.box(0, 0, 2, 2)
    met = match_vertices(square, np.array([[1.0, 1e-5], [2.00001, 2.0], [9.0, 9.0]]), 1e-4)
    assert shapely.get_coordinates(met).tolist() == [
        [2, 0], [2.00001, 2], [0, 2], [0, 0], [1, 1e-5], [2, 0],
    ]  # fmt: skip
