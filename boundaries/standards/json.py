"""Lossless JSON form of a standard, stored with a run so that it can be computed again."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any

from geo.errors import SchemaError
from geo.model.standard import Category, Profile, RuleSource, SlopeRule, Standard


def fingerprint(standard: Standard) -> str:
    """Return a hash of a standard's content."""
    profiles = json.dumps([asdict(p) for p in standard.profiles], sort_keys=True, default=sorted)
    text = repr((standard.id, standard.version, standard.categories, profiles, standard.minutes))
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
        "categories": [asdict(entry) for entry in standard.categories],
        "profiles": [{**entry, "sources": list(entry["sources"])} for entry in profiles],
        "minutes": list(standard.minutes),
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
                "categories": tuple(Category(**entry) for entry in value["categories"]),
                "profiles": tuple(_profile(entry) for entry in value["profiles"]),
                "minutes": tuple(value["minutes"]),
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SchemaError(
            f"The standard of the run does not fit this Lifecircle ({error}); wanted one that it "
            "wrote itself. Use the Lifecircle that made the run."
        ) from error


def _profile(value: Mapping[str, Any]) -> Profile:
    return Profile(
        **{
            **value,
            "avoid": frozenset(value["avoid"]),
            "slope": SlopeRule(value["slope"]),
            "sources": tuple(RuleSource(**source) for source in value["sources"]),
        }
    )
