"""A post has a name and the number of its office, each unknown until somebody says it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the columns to the workers there are and those of the past."""
    for table in ("workers", "past_workers"):
        for name in ("post_name", "phone"):
            op.add_column(table, sa.Column(name, sa.Text))
