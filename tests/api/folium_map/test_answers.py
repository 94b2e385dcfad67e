"""The folium file of a stored district: the headline of all households, and who is not covered."""

import re
from dataclasses import replace

from api.folium_map.answers import folium_html
from api.parameters import CoverageQuestion
from api.snapshot.district import Snapshot
from boundaries.standards.catalogue import load_standard
from tests.scenes import SOUTH_EAST, tiny_district


def drawn(snapshot: Snapshot) -> str:
    return folium_html(snapshot, CoverageQuestion(5, "adult"), lang="en")


def test_uncovered_buildings_are_drawn():
    html = drawn(Snapshot(*tiny_district(), load_standard()))
    for building, households in (("b1", "1 household"), ("b2", "2 households")):
        assert re.search(rf"Building {building} .u00b7 {households}\b", html)
    assert "Building b5" not in html  # lacks only what no point of the data offers
    assert "Building b6" not in html  # nobody lives there


def test_the_headline_counts_those_in_no_grid():
    district, layers = tiny_district()
    inside = layers.grids[layers.grids["code"] != SOUTH_EAST]
    html = drawn(Snapshot(district, replace(layers, grids=inside), load_standard()))
    assert "(28 of 31)" in html
