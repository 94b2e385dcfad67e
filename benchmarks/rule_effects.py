"""What each rule of walking changes: households that gain or lose a category on real ground.

Every extract is read as it is and without one rule of the import at a time; what a question turns
on (hours, floors, crossings) is asked with and without it. ``python -m benchmarks rule_effects``
writes the pages of the reference in both languages from the same figures.
"""

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from api.parameters import DEFAULT_PROFILE, CoverageQuestion
from api.snapshot.as_asked import as_asked
from api.snapshot.district import Snapshot
from benchmarks.measuring import DATA, Table
from benchmarks.places import STANDARD
from boundaries.demo import helsinki_path
from boundaries.readers.osm import read_osm
from geo.accessibility.coverage import Times
from geo.arrays import IntArray, ObjectArray
from geo.errors import NotFoundError

MINUTES: Final = (5, 15)
DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGE: Final = "reference/rule-effects.md"
WALKER: Final = next(each for each in STANDARD.profiles if each.id == DEFAULT_PROFILE)

PLACES: Final[Mapping[tuple[str, str], str]] = {
    ("Helsinki, centre", "赫尔辛基市中心"): "",
    ("Monaco", "摩纳哥"): "monaco-graphhopper/monaco.osm.gz",
    ("Tsinghua, Beijing", "北京清华园"): "osm-beijing-tsinghua-2017/map.nometa.osm.pbf",
    ("Malta", "马耳他"): "osm-malta-2016/malta.osm.pbf",
}
"""Names in English and Chinese, and the file among the real extracts; none for that of the demo."""


OUTLINES: Final = "outlines"
"""Left out, buildings are the points that stand for them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in English and Chinese: left out of the import by name, or asked for."""

    name: tuple[str, str]
    import_rule: str = ""
    asked: Mapping[str, object] = field(default_factory=dict)


RULES: Final = (
    Rule(("levels", "层高"), "levels"),
    Rule(("gates and access", "出入口与通行权"), "gates"),
    Rule(("squares", "广场"), "squares"),
    Rule(("entrances", "出入口点"), "entrances"),
    Rule(("legs from the outline", "从建筑轮廓起算"), OUTLINES),
    Rule(("hours, `--at 'Tu 10:00'`", "开放时间，`--at 'Tu 10:00'`"), asked={"at": "Tu 10:00"}),
    Rule(("hours, `--at 'Tu 23:00'`", "开放时间，`--at 'Tu 23:00'`"), asked={"at": "Tu 23:00"}),
    Rule(("floors, `--floors`", "楼层，`--floors`"), asked={"floors": True}),
    Rule(("crossings, `--crossings`", "过街，`--crossings`"), asked={"crossings": True}),
)

_TEXT: Final = {
    "en": {
        "title": "What the rules of walking change",
        "about": (
            "Households whose status a rule changes, on real extracts. Rules up to the outlines "
            "always count: an extract is taken with all of them and without one. Hours, floors and "
            "crossings count where a question asks for them: it is asked with one of them and "
            "without. `+` are households that gain the category by the rule, `-` those that lose "
            "it. A place is tied to the way nearest to it: a rule that adds ways makes a few walks "
            "longer. Walker: `{walker}`. Most households are estimated from footprints, so the "
            "figures compare rules and places; they count nobody. "
            "[中文](../zh/reference/rule-effects.md)"
        ),
        "made": "Written by `python -m benchmarks rule_effects`; do not edit.",
        "moved": "Buildings and points concerned",
        "head": [
            "extract", "households", "rule", "buildings with another time",
            "buildings linked by one alone", "points linked or open by one alone",
        ],
        "changes": "Households by category, {minutes} minutes",
        "by": ["extract", "rule", "any category"],
        "rest": "Rules without a row change no status.",
    },
    "zh": {
        "title": "各步行规则的影响",
        "about": (
            "各规则在真实提取文件上改变了多少户的状态。轮廓及其之前的规则始终生效："
            "先以全部规则计算，再逐条去掉。开放时间、楼层、过街按提问生效：分别带与不带该参数计算。"
            "`+` 为因该规则新覆盖的户数，`-` 为因该规则不再覆盖的户数。"
            "地点接入最近的道路，所以增加道路的规则也会使少数步行变长。步行人群：`{walker}`。"
            "户数多由建筑轮廓估算，可用来比较规则与地方，不代表实有户数。"
            "[English](../../reference/rule-effects.md)"
        ),
        "made": "由 `python -m benchmarks rule_effects` 生成，请勿手改。",
        "moved": "涉及的楼栋与服务点",
        "head": [
            "提取文件", "户数", "规则", "步行时间不同的楼栋",
            "仅一方接入的楼栋", "仅一方接入或开放的服务点",
        ],
        "changes": "各类别户数，{minutes} 分钟",
        "by": ["提取文件", "规则", "任一类别"],
        "rest": "未列出的规则不改变任何状态。",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Effect:
    """What one rule changes in one extract.

    Attributes
    ----------
    place : tuple of str
        In English and Chinese.
    households : int
        Of the extract.
    rule : Rule
    buildings : int
        With another time to any category.
    homes, points : int
        Buildings and service points that are linked (points: and open) with the rule or without it
        alone.
    gained, lost : dict
        Households by minutes and category; ``any`` counts each household once.
    """

    place: tuple[str, str]
    households: int
    rule: Rule
    buildings: int
    homes: int
    points: int
    gained: dict[tuple[int, str], int]
    lost: dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class _Answer:
    """Walking times of homes: the buildings, or their floors; and who and what they are of."""

    times: Times
    home: IntArray
    households: IntArray
    building_id: ObjectArray
    points: "pd.Series[str]"

    def by_home(self, home: IntArray, households: IntArray) -> "_Answer":
        """Return the answer of buildings for homes in them."""
        times = Times(
            self.times.categories, self.times.time_s[home], self.times.point[home],
            self.times.reason[home], self.times.point_reason, self.times.judged,
        )  # fmt: skip
        return _Answer(times, home, households, self.building_id, self.points)


def effects() -> Iterator[Effect]:
    """Yield what each rule changes in each extract that is there."""
    for place, name in PLACES.items():
        try:
            path = DATA / name if name else helsinki_path()
        except NotFoundError:
            continue
        if path.is_file():
            whole = _read(path)
            plain = _answer(whole, {})
            for rule in RULES:
                began = time.perf_counter()
                if rule.import_rule:
                    answers = plain, _answer(_read(path, rule.import_rule), {})
                else:
                    answers = _answer(whole, rule.asked), plain
                yield _effect(place, rule, *answers)
                told = f"  {place[0]}, {rule.name[0]}: {time.perf_counter() - began:.1f} s"
                print(told, file=sys.stderr, flush=True)


def _read(path: Path, *without: str) -> Snapshot:
    """Return an extract without some rules of the import."""
    rules = set(without) - {OUTLINES}
    district, layers, _ = read_osm(path, code="x", standard=STANDARD, without=rules)
    if OUTLINES in without:
        places = gpd.points_from_xy(layers.buildings["lon"], layers.buildings["lat"], crs=4326)
        layers = replace(layers, buildings=layers.buildings.set_geometry(places))
    return Snapshot(district, layers, STANDARD)


def _answer(snapshot: Snapshot, asked: Mapping[str, object]) -> _Answer:
    """Return the walking times that a question asks for."""
    question = CoverageQuestion(**asked)
    snapshot, _ = as_asked(snapshot, question)
    times, buildings = snapshot.times(DEFAULT_PROFILE), snapshot.layers.buildings
    points = snapshot.layers.service_points["point_id"]
    answer = _Answer(
        times,
        np.arange(len(buildings)),
        buildings["households"].to_numpy(np.int64),
        buildings["building_id"].to_numpy(object),
        pd.Series(times.point_reason, index=points.to_numpy(object)),
    )
    if not question.floors:
        return answer
    floors = snapshot.floors(DEFAULT_PROFILE)
    by_floor = answer.by_home(floors.building, floors.counts["households"])
    return _Answer(
        floors.times(times), by_floor.home, by_floor.households, answer.building_id, answer.points
    )


def _effect(place: tuple[str, str], rule: Rule, now: _Answer, other: _Answer) -> Effect:
    """Compare the answer with a rule to that without it."""
    if len(now.home) != len(other.home):
        other = other.by_home(now.home, now.households)
    if not np.array_equal(now.building_id, other.building_id):
        raise AssertionError("a rule adds or removes buildings")
    one, two = now.times, other.times
    moved = ~np.isclose(one.time_s, two.time_s, rtol=0, atol=0.011, equal_nan=True).all(axis=1)
    homes = (one.reason == "") != (two.reason == "")
    served, before = (set(each.index[each == ""]) for each in (now.points, other.points))
    gained, lost = {}, {}
    for minutes in MINUTES:
        covered, was = one.covered(minutes), two.covered(minutes)
        for into, change in ((gained, covered & ~was), (lost, was & ~covered)):
            for column, category in enumerate(one.categories):
                into[minutes, category] = int(now.households[change[:, column]].sum())
            into[minutes, "any"] = int(now.households[change.any(axis=1)].sum())
    return Effect(
        place=place,
        households=int(now.households.sum()),
        rule=rule,
        buildings=len(np.unique(now.home[moved])),
        homes=len(np.unique(now.home[homes])),
        points=len(served ^ before),
        gained=gained,
        lost=lost,
    )


def page(found: list[Effect], lang: str) -> str:
    """Return the page of the reference in English or Chinese."""
    text, at = _TEXT[lang], ("en", "zh").index(lang)
    walker = f"{WALKER.id}, {WALKER.speed_m_s:.3f} m/s"
    parts = [f"# {text['title']}", text["about"].format(walker=walker), text["made"]]
    rows = [
        [one.place[at], f"{one.households:,}", one.rule.name[at]]
        + [f"{n:,}" for n in (one.buildings, one.homes, one.points)]
        for one in found
    ]
    parts += [f"## {text['moved']}", _table(text["head"], rows)]
    categories = {each.id: (each.en, each.zh)[at] for each in STANDARD.categories}
    for minutes in MINUTES:
        rows = [
            [one.place[at], one.rule.name[at]]
            + [_change(one, minutes, name) for name in ("any", *categories)]
            for one in found
            if one.gained[minutes, "any"] or one.lost[minutes, "any"]
        ]
        head = [*text["by"], *categories.values()]
        parts += [f"## {text['changes'].format(minutes=minutes)}", text["rest"], _table(head, rows)]
    return "\n\n".join(parts) + "\n"


def _change(one: Effect, minutes: int, category: str) -> str:
    """Return the households that gain and lose a category."""
    signs = (("+", one.gained), ("-", one.lost))
    told = [f"{sign}{of[minutes, category]:,}" for sign, of in signs if of[minutes, category]]
    return " ".join(told)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines)


def tables() -> list[Table]:
    """Write the pages, and return what they say in a table."""
    found = list(effects())
    for lang, folder in (("en", DOCS), ("zh", DOCS / "zh")):
        (folder / PAGE).write_text(page(found, lang), encoding="utf-8")
    table = Table(
        "What the rules of walking change",
        f"Households whose status a rule changes: {PAGE} has them by category.",
        ["extract", "rule", *(f"{minutes} min" for minutes in MINUTES)],
    )
    for one in found:
        changes = [_change(one, minutes, "any") for minutes in MINUTES]
        table.rows.append([one.place[0], one.rule.name[0], *changes])
    return [table]
