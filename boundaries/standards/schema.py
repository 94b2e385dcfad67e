"""Validation of a standard's file; reports all faults at once."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from boundaries.standards.tag_rules import parse_rule
from geo.errors import SchemaError
from geo.model.standard import SlopeRule

Fields = dict[str, Any]
"""One entry of a file: field name to value."""

VERIFIED: Final = ("text", "second-hand", "unverified")
CATEGORY_KEYS: Final = (
    "zh",
    "en",
    "badge_zh",
    "badge_en",
    "radius_m",
    "time_min",
    "source",
    "verified",
)
PROFILE_KEYS: Final = ("zh", "en", "speed_m_s", "source", "verified")
PROFILE_RULES: Final = ("steps_pace", "slope", "climb_pace", "max_slope", "crossing_s")
"""Rules that change a walker's pace, each ``{value, source, verified}``; none by default."""

_TOP_KEYS: Final = ("id", "version", "zh", "en", "minutes", "categories", "profiles")
_CATEGORY_EXTRAS: Final = ("osm", "osm_named", "name_filter", "amap", "sub", "note")
_PROFILE_EXTRAS: Final = ("avoid", *PROFILE_RULES)
_RULE_KEYS: Final = ("value", "source", "verified")
_RATIO: Final = re.compile(r"1:([1-9][0-9]{0,3})")
_FIGURES: Final = ("radius_m", "time_min", "speed_m_s")
_LISTS: Final = ("osm", "osm_named", "amap", "avoid")
_BADGE_LENGTHS: Final = {"badge_zh": 1, "badge_en": 2}
_GROUPS: Final = {
    "categories": (CATEGORY_KEYS, _CATEGORY_EXTRAS),
    "profiles": (PROFILE_KEYS, _PROFILE_EXTRAS),
}


def check_standard(document: Mapping[str, Any]) -> list[str]:
    """Return every fault of a whole standard; empty when it can be built."""
    faults = [f"{key} is missing" for key in _TOP_KEYS if key not in document]
    faults += [f"{key} is not a key" for key in document if key not in _TOP_KEYS]
    faults += _check_minutes(document.get("minutes", [5]))
    for group, (needed, extras) in _GROUPS.items():
        entries = document.get(group, {})
        if not isinstance(entries, dict) or not entries:
            faults.append(f"{group} must be a mapping with at least one entry")
            continue
        for name, entry in entries.items():
            faults += [f"{group}.{name}: {fault}" for fault in _check_entry(entry, needed, extras)]
    return faults


def check_override(changes: Mapping[str, Any], base: Mapping[str, Any]) -> list[str]:
    """Return the faults that only a file of changes can have; empty when it can be merged.

    A changed figure must bring its source, else it would borrow the source of another figure.
    """
    known = (*_TOP_KEYS, "extends")
    faults = [f"{key} is not a key" for key in changes if key not in known]
    if changes.get("id") == base["id"]:
        faults.append(f"id {base['id']!r} is the standard it extends; choose another")
    for group in _GROUPS:
        entries = changes.get(group) or {}
        if not isinstance(entries, dict):
            faults.append(f"{group} must be a mapping of id to changed fields")
            continue
        for name, entry in entries.items():
            if entry is None:
                continue
            if not isinstance(entry, dict):
                faults.append(f"{group}.{name} must be a mapping of changed fields")
            elif any(figure in entry for figure in _FIGURES) and "source" not in entry:
                faults.append(f"{group}.{name} changes a figure without a source")
    return faults


def rule_value(rule: str, value: object) -> float | SlopeRule:
    """Return the value of a profile's rule; a slope may be written as a ratio, ``1:12``.

    Raises
    ------
    ValueError
        Saying what is wanted.
    """
    if rule == "slope":
        if value not in list(SlopeRule):
            raise ValueError(f"one of {', '.join(SlopeRule)}")
        return SlopeRule(str(value))
    ratio = _RATIO.fullmatch(value) if rule == "max_slope" and isinstance(value, str) else None
    if ratio:
        return 1 / int(ratio[1])
    if not (_is_positive(value) or (rule != "steps_pace" and _is_zero(value))):
        least = "a positive number" if rule == "steps_pace" else "a number from 0 on"
        raise ValueError(f"{least}, or a ratio as 1:12" if rule == "max_slope" else least)
    return float(value)  # type: ignore[arg-type]


def _check_minutes(minutes: object) -> list[str]:
    """Thresholds are positive and ascending."""
    if not isinstance(minutes, list) or not minutes or not all(map(_is_positive, minutes)):
        return ["minutes must be a list of positive numbers"]
    if sorted(set(minutes)) != minutes:
        return ["minutes must ascend"]
    return []


def _check_entry(entry: object, needed: tuple[str, ...], extras: tuple[str, ...]) -> Iterator[str]:
    """Yield the faults of one category or profile."""
    if not isinstance(entry, dict):
        yield "must be a mapping"
        return
    yield from (f"{key} is missing" for key in needed if key not in entry)
    yield from (f"{key} is not a key" for key in entry if key not in (*needed, *extras))
    for key, value in entry.items():
        if key in _FIGURES:
            if not _is_positive(value):
                yield f"{key} is {value!r}, wanted a positive number"
        elif key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                yield f"{key} must be a list of texts"
        elif key in needed and not (isinstance(value, str) and value):
            yield f"{key} is {value!r}, wanted a text"
        elif key in PROFILE_RULES and value is not None:
            yield from (f"{key} {fault}" for fault in _check_rule(key, value))
    slope, pace = entry.get("slope"), entry.get("climb_pace")
    if isinstance(slope, dict) and slope.get("value") == SlopeRule.CLIMB and pace is None:
        yield "slope climb needs a climb_pace"
    yield from _check_words(entry)


def _check_rule(rule: str, entry: object) -> Iterator[str]:
    """Yield the faults of one rule of a profile; it brings its own source."""
    if not isinstance(entry, dict) or "value" not in entry:
        yield "must be a mapping of value, source, verified"
        return
    yield from (f"has no key {key}" for key in entry if key not in _RULE_KEYS)
    try:
        rule_value(rule, entry["value"])
    except ValueError as error:
        yield f"is {entry['value']!r}, wanted {error}"
    if not (isinstance(entry.get("source"), str) and entry["source"]):
        yield "needs a source"
    if entry.get("verified", VERIFIED[0]) not in VERIFIED:
        yield f"verified is {entry['verified']!r}, wanted one of {', '.join(VERIFIED)}"


def _check_words(entry: Fields) -> Iterator[str]:
    """Yield faults of marks, badges, tag rules and the name filter."""
    if "verified" in entry and entry["verified"] not in VERIFIED:
        yield f"verified is {entry['verified']!r}, wanted one of {', '.join(VERIFIED)}"
    for key, length in _BADGE_LENGTHS.items():
        if len(str(entry.get(key, ""))) > length:
            yield f"{key} is {entry[key]!r}, wanted at most {length} character(s)"
    for key in ("osm", "osm_named"):
        for text in entry.get(key) or ():
            try:
                parse_rule("", str(text))
            except SchemaError:
                yield f"{text!r} is not a tag rule"
    if entry.get("osm_named") and "name_filter" not in entry:
        yield "osm_named needs a name_filter"
    try:
        re.compile(str(entry.get("name_filter", "")))
    except re.error as error:
        yield f"name_filter is not a pattern ({error})"


def _is_positive(value: object) -> bool:
    """Return whether `value` is a finite positive number and not a truth value."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < float(value) < float("inf")  # type: ignore[arg-type]


def _is_zero(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0
