"""What makes a PostgreSQL database a store of Lifecircle, beside the tables themselves."""

from sqlalchemy import Connection, inspect, text

from boundaries import record_tables, tables
from geo.errors import InputError


def version(connection: Connection) -> int | None:
    """Return the schema version of the store; None where there are no tables of ours."""
    if not inspect(connection).has_table(tables.settings.name):
        return None
    query = tables.settings.select().where(tables.settings.c.name == tables.SCHEMA_SETTING)
    row = connection.execute(query).first()
    return int(row.value) if row else None


def upgrade(connection: Connection) -> None:
    """Make the tables; the caller holds the transaction.

    Raises
    ------
    InputError
        If the database has no PostGIS and it cannot be installed.
    """
    _require_postgis(connection)
    if version(connection) is not None:
        return
    tables.metadata.create_all(connection)
    connection.execute(
        tables.settings.insert(),
        {"name": tables.SCHEMA_SETTING, "value": str(tables.SCHEMA_VERSION)},
    )


def _require_postgis(connection: Connection) -> None:
    query = "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
    if connection.execute(text(query)).first() is None:
        raise InputError(
            "The database server has no PostGIS; wanted version 3.3 or newer. Install it, on "
            "Debian the package postgresql-15-postgis-3."
        )
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))


RECORDS = record_tables.changes  # the tables of records belong to the same metadata
