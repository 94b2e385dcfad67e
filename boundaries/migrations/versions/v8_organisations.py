"""Organisations, one row per grid that each serves, and those of the past."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from boundaries.migrations.pieces import (
    INTEGER,
    district,
    fid,
    integer,
    make,
    not_negative,
    one_of,
    text,
)

revision = "0008"
down_revision = "0007"

_ROLES = ("general_branch", "branch", "group", "window", "hub", "station", "core", "decision",
          "execution", "supervision")  # fmt: skip
_KINDS = ("general_branch", "branch", "group", "owners_committee", "property_manager",
          "residents_committee", "supervision", "social_organisation", "social_work_agency",
          "volunteer_team", "resident_unit")  # fmt: skip


def upgrade() -> None:
    """Make the tables."""
    checks = [one_of("role", *_ROLES), one_of("kind", *_KINDS), not_negative("members")]
    unique = sa.UniqueConstraint("district", "link_id")
    make("organisations", fid(), district(), *_content(), *_since(), *checks, unique)
    op.create_index(
        "ix_organisations_district_grid_code", "organisations", ["district", "grid_code"]
    )
    until = [integer("until"), sa.Column("valid_to", sa.Date, nullable=False)]
    key = sa.Index(None, "district", "link_id")
    make("past_organisations", fid(), district(), *_content(), *_since(), *until, key)


def _content() -> list[sa.Column[Any]]:
    texts = ("role", "kind", "grid_code", "point_id")
    return [
        text("link_id"),
        text("name"),
        *(sa.Column(name, sa.Text) for name in texts),
        sa.Column("members", INTEGER),
        *(sa.Column(name, sa.Text) for name in ("agreed_on", "agreement")),
        *(sa.Column(name, sa.Double) for name in ("lon", "lat")),
    ]


def _since() -> list[sa.Column[Any]]:
    return [
        integer("since", "0"),
        sa.Column("valid_from", sa.Date, nullable=False, server_default="1970-01-01"),
    ]
