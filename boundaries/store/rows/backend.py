"""Interface of a database: transactions, and bulk reading and writing of rows.

All other code of the stores is common to both databases and built on this.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from sqlalchemy import Connection, Engine, Table

from boundaries.store.rows.layer_rows import Codec, Row

NOTE_WAIT_S: Final = 30.0
"""How long a short write (a job, a run) waits for another writer, seconds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Revision and first day of validity of a change."""

    revision: int
    day: date


class Backend(ABC):
    """A database with the tables of :mod:`boundaries.store.tables.layer_tables`."""

    codec: ClassVar[Codec]
    engine: Engine

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Open a connection that reads one snapshot of the store."""

    @abstractmethod
    def writing(self, code: str) -> AbstractContextManager[Connection]:
        """Open a transaction with exclusive write access to a district."""

    @abstractmethod
    def writing_all(self) -> AbstractContextManager[Connection]:
        """Open a transaction with exclusive write access to the store."""

    @abstractmethod
    def noting(self, *, wait_s: float = NOTE_WAIT_S) -> AbstractContextManager[Connection]:
        """Open a transaction for a short write outside the districts: a job, a run.

        It locks no district, and waits up to `wait_s` seconds for another writer.

        Raises
        ------
        ConflictError
            After `wait_s` seconds; nothing was changed.
        """

    @abstractmethod
    def fetch(
        self, connection: Connection, table: Table, columns: Sequence[str], where: str, values: Row
    ) -> list[Row]:
        """Return columns of the rows for which `where` holds, geometry as binary.

        `where` is SQL with ``?`` for each of `values`.
        """

    @abstractmethod
    def insert(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Insert many rows at once; a column ``fid`` sets their ``fid``."""

    @abstractmethod
    def end(
        self, connection: Connection, layer: str, fids: Sequence[int], stamp: Stamp | None
    ) -> None:
        """Delete rows of a layer, moving them to its past unless `stamp` is None."""

    @abstractmethod
    def clear(self, connection: Connection) -> None:
        """Delete every row of every table; `connection` is that of :meth:`writing_all`."""

    @abstractmethod
    def last_fids(self, connection: Connection) -> dict[str, int]:
        """Return the last ``fid`` that each table has assigned; 0 if none."""

    @abstractmethod
    def set_last_fids(self, connection: Connection, last: Mapping[str, int]) -> None:
        """Continue the ``fid`` of each table after the given one."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Path or address of the store, without a password."""

    @abstractmethod
    def settle(self, connection: Connection, names: Iterable[str]) -> None:
        """Update what the database derives from the changed tables, before the commit."""

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        self.engine.dispose()
