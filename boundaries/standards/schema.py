"""Validation of a standard's file; reports all faults at once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from boundaries.standards.tag_rules import parse_conditions
from geo.errors import SchemaError
from geo.messages import Message
from geo.model.standard import SlopeRule

Fields = dict[str, Any]
"""One entry of a file: field name to value."""

VERIFIED: Final = ("text", "second-hand", "derived", "unverified")
GROUP_KEYS: Final = ("zh", "en", "badge_zh", "badge_en", "source", "verified")
REACH: Final = ("radius_m", "time_min")
"""Figures of a category and of a kind; what counts in no category needs none."""
KIND_LISTS: Final = ("osm", "osm_named", "keywords_zh", "keywords_en", "amap")
PROFILE_KEYS: Final = ("zh", "en", "speed_m_s", "source", "verified")
PROFILE_RULES: Final = (
    "steps_pace", "slope", "climb_pace", "max_slope", "crossing_s", "stairs_s", "lift_wait_s",
    "lift_storey_s", "lift_from", "wide_lanes", "signal_s", "unsignalled_s",
)  # fmt: skip
"""Rules that change a walker's pace, each ``{value, source, verified}``; none by default."""

_TOP_KEYS: Final = ("id", "version", "zh", "en", "minutes", "categories", "profiles")
_TOP_EXTRAS: Final = ("compare", "beside")
_GROUP_EXTRAS: Final = ("aliases", "kinds", "note")
_KIND_KEYS: Final = ("zh", "en")
_KIND_EXTRAS: Final = (*REACH, "source", "verified", *KIND_LISTS, "note")
_PROFILE_EXTRAS: Final = ("avoid", *PROFILE_RULES)
_RULE_KEYS: Final = ("value", "source", "verified")
_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_RATIO: Final = re.compile(r"1:([1-9][0-9]{0,3})")
_PACE: Final = re.compile(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4})")
_FIGURES: Final = (*REACH, "speed_m_s")
_LISTS: Final = (*KIND_LISTS, "aliases", "avoid")
_BADGE_LENGTHS: Final = {"badge_zh": 1, "badge_en": 2}
_GROUPS: Final = {
    "categories": ((*GROUP_KEYS, *REACH), ("proposed", *_GROUP_EXTRAS)),
    "beside": (GROUP_KEYS, _GROUP_EXTRAS),
    "profiles": (PROFILE_KEYS, _PROFILE_EXTRAS),
}
_POSITIVE: Final = Message("standard_faults.wanted_positive")
_FROM_ZERO: Final = Message("columns.number_from", {"least": 0})


def check_standard(document: Mapping[str, Any]) -> list[Message]:
    """Return every fault of a whole standard; empty when it can be built."""
    faults = [_missing(key) for key in _TOP_KEYS if key not in document]
    faults += [_unknown(key) for key in document if key not in (*_TOP_KEYS, *_TOP_EXTRAS)]
    faults += _check_minutes(document.get("minutes", [5]))
    faults += _check_compared(document.get("compare", []), document.get("profiles"))
    for group, (needed, extras) in _GROUPS.items():
        entries = document.get(group, {})
        if not isinstance(entries, dict) or not (entries or group in _TOP_EXTRAS):
            faults.append(Message("standard_faults.group", {"group": group}))
            continue
        for name, entry in entries.items():
            faults += _at(f"{group}.{name}", _check_entry(entry, needed, extras))
            faults += _check_kinds(f"{group}.{name}", entry)
    return [*faults, *_check_ids(document)]


def check_own_profiles(entries: Mapping[str, Any], known: Iterable[str]) -> list[Message]:
    """Return every fault of the walkers that a district adds to those it has from the standard."""
    faults = []
    for name, entry in entries.items():
        place = f"profiles.{name}"
        if _ID.fullmatch(name) is None:
            faults += _at(place, [Message("standard_faults.profile_id")])
        if name in known:
            faults += _at(place, [Message("standard_faults.profile_of_standard")])
        faults += _at(place, _check_entry(entry, *_GROUPS["profiles"]))
    return faults


def check_override(changes: Mapping[str, Any], base: Mapping[str, Any]) -> list[Message]:
    """Return the faults that only a file of changes can have; empty when it can be merged.

    A changed figure must bring its source, else it would borrow the source of another figure.
    """
    known = (*_TOP_KEYS, *_TOP_EXTRAS, "extends")
    faults = [_unknown(key) for key in changes if key not in known]
    if changes.get("id") == base["id"]:
        faults.append(Message("standard_faults.id_of_base", {"id": repr(base["id"])}))
    for group in _GROUPS:
        entries = changes.get(group) or {}
        if not isinstance(entries, dict):
            faults.append(Message("standard_faults.group_of_changes", {"group": group}))
            continue
        for name, entry in entries.items():
            faults += _check_changes(f"{group}.{name}", entry)
    return faults


def _check_changes(place: str, entry: object) -> Iterator[Message]:
    """Yield the faults of the changed fields of one entry, and of its kinds; None removes it."""
    kinds = entry.get("kinds") if isinstance(entry, dict) else None
    of_kinds = kinds.items() if isinstance(kinds, dict) else ()
    for part, fields in ((place, entry), *((f"{place}.{name}", kind) for name, kind in of_kinds)):
        if fields is not None and not isinstance(fields, dict):
            yield Message("standard_faults.changes", {"place": part})
        if _has_sourceless_figure(fields):
            yield Message("standard_faults.sourceless_change", {"place": part})


def speed_value(value: object) -> float:
    """Return a walking speed, metres per second; it may be written as metres/seconds, `1000/900`.

    Raises
    ------
    SchemaError
        Saying what is wanted.
    """
    pace = _PACE.fullmatch(value) if isinstance(value, str) else None
    if pace:
        return int(pace[1]) / int(pace[2])
    if not _is_positive(value):
        raise SchemaError("standard_faults.wanted_speed")
    return float(value)  # type: ignore[arg-type]


def _has_sourceless_figure(entry: object) -> bool:
    is_fields = isinstance(entry, dict) and "source" not in entry
    return is_fields and any(figure in entry for figure in _FIGURES)  # type: ignore[operator]


def rule_value(rule: str, value: object) -> float | SlopeRule:
    """Return the value of a profile's rule; a slope may be written as a ratio, ``1:12``.

    Raises
    ------
    SchemaError
        Saying what is wanted.
    """
    if rule == "slope":
        if value not in list(SlopeRule):
            raise SchemaError(_one_of(SlopeRule))
        return SlopeRule(str(value))
    ratio = _RATIO.fullmatch(value) if rule == "max_slope" and isinstance(value, str) else None
    if ratio:
        return 1 / int(ratio[1])
    if not (_is_positive(value) or (rule != "steps_pace" and _is_zero(value))):
        if rule == "max_slope":
            raise SchemaError("standard_faults.wanted_ratio")
        raise SchemaError(_POSITIVE if rule == "steps_pace" else _FROM_ZERO)
    return float(value)  # type: ignore[arg-type]


def _at(place: str, faults: Iterable[Message]) -> list[Message]:
    """Return faults with the place in the file where they are."""
    return [Message("standard_faults.at", {"place": place, "fault": fault}) for fault in faults]


def _missing(key: str) -> Message:
    return Message("standard_faults.missing", {"key": key})


def _unknown(key: object) -> Message:
    return Message("standard_faults.unknown", {"key": str(key)})


def _unfit(key: str, value: object, wanted: Message) -> Message:
    return Message("standard_faults.unfit", {"key": key, "value": repr(value), "wanted": wanted})


def _one_of(words: Iterable[str]) -> Message:
    return Message("columns.one_of", {"words": [str(word) for word in words]})


def _check_minutes(minutes: object) -> list[Message]:
    """Thresholds are positive and ascending."""
    if not isinstance(minutes, list) or not minutes or not all(map(_is_positive, minutes)):
        return [Message("standard_faults.minutes")]
    if sorted(set(minutes)) != minutes:
        return [Message("standard_faults.minutes_ascend")]
    return []


def _check_compared(names: object, profiles: object) -> list[Message]:
    """Walkers that are compared are profiles of the standard."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [Message("standard_faults.compare")]
    known = profiles if isinstance(profiles, dict) else {}
    unknown = [name for name in names if name not in known]
    return [Message("standard_faults.compared", {"name": repr(name)}) for name in unknown]


def _check_entry(
    entry: object, needed: tuple[str, ...], extras: tuple[str, ...]
) -> Iterator[Message]:
    """Yield the faults of one category or profile."""
    if not isinstance(entry, dict):
        yield Message("standard_faults.entry")
        return
    yield from (_missing(key) for key in needed if key not in entry)
    yield from (_unknown(key) for key in entry if key not in (*needed, *extras))
    for key, value in entry.items():
        if key in _FIGURES:
            yield from _check_figure(key, value)
        elif key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                yield Message("standard_faults.list", {"key": key})
        elif key in needed and not (isinstance(value, str) and value):
            yield _unfit(key, value, Message("standard_faults.wanted_text"))
        elif key in PROFILE_RULES and value is not None:
            yield from _check_rule(key, value)
    slope, pace = entry.get("slope"), entry.get("climb_pace")
    if isinstance(slope, dict) and slope.get("value") == SlopeRule.CLIMB and pace is None:
        yield Message("standard_faults.climb_pace")
    yield from _check_words(entry)


def _check_figure(key: str, value: object) -> Iterator[Message]:
    """Yield what is wrong with a figure."""
    if key != "speed_m_s":
        if not _is_positive(value):
            yield _unfit(key, value, _POSITIVE)
        return
    try:
        speed_value(value)
    except SchemaError as error:
        yield _unfit(key, value, error.message)


def _check_kinds(place: str, group: object) -> Iterator[Message]:
    """Yield the faults of the kinds of a group."""
    kinds = group.get("kinds", {}) if isinstance(group, dict) else {}
    if not isinstance(kinds, dict):
        yield Message("standard_faults.kinds", {"place": place})
        return
    for name, kind in kinds.items():
        yield from _at(f"{place}.{name}", _check_entry(kind, _KIND_KEYS, _KIND_EXTRAS))
        if _has_sourceless_figure(kind):
            yield from _at(f"{place}.{name}", [Message("standard_faults.sourceless")])


def _check_ids(document: Mapping[str, Any]) -> Iterator[Message]:
    """Yield the groups and kinds that stand twice: a service point is of one kind."""
    found: dict[str, str] = {}
    for part in ("categories", "beside"):
        groups = document.get(part, {})
        for name, group in groups.items() if isinstance(groups, dict) else ():
            kinds = group.get("kinds", {}) if isinstance(group, dict) else {}
            for each in (name, *kinds) if isinstance(kinds, dict) else (name,):
                place = f"{part}.{name}" + (f".{each}" if each != name else "")
                if each in found:
                    said = {"id": str(each), "there": found[each]}
                    yield from _at(place, [Message("standard_faults.twice", said)])
                found[each] = place


def _check_rule(rule: str, entry: object) -> Iterator[Message]:
    """Yield the faults of one rule of a profile; it brings its own source."""
    if not isinstance(entry, dict) or "value" not in entry:
        yield Message("standard_faults.rule", {"key": rule})
        return
    for key in entry:
        if key not in _RULE_KEYS:
            yield Message("standard_faults.unknown_in_rule", {"rule": rule, "key": str(key)})
    try:
        rule_value(rule, entry["value"])
    except SchemaError as error:
        yield _unfit(rule, entry["value"], error.message)
    if not (isinstance(entry.get("source"), str) and entry["source"]):
        yield Message("standard_faults.no_source", {"key": rule})
    if entry.get("verified", VERIFIED[0]) not in VERIFIED:
        yield _unfit(f"{rule} verified", entry["verified"], _one_of(VERIFIED))


def _check_words(entry: Fields) -> Iterator[Message]:
    """Yield faults of marks, badges and tag rules."""
    if "verified" in entry and entry["verified"] not in VERIFIED:
        yield _unfit("verified", entry["verified"], _one_of(VERIFIED))
    for key, length in _BADGE_LENGTHS.items():
        if len(str(entry.get(key, ""))) > length:
            yield _unfit(key, entry[key], Message("standard_faults.wanted_short", {"n": length}))
    for key in ("osm", "osm_named"):
        for text in entry.get(key) or ():
            try:
                parse_conditions(str(text))
            except SchemaError:
                yield Message("standard_faults.tag_rule", {"text": repr(text)})
    if not isinstance(entry.get("proposed", False), bool):
        yield _unfit("proposed", entry["proposed"], Message("standard_faults.wanted_truth"))


def _is_positive(value: object) -> bool:
    """Return whether `value` is a finite positive number and not a truth value."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < float(value) < float("inf")  # type: ignore[arg-type]


def _is_zero(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0
