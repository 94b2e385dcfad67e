"""A district has settings of its own."""

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import text

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the columns to what is there and to the past."""
    filled = sa.Column(
        "settings", sa.Text, nullable=False, server_default="{}",
        sqlite_on_conflict_not_null="REPLACE",
    )  # fmt: skip
    op.add_column("districts", filled)
    op.add_column("past_districts", text("settings", "{}"))
