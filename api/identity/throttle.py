"""Throttle of sign-ins: by name and address, so that nobody can guess for long."""

import math
import time
from typing import Final

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.errors import TooManyError

OF_NAME_AND_ADDRESS: Final = RateLimitItemPerMinute(5, 15, namespace="both")
OF_ADDRESS: Final = RateLimitItemPerMinute(30, 15, namespace="address")
OF_NAME: Final = RateLimitItemPerHour(50, namespace="name")
"""Tries of one name from all addresses: many, lest anybody could lock somebody else out."""


class Throttle:
    """Counts the tries to sign in, each before its outcome is known; one per process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, name: str, address: str) -> None:
        """Count a try.

        Raises
        ------
        TooManyError
            If there were too many; this one is not to be looked at.
        """
        for limit, words in _limits(name, address):
            if not self._limiter.hit(limit, *words):
                reset = self._limiter.get_window_stats(limit, *words).reset_time
                after_s = max(1, math.ceil(reset - time.time()))
                minutes = math.ceil(after_s / 60)
                raise TooManyError("sign_in.too_often", retry_after_s=after_s, minutes=minutes)

    def forgive(self, name: str, address: str) -> None:
        """Forget the tries of a name from an address: the last one succeeded."""
        self._limiter.clear(OF_NAME_AND_ADDRESS, name, address)


def _limits(name: str, address: str) -> tuple[tuple[RateLimitItem, tuple[str, ...]], ...]:
    return (
        (OF_ADDRESS, (address,)),
        (OF_NAME_AND_ADDRESS, (name, address)),
        (OF_NAME, (name,)),
    )
