"""Both figures of a requirement against circles drawn and walks searched one by one."""

from dataclasses import replace

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.accessibility.coverage import nearest_times
from geo.accessibility.examination import ShortfallCause, examine
from geo.model.requirement import Requirement, Whom
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers
from tests.towns import ADULT, towns

SPEED = 1.25


def requirement(**said):
    fields = {
        "id": "r", "standard": "s", "zh": "", "en": "", "tier": "", "required": True, "kinds": (),
        "category": "", "radius_m": None, "minutes": None, "whom": Whom.ALL, "floor_area_m2": None,
        "lacks": (), "source": "", "verified": "text",
    }  # fmt: skip
    return Requirement(**{**fields, **said})


@settings(max_examples=15, deadline=None)
@given(towns(), st.sampled_from([60.0, 150.0, 400.0]))
def test_circles_and_walks(layers, radius_m):
    snapped = snap_layers(layers, compile_network(layers, ADULT), ("a", "b"))
    asked = [requirement(id=each, category=each, radius_m=radius_m) for each in "ab"]
    table = examine(layers, snapped, asked, speed_m_s=SPEED).set_index("id")
    households = layers.buildings["households"].to_numpy()
    times = nearest_times(snapped)
    for column, name in enumerate("ab"):
        row = table.loc[name]
        points = layers.service_points[layers.service_points["category"] == name]
        assert row["points"] == len(points)
        if not len(points):
            assert row["status"] == "no_point"
            assert np.isnan(row["walk"])
            continue
        homes, places = shapely.points(snapped.building_xy), points.geometry.to_numpy()
        inside = shapely.distance(homes, shapely.multipoints(places)) <= radius_m
        in_time = times.time_s[:, column] <= radius_m / SPEED
        assert row["straight"] == households[inside].sum()
        assert row["walk"] == households[in_time].sum()
        assert row["difference"] == households[inside & ~in_time].sum()
        assert row["beyond"] == households[in_time & ~inside].sum()
        assert row[list(map(str, ShortfallCause))].sum() == row["difference"]


@settings(max_examples=5, deadline=None)
@given(towns())
def test_what_cannot_be_examined_says_why(layers):
    points = layers.service_points.assign(floor_area_m2=np.nan)
    points.loc[points.index[:1], "floor_area_m2"] = 90.0
    layers = replace(layers, service_points=points)
    snapped = snap_layers(layers, compile_network(layers, ADULT), ("a", "b"))
    kinds = tuple(points["sub"].unique())
    table = examine(
        layers,
        snapped,
        [
            requirement(id="lacks", lacks=("无", "none"), radius_m=1.0),
            requirement(id="far", kinds=kinds),
            requirement(id="none", kinds=("nothing",), minutes=5),
            requirement(id="area", kinds=kinds, floor_area_m2=30.0),
            requirement(id="no area", kinds=("nothing",), floor_area_m2=30.0),
        ],
        speed_m_s=SPEED,
    ).set_index("id")
    assert table["status"].to_list()[:3] == ["no_data", "no_distance", "no_point"]
    assert table["status"]["no area"] == "no_floor_area"
    assert table["walk"].isna().all()
    households = layers.buildings["households"].sum()
    if len(points) and households:
        assert table.loc["area", "per_100"] == 90.0 / households * 100
        assert table.loc["area", "points_without"] == len(points) - 1
