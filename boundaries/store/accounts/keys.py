"""API keys: long random texts by which programs are known; only their hashes are stored."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from boundaries.store.accounts.accounts import checked_name
from boundaries.store.accounts.connection import account_reading
from boundaries.store.accounts.moments import after, now
from boundaries.store.accounts.roles import Roles, read_roles
from boundaries.store.interface import Store, backend_of
from boundaries.store.tables.account_tables import api_keys as table
from geo.errors import ConflictError, InputError, NotFoundError, UnavailableError

MARK: Final = "lck"
"""What every key begins with, so that scanners of leaked secrets can find it."""

_PREFIX_BYTES: Final = 5
_SECRET_BYTES: Final = 32
LONGEST_DAYS: Final = 3_650
_NOTED_EVERY: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key.

    Attributes
    ----------
    prefix : str
        Its beginning, by which people tell keys apart.
    name : str
        Of the program.
    roles : Roles
    created_at, expires_at : str
        UTC, ISO 8601.
    revoked_at : str or None
    used_at : str or None
        When it was last used, to the hour.
    """

    prefix: str
    name: str
    roles: Roles
    created_at: str
    expires_at: str
    revoked_at: str | None
    used_at: str | None

    @property
    def is_valid(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and now() < self.expires_at


class NewKey(NamedTuple):
    """A key just made; its text is shown once and stored nowhere."""

    text: str
    key: ApiKey


class KeyTable:
    """The API keys of a store."""

    def __init__(self, store: Store) -> None:
        self._base = backend_of(store)

    def add(self, name: str, roles: Roles, *, days: float) -> NewKey:
        """Make a key that is valid for some days.

        Raises
        ------
        InputError
            If the name or the number of days cannot be one.
        ConflictError
            If a valid key has the name: rotate it, or revoke it first.
        """
        name = checked_name(name)
        if any(key.is_valid for key in self._named(name)):
            raise ConflictError("accounts.key_there_already", name=name)
        return self._make(name, roles, days=days)

    def rotate(self, name: str, *, days: float, overlap_hours: float = 0) -> NewKey:
        """Make a new key in place of the valid ones of a name, which end after the overlap."""
        valid = [key for key in self._named(checked_name(name)) if key.is_valid]
        if not valid:
            raise NotFoundError("accounts.unknown_key", name=name[:64])
        if not 0 <= overlap_hours <= 24 * LONGEST_DAYS:
            raise InputError("accounts.overlap", hours=overlap_hours)
        made = self._make(valid[0].name, valid[0].roles, days=days)
        end = after(timedelta(hours=overlap_hours))
        old = table.c.prefix.in_([key.prefix for key in valid]) & (table.c.expires_at > end)
        with self._base.noting() as connection:
            connection.execute(sa.update(table).where(old).values(expires_at=end))
        return made

    def _make(self, name: str, roles: Roles, *, days: float) -> NewKey:
        if not 0 < days <= LONGEST_DAYS:
            raise InputError("accounts.days", days=days, most=LONGEST_DAYS)
        prefix = f"{MARK}_{secrets.token_hex(_PREFIX_BYTES)}"
        text = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = {
            "prefix": prefix,
            "name": name,
            "secret": _digest(text),
            "roles": roles.to_json(),
            "created_at": now(),
            "expires_at": after(timedelta(days=days)),
        }
        with self._base.noting() as connection:
            connection.execute(sa.insert(table), row)
        return NewKey(text, self._keys(table.c.prefix == prefix)[0])

    def revoke(self, name_or_prefix: str) -> list[ApiKey]:
        """Revoke the valid keys of a name, or the one with a prefix; return them.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        chosen = (table.c.name == name_or_prefix) | (table.c.prefix == name_or_prefix)
        valid = [key for key in self._keys(chosen) if key.is_valid]
        if not valid:
            raise NotFoundError("accounts.unknown_key_or_prefix", name=name_or_prefix[:64])
        these = table.c.prefix.in_([key.prefix for key in valid])
        with self._base.noting() as connection:
            connection.execute(sa.update(table).where(these).values(revoked_at=now()))
        return valid

    def keys(self) -> list[ApiKey]:
        """Return all keys, newest first."""
        return self._keys(sa.true())

    def _named(self, name: str) -> list[ApiKey]:
        return self._keys(table.c.name == name)

    def _keys(self, where: sa.ColumnElement[bool]) -> list[ApiKey]:
        columns = [table.c[name] for name in ApiKey.__slots__]
        query = sa.select(*columns).where(where).order_by(table.c.created_at.desc(), table.c.prefix)
        with self._base.reading() as connection:
            return [_key(row._asdict()) for row in connection.execute(query)]

    def verified(self, text: str) -> ApiKey | None:
        """Return the valid key that has this text; None if there is none."""
        prefix = text.rsplit("_", text.count("_") - 1)[0] if text.count("_") > 1 else ""
        query = sa.select(table).where(table.c.prefix == prefix)
        with account_reading(self._base) as connection:
            row = connection.execute(query).one_or_none()
        stored = _digest("") if row is None else row.secret
        if not hmac.compare_digest(_digest(text), stored) or row is None:
            return None
        key = _key({name: getattr(row, name) for name in ApiKey.__slots__})
        return key if key.is_valid else None

    def note_use(self, key: ApiKey) -> None:
        """Note that a key is used, at most once an hour and only if nobody else is writing."""
        moment = datetime.now(UTC)
        noted = datetime.fromisoformat(key.used_at) if key.used_at else None
        if noted is not None and moment - noted < _NOTED_EVERY:
            return
        hour = moment.replace(minute=0, second=0, microsecond=0).isoformat(timespec="seconds")
        change = sa.update(table).where(table.c.prefix == key.prefix).values(used_at=hour)
        try:
            with self._base.noting(wait_s=0.05) as connection:
                connection.execute(change)
        except (ConflictError, UnavailableError, InputError):
            return  # the next use notes it


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def _key(row: dict[str, Any]) -> ApiKey:
    return ApiKey(**{**row, "roles": read_roles(row["roles"])})
