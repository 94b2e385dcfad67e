"""Optimistic locking: a change is written only onto the revision that it was computed from.

If the district has changed meanwhile, the change is computed again, so that nobody's commit is
overwritten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from boundaries.import_report import ImportReport
from boundaries.store.interface import Store
from boundaries.store.open import open_store
from boundaries.store.tables.records import RevisionError
from geo.errors import NotFoundError
from geo.messages import Message
from geo.model.layers import District, Layers

UNCHANGED: Final = Message("imports.unchanged")
"""Note of a report when the store had every row of the file."""

_ATTEMPTS: Final = 3
"""How often an import is computed before a district that keeps changing stops it."""

Database = Store | str | Path
"""A store, or its path; the file is created by the first write."""

Before = tuple[District, Layers] | None
"""A stored district with its layers; None if it is not stored."""

Progress = Callable[[float, Message], object]
"""Gets the share of an import that is done, 0..1, and its next step; may raise to stop it."""


def silent(_: float, __: Message) -> None:
    """Report no progress."""


class Imported(NamedTuple):
    """Outcome of an import.

    Attributes
    ----------
    report : ImportReport
    revision : int or None
        Of the district now; None after a dry run.
    """

    report: ImportReport
    revision: int | None


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A computed change that is not written yet.

    Attributes
    ----------
    report : ImportReport
        What the import does.
    write : callable
        Writes it to the store it is given and returns the new revision.
    layer : str
        The one layer that it is about, if it is about one.
    """

    report: ImportReport
    write: Callable[[Store], int]
    layer: str = ""


def carry_out(
    database: Database,
    code: str,
    work: Callable[[Before], PendingUpdate],
    *,
    dry_run: bool,
    progress: Progress = silent,
) -> Imported:
    """Do `work` for the district as it is, and write it if the district is still the same.

    Raises
    ------
    RevisionError
        If somebody else changed the district during each of three attempts.
    """
    attempt = 0
    while True:
        attempt += 1
        store = opened(database)
        progress(0.1, Message("imports.reading"))
        before = _stored(store, code)
        change = work(before)
        progress(0.6, Message("imports.writing"))
        if dry_run:
            return Imported(change.report, None)
        try:
            revision = change.write(store or _made(database))
        except RevisionError:
            if attempt == _ATTEMPTS:
                raise
            continue
        if change.layer and before is not None and revision == before[0].revision:
            change.report.layer(change.layer).note(UNCHANGED)
        return Imported(change.report, revision)


def opened(database: Database) -> Store | None:
    """Return the store; None if it does not exist yet."""
    if not isinstance(database, str | Path):
        return database
    try:
        return open_store(database)
    except NotFoundError:
        return None


def _made(database: Database) -> Store:
    if not isinstance(database, str | Path):
        return database
    return open_store(database, create=True)


def _stored(store: Store | None, code: str) -> Before:
    """Return the district and its layers; None if it is not stored yet."""
    if store is None:
        return None
    try:
        return store.snapshot(code)
    except NotFoundError:
        return None
