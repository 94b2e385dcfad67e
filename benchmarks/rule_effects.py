"""What each rule of the import changes: households that gain or lose a category on real ground.

Every extract is read as it is and without one rule at a time. ``python -m benchmarks rule_effects``
writes the pages of the reference in both languages from the same figures.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.measuring import DATA, Table
from benchmarks.places import STANDARD
from boundaries.demo import helsinki_path
from boundaries.readers.osm import read_osm
from boundaries.readers.osm.reader import RULES
from geo.accessibility.coverage import Times, nearest_times
from geo.model.layers import Layers
from geo.network.compile import compile_network
from geo.routing.snapped_district import snap_layers

MINUTES: Final = (5, 15)
DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
PAGE: Final = "reference/rule-effects.md"
WALKER: Final = STANDARD.profiles[0]

PLACES: Final[dict[tuple[str, str], Path]] = {
    ("Malta", "马耳他"): DATA / "osm-malta-2016/malta.osm.pbf",
    ("Tsinghua, Beijing", "北京清华园"): DATA / "osm-beijing-tsinghua-2017/map.nometa.osm.pbf",
    ("Helsinki, centre", "赫尔辛基市中心"): helsinki_path(),
    ("Monaco", "摩纳哥"): DATA / "monaco-graphhopper/monaco.osm.gz",
}

_NAMES: Final = {
    "levels": ("levels", "层高"),
    "gates": ("gates and access", "出入口与通行权"),
    "squares": ("squares", "广场"),
    "entrances": ("entrances", "出入口点"),
}
_TEXT: Final = {
    "en": {
        "title": "What the rules of the import change",
        "about": (
            "Households whose status a rule of `load osm` changes: each extract is read with all "
            "rules and without one of them. `+` gain the category by the rule, `-` lose it: a walk "
            "that was there only on paper. Households are mostly estimated from footprints. "
            "Walker: `{walker}`. [中文](../zh/reference/rule-effects.md)"
        ),
        "made": "Written by `python -m benchmarks rule_effects`; do not edit.",
        "moved": "Buildings and points with another walk",
        "head": ["extract", "households", "rule", "buildings with another time", "links changed"],
        "changes": "Households by category, {minutes} minutes",
        "by": ["extract", "rule", "any category"],
        "none": "no rule changes any status",
    },
    "zh": {
        "title": "各导入规则的影响",
        "about": (
            "逐条去掉 `load osm` 的规则，与全部规则的结果比较，得出状态改变的户数。"
            "`+` 为因该规则新覆盖的户数，`-` 为因该规则不再覆盖的户数（原先的路线只存在于纸面）。"
            "户数多由建筑轮廓估算。步行人群：`{walker}`。"
            "[English](../../reference/rule-effects.md)"
        ),
        "made": "由 `python -m benchmarks rule_effects` 生成，请勿手改。",
        "moved": "步行时间改变的楼栋与服务点",
        "head": ["提取文件", "户数", "规则", "时间改变的楼栋", "接入改变的地点"],
        "changes": "各类别户数，{minutes} 分钟",
        "by": ["提取文件", "规则", "任一类别"],
        "none": "没有规则改变状态",
    },
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one rule changes in one extract.

    Attributes
    ----------
    place : tuple of str
        In English and Chinese.
    households : int
        Of the extract.
    rule : str
    buildings : int
        With another time to any category.
    links : int
        Buildings and service points that are linked by the rule only, or without it only.
    gained, lost : dict
        Households by minutes and category; ``any`` counts each household once.
    """

    place: tuple[str, str]
    households: int
    rule: str
    buildings: int
    links: int
    gained: dict[tuple[int, str], int]
    lost: dict[tuple[int, str], int]


def effects() -> list[Effect]:
    """Return what each rule changes in each extract that is there."""
    found = []
    for place, path in PLACES.items():
        if path.is_file():
            layers, times = _answer(path)
            found += [_effect(place, rule, layers, times) for rule in RULES]
    return found


def _answer(path: Path, *without: str) -> tuple[Layers, Times]:
    """Return the layers of an extract without some rules, and the times of its buildings."""
    district, layers, _ = read_osm(path, code="x", standard=STANDARD, without=without)
    metric = layers.to_metric(district.epsg)
    categories = [category.id for category in STANDARD.categories]
    network = compile_network(metric, WALKER)
    return metric, nearest_times(snap_layers(metric, network, categories))


def _effect(place: tuple[str, str], rule: str, layers: Layers, times: Times) -> Effect:
    """Compare the answer with all rules to that without one."""
    without, other = _answer(PLACES[place], rule)
    same = (layers.buildings["building_id"] == without.buildings["building_id"]).all()
    if not same or len(times.point_reason) != len(other.point_reason):
        raise AssertionError("a rule of the import adds or removes places")
    households = layers.buildings["households"].to_numpy()
    moved = ~np.isclose(times.time_s, other.time_s, rtol=0, atol=0.011, equal_nan=True)
    links = sum(
        int(((one == "") != (two == "")).sum())
        for one, two in ((times.reason, other.reason), (times.point_reason, other.point_reason))
    )
    gained, lost = {}, {}
    for minutes in MINUTES:
        now, then = times.covered(minutes), other.covered(minutes)
        for into, change in ((gained, now & ~then), (lost, then & ~now)):
            for column, category in enumerate(times.categories):
                into[minutes, category] = int(households[change[:, column]].sum())
            into[minutes, "any"] = int(households[change.any(axis=1)].sum())
    return Effect(
        place, int(households.sum()), rule, int(moved.any(axis=1).sum()), links, gained, lost
    )


def page(found: list[Effect], lang: str) -> str:
    """Return the page of the reference in English or Chinese."""
    text, at = _TEXT[lang], ("en", "zh").index(lang)
    walker = f"{WALKER.id}, {WALKER.speed_m_s:.3f} m/s"
    parts = [f"# {text['title']}", text["about"].format(walker=walker), text["made"]]
    rows = [
        [one.place[at], f"{one.households:,}", _NAMES[one.rule][at], f"{one.buildings:,}",
         f"{one.links:,}"]
        for one in found
    ]  # fmt: skip
    parts += [f"## {text['moved']}", _table(text["head"], rows)]
    categories = {each.id: (each.en, each.zh)[at] for each in STANDARD.categories}
    for minutes in MINUTES:
        rows = [
            [one.place[at], _NAMES[one.rule][at]]
            + [_change(one, minutes, name) for name in ("any", *categories)]
            for one in found
            if one.gained[minutes, "any"] or one.lost[minutes, "any"]
        ]
        parts.append(f"## {text['changes'].format(minutes=minutes)}")
        parts.append(_table([*text["by"], *categories.values()], rows) if rows else text["none"])
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
    found = effects()
    for lang, folder in (("en", DOCS), ("zh", DOCS / "zh")):
        (folder / PAGE).write_text(page(found, lang), encoding="utf-8")
    table = Table(
        "What the rules of the import change",
        f"Households whose status a rule changes: {PAGE} has them by category.",
        ["extract", "rule", *(f"{minutes} min" for minutes in MINUTES)],
    )
    for one in found:
        changes = [_change(one, minutes, "any") for minutes in MINUTES]
        table.rows.append([one.place[0], one.rule, *changes])
    return [table]
