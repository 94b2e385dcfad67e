"""Levels and hours of ways, lifts of buildings, and what a district decides for itself."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import INTEGER

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns to what there is and to what is past."""
    for past in ("", "past_"):
        for table in ("walk_edges", "barriers"):
            _add(past, table, "level", INTEGER, sa.text("0"))
        _add(past, "walk_edges", "gated", sa.Boolean(), sa.false())
        _add(past, "walk_edges", "opening_hours", sa.Text(), "")
        _add(past, "districts", "settings", sa.Text(), "{}")
        op.add_column(f"{past}buildings", sa.Column("lift", sa.Boolean))
        _set_levels(f"{past}walk_edges")


def _add(past: str, table: str, name: str, kind: Any, default: Any) -> None:  # noqa: ANN401
    """Add a column that is never missing; another program may leave it empty in a current row."""
    filled: dict[str, Any] = {} if past else {"sqlite_on_conflict_not_null": "REPLACE"}
    column = sa.Column(name, kind, nullable=False, server_default=default, **filled)
    op.add_column(f"{past}{table}", column)


def _set_levels(table: str) -> None:
    """Put bridges that are there above the ground, and tunnels below it."""
    edges = sa.table(table, sa.column("bridge"), sa.column("tunnel"), sa.column("level"))
    for flag, level in (("bridge", 1), ("tunnel", -1)):
        op.execute(edges.update().where(edges.c[flag].is_(sa.true())).values(level=level))
