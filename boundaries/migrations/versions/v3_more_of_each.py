"""Children, capacity, crossings, climb and opening hours."""

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import INTEGER, text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, with the values that say nothing."""
    _add_count("buildings", "residents_under15", INTEGER, "0")
    _add_count("service_points", "capacity", sa.Double(), "1.0")
    crossing = sa.Column("crossing", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("walk_edges", crossing)
    climb = sa.Column("climb_m", sa.Double, nullable=False, server_default=sa.text("0.0"))
    op.add_column("walk_edges", climb)
    op.add_column("gates", text("opening_hours", ""))


def _add_count(
    table: str, name: str, kind: sa.types.TypeEngine[float] | sa.types.TypeEngine[int], value: str
) -> None:
    check = sa.CheckConstraint(f"{name} >= 0", name=op.f(f"ck_{table}_{name}"))
    default = sa.text(value)
    op.add_column(table, sa.Column(name, kind, check, nullable=False, server_default=default))
