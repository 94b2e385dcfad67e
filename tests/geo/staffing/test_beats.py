"""Beats of the hand-made district: 3 + 4 households in the west (W1), 8 + 16 in the east (W2)."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely import Polygon, affinity

from geo.errors import CrsError
from geo.grids.assign import members
from geo.model.layers import Layers, conform_layer
from geo.staffing.beats import Beats, find_beats, widest_places
from tests.scenes import (
    EPSG,
    LARGE,
    NORTH_EAST,
    NORTH_WEST,
    SOUTH_EAST,
    SOUTH_WEST,
    around,
    tiny_district,
    xy,
)

WHOLE = {"W1": (NORTH_WEST, SOUTH_WEST), "W2": (NORTH_EAST, SOUTH_EAST)}


@pytest.fixture(scope="module")
def metric() -> Layers:
    return tiny_district()[1].to_metric(EPSG)


def find(metric: Layers, held: dict[str, tuple[str, ...]], *, aim: int = 20) -> Beats:
    rows = [(worker, grid) for worker, grids in held.items() for grid in grids]
    workers = pd.DataFrame(rows, columns=["worker_code", "grid_code"], dtype=object)
    layers = replace(metric, workers=conform_layer("workers", workers))
    return find_beats(layers, members(layers)["small"], band=around(aim))


def test_households_are_those_of_the_buildings(metric):
    table = find(metric, WHOLE).table.set_index("worker_code")
    assert table["households"].to_dict() == {"W1": 7, "W2": 24}
    assert table["buildings"].to_dict() == {"W1": 3, "W2": 3}
    assert table["grids"].to_dict() == {"W1": 2, "W2": 2}
    assert table["grid_codes"].to_dict() == {w: list(grids) for w, grids in WHOLE.items()}
    assert table["large_codes"].to_dict() == {"W1": [LARGE], "W2": [LARGE]}


@pytest.mark.parametrize(
    ("aim", "w1", "w2"), [(20, "light", "met"), (30, "light", "met"), (7, "met", "heavy")]
)
def test_a_load_is_held_against_the_band_with_its_ends(metric, aim, w1, w2):
    found = find(metric, WHOLE, aim=aim)
    assert found.table["status"].tolist() == [w1, w2]
    band = around(aim)
    assert (found.aim, found.low, found.high) == (band.aim, band.low, band.high)


def test_the_outline_is_the_ground_of_the_small_grids(metric):
    table = find(metric, WHOLE).table
    assert table.crs.to_epsg() == EPSG
    assert table["parts"].tolist() == [1, 1]
    assert table.area.tolist() == pytest.approx([80_000, 80_000], abs=10)


def test_grids_that_touch_at_a_corner_are_two_pieces(metric):
    across = {"W1": (NORTH_WEST, SOUTH_EAST), "W2": (SOUTH_WEST,)}
    found = find(metric, across)
    assert found.table["parts"].tolist() == [2, 1]
    assert found.table["households"].tolist() == [19, 4]


def test_who_has_no_worker_is_named_most_households_first(metric):
    found = find(metric, {"W2": (NORTH_EAST,)})
    assert found.unassigned["code"].tolist() == [SOUTH_EAST, SOUTH_WEST, NORTH_WEST]
    assert found.unassigned["households"].tolist() == [16, 4, 3]
    assert found.unassigned["large_code"].tolist() == [LARGE] * 3
    assert found.table["households"].sum() + found.unassigned["households"].sum() == 31


def test_a_grid_where_nobody_lives_needs_no_worker(metric):
    empty = metric.buildings.assign(households=0)
    found = find(replace(metric, buildings=empty), {})
    assert len(found.table) == len(found.unassigned) == 0
    assert list(found.table["status"]) == []


def test_degrees_are_refused(metric):
    layers = tiny_district()[1]
    with pytest.raises(CrsError, match="grid layer"):
        find_beats(layers, members(metric)["small"], band=around(20))


def test_a_border_with_another_corner_on_one_side_leaves_no_slit(metric):
    grids = metric.grids.copy()
    row = grids.index[grids["code"] == SOUTH_WEST][0]
    corners = [(0, 0), (200, 0), (200, 200), (100, 199.999), (0, 200)]  # a millimetre off
    grids.loc[row, "geometry"] = Polygon([xy(*corner) for corner in corners])
    table = find(replace(metric, grids=grids), WHOLE).table
    assert table["parts"].tolist() == [1, 1]
    assert [len(shape.interiors) for shape in table.geometry] == [0, 0]


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_a_label_stands_where_its_beat_is_widest_to_a_twentieth_of_its_size(scale):
    """A shape whose middle is missed by more where the search ends at a tenth of its size."""
    corners = [(-20, 50), (-20, 40), (-10, 20), (-50, 0), (-30, -20), (20, -20), (80, -50)]
    shape = affinity.scale(Polygon(corners), scale, scale, origin=(0, 0))
    (spot,) = widest_places(gpd.GeoDataFrame(geometry=[shape], crs=EPSG))
    widest = shapely.length(shapely.maximum_inscribed_circle(shape, tolerance=1e-3 * scale))
    assert shape.contains(spot)
    assert shape.exterior.distance(spot) >= widest - shape.area**0.5 / 20


@pytest.mark.parametrize(
    ("west", "east", "status"),
    [(16, 24, ["met", "met"]), (15, 25, ["light", "heavy"])],
)
def test_both_ends_of_a_band_are_in_it(metric, west, east, status):
    homes = metric.buildings.assign(households=[west, 0, 0, east, 0, 0])
    found = find(replace(metric, buildings=homes), WHOLE)
    assert found.table["households"].tolist() == [west, east]
    assert found.table["status"].tolist() == status


@pytest.mark.parametrize(("off_mm", "parts"), [(9, 1), (11, 2)])
def test_neighbours_that_differ_by_a_centimetre_are_joined_without_a_slit(metric, off_mm, parts):
    grids = metric.grids.copy()
    row = grids.index[grids["code"] == SOUTH_WEST][0]
    corners = [(0, 0), (200, 0), (200, 200), (100, 200 - off_mm / 1000), (0, 200)]
    grids.loc[row, "geometry"] = Polygon([xy(*corner) for corner in corners])
    found = find(replace(metric, grids=grids), WHOLE)
    assert found.table["parts"].tolist() == [parts, 1]
