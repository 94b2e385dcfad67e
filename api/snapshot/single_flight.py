"""Single flight: compute a value once, even when several threads ask at the same moment.

cachetools can do this too, but a hit takes it 4 us instead of 0.5 us, and it measures the size of
a value only at insertion, while ours grow.
"""

from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import TypeVar, cast

T = TypeVar("T")


class Once:
    """Values by key, each computed by the first thread that asks; the others wait for it.

    If the computation raises, nothing is stored and the next thread tries again.

    Parameters
    ----------
    values : dict, optional
        Those that are known before anybody asks.
    """

    __slots__ = ("_guard", "_locks", "_values")

    def __init__(self, values: Mapping[Hashable, object] | None = None) -> None:
        self._guard = Lock()
        self._locks: dict[Hashable, Lock] = {}
        self._values: dict[Hashable, object] = dict(values or {})

    def known(self) -> dict[Hashable, object]:
        """Return the values made so far, by key."""
        return dict(self._values)

    def values(self) -> list[object]:
        """Return the values made so far."""
        return list(self._values.values())

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of `key`, made by `make` if there is none yet."""
        if key in self._values:
            return cast("T", self._values[key])
        with self._guard:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._values:
                self._values[key] = make()
        return cast("T", self._values[key])
