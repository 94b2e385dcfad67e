"""Account tables: who may do what, the keys of programs, sign-ins, and the store's own secrets.

They have a metadata of their own: no other program is shown them as layers, copies take them only
together with a decision (:mod:`boundaries.admin.copy`), and readers of a PostGIS server do not get
them.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, MetaData, Table, Text, true

from boundaries.store.tables import layer_tables


class Role(StrEnum):
    """What somebody may do; each includes those before it."""

    VIEWER = "viewer"
    PLANNER = "planner"
    ADMIN = "admin"


metadata: Final = MetaData(naming_convention=layer_tables.metadata.naming_convention)


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True, nullable=False)


def _text(name: str, default: str | None = None, doc: str | None = None) -> Column[Any]:
    return Column(name, Text, nullable=False, server_default=default, doc=doc)


accounts: Final = Table(
    "accounts",
    metadata,
    _key("name"),
    _text("password", doc="argon2id hash"),
    _text("roles", doc="JSON: role by district code; * for all"),
    Column("active", Boolean, nullable=False, server_default=true()),
    _text("created_at", doc="UTC, ISO 8601; so are the others"),
    _text("changed_at"),
)
api_keys: Final = Table(
    "api_keys",
    metadata,
    _key("prefix"),
    _text("name", doc="of the program"),
    _text("secret", doc="SHA-256 of the whole key"),
    _text("roles", doc="JSON, as of accounts"),
    _text("created_at"),
    Column("expires_at", Text, nullable=False),
    Column("revoked_at", Text, nullable=True),
    Column("used_at", Text, nullable=True, doc="to the hour"),
    Index(None, "name"),
)
sessions: Final = Table(
    "sessions",
    metadata,
    _key("token"),
    Column("account", Text, ForeignKey("accounts.name", ondelete="CASCADE"), nullable=True),
    _text("name", doc="who signed in"),
    _text("roles", "{}", doc="JSON; of somebody without an account, whom an issuer vouches for"),
    _text("created_at"),
    _text("expires_at"),
    Index(None, "account"),
)
secrets: Final = Table("store_secrets", metadata, _key("name"), _text("value"))
"""Random values that never leave the store, such as the seed of the protection of small counts."""
