"""What a district sets for its grids, shown and set."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.formats.aliases import Json
from boundaries.standards.grid_rules import SUBJECT, as_settings, grid_rules
from boundaries.store.interface import Store
from boundaries.store.tables.records import Commit
from geo.messages import Message
from geo.model.district_settings import parsed_settings


def grid_settings(store: Store, code: str) -> Json:
    """Return what a district sets itself, and the rules that are in force by it."""
    district = store.district(code)
    return {
        "district": code,
        "revision": district.revision,
        "set": parsed_settings(district.settings).get(SUBJECT, {}),
        "rules": as_settings(grid_rules(district.settings)),
    }


def set_grid_settings(
    store: Store, code: str, values: Mapping[str, Any], *, commit: Commit
) -> Json:
    """Store what a district sets in place of what it had set; nothing clears it.

    Raises
    ------
    NotFoundError
        If there is no such district.
    InputError
        If a band, weight or rule cannot be one.
    """
    given = {name: value for name, value in values.items() if value not in (None, "", {})}
    grid_rules(**given)
    what = Message("grid_settings.logged")
    store.set_settings(code, SUBJECT, given, commit=replace(commit, what=what))
    return grid_settings(store, code)
