"""Server store: a PostGIS database for many concurrent users and programs."""

import weakref
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final, Self

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, Table, exc
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from boundaries.store.postgis import schema as postgis_schema
from boundaries.store.postgis import views
from boundaries.store.postgis.address import shown
from boundaries.store.postgis.connection import all_in_use, driver, make_engine, translated
from boundaries.store.rows.backend import NOTE_WAIT_S, Stamp
from boundaries.store.rows.layer_rows import Codec, Row
from boundaries.store.sql.sql_store import SqlStore
from boundaries.store.tables import geometry_type, layer_tables, schema_version
from boundaries.store.tables.records import Mark
from geo.errors import ConflictError, InputError, NotFoundError

_WAIT_S: Final = 30
"""How long a change waits for another one of the same district, seconds."""

_WHOLE: Final = 0x6C696665
"""Key of the advisory lock of the store: shared by changes of a district, exclusive for all."""

_MARKS: Final = """
SELECT d.code, d.revision, coalesce(c.at, '') FROM districts d
LEFT JOIN changes c ON c.district = d.code AND c.revision = d.revision
WHERE %s::text[] IS NULL OR d.code = ANY(%s)
"""

_SHARE_STORE: Final = sa.text("SELECT pg_advisory_xact_lock_shared(:key)")
_TAKE_STORE: Final = sa.text("SELECT pg_advisory_xact_lock(:key)")
_TAKE_DISTRICT: Final = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:code, 0))")


class PostgisStore(SqlStore):
    """Districts in one PostGIS database, with the methods of `Store`.

    Readers see one snapshot (repeatable read) and never wait. Changes of one district are
    serialised; changes of different districts run in parallel.
    """

    codec = Codec(geometry_type.encode_ewkb, geometry_type.decode_ewkb)

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._asking = Lock()
        self._kept_open: Connection | None = None
        weakref.finalize(self, engine.dispose)  # no connection leaks without close()

    @classmethod
    def open(cls, url: str, *, create: bool = False, upgrade: bool = False) -> Self:
        """Connect to a database, and make the tables if there are none and `create` is True.

        Parameters
        ----------
        url : str
            ``postgresql+psycopg://user:password@host:port/database``.
        create : bool, default False
        upgrade : bool, default False
            Bring tables of an older Lifecircle up to date. Others may be using them, so that is
            never done unasked.

        Raises
        ------
        NotFoundError
            If the tables are not there and `create` is False.
        ConflictError
            If a newer Lifecircle made them, or an older one and `upgrade` is False.
        UnavailableError
            If the database cannot be reached.
        InputError
            If it has no PostGIS.
        """
        store = cls(make_engine(url))
        try:
            store._prepare(create=create, upgrade=upgrade)
        except BaseException:
            store.close()
            raise
        return store

    def _prepare(self, *, create: bool, upgrade: bool) -> None:
        """Create or upgrade the tables, or raise."""
        with self._our_words(), self.engine.connect() as connection:
            stored = schema_version.stored_version(connection)
            if stored is not None:
                postgis_schema.check_postgis(connection, self.place)
        if stored is None and not create:
            raise NotFoundError("postgis.no_tables", place=self.place)
        if stored is not None:
            schema_version.check_not_newer(stored, self.place)
            if stored == layer_tables.SCHEMA_VERSION:
                return
            if not upgrade:
                own = layer_tables.SCHEMA_VERSION
                raise ConflictError(
                    "postgis.older_schema", place=self.place, stored=stored, own=own
                )
        with self.writing_all() as connection:
            version = schema_version.stored_version(
                connection
            )  # another program may have been first
            if version is None:
                postgis_schema.create(connection, self.place)
            elif version < layer_tables.SCHEMA_VERSION:
                postgis_schema.upgrade(connection, version, self.place)

    @property
    def place(self) -> str:
        """Address of the database, without its password."""
        return shown(self.engine.url)

    def marks(self, codes: Collection[str] | None = None) -> dict[str, Mark]:
        """Return the marks of districts, of all by default, on a connection kept for that."""
        wanted = None if codes is None else list(codes)
        with self._asking, self._our_words():
            try:
                rows = self._ask(wanted)
            except psycopg.Error:
                if self._kept_open is None:
                    raise
                self._hang_up()  # the server may have closed it since
                rows = self._ask(wanted)
        return {code: Mark(revision, at) for code, revision, at in rows}

    def _ask(self, codes: list[str] | None) -> list[Row]:
        if self._kept_open is None:
            plain = self.engine.connect()
            self._kept_open = plain.execution_options(isolation_level="AUTOCOMMIT")
        cursor = driver(self._kept_open).execute(_MARKS, (codes, codes), prepare=True)
        return cursor.fetchall()

    def _hang_up(self) -> None:
        if self._kept_open is not None:
            self._kept_open.invalidate()
            self._kept_open.close()
            self._kept_open = None

    def close(self) -> None:
        """Close the connections that are open; the store may be used again."""
        with self._asking:
            self._hang_up()
        super().close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that reads one snapshot of the database."""
        with self._our_words(), self.engine.connect() as plain:
            connection = plain.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, code: str) -> Iterator[Connection]:
        """Open a transaction with exclusive write access to a district."""
        with self._our_words(), self.engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_S}s'")
            connection.exec_driver_sql("SET LOCAL lifecircle.own = 'yes'")
            connection.execute(_SHARE_STORE, {"key": _WHOLE})
            connection.execute(_TAKE_DISTRICT, {"code": code})
            yield connection

    @contextmanager
    def writing_all(self) -> Iterator[Connection]:
        """Open a transaction with exclusive write access to the store."""
        with self._our_words(), self.engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_S}s'")
            connection.exec_driver_sql("SET LOCAL lifecircle.own = 'yes'")
            connection.execute(_TAKE_STORE, {"key": _WHOLE})
            yield connection

    @contextmanager
    def noting(self, *, wait_s: float = NOTE_WAIT_S) -> Iterator[Connection]:
        """Open a transaction for a short write outside the districts."""
        with self._our_words(), self.engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{round(1000 * wait_s)}ms'")
            yield connection

    def fetch(
        self, connection: Connection, table: Table, columns: Sequence[str], where: str, values: Row
    ) -> list[Row]:
        """Return columns of the rows for which `where` holds, geometry as EWKB."""
        listed = ", ".join(
            f"ST_AsEWKB({name}, 'NDR')" if name == layer_tables.GEOMETRY_COLUMN else f'"{name}"'
            for name in columns
        )
        query = f'SELECT {listed} FROM "{table.name}" WHERE {where.replace("?", "%s")}'  # noqa: S608
        with driver(connection).cursor(binary=True) as cursor:
            cursor.execute(query.encode(), values)
            return cursor.fetchall()

    def insert(
        self, connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Insert many rows at once, by a binary COPY."""
        listed = ", ".join(f'"{name}"' for name in columns)
        types = [_type_name(table.c[name]) for name in columns]
        statement = f'COPY "{table.name}" ({listed}) FROM STDIN (FORMAT BINARY)'
        with driver(connection).cursor() as cursor, cursor.copy(statement.encode()) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)

    def end(
        self, connection: Connection, layer: str, fids: Sequence[int], stamp: Stamp | None
    ) -> None:
        """Delete rows of a layer, moving them to its past unless `stamp` is None."""
        if not fids:
            return
        table, past = layer_tables.layers[layer], layer_tables.past[layer]
        run = driver(connection).execute
        chosen = list(fids)
        if stamp is not None:
            names = [c.name for c in past.c if c.name in table.c and c.name != "fid"]
            listed = ", ".join(f'"{name}"' for name in names)
            run(
                f'INSERT INTO "{past.name}" ({listed}, until, valid_to) '  # noqa: S608
                f'SELECT {listed}, %s, %s FROM "{table.name}" '
                "WHERE fid = ANY(%s) ORDER BY fid".encode(),
                (stamp.revision, stamp.day, chosen),
            )
        run(f'DELETE FROM "{table.name}" WHERE fid = ANY(%s)'.encode(), (chosen,))  # noqa: S608

    def clear(self, connection: Connection) -> None:
        """Delete every row of every table; other writers wait until the commit."""
        names = [f'"{table.name}"' for table in reversed(layer_tables.metadata.sorted_tables)]
        run = connection.exec_driver_sql
        run(f"LOCK TABLE {', '.join(names)} IN SHARE ROW EXCLUSIVE MODE")
        run("DELETE FROM districts")  # with all that is theirs; TRUNCATE would show to readers
        for name in names:
            run(f"DELETE FROM {name}")  # noqa: S608 (our names)

    def last_fids(self, connection: Connection) -> dict[str, int]:
        """Return the last ``fid`` that each table has assigned; 0 if none."""
        query = 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "{}_fid_seq"'
        names = layer_tables.metadata.tables
        return {n: int(connection.scalar(sa.text(query.format(n))) or 0) for n in names}

    def set_last_fids(self, connection: Connection, last: Mapping[str, int]) -> None:
        """Continue the ``fid`` of each table after the given one."""
        for name, fid in last.items():
            values = {"sequence": f"{name}_fid_seq", "value": max(fid, 1), "used": fid > 0}
            connection.execute(sa.text("SELECT setval(:sequence, :value, :used)"), values)

    def settle(self, connection: Connection, names: Iterable[str]) -> None:
        """Do nothing: the server maintains its own statistics."""

    @contextmanager
    def _our_words(self) -> Iterator[None]:
        """Translate a database error into one of :mod:`geo.errors`."""
        try:
            yield
        except exc.TimeoutError as error:  # of the pool
            raise all_in_use(self.place) from error
        except (exc.DBAPIError, psycopg.Error) as error:
            cause = getattr(error, "orig", error)
            raise translated(self.place, cause, wait_s=_WAIT_S) from error


def make_reader(store: object, role: str) -> bool:
    """Grant an account read-only access to a store; return whether the account was created.

    Raises
    ------
    InputError
        If the store is in no server, or this account may not make others.
    """
    if not isinstance(store, PostgisStore):
        raise InputError("store.no_accounts_in_file")
    with store.writing_all() as connection:
        return views.make_reader(connection, role)


_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


def _type_name(column: sa.Column[Any]) -> str:
    """Return the type name of a column for a binary COPY."""
    if column.name == layer_tables.GEOMETRY_COLUMN:
        return "bytea"  # PostGIS takes EWKB as it is
    name = column.type.compile(dialect=_DIALECT).lower()
    return {"double precision": "float8"}.get(name, name)
