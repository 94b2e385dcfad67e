"""Columns and constraints as every script spells them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.store.tables.geometry_type import Geometry

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def is_postgresql() -> bool:
    """Return whether the scripts run on PostgreSQL."""
    return op.get_context().dialect.name == "postgresql"


def fid() -> sa.Column[int]:
    """Return the primary key of a table."""
    return sa.Column("fid", INTEGER, primary_key=True, nullable=False)


def district() -> sa.Column[str]:
    """Return the reference of a row to its district."""
    owner = sa.ForeignKey("districts.code", ondelete="CASCADE", onupdate="CASCADE")
    return sa.Column("district", sa.Text, owner, nullable=False)


def text(name: str, default: str | None = None) -> sa.Column[Any]:
    """Return a column of text that is never missing."""
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def integer(name: str, default: str | None = None) -> sa.Column[Any]:
    """Return a column of integers that is never missing."""
    return sa.Column(name, INTEGER, nullable=False, server_default=default)


def geometry(kind: str) -> sa.Column[Any]:
    """Return a geometry column."""
    return sa.Column("geom", Geometry(kind), nullable=False)


def one_of(column: str, *words: str) -> sa.CheckConstraint:
    """Return the check that a column holds one of a few words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(column: str) -> sa.CheckConstraint:
    """Return the check that a count is one."""
    return sa.CheckConstraint(f"{column} >= 0", name=column)


def make(table: str, *items: sa.schema.SchemaItem) -> None:
    """Make a table whose keys are never used again."""
    op.create_table(table, *items, sqlite_autoincrement=True)


def drawn(table: str) -> None:
    """Give a table with geometry what PostGIS has for it."""
    if is_postgresql():
        op.create_index(f"ix_{table}_geom", table, ["geom"], postgresql_using="gist")
        op.create_check_constraint("valid", table, "ST_IsValid(geom)")
