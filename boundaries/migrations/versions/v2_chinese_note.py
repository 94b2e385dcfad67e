"""A district's note in Chinese as well."""

from alembic import op

from boundaries.migrations.pieces import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column."""
    op.add_column("districts", text("note_zh", ""))
