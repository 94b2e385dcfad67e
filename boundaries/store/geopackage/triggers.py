"""Triggers of a GeoPackage: they keep its index and its history right when *others* edit.

Those of the R*Tree are the standard's (:mod:`boundaries.store.geopackage.rtree`). Those of our own
refuse a row that breaks a rule (:mod:`boundaries.store.geopackage.rule_triggers`) and keep the
history (:mod:`boundaries.store.geopackage.history_triggers`).

Our own bulk writes set the triggers of a layer aside (:mod:`boundaries.store.geopackage.rows`).
"""

from collections.abc import Iterator
from functools import cache

from sqlalchemy import Connection, Table

from boundaries.store.geopackage.history_triggers import history_triggers
from boundaries.store.geopackage.rtree import is_indexed, rtree_triggers
from boundaries.store.geopackage.rule_triggers import rule_triggers
from boundaries.store.history import edition_guard
from boundaries.store.tables import layer_tables, record_tables


@cache
def triggers(table: Table) -> tuple[tuple[str, str], ...]:
    """Return name and statement of every trigger of a table."""
    return tuple(_triggers(table))


def _triggers(table: Table) -> Iterator[tuple[str, str]]:
    if is_indexed(table):
        yield from rtree_triggers(table)
    if table.name in layer_tables.layers or table is layer_tables.districts:
        yield from rule_triggers(table)
        yield from history_triggers(table)
    if table is record_tables.editions:
        for statement in edition_guard.statements("sqlite"):
            yield statement.split()[2], statement


def make_triggers(connection: Connection) -> None:
    """Make the triggers of all tables."""
    for table in layer_tables.metadata.sorted_tables:
        for _, statement in triggers(table):
            connection.exec_driver_sql(statement)


def drop_triggers(connection: Connection) -> None:
    """Take away the triggers of all tables, also those of an older Lifecircle."""
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    for name, table in connection.exec_driver_sql(query).fetchall():
        ours = name.startswith(
            ("rtree_", "history_", "rules_", "revision_", "demand_point_", "editions_")
        )
        if ours and table in layer_tables.metadata.tables:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
