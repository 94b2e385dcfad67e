"""Schema of a PostGIS store: extension, tables, triggers and views, and their upgrade."""

from typing import Final

import psycopg.errors
from sqlalchemy import Connection, exc, inspect, text

from boundaries.store.postgis.triggers import drop_triggers, make_triggers
from boundaries.store.postgis.views import drop_views, make_views
from boundaries.store.tables import account_tables, layer_tables, schema_version
from geo.errors import ConflictError, InputError

LEAST_POSTGIS: Final = (3, 3)
"""Oldest supported version, that of Debian 12."""


def create(connection: Connection, place: str) -> None:
    """Make everything in a database without tables of ours; the caller holds the transaction.

    Raises
    ------
    InputError
        If there is no PostGIS, or it is too old.
    ConflictError
        If tables of the same names are there.
    """
    _require_postgis(connection, place)
    ours = {*layer_tables.metadata.tables, *account_tables.metadata.tables}
    taken = sorted(set(inspect(connection).get_table_names()) & ours)
    if taken:
        raise ConflictError("postgis.foreign_tables", place=place, tables=list(taken))
    schema_version.make_tables(connection)
    make_triggers(connection)
    make_views(connection)


def upgrade(connection: Connection, version: int, place: str) -> None:
    """Bring the tables of an older store up to date; the caller holds the transaction."""
    _require_postgis(connection, place)
    drop_views(connection)
    drop_triggers(connection)
    schema_version.migrate(connection, version)
    make_triggers(connection)
    make_views(connection)


def postgis_version(connection: Connection) -> str | None:
    """Return the version of PostGIS in this database; None if it is not installed."""
    query = "SELECT extversion FROM pg_extension WHERE extname = 'postgis'"
    found: str | None = connection.scalar(text(query))
    return found


def check_postgis(connection: Connection, place: str) -> None:
    """Raise `InputError` if PostGIS is missing or too old."""
    version = postgis_version(connection)
    if version is None:
        raise InputError("postgis.without_postgis", place=place)
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_POSTGIS:
        raise InputError("postgis.old_postgis", place=place, version=version)


def _require_postgis(connection: Connection, place: str) -> None:
    """Install PostGIS if it is missing and this account has the right."""
    query = "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
    if connection.execute(text(query)).first() is None:
        raise InputError("postgis.server_without_postgis", place=place)
    if postgis_version(connection) is None:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION postgis"))
        except exc.ProgrammingError as error:
            if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise
    check_postgis(connection, place)
