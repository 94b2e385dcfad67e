"""Schema version of a store, and its upgrade.

The number of the schema is the revision in Alembic's own table ``alembic_version``. Stores up to
schema 4 held it in a table ``settings``.
"""

import threading
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection, inspect

from boundaries.store.tables import account_tables, layer_tables, record_tables
from geo.errors import ConflictError

VERSION_TABLE: Final = "alembic_version"
_SCRIPTS: Final = "boundaries:migrations"
_DECLARED: Final = (layer_tables, record_tables)  # both fill the one metadata
_ALEMBIC: Final = threading.Lock()
"""Alembic's context is global to the process, so only one store is upgraded at a time."""

_version = sa.table(VERSION_TABLE, sa.column("version_num", sa.Text))
_settings = sa.table("settings", sa.column("name", sa.Text), sa.column("value", sa.Text))


def stored_version(connection: Connection) -> int | None:
    """Return the schema version of a store; None if it has no tables of ours."""
    tables = set(inspect(connection).get_table_names())
    if layer_tables.districts.name not in tables:
        return None
    version: str | None = None
    if VERSION_TABLE in tables:
        version = connection.scalar(sa.select(_version.c.version_num))
    elif "settings" in tables:
        query = sa.select(_settings.c.value).where(_settings.c.name == "lifecircle_schema")
        version = connection.scalar(query)
    return int(version) if version is not None and version.isdigit() else None


def check_not_newer(version: int, place: str) -> None:
    """Raise `ConflictError` if a newer Lifecircle made the store."""
    if version > layer_tables.SCHEMA_VERSION:
        own = layer_tables.SCHEMA_VERSION
        raise ConflictError("store.newer_schema", place=place, stored=version, own=own)


def make_tables(connection: Connection) -> None:
    """Make all tables of an empty store; the caller holds the transaction."""
    layer_tables.metadata.create_all(connection)
    account_tables.metadata.create_all(connection)
    run_scripts(connection, layer_tables.SCHEMA_VERSION)


def migrate(connection: Connection, version: int) -> None:
    """Run the scripts that a store of schema `version` lacks; the caller holds the transaction."""
    stamped = inspect(connection).has_table(VERSION_TABLE)
    run_scripts(connection, None if stamped else version, to="head")


def run_scripts(connection: Connection, stamp: int | None, *, to: str | None = None) -> None:
    """Note the schema that a store has, if it is given, then run scripts up to `to`.

    Parameters
    ----------
    connection : Connection
        Its transaction stays open.
    stamp : int, optional
        Number of the schema.
    to : str, optional
        Revision of a script, or ``head``.
    """
    from alembic import command, config  # noqa: PLC0415 - heavy, and seldom needed

    alembic = config.Config()
    alembic.set_main_option("script_location", _SCRIPTS)
    alembic.attributes["connection"] = connection
    with _ALEMBIC:
        if stamp is not None:
            command.stamp(alembic, f"{stamp:04}")
        if to is not None:
            command.upgrade(alembic, to)
