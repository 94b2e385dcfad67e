"""Levels and hours of ways, lifts, open grounds, and what a district decides for itself."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import (
    INTEGER,
    district,
    drawn,
    fid,
    geometry,
    integer,
    is_postgresql,
    make,
    one_of,
    text,
)

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
    _open_grounds()


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


def _open_grounds() -> None:
    day = sa.Date
    make(
        "open_grounds", fid(), district(), text("ground_id"), text("kind"),
        _filled("name", sa.Text(), ""), geometry("MULTIPOLYGON"), _filled("since", INTEGER, "0"),
        _filled("valid_from", day(), "1970-01-01"),
        sa.UniqueConstraint("district", "ground_id"),
        one_of("kind", "park", "institution", "works", "field"),
    )  # fmt: skip
    drawn("open_grounds")
    make(
        "past_open_grounds", fid(), district(), text("ground_id"), text("kind"), text("name"),
        geometry("MULTIPOLYGON"), integer("since", "0"),
        sa.Column("valid_from", day, nullable=False, server_default="1970-01-01"),
        integer("until"), sa.Column("valid_to", day, nullable=False),
        sa.Index(None, "district", "ground_id"),
    )  # fmt: skip
    for table in ("open_grounds", "past_open_grounds"):
        if is_postgresql():
            named = op.f(f"ck_{table}_geometry")
            op.create_check_constraint(named, table, "geometrytype(geom) = 'MULTIPOLYGON'")


def _filled(name: str, kind: Any, default: Any) -> sa.Column[Any]:  # noqa: ANN401
    """Return a column that is never missing and that another program may leave empty."""
    return sa.Column(
        name, kind, nullable=False, server_default=default, sqlite_on_conflict_not_null="REPLACE"
    )
