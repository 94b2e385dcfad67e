"""Complete imported grids: level and parent from the code, parent shapes from their children."""

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from boundaries.readers.aliases import word_of
from boundaries.readers.attributes import fill_word, unique
from boundaries.readers.rows import Rows
from geo.crs import STORED_EPSG
from geo.errors import InputError
from geo.grids import codes
from geo.messages import Message
from geo.model.layer_columns import COLUMNS
from geo.model.layers import District
from geo.model.vocabulary import Level, Origin

_LEVEL_OF_DIGITS: Final[Mapping[int, Level]] = {12: Level.LARGE, 13: Level.MEDIUM, 15: Level.SMALL}
"""Digits of a code of the scheme 6 + 3 + 3 + 3, whose last three are one for the medium grid and
two for the small one."""

_COUNTY_DIGITS: Final = 6
_PARENT_DIGITS: Final[Mapping[Level, int]] = {Level.SMALL: 13, Level.MEDIUM: 12}
_PARENT: Final = {Level.SMALL: Level.MEDIUM, Level.MEDIUM: Level.LARGE}
_TOLD: Final = {Level.LARGE: Message("reading.large"), Level.MEDIUM: Message("reading.medium")}


def grids(rows: Rows, district: District) -> None:
    """Fill the columns of grids and see that every one has its parent.

    A level or parent that the file does not give follows from the code. Parents that the file lacks
    are made as the union of their children, so that nesting is exact.
    """
    rows.frame = rows.frame.assign(code=rows.text("code"))
    rows.reject((rows.frame["code"] == "").to_numpy(), Message("reading.no_code"))
    _reject_foreign(rows, district)
    _levels(rows, district)
    _parents(rows, district)
    unique(rows, "code")
    _names(rows)
    fill_word(rows, "origin", tuple(Origin))
    for level in (Level.MEDIUM, Level.LARGE):
        _make_parents(rows, level, district)
    for level in (Level.MEDIUM, Level.SMALL):
        _reject_orphans(rows, level)


def _reject_foreign(rows: Rows, district: District) -> None:
    """Reject codes that begin with the code of another county."""
    own, codes_given = district.code, rows.frame["code"]
    if not (own.isdecimal() and len(own) == _COUNTY_DIGITS):
        return
    foreign = codes_given.map(
        lambda code: code.isdecimal() and len(code) in _LEVEL_OF_DIGITS and not code.startswith(own)
    )
    rows.reject(
        foreign.to_numpy(bool),
        [
            Message("reading.foreign_code",
                    {"code": code, "theirs": code[:_COUNTY_DIGITS], "district": own})
            for code in codes_given
        ],
    )  # fmt: skip


def _levels(rows: Rows, district: District) -> None:
    given, code = rows.text("level"), rows.frame["code"]
    levels = [
        word_of(text, COLUMNS["grids"]["level"].words) if text else _level_of(grid, district)
        for text, grid in zip(given, code, strict=True)
    ]
    rows.report.note(Message("reading.level_taken_from_code"), int((given == "").sum()))
    bad = np.array([level is None for level in levels], dtype=bool)
    rows.frame = rows.frame.assign(level=pd.Series(levels, index=rows.frame.index, dtype=object))
    rows.reject(
        bad,
        [
            Message("reading.unknown_level", {"text": text})
            if text
            else Message("reading.no_level", {"code": grid})
            for text, grid in zip(given, code, strict=True)
        ],
    )
    rows.frame["level"] = rows.frame["level"].astype("str")


def _parents(rows: Rows, district: District) -> None:
    """Fill `parent_code`; a parent that is not the beginning of the code is rejected."""
    given = rows.text("parent_code")
    parents: list[str | None] = []
    faults: dict[int, Message] = {}
    for code, level, parent in zip(rows.frame["code"], rows.frame["level"], given, strict=True):
        if level == Level.LARGE:  # what stands above a large grid is the district or a street
            parents.append(None)
            continue
        parent_code = parent or _parent_of(code, Level(level), district)
        fault = _parent_fault(code, parent_code)
        if fault is not None:
            faults[len(parents)] = fault
        parents.append(parent_code)
    rows.frame = rows.frame.assign(
        parent_code=pd.Series(parents, index=rows.frame.index, dtype=object)
    )
    rows.reject(np.isin(np.arange(len(parents)), list(faults)), faults)


def _parent_fault(code: str, parent: str | None) -> Message | None:
    if parent is None:
        return Message("reading.no_parent", {"code": code})
    if code.startswith(parent):
        return None
    return Message("reading.code_not_of_parent", {"parent": parent})


def _names(rows: Rows) -> None:
    """Fill both names: the given ones, else the other language's, else the code."""
    plain, zh, en = (rows.text(column) for column in ("name", "name_zh", "name_en"))
    zh = zh.where(zh != "", plain)
    zh = zh.where(zh != "", en)
    rows.report.note(Message("reading.code_as_name"), int((zh == "").sum()))
    zh = zh.where(zh != "", rows.frame["code"])
    rows.frame = rows.frame.assign(name_zh=zh, name_en=en.where(en != "", zh))


def _make_parents(rows: Rows, level: Level, district: District) -> None:
    """Add the grids of a level that the file lacks, as unions of their children."""
    frame = rows.frame
    children = frame[frame["level"].map(_PARENT) == level]
    lacking = children[~children["parent_code"].isin(frame["code"])]
    made = []
    for code, group in lacking.groupby("parent_code", sort=True):
        parent = None if level == Level.LARGE else _parent_of(str(code), level, district)
        if level != Level.LARGE and parent is None:
            continue
        made.append(
            {
                "code": str(code),
                "level": str(level),
                "parent_code": parent,
                "name_zh": str(code),
                "name_en": str(code),
                "origin": group["origin"].iloc[0],
                "geometry": shapely.union_all(group.geometry.to_numpy()),
            }
        )
    if not made:
        return
    rows.report.note(Message("reading.grids_made", {"level": _TOLD[level]}), len(made))
    start = max(int(frame.index.max()), rows.report.read) + 1
    extra = gpd.GeoDataFrame(made, crs=STORED_EPSG)
    extra.index = pd.RangeIndex(start, start + len(made))
    extra["parent_code"] = extra["parent_code"].astype(object)
    rows.frame = pd.concat([frame[extra.columns], extra])


def _reject_orphans(rows: Rows, level: Level) -> None:
    frame = rows.frame
    above = frame.loc[frame["level"] == _PARENT[level], "code"]
    orphan = (frame["level"] == level) & ~frame["parent_code"].isin(above)
    rows.reject(
        orphan.to_numpy(),
        [
            Message("reading.parent_missing", {"level": _TOLD[_PARENT[level]], "parent": parent})
            for parent in frame["parent_code"]
        ],
    )


def _level_of(code: str, district: District) -> Level | None:
    if code.isdecimal():
        return _LEVEL_OF_DIGITS.get(len(code))
    try:
        return codes.level_of(code, codes.scheme_of(district.code))
    except InputError:
        return None


def _parent_of(code: str, level: Level, district: District) -> str | None:
    if code.isdecimal():
        digits = _PARENT_DIGITS[level]
        return code[:digits] if len(code) > digits else None
    try:
        return codes.parent_of(code, codes.scheme_of(district.code))
    except InputError:
        return None
