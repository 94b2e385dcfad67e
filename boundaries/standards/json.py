"""Lossless JSON form of a standard, stored with a run so that it can be computed again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any, Final

from geo.errors import SchemaError
from geo.model.standard import (
    Category,
    PlaceGroup,
    Profile,
    RuleSource,
    ServiceKind,
    SlopeRule,
    Standard,
)

_WITHOUT_KINDS: Final = ", proposed=False, aliases=(), kinds=()"
"""How a category ends that a run of before kept; its fingerprint stays what it was."""


_LATER: Final = (
    "stairs_s", "lift_wait_s", "lift_storey_s", "lift_from", "wide_lanes", "signal_s",
    "unsignalled_s", "own_speed", "of_district", "at_crossings",
)  # fmt: skip
"""Attributes that profiles of earlier runs have not; at their default they are no content."""


def fingerprint(standard: Standard) -> str:
    """Return a hash of a standard's content."""
    default = asdict(Profile("", "", "", 1.0))
    each = [
        {k: v for k, v in asdict(p).items() if k not in _LATER or v != default[k]}
        for p in standard.profiles
    ]
    profiles = json.dumps(each, sort_keys=True, default=sorted)
    compared = (standard.compared,) if standard.compared else ()  # runs kept before have none
    beside = (standard.beside,) if standard.beside else ()
    figures = (standard.categories, profiles, standard.minutes, *compared, *beside)
    text = repr((standard.id, standard.version, *figures)).replace(_WITHOUT_KINDS, "")
    return sha256(text.encode()).hexdigest()[:12]


Json = dict[str, Any]


def standard_to_json(standard: Standard) -> Json:
    """Return a standard as plain JSON values, with everything that figures depend on."""
    values = {field.name: getattr(standard, field.name) for field in fields(Standard)}
    profiles = [
        {**asdict(entry), "avoid": sorted(entry.avoid), "slope": str(entry.slope)}
        for entry in standard.profiles
    ]
    return {
        **values,
        "categories": [category_to_json(entry) for entry in standard.categories],
        "beside": [category_to_json(entry) for entry in standard.beside],
        "profiles": [{**entry, "sources": list(entry["sources"])} for entry in profiles],
        "minutes": list(standard.minutes),
        "compared": list(standard.compared),
    }


def category_to_json(category: Category | PlaceGroup) -> Json:
    """Return a category, or a group beside them, with its kinds as plain JSON values."""
    return {
        **asdict(category),
        "aliases": list(category.aliases),
        "kinds": [
            {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(kind).items()}
            for kind in category.kinds
        ],
    }


def standard_from_json(value: Mapping[str, Any]) -> Standard:
    """Return the standard that :func:`standard_to_json` wrote.

    Raises
    ------
    SchemaError
        If it is of another Lifecircle, whose standards have other figures.
    """
    try:
        return Standard(
            **{
                **value,
                "categories": tuple(Category(**_with_kinds(each)) for each in value["categories"]),
                "beside": tuple(PlaceGroup(**_with_kinds(g)) for g in value.get("beside", ())),
                "profiles": tuple(_profile(entry) for entry in value["profiles"]),
                "minutes": tuple(value["minutes"]),
                "compared": tuple(value.get("compared", ())),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SchemaError("standards.standard_of_run_unfit", reason=str(error)) from error


def _with_kinds(value: Mapping[str, Any]) -> Json:
    kinds = tuple(_kind(kind) for kind in value.get("kinds", ()))
    return {**value, "aliases": tuple(value.get("aliases", ())), "kinds": kinds}


def _kind(value: Mapping[str, Any]) -> ServiceKind:
    fields: Json = {name: tuple(v) if isinstance(v, list) else v for name, v in value.items()}
    return ServiceKind(**fields)


def _profile(value: Mapping[str, Any]) -> Profile:
    return Profile(
        **{
            **value,
            "avoid": frozenset(value["avoid"]),
            "slope": SlopeRule(value["slope"]),
            "sources": tuple(RuleSource(**source) for source in value["sources"]),
        }
    )
