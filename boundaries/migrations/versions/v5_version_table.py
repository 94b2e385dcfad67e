"""Undone imports are marked; the schema's number lives in Alembic's table, the setting goes."""

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import INTEGER

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the mark, and drop the table that held nothing but the number."""
    op.add_column("imports", sa.Column("undone", INTEGER, nullable=True))
    op.drop_table("settings")
