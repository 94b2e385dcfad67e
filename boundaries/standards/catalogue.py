"""The catalogue of standards: figures as data, each with its source and how well it was checked.

The data files lie in ``boundaries/standards/data``. A district replaces any figure by a YAML file
that holds only what it changes::

    extends: bincheng-2026
    categories:
      catering: {radius_m: 400, source: "District plan 2026, table 3", verified: text}
    profiles:
      elderly: {crossing_s: {value: 15, source: "Counted at ten crossings, May 2026"}}
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd
import yaml

from boundaries.standards.schema import (
    CATEGORY_KEYS,
    PROFILE_KEYS,
    PROFILE_RULES,
    Fields,
    check_override,
    check_standard,
    rule_value,
)
from boundaries.standards.tag_rules import TagRule, TagRules, order_rules, parse_rule
from geo.errors import FileFormatError, NotFoundError, SchemaError
from geo.model.standard import Category, Profile, RuleSource, Standard

DEFAULT_STANDARD: Final = "bincheng-2026"
DATA_DIR: Final = Path(__file__).parent / "data"
STANDARD_IDS: Final = ("bincheng-2026",)
TABLES: Final = (
    "admin_codes",
    "complete_community_2020",
    "facilities_gb50180",
    "grid_rules",
    "mofcom_times",
    "radii_shinan_2009",
    "tiers",
)


@dataclass(frozen=True, slots=True)
class TaggedStandard(Standard):
    """A standard that knows which OpenStreetMap tags lead to its categories.

    Attributes
    ----------
    rules : TagRules
        In catalogue order.
    """

    rules: TagRules = field(default_factory=TagRules)


def load_standard(id_or_path: str | Path | None = None) -> TaggedStandard:
    """Load a standard of the catalogue, or a district's own file laid over one.

    Parameters
    ----------
    id_or_path : str or Path, optional
        An id of the catalogue, or the path of a YAML file with only the changed figures; the
        default standard when omitted.

    Returns
    -------
    TaggedStandard
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
    ('bincheng-2026', 10, 1125.0)
    """
    wanted = DEFAULT_STANDARD if id_or_path is None else id_or_path
    if isinstance(wanted, str) and wanted in STANDARD_IDS:
        return _shipped(wanted)
    path = Path(wanted)
    if not path.is_file():
        raise NotFoundError(
            f"There is no standard {str(wanted)!r}; wanted one of {', '.join(STANDARD_IDS)} or "
            "the path of a YAML file."
        )
    return _overridden(path)


def standard_rules(standard: Standard | str | Path | None = None) -> TagRules:
    """Return the OpenStreetMap tag rules of a standard, limited to its categories.

    Parameters
    ----------
    standard : Standard, str, Path, optional
        A loaded standard, or what :func:`load_standard` takes.

    Raises
    ------
    NotFoundError
        If a plain :class:`~geo.model.standard.Standard` is neither loaded by :func:`load_standard`
        nor in the catalogue.
    """
    if isinstance(standard, TaggedStandard):
        return standard.rules
    if isinstance(standard, Standard):
        if standard.id not in STANDARD_IDS:
            raise NotFoundError(
                f"Got standard {standard.id!r} without tag rules; wanted one loaded by "
                "load_standard, which brings its rules along."
            )
        names = [category.id for category in standard.categories]
        return order_rules(_shipped(standard.id).rules.rules, names)
    return load_standard(standard).rules


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
        raise NotFoundError(f"There is no table {name!r}; wanted one of {', '.join(TABLES)}.")
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
        known = ", ".join(sorted(file.stem for file in DATA_DIR.glob("*.yaml")))
        raise NotFoundError(f"There is no document {name!r}; wanted one of {known}.")
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
        first = str(error).splitlines()[0]
        raise FileFormatError(f"{path.name} is not YAML in UTF-8 ({first}); correct it.") from error
    if not isinstance(content, dict):
        raise SchemaError(f"{path.name} holds {type(content).__name__}; wanted a mapping.")
    return content


def _parsed(text: str) -> object:
    try:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (AttributeError, yaml.YAMLError):  # no libyaml, or a fault that Python's parser tells
        return yaml.safe_load(text)


@cache
def _shipped(standard_id: str) -> TaggedStandard:
    document = read_yaml(DATA_DIR / f"{standard_id}.yaml")
    return _build(document, where=f"{standard_id}.yaml")


def _overridden(path: Path) -> TaggedStandard:
    """Return the standard that `path` extends with its figures replaced."""
    changes = read_yaml(path)
    base_id = changes.get("extends", DEFAULT_STANDARD)
    if base_id not in STANDARD_IDS:
        raise SchemaError(
            f"{path.name}: extends {base_id!r}; wanted one of {', '.join(STANDARD_IDS)}."
        )
    base = read_yaml(DATA_DIR / f"{base_id}.yaml")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    identity = {"id": f"{base_id}+{path.stem}", "version": f"{base['version']}+{digest}"}
    merged = {**base, **identity, **{k: v for k, v in changes.items() if k != "extends"}}
    for group in ("categories", "profiles"):
        entries = changes.get(group)
        merged[group] = _merge(base[group], entries if isinstance(entries, dict) else {})
    return _build(merged, where=path.name, faults=check_override(changes, base))


def _merge(base: Mapping[str, Fields], changes: Mapping[str, Fields | None]) -> dict[str, Fields]:
    """Lay `changes` over `base`; None removes an entry, a new one is added at the end.

    A figure that changes without saying how well it was checked is unverified.
    """
    merged: dict[str, Fields] = dict(base)
    for name, entry in changes.items():
        if entry is None:
            merged.pop(name, None)
        elif isinstance(entry, dict) and "source" in entry:
            merged[name] = {**merged.get(name, {}), "verified": "unverified", **entry}
        elif isinstance(entry, dict):
            merged[name] = {**merged.get(name, {}), **entry}
    return merged


def _build(
    document: Mapping[str, Any], *, where: str, faults: Sequence[str] = ()
) -> TaggedStandard:
    """Turn a whole document into a standard, or raise naming `faults` and every one it has."""
    faults = list(dict.fromkeys([*faults, *check_standard(document)]))
    if faults:
        raise SchemaError(f"{where}: {'; '.join(faults)}.")
    categories = document["categories"]
    return TaggedStandard(
        id=document["id"],
        version=str(document["version"]),
        zh=document["zh"],
        en=document["en"],
        categories=tuple(_category(name, entry) for name, entry in categories.items()),
        profiles=tuple(_profile(name, entry) for name, entry in document["profiles"].items()),
        minutes=tuple(float(minutes) for minutes in document["minutes"]),
        rules=order_rules(
            (rule for name, entry in categories.items() for rule in _rules(name, entry)),
            list(categories),
        ),
    )


def _category(name: str, entry: Fields) -> Category:
    fields = {key: entry[key] for key in CATEGORY_KEYS}
    fields |= {key: float(entry[key]) for key in ("radius_m", "time_min")}
    return Category(id=name, **fields)


def _profile(name: str, entry: Fields) -> Profile:
    texts = {key: entry[key] for key in PROFILE_KEYS if key != "speed_m_s"}
    speed = float(entry["speed_m_s"])
    avoid = frozenset(entry.get("avoid", ()))
    rules = {rule: entry[rule] for rule in PROFILE_RULES if entry.get(rule) is not None}
    values: Fields = {rule: rule_value(rule, figure["value"]) for rule, figure in rules.items()}
    sources = tuple(
        RuleSource(rule, figure["source"], figure.get("verified", "unverified"))
        for rule, figure in rules.items()
    )
    return Profile(id=name, **texts, speed_m_s=speed, avoid=avoid, **values, sources=sources)


def _rules(name: str, entry: Fields) -> list[TagRule]:
    pattern = re.compile(entry["name_filter"]) if "name_filter" in entry else None
    plain = [parse_rule(name, text) for text in entry.get("osm", ())]
    named = [parse_rule(name, text, name=pattern) for text in entry.get("osm_named", ())]
    return [*plain, *named]
