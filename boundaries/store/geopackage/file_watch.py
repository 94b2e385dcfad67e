"""Watch on a GeoPackage: whether anybody committed to it, told in microseconds."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

_HEADER_BYTES: Final = 100
_WRITE_VERSION_AT: Final = 18
_ROLLBACK_JOURNAL: Final = 1
_CHANGE_COUNTER_AT: Final = slice(24, 28)

Version = tuple[int, int]
"""Number of the connection, and SQLite's ``data_version`` on it."""


class FileWatch:
    """Version of a file, another one after each commit of any program.

    SQLite's own ``PRAGMA data_version`` tells, on a connection that is kept open and never writes.
    Another file in the place of the first is noticed as well.

    Parameters
    ----------
    path : Path
    connect : callable
        Opens a connection to it.
    """

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._guard = Lock()
        self._connected = 0
        self._identity: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._file = -1
        self._counter: bytes | None = None
        self._version: Version | None = None

    def version(self) -> Version | None:
        """Return the version of the file, never older than the call; None if it cannot be told.

        While another program holds the file locked, the change counter in its header still tells
        that nothing has been committed since the last call. A file whose commits go to a log beside
        it (WAL, while QGIS has it open) is not watched: a connection that stays open would keep the
        other program from putting the log away.
        """
        with self._guard:
            try:
                self._open()
                counter = self._change_counter()  # before the version: never newer than it
                if counter is None:
                    self._disconnect()
                    return None
                version = self._data_version()
            except (OSError, sqlite3.Error):
                self._disconnect()  # the file stays open: closing it would take others' locks
                return None
            if version is not None:
                self._counter, self._version = counter, version
            return self._version if counter == self._counter else None

    def close(self) -> None:
        """Close the connection; the watch may be used again."""
        with self._guard:
            self._close()

    def _open(self) -> None:
        """Open the file that is under the path now, unless it is open."""
        status = self._path.stat()
        identity = (status.st_dev, status.st_ino)
        if identity != self._identity:
            self._close()
            # Stays open as long as it can: closing a file takes all locks of the process from it.
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            self._identity = identity

    def _change_counter(self) -> bytes | None:
        """Return SQLite's count of commits; None in a file whose commits do not raise it."""
        header = os.pread(self._file, _HEADER_BYTES, 0)
        if len(header) < _HEADER_BYTES or header[_WRITE_VERSION_AT] != _ROLLBACK_JOURNAL:
            return None
        return header[_CHANGE_COUNTER_AT]

    def _data_version(self) -> Version | None:
        """Return the version as SQLite tells it; None if the file is locked."""
        if self._connection is None:
            self._connection = self._connect()
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connected += 1
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            return None
        return self._connected, version

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._counter = self._version = None

    def _close(self) -> None:
        self._disconnect()
        if self._file >= 0:
            with suppress(OSError):
                os.close(self._file)
        self._identity, self._file = None, -1
