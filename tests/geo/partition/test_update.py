"""As few grids as possible change when buildings do."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.grids.assign import members
from geo.model.layers import conform_layer
from geo.partition.atoms.band import BEAT_BAND, Band
from geo.partition.outputs.edge_matching import match_vertices
from geo.partition.pipeline import partition
from geo.partition.update import update
from tests.geo.partition.partition_scene import CODE, box, houses, lattice, neighbourhood
from tests.towns import CORNER, EPSG

AREA = box(0, 0, 120, 80)


@pytest.fixture(scope="module")
def drawn():
    layers = neighbourhood(lattice(6, 4), [10] * 24)
    return replace(layers, grids=partition(AREA, layers, code=CODE).grids)


def recounted(layers, at, households):
    buildings = layers.buildings.copy()
    buildings.loc[at, "households"] = households
    return replace(layers, buildings=buildings)


def updated(layers, building, **rules):
    """Return the plan after the grid of one building was drawn anew."""
    small = members(layers)["small"]
    among = small[layers.buildings["building_id"] == building]
    return update(layers, set(among), code=CODE, **rules)


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
    result = updated(layers, "b000")
    assert len(result.changed) == 0
    assert result.grids.to_wkb().equals(drawn.grids.to_wkb())


@pytest.mark.parametrize("at", range(0, 24, 3))
def test_one_building_changes_three_grids_at_most(drawn, at):
    layers = recounted(drawn, at, 25)
    result = updated(layers, f"b{at:03d}")
    assert len(result.changed) <= 3
    assert len(result.left) == 0
    sound(result, drawn)
    assert result.grids["code"].is_unique
    again = updated(layers, f"b{at:03d}")
    assert again.grids.to_wkb().equals(result.grids.to_wkb())


def test_a_new_building_between_others(drawn):
    more = houses([*lattice(6, 4), (20, 20)], [10] * 24 + [40], half_m=4).to_crs(EPSG)
    result = updated(replace(drawn, buildings=more), "b024")
    assert 1 <= len(result.changed) <= 3
    assert set(result.changed["change"]) <= {"redrawn", "added", "retired"}
    sound(result, drawn)


def test_what_cannot_be_mended_is_told(drawn):
    layers = recounted(drawn, 0, 70)
    small = drawn.grids[drawn.grids["level"] == "small"]
    result = updated(layers, "b000", locked=set(small["code"]))
    assert len(result.changed) == 0
    assert len(result.left) == 1


def test_outlines_meet_in_the_same_vertices():
    square = shapely.box(0, 0, 2, 2)
    met = match_vertices(square, np.array([[1.0, 1e-5], [2.00001, 2.0], [9.0, 9.0]]), 1e-4)
    assert shapely.get_coordinates(met).tolist() == [
        [2, 0], [2.00001, 2], [0, 2], [0, 0], [1, 1e-5], [2, 0],
    ]  # fmt: skip


NARROW = (Band(10, 11, 10), BEAT_BAND)


def planned(outlines, places, households):
    """Return layers with small grids: (number of the medium grid, number, outline)."""
    rows = [("large", "371602001001", None, shapely.union_all([row[2] for row in outlines]))]
    for medium in sorted({row[0] for row in outlines}):
        whole = shapely.union_all([shape for of, _, shape in outlines if of == medium])
        rows.append(("medium", f"371602001001{medium}", "371602001001", whole))
    rows += [
        ("small", f"371602001001{medium}{number:02d}", f"371602001001{medium}", shape)
        for medium, number, shape in outlines
    ]
    level, code, parent, shapes = zip(*rows, strict=True)
    table = {"level": level, "code": code, "parent_code": parent, "name_zh": "", "name_en": ""}
    grids = gpd.GeoDataFrame({**table, "origin": "drawn"}, geometry=list(shapes), crs=EPSG)
    return replace(neighbourhood(places, households), grids=conform_layer("grids", grids))


@pytest.mark.parametrize(("households", "redrawn", "left"), [(13, 3, 0), (14, 0, 1)])
def test_a_grid_is_redrawn_with_two_neighbours_at_most(households, redrawn, left):
    """Three neighbours have 10 each. 13 + 10 + 10 is three times 11; 14 needs all three of them."""
    outlines = [
        (1, 1, box(0, 0, 200, 20)),
        (1, 2, box(200, 0, 460, 20)),
        (1, 3, box(460, 0, 660, 20)),
        (1, 4, box(200, 20, 460, 40)),
    ]
    places = [(10 + 20 * i, 10) for i in range(33)] + [(210 + 20 * i, 30) for i in range(10)]
    counts = [1] * 43
    counts[16] += households - 13
    layers = planned(outlines, places, counts)
    result = updated(layers, "b016", bands=NARROW)
    assert result.changed["households"].tolist() == [11] * redrawn
    assert result.left["households"].tolist() == [households] * left


@pytest.mark.parametrize(("apart_mm", "met"), [(0.19, True), (0.21, False)])
def test_a_neighbour_within_a_fifth_of_a_millimetre_takes_the_new_vertices(apart_mm, met):
    south = box(0, -20, 440, -apart_mm / 1000)
    outlines = [(1, 1, box(0, 0, 240, 20)), (1, 2, box(240, 0, 440, 20)), (2, 1, south)]
    places = [(10 + 20 * i, 10) for i in range(22)]
    layers = planned(outlines, places, [1] * 22)
    result = updated(layers, "b000", bands=NARROW)
    assert result.changed["households"].tolist() == [11, 11]
    after = result.grids.set_index("code").geometry["371602001001201"]
    corner = shapely.Point(CORNER[0] + 220, CORNER[1])
    assert (shapely.distance(shapely.extract_unique_points(after), corner) < 0.01) == met
    assert shapely.equals_exact(after, south) != met


def test_a_corner_in_the_middle_of_a_neighbours_border_stops_nothing():
    """As grids of the user's may be drawn: the corner is a vertex of one of the two alone."""
    outlines = [
        (1, 1, box(0, 0, 200, 20)),
        (1, 2, box(200, 0, 460, 20)),
        (1, 3, box(200, 20, 400, 40)),
    ]
    places = [(10 + 20 * i, 10) for i in range(23)] + [(210 + 20 * i, 30) for i in range(10)]
    result = updated(planned(outlines, places, [1] * 33), "b016", bands=NARROW)
    assert result.changed["households"].tolist() == [11, 11, 11]
    small = result.grids[result.grids["level"] == "small"].geometry
    assert small.area.sum() == pytest.approx(33 * 400, abs=0.01)
    assert shapely.coverage_is_valid(small.to_numpy())


def test_neighbours_of_another_medium_grid_help_where_those_of_its_own_do_not():
    outlines = [
        (1, 1, box(0, 0, 240, 20)),
        (2, 1, box(240, 0, 440, 20)),
        (2, 2, box(440, 0, 660, 20)),
    ]
    layers = planned(outlines, [(10 + 20 * i, 10) for i in range(33)], [1] * 33)
    result = updated(layers, "b000", bands=NARROW)
    assert sorted(result.changed["households"]) == [11, 11]
    assert len(result.left) == 0
    parent = result.grids.set_index("code")["parent_code"]
    assert parent["371602001001101"] == "3716020010011"
    medium = result.grids[result.grids["level"] == "medium"].set_index("code").geometry
    assert medium.area.round().to_dict() == {"3716020010011": 4400, "3716020010012": 8800}


def test_the_only_grid_of_a_medium_grid_is_never_taken_from_it():
    """Two grids of 5 make one of 10, but each is all that its medium grid has."""
    outlines = [(1, 1, box(0, 0, 100, 20)), (2, 1, box(100, 0, 200, 20))]
    layers = planned(outlines, [(10 + 20 * i, 10) for i in range(10)], [1] * 10)
    result = updated(layers, "b000", bands=NARROW)
    assert result.left["households"].tolist() == [5, 5]
    assert result.grids.to_wkb().equals(layers.grids.to_wkb())


def test_a_block_where_nobody_lives_stays_with_a_grid_beside_it():
    streets = [("residential", [(240, -50), (240, 50)]), ("residential", [(300, -50), (300, 50)])]
    outlines = [(1, 1, box(0, 0, 300, 20)), (1, 2, box(300, 0, 500, 20))]
    places = [(10 + 20 * i, 10) for i in range(12)] + [(310 + 20 * i, 10) for i in range(10)]
    layers = planned(outlines, places, [1] * 22)
    drawn = neighbourhood(places, [1] * 22, streets=streets)
    result = updated(replace(layers, walk_edges=drawn.walk_edges), "b000", bands=NARROW)
    assert result.changed["households"].tolist() == [11, 11]
    small = result.grids[result.grids["level"] == "small"].geometry
    assert small.area.sum() == pytest.approx(500 * 20, abs=0.01)


def test_a_locked_grid_is_not_divided_either():
    outlines = [(1, 1, box(0, 0, 440, 20))]
    layers = planned(outlines, [(10 + 20 * i, 10) for i in range(22)], [1] * 22)
    locked = updated(layers, "b000", bands=NARROW, locked={"371602001001101"})
    assert locked.left["households"].tolist() == [22]
    free = updated(layers, "b000", bands=NARROW)
    assert free.changed["change"].tolist() == ["redrawn", "added"]


def test_all_grids_of_a_district_may_be_redrawn():
    outlines = [(1, 1, box(0, 0, 240, 20)), (1, 2, box(240, 0, 440, 20))]
    layers = planned(outlines, [(10 + 20 * i, 10) for i in range(22)], [1] * 22)
    result = updated(layers, "b000", bands=NARROW)
    assert result.changed["households"].tolist() == [11, 11]
