"""Answers about editions."""

from dataclasses import asdict

from api.formats.aliases import Json
from boundaries.store.interface import Store
from boundaries.store.tables.records import Edition


def edition_row(edition: Edition) -> Json:
    """Return one edition."""
    return {**asdict(edition), "state": str(edition.state), "dated": str(edition.dated)}


def editions_answer(store: Store, code: str) -> Json:
    """Return the editions of a district, by the day they bear."""
    return {"district": code, "editions": [edition_row(each) for each in store.editions(code)]}
