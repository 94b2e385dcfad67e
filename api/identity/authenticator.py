"""Authenticator: from a credential to the caller, remembered for a moment.

A credential is looked up at most every two seconds, so that a busy page costs the database
nothing and a revoked account or key is out within that time. A database that does not answer leaves
those who were known a few minutes ago known.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Final, NamedTuple

from api.identity.caller import DEMO, PUBLIC, UNKNOWN, Caller, Known
from api.identity.credentials import Credential
from api.identity.oidc.issuer import Issuer, issuer_of
from api.identity.reach import LOOPBACK, is_open
from api.settings import Settings
from boundaries.store.accounts.accounts import AccountTable
from boundaries.store.accounts.keys import KeyTable
from boundaries.store.accounts.sessions import SessionTable
from boundaries.store.interface import Store
from geo.errors import LifecircleError, UnavailableError

FRESH_S: Final = 2.0
"""How long an answer of the database counts, seconds."""

STALE_S: Final = 300.0
"""How long it counts where the database does not answer, seconds."""

_AGAIN_S: Final = 0.05
"""Pause before a database that does not answer is asked again, seconds."""

_REMEMBERED: Final = 10_000


class _Entry(NamedTuple):
    asked: float
    found: float
    caller: Caller | None


class Authenticator:
    """Knows the callers of one service.

    Parameters
    ----------
    store : Store
    settings : Settings
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.issuer: Issuer | None = issuer_of(settings)
        self.accounts, self.sessions = AccountTable(store), SessionTable(store)
        self._keys = KeyTable(store)
        self._lock_wait_s = settings.lock_wait_s
        self._open = is_open(settings)
        self._required = settings.host not in LOOPBACK or self.issuer is not None or self._open
        self._guard = Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def remembered(self, credential: Credential | None) -> Caller | None:
        """Return the caller if that is known without asking the database; else None."""
        if not self._required:
            return DEMO if self._fresh_entry("") else None
        if credential is None:
            return self._without_credential()
        entry = self._fresh_entry(_name(credential))
        return None if entry is None else entry.caller or self._refused(credential)

    def caller(self, credential: Credential | None) -> Caller:
        """Return who shows a credential.

        `UNKNOWN` without any, or with one that opens nothing: a wrong bearer token is never taken
        for a caller without one.

        Raises
        ------
        LifecircleError
            If the database does not answer and the credential was not seen lately.
        """
        if not self._required and self._found("", self._any_account) is None:
            return DEMO
        self._required = True  # for good: an emptied table opens nothing
        if credential is None:
            return self._without_credential()
        local = credential.kind is not Known.TOKEN  # only the database is worth a second try
        caller = self._found(_name(credential), lambda: self._look_up(credential), wait=local)
        return caller or self._refused(credential)

    def forget(self) -> None:
        """Look everything up again: an account or session has just been changed here."""
        with self._guard:
            self._entries.clear()

    def _without_credential(self) -> Caller:
        return PUBLIC if self._open else UNKNOWN

    def _refused(self, credential: Credential) -> Caller:
        """Return the caller of a credential that opens nothing; a cookie may just have expired."""
        return PUBLIC if self._open and credential.kind is Known.SESSION else UNKNOWN

    def _any_account(self) -> Caller | None:
        return UNKNOWN if self.accounts.exist() else None

    def _look_up(self, credential: Credential) -> Caller | None:
        if credential.kind is Known.KEY:
            key = self._keys.verified(credential.text)
            if key is None:
                return None
            self._keys.note_use(key)
            return Caller(f"key:{key.name}", key.roles, Known.KEY)
        if credential.kind is Known.TOKEN:
            return None if self.issuer is None else self.issuer.caller_of(credential.text)
        session = self.sessions.session(credential.text)
        if session is None:
            return None
        return Caller(session.name, session.roles, Known.SESSION, session.account)

    def _fresh_entry(self, name: str) -> _Entry | None:
        with self._guard:
            entry = self._entries.get(name)
        is_fresh = entry is not None and time.monotonic() - entry.asked < FRESH_S
        return entry if is_fresh else None

    def _found(
        self, name: str, look_up: Callable[[], Caller | None], *, wait: bool = True
    ) -> Caller | None:
        """Return what `look_up` says, or said a moment ago."""
        entry = self._fresh_entry(name)
        if entry is not None:
            return entry.caller
        now = time.monotonic()
        with self._guard:
            entry = self._entries.get(name)
        if entry is not None and now - entry.found > STALE_S:
            entry = None
        try:
            waits = wait and entry is None
            entry = _Entry(now, now, self._waiting(look_up) if waits else look_up())
        except LifecircleError:
            if entry is None:
                raise
            entry = entry._replace(asked=now)
        with self._guard:
            self._entries[name] = entry
            self._entries.move_to_end(name)
            while len(self._entries) > _REMEMBERED:
                self._entries.popitem(last=False)
        return entry.caller

    def _waiting(self, look_up: Callable[[], Caller | None]) -> Caller | None:
        """Return what `look_up` says, waiting for a writer that commits as other readers do."""
        end = time.monotonic() + self._lock_wait_s
        while True:
            try:
                return look_up()
            except UnavailableError:
                if time.monotonic() + _AGAIN_S > end:
                    raise
            time.sleep(_AGAIN_S)


def _name(credential: Credential) -> str:
    """Return the name of a credential in memory, which is not the credential."""
    return sha256(f"{credential.kind}\n{credential.text}".encode("utf-8", "replace")).hexdigest()
