"""Connections that read the account tables: every request needs one, so none waits long."""

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
