"""The districts that a service holds in memory, each at its newest revision."""

import json
from collections import OrderedDict
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from threading import Lock

from api.snapshot import Snapshot
from boundaries.store import Store
from geo.district import District
from geo.standard import Standard


def fingerprint(standard: Standard) -> str:
    """Return a hash of a standard's content."""
    profiles = json.dumps([asdict(p) for p in standard.profiles], sort_keys=True, default=sorted)
    text = repr((standard.id, standard.version, standard.categories, profiles, standard.minutes))
    return sha256(text.encode()).hexdigest()[:12]


class Snapshots:
    """The snapshots of a store: the most recently used ones, each of the newest revision.

    Parameters
    ----------
    store : Store
    standard : Standard
    limit : int
        Districts kept in memory.
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
        self._reading: dict[str, Lock] = {}
        self._kept: OrderedDict[str, Snapshot] = OrderedDict()

    def current(self, code: str) -> Snapshot:
        """Return the snapshot of a district at its newest revision, which is asked each time.

        Raises
        ------
        NotFoundError
            If there is no such district.
        """
        district = self.store.district(code)
        snapshot = self._known(district)
        if snapshot is not None:
            return snapshot
        with self._guard:
            lock = self._reading.setdefault(code, Lock())
        with lock:
            return self._known(district) or self._read(code)

    def _known(self, district: District) -> Snapshot | None:
        with self._guard:
            snapshot = self._kept.get(district.code)
            if snapshot is None or snapshot.district != district:
                return None
            self._kept.move_to_end(district.code)
            return snapshot

    def _read(self, code: str) -> Snapshot:
        """Read a district with its layers, and keep them."""
        snapshot = Snapshot(*self.store.snapshot(code), self.standard, cache=self._cache)
        with self._guard:
            self._kept[code] = snapshot
            self._kept.move_to_end(code)
            self._let_go()
        return snapshot

    def _let_go(self) -> None:
        """Forget the snapshots used longest ago until the others are within the limits."""
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        if self._limit_bytes is None or len(self._kept) == 1:
            return
        sizes = {code: kept.held_bytes() for code, kept in self._kept.items()}
        while len(self._kept) > 1 and sum(sizes.values()) > self._limit_bytes:
            code, _ = self._kept.popitem(last=False)
            del sizes[code]
