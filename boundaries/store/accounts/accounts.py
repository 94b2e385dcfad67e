"""Account table: people who sign in with a password."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from boundaries.store.accounts.connection import account_reading
from boundaries.store.accounts.moments import now
from boundaries.store.accounts.passwords import check_password, hashed, is_outdated, matches
from boundaries.store.accounts.roles import Roles, read_roles
from boundaries.store.interface import Store, backend_of
from boundaries.store.tables.account_tables import accounts as table
from boundaries.store.tables.account_tables import api_keys, sessions
from geo.errors import ConflictError, InputError, NotFoundError

_NAME: Final = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes
    ----------
    name : str
    roles : Roles
    active : bool
        False once it is revoked.
    created_at, changed_at : str
        UTC, ISO 8601.
    """

    name: str
    roles: Roles
    active: bool
    created_at: str
    changed_at: str


class AccountTable:
    """The accounts of a store."""

    def __init__(self, store: Store) -> None:
        self._base = backend_of(store)

    def exist(self) -> bool:
        """Return whether there is any account or key, also a revoked one."""
        with account_reading(self._base) as connection:
            return any_account(connection)

    def add(self, name: str, password: str, roles: Roles) -> Account:
        """Add an account, or give a revoked one back.

        Raises
        ------
        InputError
            If the name or the password cannot be one.
        ConflictError
            If there is an active account of this name.
        """
        name = checked_name(name)
        check_password(password, name=name)
        moment = now()
        row = {
            "name": name,
            "password": hashed(password),
            "roles": roles.to_json(),
            "active": True,
            "created_at": moment,
            "changed_at": moment,
        }
        with self._base.noting() as connection:
            revoked = (table.c.name == name) & table.c.active.is_(sa.false())
            if not connection.execute(sa.update(table).where(revoked).values(**row)).rowcount:
                _require_new(connection, name)
                connection.execute(sa.insert(table), row)
        return self.account(name)

    def account(self, name: str) -> Account:
        """Return an account, also a revoked one; raise `NotFoundError` if there is none."""
        found = self._accounts(table.c.name == normal_name(name))
        if not found:
            raise NotFoundError("accounts.unknown", name=name[:64])
        return found[0]

    def accounts(self) -> list[Account]:
        """Return all accounts, by name."""
        return self._accounts(sa.true())

    def _accounts(self, where: sa.ColumnElement[bool]) -> list[Account]:
        columns = [table.c[name] for name in Account.__slots__]
        query = sa.select(*columns).where(where).order_by(table.c.name)
        with self._base.reading() as connection:
            return [_account(row._asdict()) for row in connection.execute(query)]

    def verified(self, name: str, password: str) -> Account | None:
        """Return the account whose name and password these are; None if there is none.

        A wrong name takes as long as a wrong password. A hash with outdated parameters is renewed.
        """
        query = sa.select(table.c.password).where(
            table.c.name == normal_name(name), table.c.active.is_(sa.true())
        )
        with account_reading(self._base) as connection:
            stored = connection.scalar(query)
        if not matches(password, stored):
            return None
        account = self.account(name)
        if stored is not None and is_outdated(stored):
            self._change(account.name, {"password": hashed(password)}, if_password=stored)
        return account

    def set_password(self, name: str, password: str) -> None:
        """Change a password; whoever is signed in with the old one is signed out."""
        account = self.account(name)
        check_password(password, name=account.name)
        self._change(account.name, {"password": hashed(password)}, signs_out=True)

    def set_roles(self, name: str, roles: Roles) -> None:
        """Change the roles; they count at once for who is signed in."""
        self._change(self.account(name).name, {"roles": roles.to_json()})

    def revoke(self, name: str) -> None:
        """Revoke an account, which ends its sessions; its name stays in the log."""
        self._change(self.account(name).name, {"active": False}, signs_out=True)

    def _change(
        self,
        name: str,
        values: dict[str, Any],
        *,
        signs_out: bool = False,
        if_password: str | None = None,
    ) -> None:
        chosen = table.c.name == name
        if if_password is not None:
            chosen &= table.c.password == if_password
        with self._base.noting() as connection:
            connection.execute(sa.update(table).where(chosen).values(**values, changed_at=now()))
            if signs_out:
                connection.execute(sa.delete(sessions).where(sessions.c.account == name))


def _require_new(connection: Connection, name: str) -> None:
    if connection.scalar(sa.select(table.c.name).where(table.c.name == name)) is not None:
        raise ConflictError("accounts.there_already", name=name)


def any_account(connection: Connection) -> bool:
    """Return whether a store has any account or API key, also a revoked one."""
    return any(
        connection.execute(sa.select(sa.literal(1)).select_from(each).limit(1)).first() is not None
        for each in (table, api_keys)
    )


def normal_name(name: str) -> str:
    """Return the one spelling of a name: small letters, composed characters."""
    return unicodedata.normalize("NFKC", name.encode("utf-8", "replace").decode()).casefold()


def checked_name(name: str) -> str:
    """Return a name in its one spelling; raise `InputError` if it cannot be one."""
    normal = normal_name(name)
    if not _NAME.fullmatch(normal):
        raise InputError("accounts.bad_name", name=name[:80])
    return normal


def _account(row: dict[str, Any]) -> Account:
    return Account(**{**row, "roles": read_roles(row["roles"]), "active": bool(row["active"])})
