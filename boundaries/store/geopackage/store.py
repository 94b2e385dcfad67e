"""Embedded store: one GeoPackage file that QGIS and GDAL open directly."""

import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, Table

from boundaries.store.geopackage import schema
from boundaries.store.geopackage.connection import (
    BUSY_S,
    check_file,
    check_schema,
    make_engine,
    open_connection,
    reading,
    writing,
)
from boundaries.store.geopackage.file_watch import FileWatch, Version
from boundaries.store.geopackage.patience import Patience
from boundaries.store.geopackage.rows import (
    clear_rows,
    end_rows,
    fetch_rows,
    insert_rows,
    last_fids,
    refresh_contents,
    set_last_fids,
)
from boundaries.store.rows.backend import NOTE_WAIT_S, Stamp
from boundaries.store.rows.layer_rows import Codec, Row
from boundaries.store.sql.sql_store import SqlStore
from boundaries.store.tables import geometry_type, layer_tables
from boundaries.store.tables.records import Mark


class GeoPackageStore(SqlStore):
    """Districts in one GeoPackage file, with the methods of `Store`.

    The file keeps SQLite's rollback journal, so it is one file whenever nobody writes. A writer
    excludes other writers for its whole transaction and readers only while it commits.
    """

    codec = Codec(geometry_type.encode, geometry_type.decode)

    def __init__(self, path: Path, engine: Engine, *, read_wait_s: float = BUSY_S) -> None:
        super().__init__(engine)
        self.path = path
        self._watch = FileWatch(path, partial(open_connection, path))
        self._marked: tuple[Version, dict[str, Mark]] | None = None
        weakref.finalize(self, self._watch.close)
        self._patience = Patience(read_wait_s)

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_wait_s: float = BUSY_S) -> Self:
        """Open a file, or make it if there is none and `create` is True.

        With `read_wait_s`, a reader waits no longer for a writer that commits.

        Raises
        ------
        NotFoundError, FileFormatError, ConflictError, InputError
            As :func:`boundaries.store.open.open_store` says; a foreign file is left as it is.
        """
        exists = check_file(path, create=create)
        if exists:
            store = cls(path, make_engine(path, create=False), read_wait_s=read_wait_s)
            with reading(store.engine, path) as connection:
                version = check_schema(connection, path)
            if version < layer_tables.SCHEMA_VERSION:
                store._upgrade()
            return store
        with writing(make_engine(path, create=True), path) as connection:
            if connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None:
                schema.create(connection)
        return cls.open(path, read_wait_s=read_wait_s)

    def _upgrade(self) -> None:
        """Bring a file of an older Lifecircle up to date, in one transaction."""
        with writing(self.engine, self.path) as connection:
            version = check_schema(connection, self.path)  # another program may have been first
            if version < layer_tables.SCHEMA_VERSION:
                schema.upgrade(connection, version)

    def marks(self, codes: Collection[str] | None = None) -> dict[str, Mark]:
        """Return the marks of districts, of all by default; the file is read if it has changed."""
        version = self._watch.version()
        marks = self._marks_of(version)
        if marks is None:
            marks = super().marks()
            if version is not None:
                self._marked = version, marks
        return {code: marks[code] for code in (marks if codes is None else codes) if code in marks}

    def known_marks(self) -> Mapping[str, Mark] | None:
        """Return the marks of all districts if nothing was committed since they were read."""
        return self._marks_of(self._watch.version())

    def _marks_of(self, version: Version | None) -> dict[str, Mark] | None:
        marked = self._marked
        return marked[1] if marked is not None and marked[0] == version else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that reads one snapshot of the file."""
        with (
            self._patience.waiting() as wait_s,
            reading(self.engine, self.path, wait_s=wait_s) as connection,
        ):
            yield connection

    def writing(self, code: str) -> AbstractContextManager[Connection]:  # noqa: ARG002 - one writer
        """Open the only transaction that may write to the file."""
        return writing(self.engine, self.path)

    def writing_all(self) -> AbstractContextManager[Connection]:
        """Open the only transaction that may write to the file."""
        return writing(self.engine, self.path)

    def noting(self, *, wait_s: float = NOTE_WAIT_S) -> AbstractContextManager[Connection]:
        """Open a transaction for a short write outside the districts."""
        return writing(self.engine, self.path, wait_s=wait_s)

    def fetch(
        self, connection: Connection, table: Table, columns: Sequence[str], where: str, values: Row
    ) -> list[Row]:
        """Return columns of the rows for which `where` holds, geometry as GeoPackage binary."""
        return fetch_rows(connection, table, columns, where, values)

    def insert(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Insert many rows at once."""
        insert_rows(connection, table, columns, rows)

    def end(
        self, connection: Connection, layer: str, fids: Sequence[int], stamp: Stamp | None
    ) -> None:
        """Delete rows of a layer, moving them to its past unless `stamp` is None."""
        end_rows(connection, layer, fids, None if stamp is None else (stamp.revision, stamp.day))

    def clear(self, connection: Connection) -> None:
        """Delete every row of every table."""
        clear_rows(connection)

    def last_fids(self, connection: Connection) -> dict[str, int]:
        """Return the last ``fid`` that each table has assigned; 0 if none."""
        return dict.fromkeys(layer_tables.metadata.tables, 0) | last_fids(connection)

    def set_last_fids(self, connection: Connection, last: Mapping[str, int]) -> None:
        """Continue the ``fid`` of each table after the given one."""
        set_last_fids(connection, last)

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        super().close()
        self._watch.close()

    @property
    def place(self) -> str:
        """Path of the file."""
        return str(self.path)

    def settle(self, connection: Connection, names: Iterable[str]) -> None:
        """Write extents and times of change into the GeoPackage contents."""
        refresh_contents(connection, names)
