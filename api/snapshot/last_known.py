"""Marks of districts as they are; the last known ones for a while when the database is away."""

from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from boundaries.store.interface import Store
from boundaries.store.tables.records import Mark
from geo.errors import UnavailableError


@dataclass(slots=True)
class Freshness:
    """Whether an answer is known to be current.

    Attributes
    ----------
    checked_at : datetime or None
        When its revision was last compared with the database; None if it was just now.
    """

    checked_at: datetime | None = None


current: ContextVar[Freshness | None] = ContextVar("freshness", default=None)
"""That of the answer being made; None outside of requests."""


class LastKnownMarks:
    """The marks of a store's districts.

    While the database does not answer, what it said last counts, up to `last_known_s` seconds; the
    answer's :class:`Freshness` then has the moment.

    Parameters
    ----------
    store : Store
    last_known_s : float
    """

    def __init__(self, store: Store, *, last_known_s: float) -> None:
        self._store = store
        self._last_known_s = last_known_s
        self._all: tuple[Mapping[str, Mark], datetime] | None = None
        self._one: dict[str, tuple[Mark, datetime]] = {}

    def marks(self, codes: Collection[str] | None = None) -> Mapping[str, Mark]:
        """Return the marks of districts, of all by default; there is none of a missing district.

        Raises
        ------
        UnavailableError
            If the database does not answer, and did not lately.
        """
        now = datetime.now(UTC)
        try:
            marks = self._store.marks(codes)
        except UnavailableError:
            known, checked_at = self._known(codes)
            if checked_at is None or (now - checked_at).total_seconds() > self._last_known_s:
                raise
            freshness = current.get()
            if freshness is not None:
                freshness.checked_at = checked_at
            return known
        if codes is None:
            self._all = marks, now
            self._one = {code: (mark, now) for code, mark in marks.items()}
        else:
            self._one |= {code: (mark, now) for code, mark in marks.items()}
        return marks

    def _known(self, codes: Collection[str] | None) -> tuple[Mapping[str, Mark], datetime | None]:
        """Return the last known marks, and the oldest moment at which they were; None if never."""
        if codes is None:
            return self._all or ({}, None)
        known = {code: self._one[code] for code in codes if code in self._one}
        if not known or len(known) < len(codes):
            return {}, None
        return {c: mark for c, (mark, _) in known.items()}, min(at for _, at in known.values())
