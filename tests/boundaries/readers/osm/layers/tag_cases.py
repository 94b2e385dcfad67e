"""Tag cases of OpenStreetMap: what they mean for walkers, and the page of its wiki that says so."""

import csv
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from tests.source_index import ROOT

DOCS = {"en": ROOT / "docs/reference/osm-tags.md", "zh": ROOT / "docs/zh/reference/osm-tags.md"}

_HEADS = {
    "en": {
        "way": ("Ways", "tags", "walkers", "direction", "level", "source"),
        "barrier": ("Barriers", "tags", "kind", "level", "source"),
        "node": ("Nodes on ways", "tags", "walkers", "source"),
    },
    "zh": {
        "way": ("道路", "标签", "步行", "方向", "层", "来源"),
        "barrier": ("阻隔", "标签", "类别", "层", "来源"),
        "node": ("路上的节点", "标签", "步行", "来源"),
    },
}
_WORDS = {
    "open": "开放", "private": "私有", "closed": "封闭", "none": "无阻", "both": "双向",
    "forward": "顺向", "backward": "逆向", "wall": "墙", "river": "水体", "railway": "铁路",
}  # fmt: skip


@dataclass(frozen=True)
class TagCase:
    """Tags of a way, a barrier or a node, and what they mean; empty where it has no meaning."""

    object: str
    tags: str
    access: str
    direction: str
    level: str
    source: str

    @property
    def mapping(self) -> dict[str, str]:
        return dict(tag.split("=", 1) for tag in self.tags.split("; "))


def tag_cases() -> list[TagCase]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return [TagCase(**row) for row in csv.DictReader(file)]


def tables(language: str) -> str:
    """Return the cases as tables of Markdown."""
    lines: list[str] = []
    for kind, cases in groupby(tag_cases(), lambda case: case.object):
        title, *heads = _HEADS[language][kind]
        lines += [f"## {title}", "", f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
        lines += [f"| {' | '.join(_cells(case, language))} |" for case in cases]
        lines.append("")
    return "\n".join(lines)


def _cells(case: TagCase, language: str) -> list[str]:
    words = [case.access, case.direction][: 2 if case.object == "way" else 1]
    if language == "zh":
        words = [_WORDS.get(word, word) for word in words]
    level = [] if case.object == "node" else [case.level]
    page = quote(case.source.replace(" ", "_"), safe=":=,&_")
    tags = " ".join(f"`{tag}`" for tag in case.tags.split("; "))
    return [tags, *words, *level, f"[{case.source}](https://wiki.openstreetmap.org/wiki/{page})"]
