"""The catalogue of standards: figures as data, each with its source and how well it was checked.

The data files lie in ``boundaries/standards/data``. A district replaces any figure by a YAML file
that holds only what it changes::

    extends: bincheng-2026
    categories:
      catering: {radius_m: 400, source: "District plan 2026, table 3", verified: text}
      leisure: {kinds: {park: {zh: 公园, en: Park, osm: [leisure=park]}}}
    beside:
      amenity: {kinds: {park: null}}
    profiles:
      elderly: {crossing_s: {value: 15, source: "Counted at ten crossings, May 2026"}}
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from boundaries.standards.schema import (
    GROUP_KEYS,
    KIND_LISTS,
    PROFILE_KEYS,
    PROFILE_RULES,
    REACH,
    Fields,
    check_override,
    check_own_profiles,
    check_standard,
    rule_value,
    speed_value,
)
from geo.errors import FileFormatError, NotFoundError, SchemaError
from geo.messages import Message
from geo.model.standard import Category, PlaceGroup, Profile, RuleSource, ServiceKind, Standard

DEFAULT_STANDARD: Final = "bincheng-2026"
DATA_DIR: Final = Path(__file__).parent / "data"
STANDARD_IDS: Final = ("bincheng-2026",)
TABLES: Final = (
    "admin_codes",
    "complete_community_2020",
    "facilities_gb50180",
    "grid_rules",
    "mofcom_2025",
    "mofcom_kinds",
    "mofcom_times",
    "radii_shinan_2009",
    "tdt_1062",
    "tiers",
)

_KINDS: Final = {
    list: Message("standards.a_list"),
    type(None): Message("standards.nothing"),
}
"""What a file holds that is no mapping, beside one value."""


def load_standard(id_or_path: str | Path | None = None) -> Standard:
    """Load a standard of the catalogue, or a district's own file laid over one.

    Parameters
    ----------
    id_or_path : str or Path, optional
        An id of the catalogue, or the path of a YAML file with only the changed figures; the
        default standard when omitted.

    Returns
    -------
    Standard
        Of a district's file: id ``<base>+<file name>`` and version ``<base>+<digest>`` unless the
        file states its own, so that no two sets of figures share an identity.

    Raises
    ------
    NotFoundError
        If there is neither such an id nor such a file.
    FileFormatError
        If the file is not YAML.
    SchemaError
        Naming all faults of the file at once.

    Examples
    --------
    >>> standard = load_standard()
    >>> standard.id, len(standard.categories), standard.profiles[0].metres(15)
    ('bincheng-2026', 10, 1000.0)
    """
    wanted = DEFAULT_STANDARD if id_or_path is None else id_or_path
    if isinstance(wanted, str) and wanted in STANDARD_IDS:
        return _shipped(wanted)
    path = Path(wanted)
    if not path.is_file():
        known = list(STANDARD_IDS)
        raise NotFoundError("standards.unknown", standard=str(wanted), known=known)
    return _overridden(path)


def own_profiles(entries: Mapping[str, Any], standard: Standard) -> tuple[Profile, ...]:
    """Return the walkers that a district adds to a standard.

    Parameters
    ----------
    entries : mapping of str to entry
        As ``profiles`` of a standard's file has them, each figure with its source.
    standard : Standard

    Raises
    ------
    SchemaError
        Naming all faults at once.

    Examples
    --------
    >>> entry = {"zh": "学童", "en": "Pupil", "speed_m_s": 1.0, "source": "Counted, May 2026"}
    >>> [walker.metres(15) for walker in own_profiles({"pupil": entry}, load_standard())]
    [900.0]
    """
    marked = {
        name: {"verified": "unverified", **entry} if isinstance(entry, dict) else entry
        for name, entry in entries.items()
    }
    faults = check_own_profiles(marked, [profile.id for profile in standard.profiles])
    if faults:
        raise SchemaError("standards.faults", where="profiles", faults=faults)
    return tuple(replace(_profile(name, each), of_district=True) for name, each in marked.items())


def with_own_profiles(standard: Standard, entries: Mapping[str, Any]) -> Standard:
    """Return a standard with a district's own walkers behind its own.

    Those that a run kept in its standard stay as they were then. What another program broke adds
    nobody: a question that names such a walker is told which ones there are.
    """
    ids = {profile.id for profile in standard.profiles if profile.of_district}
    try:
        own = own_profiles({k: v for k, v in entries.items() if k not in ids}, standard)
    except SchemaError:
        return standard
    return replace(standard, profiles=(*standard.profiles, *own)) if own else standard


def standard_table(name: str) -> pd.DataFrame:
    """Return one table of facts, every row with `source` and `verified`.

    Parameters
    ----------
    name : str
        One of :data:`TABLES`, for instance ``tiers`` or ``facilities_gb50180``.

    Returns
    -------
    DataFrame
        All columns text (codes keep their zeros); an empty string where there is no figure.

    Raises
    ------
    NotFoundError
        If there is no such table.

    Examples
    --------
    >>> tiers = standard_table("tiers")
    >>> tiers.loc[tiers.figure == "walk_distance", "max"].tolist()
    ['1000', '500', '300']
    """
    if name not in TABLES:
        raise NotFoundError("standards.unknown_table", name=name, known=list(TABLES))
    return pd.read_csv(DATA_DIR / f"{name}.csv", dtype=str, keep_default_na=False)


def standard_document(name: str) -> Mapping[str, Any]:
    """Return one shipped YAML document, for instance ``bincheng_profile``.

    Raises
    ------
    NotFoundError
        If there is no such document.
    """
    path = DATA_DIR / f"{name}.yaml"
    if not path.is_file():
        known = sorted(file.stem for file in DATA_DIR.glob("*.yaml"))
        raise NotFoundError("standards.unknown_document", name=name, known=known)
    return read_yaml(path)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read one YAML file that holds a mapping.

    Raises
    ------
    FileFormatError
        If the file is not UTF-8 YAML.
    SchemaError
        If it holds something else than a mapping.
    """
    try:
        content = _parsed(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = _where(error)
        raise FileFormatError("standards.no_yaml", name=path.name, reason=reason) from error
    if not isinstance(content, dict):
        kind = _KINDS.get(type(content), Message("standards.one_value"))
        raise SchemaError("standards.no_mapping", name=path.name, kind=kind)
    return content


def _where(error: yaml.YAMLError | UnicodeDecodeError) -> Message:
    """Return where a file stops being YAML in UTF-8."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        position = getattr(error, "start", getattr(error, "position", 0))
        return Message("standards.at_position", {"n": position + 1})
    return Message("standards.at_line", {"line": mark.line + 1, "column": mark.column + 1})


def _parsed(text: str) -> object:
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (AttributeError, yaml.YAMLError):  # no libyaml, or a fault that Python's parser tells
        return yaml.safe_load(text)


@cache
def _shipped(standard_id: str) -> Standard:
    document = read_yaml(DATA_DIR / f"{standard_id}.yaml")
    return _build(document, where=f"{standard_id}.yaml")


def _overridden(path: Path) -> Standard:
    """Return the standard that `path` extends with its figures replaced."""
    changes = read_yaml(path)
    base_id = changes.get("extends", DEFAULT_STANDARD)
    if base_id not in STANDARD_IDS:
        known = list(STANDARD_IDS)
        raise SchemaError("standards.extends_unknown", name=path.name, base=base_id, known=known)
    base = read_yaml(DATA_DIR / f"{base_id}.yaml")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    identity = {"id": f"{base_id}+{path.stem}", "version": f"{base['version']}+{digest}"}
    merged = {**base, **identity, **{k: v for k, v in changes.items() if k != "extends"}}
    for group in ("categories", "beside", "profiles"):
        entries = changes.get(group)
        merged[group] = _merge(base[group], entries if isinstance(entries, dict) else {})
    if "compare" not in changes:
        merged["compare"] = [name for name in base["compare"] if name in merged["profiles"]]
    return _build(merged, where=path.name, faults=check_override(changes, base))


def _merge(base: Mapping[str, Fields], changes: Mapping[str, object]) -> dict[str, Fields]:
    """Lay `changes` over `base`; None removes an entry, a new one is added at the end.

    A figure that changes without saying how well it was checked is unverified. Kinds are laid over
    those of the category in the same way.
    """
    merged: dict[str, Fields] = dict(base)
    for name, entry in changes.items():
        if entry is None:
            merged.pop(name, None)
            continue
        if not isinstance(entry, dict):
            continue
        before = merged.get(name, {})
        marked = {"verified": "unverified", **entry} if "source" in entry else entry
        merged[name] = {**before, **marked}
        if isinstance(entry.get("kinds"), dict):
            merged[name]["kinds"] = _merge(before.get("kinds", {}), entry["kinds"])
    return merged


def _build(document: Mapping[str, Any], *, where: str, faults: Sequence[Message] = ()) -> Standard:
    """Turn a whole document into a standard, or raise naming `faults` and every one it has."""
    every = list(dict.fromkeys([*faults, *check_standard(document)]))
    if every:
        raise SchemaError("standards.faults", where=where, faults=every)
    return Standard(
        id=document["id"],
        version=str(document["version"]),
        zh=document["zh"],
        en=document["en"],
        categories=tuple(_category(name, each) for name, each in document["categories"].items()),
        beside=tuple(_beside(name, each) for name, each in document.get("beside", {}).items()),
        profiles=tuple(_profile(name, entry) for name, entry in document["profiles"].items()),
        minutes=tuple(float(minutes) for minutes in document["minutes"]),
        compared=tuple(document.get("compare", ())),
    )


def _category(name: str, entry: Fields) -> Category:
    fields = _group(entry) | {key: float(entry[key]) for key in REACH}
    return Category(id=name, **fields, proposed=entry.get("proposed", False))


def _beside(name: str, entry: Fields) -> PlaceGroup:
    return PlaceGroup(id=name, **_group(entry))


def _group(entry: Fields) -> Fields:
    """Return what a category and a group beside them both have."""
    return {
        **{key: entry[key] for key in GROUP_KEYS},
        "aliases": tuple(entry.get("aliases", ())),
        "kinds": tuple(_kind(each, entry, kind) for each, kind in entry.get("kinds", {}).items()),
    }


def _kind(name: str, group: Fields, entry: Fields) -> ServiceKind:
    """Return a kind, with its own figures and their source, or those of its category."""
    told = {"verified": "unverified", **entry} if "source" in entry else group
    fields: Fields = {key: told[key] for key in ("source", "verified")}
    fields |= {key: _figure(told, key) for key in REACH}
    fields |= {key: tuple(entry.get(key, ())) for key in KIND_LISTS}
    return ServiceKind(id=name, zh=entry["zh"], en=entry["en"], **fields)


def _figure(entry: Fields, key: str) -> float | None:
    return float(entry[key]) if key in entry else None


def _profile(name: str, entry: Fields) -> Profile:
    texts = {key: entry[key] for key in PROFILE_KEYS if key != "speed_m_s"}
    speed = speed_value(entry["speed_m_s"])
    avoid = frozenset(entry.get("avoid", ()))
    rules = {rule: entry[rule] for rule in PROFILE_RULES if entry.get(rule) is not None}
    values: Fields = {rule: rule_value(rule, figure["value"]) for rule, figure in rules.items()}
    sources = tuple(
        RuleSource(rule, figure["source"], figure.get("verified", "unverified"))
        for rule, figure in rules.items()
    )
    return Profile(id=name, **texts, speed_m_s=speed, avoid=avoid, **values, sources=sources)
