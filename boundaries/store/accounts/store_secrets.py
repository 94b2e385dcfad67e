"""Random values of a store that never leave it."""

import secrets
from typing import Final

import sqlalchemy as sa

from boundaries.store.interface import Store, backend_of
from boundaries.store.tables.account_tables import secrets as table

_BYTES: Final = 32


def store_secret(store: Store, name: str) -> bytes:
    """Return the random value of a name, made when it is first asked for."""
    base = backend_of(store)
    query = sa.select(table.c.value).where(table.c.name == name)
    with base.reading() as connection:
        value = connection.scalar(query)
    if value is None:
        with base.noting() as connection:
            value = connection.scalar(query)  # another process may have been first
            if value is None:
                value = secrets.token_hex(_BYTES)
                connection.execute(sa.insert(table), {"name": name, "value": value})
    return bytes.fromhex(value)
