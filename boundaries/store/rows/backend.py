"""What a database does in its own way: how rows travel, and how transactions begin and end.

Everything else that a store does is the same for all of them and built on this.
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
"""How long a note waits for who else is writing, seconds."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a change is made: the revision it makes, the day as of which it is true."""

    revision: int
    day: date


class Backend(ABC):
    """A database with the tables of :mod:`boundaries.store.tables.layer_tables`."""

    codec: ClassVar[Codec]
    engine: Engine

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection that sees one state of the store until it is closed."""

    @abstractmethod
    def writing(self, code: str) -> AbstractContextManager[Connection]:
        """Give a connection that alone may change a district, and commits all or nothing."""

    @abstractmethod
    def writing_all(self) -> AbstractContextManager[Connection]:
        """Give a connection that alone may change the store, and commits all or nothing."""

    @abstractmethod
    def noting(self, *, wait_s: float = NOTE_WAIT_S) -> AbstractContextManager[Connection]:
        """Give a connection that writes a short note beside the districts: a job, a run.

        It holds no district. Who else is writing is waited for up to `wait_s` seconds.

        Raises
        ------
        ConflictError
            If that was not enough; nothing was changed.
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
        """Insert many rows at once; with ``fid`` among the columns, those are kept."""

    @abstractmethod
    def end(
        self, connection: Connection, layer: str, fids: Sequence[int], stamp: Stamp | None
    ) -> None:
        """Take rows of a layer away, and put them in its past unless `stamp` is None."""

    @abstractmethod
    def clear(self, connection: Connection) -> None:
        """Take every row of every table away; `connection` is that of :meth:`writing_all`."""

    @abstractmethod
    def last_fids(self, connection: Connection) -> dict[str, int]:
        """Return the last ``fid`` that each table ever gave; 0 where it gave none."""

    @abstractmethod
    def set_last_fids(self, connection: Connection, last: Mapping[str, int]) -> None:
        """Let each table go on after the ``fid`` that is given."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the store is, without a password."""

    @abstractmethod
    def settle(self, connection: Connection, names: Iterable[str]) -> None:
        """Do what the database wants done after some tables changed, before the commit."""

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        self.engine.dispose()
