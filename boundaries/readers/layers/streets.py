"""Read streets of the district's own: centre lines and lanes, as walkers use them.

A row is understood as the way of OpenStreetMap that it would be, so that one rule says what walkers
may use (:mod:`boundaries.readers.osm.layers.walk_rules`).
"""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.plain_names import plain
from boundaries.readers.aliases import word_of
from boundaries.readers.attributes import YES_OR_NO
from boundaries.readers.opening_hours import is_readable
from boundaries.readers.osm.layers.levels import way_level
from boundaries.readers.osm.layers.walk_rules import (
    MOTOR_ONLY,
    NEVER,
    WALKABLE,
    WalkRule,
    is_one_way,
    is_set,
    lanes_of,
    walk_rule,
)
from boundaries.readers.rows import Rows
from geo.errors import EmptyError
from geo.messages import Message
from geo.model.vocabulary import GateAccess

Tags = dict[str, str]

UNKNOWN_KIND: Final = "road"
"""A street of which nobody says what it is, as OpenStreetMap has it."""

_BRIDGE: Final = {"bridge": "yes"}
_TUNNEL: Final = {"tunnel": "yes"}
KINDS: Final[Mapping[str, tuple[Tags, tuple[str, ...]]]] = {
    "motorway": ({}, ("高速公路", "高速", "高速路")),
    "trunk": ({}, ("快速路", "城市快速路", "国道")),
    "primary": ({}, ("主干路", "主干道", "城市主干路", "省道")),
    "secondary": ({}, ("次干路", "次干道", "城市次干路", "县道")),
    "tertiary": ({}, ("支路", "城市支路", "乡道")),
    "residential": ({}, ("街坊路", "居住区道路", "小区路", "小区道路", "居住街道")),
    "living_street": ({}, ("巷", "巷道", "胡同", "里弄", "弄堂", "背街小巷", "街巷")),
    "service": ({}, ("内部道路", "内部路", "通道", "消防通道", "宅间路", "单位内部道路")),
    "pedestrian": ({}, ("步行街", "商业步行街")),
    "footway": ({}, ("步行道", "人行道", "步道", "甬路", "甬道", "人行路", "sidewalk")),
    "cycleway": ({}, ("自行车道", "非机动车道")),
    "path": ({}, ("小路", "小径", "土路", "绿道")),
    "track": ({}, ("机耕路", "田间路", "村道", *(f"track_grade{n}" for n in range(1, 6)))),
    "steps": ({}, ("台阶", "阶梯", "梯道", "踏步", "stairs", "staircase")),
    "footway over": (_BRIDGE, ("人行天桥", "天桥", "过街天桥", "footbridge")),
    "footway under": (_TUNNEL, ("地下通道", "过街地道", "人行地道", "underpass", "subway")),
    "footway across": ({"footway": "crossing"}, ("人行横道", "斑马线", "crosswalk")),
}
"""Kinds of street with tags that they have besides, and what files call them."""

ACCESS: Final[Mapping[str, tuple[str, ...]]] = {
    "yes": ("open", "public", "permissive", "designated", "destination", "customers", "是", "可",
            "可通行", "开放", "公共", "允许", "1", "true", "y"),
    "private": ("residents", "permit", "restricted", "私有", "内部", "仅业主", "业主", "刷卡",
                "限制", "限行", "门禁"),
    "no": ("closed", "delivery", "military", "agricultural", "forestry", "use_sidepath", "否",
           "不可", "不可通行", "封闭", "禁止", "禁行", "不通", "0", "false", "n"),
}  # fmt: skip
"""Who may walk a street, as `foot` of OpenStreetMap says it."""

BRIDGES: Final[Mapping[str, tuple[str, ...]]] = {
    "yes": (*YES_OR_NO["yes"], "t", "viaduct", "movable", "cantilever", "covered"),
    "no": (*YES_OR_NO["no"], "f"),
    "boardwalk": (),
    "low_water_crossing": (),
}
"""Whether a street is a bridge, as OpenStreetMap says it."""

TUNNELS: Final[Mapping[str, tuple[str, ...]]] = {
    "yes": (*YES_OR_NO["yes"], "t", "covered", "culvert"),
    "no": (*YES_OR_NO["no"], "f"),
    "building_passage": (),
}
"""Whether a street is a tunnel, as OpenStreetMap says it."""

ONE_WAY: Final[Mapping[str, tuple[str, ...]]] = {
    "yes": (*YES_OR_NO["yes"], "-1", "reverse", "单行", "单向"),
    "no": (*YES_OR_NO["no"], "reversible", "双行", "双向"),
}
"""Whether vehicles go one way."""

_DIRECTIONS: Final = {"yes": ("f", "t", "forward", "backward"), "no": ("b", "both")}
"""The same where a column tells directions, along the line or against it, and both."""

LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "0": ("地面",), "1": ("地上", "高架"), "-1": ("地下",)
}  # fmt: skip
"""Levels that have a name."""

GATES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("no", "none", "无", "没有", "否", "0", "false", "n"),
    GateAccess.OPEN: ("yes", "有", "是", "开放", "常开", "1", "true", "y"),
    GateAccess.PRIVATE: ("residents", "permit", "门禁", "刷卡", "仅业主", "业主", "内部"),
    GateAccess.CLOSED: ("locked", "封闭", "关闭", "常闭", "锁闭"),
}
"""Who may pass a gate on a street."""

_OF_KIND: Final = {
    plain(name): {"highway": kind.split()[0], **tags}
    for kind, (tags, names) in KINDS.items()
    for name in names
}


def streets(rows: Rows) -> gpd.GeoDataFrame:
    """Return the lines of rows, with how they are walked; rows that cannot be used are rejected.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, LineStrings and MultiLineStrings: ``source`` (Message: the row and its id),
        ``gate`` (who may pass the gate on it, empty for none), and of the layer ``walk_edges`` what
        does not follow from its nodes.
    """
    _lines_only(rows)
    tags = _tags(rows)
    rules = [walk_rule(each) for each in tags]
    for why in dict.fromkeys(rule for rule in rules if isinstance(rule, Message)):
        rows.leave_out(np.array([rule == why for rule in rules], bool), why)
        rules = [rule for rule in rules if rule != why]
    kept = [(told, rule) for told in tags if isinstance(rule := walk_rule(told), WalkRule)]
    if tags and not kept:
        raise EmptyError("streets.none_walkable", n=len(tags))
    names = rows.text("name").tolist()
    table = [_street(rule, each, name) for (each, rule), name in zip(kept, names, strict=True)]
    of_row = {name: [street[name] for street in table] for name in (table[0] if table else ())}
    sources = [rows.label(row) for row in rows.frame.index]
    gates = _worded(rows, "gate", GATES)
    return gpd.GeoDataFrame(
        {**of_row, "source": sources, "gate": gates},
        geometry=rows.frame.geometry.to_numpy(),
        crs=rows.frame.crs,
    )


def _tags(rows: Rows) -> list[Tags]:
    """Return the tags that each row would have as a way of OpenStreetMap."""
    told = {"steps": _worded(rows, "steps", YES_OR_NO)}
    told |= {"bridge": _worded(rows, "bridge", BRIDGES), "tunnel": _worded(rows, "tunnel", TUNNELS)}
    both = rows.text("one_way").map(plain).isin(_DIRECTIONS["no"]).any()
    told["oneway"] = _worded(rows, "one_way", _DIRECTIONS if both else ONE_WAY)
    private = _worded(rows, "private", YES_OR_NO)
    access = _worded(rows, "access", ACCESS)
    told["foot"] = [who or ("private" if own == "yes" else "")
                    for who, own in zip(access, private, strict=True)]  # fmt: skip
    told["layer"] = _whole(rows, "level", range(-9, 10), LEVELS)
    told["lanes"] = _whole(rows, "lanes", range(100), {})
    told["opening_hours"] = rows.text("opening_hours").tolist()
    unread = np.array([bool(text) and not is_readable(text) for text in told["opening_hours"]])
    rows.repair(unread, Message("streets.hours_unread"), by_name=True)
    for row, tags in enumerate(kinds := _kinds(rows)):
        tags.update({key: values[row] for key, values in told.items() if values[row]})
        if tags.pop("steps", "no") == "yes":
            tags["highway"] = "steps"
    return kinds


def _kinds(rows: Rows) -> list[Tags]:
    """Return the tags of the kind of each row; one that is not known is a street all the same."""
    known = WALKABLE | MOTOR_ONLY | NEVER
    texts = rows.text("kind")
    found = []
    for text in texts.map(plain):
        said = {"highway": text} if text in known else _OF_KIND.get(text)
        found.append(dict(said or {"highway": UNKNOWN_KIND}))
    odd = [
        bool(text) and plain(text) not in known and plain(text) not in _OF_KIND for text in texts
    ]
    for text in sorted({text for text, is_odd in zip(texts, odd, strict=True) if is_odd}):
        rows.repair((texts == text).to_numpy(), Message("streets.kind_unknown", {"text": text}))
    rows.report.note(Message("streets.no_kind"), int((texts == "").sum()))
    return found


def _worded(rows: Rows, column: str, words: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the word of each row; what cannot be read is named, and says nothing."""
    texts = rows.text(column)
    found = {text: word_of(text, words) for text in texts.unique() if text}
    unread = texts.map(lambda text: bool(text) and found[text] is None).to_numpy(bool)
    if unread.any():
        said = {"column": rows.column(column), "wanted": [word for word in words if word]}
        rows.repair(unread, Message("streets.unread", said), by_name=True)
    return [str(found.get(text) or "") for text in texts]


def _whole(
    rows: Rows, column: str, among: range, words: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return the whole number of each row; what is none is named, and says nothing."""
    texts = rows.text(column).tolist()
    numbers = pd.to_numeric(pd.Series([word_of(text, words) or text for text in texts]), "coerce")
    good = numbers.isin(list(among)).to_numpy(bool)
    unread = ~good & np.array([text != "" for text in texts], bool)
    if unread.any():
        said = {"column": rows.column(column), "low": among[0], "high": among[-1]}
        rows.repair(unread, Message("streets.no_number", said), by_name=True)
    return [str(int(n)) if fits else "" for n, fits in zip(numbers, good, strict=True)]


def _street(rule: WalkRule, tags: Tags, name: str) -> dict[str, Any]:
    """Return the columns of a street."""
    return {
        "kind": rule.kind,
        "forward": rule.forward,
        "backward": rule.backward,
        "private": rule.private,
        "bridge": is_set(tags, "bridge"),
        "tunnel": is_set(tags, "tunnel"),
        "level": way_level(tags),
        "crossing": tags.get("footway") == "crossing",
        "opening_hours": tags.get("opening_hours", ""),
        "lanes": lanes_of(tags),
        "one_way": is_one_way(tags),
        "name": name,
    }


def _lines_only(rows: Rows) -> None:
    shapes = np.asarray(rows.frame.geometry.to_numpy(), object)
    wanted = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
    rows.reject(
        ~np.isin(shapely.get_type_id(shapes), wanted),
        [Message("streets.no_line", {"kind": shape.geom_type}) for shape in shapes],
    )
    lines = shapely.normalize(np.asarray(rows.frame.geometry.to_numpy(), object))
    again = pd.Series(shapely.to_wkb(lines), dtype=object).duplicated().to_numpy(bool)
    rows.leave_out(again, Message("streets.drawn_twice"))
    rows.reject(shapely.length(rows.frame.geometry.to_numpy()) == 0, Message("streets.no_length"))
