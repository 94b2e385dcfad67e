"""SQLite connection: file check, engine, transactions, translated errors."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, exc

from boundaries.store.geopackage.schema import APPLICATION_ID
from boundaries.store.tables import schema_version
from boundaries.store.tables.geometry_type import blob_bounds
from geo.errors import (
    ConflictError,
    FileFormatError,
    InputError,
    LifecircleError,
    NotFoundError,
    SchemaError,
    StorageFullError,
    UnavailableError,
)

_SQLITE_MARK: Final = b"SQLite format 3\0"
_APPLICATION_ID_AT: Final = slice(68, 72)
_HEADER_BYTES: Final = 100
BUSY_S: Final = 30.0
"""How long another program that changes the file is waited for, seconds."""

_CACHE_KIB: Final = 262_144
_WRITES: Final = "lifecircle_writes"


def check_file(path: Path, *, create: bool) -> bool:
    """Return whether `path` holds a GeoPackage; False means that it must be made.

    Raises
    ------
    NotFoundError
        If there is no file and `create` is False.
    FileFormatError
        If it is something else.
    InputError
        If it cannot be read.
    """
    try:
        if path.is_dir():
            raise FileFormatError("geopackage.folder", path=path)
        if not path.exists():
            if create:
                return False
            raise NotFoundError("geopackage.not_there", path=path)
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        raise InputError("geopackage.cannot_read", path=path, reason=error.strerror) from error
    if not header and create:
        return False  # what an interrupted creation leaves behind
    if not header.startswith(_SQLITE_MARK):
        raise FileFormatError("geopackage.no_sqlite", path=path)
    if int.from_bytes(header[_APPLICATION_ID_AT], "big") != APPLICATION_ID:
        raise FileFormatError("geopackage.no_geopackage", path=path)
    return True


def check_schema(connection: Connection, path: Path) -> int:
    """Return the schema version of the file, which an older Lifecircle may have made.

    Raises
    ------
    FileFormatError
        If the GeoPackage is somebody else's.
    ConflictError
        If a newer Lifecircle made it.
    """
    version = schema_version.stored_version(connection)
    if version is None:
        raise FileFormatError("geopackage.somebody_elses", path=path)
    schema_version.check_not_newer(version, str(path))
    return version


def open_connection(path: Path, *, create: bool = False) -> sqlite3.Connection:
    """Return a new connection to a file; it begins no transaction by itself."""
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    return sqlite3.connect(
        address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )


def make_engine(path: Path, *, create: bool) -> Engine:
    """Return an engine on one file; each use opens a connection and closes it.

    Transactions are begun by our own hand, because the `sqlite3` module begins them late and not
    before DDL. The journal is SQLite's default, deleted after each commit: the store stays one
    file that any program can open, also from a read-only disk.
    """

    def connect() -> sqlite3.Connection:
        connection = open_connection(path, create=create)
        connection.execute("PRAGMA foreign_keys = ON")
        for name, function in _FUNCTIONS.items():
            connection.create_function(name, 1, function, deterministic=True)
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine, path: Path, *, wait_s: float = BUSY_S) -> Iterator[Connection]:
    """Open a connection that reads one snapshot of the file.

    A writer that commits is waited for up to `wait_s` seconds.
    """
    locked = UnavailableError("geopackage.locked_for_reading", path=path)
    with _our_words(path, locked, reads=True), engine.connect() as connection:
        driver(connection).execute(f"PRAGMA busy_timeout = {round(1000 * wait_s)}")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, path: Path, *, wait_s: float = BUSY_S) -> Iterator[Connection]:
    """Give a connection whose changes are committed together, or not at all.

    Readers are kept out only while the commit itself runs: changes wait in memory until then.
    Another writer is waited for up to `wait_s` seconds.
    """
    locked = ConflictError("geopackage.locked", path=path, seconds=wait_s)
    with _our_words(path, locked), engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.exec_driver_sql("PRAGMA cache_spill = OFF")
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * wait_s)}")
        connection.rollback()  # the statements above opened a transaction that reads
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


def driver(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection; bulk reading and writing need it."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("the connection is closed")
    return raw


@contextmanager
def _our_words(path: Path, locked: LifecircleError, *, reads: bool = False) -> Iterator[None]:
    """Translate a database error into one of :mod:`geo.errors`; `locked` is that of a lock."""
    try:
        yield
    except (exc.IntegrityError, sqlite3.IntegrityError) as error:
        message = str(getattr(error, "orig", error))
        raise SchemaError("geopackage.refused", path=path, reason=message) from error
    except (exc.DBAPIError, sqlite3.Error) as error:
        message = str(getattr(error, "orig", error))
        if "locked" in message or "busy" in message:
            raise locked from error
        if reads and "unable to open" in message:
            raise UnavailableError("geopackage.cannot_open", path=path, reason=message) from error
        raise _translated(path, message) from error


def _translated(path: Path, message: str) -> LifecircleError:
    if "full" in message:
        return StorageFullError("geopackage.no_room", path=path, reason=message)
    if "disk I/O error" in message:
        failing = UnavailableError("geopackage.disk_fails", path=path, reason=message)
        return failing.but_in_public("geopackage.disk_fails_in_public")
    if "readonly" in message or "unable to open" in message:
        return InputError("geopackage.cannot_write", path=path, reason=message)
    if "malformed" in message or "not a database" in message:
        return FileFormatError("geopackage.damaged", path=path, reason=message)
    return InputError("geopackage.unusable", path=path, reason=message)


def _side(i: int) -> Callable[[bytes | None], float | None]:
    """Return the SQL function for one side of the bounding box (west, south, east, north)."""

    def side(blob: bytes | None) -> float | None:
        bounds = blob_bounds(blob) if blob is not None else None
        return bounds[i] if bounds is not None else None

    return side


def _is_empty(blob: bytes | None) -> bool | None:
    return None if blob is None else blob_bounds(blob) is None


_FUNCTIONS: Final = {
    "ST_IsEmpty": _is_empty,
    "ST_MinX": _side(0),
    "ST_MinY": _side(1),
    "ST_MaxX": _side(2),
    "ST_MaxY": _side(3),
}
"""SQL functions that the R*Tree triggers of the GeoPackage standard call."""
