import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from api.snapshot.profiles import find_profile
from boundaries.standards.catalogue import load_standard
from geo.accessibility.coverage import building_table, coverage_table, nearest_times
from geo.errors import EmptyError
from geo.grids.assign import members
from geo.model.vocabulary import Origin
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from geo.staffing.beats import find_beats
from maps.assets import vendor_dir
from maps.folium import folium_map
from maps.folium.folium_map import district_map
from maps.folium.layers import uncovered
from tests.scenes import EPSG, NORTH_WEST, around, tiny_district

pytestmark = pytest.mark.skipif(
    not (vendor_dir() / "leaflet").is_dir(), reason="no page assets: run `make dev`"
)

MINUTES = 5.0
LOADED = re.compile(
    r"""<(?:script|link|img|iframe)\b[^>]*?\s(?:src|href)=|\burl\(["']?(?!data:|#)|@import"""
)


@pytest.fixture(scope="module")
def scene():
    district, layers = tiny_district()
    standard = load_standard()
    profile = find_profile(standard, "adult")
    metric = layers.to_metric(district.epsg)
    times = nearest_times(
        snap_layers(
            metric,
            compile_network(metric, profile),
            [category.id for category in standard.categories],
        )
    )
    inside = members(metric)
    coverage = {
        level: coverage_table(times, metric, minutes=MINUTES, by=level, members=inside)
        for level in ("small", "medium", "large", "district")
    }
    coverage["building"] = building_table(times, metric, minutes=MINUTES)
    return district, layers, coverage, {"standard": standard, "profile": profile}


def draw(scene, *, lang="zh", **changed):
    district, layers, coverage, by = scene
    given = {"district": district, "layers": layers, "coverage": coverage} | changed
    return district_map(
        given["district"],
        given["layers"],
        given["coverage"],
        **by,
        minutes=MINUTES,
        network="c2a94f7be01d5386",
        lang=lang,
        beats=given.get("beats"),
    )


def test_nothing_is_loaded_at_run_time(scene):
    html = draw(scene)
    assert LOADED.findall(html) == []
    assert "leafletjs" not in html.split("</head>")[1]
    assert not re.search(r"jquery|bootstrap|awesome", html, re.IGNORECASE)


def test_the_file_names_the_walk_network(scene):
    assert "步行路网 c2a94f7be01d5386" in draw(scene)
    assert "walk network c2a94f7be01d5386" in draw(scene, lang="en")


def test_the_file_is_small_and_carries_leaflet_with_its_licence(scene):
    html = draw(scene)
    assert 150_000 < len(html) < 400_000
    assert "Redistributions of source code must retain" in html


def test_the_same_input_gives_the_same_bytes(scene):
    assert draw(scene) == draw(scene)


def test_figures_title_and_parameters_are_inside(scene):
    html = draw(scene, lang="en")
    assert "<title>Pilot District: 15-minute life circle (5 min on foot)</title>" in html
    told = "90.3 % of households reach all 4 categories that can be judged (28 of 31)"
    assert told in html
    assert "no service points of Household services, Repairs," in html
    assert "1.25 m/s, slope-adjusted (Tobler), that is 375 m" in html
    # north-west: b1 and b2, three households, catering within 5 minutes of none or all of them
    row = scene[2]["small"].set_index("code").loc[NORTH_WEST]
    assert f"{row['coverage_catering'] * 100:.1f} %" in html
    assert "hand-made" in html


def test_the_three_levels_are_toggled_and_the_finest_is_shown_first(scene):
    html = draw(scene)
    control = html[html.index("base_layers :") : html.index("overlays :")]
    order = [
        re.search(text, control).start() for text in (r"\\u5c0f\\u7f51", r"\\u4e2d", r"\\u5927")
    ]
    assert order == sorted(order)


def test_synthetic_is_said_and_drawn_dotted(scene):
    district, layers, _, _ = scene
    label = "模拟数据（合成）：非真实楼栋、住户与服务点"
    assert label not in draw(scene)
    made = replace(district, origin=Origin.SYNTHETIC)
    grids = layers.grids.assign(origin=str(Origin.SYNTHETIC))
    html = draw(scene, district=made, layers=replace(layers, grids=grids))
    assert label in html
    assert '"dashArray": "1 3"' in html


def beats_of(layers, *, aim: int):
    metric = layers.to_metric(EPSG)
    return find_beats(metric, members(metric)["small"], band=around(aim))


def test_beats_are_one_more_view_with_their_posts_and_loads(scene):
    html = draw(scene, lang="en", beats=beats_of(scene[1], aim=20))
    assert "Beats 2" in html[html.index("base_layers :") : html.index("overlays :")]
    assert "W1: 2 small grids, 7 households, light" in html
    assert "W2: 2 small grids, 24 households, in band" in html
    assert "50.0 % of beats have 16–24 households (1 of 2)" in html
    assert html.count("\\u25bc 7") == 1  # written on the beat that is light
    assert "Beats" not in draw(scene, lang="en")


def test_ground_without_a_worker_is_drawn_and_counted(scene):
    layers = scene[1]
    west = replace(layers, workers=layers.workers[layers.workers["worker_code"] == "W1"])
    html = draw(scene, lang="en", beats=beats_of(west, aim=20))
    assert "South-east: 16 households, no worker" in html
    assert html.count('"fillColor": "url(#nobody)"') >= 1
    assert "small grid without a worker</span><span>2</span>" in html
    none = replace(layers, workers=layers.workers.iloc[:0])
    assert "Beats" not in draw(scene, lang="en", beats=beats_of(none, aim=20))


def test_too_many_beats_are_left_out_and_counted(scene, monkeypatch):
    monkeypatch.setattr(folium_map, "GRID_LIMIT", 1)
    html = draw(scene, lang="en", beats=beats_of(scene[1], aim=20))
    assert "There are 2 beats, more than 1" in html


def test_categories_without_any_point_are_named(scene):
    _, layers, _, by = scene
    there = set(layers.service_points["category"])
    missing = [c.zh for c in by["standard"].categories if c.id not in there]
    assert len(missing) == 6
    assert f"数据中没有{'、'.join(missing)}的服务点" in draw(scene)


def test_the_note_is_in_the_reader_s_language(scene):
    assert "测试用的小场景。" in draw(scene)
    assert "A scene for tests." in draw(scene, lang="en")
    untold = replace(scene[0], note_zh="")
    assert "A scene for tests." in draw(scene, district=untold)


def test_names_cannot_break_out(scene):
    district, layers, coverage, _ = scene
    bad = "<img src=x onerror=alert(1)></script>"
    small = coverage["small"].assign(name_zh=bad)
    points = layers.service_points.assign(name=bad)
    html = draw(
        scene,
        district=replace(district, name_zh=bad),
        coverage={**coverage, "small": small},
        layers=replace(layers, service_points=points),
    )
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_too_many_grids_are_left_out_and_their_parents_are_simplified(scene, monkeypatch):
    monkeypatch.setattr(folium_map, "GRID_LIMIT", 3)
    html = draw(scene, lang="en")
    assert "There are 4 small grids, more than 3: this file shows their parents only" in html
    assert NORTH_WEST not in html


def test_a_simplified_level_keeps_shared_borders():
    wavy = [box(0, 0, 10, 10), box(10, 0, 20, 10)]
    grids = gpd.GeoDataFrame(geometry=wavy, crs=4548).to_crs(4326)
    found = folium_map._simplified(grids, 4548).to_crs(4548)
    assert found.union_all().area == pytest.approx(200, rel=1e-4)
    assert found.geometry.iloc[0].intersection(found.geometry.iloc[1]).area < 1e-3


def test_a_district_without_grids_is_said(scene):
    with pytest.raises(EmptyError, match="no grids with coverage"):
        draw(scene, coverage={})


def test_uncovered_buildings_are_those_where_somebody_lives():
    table = pd.DataFrame(
        {
            "building_id": ["a", "a", "b", "b", "c", "c", "d", "d"],
            "lon": 1.0,
            "lat": 2.0,
            "households": [3, 3, 9, 9, 0, 0, 5, 5],
            "category": ["x", "y"] * 4,
            "time_s": float("nan"),
            "point_id": None,
            "status": ["covered", "beyond", *["unlinked"] * 2, *["beyond"] * 2, *["covered"] * 2],
        }
    )
    found = uncovered(table)
    assert found[["building_id", "households", "status"]].to_numpy().tolist() == [
        ["b", 9, "unlinked"],
        ["a", 3, "beyond"],
    ]
