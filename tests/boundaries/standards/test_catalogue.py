import csv
import dataclasses
import pickle

import pytest
import yaml

from boundaries.standards.catalogue import (
    DATA_DIR,
    STANDARD_IDS,
    TABLES,
    load_standard,
    standard_document,
    standard_rules,
    standard_table,
)
from boundaries.standards.schema import PROFILE_RULES, VERIFIED
from geo.errors import FileFormatError, NotFoundError, SchemaError
from geo.model.standard import Profile, RuleSource, Standard
from tests.shared import SHARED, needs_shared


def override(tmp_path, text):
    path = tmp_path / "ours.yaml"
    path.write_text(text, "utf-8")
    return path


def test_default_has_ten_categories_in_catalogue_order():
    standard = load_standard()
    assert standard.id == "bincheng-2026"
    assert [c.id for c in standard.categories] == [
        "catering", "household", "medical", "elderly", "shopping",
        "repair", "personal", "post_fin", "edu_culture", "public",
    ]  # fmt: skip
    assert "".join(c.badge_zh for c in standard.categories) == "餐家医老购修洗邮教政"
    badges = [c.badge_en for c in standard.categories]
    assert len(set(badges)) == 10
    assert all(c.badge_en.lower() in c.en.lower() for c in standard.categories)
    assert standard.minutes == (5.0, 10.0, 15.0)


def test_profiles_and_what_they_stand_for():
    speeds = {p.id: p.speed_m_s for p in load_standard().profiles}
    assert speeds == {"adult": 1.25, "elderly": 0.8, "wheelchair": 0.8, "pram": 1.0}
    metres = {p.id: p.metres(15) for p in load_standard().profiles}
    assert metres["adult"] == 1125.0
    avoid = {p.id: p.avoid for p in load_standard().profiles}
    assert avoid["adult"] == avoid["elderly"] == frozenset()
    assert "steps" in avoid["wheelchair"] & avoid["pram"]


def test_rules_of_the_walkers():
    found = {
        p.id: (p.steps_pace, str(p.slope), p.climb_pace, p.max_slope, p.crossing_s)
        for p in load_standard().profiles
    }
    assert found == {
        "adult": (1, "tobler", 0, None, 0),
        "elderly": (2, "tobler", 0, None, 10),
        "wheelchair": (1, "climb", 7.92, 1 / 12, 10),
        "pram": (1, "climb", 7.92, None, 10),
    }
    plain = Profile("plain", "平", "Plain", 1.0)
    for profile in load_standard().profiles:
        changed = {name for name in PROFILE_RULES if getattr(profile, name) != getattr(plain, name)}
        assert {rule.rule for rule in profile.sources} == changed
        assert all(rule.source and rule.verified in VERIFIED for rule in profile.sources)


def test_a_district_changes_a_rule_with_a_source(tmp_path):
    path = override(
        tmp_path,
        """
        profiles:
          elderly: {crossing_s: {value: 15, source: Counted in 2026}, steps_pace: null}
          wheelchair: {max_slope: {value: 0.06, source: Ramps of 2026, verified: text}}
        """,
    )
    base, ours = load_standard(), load_standard(path)
    elderly, wheelchair = ours.profiles[1:3]
    assert (elderly.crossing_s, elderly.steps_pace) == (15, 1)
    assert elderly.sources[-1] == RuleSource("crossing_s", "Counted in 2026", "unverified")
    assert [rule.rule for rule in elderly.sources] == ["slope", "crossing_s"]
    assert (wheelchair.max_slope, wheelchair.crossing_s) == (0.06, 10)
    assert ours.profiles[3] == base.profiles[3]


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("crossing_s: 15", "crossing_s must be a mapping of value, source, verified"),
        ("crossing_s: {value: 15}", "crossing_s needs a source"),
        ("crossing_s: {value: -1, source: x}", "crossing_s is -1, wanted a number from 0 on"),
        ("crossing_s: {value: .inf, source: x}", "crossing_s is inf, wanted a number from 0 on"),
        ("crossing_s: {value: 1, source: x, verified: no}", "crossing_s verified is False"),
        ("crossing_s: {value: 1, source: x, unit: s}", "crossing_s has no key unit"),
        ("steps_pace: {value: 0, source: x}", "steps_pace is 0, wanted a positive number"),
        ("slope: {value: steep, source: x}", "slope is 'steep', wanted one of level, tobler"),
        ("slope: {value: [], source: x}", r"slope is \[\], wanted one of level"),
        ("slope: {value: climb, source: x}", "slope climb needs a climb_pace"),
        ("max_slope: {value: '1:0', source: x}", "max_slope is '1:0', wanted .* ratio as 1:12"),
        ("max_slope: {value: true, source: x}", "max_slope is True"),
    ],
)
def test_faults_of_rules_are_told(tmp_path, rule, fault):
    with pytest.raises(SchemaError, match=f"profiles.adult: {fault}"):
        load_standard(override(tmp_path, f"profiles: {{adult: {{{rule}}}}}"))


def test_every_figure_has_a_source_and_an_honest_mark():
    standard = load_standard()
    for entry in (*standard.categories, *standard.profiles):
        assert entry.source
        assert entry.verified in VERIFIED
    for name in TABLES:
        table = standard_table(name)
        assert len(table) > 0
        assert (table["source"] != "").all(), name
        assert set(table["verified"]) <= set(VERIFIED), name
    for name in ("bincheng_profile", "osm_households"):
        for figure, entry in standard_document(name)["figures"].items():
            assert set(entry) >= {"value", "source", "verified"}, figure
            assert entry["verified"] in VERIFIED, figure


def test_shipped_standards_and_tables_are_the_files_on_disk():
    assert {file.stem for file in DATA_DIR.glob("*.csv")} == set(TABLES)
    with_categories = {
        file.stem
        for file in DATA_DIR.glob("*.yaml")
        if "categories" in yaml.safe_load(file.read_text("utf-8"))
    }
    assert with_categories == set(STANDARD_IDS)


@needs_shared
def test_figures_equal_the_facts_they_were_taken_from():
    text = (SHARED / "standards/categories_bincheng.yaml").read_text("utf-8")
    facts = {entry["id"]: entry for entry in yaml.safe_load(text)}
    ours = standard_document("bincheng-2026")["categories"]
    assert list(ours) == list(facts)
    for name, fact in facts.items():
        for key in ("zh", "en", "radius_m", "time_min", "osm", "amap", "name_filter"):
            assert ours[name].get(key) == fact.get(key), (name, key)
    with (SHARED / "standards/facilities_gb50180.csv").open(encoding="utf-8") as file:
        radii = [(row["facility_zh"], row["radius_m"]) for row in csv.DictReader(file)]
    table = standard_table("facilities_gb50180")
    assert list(zip(table["zh"], table["radius_m"], strict=True)) == radii


def test_an_override_changes_only_its_figures(tmp_path):
    path = override(
        tmp_path,
        """
        minutes: [10, 15, 20]
        categories:
          catering: {radius_m: 400, source: Plan 2026, verified: text}
          public: null
        profiles:
          adult: {speed_m_s: 1.1, source: Counted in 2026}
        """,
    )
    base, ours = load_standard(), load_standard(path)
    assert ours.minutes == (10.0, 15.0, 20.0)
    catering = dataclasses.replace(
        base.categories[0], radius_m=400.0, source="Plan 2026", verified="text"
    )
    assert ours.categories == (catering, *base.categories[1:9])
    assert ours.profiles[0].speed_m_s == 1.1
    assert ours.profiles[0].verified == "unverified"
    assert ours.profiles[1:] == base.profiles[1:]
    assert ours.id == "bincheng-2026+ours"
    assert ours.version.startswith(f"{base.version}+")
    assert "public" not in {rule.category for rule in ours.rules.rules}


def test_the_version_changes_with_the_figures(tmp_path):
    one = load_standard(override(tmp_path, "minutes: [5]"))
    two = load_standard(override(tmp_path, "minutes: [6]"))
    assert one.version != two.version
    assert load_standard(override(tmp_path, "minutes: [5]")) == one


def test_all_faults_of_an_override_are_told_at_once(tmp_path):
    path = override(
        tmp_path,
        """
        colour: red
        minutes: [15, 5]
        categories:
          catering: {radius_m: -1}
          medical: {verified: maybe, osm: [amenity]}
          elderly: {name_filter: "(", badge_zh: 养老}
          bakery: {zh: 面包}
        profiles:
          adult: {speed_m_s: fast, source: x}
        """,
    )
    with pytest.raises(SchemaError) as caught:
        load_standard(path)
    message = str(caught.value)
    for fault in (
        "colour is not a key",
        "minutes must ascend",
        "categories.catering changes a figure without a source",
        "categories.catering: radius_m is -1",
        "categories.medical: verified is 'maybe'",
        "categories.medical: 'amenity' is not a tag rule",
        "categories.elderly: name_filter is not a pattern",
        "categories.elderly: badge_zh is '养老'",
        "categories.bakery: radius_m is missing",
        "profiles.adult: speed_m_s is 'fast'",
    ):
        assert fault in message
    assert message.startswith("ours.yaml: ")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("- a\n- b", SchemaError, "holds list; wanted a mapping"),
        ("a: [", FileFormatError, "is not YAML"),
        ("extends: gb-1999", SchemaError, "extends 'gb-1999'"),
        ("id: bincheng-2026", SchemaError, "choose another"),
        ("categories: 3", SchemaError, "categories must be a mapping of id"),
        ("profiles: {adult: 3}", SchemaError, "profiles.adult must be a mapping"),
        ("categories: {catering: {osm: amenity=cafe}}", SchemaError, "osm must be a list"),
        ("minutes: 15", SchemaError, "minutes must be a list"),
    ],
)
def test_a_wrong_file_gives_one_sentence(tmp_path, text, error, words):
    with pytest.raises(error, match=words):
        load_standard(override(tmp_path, text))


def test_unknown_names_say_what_there_is():
    with pytest.raises(NotFoundError, match="wanted one of bincheng-2026"):
        load_standard("moon")
    with pytest.raises(NotFoundError, match="tiers"):
        standard_table("moon")
    with pytest.raises(NotFoundError, match="bincheng_profile"):
        standard_document("moon")


def test_rules_travel_with_the_standard(tmp_path):
    base = load_standard()
    assert standard_rules() == standard_rules(base) == base.rules
    assert pickle.loads(pickle.dumps(base)) == base  # noqa: S301 - our own bytes
    path = override(tmp_path, "categories: {catering: {osm: [amenity=pub]}}")
    assert len(standard_rules(path).rules) == len(base.rules.rules) - 3
    plain = Standard(
        id="bincheng-2026", version="", zh="", en="", categories=base.categories[:1], profiles=()
    )
    assert {rule.category for rule in standard_rules(plain).rules} == {"catering"}
    with pytest.raises(NotFoundError, match="without tag rules"):
        standard_rules(dataclasses.replace(plain, id="other"))
