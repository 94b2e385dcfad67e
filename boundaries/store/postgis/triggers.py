"""Triggers of a PostGIS store: edits by other programs get a revision, a log entry and a history.

QGIS, GDAL, psql and other clients may edit the tables directly. All changes of a district by one of
their transactions are one revision, logged in ``changes`` under the account; previous rows move to
the tables of the past; a demand point that no longer fits its geometry is cleared and computed
again on reading. Such transactions and ours wait for each other per district.

A row that breaks a rule is refused in words before a constraint refuses it
(:mod:`boundaries.store.tables.row_rules`). Shapes are brought to what their column holds: curves to
straight lines, a polygon to a collection of one. How grids nest is looked at after each statement.

Our own writes set ``SET LOCAL lifecircle.own = 'yes'`` and do all of that themselves.
"""

from importlib import resources
from typing import Any, Final

from sqlalchemy import Column, Connection, Table

from boundaries.store.history import edition_guard
from boundaries.store.history.change_log import DELETED, EDITED
from boundaries.store.rows.diff import MOST_NAMED
from boundaries.store.tables import layer_tables, row_rules
from geo.messages import Message
from geo.model.layer_columns import COLUMNS, KEYS, has_demand_point

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
        "deleted": DELETED,
        "keeps_code": row_rules.in_sql(Message("row_rules.code_of_district")),
        "truncate": row_rules.in_sql(Message("row_rules.truncate")),
        "invalid_shape": row_rules.in_sql(Message("row_rules.invalid_shape")),
        "today": "(now() AT TIME ZONE 'utc')::date",
        "most_named": str(MOST_NAMED),
        "parent_is_there": row_rules.PARENT_IS_THERE.says,
        "no_children_left": row_rules.NO_CHILDREN_LEFT.says,
        "children_keep_parent": row_rules.CHILDREN_KEEP_PARENT.says,
        "workers_keep_grid": row_rules.WORKERS_KEEP_GRID.says,
        "worker_has_grid": row_rules.WORKER_HAS_GRID.says,
    }
    text = _FUNCTIONS.read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    ruled = (*layer_tables.layers.values(), layer_tables.districts)
    return "\n".join([text, *map(_rules_function, ruled)])


def _rules_function(table: Table) -> str:
    """Return the function that refuses rows of a table in words."""
    name, key = table.name, KEYS.get(table.name, "code")
    is_layer = name in layer_tables.layers
    rules = row_rules.value_rules(name, typed=True) if is_layer else row_rules.district_rules()
    checks = "\n".join(
        f"  IF {rule.broken} THEN\n    RAISE check_violation USING MESSAGE = "
        f"format('{name} %s: ', NEW.{key}) || {rule.says};\n  END IF;"
        for rule in rules
    )
    fillings = "\n".join(
        f'  NEW."{column.name}" := coalesce(NEW."{column.name}", {_default(column)});'
        for column in table.c
        if not column.nullable and column.server_default is not None
    )
    return f"""CREATE OR REPLACE FUNCTION lifecircle_rules_{name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
{fillings}
{checks}
  RETURN NEW;
END $$;"""


def _default(column: Column[Any]) -> str:
    """Return the default of a column as SQL."""
    value = getattr(column.server_default, "arg", None)
    return f"'{value}'" if isinstance(value, str) else str(value)


def drop_triggers(connection: Connection) -> None:
    """Drop our triggers of all tables."""
    triggers = connection.exec_driver_sql(
        "SELECT quote_ident(tgname), tgrelid::regclass::text FROM pg_trigger "
        "WHERE NOT tgisinternal AND tgname ~* '^(lifecircle|editions)_'"
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
    statements += [*_refusals(layer_tables.districts), *_of_nesting()]
    statements += [
        f'CREATE TRIGGER lifecircle_truncate BEFORE TRUNCATE ON "{table.name}" '
        f"FOR EACH STATEMENT WHEN ({_FOREIGN}) EXECUTE FUNCTION lifecircle_truncate()"
        for table in layer_tables.metadata.sorted_tables
    ]
    return statements


def _refusals(table: Table) -> list[str]:
    """Return the triggers that refuse a row in words; by their names they run first."""
    name, head = table.name, f"FOR EACH ROW WHEN ({_FOREIGN}) EXECUTE FUNCTION"
    statements = [
        (
            f'CREATE TRIGGER lifecircle_a_rules BEFORE INSERT OR UPDATE ON "{name}" '
            f"{head} lifecircle_rules_{name}()"
        )
    ]
    if layer_tables.has_geometry(table):
        kinds = ",".join(kind.upper() for kind in layer_tables.kinds_of(name))
        promotes = "yes" if layer_tables.is_promoted(table) else "no"
        says = row_rules.shape_rule(name, "").says
        statements.append(
            f'CREATE TRIGGER lifecircle_a_shape BEFORE INSERT OR UPDATE OF geom ON "{name}" '
            f"{head} lifecircle_shape('{KEYS.get(name, 'code')}', '{kinds}', '{promotes}', {says})"
        )
    return statements


def _of_nesting() -> list[str]:
    """Return the triggers that look at grids and workers after each statement.

    QGIS shows what a statement is refused for, and not what a commit is; so they wait for the
    commit only where a program says ``SET CONSTRAINTS ALL DEFERRED``. A capital letter lets them
    speak before PostgreSQL's own triggers of the same references.
    """
    late = f"DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN ({_FOREIGN}) EXECUTE FUNCTION"
    moved = "INSERT OR DELETE OR UPDATE OF district, code, level, parent_code"
    return [
        (
            f'CREATE CONSTRAINT TRIGGER "Lifecircle_nesting" AFTER {moved} ON grids '
            f"{late} lifecircle_nesting()"
        ),
        (
            'CREATE CONSTRAINT TRIGGER "Lifecircle_worker" AFTER INSERT OR UPDATE ON workers '
            f"{late} lifecircle_worker()"
        ),
    ]


def _of_layer(table: Table) -> list[str]:
    """Return the triggers of one layer."""
    name, past = table.name, layer_tables.past[table.name]
    kept = ", ".join(f'"{c.name}"' for c in past.c if c.name in table.c and c.name != "fid")
    pairs = [f"'{column}', %1$s.\"{column}\"" for column in COLUMNS[name]]
    if layer_tables.has_geometry(table):
        pairs.append("'geom', ST_AsText(%1$s.geom, 9)")
    words = (KEYS[name], kept, f"jsonb_build_object({', '.join(pairs)})")
    arguments = ", ".join("'" + word.replace("'", "''") + "'" for word in words)
    changed = f"{_FOREIGN} AND OLD.* IS DISTINCT FROM NEW.*"
    statements = _refusals(table)
    statements += [
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
