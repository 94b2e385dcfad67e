"""PostgreSQL connection: engine, driver, translated errors."""

from typing import Any, Final

import geoalchemy2  # noqa: F401 - before any table is made: its listeners keep account of each
import psycopg
import psycopg.errors
from sqlalchemy import Connection, Engine, create_engine, exc, make_url

from boundaries.store.postgis.address import shown
from geo.errors import (
    ConflictError,
    InputError,
    LifecircleError,
    SchemaError,
    StorageFullError,
    UnavailableError,
)

POOL_SIZE: Final = 8
"""Connections that a process keeps open."""

POOL_OVERFLOW: Final = 16
"""Further connections that it may open under load."""

POOL_WAIT_S: Final = 5
"""How long a free connection is waited for, seconds."""

CONNECT_S: Final = 10
"""Timeout of a new connection, seconds."""

_DRIVER: Final = "postgresql+psycopg"
_PUBLIC: Final = "postgis.no_answer"
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
            pool_timeout=POOL_WAIT_S,
            pool_pre_ping=True,
            connect_args={"application_name": "lifecircle", "connect_timeout": CONNECT_S},
        )
    except (exc.ArgumentError, exc.NoSuchModuleError, ImportError, ValueError) as error:
        raise InputError("postgis.wrong_address", address=shown(address), wanted=_WANTED) from error


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
        return ConflictError("postgis.locked", seconds=wait_s)
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return ConflictError("postgis.changed_meanwhile", place=place, reason=text)
    if isinstance(error, psycopg.errors.IntegrityError | psycopg.errors.DataError):
        return SchemaError("postgis.refused", place=place, reason=text)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return InputError("postgis.not_allowed", place=place, reason=text)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return _unavailable(place, text, error)
    return InputError("postgis.unusable", place=place, reason=text)


def _unavailable(place: str, text: str, error: Exception) -> LifecircleError:
    """Return the error for a server that cannot serve at the moment."""
    if isinstance(error, psycopg.errors.DiskFull):
        return StorageFullError("postgis.no_room", place=place, reason=text)
    return _unreachable(place, str(error))


def all_in_use(place: str) -> LifecircleError:
    """Return the error of a pool from which no connection came in time."""
    most = POOL_SIZE + POOL_OVERFLOW
    return UnavailableError("postgis.all_in_use", n=most, place=place).but_in_public(_PUBLIC)


def _unreachable(place: str, message: str) -> LifecircleError:
    """Return the error for a failed connection: its cause and remedy."""
    reason = message.strip().splitlines()[0].rsplit("FATAL: ", maxsplit=1)[-1].strip()
    told = UnavailableError("postgis.unreachable", place=place, reason=reason)
    if "password authentication failed" in message or "no password supplied" in message:
        told = UnavailableError("postgis.refused_account", place=place)
    elif "database" in message and "does not exist" in message:
        told = UnavailableError("postgis.no_database", place=place)
    return told.but_in_public(_PUBLIC)
