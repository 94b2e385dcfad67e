"""Triggers of a PostGIS store: edits by other programs get a revision, a log entry and a history.

QGIS, GDAL, psql and other clients may edit the tables directly. All changes of a district by one of
their transactions are one revision, logged in ``changes`` under the account; previous rows move to
the tables of the past; a demand point that no longer fits its geometry is cleared and computed
again on reading. Such transactions and ours wait for each other per district.

Our own writes set ``SET LOCAL lifecircle.own = 'yes'`` and do all of that themselves.
"""

from importlib import resources
from typing import Final

from sqlalchemy import Connection, Table

from boundaries.store.history import edition_guard
from boundaries.store.history.change_log import EDITED
from boundaries.store.rows.diff import MOST_NAMED
from boundaries.store.tables import layer_tables
from geo.model.layers import KEYS, has_demand_point

_FUNCTIONS: Final = resources.files("boundaries.store.postgis").joinpath("triggers.sql")
_FOREIGN: Final = "current_setting('lifecircle.own', true) IS DISTINCT FROM 'yes'"


def make_triggers(connection: Connection) -> None:
    """Create or replace the functions and triggers of all tables."""
    connection.exec_driver_sql(_functions().replace("%", "%%"))
    drop_triggers(connection)
    for statement in (*edition_guard.statements("postgresql"), *_statements()):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _functions() -> str:
    kept = [c.name for c in layer_tables.past_districts.c if c.name in layer_tables.districts.c]
    kept.remove("fid")
    words = {
        "columns": ", ".join(kept),
        "old_columns": ", ".join(f"OLD.{name}" for name in kept),
        "edited": EDITED,
        "most_named": str(MOST_NAMED),
    }
    text = _FUNCTIONS.read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return text


def drop_triggers(connection: Connection) -> None:
    """Drop our triggers of all tables."""
    triggers = connection.exec_driver_sql(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgname ~ '^(lifecircle|editions)_'"
    )
    for name, table in triggers.fetchall():
        connection.exec_driver_sql(f"DROP TRIGGER {name} ON {table}")


def _statements() -> list[str]:
    statements = [sql for table in layer_tables.layers.values() for sql in _of_layer(table)]
    row = "FOR EACH ROW"
    statements += [
        f"CREATE TRIGGER lifecircle_{when.split()[1].lower()} {when} ON districts {row} "
        f"WHEN ({_FOREIGN}) EXECUTE FUNCTION lifecircle_district()"
        for when in ("BEFORE INSERT", "BEFORE UPDATE", "AFTER DELETE")
    ]
    statements += [
        f'CREATE TRIGGER lifecircle_truncate BEFORE TRUNCATE ON "{table.name}" '
        f"FOR EACH STATEMENT WHEN ({_FOREIGN}) EXECUTE FUNCTION lifecircle_truncate()"
        for table in layer_tables.metadata.sorted_tables
    ]
    return statements


def _of_layer(table: Table) -> list[str]:
    """Return the triggers of one layer."""
    name, past = table.name, layer_tables.past[table.name]
    kept = ", ".join(f'"{c.name}"' for c in past.c if c.name in table.c and c.name != "fid")
    shape = "'{}'::jsonb"
    if layer_tables.GEOMETRY_COLUMN in table.c:
        shape = "jsonb_build_object('geom', ST_AsText(%1$s.geom, 9))"
    words = (KEYS[name], kept, shape)
    arguments = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    changed = f"{_FOREIGN} AND OLD.* IS DISTINCT FROM NEW.*"
    statements = [
        f"CREATE TRIGGER lifecircle_begin_{event.lower()} BEFORE {event} ON {name} FOR EACH ROW "
        f"WHEN ({when}) EXECUTE FUNCTION lifecircle_begin()"
        for event, when in (("INSERT", _FOREIGN), ("UPDATE", changed))
    ]
    if has_demand_point(name):
        statements.append(
            f"CREATE TRIGGER lifecircle_demand_point BEFORE UPDATE ON {name} FOR EACH ROW "
            f"WHEN ({_FOREIGN} AND OLD.geom IS DISTINCT FROM NEW.geom AND NEW.lon IS NOT DISTINCT "
            "FROM OLD.lon AND NEW.lat IS NOT DISTINCT FROM OLD.lat) "
            "EXECUTE FUNCTION lifecircle_demand_point()"
        )
    for event, seen in (
        ("INSERT", "NEW TABLE AS new_rows"),
        ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
        ("DELETE", "OLD TABLE AS old_rows"),
    ):
        statements.append(
            f"CREATE TRIGGER lifecircle_history_{event.lower()} AFTER {event} ON {name} "
            f"REFERENCING {seen} FOR EACH STATEMENT WHEN ({_FOREIGN}) "
            f"EXECUTE FUNCTION lifecircle_history({arguments})"
        )
    return statements
