"""Views of a PostGIS store with their comments and styles, and the read-only role."""

import re
from typing import Final

from sqlalchemy import Connection, text

from boundaries.store.history.change_log import told_by_triggers
from boundaries.store.tables import account_tables, layer_tables
from boundaries.store.tables.schema_version import VERSION_TABLE
from boundaries.store.tables.views import FID, IS_MESSAGE, STYLE_NAME, STYLES, VIEWS, qml
from geo.errors import InputError

_STYLES_TABLE: Final = f"""CREATE TABLE IF NOT EXISTS {STYLES} (
  id serial PRIMARY KEY, f_table_catalog varchar, f_table_schema varchar, f_table_name varchar,
  f_geometry_column varchar, stylename text, styleqml xml, stylesld xml, useasdefault boolean,
  description text, owner varchar(63) DEFAULT current_user, ui xml,
  update_time timestamp DEFAULT current_timestamp, type varchar
)"""
_WHAT: Final = (
    f"CASE {told_by_triggers()} WHEN {IS_MESSAGE} "
    "THEN coalesce(replace(substring(changes.what from "
    """'"text": "(.*)"}$'), '\\"', '"'), changes.what) ELSE changes.what END"""
)
"""By a pattern: what somebody wrote may begin as a message, and be no JSON."""

_ADD_STYLE: Final = text(
    f"INSERT INTO {STYLES} (f_table_catalog, f_table_schema, f_table_name, "  # noqa: S608 (ours)
    "f_geometry_column, stylename, styleqml, useasdefault, description) VALUES "
    "(current_database(), current_schema(), :view, 'geom', :name, XMLPARSE(DOCUMENT :qml), true, "
    ":about)"
)


def make_views(connection: Connection) -> None:
    """Create the views with their comments and styles."""
    run = connection.exec_driver_sql
    run(_STYLES_TABLE)
    for view in VIEWS:
        run(f"CREATE VIEW {view.name} AS {view.query.format(fid=FID, what=_WHAT)}")
        run(f"COMMENT ON VIEW {view.name} IS {_literal(view.about)}")
        for column, about in view.columns.items():
            run(f'COMMENT ON COLUMN {view.name}."{column}" IS {_literal(about)}')
        if view.style:
            values = {"view": view.name, "name": STYLE_NAME, "about": view.about}
            connection.execute(_ADD_STYLE, {**values, "qml": qml(view)})


def drop_views(connection: Connection) -> None:
    """Drop the views and their own styles; styles of users stay."""
    styled = connection.execute(text(f"SELECT to_regclass('{STYLES}')")).scalar() is not None
    for view in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view.name}")
        if styled:
            delete_style = text(
                f"DELETE FROM {STYLES} WHERE f_table_name = :view AND stylename = :name "  # noqa: S608
                "AND f_table_schema = current_schema()"
            )
            connection.execute(delete_style, {"view": view.name, "name": STYLE_NAME})


def make_reader(connection: Connection, role: str) -> bool:
    """Grant a role read-only access; create it if it is missing.

    Parameters
    ----------
    connection : Connection
        Of who owns the tables, and may make roles if there is none.
    role : str
        Letters, digits and underscores.

    Returns
    -------
    bool
        Whether it was made. It can log in as soon as somebody gives it a password.

    Raises
    ------
    InputError
        If it is no name of a role.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise InputError("postgis.bad_role", role=role)
    query = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    exists = connection.execute(query, {"role": role}).first() is not None
    run = connection.exec_driver_sql
    if not exists:
        run(f'CREATE ROLE "{role}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE')
    place = connection.execute(text("SELECT current_database(), current_schema()")).one()
    run(f'GRANT CONNECT ON DATABASE "{place[0]}" TO "{role}"')
    run(f'GRANT USAGE ON SCHEMA "{place[1]}" TO "{role}"')
    names = [*layer_tables.metadata.tables, VERSION_TABLE, STYLES, *(view.name for view in VIEWS)]
    listed = ", ".join(f'"{name}"' for name in names)
    closed = ", ".join(f'"{name}"' for name in account_tables.metadata.tables)
    run(f'REVOKE ALL ON {listed}, {closed} FROM "{role}"')
    run(f'GRANT SELECT ON {listed} TO "{role}"')
    run(f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{place[1]}" GRANT SELECT ON TABLES TO "{role}"')
    return not exists


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''").replace("%", "%%") + "'"
