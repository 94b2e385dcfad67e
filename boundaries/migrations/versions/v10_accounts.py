"""Accounts, API keys, sessions and the store's own secrets.

Who was let read every table of a PostGIS server is not let read these.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import is_postgresql, text

revision = "0010"
down_revision = "0009"

_TABLES = ("accounts", "api_keys", "sessions", "store_secrets")
_CLOSE = """DO $$ DECLARE reader record; BEGIN
  FOR reader IN
    SELECT DISTINCT relation.oid::regclass AS of_table, role.rolname AS name
    FROM pg_class relation, aclexplode(relation.relacl) rights, pg_roles role
    WHERE relation.oid = '"{table}"'::regclass AND role.oid = rights.grantee
      AND rights.grantee <> relation.relowner
  LOOP EXECUTE format('REVOKE ALL ON %s FROM %I', reader.of_table, reader.name); END LOOP;
END $$"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        _key("name"),
        text("password"),
        text("roles"),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
        text("created_at"),
        text("changed_at"),
    )
    op.create_table(
        "api_keys",
        _key("prefix"),
        *(text(name) for name in ("name", "secret", "roles", "created_at", "expires_at")),
        sa.Column("revoked_at", sa.Text),
        sa.Column("used_at", sa.Text),
    )
    op.create_index("ix_api_keys_name", "api_keys", ["name"])
    op.create_table(
        "sessions",
        _key("token"),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name", ondelete="CASCADE")),
        text("name"),
        text("roles", "{}"),
        text("created_at"),
        text("expires_at"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_table("store_secrets", _key("name"), text("value"))
    if is_postgresql():
        for table in _TABLES:
            op.execute(_CLOSE.format(table=table))


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, primary_key=True, nullable=False)
