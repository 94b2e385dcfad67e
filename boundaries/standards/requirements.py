"""Requirements of the standards: rows of the tables of facts, and the kinds that meet them."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import pandas as pd

from boundaries.standards.catalogue import standard_document, standard_table
from geo.model.requirement import Requirement, Whom
from geo.model.standard import Standard

_DISTANCES: Final = ("radius_m", "max_distance_m")
_ROW_KEYS: Final = ("tier", "list")


def requirements_of(standard: Standard) -> tuple[Requirement, ...]:
    """Return what a district is examined by: all tables, then the categories of its own standard.

    Examples
    --------
    >>> from boundaries.standards.catalogue import load_standard
    >>> some = {each.id: each for each in requirements_of(load_standard())}
    >>> len(some) > 90, some["facilities_gb50180:28"].zh, some["facilities_gb50180:28"].radius_m
    (True, '幼儿园', 300.0)
    """
    return (*shipped_requirements(), *_own(standard))


@cache
def shipped_requirements() -> tuple[Requirement, ...]:
    """Return the requirements of the tables that are shipped."""
    document = standard_document("requirements")
    return tuple(
        requirement
        for table, entry in document["tables"].items()
        for requirement in _of_table(table, entry, document["words"])
    )


def walk_distance_m(tier: str) -> float | None:
    """Return the walking distance of a tier of GB 50180, metres; of several the shortest.

    Examples
    --------
    >>> walk_distance_m("t15+t10"), walk_distance_m("block")
    (500.0, None)
    """
    tiers = standard_table("tiers")
    walks = tiers[(tiers["figure"] == "walk_distance") & tiers["tier"].isin(tier.split("+"))]
    return None if walks.empty else float(walks["max"].astype(float).min())


def _of_table(
    table: str, entry: Mapping[str, Any], words: Mapping[str, Mapping[str, str]]
) -> Iterator[Requirement]:
    facts = standard_table(table)
    for number, reading in enumerate(entry["rows"], start=1):
        fact = _fact(facts, reading)
        tier = fact.get("tier", "")
        radius = _figure(fact, *_DISTANCES)
        minutes = _figure(fact, "minutes")
        derived = radius is None and minutes is None
        area = reading.get("floor_area_of")
        if derived and area is None:
            radius = walk_distance_m(entry.get("walk") or tier)
        lacks = words[reading["lacks"]] if "lacks" in reading else {}
        yield Requirement(
            id=f"{table}:{number}",
            standard=table,
            zh=reading.get("zh", fact["zh"]),
            en=reading.get("en", fact["en"].replace("_", " ")),
            tier=tier,
            required=reading.get("required", _required(fact)),
            kinds=tuple(area or reading.get("kinds", ())),
            category="",
            radius_m=radius,
            minutes=minutes,
            whom=Whom(reading.get("whom", Whom.ALL)),
            floor_area_m2=None if area is None else float(fact["value"]),
            lacks=tuple(lacks.values()),
            source=fact["source"],
            verified="derived" if derived and radius is not None else fact["verified"],
        )


def _fact(facts: pd.DataFrame, reading: Mapping[str, Any]) -> dict[str, str]:
    """Return the row of a table that an entry reads."""
    same = facts["zh"] == reading["row"]
    for key in _ROW_KEYS:
        if key in reading:
            same &= facts[key] == reading[key]
    (row,) = facts[same].to_dict("records")
    return {str(name): str(value) for name, value in row.items()}


def _figure(fact: Mapping[str, str], *names: str) -> float | None:
    """Return the first of some figures that a row has."""
    return next((float(fact[name]) for name in names if fact.get(name)), None)


def _required(fact: Mapping[str, str]) -> bool | None:
    word = fact.get("required")
    return None if word is None else word == "required"


def _own(standard: Standard) -> Iterator[Requirement]:
    """Return a requirement for each category of a standard."""
    for category in standard.categories:
        yield Requirement(
            id=f"{standard.id}:{category.id}",
            standard=standard.id,
            zh=category.zh,
            en=category.en,
            tier="",
            required=True,
            kinds=(),
            category=category.id,
            radius_m=category.radius_m,
            minutes=category.time_min,
            whom=Whom.ALL,
            floor_area_m2=None,
            lacks=(),
            source=category.source,
            verified=category.verified,
        )
