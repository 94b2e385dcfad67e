"""Rate of each client: so many requests in any minute, and fewer that change something."""

import math
import time
from ipaddress import IPv6Address, ip_address
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import Scope

from api.errors import TooManyError
from api.settings import Settings

_READS: Final = ("GET", "HEAD", "OPTIONS")
UNCOUNTED: Final = ("/healthz", "/readyz")
"""What asks these must get an answer also when others behind the same address ask too much."""

_OVER: Final = {"requests": "callers.many_requests", "changes": "callers.many_changes"}
_MOST_CLIENTS: Final = 50_000
"""Clients that are remembered; then the count begins anew, so that memory stays bounded."""

_NETWORK_BITS: Final = 64
"""Of an IPv6 address, what one client cannot choose freely."""


class ClientRates:
    """Counts the requests of each client.

    A client is the account that asks, else its address (behind a proxy that is trusted, the one
    that the proxy tells). Each process counts by itself.

    Parameters
    ----------
    settings : Settings
        ``requests_per_minute`` and ``changes_per_minute``; 0 for any number.
    """

    def __init__(self, settings: Settings) -> None:
        asked = {"requests": settings.requests_per_minute, "changes": settings.changes_per_minute}
        self._rates = {name: RateLimitItemPerMinute(rate, 1, name) for name, rate in asked.items()
                       if rate}  # fmt: skip
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._latest = 0.0

    def over(self, scope: Scope) -> TooManyError | None:
        """Count a request; return why it is refused, None if it is within the rates."""
        if not self._rates or scope["path"] in UNCOUNTED:
            return None
        return self._over(client(scope), changes=scope["method"] not in _READS)

    def _over(self, key: str, *, changes: bool) -> TooManyError | None:
        self._forget()
        for name, rate in self._rates.items():
            if (name == "requests" or changes) and not self._limiter.hit(rate, key):
                reset = self._limiter.get_window_stats(rate, key).reset_time
                wait_s = max(1, math.ceil(reset - time.time()))
                return TooManyError(_OVER[name], retry_after_s=wait_s, most=rate.amount)
        return None

    def _forget(self) -> None:
        """Begin anew after the clock was set back, or with too many clients to remember."""
        now = time.time()
        if now < self._latest or len(self._storage.events) > _MOST_CLIENTS:
            self._storage.reset()
        self._latest = now


def client(scope: Scope) -> str:
    """Return the key of who asks: the account, or the address (of IPv6 its network)."""
    actor: str = scope.get("state", {}).get("actor", "")
    if actor:
        return f"account {actor}"
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or int(address) >> (128 - _NETWORK_BITS))
    return str(address)
