"""Sentences: every cause and remedy has words in both languages."""

from dataclasses import replace
from math import nan

import pytest
import shapely

from boundaries.standards.catalogue import load_standard
from geo.messages import LANGUAGES
from geo.model.vocabulary import BarrierKind
from geo.network.snap import REASONS
from geo.routing.route import Walk
from geo.scenario.edits import OpenGate
from geo.scenario.explain import Cause, Explanation, Remedy
from geo.scenario.linking import Door, Linking, LinkRemedy
from maps.words.explanation import sentence
from maps.words.linking import link_sentence
from tests.scenes import tiny_layers

CATERING = load_standard().categories[0]
WALK = Walk(1169.0, 10.0, 5.0, 947.2, shapely.LineString([(0, 0), (1, 0)]))
WHY = Explanation(
    building_id="b1", category="catering", minutes=15, cause=Cause.CLOSED_GATE, subject="g1",
    time_s=947.2, point_id="p1", walk=WALK, straight_m=310.2,
    remedy=Remedy("open_gate", OpenGate("g1"), 0.0, 260.0, 412.0),
)  # fmt: skip


def told(why: Explanation, lang: str = "zh", *, layers=None, searched: bool = True) -> str:
    return sentence(
        why, layers or tiny_layers(), lang=lang, category=CATERING, reach_m=1125.0,
        searched=searched, by_floor={"from_floor": 4, "beyond": 6.0, "lift_gains": 2.0},
    )  # fmt: skip


def unlinked(reason: str) -> Linking:
    door = Door(None, None, 118.0, 37.38, nan, None, None, None)
    edit = LinkRemedy("gate", OpenGate("g1"), 12.0, 40.0)
    return Linking("building", "b1", reason, "none", door, 3, 31.2, "w1", edit)


def named(point: str, gate: str):
    layers = tiny_layers()
    return replace(
        layers,
        service_points=layers.service_points.assign(name=point),
        gates=layers.gates.assign(name=gate),
    )


def test_the_sentence_of_a_closed_gate():
    layers = named("社区食堂A", "3 号门")
    assert told(WHY, layers=layers) == (
        "到社区食堂A 要走 1,184 米（15.8 分钟）；"
        "关闭的 3 号门挡路，打开它可让 412 户进入 15 分钟圈。"
    )
    assert told(WHY, "en", layers=layers) == (
        "It is 1,184 m (15.8 min) on foot to 社区食堂A; 3 号门 is closed and in the way; "
        "opening it brings 412 households within 15 minutes."
    )


def test_what_has_no_name_is_called_what_it_is():
    layers = named("", "")
    assert told(WHY, layers=layers).startswith("到最近的餐饮服务点要走")
    assert "关闭的出入口 g1 挡路" in told(WHY, layers=layers)
    assert "to the nearest service point (catering);" in told(WHY, "en", layers=layers)
    assert "到 7-11 要走" in told(WHY, layers=named("7-11", ""))


def test_one_household_is_one():
    one = replace(WHY, remedy=replace(WHY.remedy, households=1.0))
    assert "brings 1 household within" in told(one, "en")


def test_minutes_beyond_the_threshold_never_look_within_it():
    assert "（15.1 分钟）" in told(replace(WHY, time_s=900.01))
    assert "（15.0 分钟）" in told(replace(WHY, time_s=900.0, cause=Cause.COVERED, remedy=None))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("kind", ["open_gate", "gate", "bridge", "footpath", None])
@pytest.mark.parametrize("reached", [True, False])
def test_every_cause_and_remedy_makes_one_sentence(lang, cause, kind, reached):
    why = replace(
        WHY,
        cause=cause,
        subject={Cause.BARRIER: "w1"}.get(cause, "g1"),
        linking=unlinked("blocked") if cause is Cause.UNLINKED else None,
        remedy=replace(WHY.remedy, kind=kind, length_m=38.4) if kind else None,
    )
    if not reached:
        why = replace(why, walk=None, point_id=None, time_s=nan, straight_m=nan)
    text = told(why, lang)
    end = {"zh": "。", "en": "."}[lang]
    assert text.endswith(end)
    assert text.count("。") == (lang == "zh")
    assert "{" not in text
    assert "nan" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_and_barrier_has_words(lang):
    for reason in REASONS:
        why = replace(WHY, cause=Cause.UNLINKED, linking=unlinked(reason))
        for kind in ("open_gate", "gate", "bridge", "footpath"):
            remedy = replace(why.linking.remedy, kind=kind)
            assert "{" not in told(replace(why, linking=replace(why.linking, remedy=remedy)), lang)
        for standing in ("ground", "island", "raised"):
            tied = replace(why.linking, reason="", standing=standing)
            assert "{" not in link_sentence(tied, tiny_layers(), lang=lang)
    layers = tiny_layers()
    for kind in BarrierKind:
        nameless = replace(layers, barriers=layers.barriers.assign(name="", kind=str(kind)))
        why = replace(WHY, cause=Cause.BARRIER, subject="w1", remedy=None)
        assert told(why, lang, layers=nameless) != told(why, lang)


def test_that_nothing_helps_is_said_only_where_it_was_looked_for():
    why = replace(WHY, cause=Cause.DETOUR, subject="", remedy=None)
    assert "没有找到" in told(why)
    assert "没有找到" not in told(why, searched=False)
