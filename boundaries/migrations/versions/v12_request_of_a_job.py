"""The id of the request that asked for a job, by which the log tells of both."""

from alembic import op

from boundaries.migrations.pieces import text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; nobody knows who asked for what is there."""
    op.add_column("jobs", text("request_id", ""))
