import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries.readers.osm.layers.barriers import barrier_kind, passable
from boundaries.readers.osm.layers.gates import gate_access
from boundaries.readers.osm.layers.walk_rules import (
    MOTOR_ONLY,
    NEVER,
    WALKABLE,
    WalkRule,
    walk_rule,
)
from boundaries.standards.catalogue import load_standard
from boundaries.standards.household_estimate import flats_of, household_model, levels_of
from boundaries.standards.tag_rules import TagRule, kind_of, ordered, parse_conditions, rules_of
from geo.errors import SchemaError

RULES = rules_of(load_standard())


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"amenity": "cafe"}, ("catering", "cafe")),
        ({"craft": "cleaning"}, ("household", "cleaning")),
        ({"healthcare": "dentist"}, ("amenity", "dentist")),
        ({"healthcare": "blood_donation"}, ("amenity", "other_health")),
        (
            {"healthcare": "clinic", "healthcare:speciality": "hypnosis"},
            ("amenity", "other_health"),
        ),
        ({"healthcare": "doctor", "amenity": "doctors"}, ("medical", "clinic")),
        ({"amenity": "clinic", "name": "北镇卫生服务站"}, ("medical", "health_station")),
        ({"amenity": "bank", "atm": "yes"}, ("amenity", "bank")),
        ({"amenity": "atm"}, ("amenity", "atm")),
        ({"amenity": "toilets"}, ("amenity", "toilets")),
        ({"amenity": "recycling"}, ("amenity", "recycling")),
        ({"amenity": "bicycle_repair_station"}, ("amenity", "pump_station")),
        ({"shop": "bicycle"}, None),
        ({"shop": "bicycle", "service:bicycle:repair": "yes"}, ("repair", "cycle_repair")),
        ({"shop": "beauty", "name": "Nail Care"}, ("amenity", "beauty")),
        ({"shop": "beauty", "name": "丽人美容美发"}, ("personal", "hairdresser")),
        ({"amenity": "school", "name": "洁华幼儿园"}, ("education", "kindergarten")),
        ({"amenity": "school", "name": "清华附小"}, ("education", "primary_school")),
        ({"amenity": "library"}, ("leisure", "library")),
        ({"amenity": "townhall", "name": "街道便民服务中心"}, ("public", "service_centre")),
        ({"amenity": "townhall"}, ("public", "government_office")),
        ({"healthcare": "no"}, None),
        ({"amenity": "social_facility"}, None),
        (
            {
                "amenity": "social_facility",
                "social_facility": "day_care",
                "social_facility:for": "senior",
            },
            ("elderly", "day_care"),
        ),
        (
            {
                "amenity": "social_facility",
                "social_facility": "day_care",
                "social_facility:for": "child;senior",
            },
            ("elderly", "day_care"),
        ),
        (
            {
                "amenity": "social_facility",
                "social_facility": "shelter",
                "social_facility:for": "senior",
            },
            None,
        ),
        (
            {"amenity": "social_facility", "name": "彭李街道日间照料中心"},
            ("elderly", "day_care"),
        ),
        ({"shop": "yes", "name": "好月嫂家政"}, ("household", "domestic_help")),
        ({"shop": "laundry", "name": "家政洗衣"}, ("personal", "laundry")),
        ({"amenity": "parking", "name": "养老院停车场"}, None),
        ({"shop": "convenience;bakery"}, ("shopping", "convenience")),
        ({"shop": "bakery; supermarket"}, ("shopping", "supermarket")),
        ({"leisure": "park"}, ("amenity", "park")),
        ({"office": "government"}, ("public", "government_office")),
        ({"highway": "footway"}, None),
        ({}, None),
    ],
)
def test_category_and_kind(tags, expected):
    assert kind_of(tags, RULES) == expected


def test_the_first_category_of_the_catalogue_wins_whatever_the_order_of_tags():
    tags = {"shop": "convenience", "amenity": "cafe"}
    assert kind_of(tags, RULES) == ("catering", "cafe")
    assert kind_of(dict(reversed(tags.items())), RULES) == ("catering", "cafe")


def test_exact_tags_come_before_any_value_and_names_before_none():
    named = re.compile("x")
    any_named = TagRule("a", "a1", parse_conditions("shop=*"), named)
    plain = TagRule("b", "b1", parse_conditions("shop=yes"))
    both = TagRule("c", "c1", parse_conditions("shop=yes"), named)
    rules = ordered([any_named, plain, both])
    assert kind_of({"shop": "yes", "name": "x"}, rules) == ("c", "c1")
    assert kind_of({"shop": "yes", "name": "y"}, rules) == ("b", "b1")
    assert kind_of({"shop": "other", "name": "x"}, rules) == ("a", "a1")


@pytest.mark.parametrize("text", ["amenity", "=cafe", "amenity=", "a=b|", "a=b + c", "a b=c", ""])
def test_a_malformed_rule_is_refused(text):
    with pytest.raises(SchemaError, match="key=value"):
        parse_conditions(text)


@given(
    st.dictionaries(
        st.sampled_from(["amenity", "shop", "office", "craft", "leisure", "healthcare", "x"]),
        st.sampled_from(["cafe", "convenience", "government", "park", "bank", "no", "yes", "a;b"]),
    )
)
def test_the_kind_equals_a_plain_scan_of_all_rules(tags):
    plain = next(((r.category, r.kind) for r in RULES.rules if r.fits(tags)), None)
    assert kind_of(tags, RULES) == plain
    assert kind_of(dict(reversed(tags.items())), RULES) == plain


BOTH, FORWARD, BACKWARD = (True, True), (True, False), (False, True)


@pytest.mark.parametrize(
    ("tags", "kind", "directions", "private"),
    [
        ({"highway": "footway"}, "footway", BOTH, False),
        ({"highway": "residential", "oneway": "yes"}, "residential", BOTH, False),
        ({"highway": "footway", "oneway:foot": "yes"}, "footway", FORWARD, False),
        ({"highway": "footway", "oneway:foot": "-1"}, "footway", BACKWARD, False),
        ({"highway": "footway", "foot:backward": "no"}, "footway", FORWARD, False),
        ({"highway": "footway", "foot:forward": "no"}, "footway", BACKWARD, False),
        ({"highway": "steps", "conveying": "forward"}, "steps", FORWARD, False),
        ({"highway": "steps", "conveying": "backward"}, "steps", BACKWARD, False),
        ({"highway": "steps", "conveying": "reversible"}, "steps", BOTH, False),
        ({"highway": "steps", "conveying": "yes", "oneway": "yes"}, "steps", FORWARD, False),
        ({"highway": "service", "access": "private"}, "service", BOTH, True),
        ({"highway": "service", "access": "private", "foot": "yes"}, "service", BOTH, False),
        ({"highway": "service", "foot": "private"}, "service", BOTH, True),
        ({"highway": "service", "access": "no", "foot": "designated"}, "service", BOTH, False),
        ({"highway": "service", "access": "no", "foot": "private"}, "service", BOTH, True),
        ({"highway": "motorway", "foot": "yes"}, "motorway", BOTH, False),
        ({"highway": "trunk", "motorroad": "yes", "foot": "permissive"}, "trunk", BOTH, False),
        ({"highway": "cycleway"}, "cycleway", BOTH, False),
        ({"highway": "elevator"}, "elevator", BOTH, False),
        ({"highway": "unclassified;tertiary"}, "unclassified", BOTH, False),
        ({"railway": "platform"}, "platform", BOTH, False),
        ({"public_transport": "platform"}, "platform", BOTH, False),
    ],
)
def test_walkable(tags, kind, directions, private):
    assert walk_rule(tags) == WalkRule(kind, *directions, private)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"highway": "motorway"}, "motorway without foot=yes"),
        ({"highway": "motorway", "foot": "destination"}, "motorway without foot=yes"),
        ({"highway": "trunk", "motorroad": "yes"}, "motorway without foot=yes"),
        ({"highway": "construction"}, "highway=construction is no walkway"),
        ({"highway": "proposed", "foot": "yes"}, "highway=proposed is no walkway"),
        ({"highway": "bus_stop"}, "highway=bus_stop is not known"),
        ({"highway": "footway;bus_stop"}, "highway=footway;bus_stop is not known"),
        ({"highway": "primary", "foot": "no"}, "closed to walkers by foot or access"),
        ({"highway": "primary", "foot": "use_sidepath"}, "closed to walkers by foot or access"),
        ({"highway": "path", "access": "no"}, "closed to walkers by foot or access"),
        (
            {"highway": "path", "oneway:foot": "yes", "foot:forward": "no"},
            "closed to walkers in both directions",
        ),
    ],
)
def test_not_walkable(tags, reason):
    assert str(walk_rule(tags)) == reason


def test_no_value_is_in_two_lists():
    assert not (WALKABLE & NEVER) | (WALKABLE & MOTOR_ONLY) | (NEVER & MOTOR_ONLY)


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({}, "open"),
        ({"access": "permissive"}, "open"),
        ({"access": "no"}, "private"),
        ({"access": "no", "foot": "yes"}, "open"),
        ({"foot": "no"}, "closed"),
        ({"locked": "yes"}, "closed"),
        ({"locked": "no"}, "open"),
        ({"access": "private"}, "private"),
        ({"access": "residents"}, "private"),
        ({"access": "private", "foot": "no"}, "closed"),
    ],
)
def test_gate_access(tags, access):
    assert gate_access(tags) == access


@pytest.mark.parametrize(
    ("tags", "kind", "why"),
    [
        ({"barrier": "wall"}, "wall", ""),
        ({"barrier": "fence", "bridge": "yes"}, "wall", ""),
        ({"barrier": "hedge"}, None, ""),
        ({"waterway": "river"}, "river", ""),
        ({"waterway": "stream"}, None, ""),
        ({"waterway": "canal", "tunnel": "culvert"}, "river", "below ground"),
        ({"waterway": "river", "layer": "-1"}, "river", ""),
        ({"waterway": "river", "layer": "-1", "covered": "yes"}, "river", "below ground"),
        ({"railway": "subway", "layer": "-2"}, "railway", "below ground"),
        ({"railway": "rail", "layer": "low"}, "railway", ""),
        ({"railway": "subway", "location": "underground"}, "railway", "below ground"),
        ({"natural": "water"}, "river", ""),
        ({"waterway": "riverbank"}, "river", ""),
        ({"railway": "rail"}, "railway", ""),
        ({"railway": "rail", "tunnel": "no"}, "railway", ""),
        ({"railway": "subway", "tunnel": "yes"}, "railway", "below ground"),
        ({"railway": "light_rail", "bridge": "viaduct"}, "railway", "on a bridge"),
        ({"railway": "tram"}, None, ""),
    ],
)
def test_barriers(tags, kind, why):
    assert barrier_kind(tags) == kind
    assert str(passable(tags) or "") == why


@pytest.mark.parametrize(
    ("tags", "area_m2", "use"),
    [
        ({"building": "apartments"}, 300, "residential"),
        ({"building": "apartments", "shop": "convenience"}, 300, "mixed"),
        ({"building": "apartments", "shop": "no"}, 300, "residential"),
        ({"building": "yes"}, 300, "residential"),
        ({"building": "yes"}, 39, "other"),
        ({"building": "house"}, 39, "residential"),
        ({"building": "yes", "amenity": "school"}, 300, "other"),
        ({"building": "yes", "name": "第二教学楼"}, 300, "other"),
        ({"building": "yes", "name": "紫荆公寓"}, 300, "residential"),
        ({"building": "yes;roof"}, 300, "residential"),
        ({"building": "garage"}, 300, "other"),
        ({"building": "commercial", "building:use": "residential"}, 300, "residential"),
    ],
)
def test_use_of_a_building(tags, area_m2, use):
    assert household_model().use_of(tags, area_m2) == use


@pytest.mark.parametrize(
    ("tags", "storeys"),
    [
        ({"building": "apartments", "building:levels": "11"}, (11, "tag")),
        ({"building": "apartments", "building:levels": "5.5"}, (5, "tag")),
        ({"building": "apartments", "building:levels": "3;4"}, (3, "tag")),
        ({"building": "apartments", "building:levels": "-1"}, (6, "assumed")),
        ({"building": "apartments", "building:levels": "9999"}, (6, "assumed")),
        ({"building": "apartments", "height": "20 m"}, (6, "height")),
        ({"building": "yes", "height": "tall"}, (2, "assumed")),
        ({"building": "bungalow"}, (1, "assumed")),
        ({"building": "commercial"}, (2, "assumed")),
    ],
)
def test_storeys(tags, storeys):
    assert household_model().storeys(tags) == storeys


def test_levels_and_flats_are_numbers_or_nothing():
    assert [levels_of({"building:levels": text}) for text in ("6", "0", "", "six")] == [6, 0, 0, 0]
    assert [flats_of({"building:flats": text}) for text in ("24", "0", "", "6-8")] == [
        24, 0, None, None,
    ]  # fmt: skip
