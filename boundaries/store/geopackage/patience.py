"""How long readers of a file wait for a writer that commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Final

from geo.errors import UnavailableError

_CROWD: Final = 8
"""Readers that wait out a lock at a time: each holds a thread of the service meanwhile."""

_REMEMBERED_S: Final = 1.0
"""How long it counts that somebody waited in vain, seconds."""


class Patience:
    """The waiting of the readers of one file.

    Each waits its whole time, so that a commit is refused to nobody who could have waited for it.
    Only while a crowd does, and one of them has just waited in vain, do more not wait at all.

    Parameters
    ----------
    wait_s : float
        How long one waits, seconds.
    """

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._guard = Lock()
        self._readers = 0
        self._in_vain_until = 0.0

    @contextmanager
    def waiting(self) -> Iterator[float]:
        """Give the seconds that a reader may wait, for as long as it reads."""
        begun = monotonic()
        with self._guard:
            is_crowded = self._readers >= _CROWD and begun < self._in_vain_until
            self._readers += 1
        try:
            yield 0.0 if is_crowded else self._wait_s
        except UnavailableError:
            ended = monotonic()
            if ended - begun >= self._wait_s:  # who gives up sooner tells nothing to others
                self._in_vain_until = ended + _REMEMBERED_S
            raise
        finally:
            with self._guard:
                self._readers -= 1
