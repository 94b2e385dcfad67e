"""The map of a sheet: what it shows, and where."""

import re
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

from geo.model.layers import empty_layer
from maps.sheets.content import CategoryReach, ListedPlace, MapGround
from maps.sheets.svg_map import draw_map
from tests.scenes import EPSG, tiny_district

AREA = shapely.box(0, 0, 200, 100)


def bare(name):
    return empty_layer(name).set_crs(4326, allow_override=True).to_crs(EPSG)


GROUND = MapGround(
    AREA,
    gpd.GeoDataFrame({"label": []}, geometry=[], crs=EPSG),
    bare("grids"),
    frozenset(),
    *(bare(name) for name in ("walk_edges", "buildings", "barriers", "gates", "open_grounds")),
)


def place(number, x, y):
    return ListedPlace(number, "a", "b", 3, "", "", x, y)


def marks(svg):
    """Return the numbers on a map with their places, millimetres."""
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="2.3".*?>(\d+)</text>', svg)
    return {int(number): (float(x), float(y)) for x, y, number in found}


def test_north_is_up_and_the_scale_is_told():
    reach = CategoryReach(
        "c", "c", "#0072b2", (place(1, 100, 100), place(2, 100, 0), place(3, 200, 0))
    )
    svg = draw_map(GROUND, [reach], height_mm=90, north="N")
    at = marks(svg)
    assert at[1][0] == at[2][0] == pytest.approx(93)
    assert at[1][1] < at[2][1] == at[3][1]
    millimetres_per_100_m = at[3][0] - at[2][0]
    assert millimetres_per_100_m == pytest.approx(100 * 90 / 112, abs=0.1)
    assert ">50 m</text>" in svg
    assert draw_map(GROUND, [reach], height_mm=90, north="N") == svg


def test_points_in_one_place_stand_beside_one_another():
    same = CategoryReach("c", "c", "#0072b2", tuple(place(n, 100, 50) for n in range(1, 10)))
    at = list(marks(draw_map(GROUND, [same], height_mm=90, north="N")).values())
    assert len(at) == 9
    apart = [abs(complex(*one) - complex(*two)) for one in at for two in at if one != two]
    assert min(apart) >= 4.7


def test_the_map_reaches_out_to_what_it_numbers_and_leaves_out_what_it_does_not():
    far = CategoryReach("c", "c", "#0072b2", (place(1, 900, 50),), place(0, 5000, 50))
    at = marks(draw_map(GROUND, [far], height_mm=90, north="N"))
    assert list(at) == [1]
    assert 0 < at[1][0] < 186


def test_names_of_streets_and_grids_are_text_that_harms_nothing():
    _, layers = tiny_district()
    metric = layers.to_metric(EPSG)
    small = metric.grids[metric.grids["level"] == "small"]
    ground = replace(
        GROUND,
        area=small.geometry.iloc[0],
        parts=small.iloc[:1].assign(label="<b>1"),
        streets=metric.walk_edges.assign(name="A&B"),
        buildings=metric.buildings,
        barriers=metric.barriers,
        gates=metric.gates,
    )
    svg = draw_map(ground, [], height_mm=90, north="N")
    assert "&lt;b&gt;1" in svg
    assert "A&amp;B" in svg
    assert "<b>" not in svg
