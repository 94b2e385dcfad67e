"""PostgreSQL connection: engine, driver, translated errors."""

from typing import Any, Final

import geoalchemy2  # noqa: F401 - before any table is made: its listeners keep account of each
import psycopg
import psycopg.errors
from sqlalchemy import Connection, Engine, create_engine, exc, make_url

from boundaries.store.postgis.address import shown
from geo.errors import ConflictError, InputError, LifecircleError, SchemaError, UnavailableError

POOL_SIZE: Final = 8
"""Connections that a process keeps open."""

POOL_OVERFLOW: Final = 16
"""Further connections that it may open under load."""

CONNECT_S: Final = 10
"""Timeout of a new connection, seconds."""

_DRIVER: Final = "postgresql+psycopg"
_WANTED: Final = f"{_DRIVER}://user:password@host:port/database"


def make_engine(address: str) -> Engine:
    """Return an engine with a pool; connections that the server has closed are replaced.

    Raises
    ------
    InputError
        If the address cannot be read, or asks for a driver that is not there.
    """
    try:
        url = make_url(address)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername=_DRIVER)
        return create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_pre_ping=True,
            connect_args={"application_name": "lifecircle", "connect_timeout": CONNECT_S},
        )
    except (exc.ArgumentError, exc.NoSuchModuleError, ImportError, ValueError) as error:
        raise InputError(
            f"Got the database address {shown(address)!r}, which cannot be used; wanted {_WANTED}."
        ) from error


def driver(connection: Connection) -> psycopg.Connection[Any]:
    """Return the driver's own connection; COPY needs it."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError("the connection is closed")
    return raw


def translated(place: str, error: object, *, wait_s: float) -> LifecircleError:
    """Translate a server error into one of :mod:`geo.errors`."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return ConflictError(
            f"The district is being changed by another program and stayed locked for {wait_s:g} s. "
            "Nothing was changed; try again."
        )
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return ConflictError(
            f"{place} was changed by another program meanwhile ({text}). Nothing was changed; try "
            "again."
        )
    if isinstance(error, psycopg.errors.IntegrityError | psycopg.errors.DataError):
        return SchemaError(
            f"{place} refused the data ({text}); wanted rows that fit its tables. "
            "Nothing was changed."
        )
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return InputError(
            f"The account of {place} may not do that ({text}); wanted one that may. Nothing was "
            "changed; ask an administrator of the database."
        )
    if isinstance(error, psycopg.OperationalError):
        return _unreachable(place, str(error))
    return InputError(f"{place} cannot be used ({text}). Nothing was changed.")


def _unreachable(place: str, message: str) -> LifecircleError:
    """Return the error for a failed connection: its cause and remedy."""
    reason = message.strip().splitlines()[0].rsplit("FATAL: ", maxsplit=1)[-1].strip()
    if "password authentication failed" in message or "no password supplied" in message:
        return InputError(
            f"The server refused the account of {place} (wrong or missing password); wanted one "
            "that it knows. Check user and password in LIFECIRCLE_DB or ~/.pgpass."
        )
    if "database" in message and "does not exist" in message:
        return InputError(f"There is no database {place}; wanted one. Make it with createdb.")
    return UnavailableError(
        f"Cannot reach {place} ({reason}); wanted a running PostGIS server. Check the address and "
        "that the server runs."
    )
