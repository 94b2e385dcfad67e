"""Cache of the districts that a service holds in memory, as they are and as of past revisions."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

from api.snapshot.district import Snapshot
from api.snapshot.last_known import LastKnownMarks
from api.snapshot.small_counts import BASE, SEED_NAME, protected_sum
from api.snapshot.variants import with_protected_counts
from boundaries.store.accounts.store_secrets import store_secret
from boundaries.store.interface import Store
from boundaries.store.rows.read import AsOf
from boundaries.store.rows.summary import Summary
from boundaries.store.tables.records import Mark, State
from geo.errors import NotFoundError
from geo.model.layers import District
from geo.model.standard import Standard

_Key = tuple[str, AsOf | None]
"""Code of a district, and the revision or day it is read as of; None for as it is."""

_Identity = Mark | District
"""What tells whether a snapshot is still that of its key: of a past one, its district then."""

_MEMORY: Final = 16
"""Uses of each snapshot after which the uses so far count half."""


@dataclass(slots=True)
class _Kept:
    """A snapshot with what tells whether it is current, and how it was used."""

    identity: _Identity
    snapshot: Snapshot
    used: float = 0.0
    turn: int = 0


class Snapshots:
    """The snapshots of a store: those that are used most.

    Parameters
    ----------
    store : Store
    standard : Standard
    limit_bytes : int, optional
        What they may hold together, counted when another one is read; the newest always stays. By
        default there is no limit.
    cache : Path, optional
        Where compiled walk networks are kept; by default nowhere.
    last_known_s : float, default 0
        How long snapshots answer while the database does not, seconds.
    """

    def __init__(
        self,
        store: Store,
        standard: Standard,
        *,
        limit_bytes: int | None = None,
        cache: Path | None = None,
        last_known_s: float = 0.0,
    ) -> None:
        self.store = store
        self._last_known = LastKnownMarks(store, last_known_s=last_known_s)
        self._cache = cache
        self.standard = standard
        self._limit_bytes = limit_bytes
        self._guard = Lock()
        self._reading: dict[_Key, Lock] = {}
        self._summaries: dict[str, tuple[Mark, Summary]] = {}
        self._kept: dict[_Key, _Kept] = {}
        self._key: bytes | None = None
        self._households: dict[str, tuple[Summary, int]] = {}
        self._turn = 0

    @property
    def held(self) -> int:
        """Number of snapshots in memory."""
        return len(self._kept)

    def current(self, code: str, as_of: AsOf | None = None) -> Snapshot:
        """Return the snapshot of a district at its newest revision, which is asked each time.

        With `as_of`, as it was at a revision or on a day
        (:meth:`boundaries.store.interface.Store.snapshot`). Days between two changes share one
        snapshot.

        Raises
        ------
        NotFoundError
            If there is no such district, or was none then.
        InputError
            If the day is still to come.
        """
        if as_of is None:
            return self._at(code, None)
        while True:
            moment = self.store.moment(code, as_of)
            snapshot = self._at(code, moment)
            if moment is not None or self.store.moment(code, as_of) is None:
                return snapshot  # else what it means became past meanwhile

    def marks(self, codes: Collection[str] | None = None) -> Mapping[str, Mark]:
        """Return the marks of districts, of all by default, as last known if need be."""
        return self._last_known.marks(codes)

    def protected(self, code: str, as_of: AsOf | None = None) -> Snapshot:
        """Return the same as :meth:`current` with small counts protected, for viewers."""
        return with_protected_counts(self.current(code, as_of), self._secret())

    def protected_households(self, summary: Summary) -> int:
        """Return the sum of the protected households of a district, computed once per summary."""
        code = summary.district.code
        known = self._households.get(code)
        if known is None or known[0] is not summary:
            households = self.store.households(code, below=BASE)
            total = protected_sum(households, district=code, key=self._secret())
            known = self._households[code] = summary, total
        return known[1]

    def _secret(self) -> bytes:
        """Return the secret of the store that protects small counts."""
        if self._key is None:
            self._key = store_secret(self.store, SEED_NAME)
        return self._key

    def mark(self, code: str) -> Mark:
        """Return the mark of a district; raise `NotFoundError` if there is none."""
        known = self.store.known_marks()
        mark = (self.marks([code]) if known is None else known).get(code)
        return self.store.state(code).mark if mark is None else mark

    def summaries(self, marks: Mapping[str, Mark]) -> list[Summary]:
        """Return the summaries of all districts by code, each read once per mark.

        Parameters
        ----------
        marks : dict of str to Mark
            Of all districts: only theirs are kept.
        """
        known = self._summaries
        kept = {code: known[code] for code in marks if known.get(code, (None,))[0] == marks[code]}
        for code in marks.keys() - kept.keys():
            with suppress(NotFoundError):  # deleted meanwhile
                kept[code] = marks[code], self.store.summary(code)
        self._summaries = kept
        return [summary for _, (_, summary) in sorted(kept.items())]

    def _at(self, code: str, moment: AsOf | None) -> Snapshot:
        """Return the snapshot of a district as of a moment in its canonical form."""
        key = (code, moment)
        identity = self.mark(code) if moment is None else self.store.district(code, as_of=moment)
        snapshot = self._known(key, identity)
        if snapshot is not None:
            return snapshot
        with self._guard:
            lock = self._reading.setdefault(key, Lock())
        with lock:
            return self._known(key, identity) or self._read(key)

    def _known(self, key: _Key, identity: _Identity) -> Snapshot | None:
        with self._guard:
            kept = self._kept.get(key)
            if kept is None or kept.identity != identity:
                return None
            self._use(kept)
            return kept.snapshot

    def _use(self, kept: "_Kept") -> None:
        """Note that a snapshot is used; what was used long ago counts less and less."""
        self._turn += 1
        kept.used, kept.turn = kept.used + 1, self._turn
        if self._turn % (_MEMORY * len(self._kept)) == 0:
            for each in self._kept.values():
                each.used /= 2

    def _read(self, key: _Key) -> Snapshot:
        """Read a district with its layers, and keep them."""
        code, moment = key
        identity: _Identity
        if moment is None:
            identity, snapshot = self._newest(code)
        else:
            identity, layers = self.store.snapshot(code, as_of=moment)
            # One network of a district is kept on disk, and that is the one of today.
            snapshot = Snapshot(identity, layers, self.standard)
        with self._guard:
            self._reading.pop(key, None)
            kept = self._kept[key] = _Kept(identity, snapshot)
            self._use(kept)
            self._evict(key)
        return snapshot

    def _newest(self, code: str) -> tuple[Mark, Snapshot]:
        """Read a district as it is, by what changed since the kept snapshot if there is one."""
        kept = self._kept.get((code, None))
        if kept is None or not isinstance(kept.identity, Mark):
            state = self.store.state(code)
            return state.mark, Snapshot(
                state.district, state.layers, self.standard, cache=self._cache
            )
        before = kept.snapshot
        state = self.store.state(code, State(kept.identity, before.district, before.layers))
        return state.mark, before.renewed(state)

    def _evict(self, newest: _Key) -> None:
        """Evict the least used snapshots but the newest until the others are within the limit.

        Among equals the one that was used last goes: whoever reads one district more than there is
        room for, in turn, finds all but two of them here; by the least recently used, none.
        """
        if self._limit_bytes is None or len(self._kept) == 1:
            return
        sizes = {key: kept.snapshot.held_bytes() for key, kept in self._kept.items()}
        while len(self._kept) > 1 and sum(sizes.values()) > self._limit_bytes:
            others = [key for key in self._kept if key != newest]
            victim = min(others, key=lambda key: (self._kept[key].used, -self._kept[key].turn))
            del self._kept[victim], sizes[victim]
