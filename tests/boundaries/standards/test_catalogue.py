import csv
import dataclasses
import json
import pickle
import re

import pytest
import yaml

from boundaries.standards.catalogue import (
    DATA_DIR,
    STANDARD_IDS,
    TABLES,
    load_standard,
    standard_document,
    standard_table,
)
from boundaries.standards.json import standard_from_json, standard_to_json
from boundaries.standards.schema import PROFILE_RULES, VERIFIED
from boundaries.standards.tag_rules import kind_of, rules_of
from geo.errors import FileFormatError, NotFoundError, SchemaError
from geo.messages import speaking
from geo.model.standard import Profile, RuleSource
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
        "repair", "personal", "post", "education", "leisure",
    ]  # fmt: skip
    assert [group.id for group in standard.beside] == ["public", "amenity"]
    assert "".join(c.badge_zh for c in standard.groups) == "餐家医老购修洗邮教文政他"
    badges = [c.badge_en for c in standard.groups]
    assert len(set(badges)) == 12
    assert all(c.badge_en.lower() in c.en.lower() for c in standard.groups)
    assert standard.minutes == (5.0, 10.0, 15.0)


def test_the_district_named_three_and_seven_are_proposed():
    own = [c.zh for c in load_standard().categories if not c.proposed]
    assert own == ["餐饮", "家政", "医疗"]


def test_a_point_is_of_one_kind_and_every_name_leads_to_one():
    groups = load_standard().groups
    kinds = [kind for group in groups for kind in group.kinds]
    ids = [*(group.id for group in groups), *(kind.id for kind in kinds)]
    assert len(ids) == len(set(ids))
    names = [
        name
        for kind in kinds
        for name in {
            each.lower()
            for each in (kind.zh, kind.en, *kind.keywords_zh, *kind.keywords_en, *kind.amap)
        }
    ]
    assert len(names) == len(set(names))
    assert all(kind.zh and kind.en and kind.source for kind in kinds)


def test_a_kind_has_its_own_figures_or_those_of_its_category():
    (medical,) = (c for c in load_standard().categories if c.id == "medical")
    kinds = {kind.id: kind for kind in medical.kinds}
    pharmacy, hospital = kinds["pharmacy"], kinds["hospital"]
    assert (pharmacy.radius_m, pharmacy.time_min, pharmacy.verified) == (300, 8, "text")
    assert (hospital.radius_m, hospital.source) == (medical.radius_m, medical.source)
    toilets = load_standard().beside[1].kinds[0]
    assert (toilets.id, toilets.radius_m) == ("toilets", None)


def test_a_standard_with_its_kinds_comes_back_from_json():
    standard = load_standard()
    assert standard_from_json(json.loads(json.dumps(standard_to_json(standard)))) == standard
    before = standard_to_json(standard)
    del before["beside"]
    for each in before["categories"]:
        del each["kinds"], each["aliases"], each["proposed"]
    assert standard_from_json(before).categories[0].kinds == ()


def test_profiles_and_what_they_stand_for():
    speeds = {p.id: p.speed_m_s for p in load_standard().profiles}
    assert list(speeds) == ["standard", "strict", "adult", "elderly", "wheelchair", "pram"]
    metres = {p.id: p.metres(15) for p in load_standard().profiles}
    assert (metres["standard"], metres["strict"], metres["adult"]) == (1000.0, 800.0, 1125.0)
    assert (metres["elderly"], metres["wheelchair"], metres["pram"]) == (720.0, 720.0, 900.0)
    assert load_standard().compared == ("strict", "standard", "adult")
    assert "GB 50180-2018" in load_standard().profiles[0].source
    avoid = {p.id: p.avoid for p in load_standard().profiles}
    assert avoid["adult"] == avoid["elderly"] == frozenset()
    assert "steps" in avoid["wheelchair"] & avoid["pram"]


def test_rules_of_the_walkers():
    found = {
        p.id: (p.steps_pace, str(p.slope), p.climb_pace, p.max_slope, p.crossing_s)
        for p in load_standard().profiles
    }
    assert found == {
        "standard": (1, "level", 0, None, 0),
        "strict": (1, "level", 0, None, 0),
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
    elderly, wheelchair = ours.profiles[3:5]
    assert (elderly.crossing_s, elderly.steps_pace) == (15, 1)
    assert RuleSource("crossing_s", "Counted in 2026", "unverified") in elderly.sources
    kept = {rule.rule for rule in base.profiles[3].sources} - {"steps_pace"}
    assert {rule.rule for rule in elderly.sources} == kept | {"crossing_s"}
    assert (wheelchair.max_slope, wheelchair.crossing_s) == (0.06, 10)
    assert ours.profiles[5] == base.profiles[5]


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
    kinds = (kind for group in standard.groups for kind in group.kinds)
    for entry in (*standard.groups, *kinds, *standard.profiles):
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


def test_each_table_says_what_it_is_an_extract_of():
    about = standard_document("tables")
    assert set(about) == set(TABLES)
    for entry in about.values():
        assert entry["extract"] is True
        assert "摘录" in entry["zh"] or "清单" in entry["zh"]
        assert entry["en"].startswith(("extract", "lists of the Ministry"))


def test_what_is_our_reading_of_a_text_is_marked_as_such():
    document = standard_document("bincheng_profile")
    figures = document["figures"]
    levels = ("grid_large", "grid_medium", "grid_small")
    assert {figures[name]["verified"] for name in levels} == {"derived"}
    rules = {
        rule["zh"]: rule["verified"] for rule in standard_document("bincheng_profile")["rules"]
    }
    assert rules["三级公示"] == rules["日间照料中心"] == "derived"
    assert rules["打破部门、地域等界限"] == "derived"
    grid_rules = standard_table("grid_rules").set_index("id")["verified"]
    assert grid_rules[["R7", "MICRO"]].tolist() == ["derived", "derived"]


def test_the_lists_of_the_ministry():
    lists = standard_table("mofcom_kinds").groupby("list")["zh"].agg(list)
    assert len(lists["basic"]) == 12
    assert lists["doorstep"] == ["购物", "餐饮", "家政", "快递", "维修"]
    assert "养老服务" in set(standard_table("mofcom_2025")["zh"])


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
    standard = load_standard()
    for category in standard.categories[:7]:  # post, education and leisure are split otherwise
        for key in ("radius_m", "time_min"):
            assert getattr(category, key) == facts[category.id][key], (category.id, key)
    codes = {code for group in standard.groups for kind in group.kinds for code in kind.amap}
    assert codes >= {code for fact in facts.values() for code in fact["amap"]}
    rules = rules_of(standard)
    for rule in (rule for fact in facts.values() for rule in fact["osm"]):
        tags = dict(part.strip().split("=") for part in rule.split("+"))
        tags = {
            key: "other" if value == "*" else value.split("|")[0] for key, value in tags.items()
        }
        assert kind_of(tags, rules) is not None, rule
    with (SHARED / "standards/radii_qingdao_shinan_2009.csv").open(encoding="utf-8") as file:
        shinan = {row["facility_zh"]: float(row["max_distance_m"]) for row in csv.DictReader(file)}
    named = {
        "convenience": "便利店", "fast_food": "餐饮店", "pharmacy": "医药店", "supermarket":
        "小超市", "hairdresser": "美容美发店", "laundry": "洗染店", "market": "农贸市场", "bank":
        "金融网点",
    }  # fmt: skip
    kinds = {kind.id: kind for group in standard.groups for kind in group.kinds}
    assert {key: kinds[key].radius_m for key in named} == {
        key: shinan[zh] for key, zh in named.items()
    }
    assert {kinds[key].verified for key in named} == {"text"}
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
          leisure: null
        beside:
          amenity: {kinds: {park: null}}
        profiles:
          adult: {speed_m_s: 1.1, source: Counted in 2026}
        """,
    )
    base, ours = load_standard(), load_standard(path)
    assert ours.minutes == (10.0, 15.0, 20.0)
    catering = dataclasses.replace(
        base.categories[0], radius_m=400.0, source="Plan 2026", verified="text"
    )
    assert [dataclasses.replace(c, kinds=()) for c in ours.categories] == [
        dataclasses.replace(c, kinds=()) for c in (catering, *base.categories[1:9])
    ]
    kinds = {kind.id: kind for kind in ours.categories[0].kinds}
    assert (kinds["cafe"].radius_m, kinds["cafe"].source) == (400, "Plan 2026")
    assert kinds["fast_food"] == base.categories[0].kinds[3]  # it has figures of its own
    adult = next(p for p in ours.profiles if p.id == "adult")
    assert (adult.speed_m_s, adult.verified) == (1.1, "unverified")
    assert [p for p in ours.profiles if p != adult] == [p for p in base.profiles if p.id != "adult"]
    assert ours.id == "bincheng-2026+ours"
    assert ours.version.startswith(f"{base.version}+")
    rules = rules_of(ours)
    assert "leisure" not in {rule.category for rule in rules.rules}
    assert "park" not in {rule.kind for rule in rules.rules}


def test_a_speed_may_be_written_as_metres_per_seconds(tmp_path):
    path = override(tmp_path, "profiles: {strict: {speed_m_s: 700/900, source: Plan 2026}}")
    strict = next(p for p in load_standard(path).profiles if p.id == "strict")
    assert strict.metres(15) == 700.0
    for wrong in ("700/0", "700 / 900", "-1", "1/2/3"):
        path = override(tmp_path, f"profiles: {{strict: {{speed_m_s: '{wrong}', source: x}}}}")
        with pytest.raises(SchemaError, match="wanted a positive number, or metres/seconds"):
            load_standard(path)


def test_the_walkers_that_are_compared_are_profiles(tmp_path):
    without = load_standard(override(tmp_path, "profiles: {strict: null}"))
    assert without.compared == ("standard", "adult")
    own = override(tmp_path, "compare: [pram, adult]")
    assert load_standard(own).compared == ("pram", "adult")
    assert load_standard(override(tmp_path, "compare: []")).compared == ()
    with pytest.raises(SchemaError, match="compare: 'runner' is not a profile"):
        load_standard(override(tmp_path, "compare: [runner]"))
    with pytest.raises(SchemaError, match="compare must be a list of profiles"):
        load_standard(override(tmp_path, "compare: adult"))


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
          medical: {verified: maybe, kinds: {clinic: {osm: [amenity]}}}
          elderly: {osm: [amenity=x], badge_zh: 养老, proposed: maybe}
          bakery: {zh: 面包}
          shopping: {kinds: {market: {radius_m: 900}, pharmacy: {zh: 药店}, kiosk: 3}}
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
        "categories.medical.clinic: 'amenity' is not a tag rule",
        "categories.elderly: osm is not a key",
        "categories.elderly: proposed is 'maybe'",
        "categories.shopping.market changes a figure without a source",
        "categories.shopping.pharmacy: en is missing",
        "categories.shopping.pharmacy: pharmacy stands in categories.medical.pharmacy already",
        "categories.shopping.kiosk must be a mapping of changed fields",
        "categories.elderly: badge_zh is '养老'",
        "categories.bakery: radius_m is missing",
        "profiles.adult: speed_m_s is 'fast'",
    ):
        assert fault in message
    assert message.startswith("ours.yaml: ")
    with speaking("zh"):
        told = str(caught.value)
    assert told.startswith("ours.yaml：没有 colour 这一项；categories.catering 改了数字而没有出处")
    assert "；profiles.adult：speed_m_s 为 'fast'，应为正数，或以米/秒表示，例如 1000/900；" in told
    assert not re.search(r"[a-z]+ [a-z]+", told)


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("- a\n- b", SchemaError, "holds a list; wanted a mapping"),
        ("a: [", FileFormatError, r"is not YAML in UTF-8 \(it stops being so in line 1, column 5"),
        ("a: \x07", FileFormatError, "at position 4"),
        ("extends: gb-1999", SchemaError, "extends 'gb-1999'"),
        ("id: bincheng-2026", SchemaError, "choose another"),
        ("categories: 3", SchemaError, "categories must be a mapping of id"),
        ("profiles: {adult: 3}", SchemaError, "profiles.adult must be a mapping"),
        ("categories: {catering: {kinds: {cafe: {osm: a=b}}}}", SchemaError, "osm must be a list"),
        ("categories: {catering: {kinds: 3}}", SchemaError, "kinds must be a mapping"),
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


def test_a_kind_that_a_district_moves_counts_there(tmp_path):
    base = load_standard()
    assert pickle.loads(pickle.dumps(base)) == base  # noqa: S301 - our own bytes
    text = """
        categories: {leisure: {kinds: {park: {zh: 公园, en: Park, osm: [leisure=park]}}}}
        beside: {amenity: {kinds: {park: null}}}
        """
    ours = load_standard(override(tmp_path, text))
    assert kind_of({"leisure": "park"}, rules_of(base)) == ("amenity", "park")
    assert kind_of({"leisure": "park"}, rules_of(ours)) == ("leisure", "park")
    assert kind_of({"amenity": "library"}, rules_of(ours)) == ("leisure", "library")
