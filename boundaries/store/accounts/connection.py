"""Connections by which a request reads the account tables: every one needs it, so none waits long.

Who administers accounts and keys waits as any other reader does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from boundaries.store.rows.backend import Backend

_WAIT_MS: Final = 100
"""How long a reader waits for a file that another program has locked, milliseconds."""


@contextmanager
def account_reading(base: Backend) -> Iterator[Connection]:
    """Open a connection that reads one snapshot of the store and gives up soon."""
    with base.reading() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_WAIT_MS}")
        yield connection
