"""A walk edge says whether it is a street of the district's own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column to the walk edges there are and those of the past."""
    there = sa.Column(
        "origin", sa.Text, nullable=False, server_default="",
        sqlite_on_conflict_not_null="REPLACE",
    )  # fmt: skip
    op.add_column("walk_edges", there)
    past = sa.Column("origin", sa.Text, nullable=False, server_default="")
    op.add_column("past_walk_edges", past)
