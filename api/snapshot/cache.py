"""Cache of the districts that a service holds in memory, as they are and as of past revisions."""

from collections import OrderedDict
from pathlib import Path
from threading import Lock

from api.snapshot.district import Snapshot
from boundaries.store.interface import Store
from boundaries.store.rows.read import AsOf
from geo.model.layers import District
from geo.model.standard import Standard

_Key = tuple[str, AsOf | None]
"""Code of a district, and the revision or day it is read as of; None for as it is."""


class Snapshots:
    """The snapshots of a store: the most recently used ones.

    Parameters
    ----------
    store : Store
    standard : Standard
    limit : int
        Districts kept in memory; one at two revisions counts twice.
    limit_bytes : int, optional
        What they may hold together, counted when another one is read; the newest always stays.
    cache : Path, optional
        Where compiled walk networks are kept; by default nowhere.
    """

    def __init__(
        self,
        store: Store,
        standard: Standard,
        *,
        limit: int,
        limit_bytes: int | None = None,
        cache: Path | None = None,
    ) -> None:
        self.store = store
        self._cache = cache
        self.standard = standard
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._guard = Lock()
        self._reading: dict[_Key, Lock] = {}
        self._kept: OrderedDict[_Key, Snapshot] = OrderedDict()

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

    def _at(self, code: str, moment: AsOf | None) -> Snapshot:
        """Return the snapshot of a district as of a moment in its canonical form."""
        key, district = (code, moment), self.store.district(code, as_of=moment)
        snapshot = self._known(key, district)
        if snapshot is not None:
            return snapshot
        with self._guard:
            lock = self._reading.setdefault(key, Lock())
        with lock:
            return self._known(key, district) or self._read(key)

    def _known(self, key: _Key, district: District) -> Snapshot | None:
        with self._guard:
            snapshot = self._kept.get(key)
            if snapshot is None or snapshot.district != district:
                return None
            self._kept.move_to_end(key)
            return snapshot

    def _read(self, key: _Key) -> Snapshot:
        """Read a district with its layers, and keep them."""
        code, moment = key
        stored = self.store.snapshot(code, as_of=moment)
        # One network of a district is kept on disk, and that is the one of today.
        cache = self._cache if moment is None else None
        snapshot = Snapshot(*stored, self.standard, cache=cache)
        with self._guard:
            self._reading.pop(key, None)
            self._kept[key] = snapshot
            self._kept.move_to_end(key)
            self._evict()
        return snapshot

    def _evict(self) -> None:
        """Evict the least recently used snapshots until the others are within the limits."""
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        if self._limit_bytes is None or len(self._kept) == 1:
            return
        sizes = {key: kept.held_bytes() for key, kept in self._kept.items()}
        while len(self._kept) > 1 and sum(sizes.values()) > self._limit_bytes:
            key, _ = self._kept.popitem(last=False)
            del sizes[key]
