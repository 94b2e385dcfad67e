"""Session table: who is signed in; a session's token is stored only as its hash."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from boundaries.store.accounts.connection import account_reading
from boundaries.store.accounts.moments import after, now
from boundaries.store.accounts.roles import Roles, read_roles
from boundaries.store.interface import Store, backend_of
from boundaries.store.tables.account_tables import accounts
from boundaries.store.tables.account_tables import sessions as table

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes
    ----------
    name : str
    account : str or None
        None where an issuer vouches for who it is.
    roles : Roles
        Those of the account now, or those that the issuer named at the sign-in.
    expires_at : str
        UTC, ISO 8601.
    """

    name: str
    account: str | None
    roles: Roles
    expires_at: str


class SessionTable:
    """The sessions of a store."""

    def __init__(self, store: Store) -> None:
        self._base = backend_of(store)

    def begin(
        self, name: str, *, hours: float, account: str | None = None, roles: Roles | None = None
    ) -> str:
        """Sign somebody in; return the token, which is stored nowhere. Expired sessions go."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        moment = now()
        row = {
            "token": _digest(token),
            "account": account,
            "name": name,
            "roles": "{}" if roles is None else roles.to_json(),
            "created_at": moment,
            "expires_at": after(timedelta(hours=hours)),
        }
        with self._base.noting() as connection:
            connection.execute(sa.delete(table).where(table.c.expires_at <= moment))
            connection.execute(sa.insert(table), row)
        return token

    def session(self, token: str) -> Session | None:
        """Return the session of a token that has not expired; None if there is none."""
        query = (
            sa.select(table, accounts.c.roles.label("held"), accounts.c.active)
            .select_from(table.outerjoin(accounts, accounts.c.name == table.c.account))
            .where(table.c.token == _digest(token), table.c.expires_at > now())
        )
        with account_reading(self._base) as connection:
            row = connection.execute(query).one_or_none()
        if row is None or (row.account is not None and not row.active):
            return None
        roles = read_roles(row.roles if row.account is None else row.held)
        return Session(row.name, row.account, roles, row.expires_at)

    def end(self, token: str) -> None:
        """Sign out."""
        with self._base.noting() as connection:
            connection.execute(sa.delete(table).where(table.c.token == _digest(token)))

    def end_all(self, name: str) -> int:
        """Sign somebody out everywhere; return how many sessions there were."""
        with self._base.noting() as connection:
            return int(connection.execute(sa.delete(table).where(table.c.name == name)).rowcount)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
