"""What the district's document asks for is what the layers declare."""

from boundaries.standards.catalogue import load_standard, standard_document
from geo.model.layer_columns import COLUMNS

ASKED = standard_document("service_point_attributes")


def test_every_attribute_is_a_column_under_its_chinese_name():
    for layer in ("service_points", "organisations"):
        columns = COLUMNS[layer]
        for name, about in ASKED[layer].items():
            assert about["zh"] in columns[name].aliases, name
            assert about["says"]
    unknown = {name for name, column in COLUMNS["service_points"].items() if column.nullable}
    assert unknown == set(ASKED["service_points"]) - {"capacity"}


def test_kinds_and_roles_are_those_of_the_document():
    columns = COLUMNS["organisations"]
    kinds = {word: names[0] for word, names in columns["kind"].words.items()}
    assert kinds == ASKED["kinds"]
    roles = {word: names[0] for word, names in columns["role"].words.items()}
    assert ASKED["community_roles"].items() <= roles.items()


def test_roles_that_a_report_looks_for_are_roles_of_the_layer():
    known = {*standard_document("organisation_roles")["grids"]} - {"residents_group"}
    known |= {*standard_document("organisation_roles")["places"]}
    assert known <= set(COLUMNS["organisations"]["role"].words)


def test_an_incubator_is_a_kind_of_a_category_that_there_is():
    groups = {group.id: group for group in load_standard().groups}
    for name, about in ASKED["subs"].items():
        kinds = {kind.id: kind.zh for kind in groups[about["category"]].kinds}
        assert kinds[name] == about["zh"]
