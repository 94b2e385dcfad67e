"""Storeys of a building by its height: from one storey to the tallest tower there is."""

from dataclasses import replace

import pytest

from boundaries.standards.household_estimate import household_model

MODEL = replace(household_model(), storey_height_m=3.0)


@pytest.mark.parametrize(
    ("height", "storeys"),
    [
        ("2.9", (6, "assumed")),  # less than one storey
        ("3", (1, "height")),
        ("5.9", (1, "height")),
        ("6", (2, "height")),
        ("600", (200, "height")),
        ("600.1", (6, "assumed")),  # more than 200 storeys: a slip of the pen
    ],
)
@pytest.mark.parametrize("key", ["height", "building:height"])
def test_storeys_by_height(key, height, storeys):
    assert MODEL.storeys({"building": "apartments", key: height}) == storeys


@pytest.mark.parametrize(("below", "at"), [("other", "residential")])
def test_a_plain_building_is_a_dwelling_from_the_least_footprint_on(below, at):
    least = MODEL.min_footprint_m2
    assert MODEL.use_of({"building": "yes"}, least - 0.01) == below
    assert MODEL.use_of({"building": "yes"}, least) == at
