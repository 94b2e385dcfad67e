"""Changes by other programs are marked; until now only the words of the log told them apart."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the mark, and set it where the log said so in words."""
    foreign = sa.Column("foreign", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("changes", foreign)
    changes = sa.table("changes", sa.column("what", sa.Text), sa.column("foreign", sa.Boolean))
    written = ("edited in another program", "deleted in another program")
    op.execute(sa.update(changes).where(changes.c.what.in_(written)).values(foreign=True))
