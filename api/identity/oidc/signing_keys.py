"""Public keys of an issuer by which its tokens are checked."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from jwt import PyJWK, PyJWTError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from geo.errors import UnavailableError

_FRESH_S: Final = 3_600.0
"""How long keys are kept before they are asked for again, seconds."""

_ASKED_PER_MINUTE: Final = RateLimitItemPerMinute(6)
"""How often a token with an unknown key may make us ask the issuer."""


class SigningKeys:
    """The keys of an issuer by their ids; a new one is fetched when a token names it.

    Parameters
    ----------
    fetch : callable
        Returns the JWKS document.
    """

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        self._fetch = fetch
        self._guard = Lock()
        self._keys: dict[str, PyJWK] = {}
        self._fetched = -_FRESH_S
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def key(self, kid: str) -> PyJWK | None:
        """Return a key; None if the issuer has none of this id."""
        with self._guard:
            is_old = time.monotonic() - self._fetched >= _FRESH_S
            if (is_old or kid not in self._keys) and self._limiter.hit(_ASKED_PER_MINUTE):
                self._refresh()
            return self._keys.get(kid)

    def _refresh(self) -> None:
        try:
            document = self._fetch()
        except UnavailableError:
            if not self._keys:
                raise
            return  # those known go on to count
        self._keys = _read_keys(document)
        self._fetched = time.monotonic()


def _read_keys(document: dict[str, Any]) -> dict[str, PyJWK]:
    """Return the keys for signatures; those of kinds unknown to us are left out."""
    found = {}
    entries = document.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        if entry.get("kty") not in ("RSA", "EC") or not isinstance(entry.get("kid"), str):
            continue  # never a shared secret
        try:
            found[entry["kid"]] = PyJWK(entry)
        except PyJWTError:
            continue
    return found
