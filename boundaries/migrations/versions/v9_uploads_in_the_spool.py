"""Uploads lie in the spool folder; those that wait in the table are given up, and told so."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import text

revision = "0009"
down_revision = "0008"

_MESSAGE = (
    "Its file lay in the database of an older Lifecircle, which had not got to it. Nothing was "
    "changed; send the file again."
)


def upgrade() -> None:
    """End the jobs that wait or run with a file, then move the column to what tells of a file."""
    names = ("state", "content", "message", "finished_at")
    jobs = sa.table("jobs", *map(sa.column, names))
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    given_up = sa.update(jobs).where(
        jobs.c.state.in_(["queued", "running"]), jobs.c.content.is_not(None)
    )
    op.execute(given_up.values(state="interrupted", message=_MESSAGE, finished_at=now))
    op.drop_column("jobs", "content")
    op.add_column("jobs", sa.Column("upload", sa.Text))
    op.add_column("jobs", text("spool", ""))
