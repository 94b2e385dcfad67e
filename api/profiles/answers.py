"""Answer about the walkers of a district, and storing its own."""

from collections.abc import Mapping
from typing import Any

from api.formats.aliases import Json
from api.snapshot.district import Snapshot, own_entries
from api.standards.answers import profile_with_sources
from boundaries.standards.catalogue import own_profiles
from boundaries.store.interface import Store
from boundaries.store.tables.records import Commit
from geo.errors import SchemaError
from geo.model.standard import Standard

SUBJECT = "profiles"
"""Key of a district's settings."""


def profiles_answer(snapshot: Snapshot) -> Json:
    """Return every walker of a district with its sources, and its own as they were given."""
    return {
        "district": snapshot.district.code,
        "revision": snapshot.district.revision,
        "profiles": [profile_with_sources(each) for each in snapshot.standard.profiles],
        "own": own_entries(snapshot.district),
    }


def store_profiles(
    store: Store, code: str, entries: object, standard: Standard, *, commit: Commit
) -> int:
    """Store a district's own walkers in place of those it had; return the revision.

    Raises
    ------
    SchemaError
        Naming every fault.
    """
    if not isinstance(entries, Mapping):
        raise SchemaError("profiles.no_mapping")
    named: dict[str, Any] = {str(name): entry for name, entry in entries.items()}
    own_profiles(named, standard)
    return store.set_settings(code, SUBJECT, named, commit=commit)
