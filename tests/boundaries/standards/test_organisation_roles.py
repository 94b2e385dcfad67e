"""Roles of organisations as data: each with its source, the threshold a figure of the document."""

from boundaries.standards.catalogue import load_standard, standard_document
from boundaries.standards.organisation_roles import load_hub_rule, load_roles
from boundaries.standards.plan_figures import households_per_worker, plan_bands
from geo.partition.atoms.band import BEAT_BAND, Band

MARKS = {"text", "second-hand", "derived", "unverified"}


def test_every_role_and_the_threshold_have_a_source_and_an_honest_mark():
    about = standard_document("organisation_roles")
    entries = [*about["grids"].values(), *about["places"].values(), about["rule"]]
    for entry in [*entries, about["rule"]["minutes"]]:
        assert entry["source"]
        assert entry["verified"] in MARKS


def test_figures_are_those_of_the_document():
    figures = standard_document("bincheng_profile")["figures"]
    rule = load_hub_rule()
    assert rule.minutes == figures["circle_minutes"]["value"] == 15
    assert rule.minutes_verified == "unverified"
    assert households_per_worker() == figures["households_per_worker"]["value"]
    least, most = (figures[f"group_households_{end}"]["value"] for end in ("min", "max"))
    assert plan_bands() == (Band(least, most, 40), BEAT_BAND)


def test_words_that_tables_may_use_are_all_different():
    roles = [*load_roles(), *load_hub_rule().roles]
    words = [word for role in roles for word in (str(role.id), role.zh, role.en)]
    assert len(words) == len({*words}) + sum(role.id == role.en for role in roles)
    assert all(role.terms for role in roles)


def test_one_sign_fills_one_role():
    roles = [*load_roles(), *load_hub_rule().roles]
    terms = [term for role in roles for term in role.terms]
    assert len(terms) == len(set(terms))
    kinds = {kind.id for group in load_standard().beside for kind in group.kinds}
    assert {role.kind for role in roles} - {""} <= kinds
